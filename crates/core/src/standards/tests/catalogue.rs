//! The documentation of the checks agrees with their behaviour: each allowed value is set in each field, and evaluated.

use serde_json::{Value as Json, json};

use super::*;
use crate::standards::CATALOGUE;
use crate::standards::documentation::{Allowed, Field, Restriction};

/// The documented fields of a check, in the form of the paths of findings.
pub(super) fn fields(check: &Check) -> BTreeSet<String> {
    let (_, documentation) = CATALOGUE.iter().find(|(other, _)| other.id == check.id).unwrap();
    let fields = documentation.restrictions.iter().flat_map(|restriction| restriction.fields);
    fields.flat_map(Field::paths).map(|path| normalized_path(&path)).collect()
}

/// A path without the source of a volume and the container in the key of an annotation, which documentation and findings write
/// differently.
pub(super) fn normalized_path(path: &str) -> String {
    match (path.split_once('/'), path.strip_prefix("spec.volumes[*].")) {
        (Some((prefix, _)), _) => format!("{prefix}/*]"),
        (None, Some(_)) => "spec.volumes[*]".to_owned(),
        _ => path.to_owned(),
    }
}

/// A pod with a value at a documented path, and no other field.
fn pod_with(path: &str, value: Option<Json>) -> String {
    if let Some(key) = path.strip_prefix("metadata.annotations[").and_then(|rest| rest.strip_suffix(']')) {
        let annotations: Json = value.into_iter().map(|value| (key.replace('*', "a"), value)).collect();
        return json!({"metadata": {"annotations": annotations}, "spec": {"containers": [{"name": "a"}]}}).to_string();
    }
    let mut inner = value;
    for (index, step) in path.rsplit('.').enumerate() {
        let (key, value) = match step.strip_suffix("[*]") {
            Some(key) if inner.is_none() && index == 0 => (key, None),
            Some(key) => (key, Some(json!([inner.unwrap_or_else(|| json!({}))]))),
            None => (step, inner),
        };
        inner = value.map(|value| json!({key: value}));
    }
    inner.unwrap_or_else(|| json!({})).to_string()
}

/// Whether a check has a finding at a documented path.
fn has_finding(check: &Check, path: &str, value: Option<Json>, minor: u64) -> bool {
    let json = pod_with(path, value);
    let object = object(&json);
    let mut findings = Vec::new();
    (check.at(minor).unwrap().run)(Pod::of(&object), &mut findings);
    findings.iter().any(|finding| normalized_path(&field_path(finding)) == normalized_path(path))
}

/// The value that a description stands for; `None` if it depends on other fields.
fn described_value(description: &str) -> Option<Option<Json>> {
    Some(match description {
        "not set" | "no profile" => None,
        "empty" => Some(json!("")),
        "false" => Some(json!(false)),
        "true" => Some(json!(true)),
        "0" => Some(json!(0)),
        "any number but 0" => Some(json!(1)),
        "a list with ALL" => Some(json!(["CHOWN", "ALL"])),
        _ if description.contains(", if ") => return None,
        _ => panic!("{description}"),
    })
}

/// The JSON value at a path for an allowed value.
fn allowed_value(path: &str, name: &str) -> Option<Json> {
    Some(match path {
        "spec.volumes[*]" => json!({name: {}}),
        _ => name.replace('*', "x").into(),
    })
}

/// A forbidden value at a path.
fn forbidden_value(path: &str, restriction: &Restriction) -> Json {
    let allows = |description: &str| {
        restriction.allowed.iter().any(|allowed| matches!(allowed, Allowed::Description(other) if *other == description))
    };
    match path {
        "spec.volumes[*]" => json!({"nfs": {}}),
        "spec.volumes[*].hostPath" => json!({"path": "/"}),
        _ if allows("false") => json!(true),
        _ if allows("true") => json!(false),
        _ if allows("0") => json!(80),
        _ if allows("any number but 0") => json!(0),
        _ if allows("a list with ALL") => json!(["CHOWN"]),
        _ => json!("invalid"),
    }
}

#[test]
fn checks_allow_documented_values_from_their_version_on() {
    for (check, documentation) in CATALOGUE {
        for restriction in documentation.restrictions {
            for path in restriction.fields.iter().flat_map(Field::paths) {
                let context = format!("{} {path}", check.id);
                let versions = restriction.since..=restriction.until.unwrap_or(NEWEST_MINOR);
                for minor in versions.clone() {
                    assert!(has_finding(check, &path, Some(forbidden_value(&path, restriction)), minor), "{context} at 1.{minor}");
                    for allowed in restriction.allowed {
                        if let Allowed::Description(description) = allowed
                            && let Some(value) = described_value(description)
                        {
                            assert!(!has_finding(check, &path, value, minor), "{context}: {description} at 1.{minor}");
                        }
                    }
                    for (name, since) in restriction.values() {
                        assert_eq!(
                            has_finding(check, &path, allowed_value(&path, name), minor),
                            minor < since,
                            "{context}: {name:?} at 1.{minor}"
                        );
                    }
                }
                // Other versions do not read the field.
                for minor in (0..=NEWEST_MINOR).filter(|minor| !versions.contains(minor) && check.at(*minor).is_some()) {
                    assert!(!has_finding(check, &path, Some(forbidden_value(&path, restriction)), minor), "{context} at 1.{minor}");
                }
            }
        }
    }
}
