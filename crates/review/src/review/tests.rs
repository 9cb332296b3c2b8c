//! What the report says of whole texts, drawn as lines so that a table can hold them.

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

/// The labels of namespaces decide.
fn honor() -> Value {
    json!({"settings": {"defaults": {}, "namespaceLabels": "honor"}})
}

fn cut(text: &str, span: Span) -> &str {
    span.slice(text)
}

/// A document as one line: its place, kind and name, what became of it, and the effects of enforce,
/// audit and warn.
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

/// All that is drawn of a document: the heading, each finding with what is marked and the modes, what is
/// let through and what is filled in, and each diagnostic with what is marked.
fn drawn(text: &str, options: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for document in &evaluate(text, options).documents {
        lines.push(heading(document));
        for finding in &document.findings {
            let modes: String = finding.modes.iter().map(|mode| format!("{mode:?}").remove(0)).collect();
            let missing = if finding.is_missing { "no " } else { "" };
            lines.push(format!("  {} {missing}{} `{}` {modes}", finding.check.id, finding.path, cut(text, finding.span)));
        }
        for covered in &document.exempt_findings {
            lines.push(format!("  exempt: {} {} `{}` {}", covered.check.id, covered.path, cut(text, covered.span), covered.reason));
        }
        for change in &document.changes {
            lines.push(format!("  + {}={} `{}`", change.path, change.value, cut(text, change.span)));
        }
        for said in &document.diagnostics {
            let sign = match said.severity {
                Severity::Error => "!",
                Severity::Warning => "?",
                Severity::Info => "i",
            };
            lines.push(format!("  {sign} `{}` {}", cut(text, said.span), said.message));
        }
    }
    lines
}

#[track_caller]
fn assert_drawn(text: &str, options: &Value, expected: &[&str]) {
    let drawn = drawn(text, options);
    assert_eq!(drawn, expected, "\n{text}\n{}", drawn.join("\n"));
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostPID: true, containers: [{name: c}]}\n";

#[test]
fn documents_and_lists() {
    let pid = "  hostNamespaces spec.hostPID `true` EAW";
    assert_drawn("", &baseline(), &[]);
    assert_drawn("# only a comment\n", &baseline(), &["0   empty"]);
    assert_drawn(
        &format!("---\n---\n{POD}---\n# no more\n---\n"),
        &baseline(),
        &["0   empty", "1 Pod default/p judged Rejected Audited Suppressed", pid, "2   empty"],
    );
    assert_drawn(
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
    assert_drawn("apiVersion: v1\nkind: List\nitems: []\n", &baseline(), &["0   empty"]);
    let item = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostPID: true}}";
    assert_drawn(
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
    // A typed list gives its items what they are, if they say neither themselves.
    assert_drawn(
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
    assert_drawn(
        "apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: d}, spec: {template: {spec: {hostPID: true}}}}]\n",
        &baseline(),
        &["0[0] Deployment default/d judged PodsRejected Audited Warned", "  hostNamespaces spec.template.spec.hostPID `true` EAW"],
    );
    assert_drawn(
        "kind: List\nitems: []\n",
        &baseline(),
        &[
            "0 List  invalid",
            "  ! `kind: List` apiVersion is missing, or no string: without it Kubernetes cannot tell what this is. Add one, such as apiVersion: apps/v1",
        ],
    );
    // Lists in lists, as deep as anybody likes.
    let deep = (0..200).fold(item.to_owned(), |inner, _| format!("{{apiVersion: v1, kind: List, items: [{inner}]}}"));
    assert_eq!(evaluate(&deep, &baseline()).documents.len(), 1);
}

#[test]
fn what_is_no_manifest() {
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
        assert_drawn(text, &baseline(), &[heading, &format!("  {diagnostic}")]);
    }
}

