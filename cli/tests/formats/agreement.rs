//! All formats contain the same problems, for the samples and for random manifests.

use proptest::prelude::*;
use pss_testing::samples::{kind, object_with, pod};
use serde_json::{Value, json};

use crate::markdown::assert_is_safe;
use crate::program::{Outputs, check, folder, list};
use crate::samples::{files, outputs_of_files, outputs_of_good, outputs_of_rendered};
use crate::sarif_log;

/// A command of GitHub Actions.
#[derive(Debug, PartialEq, Eq)]
struct Annotation {
    command: String,
    properties: Vec<(String, String)>,
    message: String,
}

impl Annotation {
    /// Decodes a line as the runner of GitHub Actions does.
    fn decode(line: &str) -> Self {
        let (command, message) = line.strip_prefix("::").and_then(|line| line.split_once("::")).unwrap_or_else(|| panic!("{line}"));
        let (command, properties) = command.split_once(' ').unwrap();
        let unescaped = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
        let properties = properties.split(',').map(|property| {
            let (key, value) = property.split_once('=').unwrap();
            (key.to_owned(), unescaped(&value.replace("%3A", ":").replace("%2C", ",")))
        });
        Annotation { command: command.to_owned(), properties: properties.collect(), message: unescaped(message) }
    }

    fn property(&self, key: &str) -> &str {
        self.properties.iter().find(|(other, _)| other == key).map_or("", |(_, value)| value)
    }
}

/// Returns the entries in the texts of test cases: their first lines.
fn entries<'x>(junit: &'x roxmltree::Document<'_>) -> Vec<&'x str> {
    let texts = junit.descendants().filter(|node| ["failure", "error", "system-out"].contains(&node.tag_name().name()));
    texts.flat_map(|node| node.text().unwrap().lines()).filter(|line| !line.starts_with("  ")).collect()
}

/// Asserts that the counts of each test suite are those of its test cases.
fn assert_counts(junit: &roxmltree::Document<'_>) {
    for suite in junit.root_element().children().filter(roxmltree::Node::is_element) {
        let cases: Vec<_> = suite.children().filter(roxmltree::Node::is_element).collect();
        assert!(cases.iter().all(|case| case.tag_name().name() == "testcase"));
        let with = |name| cases.iter().filter(|case| case.children().any(|child| child.has_tag_name(name))).count();
        for (attribute, count) in
            [("tests", cases.len()), ("failures", with("failure")), ("errors", with("error")), ("skipped", with("skipped"))]
        {
            assert_eq!(suite.attribute(attribute), Some(count.to_string().as_str()), "{attribute} of {:?}", suite.attribute("name"));
        }
        for case in cases {
            let results = case.children().filter(|child| ["failure", "error", "skipped"].contains(&child.tag_name().name())).count();
            assert!(results <= 1, "CI servers show one result of a test case");
        }
    }
}

/// Asserts that all outputs are well-formed and contain the same problems.
fn assert_agreement(outputs: &Outputs) {
    let problems = outputs.new_problems();
    let count = problems.len();
    let titles = ["error[", "warning[", "note["];
    let in_text = outputs.of("text").lines().filter(|line| titles.iter().any(|title| line.starts_with(title))).count();
    assert_eq!(in_text, count, "text:\n{}", outputs.of("text"));

    let sarif = outputs.sarif();
    sarif_log::assert_is_valid(&sarif);
    assert_eq!(list(&sarif["runs"][0]["results"]).len(), count);
    let sarif = outputs.sarif_all();
    sarif_log::assert_is_valid(&sarif);
    let results = list(&sarif["runs"][0]["results"]);
    assert_eq!(results.len(), outputs.problems().len());
    for (result, (_, problem)) in results.iter().zip(outputs.problems()) {
        assert_eq!(result["ruleId"], problem["rule"]);
        assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], problem["fingerprint"]);
        assert_eq!(result.get("suppressions").is_some(), problem["state"] != "new");
    }

    let codequality = outputs.codequality();
    assert_eq!(list(&codequality).len(), count);
    for (issue, (_, problem)) in list(&codequality).iter().zip(&problems) {
        assert_eq!([&issue["check_name"], &issue["fingerprint"]], [&problem["rule"], &problem["fingerprint"]]);
    }

    let annotations: Vec<_> = outputs.of("github").lines().map(Annotation::decode).collect();
    assert_eq!(annotations.len(), count);
    for (annotation, (document, problem)) in annotations.iter().zip(&problems) {
        let severity = if problem["severity"] == "note" { "notice" } else { problem["severity"].as_str().unwrap() };
        assert_eq!(annotation.command, severity);
        assert!(annotation.property("title").starts_with(problem["rule"].as_str().unwrap()), "{annotation:?}");
        if document["template"].is_null() {
            assert_eq!(annotation.property("file"), document["file"]);
            if let Some(range) = problem["range"].as_object() {
                assert_eq!(annotation.property("line"), range["start"]["line"].to_string());
            }
            let message = problem["message"].as_str().unwrap();
            if !message.contains(char::is_control) && message.is_ascii() {
                assert!(annotation.message.starts_with(message), "{annotation:?}");
            }
        }
    }

    let junit = roxmltree::Document::parse(outputs.of("junit")).unwrap_or_else(|error| panic!("{error}: {}", outputs.of("junit")));
    assert_counts(&junit);
    assert_eq!(entries(&junit).len(), count, "{}", outputs.of("junit"));

    let in_markdown = outputs.of("markdown").lines().filter(|line| line.starts_with("- ")).count();
    assert_eq!(in_markdown, count, "{}", outputs.of("markdown"));
    assert_is_safe(outputs.of("markdown"));

    for format in crate::program::FORMATS {
        let is_unsafe = |character: &char| character.is_control() && !matches!(character, '\n' | '\t');
        let found = outputs.of(format).chars().find(is_unsafe);
        assert_eq!(found, None, "{format} contains a control character: {:?}", outputs.of(format));
    }
}

