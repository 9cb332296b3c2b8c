//! Reports on whole texts, rendered as lines for the tables of expectations.

mod reviewer;
mod settings;

use serde_json::{Value, json};

use pss_core::admission::Effect;
use pss_manifest::Span;

use crate::testing::evaluate;
use crate::{DocumentReport, Severity, Status};

fn restricted() -> Value {
    json!({"settings": {"level": "restricted"}})
}

fn baseline() -> Value {
    json!({"settings": {"level": "baseline"}})
}

/// Settings with which the labels of namespaces decide.
fn honor() -> Value {
    json!({"settings": {"defaults": {}, "namespaceLabels": "honor"}})
}

fn slice(text: &str, span: Span) -> &str {
    span.slice(text)
}

/// A document as one line: its index, kind, name, status, and the effects of enforce, audit and warn.
fn heading(document: &DocumentReport) -> String {
    let item = document.item.map_or_else(String::new, |item| format!("[{item}]"));
    let namespace = if document.namespace.is_empty() { String::new() } else { format!("{}/", document.namespace) };
    let status = match (document.status, &document.exemption) {
        (Status::Exempt, Some(exemption)) => format!("exempt: {}", exemption.name()),
        (status, None) => format!("{status:?}").to_lowercase(),
        other => panic!("{other:?}"),
    };
    let verdicts = document.verdicts.iter().map(|verdict| format!(" {:?}", verdict.effect));
    format!("{}{item} {} {namespace}{} {status}{}", document.index, document.kind, document.name, verdicts.collect::<String>())
}

/// The lines of all documents: the heading, each finding with its marked text and modes, exempt findings, changes, and each
/// diagnostic with its marked text.
fn rendered(text: &str, options: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for document in &evaluate(text, options).documents {
        lines.push(heading(document));
        for finding in &document.findings {
            let modes: String = finding.modes.iter().map(|mode| format!("{mode:?}").remove(0)).collect();
            let missing = if finding.is_missing { "no " } else { "" };
            lines.push(format!("  {} {missing}{} `{}` {modes}", finding.check.id, finding.path, slice(text, finding.span)));
        }
        for exempt in &document.exempt_findings {
            lines.push(format!("  exempt: {} {} `{}` {}", exempt.check.id, exempt.path, slice(text, exempt.span), exempt.reason));
        }
        for change in &document.changes {
            lines.push(format!("  + {}={} `{}`", change.path, change.value, slice(text, change.span)));
        }
        for diagnostic in &document.diagnostics {
            let sign = match diagnostic.severity {
                Severity::Error => "!",
                Severity::Warning => "?",
                Severity::Info => "i",
            };
            lines.push(format!("  {sign} `{}` {}", slice(text, diagnostic.span), diagnostic.message));
        }
    }
    lines
}

#[track_caller]
fn assert_lines(text: &str, options: &Value, expected: &[&str]) {
    let lines = rendered(text, options);
    assert_eq!(lines, expected, "\n{text}\n{}", lines.join("\n"));
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostPID: true, containers: [{name: c}]}\n";

