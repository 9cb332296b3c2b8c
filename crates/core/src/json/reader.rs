//! Reads JSON text (RFC 8259), in one pass and without copies of what has no escapes.
//!
//! Reading is the largest part of a request, and most of a pod is skipped, so this is faster than serde_json, which calls a visitor for
//! each value (BENCHMARKS.md). It accepts the same texts, and its errors have the same messages and positions; the tests compare
//! both. (A number out of range is reported at its end, which serde_json need not reach.)

use std::ops::Range;

use super::{Aborted, Kind, Text, Unexpected, Value};

/// How many arrays and objects may be inside each other. As in serde_json, one more is an error.
const MAX_DEPTH: u8 = 127;

/// The rest of a JSON text.
pub(super) struct Reader<'de> {
    text: &'de str,
    /// The offset of the next byte.
    at: usize,
    /// The number of arrays and objects that may be opened here.
    depth: u8,
    /// Whether the next member is the first one of its array or object, so that no comma precedes it.
    is_first: bool,
    /// Whether numbers must be in the range of 64-bit floats.
    has_range: bool,
    /// The first error: the end of the text up to it, and its message.
    error: Option<(usize, &'static str)>,
}

/// The closing bracket of an array or object, and the errors between its members.
#[derive(Clone, Copy)]
struct Brackets {
    close: u8,
    no_comma: &'static str,
    no_end: &'static str,
}

const ARRAY: Brackets = Brackets { close: b']', no_comma: "expected `,` or `]`", no_end: "EOF while parsing a list" };
const OBJECT: Brackets = Brackets { close: b'}', no_comma: "expected `,` or `}`", no_end: "EOF while parsing an object" };
const NO_VALUE: &str = "EOF while parsing a value";
const NO_QUOTE: &str = "EOF while parsing a string";
const LONE_SURROGATE: &str = "lone leading surrogate in hex escape";
const NO_TRAILING_SURROGATE: &str = "unexpected end of hex escape";

impl<'de> Reader<'de> {
    /// Reads a text.
    pub(super) fn new(text: &'de str) -> Self {
        Reader { has_range: true, ..Reader::at(text, 0) }
    }

    /// Reads a text from an offset on, whose values remain text: numbers may be out of range.
    pub(super) fn at(text: &'de str, at: usize) -> Self {
        Reader { text, at, depth: MAX_DEPTH, is_first: false, has_range: false, error: None }
    }

