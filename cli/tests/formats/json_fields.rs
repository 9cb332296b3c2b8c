//! docs/output-formats.md lists the fields of the JSON, and the values of those that have few.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::program::{check, folder};
use crate::samples::{files, outputs_of_files, outputs_of_rendered};

const PAGE: &str = include_str!("../../../docs/output-formats.md");

/// The headings of the page by the keys whose values are objects.
const OBJECTS: [(&str, &str); 11] = [
    ("", "Report"),
    ("documents", "Document"),
    ("verdicts", "Verdict"),
    ("problems", "Problem"),
    ("subject", "Subject"),
    ("fix", "Fix"),
    ("edits", "Edit"),
    ("changes", "Change"),
    ("range", "Range"),
    ("start", "Position"),
    ("summary", "Summary"),
];
/// The fields with a few values.
const ENUMERATIONS: [&str; 6] = ["status", "severity", "state", "effect", "mode", "modes"];

/// Collects the keys of each object, and the values of enumerations.
fn collect(value: &Value, key: &str, fields: &mut BTreeMap<String, BTreeSet<String>>, values: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let heading = OBJECTS.iter().find(|(other, _)| *other == key).map(|(_, heading)| *heading);
            for (inner, value) in object {
                if let Some(heading) = heading {
                    fields.entry(heading.to_owned()).or_default().insert(inner.clone());
                } else {
                    assert!(matches!(key, "tool" | "end"), "{key} is described nowhere");
                }
                collect(value, inner, fields, values);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, fields, values)),
        Value::String(text) if ENUMERATIONS.contains(&key) => {
            values.insert(text.clone());
        }
        _ => {}
    }
}

/// Returns the fields in the table below a heading.
fn documented(heading: &str) -> BTreeSet<String> {
    let section = PAGE.split_once(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no heading {heading}")).1;
    let section = section.split("\n#").next().unwrap();
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned)).collect()
}

#[test]
fn every_field_of_the_json_is_documented() {
    let (mut fields, mut values) = (BTreeMap::new(), BTreeSet::new());
    let hardening = "[settings]\nlevel = \"restricted\"\n\
                     harden = [\"allowPrivilegeEscalation\", \"capabilities_restricted\", \"runAsNonRoot\", \"seccompProfile_restricted\"]\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n";
    let hardened = folder(&[("pss.toml", hardening.into()), ("pod.yaml", pod.into())]);
    for outputs in [outputs_of_files(&files()), outputs_of_rendered(), check(hardened.path(), &["pod.yaml"], "")] {
        collect(&outputs.json(), "", &mut fields, &mut values);
    }
    for (_, heading) in OBJECTS {
        assert_eq!(fields.get(heading), Some(&documented(heading)), "{heading}");
    }
    assert!(values.len() > 15, "{values:?}");
    for value in values {
        assert!(PAGE.contains(&format!("`{value}`")), "the value {value} is not documented");
    }
}
