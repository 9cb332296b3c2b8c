//! Writes JSON text, with the escapes of serde_json.

use super::reader::special_in;

/// Appends a string in quotation marks.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    content(out, text);
    out.push(b'"');
}

/// Appends the content of a string.
pub fn content(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    // Messages have many quotation marks, so eight bytes at once are faster than the search for the next one.
    while let Some((word, after)) = rest.split_first_chunk() {
        let special = special_in(*word);
        out.extend_from_slice(word);
        if special == 0 {
            rest = after;
            continue;
        }
        let before = (special.trailing_zeros() / 8) as usize;
        out.truncate(out.len() - word.len() + before);
        let Some((byte, after)) = rest.get(before..).and_then(<[u8]>::split_first) else { break };
        escape(out, *byte);
        rest = after;
    }
    for byte in rest {
        match byte {
            b'"' | b'\\' | ..0x20 => escape(out, *byte),
            _ => out.push(*byte),
        }
    }
}

/// Appends the escape of a byte.
fn escape(out: &mut Vec<u8>, byte: u8) {
    let escape = match byte {
        b'\n' => b'n',
        b'\t' => b't',
        b'\r' => b'r',
        0x8 => b'b',
        0xc => b'f',
        ..0x20 => {
            let digits = b"0123456789abcdef";
            let digit = |value: u8| digits.get(usize::from(value)).copied().unwrap_or_default();
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0xf)]);
            return;
        }
        _ => byte,
    };
    out.extend_from_slice(&[b'\\', escape]);
}

/// Appends a value, or null.
pub fn optional<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    match value {
        Some(value) => write(out, value),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends an array; `write` appends each element.
pub fn array<T>(out: &mut Vec<u8>, elements: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, element);
    }
    out.push(b']');
}

/// An object that is appended to a text, entry by entry.
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Object { out, is_empty: true }
    }

    /// Appends a key, and returns the text, to which the caller appends the value.
    pub fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        string(self.out, key);
        self.out.push(b':');
        self.out
    }

    /// Ends the object.
    pub fn end(self) {
        self.out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes_every_character_as_serde_json() {
        for code in 0..0x300 {
            let text: String = char::from_u32(code).into_iter().collect();
            assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }

    #[test]
    fn separates_members_with_commas() {
        let mut out = Vec::new();
        let mut object = Object::new(&mut out);
        array(object.key("none"), [""; 0], string);
        array(object.key("two"), ["a", "b"], string);
        optional(object.key("\""), None::<&str>, string);
        optional(object.key("some"), Some("c"), string);
        Object::new(object.key("empty")).end();
        object.end();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"none":[],"two":["a","b"],"\"":null,"some":"c","empty":{}}"#);
    }

    proptest! {
        #[test]
        fn writes_strings_as_serde_json(text in "([\"\\\\\u{0}-\u{1f}]|\\PC{0,12}){0,8}") {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
