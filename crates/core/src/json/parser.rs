//! Connects [`FromJson`] to the [reader](super::reader) of JSON text, and gives syntax errors their paths.

use std::cell::RefCell;
use std::fmt;

use super::error::located;
use super::reader::{Number, Reader, Start};
use super::{Aborted, Context, Elements, Entries, ErrorSink, FromJson, Key, Path, Session, Text};

/// A syntax error in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The path of the innermost value that contains the error.
    pub path: String,
    /// The error with the line and column (both from 1), as in serde_json.
    pub message: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(out, &self.path, &self.message)
    }
}

/// Deserializes a JSON document into `into`. `root` is the start of all paths. Type errors go to `errors`.
///
/// # Errors
/// At a syntax error.
pub fn read<'de>(json: &'de str, root: &str, errors: &ErrorSink, into: &mut dyn FromJson<'de>) -> Result<(), SyntaxError> {
    read_as(json, root, errors, into, false)
}

/// The same, but values with [`FromJson::is_lazy`] are kept as JSON; only their syntax is checked.
///
/// # Errors
/// At a syntax error.
pub fn read_lazily<'de>(json: &'de str, root: &str, errors: &ErrorSink, into: &mut dyn FromJson<'de>) -> Result<(), SyntaxError> {
    read_as(json, root, errors, into, true)
}

fn read_as<'de>(json: &'de str, root: &str, errors: &ErrorSink, into: &mut dyn FromJson<'de>, lazy: bool) -> Result<(), SyntaxError> {
    let session = Session { errors, failed_at: &RefCell::new(None), lazy };
    let root = Path::root(root);
    let cx = Context { at: &root, session: &session };
    let mut reader = Reader::new(json, 0);
    read_value(&mut reader, into, cx)
        .and_then(|()| reader.end())
        .map_err(|Aborted| SyntaxError { path: session.failed_at.take().unwrap_or_else(|| root.to_string()), message: reader.message() })
}

/// The payload as text.
///
/// # Errors
/// If it is not UTF-8, with the offset of the first invalid byte.
pub fn from_utf8(payload: &[u8]) -> Result<&str, SyntaxError> {
    std::str::from_utf8(payload)
        .map_err(|error| SyntaxError { path: String::new(), message: format!("not UTF-8 from byte {} on", error.valid_up_to()) })
}

/// The JSON with `\\ufffd` in place of each escape of a lone surrogate, as Go decodes them; `None` if there is none.
///
/// The reader rejects lone surrogates, so this is for a payload that it rejected.
pub fn without_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let escaped = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut replaced = Vec::with_capacity(json.len());
    let mut has_lone = false;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        // A backslash occurs in strings only. It escapes the next character, which may be a backslash.
        let length = match escaped(at) {
            Some(0xd800..=0xdbff) if matches!(escaped(at + 6), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                has_lone = true;
                replaced.extend_from_slice(b"\\ufffd");
                at += 6;
                continue;
            }
            _ if *byte == b'\\' => 2,
            _ => 1,
        };
        replaced.extend(json.iter().skip(at).take(length));
        at += length;
    }
    has_lone.then_some(replaced)
}

/// Takes a value. The path of an error is that of the innermost value that fails.
fn read_value<'de>(reader: &mut Reader<'de>, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<(), Aborted> {
    if cx.session.lazy && into.is_lazy() {
        let range = cx.checked(reader.skip_value())?;
        into.raw(reader.text(range));
        return Ok(());
    }
    match cx.checked(reader.start())? {
        Start::Null => into.null(),
        Start::Bool(value) => into.boolean(value, cx),
        Start::Number(Number::Integer(value)) => into.integer(value, cx),
        Start::Number(Number::Other(number)) => into.mismatch(number, cx),
        Start::Text(value) => into.text(value, cx),
        Start::Array => {
            let mut members = Members { reader, is_first: true, is_at_end: false };
            into.array(&mut members, cx)?;
            while Elements::skip(&mut members, cx)? {}
        }
        Start::Object => {
            let mut members = Members { reader, is_first: true, is_at_end: false };
            into.object(&mut members, cx)?;
            while members.match_key(&[], cx)?.is_some() {
                Entries::skip(&mut members, cx)?;
            }
        }
    }
    Ok(())
}

/// The members of an array or object that are left.
struct Members<'r, 'de> {
    reader: &'r mut Reader<'de>,
    is_first: bool,
    is_at_end: bool,
}

impl<'de> Members<'_, 'de> {
    /// Goes to the next member, by [`Reader::next_element`] or [`Reader::next_key`]; `false` after the last one.
    fn next(&mut self, next: impl FnOnce(&mut Reader<'de>, bool) -> Result<bool, Aborted>) -> Result<bool, Aborted> {
        self.is_at_end = self.is_at_end || !next(self.reader, self.is_first)?;
        self.is_first = false;
        Ok(!self.is_at_end)
    }

    /// Takes the next key; `None` after the last one.
    fn next_key(&mut self) -> Result<Option<Text<'de>>, Aborted> {
        if self.next(Reader::next_key)? { self.reader.string().map(Some) } else { Ok(None) }
    }
}

impl<'de> Entries<'de> for Members<'_, 'de> {
    fn match_key(&mut self, keys: &'static [&'static str], cx: Context<'_>) -> Result<Option<Key>, Aborted> {
        let key = cx.checked(self.next_key())?;
        Ok(key.map(|key| keys.iter().position(|listed| *listed == key).map_or(Key::Unknown, Key::Field)))
    }

    fn key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted> {
        cx.checked(self.next_key())
    }

    fn value(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        cx.checked(self.reader.colon())?;
        read_value(self.reader, into, cx)
    }

    fn skip(&mut self, cx: Context<'_>) -> Result<(), Aborted> {
        cx.checked(self.reader.colon().and_then(|()| self.reader.skip()))
    }
}

impl<'de> Elements<'de> for Members<'_, 'de> {
    fn element(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<bool, Aborted> {
        let is_there = cx.checked(self.next(Reader::next_element))?;
        if is_there {
            read_value(self.reader, into, cx)?;
        }
        Ok(is_there)
    }

    fn skip(&mut self, cx: Context<'_>) -> Result<bool, Aborted> {
        let is_there = cx.checked(self.next(Reader::next_element))?;
        if is_there {
            cx.checked(self.reader.skip())?;
        }
        Ok(is_there)
    }
}
