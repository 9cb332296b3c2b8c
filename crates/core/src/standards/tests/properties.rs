//! Invariants of every pod, level and version, tested with generated pods.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value as Json;

use pss_testing::pods::pod;

use super::*;

/// Any JSON value.
fn any_json() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let key =
            prop_oneof![select(vec!["name", "type", "host", "hostPath", "add", "spec", "securityContext"]).prop_map(str::to_owned), ".*"];
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Json::from),
            vec((key, inner), 0..3).prop_map(|entries| entries.into_iter().collect())
        ]
    })
    .boxed()
}

/// A pod with one value replaced by an arbitrary one.
fn malformed_pod() -> impl Strategy<Value = Json> {
    (pod(), any::<Index>(), any_json()).prop_map(|(mut pod, place, value)| {
        let mut rest = place.index(count(&pod));
        *nth(&mut pod, &mut rest).unwrap() = value;
        pod
    })
}

fn count(value: &Json) -> usize {
    1 + match value {
        Json::Object(fields) => fields.values().map(count).sum(),
        Json::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// The value after `rest` other values in preorder.
fn nth<'v>(value: &'v mut Json, rest: &mut usize) -> Option<&'v mut Json> {
    if *rest == 0 {
        return Some(value);
    }
    *rest -= 1;
    match value {
        Json::Object(fields) => fields.values_mut().find_map(|value| nth(value, rest)),
        Json::Array(items) => items.iter_mut().find_map(|value| nth(value, rest)),
        _ => None,
    }
}

/// The value at a path of a finding or an error.
fn at_path<'v>(document: &'v Json, path: &str) -> Option<&'v Json> {
    let mut value = document;
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap(),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        value = match value {
            Json::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            other => other.get(step)?,
        };
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    Some(value)
}

/// Whether a finding has the value of the document.
fn agrees(document: &Json, finding: &Finding<'_>) -> bool {
    let path = finding.path().to_string();
    let value_at_path = at_path(document, &path).filter(|value| !value.is_null());
    match (finding.value, finding.subject) {
        (Value::Missing, _) => match value_at_path {
            Some(list) => path.ends_with(".drop") && !list.as_array().unwrap().contains(&"ALL".into()),
            None => true,
        },
        (Value::Bool(value), _) => value_at_path == Some(&value.into()),
        (Value::Number(value), _) => value_at_path == Some(&value.into()),
        (Value::Text("unknown"), Subject::Volume { .. }) => at_path(document, &path).is_some(),
        (Value::Text(value), Subject::Volume { .. }) => {
            path.ends_with(&format!(".{value}")) && value_at_path.is_some()
                || value_at_path.unwrap()["path"].as_str().unwrap_or_default() == value
        }
        (Value::Text(value), _) => value_at_path.map_or("", |value_at_path| value_at_path.as_str().unwrap()) == value,
    }
}

