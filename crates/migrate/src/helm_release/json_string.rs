//! Changes of a string in JSON that keep the bytes of the rest: escapes remain as they are written.

use std::ops::Range;

/// A replacement of a range of a text, in byte offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: Range<usize>,
    pub(super) text: String,
}

impl Change {
    pub(super) fn new(at: Range<usize>, text: impl Into<String>) -> Self {
        Change { at, text: text.into() }
    }
}

/// Applies changes, which are in the order of the text. Returns `None` if a range is invalid.
pub(super) fn apply(text: &str, changes: &[Change]) -> Option<String> {
    let mut changed = String::with_capacity(text.len());
    let mut end = 0;
    for change in changes {
        changed += text.get(end..change.at.start)?;
        changed += &change.text;
        end = change.at.end;
    }
    changed += text.get(end..)?;
    Some(changed)
}

/// Applies changes of the value of a string to its JSON, which begins and ends with a quotation mark.
pub(super) fn apply_to_json(json: &str, changes: &[Change]) -> Option<String> {
    let mut changed = String::with_capacity(json.len());
    // The offsets of the same character in the value and in the JSON.
    let (mut in_value, mut in_json) = (0, 1);
    let mut end = 0;
    let mut advance = |target: usize| {
        while in_value < target {
            let (json_length, value_length) = character(json.get(in_json..)?)?;
            in_json += json_length;
            in_value += value_length;
        }
        (in_value == target).then_some(in_json)
    };
    for change in changes {
        changed += json.get(end..advance(change.at.start)?)?;
        escape(&mut changed, &change.text);
        end = advance(change.at.end)?;
    }
    changed += json.get(end..)?;
    Some(changed)
}

/// Returns the length of the first character of the content of a JSON string, in JSON and in UTF-8.
fn character(json: &str) -> Option<(usize, usize)> {
    let first = json.chars().next()?;
    if first != '\\' {
        return Some((first.len_utf8(), first.len_utf8()));
    }
    let Some(hex) = json.strip_prefix("\\u") else { return Some((2, 1)) };
    let code = u32::from_str_radix(hex.get(..4)?, 16).ok()?;
    // Characters outside of the basic plane are two escapes.
    Some(if (0xd800..0xdc00).contains(&code) { (12, 4) } else { (6, char::from_u32(code)?.len_utf8()) })
}

/// Returns a string as JSON, escaped as by Go.
pub(super) fn to_json(text: &str) -> String {
    let mut json = "\"".to_owned();
    escape(&mut json, text);
    json + "\""
}

/// Appends the content of a JSON string, escaped as by Go, which also escapes what HTML gives a meaning.
fn escape(json: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                json.push_str("\\u");
                json.push_str(&format!("{:04x}", u32::from(character)));
            }
            _ => json.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_remain() {
        let json = r#""a\u003c\n\ud83d\ude00😀é\/\u00e9b""#;
        let value: String = serde_json::from_str(json).unwrap();
        assert_eq!(value, "a<\n😀😀é/éb");
        let emoji = value.find('😀').unwrap();
        let change = Change::new(emoji..emoji + 4, "<&>\u{1}\u{2028}\t\"\\");
        assert_eq!(
            apply_to_json(json, std::slice::from_ref(&change)).unwrap(),
            r#""a\u003c\n\u003c\u0026\u003e\u0001\u2028\t\"\\😀é\/\u00e9b""#
        );
        assert_eq!(apply(&value, &[change]).unwrap(), "a<\n<&>\u{1}\u{2028}\t\"\\😀é/éb");
        // Within a character, and after the end.
        for range in [emoji + 1..emoji + 4, 0..99] {
            assert_eq!(apply_to_json(json, &[Change::new(range, "")]), None);
        }
    }

    proptest! {
        #[test]
        fn a_change_of_the_json_is_that_of_the_value(parts in prop::collection::vec((any::<String>(), any::<bool>(), any::<String>()), 0..6)) {
            let value: String = parts.iter().map(|(text, ..)| &**text).collect();
            let (mut changes, mut at) = (Vec::new(), 0);
            for (text, is_changed, replacement) in &parts {
                if *is_changed {
                    changes.push(Change::new(at..at + text.len(), &**replacement));
                }
                at += text.len();
            }
            let expected = apply(&value, &changes).unwrap();
            for json in [to_json(&value), serde_json::to_string(&value).unwrap()] {
                prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &value);
                let changed = apply_to_json(&json, &changes).unwrap();
                prop_assert_eq!(&serde_json::from_str::<String>(&changed).unwrap(), &expected);
            }
            prop_assert_eq!(apply_to_json(&to_json(&value), &changes).unwrap(), to_json(&expected));
        }
    }
}
