//! The policy of the README, and the settings in the policy.

use proptest::prelude::*;
use serde_json::{Value, json};

use pss_core::json::FieldError;
use pss_core::settings::Settings;

use crate::OptionError;

/// The policy for settings.
fn policy(settings: &Value) -> String {
    let text = settings.to_string();
    match Settings::parse(text.as_bytes()) {
        Ok(settings) => super::policy(&settings),
        Err(error) => super::errors_as_comment(&error.into_errors().into_iter().map(option_error).collect::<Vec<_>>()),
    }
}

/// An error in the settings, with its path in the options.
fn option_error(error: FieldError) -> OptionError {
    OptionError { path: format!("settings.{}", error.path), message: error.message, span: None }
}

#[test]
fn renders_the_policy_of_the_readme() {
    let readme = include_str!("../../../../README.md");
    let block = readme.split_once("```yaml test: policy\n").unwrap().1.split("```").next().unwrap();
    let defaults = json!({"enforce": "baseline", "audit": "restricted", "warn": "restricted"});
    let settings = json!({"defaults": defaults, "exemptions": {"namespaces": ["kube-system"]}, "namespaceLabels": "honor"});
    assert_eq!(policy(&settings), block);
}

#[test]
fn writes_only_settings_that_are_set() {
    let start = "    io.kubewarden.policy.category: Pod Security\nspec:\n  module: registry://ghcr.io/pod-security-standards/policies/pod-security-standards:v0.1.0\n  mutating: false\n  settings:\n";
    let rules = "  rules:\n    - apiGroups: [\"\"]\n      apiVersions: [v1]\n      resources: [pods]\n      operations: [CREATE, UPDATE]\n";
    let table = [
        (json!({"level": "restricted"}), "    level: restricted\n"),
        (json!({"level": "baseline", "version": "v1.34"}), "    level: baseline\n    version: v1.34\n"),
        (json!({"level": "baseline", "version": "latest"}), "    level: baseline\n"),
        (
            json!({"defaults": {"enforce": "baseline", "enforce-version": "v1.34", "warn": "restricted", "warn-version": "v1.99"}}),
            "    defaults:\n      enforce: baseline\n      enforce-version: v1.34\n      audit: privileged\n      warn: restricted\n      \
             warn-version: v1.99\n",
        ),
        (
            json!({
                "level": "restricted", "workloads": "enforce",
                "exemptions": {
                    "usernames": ["system:admin", "alice", "yes", "a, b", "a\"b\\c"],
                    "runtimeClassNames": ["gvisor", "kata"], "namespaces": [],
                },
            }),
            "    level: restricted\n    exemptions:\n      usernames: [\"system:admin\", alice, \"yes\", \"a, b\", \"a\\\"b\\\\c\"]\n      \
             runtimeClasses: [gvisor, kata]\n    workloads: enforce\n",
        ),
        (
            json!({"level": "restricted", "labelTypos": "ignore", "workloads": "enforce", "updates": "allow-existing", "details": true}),
            "    level: restricted\n    workloads: enforce\n    updates: allow-existing\n    details: true\n",
        ),
        (json!({"level": "restricted", "updates": "judge", "harden": [], "details": false, "help": ""}), "    level: restricted\n"),
        (json!({"level": "restricted", "help": "#platform: \"ask\""}), "    level: restricted\n    help: \"#platform: \\\"ask\\\"\"\n"),
        (
            json!({"level": "baseline", "exemptions": {"groups": ["ops", "system:masters"], "serviceAccounts": ["a/b"], "namespacePatterns": ["c-*"], "checks": [
                {"checks": ["hostPorts"], "values": [80, "443"], "images": ["a/b:*"], "containers": ["web"], "containerTypes": ["regular", "init"], "reason": "Serves.\nReally."},
                {"reason": "why", "checks": ["hostPathVolumes", "privileged"], "namespaces": ["x", "y-*"], "serviceAccounts": ["x/y"], "podSelector": {}},
                {"checks": ["sysctls"], "expires": "2027-03-31", "operations": ["UPDATE", "CREATE"], "groups": ["on-call"], "usernames": ["a", "b@c"], "reason": "r"},
                {"checks": ["hostPathVolumes"], "pathPrefixes": ["/var/log", "/opt/a b"], "readOnly": true, "reason": "logs"},
                {"checks": ["hostNamespaces"], "reason": "no", "podSelector": {
                    "matchLabels": {"app.kubernetes.io/name": "a", "b": ""},
                    "matchExpressions": [{"key": "c", "operator": "In", "values": ["d", "1"]}, {"key": "e", "operator": "Exists"}],
                }},
            ]}}),
            r#"    level: baseline
    exemptions:
      groups: [ops, "system:masters"]
      serviceAccounts: [a/b]
      namespacePatterns: ["c-*"]
      checks:
        - checks: [hostPorts]
          values: ["80", "443"]
          containers: [web]
          containerTypes: [init, regular]
          images: ["a/b:*"]
          reason: "Serves.\nReally."
        - checks: [hostPathVolumes, privileged]
          namespaces: [x, "y-*"]
          podSelector: {}
          serviceAccounts: [x/y]
          reason: why
        - checks: [sysctls]
          usernames: [a, "b@c"]
          groups: [on-call]
          operations: [CREATE, UPDATE]
          expires: "2027-03-31"
          reason: r
        - checks: [hostPathVolumes]
          pathPrefixes: ["/var/log", "/opt/a b"]
          readOnly: true
          reason: logs
        - checks: [hostNamespaces]
          podSelector: {matchLabels: {app.kubernetes.io/name: a, b: ""}, matchExpressions: [{key: c, operator: In, values: [d, "1"]}, {key: e, operator: Exists}]}
          reason: "no"
"#,
        ),
    ];
    for (settings, expected) in table {
        let policy = policy(&settings);
        let (_, settings_in_yaml) = policy.split_once(start).unwrap_or_else(|| panic!("{policy}"));
        assert_eq!(settings_in_yaml.split_once(rules).unwrap_or_else(|| panic!("{policy}")).0, expected);
        assert!(
            !policy.contains("namespaces]") && !policy.contains("contextAwareResources"),
            "only what reads labels needs these\n{policy}"
        );
    }
}

