//! Objects as YAML, for `kubectl apply`.

use serde_json::Value;

/// Appends a document with an object.
pub(super) fn document(text: &mut String, object: &Value) {
    text.push_str("---\n");
    value(text, object, 0, false);
}

/// Appends a value after a key or a dash, or at the start of a line.
fn value(text: &mut String, json: &Value, indent: usize, is_after_key: bool) {
    match json {
        Value::Object(members) if !members.is_empty() => {
            // The first member of an element is on the line of its dash.
            let mut starts_line = !text.ends_with("- ");
            if is_after_key {
                text.push('\n');
            }
            for (key, member) in members {
                if starts_line {
                    text.push_str(&" ".repeat(indent));
                }
                starts_line = true;
                scalar(text, key);
                text.push(':');
                value(text, member, indent + 2, true);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            if is_after_key {
                text.push('\n');
            }
            for (index, element) in elements.iter().enumerate() {
                if index > 0 || !text.ends_with("- ") {
                    text.push_str(&" ".repeat(indent));
                }
                text.push_str("- ");
                value(text, element, indent + 2, false);
            }
        }
        scalar_value => {
            if is_after_key {
                text.push(' ');
            }
            match scalar_value {
                Value::String(content) => scalar(text, content),
                other => text.push_str(&other.to_string()),
            }
            text.push('\n');
        }
    }
}

/// Appends a string: in double quotes, unless it is certain to be a string without them.
fn scalar(text: &mut String, content: &str) {
    const KEYWORDS: [&str; 10] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan"];
    let is_plain = content.starts_with(|first: char| first.is_ascii_alphabetic())
        && content.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'=' | b'+'))
        && !KEYWORDS.contains(&&*content.to_ascii_lowercase());
    if is_plain {
        text.push_str(content);
        return;
    }
    text.push('"');
    for character in content.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            ' '..='~' => text.push(character),
            _ => text.push_str(&format!("\\U{:08X}", u32::from(character))),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parsed(text: &str) -> Value {
        let documents = pss_manifest::documents(text);
        assert_eq!(documents.len(), 1, "{text}");
        documents[0].content.as_ref().unwrap_or_else(|error| panic!("{error:?}: {text}")).to_json()
    }

    #[test]
    fn quotes_what_is_no_plain_string() {
        let mut text = String::new();
        document(
            &mut text,
            &json!({"a": "b", "c/d": ["yes", "H4sI+/==", "1", "é\n", [], {}, {"e": null, "f": [[1, 2], 3]}], "g": {"h": true}}),
        );
        let expected = "---\na: b\nc/d:\n  - \"yes\"\n  - H4sI+/==\n  - \"1\"\n  - \"\\U000000E9\\n\"\n  - []\n  - {}\n  - e: null\n    f:\n      - - 1\n        - 2\n      - 3\ng:\n  h: true\n";
        assert_eq!(text, expected);
    }

    fn json() -> impl Strategy<Value = Value> {
        let text = prop_oneof!["[a-zA-Z0-9._/+=~-]{0,12}", any::<String>(), "0x1f|1e3|2001-01-01|12:30|.inf|<<|=|a: b|a #b|null|~|Yes"];
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            text.clone().prop_map(Value::from)
        ];
        scalar.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text.clone(), inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn kubernetes_reads_the_same_object(object in prop::collection::btree_map("[a-z]{1,3}|.{1,3}", json(), 1..4)) {
            let object = Value::Object(object.into_iter().collect());
            let mut text = String::new();
            document(&mut text, &object);
            prop_assert_eq!(parsed(&text), object, "{}", text);
        }
    }
}
