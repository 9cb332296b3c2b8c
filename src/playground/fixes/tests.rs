//! What each fix does, by tables; and what holds for all of them, on made-up manifests.

use std::fmt::Write as _;

use serde_json::json;

use crate::playground::report::{Finding, Fix, Report};
use crate::playground::{self, Options};

/// Judges a text by a level, in all modes.
pub(super) fn judge(text: &str, level: &str) -> Report {
    playground::evaluate(text, &options(level))
}

/// Mends a text.
pub(super) fn mend(text: &str, level: &str) -> String {
    playground::fix(text, &options(level))
}

fn options(level: &str) -> Options {
    serde_json::from_value(json!({"settings": {"level": level, "version": "latest"}})).unwrap()
}

/// The text with a fix.
pub(super) fn with(text: &str, fix: &Fix) -> String {
    super::rounds::apply(text, fix.edits.iter().collect())
}

pub(super) fn findings(report: &Report) -> impl Iterator<Item = &Finding> {
    report.documents.iter().flat_map(|document| &document.findings)
}

/// A Pod with that spec, which begins in the third column.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n{spec}")
}

#[test]
fn smoke() {
    let text = std::env::var("FILE").map(|file| std::fs::read_to_string(file).unwrap()).unwrap_or_else(|_| pod("  containers:\n  - name: a\n    image: b\n"));
    let report = judge(&text, "restricted");
    for finding in findings(&report) {
        println!("{} {:?}", finding.path, finding.fix);
    }
    println!("{}", mend(&text, "restricted"));
}