/// The name of a policy, whether it mutates, whether it has a rule for namespaces, and the kinds that it reads.
fn requirements(policy: &Value) -> (String, bool, bool, Vec<&str>) {
    let spec = &policy["spec"];
    let rules = spec["rules"].as_array().unwrap();
    let reads = spec["contextAwareResources"].as_array().map_or(&[][..], Vec::as_slice);
    (
        policy["metadata"]["name"].as_str().unwrap().to_owned(),
        spec["mutating"].as_bool().unwrap(),
        rules.iter().any(|rule| rule["resources"] == json!(["namespaces"]) && rule["operations"] == json!(["CREATE", "UPDATE"])),
        reads.iter().map(|one| one["kind"].as_str().unwrap()).collect(),
    )
}

/// The documents of a policy as JSON.
fn documents(policy: &str) -> Vec<Value> {
    let documents = pss_manifest::documents(policy);
    documents.iter().map(|document| document.content.as_ref().unwrap().to_json()).collect()
}

#[test]
fn has_the_rules_and_resources_that_the_settings_need() {
    let selector = json!({"matchLabels": {"a": "b"}});
    let one = |namespaces, reads: &[&'static str]| vec![("pod-security-standards".to_owned(), false, namespaces, reads.to_vec())];
    let two = |namespaces, reads: &[&'static str]| {
        let mutating = ("pod-security-standards-harden".to_owned(), true, namespaces, reads.to_vec());
        [vec![mutating], one(namespaces, reads)].concat()
    };
    let workloads = ["Namespace", "Pod", "CronJob", "Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet", "ReplicationController"];
    let table = [
        (json!({}), one(false, &[])),
        (json!({"labelTypos": "warn"}), one(true, &[])),
        (json!({"exemptions": {"namespaceSelector": selector}}), one(false, &["Namespace"])),
        (json!({"exemptions": {"namespaceSelector": selector}, "labelTypos": "warn"}), one(true, &["Namespace"])),
        (json!({"namespaceLabels": "honor"}), one(true, &["Namespace", "Pod"])),
        (json!({"namespaceLabels": "tighten", "labelTypos": "ignore"}), one(true, &["Namespace", "Pod"])),
        (json!({"namespaceLabels": "honor", "existing": "pods"}), one(true, &["Namespace", "Pod"])),
        (json!({"namespaceLabels": "honor", "existing": "workloads"}), one(true, &workloads)),
        (json!({"namespaceLabels": "set", "existing": "workloads"}), two(true, &workloads)),
        (json!({"namespaceLabels": "set"}), two(true, &["Namespace", "Pod"])),
        (json!({"harden": ["runAsNonRoot"]}), two(false, &[])),
        (json!({"harden": ["runAsNonRoot"], "namespaceLabels": "honor"}), two(true, &["Namespace", "Pod"])),
    ];
    for (mut settings, expected) in table {
        settings["level"] = json!("restricted");
        let yaml = policy(&settings);
        let documents = documents(&yaml);
        assert_eq!(documents.iter().map(requirements).collect::<Vec<_>>(), expected, "{yaml}");
        // The audit scanner does not mutate objects.
        for document in &documents {
            let scans = document["spec"].get("backgroundAudit").is_none();
            assert_eq!(scans, document["spec"]["mutating"] == json!(false), "{yaml}");
        }
    }
}

#[test]
fn renders_errors_in_settings_as_a_comment() {
    let yaml = policy(&json!({"level": "Restricted", "exemptions": {"namespace": [], "usernames": ["a", "a"]}}));
    let lines: Vec<&str> = yaml.lines().collect();
    assert_eq!(lines[0], "# There is no policy yet, for these settings cannot be used:");
    assert!(lines[1].starts_with("# - settings.exemptions.namespace: unknown key; did you mean \"namespaces\"?"), "{yaml}");
    assert!(lines.len() == 4 && lines[2..].iter().all(|line| line.starts_with("# - settings.")), "{yaml}");
}

/// Names with a special meaning in YAML, and arbitrary ones.
fn names() -> impl Strategy<Value = Vec<String>> {
    let special = vec![
        "y",
        "No",
        "on",
        "null",
        "~",
        "1",
        "0x1f",
        "1e3",
        ".inf",
        "2024-01-01",
        "- a",
        "a: b",
        "a #b",
        "]",
        "[a",
        "{a}",
        "*a",
        "&a",
        "!!int 1",
        "|",
        ">-",
        "%a",
        "@a",
        "`a",
        "'a'",
        "\"",
        "\\",
        "a\nb",
        "\n---\nkind: x",
        "a\r\n# b",
        "\u{85}",
        "\u{2028}x",
        "\u{2029}",
        "\u{feff}",
        "\u{7f}",
        "\u{9f}",
        "\0",
        "\t",
        " a ",
        "😀",
        "é",
        "\u{fffe}",
        "<<",
        "=",
    ];
    let name = prop_oneof![prop::sample::select(special).prop_map(str::to_owned), any::<String>(), "[a-z0-9-]{1,6}"];
    prop::collection::btree_set(name, 0..5).prop_map(|names| names.into_iter().filter(|name| !name.is_empty()).collect())
}

fn mode() -> impl Strategy<Value = (&'static str, &'static str)> {
    (
        prop::sample::select(vec!["privileged", "baseline", "restricted", ""]),
        prop::sample::select(vec!["latest", "v1.0", "v1.34", "v1.99", ""]),
    )
}

/// A subset of names in any order.
fn subset(names: &[&'static str]) -> impl Strategy<Value = Vec<&'static str>> + use<> {
    let count = names.len();
    prop::sample::subsequence(names.to_vec(), 0..=count).prop_shuffle()
}

/// A label selector, or none.
fn selector() -> impl Strategy<Value = Option<Value>> {
    let labels = subset(&["a", "app.kubernetes.io/name", "1", "true", "A_b"]);
    let requirement = (prop::sample::select(vec!["In", "NotIn", "Exists", "DoesNotExist"]), subset(&["", "x", "1", "yes", "a.b_c", "1e3"]));
    let requirements = prop::collection::vec(requirement, 0..3);
    prop::option::of((labels, requirements, prop::sample::select(vec!["", "1", "no", "0x1f", "x.y"])).prop_map(
        |(labels, requirements, value)| {
            let requirements: Vec<Value> = requirements
                .into_iter()
                .map(|(operator, mut values)| {
                    if !operator.ends_with("In") {
                        return json!({"key": "k", "operator": operator});
                    }
                    values.push("last");
                    json!({"key": "k/k", "operator": operator, "values": values})
                })
                .collect();
            let labels: serde_json::Map<_, _> = labels.into_iter().map(|key| (key.to_owned(), json!(value))).collect();
            json!({"matchLabels": labels, "matchExpressions": requirements})
        },
    ))
}

/// A rule, which is invalid if no finding of its checks can meet its conditions.
fn rule() -> impl Strategy<Value = Value> {
    let checks = prop_oneof![
        subset(&["hostPorts", "capabilities_baseline", "capabilities_restricted", "hostProbesAndHostLifecycle"]),
        subset(&["hostPathVolumes", "hostNamespaces", "sysctls", "privileged", "runAsNonRoot"]),
    ];
    let values =
        prop::option::of(prop::sample::subsequence(vec![json!(80), json!("0x50"), json!("yes"), json!("NET_ADMIN"), json!(-1)], 1..4));
    let names = |names| prop::option::of(subset(names));
    let conditions = (
        names(&["default", "a-*", "*", "1"]),
        names(&["a/b", "default/default"]),
        names(&["web", "*-proxy", "*"]),
        names(&["init", "regular", "ephemeral"]),
        names(&["*", "quay.io/a/b:*", "a@sha256:0", "[a]"]),
    );
    let circumstances = (
        names(&["alice", "yes", "1", "a: b"]),
        names(&["on-call", "null", "system:masters"]),
        names(&["CREATE", "UPDATE"]),
        prop::option::of(prop::sample::select(vec!["2027-03-31", "2000-02-29", "0001-01-01"])),
    );
    let conditions = (conditions, circumstances);
    (checks, selector(), values, conditions, any::<String>()).prop_map(|(checks, selector, values, conditions, reason)| {
        let ((namespaces, accounts, containers, types, images), (users, groups, operations, expires)) = conditions;
        let mut rule = json!({"checks": checks, "reason": format!("r{reason}")});
        if let Some(expires) = expires {
            rule["expires"] = json!(expires);
        }
        let keys = ["namespaces", "serviceAccounts", "containers", "containerTypes", "images", "usernames", "groups", "operations"];
        for (key, names) in keys.into_iter().zip([namespaces, accounts, containers, types, images, users, groups, operations]) {
            // An empty list is an error.
            if let Some(names) = names.filter(|names| !names.is_empty()) {
                rule[key] = json!(names);
            }
        }
        for (key, value) in [("podSelector", selector), ("values", values.map(|values| json!(values)))] {
            if let Some(value) = value {
                rule[key] = value;
            }
        }
        rule
    })
}

/// Exemptions.
fn exemptions() -> impl Strategy<Value = Value> {
    let lists = (
        names(),
        names(),
        subset(&["a/b", "c/d.e"]),
        subset(&["kube-system", "1a", "yes"]),
        subset(&["c-*", "*-c", "x"]),
        subset(&["gvisor", "1.2"]),
    );
    (lists, any::<bool>(), selector(), prop::collection::vec(rule(), 0..3)).prop_map(|(lists, is_old, selector, rules)| {
        let (usernames, groups, accounts, namespaces, patterns, classes) = lists;
        let mut exemptions = json!({
            "usernames": usernames, "groups": groups, "serviceAccounts": accounts, "namespaces": namespaces, "namespacePatterns": patterns,
            "checks": rules,
        });
        exemptions[if is_old { "runtimeClassNames" } else { "runtimeClasses" }] = json!(classes);
        if let Some(selector) = selector {
            exemptions["namespaceSelector"] = selector;
        }
        exemptions
    })
}

/// Settings other than modes and exemptions.
fn other_settings() -> impl Strategy<Value = Value> {
    let of = |keywords: &[&'static str]| prop::option::of(prop::sample::select(keywords.to_vec()));
    let harden = subset(&["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"]);
    let choices =
        (of(&["ignore", "honor", "tighten", "set"]), of(&["ignore", "warn"]), of(&["warn", "enforce"]), of(&["judge", "allow-existing"]));
    let choices = (choices, of(&["pods", "workloads"]));
    let harden = (harden, prop::option::of(1..70_000_i64));
    let help = prop::option::of(prop::sample::select(vec!["https://wiki.example/a?b=c#d", "#platform", "yes", "a: \"b\"", "- x", ""]));
    let details = (prop::option::of(any::<bool>()), help);
    (choices, details, harden).prop_map(|(((labels, typos, workloads, updates), existing), (details, help), (harden, user))| {
        let mut settings = json!({});
        // With labels that are ignored, `existing: workloads` is an error.
        let existing = existing.filter(|existing| *existing == "pods" || labels.is_some_and(|labels| labels != "ignore"));
        for (key, value) in
            [("namespaceLabels", labels), ("labelTypos", typos), ("workloads", workloads), ("updates", updates), ("existing", existing)]
        {
            if let Some(value) = value {
                settings[key] = json!(value);
            }
        }
        if let Some(details) = details {
            settings["details"] = json!(details);
        }
        if let Some(help) = help {
            settings["help"] = json!(help);
        }
        if !harden.is_empty() {
            settings["harden"] = match user {
                Some(user) => json!({"checks": harden, "runAsUser": user}),
                None => json!(harden),
            };
        }
        settings
    })
}

proptest! {
    #[test]
    fn the_policy_has_equivalent_settings(
        modes in (mode(), mode(), mode()), short in any::<bool>(), mut settings in other_settings(), exemptions in exemptions(),
    ) {
        let ((enforce, enforce_version), (audit, audit_version), (warn, warn_version)) = modes;
        settings["exemptions"] = exemptions;
        if short {
            settings["level"] = json!(enforce);
            settings["version"] = json!(enforce_version);
        } else {
            settings["defaults"] = json!({
                "enforce": enforce, "enforce-version": enforce_version, "audit": audit, "audit-version": audit_version,
                "warn": warn, "warn-version": warn_version,
            });
        }
        let json = settings.to_string();
        let yaml = policy(&settings);
        let documents = documents(&yaml);
        let parsed = |settings: &Value| {
            // An alias.
            let json = settings.to_string().replace("runtimeClassNames", "runtimeClasses");
            Settings::parse(json.as_bytes()).map(|settings| format!("{settings:?}"))
        };
        for (text, document) in yaml.split("\n---\n").zip(&documents) {
            // Another YAML parser returns the same document.
            let other: Value = serde_norway::from_str(text).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
            prop_assert_eq!(&other, document);
        }
        if Settings::parse(json.as_bytes()).is_err() {
            prop_assert_eq!(documents, [Value::Null]);
            return Ok(());
        }
        let alone = super::settings_yaml(&Settings::parse(json.as_bytes()).unwrap());
        let parsed_alone: Value = serde_norway::from_str(&alone).unwrap_or_else(|error| panic!("{error}\n{alone}"));
        prop_assert_eq!(parsed(&parsed_alone), parsed(&settings), "{}", alone);
        let mutates = settings.get("harden").is_some() || settings["namespaceLabels"] == json!("set");
        prop_assert_eq!(documents.len(), if mutates { 2 } else { 1 }, "{}", yaml);
        if mutates {
            prop_assert_eq!(parsed(&documents[0]["spec"]["settings"]), parsed(&settings), "{}", yaml);
            // The other policy validates the result, and does not mutate.
            settings.as_object_mut().unwrap().remove("harden");
            if settings["namespaceLabels"] == json!("set") {
                settings["namespaceLabels"] = json!("tighten");
            }
        }
        prop_assert_eq!(parsed(&documents[documents.len() - 1]["spec"]["settings"]), parsed(&settings), "{}", yaml);
    }
}
