//! Writes JSON text, with the escapes of serde_json.

use super::reader::special;

/// Appends a string in quotation marks.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    // Strings have few characters to escape, so most of a text is copied in large parts.
    while let Some((literal, after)) = rest.split_at_checked(special(rest.as_bytes(), 0)) {
        out.push_str(literal);
        let mut characters = after.chars();
        let Some(character) = characters.next() else { break };
        escape(out, character);
        rest = characters.as_str();
    }
    out.push('"');
}

/// Appends an escape.
fn escape(out: &mut String, character: char) {
    let short = match character {
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        '"' | '\\' => character,
        _ => {
            let code = u32::from(character);
            out.push_str("\\u00");
            out.extend([code >> 4, code & 0xf].into_iter().filter_map(|digit| char::from_digit(digit, 16)));
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

/// Appends a value, or null.
pub fn optional<T>(out: &mut String, value: Option<T>, write: impl FnOnce(&mut String, T)) {
    match value {
        Some(value) => write(out, value),
        None => out.push_str("null"),
    }
}

/// Appends an array; `write` appends each element.
pub fn array<T>(out: &mut String, elements: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut String, T)) {
    out.push('[');
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, element);
    }
    out.push(']');
}

/// An object that is appended to a text, entry by entry.
pub struct Object<'o> {
    out: &'o mut String,
    is_empty: bool,
}

impl<'o> Object<'o> {
    /// Begins an object.
    pub fn new(out: &'o mut String) -> Self {
        out.push('{');
        Object { out, is_empty: true }
    }

    /// Appends a key, and returns the text, to which the caller appends the value.
    pub fn key(&mut self, key: &str) -> &mut String {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        string(self.out, key);
        self.out.push(':');
        self.out
    }

    /// Ends the object.
    pub fn end(self) {
        self.out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        string(&mut out, text);
        out
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
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        array(object.key("none"), [""; 0], string);
        array(object.key("two"), ["a", "b"], string);
        optional(object.key("\""), None::<&str>, string);
        optional(object.key("some"), Some("c"), string);
        Object::new(object.key("empty")).end();
        object.end();
        assert_eq!(out, r#"{"none":[],"two":["a","b"],"\"":null,"some":"c","empty":{}}"#);
    }

    proptest! {
        #[test]
        fn writes_strings_as_serde_json(text in "([\"\\\\\u{0}-\u{1f}]|\\PC{0,12}){0,8}") {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
