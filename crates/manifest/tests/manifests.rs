//! Comparison with the results of Kubernetes for difficult texts, and properties of generated manifests.
//!
//! The texts are not part of this repository: `PSS_CONFORMANCE_DIR` is the directory of `yaml-cases.jsonl`. The tables for each rule
//! are in the unit tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fmt::Write as _;
use std::fs;

use proptest::prelude::*;
use pss_manifest::{Kind, Node, Tree};
use pss_testing::conformance;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    yaml: String,
    documents: Vec<Expected>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Json(Value),
    /// The message of Kubernetes, which may differ from that of this crate.
    Error(String),
}

fn parse(text: &str) -> Vec<Result<Value, String>> {
    pss_manifest::documents(text)
        .iter()
        .map(|document| document.content.as_ref().map(Tree::to_json).map_err(|diagnostic| diagnostic.message.clone()))
        .collect()
}

#[test]
fn parses_texts_as_kubernetes_does() {
    let Some(path) = conformance::data("yaml-cases.jsonl") else { return };
    let cases = fs::read_to_string(&path).unwrap();
    let mut failures = String::new();
    let mut count = 0;
    for line in cases.lines() {
        let mut json = serde_json::Deserializer::from_str(line);
        json.disable_recursion_limit();
        let case = Case::deserialize(&mut json).unwrap();
        let actual = parse(&case.yaml);
        let equal = actual.len() == case.documents.len()
            && actual.iter().zip(&case.documents).all(|pair| match pair {
                (Ok(actual), Expected::Json(expected)) => actual == expected,
                (Err(_), Expected::Error(_)) => true,
                _ => false,
            });
        if !equal {
            let yaml = case.yaml.chars().take(200).collect::<String>();
            writeln!(failures, "{}: {yaml:?}\n  actual   {actual:?}\n  expected {:?}", case.id, case.documents).unwrap();
        }
        count += 1;
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(count > 0, "{} contains no case", path.display());
    eprintln!("{count} texts have the result of Kubernetes");
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1_000_000_i64..1_000_000).prop_map(|number| Value::from(f64::from(i32::try_from(number).unwrap()) + 0.25)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Strings that resemble other types, and arbitrary ones of characters that neither JSON nor YAML escapes: without the line breaks of
/// YAML only, and without characters that it does not allow.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["yes", "no", "~", "1", "0x10", "1e3", "<<", "- a", "a: b", "# c", "", " ", "😀", "a\nb\n", "---", "é"])
            .prop_map(str::to_owned),
        "[a-z]{1,8}",
        any::<String>().prop_map(|text| {
            text.replace(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'), "")
        }),
    ]
}

/// YAML in block style with some flow collections.
fn yaml(value: &Value, indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    match value {
        Value::Array(elements) if !elements.is_empty() && elements.len() != 3 => {
            for element in elements {
                write!(out, "\n{pad}-").unwrap();
                yaml(element, indent + 1, out);
            }
        }
        Value::Object(members) if !members.is_empty() && members.len() != 3 => {
            for (key, value) in members {
                let key = scalar(&Value::from(key.as_str()));
                // A key of more than 1,000 characters needs a question mark.
                if key.len() > 200 {
                    write!(out, "\n{pad}? {key}\n{pad}:").unwrap();
                } else {
                    write!(out, "\n{pad}{key}:").unwrap();
                }
                yaml(value, indent + 1, out);
            }
        }
        Value::Array(_) | Value::Object(_) => write!(out, " {}", flow(value)).unwrap(),
        _ => write!(out, " {}", scalar(value)).unwrap(),
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Array(elements) => format!("[{}]", elements.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("? {} : {}", scalar(&Value::from(key.as_str())), flow(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        _ => scalar(value),
    }
}

fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let is_word = text.len() > 5 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_word {
        return text.clone();
    }
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' | '\u{a1}'..='\u{2000}' | '\u{1f000}'..='\u{1ffff}' => quoted.push(character),
            _ => write!(quoted, "\\U{:08X}", u32::from(character)).unwrap(),
        }
    }
    quoted + "\""
}

/// Every node of a tree.
fn each<'d>(node: Node<'d>, visit: &mut dyn FnMut(Node<'d>)) {
    visit(node);
    node.elements().for_each(|element| each(element, visit));
    node.entries().for_each(|entry| each(entry.value, visit));
}

fn assert_spans(text: &str) {
    for document in pss_manifest::documents(text) {
        for warning in &document.warnings {
            assert!(text.get(warning.span.start.offset..warning.span.end.offset).is_some(), "{warning:?}");
        }
        match &document.content {
            Err(diagnostic) => {
                assert!(text.get(diagnostic.span.start.offset..diagnostic.span.end.offset).is_some(), "{diagnostic:?}");
            }
            Ok(tree) => each(tree.root(), &mut |node| {
                let span = node.span();
                for place in [span.start, span.end] {
                    let before = text.get(..place.offset).expect("a boundary between characters");
                    assert_eq!(place.utf16_offset, before.encode_utf16().count());
                    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
                    let line = line.rfind('\r').map_or(line, |end| &line[end + 1..]);
                    assert_eq!(place.column, line.chars().count() + 1);
                    assert_eq!(place.utf16_column, line.encode_utf16().count() + 1);
                }
                assert!(span.start.offset <= span.end.offset);
                let source = span.slice(text);
                if let Kind::Text(value) = node.kind()
                    && !source.starts_with(['"', '\'', '|', '>', '*'])
                    && !source.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
                    && !text.contains("!!binary")
                {
                    assert_eq!(source, value);
                }
                node.entries().for_each(|entry| {
                    assert!(text.get(entry.key_span().start.offset..entry.key_span().end.offset).is_some());
                });
            }),
        }
    }
}

/// Text of YAML syntax elements in any order.
fn yaml_like() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "#",
        " #",
        "\"",
        "'",
        "|\n",
        ">-\n",
        "&a ",
        "*a",
        "!!str ",
        "<<: ",
        " ",
        "  ",
        "\n",
        "\n  ",
        "\t",
        "yes",
        "0x1F",
        "1e3",
        "~",
        "---\n",
        "...\n",
        "\r\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "é",
        "😀",
        "\\",
        "%",
        "@",
        "\n- ",
        "\na: ",
        "!!binary ",
        "\"a\":1",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn parses_generated_json(value in values()) {
        prop_assert_eq!(parse(&value.to_string()), [Ok(value.clone())]);
        prop_assert_eq!(parse(&format!("{value:#}")), [Ok(value)]);
    }

    #[test]
    fn parses_generated_yaml(value in values()) {
        let mut text = String::new();
        yaml(&value, 0, &mut text);
        prop_assert_eq!(parse(&text), [Ok(value)], "{}", text);
    }

    #[test]
    fn accepts_any_text_without_a_panic(text in any::<String>()) {
        assert_spans(&text);
    }

    #[test]
    fn spans_of_yaml_like_text_are_valid(text in yaml_like()) {
        assert_spans(&text);
    }

    #[test]
    fn accepts_json_like_text_without_a_panic(text in "[{\\[\"a:,1e\\\\\\]}u\\-. ]{0,30}") {
        assert_spans(&format!("{{{text}"));
    }
}

