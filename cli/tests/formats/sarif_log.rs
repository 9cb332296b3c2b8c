//! The requirements of SARIF 2.1.0, and of GitHub's code scanning, for the part of the standard that the program uses.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::list;
use crate::samples::{files, outputs_of_files};

/// The properties of each object, as `name: type`. `?` marks those that can be missing. All others are errors.
const OBJECTS: &[(&str, &str)] = &[
    ("log", "$schema: uri, version: =2.1.0, runs: [run]"),
    (
        "run",
        "tool: tool, automationDetails: runAutomationDetails, columnKind: =utf16CodeUnits, newlineSequences: [text], results: [result], \
         invocations: [invocation]",
    ),
    ("tool", "driver: toolComponent"),
    (
        "toolComponent",
        "name: text, fullName: text, version: text, semanticVersion: text, informationUri: uri, rules: [reportingDescriptor]",
    ),
    (
        "reportingDescriptor",
        "id: text, shortDescription: message, fullDescription: message, help: help, helpUri: uri, defaultConfiguration: configuration, \
         properties: properties",
    ),
    ("message", "text: text"),
    ("help", "text: text, markdown: text"),
    ("configuration", "level: =none|note|warning|error"),
    (
        "properties",
        "tags: [text], precision: =very-high|high|medium|low, security-severity?: score, problem.severity?: =error|warning|recommendation",
    ),
    ("runAutomationDetails", "id: text"),
    (
        "result",
        "ruleId: text, ruleIndex: index, level: =none|note|warning|error, message: message, locations: [location], \
         partialFingerprints: fingerprints, fixes?: [fix], suppressions?: [suppression]",
    ),
    ("fingerprints", "primaryLocationLineHash: text"),
    ("location", "physicalLocation: physicalLocation, logicalLocations?: [logicalLocation]"),
    ("physicalLocation", "artifactLocation: artifactLocation, region: region"),
    ("artifactLocation", "uri: relative, uriBaseId?: =%SRCROOT%"),
    ("region", "startLine: count, startColumn: count, endLine: count, endColumn: count"),
    ("logicalLocation", "name: text, fullyQualifiedName: text, kind: =object|property"),
    ("fix", "description: message, artifactChanges: [artifactChange]"),
    ("artifactChange", "artifactLocation: artifactLocation, replacements: [replacement]"),
    ("replacement", "deletedRegion: region, insertedContent: content"),
    ("content", "text: any"),
    ("suppression", "kind: =inSource|external, status: =accepted|underReview|rejected, justification: text"),
    ("invocation", "executionSuccessful: boolean, toolExecutionNotifications: [notification]"),
    ("notification", "level: =none|note|warning|error, message: message, locations: [location], associatedRule: ruleReference"),
    ("ruleReference", "id: text, index: index"),
];

/// Asserts that a value has a type of [`OBJECTS`].
fn assert_type(value: &Value, expected: &str, path: &str) {
    let error = || panic!("{path}: expected {expected}, not {value}");
    if let Some(item) = expected.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let items = value.as_array().unwrap_or_else(error);
        items.iter().enumerate().for_each(|(index, one)| assert_type(one, item, &format!("{path}[{index}]")));
        return;
    }
    let text = value.as_str();
    let is_valid = match expected {
        "text" => text.is_some_and(|text| !text.is_empty()),
        "any" => text.is_some(),
        "uri" => text.is_some_and(|text| text.starts_with("https://") && !text.contains(' ')),
        "relative" => text.is_some_and(is_uri),
        "score" => text.is_some_and(|text| text.parse::<f64>().is_ok_and(|score| (0.1..=10.0).contains(&score))),
        "boolean" => value.is_boolean(),
        "index" => value.is_u64(),
        "count" => value.as_u64().is_some_and(|count| count > 0),
        _ => match expected.strip_prefix('=') {
            Some(values) => text.is_some_and(|text| values.split('|').any(|one| one == text)),
            None => {
                assert_object(value, expected, path);
                true
            }
        },
    };
    if !is_valid {
        error();
    }
}

/// Returns whether a text is a relative address, or one of a file.
fn is_uri(text: &str) -> bool {
    let path = text.strip_prefix("file:///").unwrap_or(text);
    !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)) && !path.starts_with('/')
}

fn assert_object(value: &Value, name: &str, path: &str) {
    let (_, properties) = OBJECTS.iter().find(|(other, _)| *other == name).unwrap_or_else(|| panic!("no object {name}"));
    let mut rest: BTreeSet<&str> = value.as_object().unwrap_or_else(|| panic!("{path}: no object")).keys().map(String::as_str).collect();
    for property in properties.split(", ") {
        let (key, expected) = property.split_once(": ").unwrap();
        let (key, is_optional) = key.strip_suffix('?').map_or((key, false), |key| (key, true));
        if rest.remove(key) {
            assert_type(&value[key], expected, &format!("{path}.{key}"));
        } else {
            assert!(is_optional, "{path}.{key} is missing");
        }
    }
    assert!(rest.is_empty(), "{path}: unknown properties {rest:?}");
}

/// Asserts that a log is valid.
pub(crate) fn assert_is_valid(log: &Value) {
    assert_type(log, "log", "$");
    let run = &log["runs"][0];
    let rules = list(&run["tool"]["driver"]["rules"]);
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len());
    for result in list(&run["results"]) {
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let [start, end] = [["startLine", "startColumn"], ["endLine", "endColumn"]].map(|keys| keys.map(|key| region[key].as_u64()));
        assert!(start <= end, "{region}");
    }
    let invocation = &run["invocations"][0];
    let notifications = list(&invocation["toolExecutionNotifications"]);
    assert_eq!(invocation["executionSuccessful"], notifications.is_empty());
    for notification in notifications {
        let rule = &notification["associatedRule"];
        assert_eq!(rules[rule["index"].as_u64().unwrap() as usize]["id"], rule["id"]);
    }
}

#[test]
fn fingerprints_are_distinct_and_do_not_depend_on_lines() {
    let folder = files();
    let fingerprints = || {
        let sarif = outputs_of_files(&folder).sarif_all();
        let results = list(&sarif["runs"][0]["results"]).clone();
        let all: Vec<String> = results.iter().map(|result| result["partialFingerprints"]["primaryLocationLineHash"].to_string()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        all
    };
    let before = fingerprints();
    for entry in std::fs::read_dir(folder.path().join("deploy")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = std::fs::read(&path).unwrap();
            std::fs::write(&path, [b"# comment\n\n".as_slice(), &text].concat()).unwrap();
        }
    }
    let after = fingerprints();
    // The message about the invalid byte of latin1.yaml contains its line.
    let changed = before.iter().zip(&after).filter(|(before, after)| before != after).count();
    assert!(before.len() == after.len() && changed <= 2, "{changed}");
}
