//! JSON text that is not deserialized: values in it are found, and its syntax is checked.
//!
//! The functions that find values get texts whose syntax has been checked before. At a syntax error they return `None`.

use std::ops::Range;

use super::Value;
use super::reader::Reader;

/// The text of the value at a path of keys; `None` if there is no such value.
pub fn find<'j>(json: &'j str, path: &[&str]) -> Option<&'j str> {
    let mut range = value(json, 0)?;
    for key in path {
        let mut found = None;
        each_member(json, &range, &mut |branch, value| {
            if branch == Branch::Key(key) {
                found = Some(value);
            }
            Some(())
        })?;
        range = found?;
    }
    json.get(range)
}

/// Whether a text is JSON.
pub fn is_json(text: &str) -> bool {
    let mut reader = Reader::at(text, 0);
    reader.skip().is_ok() && reader.end().is_ok()
}

/// A step of a path to a value in JSON.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Branch<'t> {
    /// The key of an entry of an object.
    Key(&'t str),
    /// The index of an element of an array.
    Index(usize),
}

/// Calls `visit` with each entry of the object, or each element of the array, at a range of the text, and with the range
/// of the value. Returns `None` if the value is neither an object nor an array, or as soon as `visit` does.
pub fn each_member(json: &str, within: &Range<usize>, visit: &mut dyn FnMut(Branch<'_>, Range<usize>) -> Option<()>) -> Option<()> {
    let mut reader = Reader::at(json, within.start);
    match reader.value().ok()? {
        Value::Object => {
            while let Some(key) = reader.next_key().ok()? {
                reader.colon().ok()?;
                visit(Branch::Key(&key), reader.skip_value().ok()?)?;
            }
        }
        Value::Array => {
            let mut index = 0;
            while reader.next_element().ok()? {
                visit(Branch::Index(index), reader.skip_value().ok()?)?;
                index += 1;
            }
        }
        _ => return None,
    }
    Some(())
}

/// The range of the next value.
pub(super) fn value(json: &str, from: usize) -> Option<Range<usize>> {
    Reader::at(json, from).skip_value().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_text_of_values() {
        let text = r#" {"a" : {"b\u0063": [1.0, {"x":"}\"]"}], "n":null}, "e":{}, "s":"\\", "z": -1e5 } "#;
        let table: [(&[&str], Option<&str>); 9] = [
            (&[], Some(text.trim())),
            (&["a", "bc"], Some(r#"[1.0, {"x":"}\"]"}]"#)),
            (&["a", "n"], Some("null")),
            (&["e"], Some("{}")),
            (&["s"], Some(r#""\\""#)),
            (&["z"], Some("-1e5")),
            (&["b"], None),
            (&["e", "a"], None),
            (&["z", "a"], None),
        ];
        for (path, expected) in table {
            assert_eq!(find(text, path), expected, "{path:?}");
        }
        for invalid in ["", "{", r#"{"a"#, r#"{"a":"#, r#"{"a":1"#, "]", r#"{"a":]}"#, r#""\"#] {
            assert_eq!(find(invalid, &["a"]), None, "{invalid}");
        }
    }
}