    /// The text in a range.
    #[inline]
    pub(super) fn text(&self, range: Range<usize>) -> &'de str {
        self.text.get(range).unwrap_or_default()
    }

    /// The message of the error, with its line and column, both from 1.
    pub(super) fn message(&self) -> String {
        let (end, message) = self.error.unwrap_or_default();
        let before = self.text.as_bytes().get(..end).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        format!("{message} at line {line} column {column}")
    }

    #[cold]
    fn fail<T>(&mut self, end: usize, message: &'static str) -> Result<T, Aborted> {
        self.error.get_or_insert((end.min(self.text.len()), message));
        Err(Aborted)
    }

    /// Fails at the next byte, which is part of the position.
    #[cold]
    fn fail_at_next<T>(&mut self, message: &'static str) -> Result<T, Aborted> {
        self.fail(self.at + 1, message)
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The next byte that is not whitespace. It is not taken.
    #[inline]
    fn next_token(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    /// Takes a string, if the next value is one. Otherwise nothing is taken.
    #[inline]
    pub(super) fn text_value(&mut self) -> Result<Option<Text<'de>>, Aborted> {
        if self.next_token() == Some(b'"') { self.string().map(Some) } else { Ok(None) }
    }

    /// Takes the beginning of an array or object, if it is `opening`. Otherwise nothing is taken.
    #[inline]
    pub(super) fn opens(&mut self, opening: u8) -> Result<bool, Aborted> {
        let opens = self.next_token() == Some(opening);
        if opens { self.open().map(|()| true) } else { Ok(false) }
    }

    /// The type of the next value.
    pub(super) fn kind(&mut self) -> Kind {
        match self.next_token() {
            Some(b'n') => Kind::Null,
            Some(b'"') => Kind::Text,
            Some(b'[') => Kind::Array,
            Some(b'{') => Kind::Object,
            _ => Kind::Other,
        }
    }

    /// Takes the next value, or the first byte of an array or object.
    pub(super) fn value(&mut self) -> Result<Value<'de>, Aborted> {
        match self.next_token() {
            Some(b'"') => self.string().map(Value::Text),
            Some(b'{') => self.open().map(|()| Value::Object),
            Some(b'[') => self.open().map(|()| Value::Array),
            Some(b't') => self.word("true").map(|()| Value::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Value::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Value::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.fail_at_next("expected value"),
            None => self.fail_at_next(NO_VALUE),
        }
    }

    /// Takes a value, and returns its range.
    pub(super) fn skip_value(&mut self) -> Result<Range<usize>, Aborted> {
        self.next_token();
        let start = self.at;
        self.skip()?;
        Ok(start..self.at)
    }

    /// Takes a value.
    pub(super) fn skip(&mut self) -> Result<(), Aborted> {
        match self.next_token() {
            Some(b'"') => self.skip_string(),
            Some(b'{') => {
                self.open()?;
                self.skip_entries()
            }
            Some(b'[') => {
                self.open()?;
                self.skip_elements()
            }
            _ => self.value().map(|_| ()),
        }
    }

    fn skip_elements(&mut self) -> Result<(), Aborted> {
        while self.next_element()? {
            self.skip()?;
        }
        Ok(())
    }

    fn skip_entries(&mut self) -> Result<(), Aborted> {
        while self.go_to_key()? {
            self.skip_string()?;
            self.colon()?;
            self.skip()?;
        }
        Ok(())
    }

    /// Checks that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), Aborted> {
        if self.next_token().is_some() { self.fail_at_next("trailing characters") } else { Ok(()) }
    }

    #[inline]
    fn open(&mut self) -> Result<(), Aborted> {
        let Some(depth) = self.depth.checked_sub(1) else { return self.fail_at_next("recursion limit exceeded") };
        self.depth = depth;
        self.is_first = true;
        self.at += 1;
        Ok(())
    }

    /// Goes to the next element of an array; `false` after the last one.
    pub(super) fn next_element(&mut self) -> Result<bool, Aborted> {
        self.next_member(ARRAY)
    }

    /// Takes the next key of an object; `None` after the last one.
    #[inline]
    pub(super) fn next_key(&mut self) -> Result<Option<Text<'de>>, Aborted> {
        if self.go_to_key()? { self.string().map(Some) } else { Ok(None) }
    }

    /// Goes to the quotation mark of the next key of an object; `false` after the last one.
    #[inline]
    fn go_to_key(&mut self) -> Result<bool, Aborted> {
        // Most texts have no whitespace, and few objects are empty.
        let start = if self.is_first { self.at } else { self.at + 1 };
        if self.byte(start) == Some(b'"') && (self.is_first || self.peek() == Some(b',')) {
            self.is_first = false;
            self.at = start;
            return Ok(true);
        }
        self.go_to_any_key()
    }

    #[inline(never)]
    fn go_to_any_key(&mut self) -> Result<bool, Aborted> {
        if !self.next_member(OBJECT)? {
            return Ok(false);
        }
        if self.peek() == Some(b'"') { Ok(true) } else { self.fail_at_next("key must be a string") }
    }

    #[inline]
    fn next_member(&mut self, brackets: Brackets) -> Result<bool, Aborted> {
        let is_first = std::mem::take(&mut self.is_first);
        match self.next_token() {
            Some(byte) if byte == brackets.close => {
                self.at += 1;
                self.depth += 1;
                return Ok(false);
            }
            Some(b',') if !is_first => self.at += 1,
            Some(_) if is_first => return Ok(true),
            Some(_) => return self.fail_at_next(brackets.no_comma),
            None => return self.fail_at_next(brackets.no_end),
        }
        match self.next_token() {
            Some(byte) if byte == brackets.close => self.fail_at_next("trailing comma"),
            Some(_) => Ok(true),
            None => self.fail_at_next(NO_VALUE),
        }
    }

    /// Takes the colon between a key and its value.
    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), Aborted> {
        match self.next_token() {
            Some(b':') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => self.fail_at_next("expected `:`"),
            None => self.fail_at_next(OBJECT.no_end),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Aborted> {
        for expected in word.bytes() {
            match self.peek() {
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => return self.fail_at_next("expected ident"),
                None => return self.fail_at_next(NO_VALUE),
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Value<'de>, Aborted> {
        let is_negative = self.peek() == Some(b'-');
        self.at += usize::from(is_negative);
        let start = self.at;
        // `None` beyond the range of `u64`.
        let mut value = Some(0_u64);
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value.and_then(|value| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
            self.at += 1;
        }
        let length = self.at - start;
        if length == 0 {
            return self.fail_at_next(if self.peek().is_some() { "invalid number" } else { NO_VALUE });
        }
        if length > 1 && self.text.as_bytes().get(start) == Some(&b'0') {
            return self.fail(start + 2, "invalid number");
        }
        let mut is_integer = true;
        if self.peek() == Some(b'.') {
            self.at += 1;
            is_integer = false;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            is_integer = false;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        if self.has_range && (!is_integer || value.is_none()) && is_out_of_range(self.text(start..self.at)) {
            return self.fail(self.at, "number out of range");
        }
        let value = value.filter(|_| is_integer);
        Ok(match (value, is_negative) {
            // As for serde_json, -0 is not an integer.
            (Some(value @ 1..), true) => 0_i64.checked_sub_unsigned(value).map_or(Value::Number(Unexpected::Fraction), Value::Integer),
            (Some(value), false) => i64::try_from(value).map_or(Value::Number(Unexpected::TooLarge(value)), Value::Integer),
            _ => Value::Number(Unexpected::Fraction),
        })
    }

    /// Takes the digits after a point or an exponent, at least one.
    fn digits(&mut self) -> Result<(), Aborted> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.peek() {
            _ if self.at > start => Ok(()),
            Some(_) => self.fail_at_next("invalid number"),
            None => self.fail_at_next(NO_VALUE),
        }
    }

    /// Takes a string: from its quotation mark on.
    #[inline]
    fn string(&mut self) -> Result<Text<'de>, Aborted> {
        let start = self.at + 1;
        let end = special(self.text.as_bytes(), start);
        if self.byte(end) == Some(b'"') {
            self.at = end + 1;
            return Ok(Text::Borrowed(self.text(start..end)));
        }
        self.at = start;
        self.unescaped()
    }

    /// Takes a string with escapes, or an invalid one, from the byte after its quotation mark on.
    #[cold]
    fn unescaped(&mut self) -> Result<Text<'de>, Aborted> {
        let mut content = String::new();
        self.escaped_string(Some(&mut content))?;
        Ok(Text::Owned(content))
    }

    fn skip_string(&mut self) -> Result<(), Aborted> {
        self.at += 1;
        self.escaped_string(None)
    }

    /// Takes a string from the byte after its quotation mark on, and appends its content.
    fn escaped_string(&mut self, mut content: Option<&mut String>) -> Result<(), Aborted> {
        loop {
            let start = self.at;
            self.at = special(self.text.as_bytes(), start);
            let literal = self.text(start..self.at);
            if let Some(content) = content.as_deref_mut() {
                content.push_str(literal);
            }
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    let character = self.escape()?;
                    if let Some(content) = content.as_deref_mut() {
                        content.push(character);
                    }
                }
                Some(_) => return self.fail_at_next("control character (\\u0000-\\u001F) found while parsing a string"),
                None => return self.fail(self.at, NO_QUOTE),
            }
        }
    }

    /// Takes an escape from the byte after its backslash on.
    fn escape(&mut self) -> Result<char, Aborted> {
        let Some(byte) = self.peek() else { return self.fail(self.at, NO_QUOTE) };
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return self.fail(self.at, "invalid escape"),
        })
    }

    /// Takes the digits of a `\u` escape, and a second escape if the first is the leading half of a surrogate pair.
    fn unicode_escape(&mut self) -> Result<char, Aborted> {
        let unit = self.four_digits()?;
        if let Some(character) = char::from_u32(unit) {
            return Ok(character);
        }
        if unit >= 0xdc00 {
            return self.fail(self.at, LONE_SURROGATE);
        }
        for expected in *b"\\u" {
            match self.peek() {
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => return self.fail_at_next(NO_TRAILING_SURROGATE),
                None => return self.fail(self.at, NO_QUOTE),
            }
        }
        match self.four_digits()? {
            second @ 0xdc00..=0xdfff => {
                let scalar = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
                Ok(char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            _ => self.fail(self.at, LONE_SURROGATE),
        }
    }

    fn four_digits(&mut self) -> Result<u32, Aborted> {
        let Some(digits) = self.text.as_bytes().get(self.at..self.at + 4) else { return self.fail(self.text.len(), NO_QUOTE) };
        self.at += 4;
        let value = digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?));
        match value {
            Some(value) => Ok(value),
            None => self.fail(self.at, "invalid escape"),
        }
    }
}