#[test]
fn reviews_documents_and_items_of_lists() {
    let pid = "  hostNamespaces spec.hostPID `true` EAW";
    assert_lines("", &baseline(), &[]);
    assert_lines("# only a comment\n", &baseline(), &["0   empty"]);
    assert_lines(
        &format!("---\n---\n{POD}---\n# no more\n---\n"),
        &baseline(),
        &["0   empty", "1 Pod default/p judged Rejected Audited Suppressed", pid, "2   empty"],
    );
    assert_lines(
        &format!("{SERVICE}---\na: [1\n---\n{POD}"),
        &baseline(),
        &[
            "0 Service s nopod",
            "1   invalid",
            "  ! `1\n` did not find expected ',' or ']'",
            "2 Pod default/p judged Rejected Audited Suppressed",
            pid,
        ],
    );
    for (kind, items) in [("List", "[]"), ("List", "null"), ("List", ""), ("PodList", "~")] {
        assert_lines(&format!("apiVersion: v1\nkind: {kind}\nitems: {items}\n"), &baseline(), &["0   empty"]);
    }
    let item = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostPID: true}}";
    assert_lines(
        &format!("{SERVICE}---\napiVersion: v1\nkind: List\nitems:\n- {item}\n- {{apiVersion: v1, kind: List, items: [{item}]}}\n- 1\n"),
        &baseline(),
        &[
            "0 Service s nopod",
            "1[0] Pod default/p judged Rejected Audited Suppressed",
            pid,
            "1[1] Pod default/p judged Rejected Audited Suppressed",
            pid,
            "1[2]   invalid",
            "  ! `1` a manifest is an object with apiVersion and kind, and this is none",
        ],
    );
    // Items without apiVersion and kind inherit them from a typed list.
    assert_lines(
        "apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: p}, spec: {hostPID: true}}, {kind: Service}, {apiVersion: v1, kind: Secret}]\n",
        &baseline(),
        &[
            "0[0] Pod default/p judged Rejected Audited Suppressed",
            pid,
            "0[1] Service  invalid",
            "  ! `kind: Service` apiVersion is missing, or no string: without it Kubernetes cannot tell what this is. Add one, such as apiVersion: apps/v1",
            "0[2] Secret  nopod",
        ],
    );
    assert_lines(
        "apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: d}, spec: {template: {spec: {hostPID: true}}}}]\n",
        &baseline(),
        &["0[0] Deployment default/d judged PodsRejected Audited Warned", "  hostNamespaces spec.template.spec.hostPID `true` EAW"],
    );
    assert_lines(
        "kind: List\nitems: []\n",
        &baseline(),
        &[
            "0 List  invalid",
            "  ! `kind: List` apiVersion is missing, or no string: without it Kubernetes cannot tell what this is. Add one, such as apiVersion: apps/v1",
        ],
    );
    // Lists in Lists, more than the maximum depth.
    let deep = (0..200).fold(item.to_owned(), |inner, _| format!("{{apiVersion: v1, kind: List, items: [{inner}]}}"));
    assert_eq!(evaluate(&deep, &baseline()).documents.len(), 1);
}

#[test]
fn reports_documents_that_are_not_manifests() {
    let missing = |field: &str, example: &str| {
        format!("{field} is missing, or no string: without it Kubernetes cannot tell what this is. Add one, such as {field}: {example}")
    };
    let (no_kind, no_version) = (missing("kind", "Deployment"), missing("apiVersion", "apps/v1"));
    let table = [
        ("metadata: {name: a}\n", "0  a invalid", format!("! `metadata: {{name: a}}` {no_kind}")),
        ("apiVersion: v1\n", "0   invalid", format!("! `apiVersion: v1` {no_kind}")),
        ("apiVersion: v1\nkind: [Pod]\n", "0   invalid", format!("! `[Pod]` {no_kind}")),
        ("kind: Pod\nmetadata: {}\n", "0 Pod  invalid", format!("! `kind: Pod` {no_version}")),
        ("kind: Pod\napiVersion: 1\n", "0 Pod  invalid", format!("! `1` {no_version}")),
        ("just text\n", "0   invalid", "! `just text` a manifest is an object with apiVersion and kind, and this is none".to_owned()),
        ("- a\n- b\n", "0   invalid", "! `- a` a manifest is an object with apiVersion and kind, and this is none".to_owned()),
        (
            "apiVersion: v1\nkind: Deployment\n",
            "0 Deployment  invalid",
            "! `v1` there is no Deployment in v1; Kubernetes has it in apps/v1".to_owned(),
        ),
        (
            "apiVersion: apps/v1\nkind: Deploymnt\n",
            "0 Deploymnt  invalid",
            "! `Deploymnt` there is no Deploymnt in apps/v1; did you mean Deployment of apps/v1?".to_owned(),
        ),
        (
            "apiVersion: example.com/v1\nkind: Deployment\n",
            "0 Deployment  nopod",
            "i `Deployment` \"Deployment\" of example.com/v1 is not known here. It is let pass: Pod Security Admission judges pods and the \
             built-in kinds that make them, not what a custom resource may make"
                .to_owned(),
        ),
    ];
    for (text, heading, diagnostic) in table {
        assert_lines(text, &baseline(), &[heading, &format!("  {diagnostic}")]);
    }
}

