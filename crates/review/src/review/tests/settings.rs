//! Reports with exemption rules, tightening labels and hardening.

use serde_json::{Value, json};

use super::{assert_lines, rendered};
use pss_core::admission::Mode;

use crate::DocumentReport;
use crate::testing::evaluate;

/// Options with settings.
fn with_settings(settings: &Value) -> Value {
    json!({ "settings": settings })
}

/// The output of kubectl.
fn printed(text: &str, options: &Value) -> Vec<String> {
    evaluate(text, options).terminal.into_iter().map(|line| line.text).collect()
}

fn pod(name: &str, spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n  labels: {{app: agent}}\nspec:\n{spec}")
}

#[test]
fn reports_exempt_findings_of_one_container() {
    let text = pod(
        "p",
        "  hostPID: true\n  containers:\n  - name: agent\n    ports: [{hostPort: 80}, {hostPort: 81}]\n  - name: other\n    ports:\n    - hostPort: 80\n",
    );
    let rules = |rules: Value| with_settings(&json!({"level": "baseline", "exemptions": {"checks": rules}}));
    let pid = "  hostNamespaces spec.hostPID `true` EAW";
    let options = rules(
        json!([{"checks": ["hostPorts"], "containers": ["ag*"], "podSelector": {"matchLabels": {"app": "agent"}}, "reason": " it serves the node "}]),
    );
    assert_lines(
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
    // The sentence of a finding omits exempt findings.
    assert_eq!(evaluate(&text, &options).documents[0].findings[1].sentence.as_ref(), "hostPort (container \"other\" uses hostPort 80)");
    // If all findings are exempt the pod is accepted, and the report has the exempt findings.
    let all = json!([
        {"checks": ["hostPorts"], "values": [80], "reason": "eighty"}, {"checks": ["hostPorts", "hostNamespaces"], "reason": "any"},
        {"checks": ["hostPorts"], "reason": "never"},
    ]);
    assert_lines(
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
    // A rule for another namespace exempts no finding.
    let other_namespace = json!([{"checks": ["hostPorts"], "namespaces": ["kube-*"], "reason": "x"}]);
    assert_eq!(rendered(&text, &rules(other_namespace)).len(), 5);
    // The paths of findings in a template begin at the workload.
    let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {hostIPC: yes, containers: []}}}\n";
    assert_lines(
        workload,
        &rules(json!([{"checks": ["hostNamespaces"], "values": ["hostIPC"], "serviceAccounts": ["default/default"], "reason": "x"}])),
        &["0 Deployment default/d judged None None None", "  exempt: hostNamespaces spec.template.spec.hostIPC `yes` x"],
    );
}

