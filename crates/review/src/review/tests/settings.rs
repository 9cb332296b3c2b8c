//! What exemptions for single checks, labels that tighten and fields that are filled in change in a report.

use serde_json::{Value, json};

use super::{assert_drawn, drawn};
use pss_core::admission::Mode;

use crate::DocumentReport;
use crate::testing::evaluate;

/// Settings as options.
fn by(settings: &Value) -> Value {
    json!({ "settings": settings })
}

/// What kubectl prints.
fn printed(text: &str, options: &Value) -> Vec<String> {
    evaluate(text, options).terminal.into_iter().map(|line| line.text).collect()
}

fn pod(name: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels: {{app: agent}}\nspec:\n{spec}")
}

#[test]
fn a_rule_lets_one_of_two_containers_through() {
    let text = pod(
        "p",
        "  hostPID: true\n  containers:\n  - name: agent\n    ports: [{hostPort: 80}, {hostPort: 81}]\n  - name: other\n    ports:\n    - hostPort: 80\n",
    );
    let rules = |rules: Value| by(&json!({"level": "baseline", "exemptions": {"checks": rules}}));
    let pid = "  hostNamespaces spec.hostPID `true` EAW";
    let options = rules(
        json!([{"checks": ["hostPorts"], "containers": ["ag*"], "podSelector": {"matchLabels": {"app": "agent"}}, "reason": " it serves the node "}]),
    );
    assert_drawn(
        &text,
        &options,
        &[
            "0 Pod default/p judged Rejected Audited Suppressed",
            pid,
            "  hostPorts spec.containers[1].ports[0].hostPort `80` EAW",
            "  exempt: hostPorts spec.containers[0].ports[0].hostPort `80` it serves the node",
            "  exempt: hostPorts spec.containers[0].ports[1].hostPort `81` it serves the node",
        ],
    );
    let message = "Error from server (Forbidden): error when creating \"manifest.yaml\": pods \"p\" is forbidden: violates PodSecurity \
                   \"baseline:latest\": host namespaces (hostPID=true), hostPort (container \"other\" uses hostPort 80)";
    assert_eq!(printed(&text, &options), [message]);
    // The sentence of a finding names what is left alone.
    assert_eq!(evaluate(&text, &options).documents[0].findings[1].sentence, "hostPort (container \"other\" uses hostPort 80)");
    // With all of it let through it is accepted, and what is let through is there all the same.
    let all = json!([
        {"checks": ["hostPorts"], "values": [80], "reason": "eighty"}, {"checks": ["hostPorts", "hostNamespaces"], "reason": "any"},
        {"checks": ["hostPorts"], "reason": "never"},
    ]);
    assert_drawn(
        &text,
        &rules(all.clone()),
        &[
            "0 Pod default/p judged None None None",
            "  exempt: hostNamespaces spec.hostPID `true` any",
            "  exempt: hostPorts spec.containers[0].ports[0].hostPort `80` eighty",
            "  exempt: hostPorts spec.containers[0].ports[1].hostPort `81` any",
            "  exempt: hostPorts spec.containers[1].ports[0].hostPort `80` eighty",
        ],
    );
    assert_eq!(printed(&text, &rules(all)), ["pod/p created"]);
    // A rule for elsewhere lets nothing through.
    let elsewhere = json!([{"checks": ["hostPorts"], "namespaces": ["kube-*"], "reason": "x"}]);
    assert_eq!(drawn(&text, &rules(elsewhere)).len(), 5);
    // In a template the paths are those of its workload.
    let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {hostIPC: yes, containers: []}}}\n";
    assert_drawn(
        workload,
        &rules(json!([{"checks": ["hostNamespaces"], "values": ["hostIPC"], "serviceAccounts": ["default/default"], "reason": "x"}])),
        &["0 Deployment default/d judged None None None", "  exempt: hostNamespaces spec.template.spec.hostIPC `yes` x"],
    );
}

