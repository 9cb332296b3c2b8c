//! What the documents beside the code say: README.md, metadata.yml, questions-ui.yml; and the keys of the
//! settings as the settings themselves tell them.

use std::collections::BTreeSet;

use pss_core::settings::Settings;
use serde_json::{Map, Value, json};

pub(crate) const README: &str = include_str!("../../README.md");
pub(crate) const QUESTIONS: &str = include_str!("../../questions-ui.yml");
pub(crate) const METADATA: &str = include_str!("../../metadata.yml");

pub(crate) fn yaml(text: &str) -> Value {
    serde_norway::from_str(text).unwrap()
}

pub(crate) fn metadata() -> Value {
    yaml(METADATA)
}

/// What is said to be known beside an unknown key.
pub(crate) fn known(settings: Value) -> Vec<String> {
    let message = Settings::parse(settings.to_string().as_bytes()).unwrap_err().to_string();
    let known = message.split("unknown key; known here: ").nth(1).unwrap_or_else(|| panic!("{message}"));
    known.lines().next().unwrap().split(", ").map(str::to_owned).collect()
}

/// The keys of the settings, as the settings themselves tell them.
pub(crate) fn keys() -> BTreeSet<String> {
    let unknown = json!({"----------------": 0});
    let mut keys: BTreeSet<String> = known(unknown.clone()).into_iter().collect();
    for outer in ["defaults", "exemptions"] {
        assert!(keys.remove(outer), "{outer} is no key of the settings");
        keys.extend(known(json!({outer: unknown})).iter().map(|inner| format!("{outer}.{inner}")));
    }
    keys
}

/// The rows of a table in the README, found by its first heading: the cells of each.
pub(crate) fn table(heading: &str) -> Vec<Vec<&'static str>> {
    table_of(README, heading)
}

/// The same in any document.
pub(crate) fn table_of<'d>(document: &'d str, heading: &str) -> Vec<Vec<&'d str>> {
    let lines = document.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |"))).skip(2);
    let rows: Vec<Vec<&str>> =
        lines.take_while(|line| line.starts_with('|')).map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(!rows.is_empty(), "there is no table of {heading}");
    rows
}

/// What stands in backquotes.
pub(crate) fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The questions of a form and those below them, each with all that it says.
pub(crate) fn questions() -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    for question in yaml(QUESTIONS)["questions"].as_array().unwrap() {
        all.push(question.as_object().unwrap().clone());
        for below in question.get("subquestions").and_then(Value::as_array).into_iter().flatten() {
            all.push(below.as_object().unwrap().clone());
        }
    }
    all
}
