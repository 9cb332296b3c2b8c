//! Properties of all texts and options: no function panics, and all ranges of findings, diagnostics and edits are in the text.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use pss_manifest::Span;
use pss_review::{Severity, Status};
use pss_testing::pods as samples;

use crate::api::{compare, evaluate, fix, policy};
use crate::options::{Parsed, review_options};
use crate::report::Report;

/// Manifests for [`damaged`].
const MANIFESTS: [&str; 4] = [
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels:\n    pod-security.kubernetes.io/enforce: baseline # why\n",
    "# 🦭\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: a}\nspec:\n  template:\n    spec:\n      hostNetwork: yes\n      \
     containers:\n      - name: web\n        ports: [{containerPort: 80, hostPort: 80}]\n        securityContext: &c {capabilities: {add: [NET_RAW]}}\n      \
     - name: 'b'\n        securityContext: *c\n      volumes:\n      - name: v\n        hostPath:\n          path: /\n",
    "apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: p}\r\nspec:\r\n  hostNetwork: true\r\n  containers:\r\n  - name: c\r\n    ports:\r\n    - \
     containerPort: 8080\r\n    securityContext:\r\n      seccompProfile: {}\r\n",
    "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n  {\"apiVersion\": \"batch/v1\", \"kind\": \"CronJob\", \"metadata\": {\"name\": \"é\"},\n   \
     \"spec\": {\"jobTemplate\": {\"spec\": {\"template\": {\"spec\": {\"containers\": [{\"name\": \"c\"}, null]}}}}}}\n]}\n",
];

/// Some of the manifests, with parts removed or replaced.
fn damaged() -> impl Strategy<Value = String> {
    let replacements = vec![
        "", "", ":", "- ", "\n", "\r", "\u{feff}", "😀", "\u{2028}", "&c ", "*c", "\"", "null", "1", "[", "}", "\t", "---\n", "<<: *c",
        "kind",
    ];
    let damage = (any::<Index>(), 0..12_usize, select(replacements));
    let manifests = prop::collection::vec(select(&MANIFESTS[..]), 1..4).prop_map(|manifests| manifests.join("---\n"));
    (manifests, prop::collection::vec(damage, 0..4)).prop_map(|(text, damages)| {
        let mut text: Vec<char> = text.chars().collect();
        for (index, length, replacement) in damages {
            let start = index.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, replacement.chars());
        }
        text.into_iter().collect()
    })
}

/// A generated pod as text.
fn pods() -> impl Strategy<Value = String> {
    (samples::pod(), any::<bool>()).prop_map(|(mut pod, is_json)| {
        pod["apiVersion"] = json!("v1");
        pod["kind"] = json!("Pod");
        if is_json { format!("{pod:#}") } else { serde_norway::to_string(&pod).unwrap() }
    })
}

fn texts() -> impl Strategy<Value = String> {
    let bytes = prop::collection::vec(any::<u8>(), 0..60).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    prop_oneof![4 => damaged(), 2 => pods(), 1 => any::<String>(), 1 => bytes]
}

fn options() -> impl Strategy<Value = String> {
    let labels = vec!["baseline", "restricted", "privileged", "latest", "v1.25", "", "v1.0", "?"];
    let labels =
        prop::collection::vec((select(vec!["enforce", "enforce-version", "audit", "warn", "warn-version", "other"]), select(labels)), 0..4);
    let settings = select(vec![
        json!({"level": "restricted"}),
        json!({"level": "baseline", "version": "v1.24", "workloads": "enforce"}),
        json!({"defaults": {"enforce": "baseline", "warn": "restricted"}, "namespaceLabels": "honor", "exemptions": {"namespaces": ["b"]}}),
        json!({"defaults": {}, "namespaceLabels": "honor", "workloads": "enforce", "exemptions": {"usernames": ["u"]}}),
        json!({"level": "baseline", "namespaceLabels": "tighten", "labelTypos": "ignore", "exemptions": {"groups": ["u"]}}),
        json!({"level": "baseline", "namespaceLabels": "set", "harden": ["runAsNonRoot"], "exemptions": {"namespacePatterns": ["b*"]}}),
        json!({"level": "restricted", "harden": ["allowPrivilegeEscalation", "capabilities_restricted", "seccompProfile_restricted"], "exemptions": {
            "checks": [
                {"checks": ["hostNamespaces", "hostPorts", "restrictedVolumes", "capabilities_baseline"], "reason": "any"},
                {"checks": ["runAsNonRoot", "seccompProfile_restricted"], "containers": ["a*", "web"], "reason": "some"},
            ],
        }}),
        json!({"level": "Baseline"}),
        Value::Null,
    ]);
    let more =
        select(vec!["", "", "", "details: true", "exemptions: {serviceAccounts: [b/default]}", "a", "level: [", "harden: []\n---\n1"]);
    let generated = (settings, labels, select(vec!["", "b", "ü"]), select(vec!["builtIn", "kubewarden", "x"]), more).prop_map(
        |(settings, labels, name, admission, more)| {
            let labels: Value =
                labels.into_iter().map(|(key, value)| (format!("pod-security.kubernetes.io/{key}"), json!(value))).collect();
            let options = json!({
                "settings": settings, "more": more, "namespaceLabels": labels, "namespace": name, "user": name, "groups": ["x", name],
                "admission": admission,
            });
            options.to_string()
        },
    );
    prop_oneof![8 => generated, 1 => any::<String>(), 1 => Just("{\"settings\": {\"level\": \"restricted\"}}".to_owned())]
}

