//! JSON as text: where in it a value stands.
//!
//! The text has been read as JSON before. What is not as it should be all the same is not guessed at.

use std::borrow::Cow;
use std::ops::Range;

use super::{ErrorSink, Text, read};

/// The value at a path of keys, as it is written; nothing if it is not there.
pub(crate) fn find<'j>(json: &'j str, path: &[&str]) -> Option<&'j str> {
    let mut range = value(json, 0)?;
    for key in path {
        let mut found = None;
        each(json, &range, &mut |branch, value| {
            if branch == Branch::Key(key) {
                found = Some(value);
            }
            Some(())
        })?;
        range = found?;
    }
    json.get(range)
}

/// What leads to a value: the key of an entry, or the place of an element.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Branch<'t> {
    Key(&'t str),
    Index(usize),
}

/// Goes through the entries of an object, or the elements of an array: nothing if it is neither.
pub(crate) fn each(json: &str, within: &Range<usize>, tell: &mut dyn FnMut(Branch<'_>, Range<usize>) -> Option<()>) -> Option<()> {
    let (is_object, closing) = match json.as_bytes().get(within.start)? {
        b'{' => (true, b'}'),
        b'[' => (false, b']'),
        _ => return None,
    };
    let mut at = behind_space(json, within.start + 1);
    let mut place = 0;
    while *json.as_bytes().get(at)? != closing {
        let key = if is_object {
            let key = value(json, at)?;
            at = behind_space(json, key.end) + 1;
            Some(key)
        } else {
            None
        };
        let value = value(json, at)?;
        let behind = behind_space(json, value.end);
        match key {
            Some(key) => tell(Branch::Key(&unescaped(json.get(key)?)?), value)?,
            None => tell(Branch::Index(place), value)?,
        }
        place += 1;
        at = if *json.as_bytes().get(behind)? == b',' { behind_space(json, behind + 1) } else { behind };
    }
    Some(())
}

/// What a string says.
fn unescaped(string: &str) -> Option<Cow<'_, str>> {
    if string.contains('\\') {
        let mut text = Text::default();
        return read(string, "", &ErrorSink::default(), &mut text).ok().map(|()| Cow::Owned(text.into_owned()));
    }
    string.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

fn behind_space(json: &str, mut at: usize) -> usize {
    while json.as_bytes().get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Where the next value stands.
pub(super) fn value(json: &str, from: usize) -> Option<Range<usize>> {
    let bytes = json.as_bytes();
    let start = behind_space(json, from);
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
    fn values_are_found_as_they_are_written() {
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
        for broken in ["", "{", r#"{"a"#, r#"{"a":"#, r#"{"a":1"#, "]", r#"{"a":]}"#, r#""\"#] {
            assert_eq!(find(broken, &["a"]), None, "{broken}");
        }
    }
}