#[test]
fn reports_values_of_the_wrong_type() {
    assert_lines(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: \"true\"\n  containers:\n  - name: c\n    securityContext: [a]\n",
        &baseline(),
        &["0 Pod p invalid", "  ! `\"true\"` spec.hostPID: must be true or false, not \"true\""],
    );
    for (kind, start, path) in [
        ("apps/v1\nkind: Deployment", "spec: {template: {spec: ", "spec.template"),
        ("batch/v1\nkind: CronJob", "spec: {jobTemplate: {spec: {template: {spec: ", "spec.jobTemplate.spec.template"),
        ("v1\nkind: PodTemplate", "template: {spec: ", "template"),
    ] {
        let text = format!("apiVersion: {kind}\n{start}{{containers: 1}}{}\n", "}".repeat(start.matches('{').count()));
        let report = &evaluate(&text, &baseline()).documents[0];
        assert_eq!(report.status, Status::Invalid);
        let errors: Vec<_> = report.diagnostics.iter().map(|error| (slice(&text, error.span), error.message.clone())).collect();
        assert_eq!(errors, [("1", format!("{path}.spec.containers: must be an array, not 1"))]);
    }
    // The most common one is a number as the value of a label.
    assert_lines(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels:\n    pod-security.kubernetes.io/enforce-version: 1.34\n",
        &honor(),
        &[
            "0 Namespace a invalid",
            "  ! `1.34` metadata.labels[pod-security.kubernetes.io/enforce-version]: must be a string, not a number with a fraction, an \
             exponent or too many digits",
        ],
    );
}

fn namespace(name: &str, labels: &str) -> String {
    format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n---\n")
}

#[test]
fn applies_the_labels_of_a_namespace_to_documents_after_it() {
    let pod = |namespace: &str| POD.replace("name: p}", &format!("name: p, namespace: {namespace}}}"));
    let strict = namespace("a", "pod-security.kubernetes.io/enforce: baseline");
    let text = format!("{}---\n{strict}{}---\n{}", pod("a"), pod("a"), pod("b"));
    assert_lines(
        &text,
        &honor(),
        &[
            "0 Pod a/p judged None None None",
            "1 Namespace a nopod",
            // The label enforce sets the level of warn too.
            "2 Pod a/p judged Rejected None Suppressed",
            "  hostNamespaces spec.hostPID `true` EW",
            "3 Pod b/p judged None None None",
        ],
    );
    // The labels of the options are those of namespaces that the text does not create.
    let mut options = honor();
    options["namespaceLabels"] = json!({"pod-security.kubernetes.io/warn": "baseline"});
    assert_lines(
        &text,
        &options,
        &[
            "0 Pod a/p judged None None Warned",
            "  hostNamespaces spec.hostPID `true` W",
            "1 Namespace a nopod",
            "2 Pod a/p judged Rejected None Suppressed",
            "  hostNamespaces spec.hostPID `true` EW",
            "3 Pod b/p judged None None Warned",
            "  hostNamespaces spec.hostPID `true` W",
        ],
    );
    // With `namespaceLabels: ignore`, the labels of the text are ignored too.
    assert_lines(
        &format!("{}{}", namespace("a", "pod-security.kubernetes.io/enforce: privileged"), pod("a")),
        &baseline(),
        &["0 Namespace a nopod", "1 Pod a/p judged Rejected Audited Suppressed", "  hostNamespaces spec.hostPID `true` EAW"],
    );
    // A rejected namespace is not created.
    let invalid = namespace("a", "pod-security.kubernetes.io/enforce: hard, pod-security.kubernetes.io/warn-version: v1");
    assert_lines(
        &format!("{invalid}{}", pod("a")),
        &honor(),
        &[
            "0 Namespace a nopod",
            "  ! `hard` metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"hard\": must be one of privileged, baseline, \
             restricted",
            "  ! `v1` metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"v1\": must be \"latest\" or \"v1.x\"",
            "1 Pod a/p judged None None None",
        ],
    );
}