/// The same document with the keys of each object in reverse order.
fn with_keys_reversed(value: &Json) -> String {
    match value {
        Json::Object(fields) => {
            let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{}:{}", json!(key), with_keys_reversed(value))).collect();
            format!("{{{}}}", fields.into_iter().rev().collect::<Vec<_>>().join(","))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(with_keys_reversed).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

pub(crate) fn version() -> impl Strategy<Value = Version> {
    prop_oneof![9 => (0..=NEWEST_MINOR).prop_map(Version::Minor), 1 => Just(Version::Latest)]
}

pub(crate) fn level() -> impl Strategy<Value = Level> {
    select(&Level::ALL[..])
}

/// The baseline checks that restricted overrides at a version.
fn overridden(minor: u64) -> Vec<&'static str> {
    let since = [("hostPathVolumes", 0), ("seccompProfile_baseline", 19), ("capabilities_baseline", 22), ("procMount", 35)];
    since.into_iter().filter(|(_, since)| minor >= *since).map(|(id, _)| id).collect()
}

fn ids_and_findings<'v, 'p: 'v>(violations: impl IntoIterator<Item = &'v Violation<'p>>) -> Vec<(&'static str, Vec<Finding<'p>>)> {
    violations.into_iter().map(|violation| (violation.check.id, violation.findings.clone())).collect()
}

proptest! {
    #[test]
    fn violations_have_a_reason_and_findings_that_agree_with_the_pod(pod in pod(), level in level(), version in version()) {
        let json = pod.to_string();
        let object = object(&json);
        let violations = evaluate(Pod::of(&object), LevelVersion { level, version });
        prop_assert!(level != Level::Privileged || violations.is_empty());
        for violation in &violations {
            prop_assert!(violation.check.level <= level);
            prop_assert!(!violation.findings.is_empty());
            prop_assert!(!forbidden_reasons(std::slice::from_ref(violation)).is_empty());
            let paths: BTreeSet<String> = violation.findings.iter().map(|finding| finding.path().to_string()).collect();
            // Containers with the same name share their annotation.
            let of_annotations = violation.findings.iter().all(|finding| matches!(finding.subject, Subject::Annotation { .. }));
            prop_assert!(of_annotations || paths.len() == violation.findings.len(), "{paths:?}");
            for finding in &violation.findings {
                prop_assert!(agrees(&pod, finding), "{}", finding_text(finding));
            }
        }
        let order: Vec<_> = violations.iter().map(|violation| (violation.check.level, violation.check.id)).collect();
        prop_assert!(order.is_sorted());
    }

    #[test]
    fn the_message_is_deterministic(pod in pod(), level in level(), version in version()) {
        let (json, reversed) = (pod.to_string(), with_keys_reversed(&pod));
        let (object, other) = (object(&json), object(&reversed));
        let policy = LevelVersion { level, version };
        let first = forbidden_details(&evaluate(Pod::of(&object), policy));
        prop_assert_eq!(&first, &forbidden_details(&evaluate(Pod::of(&object), policy)));
        prop_assert_eq!(&first, &forbidden_details(&evaluate(Pod::of(&other), policy)));
    }

    #[test]
    fn restricted_includes_baseline_except_overridden_checks(pod in pod(), version in version()) {
        let json = pod.to_string();
        let object = object(&json);
        let violations_at = |level| evaluate(Pod::of(&object), LevelVersion { level, version });
        let (baseline, restricted) = (violations_at(Level::Baseline), violations_at(Level::Restricted));
        let overridden = overridden(version.known_minor());
        let (of_baseline, more): (Vec<_>, Vec<_>) = restricted.iter().partition(|violation| violation.check.level == Level::Baseline);
        let kept = baseline.iter().filter(|violation| !overridden.contains(&violation.check.id));
        prop_assert_eq!(ids_and_findings(kept), ids_and_findings(of_baseline));

        // The overriding check finds the same violations, except in pods for Windows and for volumes that have an allowed
        // source too.
        let is_windows = pod["spec"]["os"]["name"] == "windows" && version.known_minor() >= 25;
        for (baseline_id, id) in [("capabilities_baseline", "capabilities_restricted"), ("seccompProfile_baseline", "seccompProfile_restricted"), ("procMount", "procMount_restricted")] {
            let violates = overridden.contains(&baseline_id) && baseline.iter().any(|violation| violation.check.id == baseline_id);
            let relaxed = is_windows && baseline_id != "procMount";
            prop_assert!(!violates || relaxed || more.iter().any(|violation| violation.check.id == id), "{}", baseline_id);
        }
    }

    #[test]
    fn unknown_newer_versions_are_evaluated_as_the_newest(pod in pod(), level in level(), offset in any::<u64>()) {
        let json = pod.to_string();
        let object = object(&json);
        let message_at = |version| forbidden_details(&evaluate(Pod::of(&object), LevelVersion { level, version }));
        let newest = message_at(Version::Minor(NEWEST_MINOR));
        prop_assert_eq!(&newest, &message_at(Version::Latest));
        prop_assert_eq!(&newest, &message_at(Version::Minor(NEWEST_MINOR.saturating_add(offset))));
    }

    #[test]
    fn malformed_pods_are_evaluated_without_a_panic(pod in malformed_pod(), level in level(), version in version()) {
        let json = pod.to_string();
        let object = read(&json).unwrap();
        prop_assert!(object.errors.len() <= 1);
        for error in &object.errors {
            prop_assert!(at_path(&pod, &error.path).is_some(), "{error}");
            prop_assert!(error.message.starts_with("must be "), "{error}");
        }
        let _ = forbidden_details(&evaluate(Pod::of(&object), LevelVersion { level, version }));
    }

    #[test]
    fn truncated_documents_are_rejected(pod in pod(), place in any::<Index>()) {
        let json = pod.to_string();
        let end = place.index(json.len());
        prop_assume!(json.is_char_boundary(end));
        prop_assert!(read(&json[..end]).is_err());
    }

    /// The syntax is `^v1\.([0-9]|[1-9][0-9]*)$`, and the number has at most 63 bits.
    #[test]
    fn each_minor_version_has_one_spelling(minor in 0..=i64::MAX as u64) {
        let version = Version::Minor(minor);
        prop_assert_eq!(version.to_string(), format!("v1.{minor}"));
        prop_assert_eq!(Version::parse(&version.to_string()), Some(version));
    }

    #[test]
    fn rejects_other_spellings_of_versions(
        text in prop_oneof!["[vV]?[0-2]?[.,]?[0-9+ -]{0,4}[ \n]?", "v1\\.[0-9]{1,22}", "v1\\.0{0,2}[0-9]{0,2}", "v1\\.\\PC{1,3}", ".*"],
    ) {
        match Version::parse(&text) {
            Some(version) => prop_assert_eq!(version.to_string(), text),
            None => {
                let minor = text.strip_prefix("v1.").and_then(|minor| minor.parse::<i64>().ok());
                let spelling = minor.map(|minor| format!("v1.{minor}"));
                prop_assert!(text != "latest" && minor.is_none_or(|minor| minor < 0 || spelling != Some(text.clone())), "{text:?}");
            }
        }
    }

    #[test]
    fn parses_only_the_names_of_levels(text in prop_oneof!["(privileged|baseline|restricted|Baseline|restrict)[ s]?", ".*"]) {
        let expected = ["privileged", "baseline", "restricted"].contains(&text.as_str());
        prop_assert_eq!(Level::parse(&text).map(|level| level.to_string()), expected.then_some(text));
    }
}
