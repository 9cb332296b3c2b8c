//! What is wrong with options: all of it at once, each with its place.

use serde_json::{Value, json};

use crate::playground;

/// Each mistake as `path: message`.
fn mistakes(options: &str) -> Vec<String> {
    let report = playground::evaluate("kind: Pod\napiVersion: v1\nmetadata: {name: a}\n", options);
    assert_eq!(report.mistakes.is_empty(), !report.documents.is_empty(), "nothing is judged by options with mistakes: {report:#?}");
    assert_eq!(report.mistakes.is_empty(), !report.terminal.is_empty());
    report.mistakes.iter().map(|mistake| format!("{}: {}", mistake.path, mistake.message)).collect()
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
    let report = |settings: Value| playground::evaluate("", &json!({"settings": settings, "namespaceLabels": labels}).to_string());
    let honored = report(json!({"defaults": {}, "namespaceLabels": "honor"}));
    let odd: Vec<_> = honored.oddities.iter().map(|odd| (odd.path.as_str(), odd.message.as_str())).collect();
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
    assert_eq!(report(json!({"level": "baseline"})).oddities, []);
}