/// For each UTF-16 unit of a text, and for its end, whether a character begins there.
fn boundaries(text: &str) -> Vec<bool> {
    let mut boundaries = Vec::with_capacity(text.len() + 1);
    for character in text.chars() {
        boundaries.push(true);
        boundaries.resize(boundaries.len() + character.len_utf16() - 1, false);
    }
    boundaries.push(true);
    boundaries
}

fn check_span(span: Span, boundaries: &[bool]) -> Result<(), TestCaseError> {
    prop_assert!(span.start.utf16_offset <= span.end.utf16_offset, "{span:?}");
    for position in [span.start, span.end] {
        prop_assert_eq!(boundaries.get(position.utf16_offset), Some(&true), "{:?}", position);
        let column = position.utf16_column;
        prop_assert!(position.line > 0 && column > 0 && position.utf16_offset + 1 >= column, "{:?}", position);
    }
    Ok(())
}

fn is_valid(options: &str) -> bool {
    let options = Parsed::of(options);
    review_options(&options, &options.more()).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn all_ranges_are_in_the_text(text in texts(), options in options()) {
        let result = evaluate(&text, &options);
        prop_assert_eq!(result.is_ok(), is_valid(&options));
        let json = serde_json::to_value(Report::from(&result)).unwrap();
        let Ok(report) = result else {
            prop_assert!(!json["errors"].as_array().unwrap().is_empty() && json["documents"] == json!([]), "{json}");
            return Ok(());
        };
        prop_assert_eq!(&json["errors"], &json!([]));
        prop_assert_eq!(json["documents"].as_array().map(Vec::len), Some(report.documents.len()));
        let boundaries = boundaries(&text);
        for document in &report.documents {
            check_span(document.span, &boundaries)?;
            let exempt = document.exempt_findings.iter().map(|finding| finding.span);
            for span in exempt.chain(document.changes.iter().map(|change| change.span)) {
                check_span(span, &boundaries)?;
            }
            for diagnostic in &document.diagnostics {
                check_span(diagnostic.span, &boundaries)?;
                prop_assert!(!diagnostic.message.is_empty());
            }
            for finding in &document.findings {
                check_span(finding.span, &boundaries)?;
                prop_assert!(!finding.modes.is_empty() && !finding.path.is_empty(), "{finding:?}");
                // The range of a finding is in its document.
                prop_assert!(document.span.start.utf16_offset <= finding.span.start.utf16_offset || document.item.is_some(), "{finding:?}");
                for edits in finding.fix.iter().map(|fix| &fix.edits) {
                    prop_assert!(!edits.is_empty());
                    for edit in edits {
                        check_span(edit.span, &boundaries)?;
                    }
                    prop_assert!(edits.windows(2).all(|pair| pair[0].span.end.utf16_offset < pair[1].span.start.utf16_offset), "{edits:?}");
                }
            }
            // An object with an unknown field is judged, too.
            let has_verdicts = match document.status {
                Status::Judged => document.verdicts.len() == 3,
                Status::Invalid => matches!(document.verdicts.len(), 0 | 3),
                _ => document.verdicts.is_empty(),
            };
            prop_assert!(has_verdicts, "{document:?}");
            prop_assert!(document.status != Status::Exempt || document.exemption.is_some());
            prop_assert!(document.exemption.is_none() || matches!(document.status, Status::Exempt | Status::Invalid));
            let is_invalid = document.status == Status::Invalid;
            prop_assert!(!is_invalid || document.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error), "{document:?}");
        }
        prop_assert!(report.terminal.iter().all(|line| !line.text.contains(['\n', '\r'])), "{:?}", report.terminal);
    }

    #[test]
    fn nothing_panics(text in texts(), options in options(), from in options(), to in options()) {
        let fixed = fix(&text, &options);
        prop_assert!(is_valid(&options) || fixed == text);
        policy(&options);
        let target = |text: &str| if text.len().is_multiple_of(2) { r#"{"level": "baseline", "version": "v1.20"}"#.to_owned() } else { text.to_owned() };
        let boundaries = boundaries(&text);
        for document in compare(&text, &target(&from), &target(&to)).iter().flat_map(|comparison| &comparison.documents) {
            for finding in document.added.iter().chain(&document.removed) {
                check_span(finding.span, &boundaries)?;
            }
        }
    }
}
