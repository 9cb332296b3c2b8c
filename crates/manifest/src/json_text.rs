//! JSON documents and the errors in them. Kubernetes parses them as JSON, which is not a subset of YAML 1.1: `\/` and surrogate pairs are valid, and keys
//! have no maximum length.

use std::borrow::Cow;

use super::compose::Composer;
use super::float;
use super::position::ByteSpan;
use super::scan::{Origin, Scalar, SyntaxError};

/// Composes the tree of a JSON object whose syntax [`end_of_value`] has validated.
pub(super) fn read<'t>(text: &'t str, object: ByteSpan, composer: &mut Composer<'t>) -> Result<(), SyntaxError> {
    let mut start = object.start;
    while let Some(first) = text.get(start..object.end).and_then(|rest| rest.chars().next()) {
        let rest = text.get(start..object.end).unwrap_or_default();
        let end = start + token_length(rest);
        let at = ByteSpan::new(start, end);
        match first {
            '{' => composer.open(true, None, at)?,
            '[' => composer.open(false, None, at)?,
            '}' | ']' => composer.close(at),
            '"' => {
                let text = decode_string(text.get(start..end).unwrap_or_default());
                composer.scalar(Scalar { text, is_implicit: false }, None, None, at)?;
            }
            '-' | '0'..='9' | 'a'..='z' => {
                let text = text.get(start..end).unwrap_or_default();
                if !first.is_ascii_lowercase() && float::parse(text).is_none() {
                    let kubectl = format!("json: cannot unmarshal number {text} into Go value of type float64");
                    let error = SyntaxError::new(format!("{text} is beyond all numbers that Kubernetes can read"), at);
                    return Err(error.printed_as(Origin::Validation, kubectl));
                }
                composer.scalar(Scalar { text: text.into(), is_implicit: true }, None, None, at)?;
            }
            _ => {}
        }
        start = end;
    }
    Ok(())
}

/// Returns the length of the first token in bytes.
fn token_length(rest: &str) -> usize {
    if rest.starts_with('"') {
        return Bytes(rest.as_bytes()).end_of_string(0).unwrap_or(rest.len());
    }
    let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) }
}

