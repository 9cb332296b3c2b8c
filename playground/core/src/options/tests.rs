//! What is wrong with options: all of it at once, each with its place.

use serde_json::{Value, json};

use proptest::prelude::*;

use crate::api;
use crate::report::{OptionError, Range};

/// Each mistake as `path: message`.
fn mistakes(options: &str) -> Vec<String> {
    let report = api::evaluate("kind: Pod\napiVersion: v1\nmetadata: {name: a}\n", options);
    assert_eq!(report.errors.is_empty(), !report.documents.is_empty(), "nothing is judged by options with mistakes: {report:#?}");
    assert_eq!(report.errors.is_empty(), !report.terminal.is_empty());
    report.errors.iter().map(|mistake| format!("{}: {}", mistake.path, mistake.message)).collect()
}

#[test]
fn options_without_a_mistake() {
    for options in [
        json!({"settings": {"level": "restricted"}}),
        json!({"settings": {"level": "restricted"}, "namespace": "", "namespaceLabels": {}, "user": "", "admission": "builtIn"}),
        json!({"settings": {"level": "restricted"}, "namespace": null, "namespaceLabels": null, "user": null, "admission": null}),
        json!({"settings": {"defaults": {}, "namespaceLabels": "honor"}, "admission": "kubewarden"}),
    ] {
        assert_eq!(mistakes(&options.to_string()), [] as [&str; 0], "{options}");
    }
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let level = json!({"level": "restricted"});
    let table: [(Value, &[&str]); 7] = [
        (json!({}), &["settings.level: missing; set level to one of"]),
        (json!([]), &[": must be an object, not an array"]),
        (json!({"settings": 1}), &["settings: must be an object, not 1"]),
        (
            json!({"settings": level, "namespaces": "a", "namespaceLabel": {}, "User": "x", "zebra": 1}),
            &[
                "namespaces: unknown key; did you mean \"namespace\"?",
                "namespaceLabel: unknown key; did you mean \"namespaceLabels\"?",
                "User: unknown key; did you mean \"user\"?",
                "zebra: unknown key",
            ],
        ),
        (
            json!({"settings": level, "namespace": 1, "namespaceLabels": {"pod-security.kubernetes.io/warn": 2, "d": null}, "user": [], "admission": "builtin"}),
            &[
                "namespace: must be a string, not 1",
                "namespaceLabels[pod-security.kubernetes.io/warn]: must be a string, not 2",
                "user: must be a string, not an array",
                "admission: must be one of builtIn, kubewarden, not \"builtin\"",
            ],
        ),
        (
            json!({"settings": {"level": "Restricted", "version": "1.34", "workload": "enforce"}}),
            &[
                "settings.workload: unknown key; did you mean \"workloads\"?",
                "settings.level: must be one of privileged, baseline, restricted, not \"Restricted\"; did you mean \"restricted\"?",
                "settings.version: must be \"latest\" or a minor version of Kubernetes such as \"v1.34\", not \"1.34\"",
            ],
        ),
        (json!({"settings": {"defaults": {"warn": "privileged"}}}), &["settings.defaults: every mode is privileged"]),
    ];
    for (options, expected) in table {
        // The order of the keys is that of the text.
        let got = mistakes(&options.to_string());
        assert_eq!(got.len(), expected.len(), "{got:#?}");
        for expected in expected {
            assert!(got.iter().any(|mistake| mistake.starts_with(expected)), "{expected} is not in {got:#?}");
        }
    }
    for broken in ["", " ", "{", "settings: {}", "{\"settings\": {\"level\": \"baseline\"}} x", "nul"] {
        assert_eq!(mistakes(broken).len(), 1, "{broken}");
    }
    let twice = r#"{"settings": {"level": "baseline"}, "settings": {"level": "restricted"}}"#;
    assert_eq!(mistakes(twice), [": \"settings\" stands here a second time, after line 1; this one counts"]);
}

#[test]
fn labels_that_are_none_are_odd_but_no_mistake() {
    let labels = json!({
        "pod-security.kubernetes.io/enforce": "strict", "pod-security.kubernetes.io/warn-version": "1.34", "other": "x",
    });
    let report = |settings: Value| api::evaluate("", &json!({"settings": settings, "namespaceLabels": labels}).to_string());
    let honored = report(json!({"defaults": {}, "namespaceLabels": "honor"}));
    let odd: Vec<_> = honored.warnings.iter().map(|odd| (odd.path.as_str(), odd.message.as_str())).collect();
    assert_eq!(
        odd,
        [
            (
                "namespaceLabels[pod-security.kubernetes.io/enforce]",
                "metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"strict\": must be one of privileged, baseline, restricted"
            ),
            (
                "namespaceLabels[pod-security.kubernetes.io/warn-version]",
                "metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"1.34\": must be \"latest\" or \"v1.x\""
            ),
        ]
    );
    assert_eq!(report(json!({"level": "baseline"})).warnings, []);
}

/// The mistakes of further settings, each with what is marked in their text.
fn wrong(settings: Value, more: &str) -> Vec<String> {
    let report = api::evaluate("", &json!({"settings": settings, "more": more}).to_string());
    let units: Vec<u16> = more.encode_utf16().collect();
    let marked = |range: Range| String::from_utf16(&units[range.start.offset..range.end.offset]).unwrap();
    let tell = |mistake: &OptionError| {
        let marked = mistake.range.map_or_else(|| "-".to_owned(), |range| format!("`{}`", marked(range)));
        format!("{} {marked} {}", mistake.path, mistake.message.split([';', ',']).next().unwrap())
    };
    report.errors.iter().map(tell).collect()
}

