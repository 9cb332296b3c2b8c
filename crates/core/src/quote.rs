//! Quotes strings for messages as Go's `%q` does, because Kubernetes' messages are built that way.

use std::fmt::Write as _;

/// Appends `text` to `out`, quoted as Go's `strconv.Quote` does.
///
/// Go and Rust agree on the characters that need no escape (letters, marks, numbers, punctuation, symbols and the space),
/// but escape the others in different notations.
pub fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            ' '..='~' => out.push(c),
            _ if is_printable(c) => out.push(c),
            _ => {
                // Writing to a String cannot fail.
                let _ = match u32::from(c) {
                    code @ 0..0x80 => write!(out, "\\x{code:02x}"),
                    code @ 0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push('"');
}

/// `text`, quoted as Go's `%q` does.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

/// Whether a character needs no escape. `escape_debug` is applied to the character after an `a`: at the start of a string
/// Rust escapes combining marks, and Go never does.
fn is_printable(c: char) -> bool {
    let mut pair = [b'a', 0, 0, 0, 0];
    let Some(tail) = pair.get_mut(1..) else { return false };
    let length = 1 + c.encode_utf8(tail).len();
    let pair = pair.get(..length).and_then(|pair| std::str::from_utf8(pair).ok());
    pair.is_some_and(|pair| !pair.escape_debug().skip(1).any(|escaped| escaped == '\\'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::quoted;

    #[test]
    fn quotes_like_go() {
        let table = [
            ("", r#""""#),
            ("plain text", r#""plain text""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\x07\x08\x0c\n\r\t\x0b", r#""\a\b\f\n\r\t\v""#),
            ("\0\x01\x1b\x7f", r#""\x00\x01\x1b\x7f""#),
            ("'single' äö ß 中 e\u{301} 😀", "\"'single' äö ß 中 e\u{301} 😀\""),
            ("\u{301}", "\"\u{301}\""),
            ("\u{ad}\u{80}\u{a0}\u{2028}\u{200b}\u{feff}", r#""\u00ad\u0080\u00a0\u2028\u200b\ufeff""#),
            ("\u{fffd}\u{3000}\u{e000}", "\"\u{fffd}\\u3000\\ue000\""),
            ("\u{f0000}\u{e0001}", r#""\U000f0000\U000e0001""#),
        ];
        for (text, expected) in table {
            assert_eq!(quoted(text), expected);
        }
    }

    /// Unquotes a string like Go's `strconv.Unquote`.
    fn unquoted(quoted: &str) -> String {
        let mut chars = quoted.strip_prefix('"').unwrap().strip_suffix('"').unwrap().chars();
        let mut text = String::new();
        while let Some(c) = chars.next() {
            assert_ne!(c, '"', "quotes inside must be escaped: {quoted}");
            if c != '\\' {
                text.push(c);
                continue;
            }
            let escape = chars.next().unwrap();
            let digits = match escape {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            text.push(match escape {
                'a' => '\x07',
                'b' => '\x08',
                'f' => '\x0c',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\x0b',
                '"' | '\\' => escape,
                _ => {
                    let code: String = chars.by_ref().take(digits).collect();
                    assert_eq!(code.len(), digits, "{quoted}");
                    char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap()
                }
            });
        }
        text
    }

    proptest! {
        #[test]
        fn quoted_strings_unquote_to_the_original_and_have_no_control_characters(
            text in prop_oneof!["\\PC*", "[\\x00-\\x20\"\\\\\\x7f-\\xad]*", any::<String>()],
        ) {
            let quoted = quoted(&text);
            prop_assert!(!quoted.chars().any(char::is_control), "{quoted:?}");
            prop_assert_eq!(unquoted(&quoted), text);
        }
    }
}
