//! Errors in the options: all of them at once, each with its path and, in a text, its place.

use serde_json::{Value, json};

use proptest::prelude::*;

use pss_manifest::Span;
use pss_review::OptionError;

use crate::api;
use crate::report::FilesReport;
use crate::session::Session;

/// Each error as `path: message`.
fn errors(options: &str) -> Vec<String> {
    match api::evaluate("kind: Pod\napiVersion: v1\nmetadata: {name: a}\n", options) {
        Ok(report) => {
            assert!(!report.documents.is_empty() && !report.terminal.is_empty(), "{report:#?}");
            Vec::new()
        }
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn accepts_valid_options() {
    for options in [
        json!({"settings": {"level": "restricted"}}),
        json!({"settings": {"level": "restricted"}, "namespace": "", "namespaceLabels": {}, "user": "", "today": "2027-03-31", "admission": "builtIn"}),
        json!({"settings": {"level": "restricted"}, "namespace": null, "namespaceLabels": null, "user": null, "admission": null, "templates": null}),
        json!({"settings": {"defaults": {}, "namespaceLabels": "honor"}, "admission": "kubewarden", "templates": "mask"}),
    ] {
        assert_eq!(errors(&options.to_string()), [] as [&str; 0], "{options}");
    }
}

#[test]
fn reports_every_error_with_its_path() {
    let level = json!({"level": "restricted"});
    let table: [(Value, &[&str]); 7] = [
        (json!({}), &["settings.level: missing; set level to one of"]),
        (json!([]), &["must be an object, not an array"]),
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
            json!({"settings": level, "namespace": 1, "namespaceLabels": {"pod-security.kubernetes.io/warn": 2, "d": null}, "user": [], "admission": "builtin", "templates": true}),
            &[
                "namespace: must be a string, not 1",
                "namespaceLabels[pod-security.kubernetes.io/warn]: must be a string, not 2",
                "user: must be a string, not an array",
                "admission: must be one of builtIn, kubewarden, not \"builtin\"",
                "templates: must be mask, not true",
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
        let actual = errors(&options.to_string());
        assert_eq!(actual.len(), expected.len(), "{actual:#?}");
        for expected in expected {
            assert!(actual.iter().any(|error| error.starts_with(expected)), "{expected} is not in {actual:#?}");
        }
    }
    for invalid in ["", " ", "{", "settings: {}", "{\"settings\": {\"level\": \"baseline\"}} x", "nul"] {
        assert_eq!(errors(invalid).len(), 1, "{invalid}");
    }
    let duplicate = r#"{"settings": {"level": "baseline"}, "settings": {"level": "restricted"}}"#;
    assert_eq!(errors(duplicate), ["\"settings\" stands here a second time, after line 1; this one counts"]);
}

#[test]
fn warns_of_invalid_namespace_labels() {
    let labels = json!({
        "pod-security.kubernetes.io/enforce": "strict", "pod-security.kubernetes.io/warn-version": "1.34", "other": "x",
    });
    let report = |settings: Value| api::evaluate("", &json!({"settings": settings, "namespaceLabels": labels}).to_string()).unwrap();
    let report_of_labels = report(json!({"defaults": {}, "namespaceLabels": "honor"}));
    let warnings: Vec<_> = report_of_labels.warnings.iter().map(|warning| (warning.path.as_str(), warning.message.as_str())).collect();
    assert_eq!(
        warnings,
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

#[test]
fn warns_of_rules_that_need_another_one_with_their_place() {
    let more = "exemptions:\n  checks:\n  - {checks: [hostPorts], reason: why}\n  - reason: why\n    checks: [privileged]\n";
    let warnings = |level: &str, more: &str| {
        let options = json!({"settings": {"level": level}, "more": more}).to_string();
        let mut session = Session::default();
        let review = session.evaluate(&[], &options);
        serde_json::to_value(FilesReport::from(&review)).unwrap()["warnings"].clone()
    };
    let [warning] = warnings("restricted", more).as_array().unwrap().clone().try_into().unwrap();
    assert_eq!(warning["path"], "settings.exemptions.checks[1].checks");
    assert!(
        warning["message"]
            .as_str()
            .unwrap()
            .starts_with("the exemption of privileged also needs that of allowPrivilegeEscalation, because ")
    );
    assert_eq!((&warning["range"]["start"]["line"], &warning["range"]["end"]["line"]), (&json!(5), &json!(5)));
    assert_eq!(warnings("baseline", more), json!([]));
    assert_eq!(warnings("restricted", &more.replace("[privileged]", "[privileged, allowPrivilegeEscalation]")), json!([]));
}

/// The errors in further settings, each with the text of its span.
fn errors_in_more(settings: Value, more: &str) -> Vec<String> {
    let errors = api::evaluate("", &json!({"settings": settings, "more": more}).to_string()).unwrap_err();
    let line = |error: &OptionError| {
        let text = error.span.map_or_else(|| "-".to_owned(), |Span { start, end }| format!("`{}`", &more[start.offset..end.offset]));
        format!("{} {text} {}", error.path, error.message.split([';', ',']).next().unwrap())
    };
    errors.iter().map(line).collect()
}

#[test]
fn merges_further_settings_into_the_settings() {
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
    // A level replaces the defaults.
    let with_defaults = json!({"settings": {"defaults": {"warn": "baseline"}}, "more": "level: restricted"}).to_string();
    assert!(api::policy(&with_defaults).contains("settings:\n    level: restricted\n"));
}

#[test]
fn rules_with_an_end_depend_on_the_date_of_the_page() {
    let more = "exemptions: {checks: [{checks: [hostNamespaces], reason: r, expires: 2027-03-31}]}\nhelp: '#platform'";
    let manifest = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostPID: true, containers: []}}";
    for (today, covers) in [(json!("2027-03-01"), true), (json!("2027-04-01"), false), (json!(""), false), (json!("1 April"), false)] {
        let options = json!({"settings": {"level": "baseline"}, "more": more, "today": today}).to_string();
        let report = api::evaluate(manifest, &options).unwrap();
        assert_eq!((report.documents[0].findings.is_empty(), report.warnings.is_empty()), (covers, covers), "{today}");
        assert_eq!(report.terminal[0].text.ends_with("2027-03-31 (UTC) (#platform)"), !covers, "{today}");
    }
}

#[test]
fn hardening_can_be_an_object_in_further_settings() {
    let with =
        |harden: Value, more: &str| api::policy(&json!({"settings": {"level": "restricted", "harden": harden}, "more": more}).to_string());
    let user = "harden: {checks: [runAsNonRoot], runAsUser: 10001}";
    let written = "    harden:\n      checks: [runAsNonRoot]\n      runAsUser: 10001\n";
    assert!(with(json!(null), user).contains(written));
    // It is joined with the list of the form.
    let policy = with(json!(["seccompProfile_restricted"]), user);
    assert!(policy.contains("    harden:\n      checks: [runAsNonRoot, seccompProfile_restricted]\n      runAsUser: 10001\n"), "{policy}");
    assert!(with(json!(["runAsNonRoot"]), "").contains("    harden: [runAsNonRoot]\n"));
}

#[test]
fn reports_errors_in_further_settings_with_their_place() {
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
        // An error in the settings of the form has no place in the text.
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
        assert_eq!(errors_in_more(settings, more), expected, "{more}");
    }
}

#[test]
fn reports_errors_in_the_targets_of_a_comparison() {
    let valid = r#"{"level": "baseline", "version": "v1.34"}"#;
    let table = [
        (valid, r#"{"level": "Baseline", "version": "1.34"}"#, &["to.level", "to.version"][..]),
        (r#"{"level": "baseline"}"#, r"[]", &["from.version", "to"]),
        ("", valid, &["from"]),
        (r#"{"level": "baseline", "version": "latest", "mode": "x"}"#, valid, &["from.mode"]),
    ];
    for (from, to, expected) in table {
        let errors = api::compare("", from, to).unwrap_err();
        let paths: Vec<_> = errors.iter().map(|error| error.path.as_str()).collect();
        assert_eq!(paths, expected, "{from} {to}");
    }
}

#[test]
fn renders_a_comment_for_options_without_json() {
    for options in ["", "{"] {
        assert!(api::policy(options).starts_with("# There is no policy yet"), "{options}");
    }
}

proptest! {
    #[test]
    fn no_error_ends_the_comment(names in prop::collection::vec(any::<String>(), 0..4), key in any::<String>()) {
        for options in [
            json!({"settings": {"level": names.concat(), &key: 1, "exemptions": {"namespaces": names}}}),
            json!({names.concat(): 1, "settings": {"level": "baseline"}, "user": names}),
        ] {
            let comment = api::policy(&options.to_string());
            let documents = pss_manifest::documents(&comment);
            prop_assert_eq!(documents.len(), 1, "{}", comment);
            prop_assert!(documents[0].content.as_ref().is_ok_and(|tree| tree.to_json().is_null()), "{}", comment);
        }
    }
}
