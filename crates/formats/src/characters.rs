//! Characters that no output contains: a terminal would interpret them, or they change the order in which others are shown.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

/// Returns whether a character is invisible and changes what comes after it, or is none: a control character, a line break of
/// Unicode, a mark of the direction of writing, a byte order mark, and the two codes that XML does not allow.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Returns a text in one line, in which a visible character or code replaces each unsafe character: `␛` for ESC, `<U+009B>` for
/// CSI.
pub fn visible(text: &str) -> Cow<'_, str> {
    visible_except(text, |_| false)
}

/// As [`visible`], without replacing some characters.
pub fn visible_except(text: &str, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_replaced = |character: char| is_unsafe(character) && !is_kept(character);
    if !text.contains(is_replaced) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            _ if !is_replaced(character) => visible.push(character),
            '\u{7f}' => visible.push('\u{2421}'),
            // Unicode has a picture of each of the first 32 control characters.
            '\0'..='\u{1f}' => visible.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}')),
            _ => {
                let _ = write!(visible, "<U+{:04X}>", u32::from(character));
            }
        }
    }
    Cow::Owned(visible)
}

/// Returns a value in JSON, on one line. JSON escapes ASCII control characters only; here all unsafe characters are escaped, which
/// have the same meaning to a parser.
pub fn json(value: &impl Serialize) -> String {
    // Texts, numbers and lists of them have a representation in JSON.
    let text = serde_json::to_string(value).unwrap_or_default();
    if !text.contains(is_unsafe) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unsafe(character) {
            // All of them are in the Basic Multilingual Plane: four digits.
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNSAFE: &str = "a\u{1b}[31m\u{9b}2J\u{202e}\r\n\t\u{7f}\0\u{85}\u{2028}\u{feff}ü";

    #[test]
    fn replaces_unsafe_characters() {
        assert_eq!(visible(UNSAFE), "a␛[31m<U+009B>2J<U+202E>␍␊␉␡␀<U+0085><U+2028><U+FEFF>ü");
        assert!(matches!(visible("name: größe 日本 🦀"), Cow::Borrowed(_)));
        assert_eq!(visible_except("a\tb\u{1b}", |character| character == '\t'), "a\tb␛");
    }

    #[test]
    fn json_keeps_the_meaning_of_unsafe_characters() {
        let text = json(&UNSAFE);
        assert!(!text.contains(is_unsafe), "{text:?}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), UNSAFE);
    }
}