#[test]
fn reports_exemptions() {
    let options = json!({
        "settings": {
            "level": "baseline", "workloads": "enforce",
            "exemptions": {"namespaces": ["sys"], "usernames": ["root"], "runtimeClasses": ["kata"]},
        },
    });
    let with_user = |user: &str| {
        let mut options = options.clone();
        options["user"] = json!(user);
        options
    };
    let in_sys = POD.replace("name: p}", "name: p, namespace: sys}");
    let on_kata = POD.replace("hostPID", "runtimeClassName: kata, hostPID");
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {hostPID: true}}}\n";
    for (text, user, expected) in [
        (in_sys.as_str(), "", "0 Pod sys/p exempt: namespace"),
        (&on_kata, "", "0 Pod default/p exempt: runtimeClass"),
        (&on_kata, "root", "0 Pod default/p exempt: user"),
        (POD, "root", "0 Pod default/p exempt: user"),
        (deployment, "root", "0 Deployment default/d exempt: user"),
        (deployment, "", "0 Deployment default/d judged Rejected Audited Suppressed"),
        (POD, "toor", "0 Pod default/p judged Rejected Audited Suppressed"),
    ] {
        assert_eq!(rendered(text, &with_user(user))[0], expected);
    }
    // The namespace of a manifest without one.
    let mut options = options.clone();
    options["namespace"] = json!("sys");
    assert_lines(POD, &options, &["0 Pod sys/p exempt: namespace"]);
}

#[test]
fn evaluates_the_policy_of_each_mode() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n  \
                containers:\n  - name: c\n    livenessProbe: {httpGet: {host: a}}\n    securityContext: {allowPrivilegeEscalation: false}\n";
    let options = |enforce: &str| {
        json!({"settings": {"defaults": {
            "enforce": enforce, "enforce-version": "v1.33", "audit": "baseline", "warn": "restricted", "warn-version": "v1.34",
        }}})
    };
    let probe = "hostProbesAndHostLifecycle spec.containers[0].livenessProbe.httpGet.host `a`";
    let drop = "capabilities_restricted no spec.containers[0].securityContext.capabilities.drop `securityContext`";
    assert_lines(
        text,
        &options("baseline"),
        &["0 Pod default/p judged None Audited Warned", &format!("  {probe} AW"), &format!("  {drop} W")],
    );
    assert_lines(
        text,
        &options("restricted"),
        &["0 Pod default/p judged Rejected Audited Suppressed", &format!("  {probe} AW"), &format!("  {drop} EW")],
    );
    let report = &evaluate(text, &options("baseline")).documents[0];
    let policies: Vec<String> = report.verdicts.iter().map(|verdict| verdict.policy.to_string()).collect();
    let verdicts = policies.iter().map(String::as_str).zip(report.verdicts.iter().map(|verdict| verdict.message.as_deref()));
    let would = "would violate PodSecurity";
    let host = "probe or lifecycle host (container \"c\" uses probe or lifecycle host \"a\")";
    let capabilities = "unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"])";
    assert_eq!(
        verdicts.collect::<Vec<_>>(),
        [
            ("baseline:v1.33", None),
            ("baseline:latest", Some(format!("{would} \"baseline:latest\": {host}").as_str())),
            ("restricted:v1.34", Some(format!("{would} \"restricted:v1.34\": {host}, {capabilities}").as_str())),
        ]
    );
}