#[test]
fn all_formats_have_the_problems_of_the_samples() {
    for outputs in [outputs_of_files(&files()), outputs_of_rendered(), outputs_of_good()] {
        assert_agreement(&outputs);
    }
}

#[test]
fn the_samples_have_every_state_and_severity() {
    let outputs = outputs_of_files(&files());
    let problems = outputs.problems();
    for (key, values) in [
        ("state", &["new", "baseline", "excepted", "exempt"][..]),
        ("severity", &["error", "warning", "note"]),
        ("rule", &["syntax", "template", "unreadable", "unused-exception", "expired-exception", "namespace-label"]),
        ("rule", &["pod-security-policy", "pod-security-policy-access", "pod-security-policy-value"]),
    ] {
        for value in values {
            assert!(problems.iter().any(|(_, problem)| problem[key] == *value), "no problem with {key} {value}");
        }
    }
    let junit = outputs.of("junit");
    assert!(["<failure ", "<error ", "<skipped message=\"exempt", "<skipped message=\"1 finding"].iter().all(|part| junit.contains(part)));
}

/// Every fixture of Kubernetes that the newest version of restricted rejects.
#[test]
fn all_formats_have_the_problems_of_the_fixtures() {
    let Some(data) = pss_testing::conformance::data("pss") else { return };
    let outputs = check(&data, &["--no-config", "restricted/v1.37/fail"], "");
    assert!(outputs.status == 1 && outputs.new_problems().len() > 50);
    assert_agreement(&outputs);
}

/// A run without objects is no output, but an output of a run without findings is.
#[test]
fn a_run_without_findings_has_empty_lists() {
    let outputs = outputs_of_good();
    assert_eq!(outputs.sarif()["runs"][0]["results"], json!([]));
    assert_eq!(outputs.codequality(), json!([]));
    assert_eq!(outputs.of("github"), "");
    assert!(outputs.of("text").starts_with("1 pod or workload judged"), "{}", outputs.of("text"));
}

/// With `--fail-on warn`, the exit status and the failures of JUnit agree.
#[test]
fn warnings_that_fail_the_run_are_failures_of_junit() {
    let folder = files();
    let failures = |arguments: &[&str]| {
        let outputs = check(folder.path(), arguments, "");
        (outputs.status, outputs.of("junit").matches("<failure ").count())
    };
    assert_eq!(failures(&["deploy/warnings.yaml"]), (0, 0));
    assert_eq!(failures(&["deploy/warnings.yaml", "--fail-on", "warn"]), (1, 1));
}

/// Texts with characters that some format has to escape.
fn hostile_text() -> BoxedStrategy<String> {
    let parts = [
        "a",
        "b",
        "|",
        "`",
        "``",
        "<b>",
        "</details>",
        "\n",
        "\r\n",
        "\n# ",
        "\n- ",
        "::",
        "::error::",
        "%",
        "%0A",
        ",",
        "=",
        "[x](y)",
        "@all",
        "]]>",
        "&amp;",
        "\u{1b}[31m",
        "\u{9b}",
        "\u{202e}",
        "\u{0}",
        "\u{fffe}",
        "\u{feff}",
        "ü",
        "日本",
        "🦀",
        "\"",
        "'",
        "\\",
        "$x$",
        "<!--",
        "  ",
        "\t",
        "https://example.com",
    ];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 0..6).prop_map(|parts| parts.concat()).boxed()
}

/// Replaces some names in an object.
fn renamed(mut object: Value, names: &[String]) -> Value {
    fn rename(value: &mut Value, names: &mut std::slice::Iter<'_, String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    match (key.as_str(), names.len()) {
                        ("name" | "type" | "path" | "value", 1..) if value.is_string() => {
                            *value = names.next().map_or(Value::Null, |name| json!(name));
                        }
                        _ => rename(value, names),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
            _ => {}
        }
    }
    rename(&mut object, &mut names.iter());
    object
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_formats_have_the_problems_of_random_manifests(
        objects in prop::collection::vec((kind(), pod(), prop::collection::vec(hostile_text(), 0..8)), 1..4),
        is_pretty in any::<bool>(),
        file in "[a-c %ü#@`|&<>]{1,8}",
    ) {
        let objects = objects.into_iter().map(|(kind, pod, names)| renamed(object_with(kind, &pod), &names));
        let texts = objects.map(|object| if is_pretty { serde_json::to_string_pretty(&object).unwrap() } else { object.to_string() });
        let text = texts.collect::<Vec<_>>().join("\n---\n");
        let name = format!("x{file}.yaml");
        let folder = folder(&[(&name, text.into())]);
        assert_agreement(&check(folder.path(), &["--no-config", &format!("./{name}")], ""));
    }
}
