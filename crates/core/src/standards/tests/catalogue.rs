//! The catalogue says of the checks what they do: its values are put into its fields, and judged.

use serde_json::{Value as Json, json};

use super::*;
use crate::standards::about::{Allowed, CATALOGUE, Field, Restriction};

/// The fields that the catalogue says a check reads, as the paths of findings have them.
pub(super) fn fields(check: &Check) -> BTreeSet<String> {
    let (_, about) = CATALOGUE.iter().find(|(other, _)| other.id == check.id).unwrap();
    about.restrictions.iter().flat_map(|restriction| restriction.fields).flat_map(Field::paths).map(|path| told_as(&path)).collect()
}

/// A path without what the catalogue and a finding write in two ways: the source of a volume, and the
/// name in the key of an annotation.
pub(super) fn told_as(path: &str) -> String {
    match (path.split_once('/'), path.strip_prefix("spec.volumes[*].")) {
        (Some((prefix, _)), _) => format!("{prefix}/*]"),
        (None, Some(_)) => "spec.volumes[*]".to_owned(),
        _ => path.to_owned(),
    }
}

/// What stands at a path of the catalogue, in a pod that has nothing else.
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

/// Whether a check finds something at a path of the catalogue.
fn finds(check: &Check, path: &str, value: Option<Json>, minor: u64) -> bool {
    let json = pod_with(path, value);
    let object = object(&json);
    let mut findings = Vec::new();
    (check.at(minor).unwrap().run)(Pod::of(&object), &mut findings);
    findings.iter().any(|finding| told_as(&field_path(finding)) == told_as(path))
}

/// The value that words mean, if they mean one by itself.
fn meant(words: &str) -> Option<Option<Json>> {
    Some(match words {
        "not set" | "no profile" => None,
        "empty" => Some(json!("")),
        "false" => Some(json!(false)),
        "true" => Some(json!(true)),
        "0" => Some(json!(0)),
        "any number but 0" => Some(json!(1)),
        "a list with ALL" => Some(json!(["CHOWN", "ALL"])),
        _ if words.contains(", if ") => return None,
        _ => panic!("{words}"),
    })
}

/// The value of a name.
fn named(path: &str, name: &str) -> Option<Json> {
    Some(match path {
        "spec.volumes[*]" => json!({name: {}}),
        _ => name.replace('*', "x").into(),
    })
}

/// A value that is not allowed.
fn wrong(path: &str, restriction: &Restriction) -> Json {
    let says = |words: &str| restriction.allowed.iter().any(|allowed| matches!(allowed, Allowed::Words(said) if *said == words));
    match path {
        "spec.volumes[*]" => json!({"nfs": {}}),
        "spec.volumes[*].hostPath" => json!({"path": "/"}),
        _ if says("false") => json!(true),
        _ if says("true") => json!(false),
        _ if says("0") => json!(80),
        _ if says("any number but 0") => json!(0),
        _ if says("a list with ALL") => json!(["CHOWN"]),
        _ => json!("nonsense"),
    }
}

#[test]
fn what_the_catalogue_allows_is_allowed_from_that_version_on() {
    for (check, about) in CATALOGUE {
        for restriction in about.restrictions {
            for path in restriction.fields.iter().flat_map(Field::paths) {
                let context = format!("{} {path}", check.id);
                let versions = restriction.since..=restriction.until.unwrap_or(NEWEST_MINOR);
                for minor in versions.clone() {
                    assert!(finds(check, &path, Some(wrong(&path, restriction)), minor), "{context} at 1.{minor}");
                    for allowed in restriction.allowed {
                        if let Allowed::Words(words) = allowed
                            && let Some(value) = meant(words)
                        {
                            assert!(!finds(check, &path, value, minor), "{context}: {words} at 1.{minor}");
                        }
                    }
                    for (name, since) in restriction.values() {
                        assert_eq!(finds(check, &path, named(&path, name), minor), minor < since, "{context}: {name:?} at 1.{minor}");
                    }
                }
                // Versions outside do not read the field.
                for minor in (0..=NEWEST_MINOR).filter(|minor| !versions.contains(minor) && check.at(*minor).is_some()) {
                    assert!(!finds(check, &path, Some(wrong(&path, restriction)), minor), "{context} at 1.{minor}");
                }
            }
        }
    }
}