#[test]
fn rejects_collections_beyond_the_maximum_depth() {
    for (open, close) in [("[", "]"), ("- ", ""), ("{a: ", "}"), ("? ", "")] {
        let nested = |depth: usize| parse(&format!("{}{}", open.repeat(depth), close.repeat(depth)));
        let too_deep = nested(1_001);
        assert!(matches!(too_deep.as_slice(), [Err(message)] if message.contains("1000 levels")), "{open}: {too_deep:?}");
    }
    assert!(matches!(parse(&format!("{}{}", "[".repeat(1_000), "]".repeat(1_000))).as_slice(), [Ok(_)]));
    assert!(matches!(parse(&format!("{}{{}}{}", "{\"a\":".repeat(999), "}".repeat(999))).as_slice(), [Ok(_)]));
    assert!(matches!(parse(&format!("{}{{}}{}", "{\"a\":".repeat(2_000), "}".repeat(2_000))).as_slice(), [Err(_)]));
}

#[test]
fn parses_large_texts_in_linear_time() {
    let long = "- {name: a, value: \"b\"}\n".repeat(40_000);
    assert_eq!(parse(&long)[0].as_ref().unwrap().as_array().unwrap().len(), 40_000);
    // JSON on one line.
    let line = format!("{{\"a\": [{}0]}}", "{\"name\": \"a\"}, ".repeat(40_000));
    let tree = pss_manifest::documents(&line).remove(0).content.unwrap();
    let items = tree.root().get("a").unwrap().value;
    assert_eq!(items.elements().filter(|item| item.span().start.line == 1 && item.get("name").is_some()).count(), 40_000);
    let rejected = parse(&" ".repeat(10_000_000));
    assert!(rejected[0].as_ref().unwrap_err().contains("more than"), "{rejected:?}");
    // Half a million duplicate keys.
    let keys = (0..20_000).fold(String::new(), |mut text, key| {
        writeln!(text, "k{key}: 1\nk{key}: 2").unwrap();
        text
    });
    assert_eq!(pss_manifest::documents(&keys)[0].warnings.len(), 20_000);
    assert_eq!(parse(&keys)[0].as_ref().unwrap()["k7"], json!(2));
}
