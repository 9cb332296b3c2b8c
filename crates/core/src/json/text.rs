//! Finds values in JSON text without deserializing it.
//!
//! The syntax of the text has been checked before. At a syntax error the functions here return `None`.

use std::borrow::Cow;
use std::ops::Range;

use super::{ErrorSink, Text, read};

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
    let (is_object, closing) = match json.as_bytes().get(within.start)? {
        b'{' => (true, b'}'),
        b'[' => (false, b']'),
        _ => return None,
    };
    let mut at = skip_space(json, within.start + 1);
    let mut index = 0;
    while *json.as_bytes().get(at)? != closing {
        let key = if is_object {
            let key = value(json, at)?;
            at = skip_space(json, key.end) + 1;
            Some(key)
        } else {
            None
        };
        let value = value(json, at)?;
        let next = skip_space(json, value.end);
        match key {
            Some(key) => visit(Branch::Key(&unescaped(json.get(key)?)?), value)?,
            None => visit(Branch::Index(index), value)?,
        }
        index += 1;
        at = if *json.as_bytes().get(next)? == b',' { skip_space(json, next + 1) } else { next };
    }
    Some(())
}

/// The content of a JSON string, which is borrowed if there are no escapes.
fn unescaped(string: &str) -> Option<Cow<'_, str>> {
    if string.contains('\\') {
        let mut text = Text::default();
        return read(string, "", &ErrorSink::default(), &mut text).ok().map(|()| Cow::Owned(text.into_owned()));
    }
    string.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

/// The offset of the first character at or after `at` that is not whitespace.
fn skip_space(json: &str, mut at: usize) -> usize {
    while json.as_bytes().get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The range of the next value.
pub(super) fn value(json: &str, from: usize) -> Option<Range<usize>> {
    let bytes = json.as_bytes();
    let start = skip_space(json, from);
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at += 1;
                while *bytes.get(at)? != b'"' {
                    at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
                }
                at += 1;
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth > 0 => at += 1,
            // A number, true, false or null.
            _ => {
                let before = at;
                while bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)) {
                    at += 1;
                }
                if at == before {
                    return None;
                }
            }
        }
        if depth == 0 {
            return Some(start..at);
        }
    }
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