#[test]
fn what_is_exempt_says_by_what() {
    let text = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: blue, labels: {{team: blue}}}}\n---\n{}---\n{}",
        pod("a", "  serviceAccountName: robot\n  hostPID: true\n"),
        pod("b", "  hostPID: true\n").replace("metadata:", "metadata:\n  namespace: blue")
    );
    let statuses = |exemptions: Value| {
        let options = json!({"settings": {"level": "baseline", "exemptions": exemptions}, "groups": ["ops"], "user": "u"});
        let report = evaluate(&text, &options);
        let status = |place: usize| {
            let document: &DocumentReport = &report.documents[place];
            document.exemption.map_or_else(|| format!("{:?}", document.status), |exemption| exemption.name().to_owned())
        };
        [status(1), status(2)]
    };
    for (exemptions, expected) in [
        (json!({}), ["Judged", "Judged"]),
        (json!({"groups": ["dev"]}), ["Judged", "Judged"]),
        (json!({"groups": ["dev", "ops"]}), ["group", "group"]),
        (json!({"usernames": ["u"], "groups": ["ops"]}), ["user", "user"]),
        (json!({"serviceAccounts": ["default/robot"]}), ["serviceAccount", "Judged"]),
        (json!({"serviceAccounts": ["blue/default", "blue/robot"]}), ["Judged", "serviceAccount"]),
        (json!({"namespacePatterns": ["b*e"]}), ["Judged", "namespace"]),
        (json!({"namespacePatterns": ["default*"]}), ["namespace", "Judged"]),
        (json!({"namespaceSelector": {"matchLabels": {"team": "blue"}}}), ["Judged", "namespace"]),
        (json!({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}}), ["namespace", "Judged"]),
    ] {
        assert_eq!(statuses(exemptions.clone()), expected, "{exemptions}");
    }
}

/// The label of a mode.
fn label(mode: &str) -> String {
    format!("pod-security.kubernetes.io/{mode}")
}

#[test]
fn labels_that_tighten_ask_for_more_and_never_for_less() {
    let text = pod("p", "  hostPID: true\n  containers:\n  - name: c\n    securityContext: {allowPrivilegeEscalation: true}\n");
    let options =
        |level: &str, labels: Value| json!({"settings": {"level": level, "namespaceLabels": "tighten"}, "namespaceLabels": labels});
    let enforced = |options: &Value| {
        let report = evaluate(&text, options);
        let verdict = &report.documents[0].verdicts[0];
        let checks: Vec<_> = report.documents[0].findings.iter().map(|finding| (finding.check, finding.modes.len())).collect();
        let names = |modes| checks.iter().filter(|(_, count)| *count == modes).map(|(check, _)| check.id).collect::<Vec<_>>().join(" ");
        (verdict.policy.to_string(), format!("{:?}", verdict.effect), names(3), names(1))
    };
    let told = |policy: &str, effect: &str, all: &str, one: &str| (policy.to_owned(), effect.to_owned(), all.to_owned(), one.to_owned());
    // Stricter: both hold. The settings' own is named where it is violated; what both find is there once for each mode.
    let stricter = options("baseline", json!({label("enforce"): "restricted", label("warn"): "baseline"}));
    assert_eq!(
        enforced(&stricter),
        told(
            "baseline:latest",
            "Rejected",
            "hostNamespaces",
            "allowPrivilegeEscalation capabilities_restricted runAsNonRoot seccompProfile_restricted"
        )
    );
    let report = evaluate(&text, &stricter);
    assert_eq!(report.documents[0].findings[0].modes, Mode::ALL);
    assert!(report.terminal[0].text.ends_with("violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"), "{report:?}");
    // Lower: as if it were not there.
    for level in ["privileged", "baseline"] {
        let lower = options("restricted", json!({label("enforce"): level, label("audit"): level, label("warn"): level}));
        let (policy, effect, all, one) = enforced(&lower);
        assert_eq!((policy.to_string().as_str(), effect.as_str(), one.as_str()), ("restricted:latest", "Rejected", ""));
        assert_eq!(all.split(' ').count(), 5, "{all}");
    }
    // Of another version: it holds beside, and is named where it alone is violated.
    let text = pod("p", "  securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: '1'}]}\n  containers: []\n");
    let older = options("baseline", json!({label("enforce"): "baseline", label("enforce-version"): "v1.28"}));
    assert_drawn(
        &text,
        &older,
        &["0 Pod default/p judged Rejected None None", "  sysctls spec.securityContext.sysctls[0].name `net.ipv4.tcp_keepalive_time` E"],
    );
    let report = evaluate(&text, &older);
    assert_eq!(report.documents[0].verdicts[0].policy.to_string(), "baseline:v1.28");
    assert!(report.terminal[0].text.contains("violates PodSecurity \"baseline:v1.28\": forbidden sysctls"), "{report:?}");
}