#[test]
fn reviews_workloads() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {hostPID: true}}}\n";
    let details = "host namespaces (hostPID=true)";
    for (workloads, effects, message) in [
        ("warn", [Effect::PodsRejected, Effect::Audited, Effect::Warned], format!("violates PodSecurity \"baseline:latest\": {details}")),
        (
            "enforce",
            [Effect::Rejected, Effect::Audited, Effect::Suppressed],
            format!("deployments.apps \"d\" is forbidden: violates PodSecurity \"baseline:latest\": {details}"),
        ),
    ] {
        let report = evaluate(text, &json!({"settings": {"level": "baseline", "workloads": workloads}}));
        let verdicts = &report.documents[0].verdicts;
        assert_eq!(verdicts.iter().map(|verdict| verdict.effect).collect::<Vec<_>>(), effects);
        assert_eq!(verdicts[0].message.as_deref(), Some(message.as_str()));
    }
    // The path of the pod template of each kind.
    for (kind, start, path) in [
        ("v1\nkind: ReplicationController", "spec: {template: {spec: ", "spec.template.spec"),
        ("v1\nkind: PodTemplate", "template: {spec: ", "template.spec"),
        ("apps/v1\nkind: ReplicaSet", "spec: {template: {spec: ", "spec.template.spec"),
        ("apps/v1\nkind: StatefulSet", "spec: {template: {spec: ", "spec.template.spec"),
        ("apps/v1\nkind: DaemonSet", "spec: {template: {spec: ", "spec.template.spec"),
        ("batch/v1\nkind: Job", "spec: {template: {spec: ", "spec.template.spec"),
        ("batch/v1\nkind: CronJob", "spec: {jobTemplate: {spec: {template: {spec: ", "spec.jobTemplate.spec.template.spec"),
    ] {
        let text = format!("apiVersion: {kind}\n{start}{{hostPID: true}}{}\n", "}".repeat(start.matches('{').count()));
        assert_eq!(rendered(&text, &baseline())[1..], [format!("  hostNamespaces {path}.hostPID `true` EAW")], "{text}");
    }
    // A ReplicationController without a template has no pod to evaluate.
    assert_lines(
        "apiVersion: v1\nkind: ReplicationController\n",
        &restricted(),
        &["0 ReplicationController default/ judged None None None"],
    );
}

#[test]
fn applies_exceptions_and_defaults_to_pods() {
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}");
    let options_at = |version: &str| json!({"settings": {"level": "restricted", "version": version}});
    let windows = pod("  os: {name: windows}\n  securityContext: {runAsNonRoot: true}\n  containers: [{name: c}]\n");
    assert_lines(&windows, &options_at("v1.25"), &["0 Pod default/p judged None None None"]);
    assert_lines(
        &windows,
        &options_at("v1.24"),
        &[
            "0 Pod default/p judged Rejected Audited Suppressed",
            "  allowPrivilegeEscalation no spec.containers[0].securityContext.allowPrivilegeEscalation `name: c` EAW",
            "  capabilities_restricted no spec.containers[0].securityContext.capabilities.drop `name: c` EAW",
            "  seccompProfile_restricted no spec.containers[0].securityContext.seccompProfile.type `name: c` EAW",
        ],
    );
    let user_namespace = pod(
        "  hostUsers: false\n  securityContext: {seccompProfile: {type: RuntimeDefault}}\n  containers:\n  - name: c\n    securityContext: \
         {runAsUser: 0, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}\n",
    );
    assert_lines(&user_namespace, &options_at("v1.35"), &["0 Pod default/p judged None None None"]);
    assert_lines(
        &user_namespace,
        &options_at("v1.34"),
        &[
            "0 Pod default/p judged Rejected Audited Suppressed",
            "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `securityContext` EAW",
            "  runAsUser spec.containers[0].securityContext.runAsUser `0` EAW",
        ],
    );
    // In the host network each port is a host port; the finding marks the container port.
    let host_network =
        pod("  hostNetwork: yes\n  containers:\n  - name: c\n    ports: [{containerPort: 80}, {containerPort: 81, hostPort: 82}]\n");
    assert_lines(
        &host_network,
        &baseline(),
        &[
            "0 Pod default/p judged Rejected Audited Suppressed",
            "  hostNamespaces spec.hostNetwork `yes` EAW",
            "  hostPorts spec.containers[0].ports[0].hostPort `80` EAW",
            "  hostPorts spec.containers[0].ports[1].hostPort `82` EAW",
        ],
    );
    // A volume without a source is an emptyDir.
    let volumes = pod("  volumes: [{name: a}, {name: b, hostPath: {path: /}}]\n  containers: []\n");
    let report = evaluate(&volumes, &restricted());
    assert_eq!(report.documents[0].findings.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), ["spec.volumes[1].hostPath"]);
}

