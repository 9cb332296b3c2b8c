//! What crosses the border, as JSON. serde would make a writer for each type of each field; here each
//! type only lists its fields, and one writer serves all.

/// What can be written as JSON.
pub trait Json {
    /// Appends it to a text.
    fn write(&self, out: &mut String);
}

/// A value as JSON.
pub fn json(value: &dyn Json) -> String {
    let mut text = String::new();
    value.write(&mut text);
    text
}

/// Appends an object. Its keys are names as Rust has them, a blank behind each.
pub(super) fn object(out: &mut String, keys: &str, values: &[&dyn Json]) {
    let mut before = '{';
    for (key, value) in keys.split_terminator(' ').zip(values) {
        out.push(before);
        name(out, key);
        out.push(':');
        value.write(out);
        before = ',';
    }
    out.push('}');
}

/// Appends a name as JavaScript has it: `api_version` and `ApiVersion` are `apiVersion`.
pub(super) fn name(out: &mut String, name: &str) {
    out.push('"');
    let mut raises = false;
    for (place, letter) in name.bytes().enumerate() {
        match letter {
            b'_' => {}
            _ if raises => out.push(char::from(letter.to_ascii_uppercase())),
            _ if place == 0 => out.push(char::from(letter.to_ascii_lowercase())),
            _ => out.push(char::from(letter)),
        }
        raises = letter == b'_';
    }
    out.push('"');
}

fn element(out: &mut String, value: &dyn Json) {
    if !out.ends_with('[') {
        out.push(',');
    }
    value.write(out);
}

impl<T: Json> Json for Vec<T> {
    fn write(&self, out: &mut String) {
        out.push('[');
        for value in self {
            element(out, value);
        }
        out.push(']');
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }
}

impl Json for String {
    fn write(&self, out: &mut String) {
        out.push('"');
        for character in self.chars() {
            match character {
                '"' | '\\' => out.extend(['\\', character]),
                '\0'..' ' => {
                    let digit = |digit: u32| char::from_digit(digit, 16).unwrap_or_default();
                    let code = u32::from(character);
                    out.extend(['\\', 'u', '0', '0', digit(code / 16), digit(code % 16)]);
                }
                _ => out.push(character),
            }
        }
        out.push('"');
    }
}

impl Json for usize {
    fn write(&self, out: &mut String) {
        *out += &self.to_string();
    }
}

impl Json for bool {
    fn write(&self, out: &mut String) {
        *out += if *self { "true" } else { "false" };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::json;

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_reads_it(texts in prop::collection::vec(any::<Option<String>>(), 0..4)) {
            prop_assert_eq!(serde_json::from_str::<Vec<Option<String>>>(&json(&texts)).unwrap(), texts);
        }
    }

    #[test]
    fn every_control_character_is_escaped() {
        let text: String = (0..0x30_u8).map(char::from).collect();
        assert_eq!(serde_json::from_str::<String>(&json(&text)).unwrap(), text);
    }
}
