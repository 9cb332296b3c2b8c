//! Connects [`FromJson`] to the [reader](super::reader) of JSON text, and gives syntax errors their paths.

use std::fmt;

use super::error::located;
use super::reader::Reader;
use super::{Aborted, Context, ErrorSink, FromJson, Input, Kind, Path, Text, Value, mismatch};

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
pub fn read<'de>(json: &'de str, root: &str, errors: &ErrorSink, into: &mut impl FromJson<'de>) -> Result<(), SyntaxError> {
    read_as(json, root, errors, into, false)
}

/// The same, but [`Lazy`](super::Lazy) values are kept as JSON; only their syntax is checked.
///
/// # Errors
/// At a syntax error.
pub fn read_lazily<'de>(json: &'de str, root: &str, errors: &ErrorSink, into: &mut impl FromJson<'de>) -> Result<(), SyntaxError> {
    read_as(json, root, errors, into, true)
}

fn read_as<'de>(json: &'de str, root: &str, errors: &ErrorSink, into: &mut impl FromJson<'de>, lazy: bool) -> Result<(), SyntaxError> {
    let mut input = Json { reader: Reader::new(json), lazy, failed_at: None };
    let root = Path::root(root);
    let cx = Context { at: &root, errors };
    let whole = into.read(&mut input, cx).and_then(|()| input.reader.end());
    whole.map_err(|Aborted| SyntaxError {
        path: input.failed_at.take().unwrap_or_else(|| root.to_string()),
        message: input.reader.message(),
    })
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

/// JSON text as the input of deserialization.
struct Json<'de> {
    reader: Reader<'de>,
    /// Whether [`Lazy`](super::Lazy) values are kept as JSON.
    lazy: bool,
    /// The path of the syntax error: that of the innermost value that contains it.
    failed_at: Option<String>,
}

impl<'de> Json<'de> {
    /// Takes a value of another type than the expected one.
    #[inline(never)]
    fn other(&mut self, expected: &str, cx: Context<'_>) -> Result<(), Aborted> {
        let value = self.value(cx)?;
        mismatch(&value, expected, self, cx)
    }

    #[cold]
    fn fail(&mut self, at: &Path<'_>) {
        self.failed_at.get_or_insert_with(|| at.to_string());
    }
}

impl<'de> Input<'de> for Json<'de> {
    fn kind(&mut self) -> Kind {
        self.reader.kind()
    }

    #[inline]
    fn value(&mut self, cx: Context<'_>) -> Result<Value<'de>, Aborted> {
        self.reader.value().inspect_err(|_| self.fail(cx.at))
    }

    // Faster than taking any value first.
    fn text(&mut self, expected: &str, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted> {
        match self.reader.text_value().inspect_err(|_| self.fail(cx.at))? {
            None => self.other(expected, cx).map(|()| None),
            text => Ok(text),
        }
    }

    fn array(&mut self, expected: &str, cx: Context<'_>) -> Result<bool, Aborted> {
        let opens = self.reader.opens(b'[').inspect_err(|_| self.fail(cx.at))?;
        if opens { Ok(true) } else { self.other(expected, cx).map(|()| false) }
    }

    fn object(&mut self, expected: &str, cx: Context<'_>) -> Result<bool, Aborted> {
        let opens = self.reader.opens(b'{').inspect_err(|_| self.fail(cx.at))?;
        if opens { Ok(true) } else { self.other(expected, cx).map(|()| false) }
    }

    fn skip(&mut self, cx: Context<'_>) -> Result<(), Aborted> {
        self.reader.skip().inspect_err(|_| self.fail(cx.at))
    }

    fn raw(&mut self, cx: Context<'_>) -> Result<Option<&'de str>, Aborted> {
        if !self.lazy {
            return Ok(None);
        }
        let range = self.reader.skip_value().inspect_err(|_| self.fail(cx.at))?;
        Ok(Some(self.reader.text(range)))
    }

    fn next_element(&mut self, cx: Context<'_>) -> Result<bool, Aborted> {
        self.reader.next_element().inspect_err(|_| self.fail(cx.at))
    }

    #[inline]
    fn next_key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted> {
        let key = self.reader.next_key().inspect_err(|_| self.fail(cx.at))?;
        if let Some(key) = &key {
            self.reader.colon().inspect_err(|_| self.fail(&cx.at.key(key)))?;
        }
        Ok(key)
    }
}