#[test]
fn reports_the_exemption_of_an_object() {
    let text = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: blue, labels: {{team: blue}}}}\n---\n{}---\n{}",
        pod("a", "  serviceAccountName: robot\n  hostPID: true\n"),
        pod("b", "  hostPID: true\n").replace("metadata:", "metadata:\n  namespace: blue")
    );
    let statuses = |exemptions: Value| {
        let options = json!({"settings": {"level": "baseline", "exemptions": exemptions}, "groups": ["ops"], "user": "u"});
        let report = evaluate(&text, &options);
        let status = |index: usize| {
            let document: &DocumentReport = &report.documents[index];
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
fn tightening_labels_only_add_requirements() {
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
    let expected =
        |policy: &str, effect: &str, all: &str, one: &str| (policy.to_owned(), effect.to_owned(), all.to_owned(), one.to_owned());
    // A stricter label: both policies apply. If both are violated the verdict has that of the settings, and findings are not repeated.
    let stricter = options("baseline", json!({label("enforce"): "restricted", label("warn"): "baseline"}));
    assert_eq!(
        enforced(&stricter),
        expected(
            "baseline:latest",
            "Rejected",
            "hostNamespaces",
            "allowPrivilegeEscalation capabilities_restricted runAsNonRoot seccompProfile_restricted"
        )
    );
    let report = evaluate(&text, &stricter);
    assert_eq!(report.documents[0].findings[0].modes, Mode::ALL);
    assert!(report.terminal[0].text.ends_with("violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"), "{report:?}");
    // A less restrictive label is ignored.
    for level in ["privileged", "baseline"] {
        let lower = options("restricted", json!({label("enforce"): level, label("audit"): level, label("warn"): level}));
        let (policy, effect, all, one) = enforced(&lower);
        assert_eq!((policy.to_string().as_str(), effect.as_str(), one.as_str()), ("restricted:latest", "Rejected", ""));
        assert_eq!(all.split(' ').count(), 5, "{all}");
    }
    // A label with another version applies in addition, and the verdict has it if only this policy is violated.
    let text = pod("p", "  securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: '1'}]}\n  containers: []\n");
    let older = options("baseline", json!({label("enforce"): "baseline", label("enforce-version"): "v1.28"}));
    assert_lines(
        &text,
        &older,
        &["0 Pod default/p judged Rejected None None", "  sysctls spec.securityContext.sysctls[0].name `net.ipv4.tcp_keepalive_time` E"],
    );
    let report = evaluate(&text, &older);
    assert_eq!(report.documents[0].verdicts[0].policy.to_string(), "baseline:v1.28");
    assert!(report.terminal[0].text.contains("violates PodSecurity \"baseline:v1.28\": forbidden sysctls"), "{report:?}");
}

#[test]
fn rules_with_an_end_depend_on_the_date_of_the_options() {
    let rule = json!({"checks": ["hostNamespaces"], "reason": "a migration", "expires": "2027-03-31"});
    let settings =
        json!({"level": "baseline", "exemptions": {"checks": [{"checks": ["sysctls"], "reason": "r"}, rule]}, "help": "#platform"});
    let text = pod("p", "  hostPID: true\n  containers: []\n");
    let path = "settings.exemptions.checks[1].expires: the rule";
    let note = "rule exemptions.checks[1] for hostNamespaces";
    let rejection = "Error from server (Forbidden): error when creating \"manifest.yaml\": pods \"p\" is forbidden: violates PodSecurity \
                     \"baseline:latest\": host namespaces (hostPID=true); ";
    for (today, warnings, expected) in [
        (json!("2026-11-30"), vec![], vec!["pod/p created".to_owned()]),
        (
            json!("2027-03-31"),
            vec![format!("{path} expires at the end of 2027-03-31 (UTC)")],
            vec![format!("Warning: {note} expires at the end of 2027-03-31 (UTC)"), "pod/p created".to_owned()],
        ),
        (
            json!("2027-04-01"),
            vec![format!("{path} expired at the end of 2027-03-31 (UTC), and covers nothing")],
            vec![format!("{rejection}{note} expired at the end of 2027-03-31 (UTC) (#platform)")],
        ),
        (
            json!(null),
            vec![format!("{path} expires at the end of 2027-03-31 (UTC), and covers nothing, for the date is not known")],
            vec![format!(
                "{rejection}{note} does not hold, for the host gives no date and it expires at the end of 2027-03-31 (UTC) (#platform)"
            )],
        ),
    ] {
        let options = json!({"settings": settings, "today": today});
        let report = evaluate(&text, &options);
        assert_eq!(report.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(), warnings, "{today}");
        assert_eq!(printed(&text, &options), expected, "{today}");
        // The message of the verdict is that of the terminal.
        if let Some(message) = &report.documents[0].verdicts[0].message {
            assert!(expected[0].ends_with(message.as_str()), "{message}");
        }
    }
}

#[test]
fn rules_about_requests_depend_on_the_user_of_the_options() {
    let rule = |keys: Value| {
        let mut rule = json!({"checks": ["hostNamespaces"], "reason": "debugging"});
        rule.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        json!({"level": "baseline", "exemptions": {"checks": [rule]}})
    };
    let text = pod("p", "  hostPID: true\n  containers: []\n");
    for (keys, user, groups, expected) in [
        (json!({"usernames": ["alice"]}), "alice", json!([]), true),
        (json!({"usernames": ["alice"]}), "", json!([]), false),
        (json!({"groups": ["on-call"]}), "", json!(["on-call"]), true),
        (json!({"groups": ["on-call"]}), "alice", json!(["others"]), false),
        // A review creates the objects.
        (json!({"operations": ["CREATE"]}), "", json!([]), true),
        (json!({"operations": ["UPDATE"]}), "", json!([]), false),
    ] {
        let options = json!({"settings": rule(keys.clone()), "user": user, "groups": groups});
        assert_eq!(printed(&text, &options) == ["pod/p created"], expected, "{keys} {user} {groups}");
    }
}

const HARDENED: [&str; 4] = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

#[test]
fn reports_hardened_fields_as_changes() {
    let options = with_settings(&json!({"level": "restricted", "harden": HARDENED}));
    let text = pod("p", "  containers:\n  - name: web\n    securityContext:\n      runAsNonRoot: true\n");
    assert_lines(
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
    // A pod that still violates the policy is rejected without changes.
    let text = pod("p", "  hostPID: true\n  containers:\n  - name: web\n");
    assert_lines(&text, &options, &["0 Pod default/p judged Rejected Audited Suppressed", "  hostNamespaces spec.hostPID `true` EAW"]);
    // A template is hardened, unless a controller owns the workload, which would revert it.
    let set = |owners: &str| {
        format!(
            "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {{name: r{owners}}}\nspec: {{template: {{spec: {{containers: [{{name: c}}]}}}}}}\n"
        )
    };
    let hardened = rendered(&set(""), &options);
    assert_eq!(hardened.len(), 5, "{hardened:#?}");
    assert_eq!(hardened[0], "0 ReplicaSet default/r judged None None None");
    assert_eq!(hardened[1], "  + spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation=false `name: c`");
    let owned = rendered(&set(", ownerReferences: [{controller: true, uid: u, name: d}]"), &options);
    assert_eq!(owned[0], "0 ReplicaSet default/r judged PodsRejected Audited Warned");
    assert!(owned.len() == 5 && owned.iter().all(|line| !line.contains('+')), "{owned:#?}");
    // Only the checks of `harden` at the enforced level are hardened.
    let one = with_settings(&json!({"defaults": {"enforce": "restricted"}, "harden": ["runAsNonRoot"]}));
    let lines = rendered(&pod("p", "  containers:\n  - name: web\n"), &one);
    assert!(lines.len() == 4 && !lines.concat().contains("runAsNonRoot"), "{lines:#?}");
    let defaults = json!({"enforce": "baseline", "warn": "restricted"});
    let warned = with_settings(&json!({"defaults": defaults, "harden": HARDENED, "namespaceLabels": "honor"}));
    assert_eq!(rendered(&pod("p", "  containers:\n  - name: web\n"), &warned).len(), 5);
    // The API server calls the mutating policy before the validating one.
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
fn applies_the_labels_that_the_policy_sets_on_a_namespace() {
    let namespace = |labels: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n  labels: {{{labels}}}\n");
    let options = with_settings(&json!({"defaults": {"enforce": "restricted", "enforce-version": "v1.30"}, "namespaceLabels": "set"}));
    let keep = pod(
        "p",
        "  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, sysctls: [{name: net.ipv4.tcp_keepalive_time}]}\n",
    )
    .replace("metadata:", "metadata:\n  namespace: team");
    let lower = format!("{}: baseline, {}: v1.20", label("enforce"), label("enforce-version"));
    let text = format!("{}---\n{keep}", namespace(&lower));
    // With baseline:v1.20 the sysctl would be forbidden, but the policy replaces these labels.
    assert_lines(
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
    let tightened =
        with_settings(&json!({"defaults": {"enforce": "restricted", "enforce-version": "v1.30"}, "namespaceLabels": "tighten"}));
    let lines = rendered(&text, &tightened);
    assert!(lines[1].ends_with("restricted:v1.30 is enforced all the same"), "{lines:#?}");
    assert_eq!(lines[2], "1 Pod team/p judged Rejected None Suppressed");
    // An invalid label is an error, even if the policy would replace it.
    let invalid = format!("{}: baseline, {}: x, {}: strict", label("enforce"), label("enforce-version"), label("warn"));
    assert_lines(
        &namespace(&invalid),
        &options,
        &[
            "0 Namespace team nopod",
            "  ! `x` metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: \"x\": must be \"latest\" or \"v1.x\"",
            "  ! `strict` metadata.labels[pod-security.kubernetes.io/warn]: Invalid value: \"strict\": must be one of privileged, baseline, restricted",
        ],
    );
    // Typing errors in the names of labels.
    let typo = namespace(&format!("{}: restricted", label("enforced")));
    let warning =
        "label \"pod-security.kubernetes.io/enforced\" means nothing to Pod Security; did you mean \"pod-security.kubernetes.io/enforce\"?";
    for (settings, warns) in [
        (json!({"level": "baseline"}), false),
        (json!({"level": "baseline", "labelTypos": "warn"}), true),
        (json!({"level": "baseline", "namespaceLabels": "tighten"}), true),
        (json!({"level": "baseline", "namespaceLabels": "tighten", "labelTypos": "ignore"}), false),
    ] {
        let report = evaluate(&typo, &with_settings(&settings));
        assert_eq!(report.documents[0].diagnostics.iter().any(|diagnostic| diagnostic.message == warning), warns, "{settings}");
        assert_eq!(report.terminal[0].text == format!("Warning: {warning}"), warns, "{settings}");
    }
}

#[test]
fn warns_of_users_and_groups_that_look_like_patterns() {
    let exemptions = json!({"usernames": ["alice", "system:serviceaccount:ci:*"], "groups": ["*"], "namespacePatterns": ["cattle-*"]});
    let report = evaluate("", &with_settings(&json!({"level": "baseline", "exemptions": exemptions})));
    let warnings: Vec<String> = report.warnings.iter().map(ToString::to_string).collect();
    let no_pattern = "is no pattern: these names are compared as they are, and a '*' stands for itself";
    assert_eq!(
        warnings,
        [
            format!("settings.exemptions.usernames[1]: \"system:serviceaccount:ci:*\" {no_pattern}"),
            format!("settings.exemptions.groups[0]: \"*\" {no_pattern}"),
        ]
    );
}

#[test]
fn the_setting_details_does_not_change_a_report() {
    let text = pod("p", "  hostPID: true\n  containers:\n  - name: web\n");
    let report = |details: bool| evaluate(&text, &with_settings(&json!({"level": "restricted", "details": details})));
    assert_eq!(report(true), report(false));
    assert_eq!(report(true).documents[0].findings.len(), 5);
}
