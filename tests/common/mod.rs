//! The documents of the repository, their tables, and the names of the settings as the code reports them.

use std::collections::BTreeSet;
use std::fs;

use pss_core::settings::Settings;
use serde_json::{Map, Value, json};

pub(crate) const README: &str = include_str!("../../README.md");
pub(crate) const QUESTIONS: &str = include_str!("../../questions-ui.yml");
pub(crate) const METADATA: &str = include_str!("../../metadata.yml");

/// README.md and the pages in docs/: the path from the root of the repository, and the text.
pub(crate) fn pages() -> Vec<(String, String)> {
    let mut paths: Vec<String> = fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path().to_str().unwrap().to_owned()).collect();
    paths.retain(|path| path.ends_with(".md"));
    paths.sort();
    paths.insert(0, "README.md".to_owned());
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

pub(crate) fn yaml(text: &str) -> Value {
    serde_norway::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

pub(crate) fn metadata() -> Value {
    yaml(METADATA)
}

/// The valid keys, from the error message for the unknown key in some settings.
pub(crate) fn valid_keys(settings: Value) -> Vec<String> {
    let message = Settings::parse(settings.to_string().as_bytes()).unwrap_err().to_string();
    let keys = message.split("unknown key; known here: ").nth(1).unwrap_or_else(|| panic!("{message}"));
    keys.lines().next().unwrap().split(", ").map(str::to_owned).collect()
}

/// The keys of the settings, such as `level` and `defaults.warn`, from the error messages of the code.
pub(crate) fn keys() -> BTreeSet<String> {
    let unknown = json!({"----------------": 0});
    let mut keys: BTreeSet<String> = valid_keys(unknown.clone()).into_iter().collect();
    for outer in ["defaults", "exemptions"] {
        assert!(keys.remove(outer), "{outer} is not a key of the settings");
        keys.extend(valid_keys(json!({outer: unknown})).iter().map(|inner| format!("{outer}.{inner}")));
    }
    keys
}

/// The cells of each row of the table in a document whose first column has this heading, or whose first columns have
/// these, separated by ` | `.
///
/// # Panics
///
/// Panics without such a table.
pub(crate) fn table_of<'d>(document: &'d str, heading: &str) -> Vec<Vec<&'d str>> {
    let lines = document.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |"))).skip(2);
    let rows: Vec<Vec<&str>> =
        lines.take_while(|line| line.starts_with('|')).map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect();
    assert!(!rows.is_empty(), "there is no table {heading}");
    rows
}

/// The words in backquotes.
pub(crate) fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The questions of the form, and their subquestions.
pub(crate) fn questions() -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    for question in yaml(QUESTIONS)["questions"].as_array().unwrap() {
        all.push(question.as_object().unwrap().clone());
        for subquestion in question.get("subquestions").and_then(Value::as_array).into_iter().flatten() {
            all.push(subquestion.as_object().unwrap().clone());
        }
    }
    all
}