/// Decodes a string literal. An unpaired surrogate becomes U+FFFD, as in Go.
fn decode_string(literal: &str) -> Cow<'_, str> {
    let mut rest = literal.strip_prefix('"').and_then(|literal| literal.strip_suffix('"')).unwrap_or(literal);
    if !rest.contains('\\') {
        return rest.into();
    }
    let mut text = String::with_capacity(rest.len());
    let mut high = None;
    while let Some(character) = next(&mut rest) {
        let unit = if character == '\\' { unescape(&mut rest) } else { Err(character) };
        match (high.take(), unit) {
            (None, Ok(unit @ 0xd800..0xdc00)) => high = Some(unit),
            (Some(high), Ok(low @ 0xdc00..0xe000)) => {
                text.push(char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (lone, unit) => {
                text.extend(lone.map(|_| char::REPLACEMENT_CHARACTER));
                match unit {
                    Ok(unit @ 0xd800..0xdc00) => high = Some(unit),
                    Ok(unit) => text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
                    Err(character) => text.push(character),
                }
            }
        }
    }
    text.extend(high.map(|_| char::REPLACEMENT_CHARACTER));
    text.into()
}

fn next(rest: &mut &str) -> Option<char> {
    let mut characters = rest.chars();
    let next = characters.next();
    *rest = characters.as_str();
    next
}

/// Decodes an escape sequence after its backslash: a UTF-16 code unit, or a character.
fn unescape(rest: &mut &str) -> Result<u32, char> {
    match next(rest) {
        Some('u') => {
            let (digits, after) = rest.split_at_checked(4).unwrap_or((rest, ""));
            *rest = after;
            u32::from_str_radix(digits, 16).map_err(|_| char::REPLACEMENT_CHARACTER)
        }
        Some('b') => Err('\u{8}'),
        Some('f') => Err('\u{c}'),
        Some('n') => Err('\n'),
        Some('r') => Err('\r'),
        Some('t') => Err('\t'),
        Some(other) => Err(other),
        None => Err('\\'),
    }
}

/// An error in JSON, in the words of Go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonError {
    /// The text ends within a value.
    End,
    /// The byte at the offset is not allowed there. `context` is where it is.
    Byte { offset: usize, context: &'static str },
}

impl JsonError {
    /// Returns the error as Go's `encoding/json` prints it.
    pub(super) fn message(self, text: &str) -> String {
        let JsonError::Byte { offset, context } = self else { return "unexpected EOF".to_owned() };
        let byte = text.as_bytes().get(offset).copied().unwrap_or_default();
        format!("invalid character '{}' {context}", go_escape(byte))
    }

    /// Returns the span of the error in the text.
    pub(super) fn span(self, text: &str) -> ByteSpan {
        let JsonError::Byte { offset, .. } = self else { return ByteSpan::at(text.len()) };
        let length = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        ByteSpan::new(offset, offset + length)
    }
}

/// Returns a byte as Go quotes it: as the character with this number.
fn go_escape(byte: u8) -> String {
    match byte {
        b'\'' => "\\'".to_owned(),
        b'"' => "\"".to_owned(),
        0x80..=0xa0 | 0xad => format!("\\u{byte:04x}"),
        _ => go_escape_in_string(char::from(byte)),
    }
}

/// Returns a character as Go writes it in a string literal, except that all characters beyond ASCII are printable.
pub(super) fn go_escape_in_string(character: char) -> String {
    let letter = match character {
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        '"' | '\\' => character,
        '\0'..=' ' | '\x7f' if character != ' ' => return format!("\\x{:02x}", u32::from(character)),
        _ => return character.to_string(),
    };
    ['\\', letter].iter().collect()
}

const BEGINNING_OF_VALUE: &str = "looking for beginning of value";
const BEGINNING_OF_KEY: &str = "looking for beginning of object key string";
const AFTER_KEY: &str = "after object key";
const AFTER_MEMBER: &str = "after object key:value pair";
const AFTER_ELEMENT: &str = "after array element";
const IN_STRING: &str = "in string literal";
const IN_ESCAPE: &str = "in string escape code";
const IN_CODE: &str = "in \\u hexadecimal character escape";
const IN_NUMBER: &str = "in numeric literal";
const AFTER_POINT: &str = "after decimal point in numeric literal";
const IN_EXPONENT: &str = "in exponent of numeric literal";

/// Returns the offset of the end of the next value after `start`, or `None` if no value follows. A value needs no delimiter after it.
///
/// Source: `scanner.go` and `stream.go` of Go's `encoding/json`.
pub(super) fn end_of_value(text: &str, start: usize) -> Result<Option<usize>, JsonError> {
    let text = Bytes(text.as_bytes());
    let mut at = text.after_space(start);
    if text.get(at).is_err() {
        return Ok(None);
    }
    // The closing brackets of the open collections.
    let mut open = Vec::new();
    loop {
        at = text.after_space(at);
        let first = text.get(at)?;
        at = match first {
            b'{' | b'[' => {
                let closing = if first == b'{' { b'}' } else { b']' };
                at = text.after_space(at + 1);
                if text.get(at)? != closing {
                    open.push(closing);
                    if closing == b'}' {
                        at = text.after_key(at)?;
                    }
                    continue;
                }
                at + 1
            }
            b'"' => text.end_of_string(at)?,
            _ => text.end_of_word(at)?,
        };
        loop {
            let Some(closing) = open.last() else { return Ok(Some(at)) };
            at = text.after_space(at);
            match text.get(at)? {
                next if next == *closing => {
                    at += 1;
                    open.pop();
                }
                b',' => {
                    at += 1;
                    if *closing == b'}' {
                        at = text.after_key(text.after_space(at))?;
                    }
                    break;
                }
                _ => return error(at, if *closing == b'}' { AFTER_MEMBER } else { AFTER_ELEMENT }),
            }
        }
    }
}

fn error<T>(offset: usize, context: &'static str) -> Result<T, JsonError> {
    Err(JsonError::Byte { offset, context })
}

/// A text in which JSON is scanned. Each function returns the offset after what it scans.
struct Bytes<'t>(&'t [u8]);