const HARDENED: [&str; 4] = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

#[test]
fn what_is_filled_in_is_found_no_more() {
    let options = by(&json!({"level": "restricted", "harden": HARDENED}));
    let text = pod("p", "  containers:\n  - name: web\n    securityContext:\n      runAsNonRoot: true\n");
    assert_drawn(
        &text,
        &options,
        &[
            "0 Pod default/p judged None None None",
            "  + spec.containers[0].securityContext.allowPrivilegeEscalation=false `securityContext`",
            "  + spec.containers[0].securityContext.capabilities.drop=[\"ALL\"] `securityContext`",
            "  + spec.containers[0].securityContext.seccompProfile.type=\"RuntimeDefault\" `securityContext`",
        ],
    );
    assert_eq!(
        printed(&text, &options),
        [
            "Warning: hardened: container \"web\" got allowPrivilegeEscalation=false, capabilities.drop=[\"ALL\"], \
             seccompProfile.type=\"RuntimeDefault\"",
            "pod/p created"
        ]
    );
    // What still violates rejects, and then nothing is changed.
    let text = pod("p", "  hostPID: true\n  containers:\n  - name: web\n");
    assert_drawn(&text, &options, &["0 Pod default/p judged Rejected Audited Suppressed", "  hostNamespaces spec.hostPID `true` EAW"]);
    // A template is filled in, unless a controller made its workload, for that would make it anew.
    let set = |owners: &str| {
        format!(
            "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: r{owners}}}\nspec: {{template: {{spec: {{containers: [{{name: c}}]}}}}}}\n"
        )
    };
    let filled = drawn(&set(""), &options);
    assert_eq!(filled.len(), 5, "{filled:#?}");
    assert_eq!(filled[0], "0 ReplicaSet default/r judged None None None");
    assert_eq!(filled[1], "  + spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation=false `name: c`");
    let made = drawn(&set(", ownerReferences: [{controller: true, uid: u, name: d}]"), &options);
    assert_eq!(made[0], "0 ReplicaSet default/r judged PodsRejected Audited Warned");
    assert!(made.len() == 5 && made.iter().all(|line| !line.contains('+')), "{made:#?}");
    // Only what is named, where it is enforced, and what nobody said otherwise.
    let one = by(&json!({"defaults": {"enforce": "restricted"}, "harden": ["runAsNonRoot"]}));
    let lines = drawn(&pod("p", "  containers:\n  - name: web\n"), &one);
    assert!(lines.len() == 4 && !lines.concat().contains("runAsNonRoot"), "{lines:#?}");
    let warned = by(&json!({"defaults": {"enforce": "baseline", "warn": "restricted"}, "harden": HARDENED}));
    assert_eq!(drawn(&pod("p", "  containers:\n  - name: web\n"), &warned).len(), 5);
    // The policy that fills in is another one than that which judges, and the API server asks it first.
    let text = pod("p", "  hostPID: true\n  containers: []\n");
    for (settings, name) in [
        (json!({"level": "restricted"}), "pod-security-standards"),
        (json!({"level": "restricted", "harden": ["runAsNonRoot"]}), "pod-security-standards-harden"),
        (json!({"level": "restricted", "namespaceLabels": "set"}), "pod-security-standards-harden"),
    ] {
        let lines = printed(&text, &json!({"settings": settings, "admission": "kubewarden"}));
        let expected = format!("admission webhook \"clusterwide-{name}.kubewarden.admission\" denied the request: pods \"p\"");
        assert!(lines[0].contains(&expected), "{lines:?}");
    }
}

