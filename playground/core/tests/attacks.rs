//! Hostile manifests: nesting of 10,000 levels in every style, aliases of aliases, and 10 MB of repeated text. The page's module
//! returns a report for each, with verdicts or with an error that has a position. A text that cannot be parsed has no fixes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Instant;

use pss_manifest::Limits;
use pss_playground::api as playground;
use pss_playground::report;
use pss_review::{Report, Severity, Status};
use serde_json::Value;

const OPTIONS: &str = r#"{"settings":{"level":"restricted"}}"#;
const DEEP: usize = 10_000;

/// The report on a text. Checks that it can be serialized, and that its positions are in the text.
fn evaluate(name: &str, text: &str) -> Report {
    let started = Instant::now();
    let result = playground::evaluate(text, OPTIONS);
    let json: Value = serde_json::to_value(report::Report::from(&result)).unwrap();
    let report = result.unwrap();
    assert_eq!(json["documents"].as_array().unwrap().len(), report.documents.len(), "{name}");
    let units = text.encode_utf16().count();
    for document in &report.documents {
        let diagnostics = document.diagnostics.iter().map(|diagnostic| diagnostic.span);
        for span in diagnostics.chain(document.findings.iter().map(|finding| finding.span)).chain([document.span]) {
            let (start, end) = (span.start.utf16_offset, span.end.utf16_offset);
            assert!(start <= end && end <= units, "{name}: {span:?}");
        }
    }
    println!("{name}: {} KB in {} ms", text.len() / 1000, started.elapsed().as_millis());
    report
}

/// The error in a text of one document, which has no fix.
fn error(name: &str, text: &str) -> String {
    let report = evaluate(name, text);
    assert_eq!(report.documents.len(), 1, "{name}");
    let document = &report.documents[0];
    assert_eq!(document.status, Status::Invalid, "{name}");
    assert_eq!(playground::fix(text, OPTIONS), text, "{name}");
    let error = document.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    error.unwrap_or_else(|| panic!("{name}: no error")).message.clone()
}

#[test]
fn nesting_of_ten_thousand_levels_is_an_error_in_every_style() {
    let styles = [
        ("a flow sequence", "[", "]"),
        ("a flow mapping", "{a: ", "}"),
        ("a mapping in sequences", "[{a: ", "}]"),
        ("JSON", r#"{"a":"#, "}"),
        ("flow over lines", "[\n", "]\n"),
        ("a block sequence", "- ", ""),
        ("a block of keys", "? ", ""),
        ("keys in sequences", "- ? ", ""),
    ];
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    ";
    for (style, open, close) in styles {
        let nested = format!("{}1{}", open.repeat(DEEP), close.repeat(DEEP));
        for (variant, text) in [
            ("closed", nested.clone()),
            ("not closed", open.repeat(DEEP)),
            ("in a pod", format!("{pod}{}", nested.replace('\n', "\n    "))),
        ] {
            let name = format!("{style}, {variant}");
            let message = error(&name, &text);
            assert!(message.contains("1000 levels"), "{name}: {message}");
        }
    }
    // Each level is indented by one more space: 4,000 levels are 8 MB.
    let indented: String = (0..4000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    let message = error("a block mapping", &indented);
    assert!(message.contains("1000 levels"), "{message}");
}

#[test]
fn aliases_of_aliases_are_an_error() {
    let list = |before: &str, times: usize| vec![format!("*{before}"); times].join(", ");
    let laughs = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} [{}]\n", list(&format!("a{}", level - 1), 10))
    });
    let merges = (1..40).fold("a0: &a0 {x: 1}\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} {{<<: [{}], k{level}: *a{}}}\n", list(&format!("a{}", level - 1), 10), level - 1)
    });
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(10_000), list("a", 10_000));
    for (name, text) in [("a billion laughs", &laughs), ("merges of merges", &merges), ("many aliases of a long list", &wide)] {
        let message = error(name, text);
        assert!(message.contains("excessive aliasing"), "{name}: {message}");
    }
    let recursive = error("an alias of itself", "a: &a [*a]\n");
    assert!(!recursive.is_empty());
}

#[test]
fn texts_of_ten_megabytes_have_a_report() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";
    let filled_to = |size: usize, start: &str, unit: &str| format!("{start}{}", unit.repeat((size - start.len()) / unit.len()));
    let filled_text = |start: &str, unit: &str| filled_to(Limits::default().bytes, start, unit);
    // A tenth of the limit, for texts with a diagnostic in each line, which take longer.
    let smaller_text = |unit: &str| filled_to(Limits::default().bytes / 10, "", unit);
    let pods = [
        ("comments", filled_text(&format!("{pod}  - name: c\n"), "# c\n")),
        ("blank lines", filled_text(&format!("{pod}  - name: c\n"), "\r\n")),
        ("a long text", filled_text(&format!("{pod}  - name: c\n    image: |\n"), "      🦭 x\n")),
        ("environment", filled_text(&format!("{pod}  - name: c\n    env:\n"), "    - {name: A, value: \"\\u00e9\"}\n")),
    ];
    for (name, text) in &pods {
        let report = evaluate(name, text);
        assert_eq!(report.documents.iter().map(|document| document.status).collect::<Vec<_>>(), [Status::Judged], "{name}");
        assert!(!report.documents[0].findings.is_empty(), "{name}");
    }
    let documents = evaluate("documents", &smaller_text("---\n"));
    assert!(documents.documents.iter().all(|document| document.status == Status::Empty));
    for (name, text) in [
        ("one line", filled_text("", "a")),
        ("brackets", filled_text("", "]")),
        ("open quotes", filled_text("\"", "a ")),
        ("anchors", filled_text("", "&a ")),
        ("tags", filled_text("", "!a ")),
        ("tabs", filled_text("", "\t")),
        ("directives", filled_text("", "%A b\n")),
        ("byte order marks", filled_text("", "\u{feff}")),
        ("the same key", smaller_text("a: 1\n")),
        ("keys and no values", smaller_text("a\n: ")),
    ] {
        evaluate(name, &text);
    }
    let message = error("one byte above the limit", &"a".repeat(Limits::default().bytes + 1));
    assert!(message.contains("more than the 9999999 that are read"), "{message}");
}