/// Returns whether a number without sign is larger than any 64-bit float: 1.7976931348623157e308, as far as its first 17 digits tell.
// To parse the number instead would make the policy 17 KB larger.
fn is_out_of_range(number: &str) -> bool {
    /// The digits of the largest float, and the number of them before its point.
    const LARGEST: (&str, i64) = ("17976931348623157", 309);
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
    let significant = || digits.bytes().filter(|byte| *byte != b'.').skip_while(|byte| *byte == b'0');
    let point = digits.find('.').unwrap_or(digits.len());
    let zeros = digits.bytes().filter(|byte| *byte != b'.').take_while(|byte| *byte == b'0').count();
    let before_point = exponent.saturating_add_unsigned(point as u64).saturating_sub_unsigned(zeros as u64);
    significant().next().is_some()
        && before_point.cmp(&LARGEST.1).then_with(|| significant().take(LARGEST.0.len()).cmp(LARGEST.0.bytes())).is_gt()
}

/// The offset of the first byte from `at` on that cannot stand for itself in a string: a quotation mark, a backslash or a control
/// character. At the end of the text, its length.
#[inline]
fn special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let found = special_in(*word);
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(rest.len())
}

/// Finds the first special byte of eight at once: returns a number in which the highest bit of this byte is set, and no bit below; 0 if
/// there is none.
#[inline]
pub(super) fn special_in(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let word = u64::from_le_bytes(word);
    // `byte - 1` sets the highest bit only if the byte is 0 or above 128. It borrows from the bytes above if it is 0, so these can be
    // wrong, but not the lowest one.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let quotes = zeros(word ^ (ONES * u64::from(b'"')));
    let backslashes = zeros(word ^ (ONES * u64::from(b'\\')));
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | backslashes | controls) & HIGH
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::Value as Json;

    use super::*;

    /// The value of a text, by this reader.
    fn parse(text: &str) -> Result<Json, String> {
        fn value(reader: &mut Reader<'_>) -> Result<Json, Aborted> {
            Ok(match reader.value()? {
                Value::Null => Json::Null,
                Value::Bool(value) => value.into(),
                Value::Integer(value) => value.into(),
                Value::Number(Unexpected::TooLarge(value)) => value.into(),
                Value::Number(_) => "fraction".into(),
                Value::Text(value) => value.into(),
                Value::Template(_) => unreachable!("JSON has no templates"),
                Value::Array => {
                    let mut array = Vec::new();
                    while reader.next_element()? {
                        array.push(value(reader)?);
                    }
                    array.into()
                }
                Value::Object => {
                    let mut object = serde_json::Map::new();
                    while let Some(key) = reader.next_key()? {
                        reader.colon()?;
                        object.insert(key.into_owned(), value(reader)?);
                    }
                    object.into()
                }
            })
        }
        let mut reader = Reader::new(text);
        let value = value(&mut reader).and_then(|value| reader.end().map(|()| value));
        value.map_err(|Aborted| reader.message())
    }

    /// The error of a text that is skipped.
    fn skip(text: &str) -> Result<(), String> {
        let mut reader = Reader::new(text);
        let skipped = reader.skip().and_then(|()| reader.end());
        skipped.map_err(|Aborted| reader.message())
    }

    /// The value of a text by serde_json, with this reader's name for numbers that are no integers.
    fn expected(text: &str) -> Result<Json, String> {
        fn without_fractions(value: &mut Json) {
            match value {
                Json::Number(number) if !number.is_i64() && !number.is_u64() => *value = "fraction".into(),
                Json::Array(elements) => elements.iter_mut().for_each(without_fractions),
                Json::Object(members) => members.values_mut().for_each(without_fractions),
                _ => {}
            }
        }
        let mut value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        without_fractions(&mut value);
        Ok(value)
    }

    fn same(text: &str) {
        let expected = expected(text).map_err(without_end);
        assert_eq!(parse(text).map_err(without_end), expected, "{text:?}");
        assert_eq!(skip(text).map_err(without_end), expected.map(|_| ()), "{text:?} is skipped");
    }

    /// The error without its position, if it is that of a number out of range.
    fn without_end(error: String) -> String {
        const OUT_OF_RANGE: &str = "number out of range";
        if error.starts_with(OUT_OF_RANGE) { OUT_OF_RANGE.to_owned() } else { error }
    }

    #[test]
    fn reads_the_same_as_serde_json() {
        let numbers = [
            "0",
            "-0",
            "00",
            "-",
            "-a",
            "01",
            "-01",
            "1.",
            "1.a",
            "1.5",
            "1e",
            "1e+",
            "1e5",
            "1E-5",
            "1e+x",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "18446744073709551615",
            "18446744073709551616",
            "+1",
            ".5",
            "1 2",
            "123456789012345678901234567890",
            "1.7976931348623157e308",
            "0.00017976931348623157e312",
            "0.00018e312",
            "1.8e308",
            "0.0e999",
            "-1.7976931348623157E+308",
            "1e309",
            "-1e309",
            "1e99999999999999999999",
            "0e99999999999999999999",
            "1e-99999999999999999999",
        ];
        let strings = [
            "\"\"",
            "\"a",
            "\"a\\",
            "\"\\u",
            "\"\\u12",
            "\"\\u12x4\"",
            "\"\\u00e9\\u0041\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ud83dx\"",
            "\"\\ud83d\\n\"",
            "\"\\ud83d\\u0041\"",
            "\"\\ude00\"",
            "\"\\ud83d\\",
            "\"\\ud83d",
            "\"\\x\"",
            "\"\n\"",
            "\"\u{1f}\"",
            "\"\u{7f}é😀\"",
            "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
            "\"12345678\\n12345678\"",
        ];
        let others = [
            "",
            " ",
            "nul",
            "nulx",
            "true",
            "fals",
            "t",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "[,",
            "[1 2]",
            "[]",
            "[[],[1]] ",
            "{",
            "{\"a\"",
            "{\"a\" 1}",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{,}",
            "{1:2}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":{}}x",
            "]",
            "}",
            "\u{feff}1",
            "\n\n x",
        ];
        numbers.into_iter().chain(strings).chain(others).for_each(same);
        for digits in [307, 308, 309, 310, 1000] {
            for (first, others) in [("1", "0"), ("9", "9"), ("0.", "0")] {
                same(&format!("{first}{}", others.repeat(digits - 1)));
            }
        }
        for (opening, closing) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [126, 127, 128, 129] {
                same(&format!("{}1{}", opening.repeat(depth), closing.repeat(depth)));
            }
        }
    }

    #[test]
    fn finds_the_first_special_byte_at_every_offset() {
        for special_byte in ["\"", "\\", "\u{0}", "\u{1f}"] {
            for before in 0..20 {
                for after in 0..10 {
                    // The bytes around are those that differ in one bit, and ones with the highest bit.
                    let text = format!(
                        "{}{special_byte}{}",
                        " !#[]\u{7f}é😀".repeat(3).chars().take(before).collect::<String>(),
                        "\"".repeat(after)
                    );
                    assert_eq!(special(text.as_bytes(), 0), text.find(special_byte).unwrap(), "{text:?}");
                }
            }
        }
        assert_eq!(special(b"abc", 0), 3);
        assert_eq!(special(b"12345678", 0), 8);
        assert_eq!(special(b"\"", 1), 1);
        assert_eq!(special(b"\"", 2), 2);
    }

    /// A text of JSON tokens, most of which are no JSON.
    fn tokens() -> impl Strategy<Value = String> {
        let token = select(vec![
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"a\":", "1", "-", "0", ".5", "e9", "true", "null", " ", "\n", "\\", "\\u",
            "d83d", "\\ude00", "é", "\u{1}", "abcdefgh",
        ]);
        vec(token, 0..12).prop_map(|tokens| tokens.concat())
    }

    /// The JSON text of a value.
    fn document() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<u64>().prop_map(Json::from),
            any::<f64>().prop_filter("JSON has no infinity", |number| number.is_finite()).prop_map(Json::from),
            any::<String>().prop_map(Json::from),
        ];
        let value = leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Json::from),
                vec((any::<String>(), inner), 0..4).prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        });
        (value, any::<bool>()).prop_map(|(value, pretty)| if pretty { format!("{value:#}") } else { value.to_string() })
    }

    proptest! {
        #[test]
        fn reads_any_tokens_as_serde_json(text in tokens()) {
            same(&text);
        }

        #[test]
        fn reads_documents_as_serde_json(text in document()) {
            prop_assert!(expected(&text).is_ok());
            same(&text);
        }

        /// A document with a byte that is removed, replaced or inserted.
        #[test]
        fn reads_changed_documents_as_serde_json(text in document(), at in any::<prop::sample::Index>(), insert in "[\\PC\"\\\\{}\\[\\],:0-9]?", remove in 0..2_usize) {
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            characters.splice(at..at + remove, insert.chars());
            let text: String = characters.into_iter().collect();
            same(&text);
        }
    }
}