#[test]
fn a_namespace_gets_labels_and_these_count() {
    let namespace = |labels: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n  labels: {{{labels}}}\n");
    let options = by(&json!({"defaults": {"enforce": "restricted", "enforce-version": "v1.30"}, "namespaceLabels": "set"}));
    let keep = pod(
        "p",
        "  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, sysctls: [{name: net.ipv4.tcp_keepalive_time}]}\n",
    )
    .replace("metadata:", "metadata:\n  namespace: team");
    let lower = format!("{}: baseline, {}: v1.20", label("enforce"), label("enforce-version"));
    let text = format!("{}---\n{keep}", namespace(&lower));
    // Beside baseline:v1.20 the sysctl would be forbidden, but the namespace does not keep these labels.
    assert_drawn(
        &text,
        &options,
        &[
            "0 Namespace team nopod",
            "  + metadata.labels[pod-security.kubernetes.io/enforce]=restricted `baseline`",
            "  + metadata.labels[pod-security.kubernetes.io/enforce-version]=v1.30 `v1.20`",
            "  ? `apiVersion: v1` label pod-security.kubernetes.io/enforce=baseline is lower than the policy of this cluster: it was raised to restricted",
            "1 Pod team/p judged None None None",
        ],
    );
    assert_eq!(printed(&text, &options)[1..], ["namespace/team created", "pod/p created"]);
    let tightened = by(&json!({"defaults": {"enforce": "restricted", "enforce-version": "v1.30"}, "namespaceLabels": "tighten"}));
    let lines = drawn(&text, &tightened);
    assert!(lines[1].ends_with("restricted:v1.30 is enforced all the same"), "{lines:#?}");
    assert_eq!(lines[2], "1 Pod team/p judged Rejected None Suppressed");
    // An invalid label is an error, also where it would be replaced.
    let invalid = format!("{}: baseline, {}: x, {}: strict", label("enforce"), label("enforce-version"), label("warn"));
    assert_drawn(
        &namespace(&invalid),
        &options,
        &[
            "0 Namespace team nopod",
            "  ! `x` metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: \"x\": must be \"latest\" or \"v1.x\"",
            "  ! `strict` metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: \"strict\": must be one of privileged, baseline, restricted",
        ],
    );
    // Labels that are nearly one of those.
    let typo = namespace(&format!("{}: restricted", label("enforced")));
    let warning =
        "label \"pod-security.kubernetes.io/enforced\" means nothing to Pod Security; did you mean \"pod-security.kubernetes.io/enforce\"?";
    for (settings, warns) in [
        (json!({"level": "baseline"}), false),
        (json!({"level": "baseline", "labelTypos": "warn"}), true),
        (json!({"level": "baseline", "namespaceLabels": "tighten"}), true),
        (json!({"level": "baseline", "namespaceLabels": "tighten", "labelTypos": "ignore"}), false),
    ] {
        let report = evaluate(&typo, &by(&settings));
        assert_eq!(report.documents[0].diagnostics.iter().any(|said| said.message == warning), warns, "{settings}");
        assert_eq!(report.terminal[0].text == format!("Warning: {warning}"), warns, "{settings}");
    }
}

#[test]
fn details_for_the_audit_log_change_nothing_here() {
    let text = pod("p", "  hostPID: true\n  containers:\n  - name: web\n");
    let report = |details: bool| evaluate(&text, &by(&json!({"level": "restricted", "details": details})));
    assert_eq!(report(true), report(false));
    assert_eq!(report(true).documents[0].findings.len(), 5);
}
