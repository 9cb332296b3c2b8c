//! Errors in the options, and texts and names of all kinds. `cli/tests/formats/page.rs` compares the reports with those of the
//! program.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::api::{File, report};
use crate::result::ReportResult;

const OPTIONS: &str = r#"{"settings": {"level": "restricted"}}"#;
const FORMATS: [&str; 4] = ["text", "markdown", "json", "sarif"];

fn pods(count: usize) -> String {
    let pod = |index| format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{index}}}\nspec: {{containers: [{{name: a}}]}}\n");
    (0..count).map(pod).collect()
}

#[test]
fn returns_the_errors_in_the_options() {
    for (options, format, path) in [
        (r#"{"settings": {"level": "Baseline"}}"#, "json", "settings.level"),
        (r#"{"settings": {"level": "baseline"}, "more": "harden: [x"}"#, "json", "more"),
        ("", "json", ""),
        (OPTIONS, "junit", "format"),
        (OPTIONS, "", "format"),
    ] {
        let result = report(&[File { name: "a.yaml", text: "" }], options, format);
        let json = serde_json::to_value(ReportResult::from(&result)).unwrap();
        assert_eq!((&json["errors"][0]["path"], &json["text"]), (&json!(path), &json!("")), "{options} {format}");
    }
}

#[test]
fn a_report_has_no_errors() {
    let result = report(&[File { name: "a.yaml", text: &pods(1) }], OPTIONS, "markdown");
    let json = serde_json::to_value(ReportResult::from(&result)).unwrap();
    assert_eq!(json["errors"], json!([]));
    assert!(json["text"].as_str().unwrap().starts_with("## Pod Security Standards: 1 of 1 pods and workloads rejected\n"), "{json}");
}

#[test]
fn there_are_reports_without_files() {
    for format in FORMATS {
        assert!(!report(&[], OPTIONS, format).unwrap().is_empty(), "{format}");
    }
}

#[test]
fn the_time_is_proportional_to_the_number_of_findings() {
    let time = |text: &str| {
        let measure = || {
            let start = Instant::now();
            let report = report(&[File { name: "a.yaml", text }], OPTIONS, "sarif").unwrap();
            assert!(report.len() > text.len());
            start.elapsed()
        };
        (0..3).map(|_| measure()).min().unwrap_or(Duration::MAX)
    };
    let [short, long] = [time(&pods(250)), time(&pods(2500))];
    // If it were quadratic, it would be a hundred times as long.
    assert!(long < 35 * short, "{short:?} for a tenth of {long:?}");
}

proptest! {
    #[test]
    fn every_text_and_name_has_a_valid_report(
        names in prop::collection::vec(any::<String>(), 2),
        parts in prop::collection::vec(prop::sample::select(vec![
            "apiVersion: v1\n", "kind: Pod\n", "---\n", "spec: {hostPID: true, containers: [{name: a}]}\n", "metadata: {name: ü}\n", "{{", "\u{1b}",
            "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\n", "[", "\t", "kind: Namespace\n", "tty: 1\n", "\r\n",
        ]), 0..12),
    ) {
        let text = parts.concat();
        let files: Vec<File<'_>> = names.iter().map(|name| File { name, text: &text }).collect();
        for format in FORMATS {
            let report = report(&files, OPTIONS, format).unwrap();
            prop_assert!(report.ends_with('\n'));
            if matches!(format, "json" | "sarif") {
                prop_assert!(serde_json::from_str::<Value>(&report).is_ok(), "{}", report);
            }
        }
    }
}