impl Bytes<'_> {
    fn get(&self, at: usize) -> Result<u8, JsonError> {
        self.0.get(at).copied().ok_or(JsonError::End)
    }

    fn after_space(&self, mut at: usize) -> usize {
        while matches!(self.0.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            at += 1;
        }
        at
    }

    /// Scans a byte.
    fn after(&self, at: usize, expected: u8, context: &'static str) -> Result<usize, JsonError> {
        if self.get(at)? == expected { Ok(at + 1) } else { error(at, context) }
    }

    /// Scans a decimal digit.
    fn after_digit(&self, at: usize, context: &'static str) -> Result<usize, JsonError> {
        if self.get(at)?.is_ascii_digit() { Ok(at + 1) } else { error(at, context) }
    }

    /// Scans a key and its colon.
    fn after_key(&self, at: usize) -> Result<usize, JsonError> {
        self.after(at, b'"', BEGINNING_OF_KEY)?;
        self.after(self.after_space(self.end_of_string(at)?), b':', AFTER_KEY)
    }

    fn end_of_string(&self, mut at: usize) -> Result<usize, JsonError> {
        loop {
            at += 1;
            match self.get(at)? {
                b'"' => return Ok(at + 1),
                b'\\' => {
                    at += 1;
                    match self.get(at)? {
                        b'u' => {
                            for digit in at + 1..at + 5 {
                                if !self.get(digit)?.is_ascii_hexdigit() {
                                    return error(digit, IN_CODE);
                                }
                            }
                            at += 4;
                        }
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        _ => return error(at, IN_ESCAPE),
                    }
                }
                ..b' ' => return error(at, IN_STRING),
                _ => {}
            }
        }
    }

    /// Scans a number, `true`, `false` or `null`.
    fn end_of_word(&self, start: usize) -> Result<usize, JsonError> {
        let (word, contexts) = match self.get(start)? {
            b't' => ("true", ["in literal true (expecting 'r')", "in literal true (expecting 'u')", "in literal true (expecting 'e')", ""]),
            b'f' => (
                "false",
                [
                    "in literal false (expecting 'a')",
                    "in literal false (expecting 'l')",
                    "in literal false (expecting 's')",
                    "in literal false (expecting 'e')",
                ],
            ),
            b'n' => ("null", ["in literal null (expecting 'u')", "in literal null (expecting 'l')", "in literal null (expecting 'l')", ""]),
            b'-' | b'0'..=b'9' => return self.end_of_number(start),
            _ => return error(start, BEGINNING_OF_VALUE),
        };
        for ((at, expected), context) in (start..).zip(word.bytes()).skip(1).zip(contexts) {
            self.after(at, expected, context)?;
        }
        Ok(start + word.len())
    }

    fn end_of_number(&self, start: usize) -> Result<usize, JsonError> {
        let after_digits = |mut at: usize| {
            while self.0.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let first = if self.get(start)? == b'-' { start + 1 } else { start };
        let mut end = self.after_digit(first, IN_NUMBER)?;
        if self.0.get(first) != Some(&b'0') {
            end = after_digits(end);
        }
        if self.0.get(end) == Some(&b'.') {
            end = after_digits(self.after_digit(end + 1, AFTER_POINT)?);
        }
        if matches!(self.0.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.0.get(end + 1), Some(b'+' | b'-')));
            end = after_digits(self.after_digit(end + 1 + sign, IN_EXPONENT)?);
        }
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    /// The end of the value, if it is a collection or string, or a word before a delimiter, which serde_json requires.
    fn end_of_value(text: &str, start: usize) -> Option<usize> {
        let end = super::end_of_value(text, start).ok().flatten()?;
        let is_word = !text[..end].ends_with(['}', ']', '"']);
        (!is_word || text[end..].chars().next().is_none_or(|next| " \n\t\r\"[]{},:".contains(next))).then_some(end)
    }

    /// The end of the value according to serde_json.
    fn expected(text: &str) -> Option<usize> {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        matches!(values.next(), Some(Ok(IgnoredAny))).then(|| values.byte_offset())
    }

    #[test]
    fn finds_the_same_end_of_values_as_serde_json() {
        for text in [
            "",
            " ",
            "{}",
            " {} ",
            "{ }x",
            "[1,2]]",
            "[1,]",
            "[,1]",
            "{\"a\":1,}",
            "{\"a\" : 1 , \"b\":[]} {}",
            "{a:1}",
            "{\"a\"}",
            "\"a\"",
            "\"a",
            "\"\\u00e\"",
            "\"\\ud800\"",
            "\"\\x\"",
            "\"\t\"",
            "truex",
            "true,",
            "tru",
            "-",
            "-1",
            "01",
            "0",
            "00",
            "1.",
            "1.5e",
            "1e+5",
            "1e400",
            "1x",
            "1 x",
            "[0]r",
            "{\"a\":1}b",
            "[[[[]]]]",
            "[[}",
            "{\"a\":{\"b\":null}}",
            "nul",
            "[true false]",
            "\u{feff}{}",
            "é",
            "\"é\"",
        ] {
            assert_eq!(end_of_value(text, 0), expected(text), "{text:?}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(end_of_value(&deep, 0), Some(deep.len()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn finds_the_same_end_in_any_text_as_serde_json(text in "[\\[\\]{}:,\"\\\\ute0-9.+\\-ralsn x\n]{0,12}") {
            prop_assert_eq!(end_of_value(&text, 0), expected(&text));
        }

        #[test]
        fn decodes_strings_as_serde_json(text in any::<String>(), escapes in "(\\\\(u[0-9a-fA-F]{4}|[\"/bfnrt\\\\])|a){0,6}") {
            let written = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(decode_string(&written), text);
            let literal = format!("\"{escapes}\"");
            let valid = pss_core::json::without_lone_surrogates(literal.as_bytes()).unwrap_or_else(|| literal.clone().into_bytes());
            prop_assert_eq!(decode_string(&literal), serde_json::from_slice::<String>(&valid).unwrap());
        }
    }
}
