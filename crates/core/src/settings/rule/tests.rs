//! Tests of the validation of rules.

use serde_json::{Value, json};

use crate::settings::Settings;

/// The errors of a rule, without its path. A missing reason is added.
fn errors_of(settings: Value, rule: Value) -> Vec<String> {
    let mut rule = rule;
    if rule.is_object() && rule.get("reason").is_none() {
        rule["reason"] = json!("why");
    }
    let mut settings = settings;
    settings["exemptions"] = json!({"checks": [rule]});
    match Settings::parse(settings.to_string().as_bytes()) {
        Ok(_) => Vec::new(),
        Err(error) => {
            let text = error.to_string();
            let lines = text.lines().filter(|line| !line.ends_with(" mistakes:"));
            lines
                .map(|line| line.trim_start_matches("- ").replace("exemptions.checks[0].", "").replace("exemptions.checks[0]", "the rule"))
                .collect()
        }
    }
}

#[test]
fn reports_errors_in_a_rule() {
    let empty = "is empty, so that the rule would never hold; leave it out, or name something";
    let label = "must be a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both ends; a '*' stands for any of them";
    let table = [
        (json!({"checks": ["hostPort"]}), vec!["checks[0]: there is no check \"hostPort\"; did you mean \"hostPorts\"?".to_owned()]),
        (json!({"checks": ["hostPorts", "hostPorts"]}), vec!["checks[1]: \"hostPorts\" stands in the list already".to_owned()]),
        (json!({}), vec!["checks: missing; name the checks that the rule is about, such as hostPathVolumes".to_owned()]),
        (json!({"checks": []}), vec!["checks: missing; name the checks that the rule is about, such as hostPathVolumes".to_owned()]),
        (json!({"checks": "hostPorts"}), vec!["checks: must be an array, not \"hostPorts\"".to_owned()]),
        (json!({"checks": ["hostPorts"], "reason": " "}), vec!["reason: missing; say why, for who reads the audit log".to_owned()]),
        (json!({"check": ["hostPorts"], "checks": ["hostPorts"]}), vec!["check: unknown key; did you mean \"checks\"?".to_owned()]),
        (json!({"checks": ["hostPorts"], "namespaces": []}), vec![format!("namespaces: {empty}")]),
        (json!({"checks": ["hostPorts"], "namespaces": null}), vec![format!("namespaces: {empty}")]),
        (json!({"checks": ["hostPorts"], "namespaces": "a"}), vec!["namespaces: must be an array, not \"a\"".to_owned()]),
        (json!({"checks": ["hostPorts"], "containerTypes": []}), vec![format!("containerTypes: {empty}")]),
        (json!({"checks": ["hostPorts"], "containerTypes": null}), vec![format!("containerTypes: {empty}")]),
        (json!({"checks": ["hostPorts"], "namespaces": ["A"]}), vec![format!("namespaces[0]: {label}, not \"A\"")]),
        (json!({"checks": ["hostPorts"], "namespaces": [7]}), vec!["namespaces[0]: must be a string, not 7".to_owned()]),
        (json!({"checks": ["hostPorts"], "values": [true]}), vec!["values[0]: must be a string or a whole number, not true".to_owned()]),
        (json!({"checks": ["hostPorts"], "containers": ["a", "b", "a"]}), vec!["containers[2]: \"a\" stands in the list already".to_owned()]),
        (
            json!({"checks": ["hostPorts"], "containerTypes": ["regulars"]}),
            vec!["containerTypes[0]: there is no type of container \"regulars\"; did you mean \"regular\"?".to_owned()],
        ),
        (
            json!({"checks": ["hostPorts"], "containerTypes": ["sidecar"]}),
            vec!["containerTypes[0]: there is no type of container \"sidecar\"; there are init, regular, ephemeral".to_owned()],
        ),
        (
            json!({"checks": ["hostPorts"], "serviceAccounts": ["system:serviceaccount:a:b"]}),
            vec!["serviceAccounts[0]: is the user that a service account is when it asks for something itself; what is meant here is the \
                  service account that pods run as, written as namespace/name, not \"system:serviceaccount:a:b\"".to_owned()],
        ),
        (json!({"checks": ["hostPorts"], "podSelector": null}), vec!["podSelector: must not be null; leave it out, or select by matchLabels or matchExpressions".to_owned()]),
        (json!({"checks": ["hostPorts"], "podSelector": "app"}), vec!["podSelector: must be an object, not \"app\"".to_owned()]),
        (json!({"checks": ["hostPorts"], "podSelector": {"app": "x"}}), vec!["podSelector.app: unknown key; known here: matchLabels, matchExpressions".to_owned()]),
        (
            json!({"checks": ["hostPorts"], "podSelector": {"matchExpressions": [{"key": "a", "operator": "in", "values": ["b"]}, {"key": "a", "operator": "In"}]}}),
            vec![
                "podSelector.matchExpressions[0].operator: must be one of In, NotIn, Exists, DoesNotExist, not \"in\"; did you mean \"In\"?".to_owned(),
                "podSelector.matchExpressions[1].values: missing; In needs at least one value".to_owned(),
            ],
        ),
        (
            json!({"checks": ["hostPorts"], "podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}, {"key": "a", "operator": "DoesNotExist", "values": ["b"]}]}}),
            vec![
                "podSelector.matchExpressions[0].values: must be left out: Exists asks for the key alone".to_owned(),
                "podSelector.matchExpressions[1].values: must be left out: DoesNotExist asks for the key alone".to_owned(),
            ],
        ),
        (json!({"checks": ["hostPorts"], "usernames": ["alice"], "groups": ["on-call"], "operations": ["UPDATE"], "expires": "2027-03-31"}), vec![]),
        (json!({"checks": ["hostPorts"], "usernames": [], "groups": null}), vec![format!("usernames: {empty}"), format!("groups: {empty}")]),
        (json!({"checks": ["hostPorts"], "operations": []}), vec![format!("operations: {empty}")]),
        (json!({"checks": ["hostPorts"], "operations": null}), vec![format!("operations: {empty}")]),
        (
            json!({"checks": ["hostPorts"], "operations": ["update", "DELETE"]}),
            vec![
                "operations[0]: there is no operation \"update\"; did you mean \"UPDATE\"?".to_owned(),
                "operations[1]: there is no operation \"DELETE\"; there are CREATE, UPDATE".to_owned(),
            ],
        ),
        (
            json!({"checks": ["hostPorts"], "usernames": ["", "team-*", "a", "a"]}),
            vec![
                "usernames[0]: must not be empty, not \"\"".to_owned(),
                "usernames[1]: cannot hold a '*', for names are compared as they are, not \"team-*\"".to_owned(),
                "usernames[3]: \"a\" stands in the list already".to_owned(),
            ],
        ),
        (
            json!({"checks": ["hostPorts"], "groups": ["system:authenticated", "*"]}),
            vec![
                "groups[0]: every user is in this group, so that it is no condition; leave it out, or name another group, not \"system:authenticated\""
                    .to_owned(),
                "groups[1]: cannot hold a '*', for names are compared as they are, not \"*\"".to_owned(),
            ],
        ),
        (
            json!({"checks": ["hostPorts"], "groups": ["system:serviceaccounts:kube-system"]}),
            vec!["groups[0]: the controllers that create the pods of workloads are in this group, so whoever may create a workload would be \
                  exempt; for the service accounts that pods run as there is serviceAccounts, not \"system:serviceaccounts:kube-system\"".to_owned()],
        ),
        // An expired rule is no mistake: the policy goes on.
        (json!({"checks": ["hostPorts"], "expires": "2000-01-01"}), vec![]),
        (json!({"checks": ["hostPorts"], "expires": "2027-02-30"}), vec!["expires: must be a day that the calendar has, not \"2027-02-30\"".to_owned()]),
        (json!({"checks": ["hostPorts"], "expires": "31.3.2027"}), vec!["expires: must be a date of the form 2027-03-31, not \"31.3.2027\"".to_owned()]),
        (json!({"checks": ["hostPorts"], "expires": ""}), vec!["expires: must be a date of the form 2027-03-31, not \"\"".to_owned()]),
        (json!({"checks": ["hostPorts"], "expires": null}), vec!["expires: must be a date of the form 2027-03-31, not \"\"".to_owned()]),
        (json!({"checks": ["hostPorts"], "expires": 20270331}), vec!["expires: must be a date of the form 2027-03-31, not 20270331".to_owned()]),
        (json!(7), vec!["the rule: must be an object, not 7".to_owned()]),
    ];
    for (rule, expected) in table {
        assert_eq!(errors_of(json!({"level": "restricted"}), rule.clone()), expected, "{rule}");
    }
}

#[test]
fn reports_conditions_that_no_finding_can_meet() {
    let pod_alone = |key: &str, id: &str| {
        format!("{key}: can never hold for {id}, which looks at the pod and not at its containers; give {id} a rule without it")
    };
    let empty = "is empty, so that the rule would never hold; leave it out, or name something";
    let directory = "must be an absolute path of the node, such as /var/log, without '*', '.', '..' and empty segments; paths below it \
                     are included";
    let read_only = "readOnly: must be true; to allow writable mounts, leave it out";
    let no_volumes =
        |key: &str, id: &str| format!("{key}: can never hold for {id}, which does not look at volumes; give {id} a rule without it");
    let no_values =
        |id: &str| format!("values: can never hold for {id}, whose findings have no values to choose from; give {id} a rule without it");
    let table = [
        (json!({"checks": ["hostNamespaces"], "containers": ["a"]}), vec![pod_alone("containers", "hostNamespaces")]),
        (
            json!({"checks": ["hostPathVolumes"], "containerTypes": ["init"], "images": ["i"]}),
            vec![pod_alone("containerTypes", "hostPathVolumes"), pod_alone("images", "hostPathVolumes")],
        ),
        (json!({"checks": ["privileged", "sysctls"], "images": ["i"]}), vec![pod_alone("images", "sysctls")]),
        (json!({"checks": ["privileged"], "values": ["true"]}), vec![no_values("privileged")]),
        (json!({"checks": ["capabilities_restricted", "runAsNonRoot"], "values": ["NET_RAW"]}), vec![no_values("runAsNonRoot")]),
        (
            json!({"checks": ["hostNamespaces"], "values": ["true"]}),
            vec!["values[0]: \"true\" is no value that hostNamespaces can find".to_owned()],
        ),
        (
            json!({"checks": ["restrictedVolumes", "hostPorts"], "values": ["/proc", "nfs", 80, "configMap"]}),
            vec![
                "values[0]: \"/proc\" is no value that hostPorts or restrictedVolumes can find".to_owned(),
                "values[3]: \"configMap\" is no value that hostPorts or restrictedVolumes can find".to_owned(),
            ],
        ),
        (
            json!({"checks": ["hostPorts"], "values": [0, "080", 65536, "http", 65535]}),
            vec![
                "values[0]: \"0\" is no value that hostPorts can find".to_owned(),
                "values[1]: \"080\" is no value that hostPorts can find".to_owned(),
                "values[2]: \"65536\" is no value that hostPorts can find".to_owned(),
                "values[3]: \"http\" is no value that hostPorts can find".to_owned(),
            ],
        ),
        (
            json!({"checks": ["hostPathVolumes"], "values": ["/var/*", ""]}),
            vec![
                "values[0]: cannot hold a '*', for values are compared as they are, not \"/var/*\"".to_owned(),
                "values[1]: must not be empty, not \"\"".to_owned(),
            ],
        ),
        // Paths of the node are absolute, on Windows too.
        (
            json!({"checks": ["hostPathVolumes"], "values": ["var/log", "/var/log", "C:\\logs", "\\\\.\\pipe\\docker_engine", "./x"]}),
            vec![
                "values[0]: \"var/log\" is no value that hostPathVolumes can find; paths of the node are absolute, such as /var/log"
                    .to_owned(),
                "values[4]: \"./x\" is no value that hostPathVolumes can find; paths of the node are absolute, such as /var/log".to_owned(),
            ],
        ),
        (
            json!({"checks": ["hostPathVolumes", "restrictedVolumes"], "values": ["var/log", "nfs", "/"]}),
            vec!["values[0]: \"var/log\" is no value that hostPathVolumes or restrictedVolumes can find".to_owned()],
        ),
        (
            json!({"checks": ["hostPathVolumes"], "values": ["/proc", "/var/log/"], "pathPrefixes": ["/var"]}),
            vec!["values[0]: \"/proc\" is in none of pathPrefixes, and both must hold; give it a rule of its own".to_owned()],
        ),
        // Conditions on volumes.
        (
            json!({"checks": ["hostPathVolumes"], "pathPrefixes": ["var/log", "/", "/var/*", "/var/../etc", "/var//log", "/./var", "/ok/", "/a.b", "", "//"]}),
            vec![
                format!("pathPrefixes[0]: {directory}, not \"var/log\""),
                "pathPrefixes[1]: has every path of the node in it; to allow all, leave pathPrefixes out; to allow some, name a directory, \
                 not \"/\""
                    .to_owned(),
                format!("pathPrefixes[2]: {directory}, not \"/var/*\""),
                format!("pathPrefixes[3]: {directory}, not \"/var/../etc\""),
                format!("pathPrefixes[4]: {directory}, not \"/var//log\""),
                format!("pathPrefixes[5]: {directory}, not \"/./var\""),
                format!("pathPrefixes[8]: {directory}, not \"\""),
                format!("pathPrefixes[9]: {directory}, not \"//\""),
            ],
        ),
        (json!({"checks": ["hostPathVolumes"], "pathPrefixes": []}), vec![format!("pathPrefixes: {empty}")]),
        (json!({"checks": ["hostPathVolumes"], "pathPrefixes": null}), vec![format!("pathPrefixes: {empty}")]),
        (json!({"checks": ["hostPathVolumes"], "pathPrefixes": "/a"}), vec!["pathPrefixes: must be an array, not \"/a\"".to_owned()]),
        (
            json!({"checks": ["hostPathVolumes"], "pathPrefixes": ["/a", "/a"]}),
            vec!["pathPrefixes[1]: \"/a\" stands in the list already".to_owned()],
        ),
        (json!({"checks": ["hostPathVolumes"], "readOnly": false}), vec![read_only.to_owned()]),
        (json!({"checks": ["hostPathVolumes"], "readOnly": null}), vec![read_only.to_owned()]),
        (json!({"checks": ["hostPathVolumes"], "readOnly": "true"}), vec!["readOnly: must be true, not \"true\"".to_owned()]),
        (
            json!({"checks": ["privileged", "hostPathVolumes", "hostPorts"], "readOnly": true, "pathPrefixes": ["/a"]}),
            vec![
                no_volumes("pathPrefixes", "hostPorts"),
                no_volumes("readOnly", "hostPorts"),
                no_volumes("pathPrefixes", "privileged"),
                no_volumes("readOnly", "privileged"),
            ],
        ),
        (json!({"checks": ["restrictedVolumes"], "values": ["nfs"], "readOnly": true}), vec![]),
        (json!({"checks": ["restrictedVolumes", "hostPathVolumes"], "pathPrefixes": ["/var/log"], "readOnly": true}), vec![]),
        // Conditions that findings can meet.
        (
            json!({"checks": ["hostPorts"], "podSelector": {"matchLabels": {"a.b/c": ""}, "matchExpressions": [
                {"key": "a", "operator": "In", "values": ["b", ""]}, {"key": "a", "operator": "NotIn", "values": ["b"]},
                {"key": "a", "operator": "Exists"}, {"key": "a", "operator": "DoesNotExist", "values": []},
            ]}}),
            vec![],
        ),
        (json!({"checks": ["hostNamespaces"], "values": ["hostPID"]}), vec![]),
        (json!({"checks": ["hostPathVolumes", "restrictedVolumes"], "values": ["/proc"]}), vec![]),
        (json!({"checks": ["hostPorts"], "values": [80, "8080"]}), vec![]),
        (json!({"checks": ["seccompProfile_baseline", "capabilities_baseline", "procMount"], "containers": ["*"]}), vec![]),
        (json!({"checks": ["appArmorProfile", "seLinuxOptions", "hostProbesAndHostLifecycle"], "values": ["x"], "images": ["*"]}), vec![]),
    ];
    for (rule, expected) in table {
        assert_eq!(errors_of(json!({"level": "restricted"}), rule.clone()), expected, "{rule}");
    }
}

#[test]
fn reports_checks_that_never_run_unless_labels_can_change_the_policy() {
    let rule = |id: &str| json!({"checks": [id]});
    let never_runs = |id: &str, level: &str, since: &str, levels: &str| {
        vec![format!(
            "checks: {id} never runs: it is a check of {level} from {since} on, and the settings enforce, audit and warn of {levels}"
        )]
    };
    let baseline = "baseline:latest, baseline:latest, baseline:latest";
    assert_eq!(errors_of(json!({"level": "baseline"}), rule("runAsNonRoot")), never_runs("runAsNonRoot", "restricted", "v1.0", baseline));
    let old = "restricted:v1.21, restricted:v1.21, restricted:v1.21";
    let settings = json!({"level": "restricted", "version": "v1.21"});
    assert_eq!(
        errors_of(settings.clone(), rule("capabilities_restricted")),
        never_runs("capabilities_restricted", "restricted", "v1.22", old)
    );
    assert_eq!(errors_of(settings, rule("hostPathVolumes")), [""; 0]);
    let modes = json!({"defaults": {"enforce": "baseline", "warn": "restricted"}});
    assert_eq!(errors_of(modes, rule("runAsNonRoot")), [""; 0]);
    let privileged = "privileged:latest, privileged:latest, privileged:latest";
    assert_eq!(errors_of(json!({"level": "privileged"}), rule("hostPorts")), never_runs("hostPorts", "baseline", "v1.0", privileged));
    for labels in ["honor", "tighten", "set"] {
        assert_eq!(errors_of(json!({"level": "baseline", "namespaceLabels": labels}), rule("runAsNonRoot")), [""; 0], "{labels}");
    }
    // Before 1.19 the check read annotations, which are about containers, too.
    let annotations = json!({"level": "baseline", "version": "v1.18"});
    assert_eq!(errors_of(annotations, json!({"checks": ["seccompProfile_baseline"], "containers": ["a"]})), [""; 0]);
    // With an invalid policy only the error in the policy is reported.
    assert_eq!(errors_of(json!({"level": "base"}), rule("runAsNonRoot")).len(), 1);
}