#[test]
fn values_of_the_wrong_type() {
    assert_drawn(
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
        let said: Vec<_> = report.diagnostics.iter().map(|said| (cut(&text, said.span), said.message.clone())).collect();
        assert_eq!(said, [("1", format!("{path}.spec.containers: must be an array, not 1"))]);
    }
    // A label that is a number is the commonest of all.
    assert_drawn(
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
fn a_namespace_counts_for_what_follows() {
    let pod = |namespace: &str| POD.replace("name: p}", &format!("name: p, namespace: {namespace}}}"));
    let strict = namespace("a", "pod-security.kubernetes.io/enforce: baseline");
    let text = format!("{}---\n{strict}{}---\n{}", pod("a"), pod("a"), pod("b"));
    assert_drawn(
        &text,
        &honor(),
        &[
            "0 Pod a/p judged None None None",
            "1 Namespace a nopod",
            // Who enforces a level warns of it.
            "2 Pod a/p judged Rejected None Suppressed",
            "  hostNamespaces spec.hostPID `true` EW",
            "3 Pod b/p judged None None None",
        ],
    );
    // The labels of the options are those of namespaces that the text does not create.
    let mut options = honor();
    options["namespaceLabels"] = json!({"pod-security.kubernetes.io/warn": "baseline"});
    assert_drawn(
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
    // Where labels mean nothing, those of the text mean nothing either.
    assert_drawn(
        &format!("{}{}", namespace("a", "pod-security.kubernetes.io/enforce: privileged"), pod("a")),
        &baseline(),
        &["0 Namespace a nopod", "1 Pod a/p judged Rejected Audited Suppressed", "  hostNamespaces spec.hostPID `true` EAW"],
    );
    // One that is rejected is not there.
    let invalid = namespace("a", "pod-security.kubernetes.io/enforce: hard, pod-security.kubernetes.io/warn-version: v1");
    assert_drawn(
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
fn exemptions() {
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
        assert_eq!(drawn(text, &with_user(user))[0], expected);
    }
    // The namespace of what names none.
    let mut options = options.clone();
    options["namespace"] = json!("sys");
    assert_drawn(POD, &options, &["0 Pod sys/p exempt: namespace"]);
}

#[test]
fn each_mode_has_a_policy_of_its_own() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n  \
                containers:\n  - name: c\n    livenessProbe: {httpGet: {host: a}}\n    securityContext: {allowPrivilegeEscalation: false}\n";
    let options = |enforce: &str| {
        json!({"settings": {"defaults": {
            "enforce": enforce, "enforce-version": "v1.33", "audit": "baseline", "warn": "restricted", "warn-version": "v1.34",
        }}})
    };
    let probe = "hostProbesAndHostLifecycle spec.containers[0].livenessProbe.httpGet.host `a`";
    let drop = "capabilities_restricted no spec.containers[0].securityContext.capabilities.drop `securityContext`";
    assert_drawn(
        text,
        &options("baseline"),
        &["0 Pod default/p judged None Audited Warned", &format!("  {probe} AW"), &format!("  {drop} W")],
    );
    assert_drawn(
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
fn workloads() {
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
    // Where the pod stands in each kind.
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
        assert_eq!(drawn(&text, &baseline())[1..], [format!("  hostNamespaces {path}.hostPID `true` EAW")], "{text}");
    }
    // A ReplicationController may have no template; then there is nothing to judge.
    assert_drawn(
        "apiVersion: v1\nkind: ReplicationController\n",
        &restricted(),
        &["0 ReplicationController default/ judged None None None"],
    );
}

#[test]
fn pods_that_are_judged_otherwise() {
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}");
    let at = |version: &str| json!({"settings": {"level": "restricted", "version": version}});
    let windows = pod("  os: {name: windows}\n  securityContext: {runAsNonRoot: true}\n  containers: [{name: c}]\n");
    assert_drawn(&windows, &at("v1.25"), &["0 Pod default/p judged None None None"]);
    assert_drawn(
        &windows,
        &at("v1.24"),
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
    assert_drawn(&user_namespace, &at("v1.35"), &["0 Pod default/p judged None None None"]);
    assert_drawn(
        &user_namespace,
        &at("v1.34"),
        &[
            "0 Pod default/p judged Rejected Audited Suppressed",
            "  runAsNonRoot no spec.containers[0].securityContext.runAsNonRoot `securityContext` EAW",
            "  runAsUser spec.containers[0].securityContext.runAsUser `0` EAW",
        ],
    );
    // In the network of the host each port is one of the host; the finding stands where it comes from.
    let host_network =
        pod("  hostNetwork: yes\n  containers:\n  - name: c\n    ports: [{containerPort: 80}, {containerPort: 81, hostPort: 82}]\n");
    assert_drawn(
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
fn marks_on_what_is_written_elsewhere_or_hardly() {
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n{spec}");
    let only = |check: &str, text: &str| {
        let lines = drawn(text, &restricted());
        lines.into_iter().filter(|line| line.contains(check) || line.contains(" ? ") || line.contains(" ! ")).collect::<Vec<_>>()
    };
    let privileged = |index: usize| format!("  privileged spec.containers[{index}].securityContext.privileged");
    // Aliases and merges: what is inside stands where it is written, and what is not is marked here.
    let text = pod("  containers:\n  - name: a\n    securityContext: &x {privileged: on}\n  - name: b\n    securityContext: *x\n");
    assert_eq!(only("privileged spec", &text), [format!("{} `on` EAW", privileged(0)), format!("{} `on` EAW", privileged(1))]);
    let text = pod("  containers:\n  - &x\n    name: a\n    securityContext: {privileged: yes}\n  - <<: *x\n    name: b\n");
    assert_eq!(only("privileged spec", &text), [format!("{} `yes` EAW", privileged(0)), format!("{} `yes` EAW", privileged(1))]);
    // Of keys that stand twice the last counts, and that is said.
    let text = pod("  hostPID: true\n  hostPID: false\n  hostIPC: false\n  hostIPC: true\n");
    let lines = only("hostNamespaces", &text);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "  hostNamespaces spec.hostIPC `true` EAW");
    assert!(lines[1].starts_with("  ? `hostPID`") && lines[2].starts_with("  ? `hostIPC`"), "{lines:?}");
    // Values that are there and empty.
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
    // In JSON, an element begins behind its brace.
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [\n  {\n    \"name\": \"c\"\n  }\n]}}";
    assert_eq!(
        only("capabilities", json),
        ["  capabilities_restricted no spec.containers[0].securityContext.capabilities.drop `\"name\": \"c\"` EAW"]
    );
    // A list that lacks an element is not missing, though a value is.
    let text = pod("  containers:\n  - name: c\n    securityContext:\n      capabilities:\n        drop: [NET_RAW]\n");
    assert_eq!(
        only("capabilities", &text),
        ["  capabilities_restricted spec.containers[0].securityContext.capabilities.drop `[NET_RAW]` EAW"]
    );
}

#[test]
fn what_would_freeze_a_page_is_refused() {
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
