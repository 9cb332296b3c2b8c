//! Manifests that are made to hurt: nesting 10,000 deep in every style, aliases of aliases, 10 MB of anything.
//! The page's core answers each, with a mistake that is marked or with verdicts, and fixing it changes nothing
//! twice. What nobody could read is left as it is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Instant;

use pss_manifest::Limits;
use pss_playground::api as playground;
use pss_playground::report;
use pss_review::{Report, Severity, Status};
use serde_json::Value;

const OPTIONS: &str = r#"{"settings":{"level":"restricted"}}"#;
const DEEP: usize = 10_000;

/// The report on a text, which is JSON.
fn evaluate(what: &str, text: &str) -> Report {
    let started = Instant::now();
    let result = playground::evaluate(text, OPTIONS);
    let written: Value = serde_json::to_value(report::Report::from(&result)).unwrap();
    let report = result.unwrap();
    assert_eq!(written["documents"].as_array().unwrap().len(), report.documents.len(), "{what}");
    let units = text.encode_utf16().count();
    for document in &report.documents {
        let diagnostics = document.diagnostics.iter().map(|diagnostic| diagnostic.span);
        for span in diagnostics.chain(document.findings.iter().map(|finding| finding.span)).chain([document.span]) {
            let (start, end) = (span.start.utf16_offset, span.end.utf16_offset);
            assert!(start <= end && end <= units, "{what}: {span:?}");
        }
    }
    println!("{what}: {} KB in {} ms", text.len() / 1000, started.elapsed().as_millis());
    report
}

/// The error that a text of one document comes to, which nothing can mend.
fn error(what: &str, text: &str) -> String {
    let report = evaluate(what, text);
    assert_eq!(report.documents.len(), 1, "{what}");
    let document = &report.documents[0];
    assert_eq!(document.status, Status::Invalid, "{what}");
    assert_eq!(playground::fix(text, OPTIONS), text, "{what}");
    let error = document.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    error.unwrap_or_else(|| panic!("{what}: no error")).message.clone()
}

#[test]
fn nesting_ten_thousand_deep_is_a_mistake_in_every_style() {
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
        for (how, text) in [
            ("closed", nested.clone()),
            ("not closed", open.repeat(DEEP)),
            ("in a pod", format!("{pod}{}", nested.replace('\n', "\n    "))),
        ] {
            let what = format!("{style}, {how}");
            let message = error(&what, &text);
            assert!(message.contains("1000 levels"), "{what}: {message}");
        }
    }
    // Each level is indented by one more blank: 4,000 levels are 8 MB.
    let indented: String = (0..4000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    let message = error("a block mapping", &indented);
    assert!(message.contains("1000 levels"), "{message}");
}

#[test]
fn aliases_of_aliases_are_a_mistake() {
    let list = |before: &str, times: usize| vec![format!("*{before}"); times].join(", ");
    let laughs = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} [{}]\n", list(&format!("a{}", level - 1), 10))
    });
    let merges = (1..40).fold("a0: &a0 {x: 1}\n".to_owned(), |text, level| {
        format!("{text}a{level}: &a{level} {{<<: [{}], k{level}: *a{}}}\n", list(&format!("a{}", level - 1), 10), level - 1)
    });
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(10_000), list("a", 10_000));
    for (what, text) in [("a billion laughs", &laughs), ("merges of merges", &merges), ("a long list, often", &wide)] {
        let message = error(what, text);
        assert!(message.contains("excessive aliasing"), "{what}: {message}");
    }
    let itself = error("an alias of itself", "a: &a [*a]\n");
    assert!(!itself.is_empty());
}

#[test]
fn ten_megabytes_of_anything_are_answered() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";
    let fill_in = |size: usize, start: &str, each: &str| format!("{start}{}", each.repeat((size - start.len()) / each.len()));
    let fill = |start: &str, each: &str| fill_in(Limits::default().bytes, start, each);
    // What is told of line by line takes longer than anybody would wait for a test.
    let tenth = |each: &str| fill_in(Limits::default().bytes / 10, "", each);
    let judged = [
        ("comments", fill(&format!("{pod}  - name: c\n"), "# c\n")),
        ("blank lines", fill(&format!("{pod}  - name: c\n"), "\r\n")),
        ("a long text", fill(&format!("{pod}  - name: c\n    image: |\n"), "      🦭 x\n")),
        ("environment", fill(&format!("{pod}  - name: c\n    env:\n"), "    - {name: A, value: \"\\u00e9\"}\n")),
    ];
    for (what, text) in &judged {
        let report = evaluate(what, text);
        assert_eq!(report.documents.iter().map(|document| document.status).collect::<Vec<_>>(), [Status::Judged], "{what}");
        assert!(!report.documents[0].findings.is_empty(), "{what}");
    }
    let documents = evaluate("documents", &tenth("---\n"));
    assert!(documents.documents.iter().all(|document| document.status == Status::Empty));
    for (what, text) in [
        ("one line", fill("", "a")),
        ("brackets", fill("", "]")),
        ("open quotes", fill("\"", "a ")),
        ("anchors", fill("", "&a ")),
        ("tags", fill("", "!a ")),
        ("tabs", fill("", "\t")),
        ("directives", fill("", "%A b\n")),
        ("byte order marks", fill("", "\u{feff}")),
        ("the same key", tenth("a: 1\n")),
        ("keys and no values", tenth("a\n: ")),
    ] {
        evaluate(what, &text);
    }
    let message = error("a byte more than is read", &"a".repeat(Limits::default().bytes + 1));
    assert!(message.contains("more than the 9999999 that are read"), "{message}");
}