#[test]
fn marks_values_of_aliases_and_missing_values() {
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}");
    let only = |check: &str, text: &str| {
        let lines = rendered(text, &restricted());
        lines.into_iter().filter(|line| line.contains(check) || line.contains(" ? ") || line.contains(" ! ")).collect::<Vec<_>>()
    };
    let privileged = |index: usize| format!("  privileged spec.containers[{index}].securityContext.privileged");
    // The values of aliases and merge keys are marked where they are defined.
    let text = pod("  containers:\n  - name: a\n    securityContext: &x {privileged: on}\n  - name: b\n    securityContext: *x\n");
    assert_eq!(only("privileged spec", &text), [format!("{} `on` EAW", privileged(0)), format!("{} `on` EAW", privileged(1))]);
    let text = pod("  containers:\n  - &x\n    name: a\n    securityContext: {privileged: yes}\n  - <<: *x\n    name: b\n");
    assert_eq!(only("privileged spec", &text), [format!("{} `yes` EAW", privileged(0)), format!("{} `yes` EAW", privileged(1))]);
    // The last of duplicate keys is used, with a warning.
    let text = pod("  hostPID: true\n  hostPID: false\n  hostIPC: false\n  hostIPC: true\n");
    let lines = only("hostNamespaces", &text);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "  hostNamespaces spec.hostIPC `true` EAW");
    assert!(lines[1].starts_with("  ? `hostPID`") && lines[2].starts_with("  ? `hostIPC`"), "{lines:?}");
    // Empty values.
    for (spec, expected) in [
        (
            "  securityContext:\n    runAsNonRoot:\n  containers: [{name: c}]\n",
            "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `name: c` EAW",
        ),
        (
            "  containers:\n  - name: c\n    securityContext:\n      runAsNonRoot:\n",
            "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `runAsNonRoot` EAW",
        ),
        (
            "  containers:\n  - name: c\n    securityContext:\n",
            "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `securityContext` EAW",
        ),
        ("  containers:\n  - null\n", "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `null` EAW"),
        ("  containers: [{}]\n", "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `{}` EAW"),
        (
            "  containers: [{name: c, securityContext: {runAsNonRoot: !!null }}]\n",
            "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `runAsNonRoot` EAW",
        ),
    ] {
        assert_eq!(only("runAsNonRoot no", &pod(spec)), [expected]);
    }
    let empty_profile = pod("  securityContext:\n    seccompProfile: {}\n  containers: []\n");
    assert_eq!(
        only("seccomp", &empty_profile),
        ["  seccompProfile_restricted no spec.securityContext.seccompProfile.type `seccompProfile` EAW"]
    );
    // In JSON, the mark of an element begins after its brace.
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [\n  {\n    \"name\": \"c\"\n  }\n]}}";
    assert_eq!(
        only("capabilities", json),
        ["  capabilities_restricted no spec.containers[0].securityContext.capabilities.drop `\"name\": \"c\"` EAW"]
    );
    // A list without a required element is not missing.
    let text = pod("  containers:\n  - name: c\n    securityContext:\n      capabilities:\n        drop: [NET_RAW]\n");
    assert_eq!(
        only("capabilities", &text),
        ["  capabilities_restricted spec.containers[0].securityContext.capabilities.drop `[NET_RAW]` EAW"]
    );
}

#[test]
fn rejects_texts_that_exceed_a_limit() {
    let report = evaluate(&" ".repeat(pss_manifest::Limits::default().bytes + 1), &baseline());
    assert_eq!(report.documents.iter().map(heading).collect::<Vec<_>>(), ["0   invalid"]);
    assert!(report.documents[0].diagnostics[0].message.contains("bytes are more than"));
    let bomb = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |bomb, level| {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("{bomb}a{level}: &a{level} [{before}]\n")
    });
    let report = evaluate(&format!("{bomb}---\n{SERVICE}"), &baseline());
    assert_eq!(report.documents.iter().map(heading).collect::<Vec<_>>(), ["0   invalid", "1 Service s nopod"]);
    assert_eq!(report.documents[0].diagnostics[0].message, "document contains excessive aliasing");
}
