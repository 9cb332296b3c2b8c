//! JSON documents. Kubernetes parses them as JSON, which is not a subset of YAML 1.1: `\/` and surrogate pairs are valid, and keys
//! have no maximum length.

use std::borrow::Cow;

use super::compose::Composer;
use super::float;
use super::position::ByteSpan;
use super::scan::{Scalar, SyntaxError};

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
                    return Err(SyntaxError::new(format!("{text} is beyond all numbers that Kubernetes can read"), at));
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
        return end_of_string(rest.as_bytes(), 0).unwrap_or(rest.len());
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

/// Returns the offset of the end of the next value after `start`; `None` if it is not valid JSON.
pub(super) fn end_of_value(text: &str, start: usize) -> Option<usize> {
    let text = text.as_bytes();
    let mut at = start;
    // The closing brackets of the open collections.
    let mut open = Vec::new();
    loop {
        at = after_space(text, at);
        let first = *text.get(at)?;
        at = match first {
            b'{' | b'[' => {
                let closing = if first == b'{' { b'}' } else { b']' };
                at = after_space(text, at + 1);
                if text.get(at) != Some(&closing) {
                    open.push(closing);
                    if closing == b'}' {
                        at = after_key(text, at)?;
                    }
                    continue;
                }
                at + 1
            }
            b'"' => end_of_string(text, at)?,
            _ => {
                let end = end_of_word(text, at)?;
                // A word that is a document must end with a delimiter.
                if open.is_empty() && text.get(end).is_some_and(|next| !b" \n\t\r\"[]{},:".contains(next)) {
                    return None;
                }
                end
            }
        };
        loop {
            let Some(closing) = open.last() else { return Some(at) };
            at = after_space(text, at);
            match *text.get(at)? {
                next if next == *closing => {
                    at += 1;
                    open.pop();
                }
                b',' => {
                    at += 1;
                    if *closing == b'}' {
                        at = after_key(text, at)?;
                    }
                    break;
                }
                _ => return None,
            }
        }
    }
}

fn after_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
        at += 1;
    }
    at
}

/// Returns the offset after a key and its colon.
fn after_key(text: &[u8], at: usize) -> Option<usize> {
    let colon = after_space(text, end_of_string(text, after_space(text, at))?);
    (text.get(colon) == Some(&b':')).then_some(colon + 1)
}

fn end_of_string(text: &[u8], mut at: usize) -> Option<usize> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    loop {
        at += 1;
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => {
                at += 1;
                match *text.get(at)? {
                    b'u' if text.get(at + 1..at + 5)?.iter().all(u8::is_ascii_hexdigit) => at += 4,
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    _ => return None,
                }
            }
            ..b' ' => return None,
            _ => {}
        }
    }
}

/// Returns the offset of the end of a number, `true`, `false` or `null`.
fn end_of_word(text: &[u8], start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    if let Some(word) = ["true", "false", "null"].iter().find(|word| rest.starts_with(word.as_bytes())) {
        return Some(start + word.len());
    }
    let digits = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let first = if rest.first() == Some(&b'-') { start + 1 } else { start };
    let mut end = digits(first);
    if end == first || (text.get(first) == Some(&b'0') && end > first + 1) {
        return None;
    }
    if text.get(end) == Some(&b'.') {
        let fraction = end + 1;
        end = digits(fraction);
        if end == fraction {
            return None;
        }
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = end + 1 + sign;
        end = digits(exponent);
        if end == exponent {
            return None;
        }
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

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