#[test]
fn further_settings_are_put_over_the_others() {
    let settings = json!({"level": "restricted", "exemptions": {"usernames": ["a"]}});
    let policy = |more: &str| api::policy(&json!({"settings": settings, "more": more}).to_string());
    for (more, expected) in [
        ("", "  level: restricted\n    exemptions:\n      usernames: [a]\n  rules"),
        ("# nothing\n---\n", "  level: restricted\n    exemptions:\n      usernames: [a]\n  rules"),
        (
            "details: true\nexemptions: {usernames: [b], namespaces: [c]}\n",
            "exemptions:\n      usernames: [a, b]\n      namespaces: [c]\n    details: true",
        ),
        ("{\"level\": \"baseline\", \"version\": \"v1.30\"}", "  level: baseline\n    version: v1.30\n    exemptions:"),
        ("defaults: {enforce: baseline}", "  defaults:\n      enforce: baseline\n      audit: privileged\n      warn: privileged\n"),
        (
            "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {warn: restricted}\nexemptions: {}\n",
            "  defaults:\n      enforce: privileged\n      audit: privileged\n      warn: restricted\n    exemptions:\n      usernames: [a]\n",
        ),
        (
            "exemptions:\n  checks:\n  - {checks: [hostPorts], reason: why}\n",
            "      usernames: [a]\n      checks:\n        - checks: [hostPorts]\n          reason: why\n",
        ),
    ] {
        let policy = policy(more);
        assert!(policy.contains(expected), "{more}\n{policy}");
    }
    // What stood before, where a level takes its place.
    let each = json!({"settings": {"defaults": {"warn": "baseline"}}, "more": "level: restricted"}).to_string();
    assert!(api::policy(&each).contains("settings:\n    level: restricted\n"));
}

#[test]
fn mistakes_in_further_settings_are_told_with_their_place() {
    let level = || json!({"level": "restricted"});
    let table: [(Value, &str, &[&str]); 11] = [
        (level(), "details: maybe", &["settings.details `maybe` must be true or false"]),
        (level(), "# 🦭\ndetail: true", &["settings.detail `true` unknown key"]),
        (level(), "a: [", &["more `[` did not find expected node content"]),
        (level(), "- details: true", &["more `- details: true` must be one object of settings"]),
        (level(), "details: true\n---\nharden: []", &["more `harden: []` must be one object of settings"]),
        (level(), "details: true\ndetails: false", &["more `details` \"details\" stands here a second time"]),
        (
            level(),
            "exemptions:\n  checks:\n  - checks: [hostPort]\n    reason: x\n  - checks: [hostPorts]\n",
            &[
                "settings.exemptions.checks[0].checks[0] `hostPort` there is no check \"hostPort\"",
                "settings.exemptions.checks[1].reason `checks: [hostPorts]` missing",
            ],
        ),
        (
            level(),
            "exemptions: {namespaceSelector: {matchLabels: {a.b/c: '-'}}}",
            &["settings.exemptions.namespaceSelector.matchLabels[a.b/c] `'-'` must be the value of a label: at most 63 letters"],
        ),
        // What the form holds is at fault there.
        (
            json!({"level": "restricted", "exemptions": {"namespaces": ["A"]}}),
            "exemptions: {groups: [system:authenticated]}",
            &[
                "settings.exemptions.groups[0] `system:authenticated` every user is in this group",
                "settings.exemptions.namespaces[0] - must be a name of at most 63 lower-case letters",
            ],
        ),
        (json!({"level": "none"}), "details: true", &["settings.level - must be one of privileged"]),
        (
            json!({"level": "restricted"}),
            "version: 1.30",
            &["settings.version `1.30` must be \"latest\" or a minor version of Kubernetes such as \"v1.34\""],
        ),
    ];
    for (settings, more, expected) in table {
        assert_eq!(wrong(settings, more), expected, "{more}");
    }
}

#[test]
fn errors_in_the_targets_of_a_comparison() {
    let good = r#"{"level": "baseline", "version": "v1.34"}"#;
    let table = [
        (good, r#"{"level": "Baseline", "version": "1.34"}"#, &["to.level", "to.version"][..]),
        (r#"{"level": "baseline"}"#, r"[]", &["from.version", "to"]),
        ("", good, &["from"]),
        (r#"{"level": "baseline", "version": "latest", "mode": "x"}"#, good, &["from.mode"]),
    ];
    for (from, to, expected) in table {
        let comparison = api::compare("", from, to);
        let paths: Vec<_> = comparison.errors.iter().map(|error| error.path.as_str()).collect();
        assert_eq!(paths, expected, "{from} {to}");
        assert!(comparison.checks.is_empty() && comparison.documents.is_empty());
    }
}

#[test]
fn options_that_are_no_json_make_a_comment_of_the_policy() {
    for options in ["", "{"] {
        assert!(api::policy(options).starts_with("# There is no policy yet"), "{options}");
    }
}

proptest! {
    #[test]
    fn no_error_ends_the_comment_of_the_policy(names in prop::collection::vec(any::<String>(), 0..4), key in any::<String>()) {
        for options in [
            json!({"settings": {"level": names.concat(), &key: 1, "exemptions": {"namespaces": names}}}),
            json!({names.concat(): 1, "settings": {"level": "baseline"}, "user": names}),
        ] {
            let made = api::policy(&options.to_string());
            let documents = pss_manifest::documents(&made);
            prop_assert_eq!(documents.len(), 1, "{}", made);
            prop_assert!(documents[0].content.as_ref().is_ok_and(|tree| tree.to_json().is_null()), "{}", made);
        }
    }
}
