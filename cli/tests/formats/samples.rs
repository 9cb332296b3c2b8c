//! Manifests with every state of a problem: violations, warnings and notes, in the baseline, excepted, exempt, and not judged.

use tempfile::TempDir;

use crate::program::{Outputs, check, folder, run};

const CONFIGURATION: &str = r#"
[settings]
namespaceLabels = "honor"
labelTypos = "warn"
defaults = { enforce = "restricted", audit = "restricted", warn = "restricted" }

[settings.exemptions]
namespaces = ["kube-system"]
checks = [{ checks = ["hostPorts"], namespaces = ["monitoring"], values = [9100], reason = "Prometheus | scrapes `each` node" }]

[[exceptions]]
checks = ["restrictedVolumes"]
objects = ["DaemonSet/agent"]
reason = "reads logs of the node"

[[exceptions]]
checks = ["hostPorts"]
objects = ["DaemonSet/removed"]
reason = "is not needed any more"
paths = ["deploy/"]

[[exceptions]]
checks = ["privileged"]
reason = "until the driver is replaced"
until = 2020-02-29
"#;

const WEB: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: größe}
  template:
    metadata:
      labels: {app: größe}
    spec:
      hostNetwork: true
      containers:
        - name: web
          image: "日本/🦀🦀:1" # two astral characters
          securityContext: {privileged: true}
"#;

const LIST: &str = r#"apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: good}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
  - apiVersion: v1
    kind: Pod
    metadata: {name: bad}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, sysctls: [{name: "a\u001b[31m", value: "1"}]}
      containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
"#;

const MONITORING: &str = "apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: monitoring}
spec:
  template:
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      volumes: [{name: logs, hostPath: {path: /var/log}}]
      containers:
        - name: agent
          ports: [{containerPort: 9100, hostPort: 9100}]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
";

/// The namespace only warns of what is not restricted, and has an unknown label.
const WARNINGS: &str = "apiVersion: v1
kind: Namespace
metadata:
  name: lenient
  labels:
    pod-security.kubernetes.io/enforce: baseline
    pod-security.kubernetes.io/enforced: restricted
---
apiVersion: v1
kind: Pod
metadata: {name: lenient, namespace: lenient}
spec:
  containers:
    - name: a
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w}
spec:
  template: {spec: {containers: []}}
";

/// A pod with a violation, a field that does not exist, and a value of the wrong type.
const INVALID: &str = "apiVersion: v1
kind: Pod
metadata: {name: invalid}
spec:
  hostPID: true
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, runasuser: 5}
  containers: [{name: a, tty: 1, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
";

const EXEMPT: &str = "apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: kube-system}
spec: {hostNetwork: true, containers: [{name: a}]}
";

/// A PodSecurityPolicy, and a role that uses it.
const POLICIES: &str = "apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: old}
spec: {privileged: false}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: psp:old}
rules:
  - apiGroups: [policy]
    resources: [podsecuritypolicies, poddisruptionbudgets]
    verbs: [use]
";

const KNOWN: &str = "apiVersion: v1
kind: Pod
metadata: {name: known}
spec:
  hostPID: true
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
";

/// Names that no cluster accepts, but that a file can contain.
const HOSTILE: &str = r#"apiVersion: v1
kind: Pod
metadata:
  name: "a|b`c</details>\n# @all [x](https://example.com) ::error::%25\u001b[2J\u009b\ufffe"
spec:
  hostIPC: true
  containers:
	- name: "tab"
---
apiVersion: v1
kind: Pod
metadata:
  name: "a|b``c</details>\n# @all [x](https://example.com) ::error file=x::%25]]>\u001b[2J\u009b\ufffe"
spec:
  hostIPC: true
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: "<b>&amp;'\"\r\n::error::x"
      securityContext: {allowPrivilegeEscalation: false}
"#;

const TABS: &str = "{\n\t\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n\t\"metadata\": {\"name\": \"tabs\"},\n\t\"spec\": {\"hostNetwork\":\ttrue, \"containers\": []}}";

/// The output of `helm template`.
pub(crate) const RENDERED: &str = "---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: web
---
# Source: shop/charts/db/templates/db 1.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  template:
    spec:
      hostPID: true
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers: [{name: db, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
---
kind: [
";

pub(crate) const GOOD: &str = "apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
";

/// The folder with the files, which include a baseline.
pub(crate) fn files() -> TempDir {
    let template = "spec:\n  replicas: {{ .Values.replicas }}\n";
    let folder = folder(&[
        ("pss.toml", CONFIGURATION.into()),
        ("deploy/web größe.yaml", WEB.replace('\n', "\r\n").into()),
        ("deploy/list.yaml", LIST.into()),
        ("deploy/monitoring.yaml", MONITORING.into()),
        ("deploy/warnings.yaml", WARNINGS.into()),
        ("deploy/exempt.yaml", EXEMPT.into()),
        ("deploy/invalid.yaml", INVALID.into()),
        ("deploy/hostile.yaml", HOSTILE.into()),
        ("deploy/tabs.json", TABS.into()),
        ("deploy/end.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: end}\nspec:".into()),
        ("deploy/known.yaml", KNOWN.into()),
        ("deploy/syntax.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n".into()),
        ("deploy/unrendered.yaml", format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{{{ .Values.m }}}}\n{template}").into()),
        ("deploy/latin1.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: gr\xf6\xdfe}\n".into()),
        ("deploy/values.yaml", "replicas: 3\ngrafana:\n  rbac: {pspEnabled: true}\n".into()),
        ("deploy/policies.yaml", POLICIES.into()),
        ("shop/Chart.yaml", "apiVersion: v2\nname: shop\n".into()),
        ("shop/templates/web.yaml", template.into()),
    ]);
    run(folder.path(), &["check", "--write-baseline", "baseline.json", "deploy/known.yaml"], "");
    folder
}

/// A run with all files.
pub(crate) fn outputs_of_files(folder: &TempDir) -> Outputs {
    check(folder.path(), &["--baseline", "baseline.json", "deploy", "shop/templates/web.yaml", "missing.yaml"], "")
}

/// A run with the output of Helm as standard input.
pub(crate) fn outputs_of_rendered() -> Outputs {
    check(folder(&[]).path(), &["--no-config", "-"], RENDERED)
}

/// A run in which nothing is rejected.
pub(crate) fn outputs_of_good() -> Outputs {
    check(folder(&[("good.yaml", GOOD.into())]).path(), &["--no-config", "good.yaml"], "")
}
