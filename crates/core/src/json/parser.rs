//! Connects [`FromJson`] to serde_json: one visitor for all types, and syntax errors with their paths.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use serde_json::value::RawValue;

use super::error::located;
use super::{Aborted, Context, Elements, Entries, ErrorSink, FromJson, Key, Path, Text, Unexpected};

/// A syntax error in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The path of the innermost value that contains the error.
    pub path: String,
    /// serde_json's message, with the line and column (both from 1).
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
    let failed_at = RefCell::new(None);
    let root = Path::root(root);
    let cx = Context { at: &root, errors, failed_at: &failed_at, lazy };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Seed { into, cx }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| SyntaxError { path: failed_at.take().unwrap_or_else(|| root.to_string()), message: error.to_string() })
}

/// The payload as text.
///
/// # Errors
/// If it is not UTF-8, with the offset of the first invalid byte.
pub fn from_utf8(payload: &[u8]) -> Result<&str, SyntaxError> {
    std::str::from_utf8(payload).map_err(|error| {
        let error = serde_json::Error::custom(format_args!("not UTF-8 from byte {} on", error.valid_up_to()));
        SyntaxError { path: String::new(), message: error.to_string() }
    })
}

/// The JSON with `\\ufffd` in place of each escape of a lone surrogate, as Go decodes them; `None` if there is none.
///
/// serde_json rejects lone surrogates, so this is for a payload that it rejected.
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

/// The visitor that calls the methods of a [`FromJson`].
struct Seed<'t, 'c, 'de> {
    into: &'t mut dyn FromJson<'de>,
    cx: Context<'c>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let cx = self.cx;
        if cx.lazy && self.into.is_lazy() {
            let json = <&RawValue>::deserialize(deserializer).inspect_err(|_| cx.fail())?;
            self.into.raw(json.get());
            return Ok(());
        }
        deserializer.deserialize_any(self).inspect_err(|_| cx.fail())
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.into.expected())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.into.null();
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.into.boolean(value, self.cx);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.into.integer(value, self.cx);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.into.integer(value, self.cx),
            Err(_) => self.into.mismatch(Unexpected::TooLarge(value), self.cx),
        }
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.into.mismatch(Unexpected::Fraction, self.cx);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.into.text(Cow::Owned(value.to_owned()), self.cx);
        Ok(())
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<(), E> {
        self.into.text(Cow::Borrowed(value), self.cx);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        let mut access = Access { access: seq, error: None };
        let result = self.into.array(&mut access, self.cx);
        access.finish(result)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let mut access = Access { access: map, error: None };
        let result = self.into.object(&mut access, self.cx);
        access.finish(result)
    }
}

/// serde's access to an array or object, and its error if there was one: [`Aborted`] does not carry it.
struct Access<A, E> {
    access: A,
    error: Option<E>,
}

impl<A, E: serde::de::Error> Access<A, E> {
    fn keep_error<T>(&mut self, result: Result<T, E>, cx: Context<'_>) -> Result<T, Aborted> {
        result.map_err(|error| {
            cx.fail();
            self.error = Some(error);
            Aborted
        })
    }

    fn finish(self, result: Result<(), Aborted>) -> Result<(), E> {
        match (result, self.error) {
            (Ok(()), None) => Ok(()),
            (_, Some(error)) => Err(error),
            (Err(Aborted), None) => Err(E::custom("deserialization was aborted")),
        }
    }
}

impl<'de, A: MapAccess<'de>> Entries<'de> for Access<A, A::Error> {
    fn match_key(&mut self, keys: &'static [&'static str], cx: Context<'_>) -> Result<Option<Key>, Aborted> {
        let key = self.access.next_key_seed(KeyIn { keys });
        self.keep_error(key, cx)
    }

    fn key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted> {
        let key = self.access.next_key_seed(AnyKey);
        self.keep_error(key, cx)
    }

    fn value(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        let value = self.access.next_value_seed(Seed { into, cx });
        self.keep_error(value, cx)
    }

    fn skip(&mut self, cx: Context<'_>) -> Result<(), Aborted> {
        let skipped = self.access.next_value::<Skipped>();
        self.keep_error(skipped, cx).map(|_| ())
    }
}

impl<'de, A: SeqAccess<'de>> Elements<'de> for Access<A, A::Error> {
    fn element(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<bool, Aborted> {
        let element = self.access.next_element_seed(Seed { into, cx });
        self.keep_error(element, cx).map(|element| element.is_some())
    }

    fn skip(&mut self, cx: Context<'_>) -> Result<bool, Aborted> {
        let skipped = self.access.next_element::<Skipped>();
        self.keep_error(skipped, cx).map(|element| element.is_some())
    }
}

/// A value that is skipped. [`serde::de::IgnoredAny`] would make serde_json allocate a list of the open brackets; this
/// does not allocate.
struct Skipped;

impl<'de> serde::Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Skipped)
    }
}

impl<'de> Visitor<'de> for Skipped {
    type Value = Self;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("anything")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Skipped>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<Skipped, Skipped>()?.is_some() {}
        Ok(self)
    }
}

struct KeyIn {
    keys: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for KeyIn {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyIn {
    type Value = Key;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(self.keys.iter().position(|listed| *listed == key).map_or(Key::Unknown, Key::Field))
    }
}

struct AnyKey;

impl<'de> DeserializeSeed<'de> for AnyKey {
    type Value = Text<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for AnyKey {
    type Value = Text<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Text<'de>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Text<'de>, E> {
        Ok(Cow::Borrowed(key))
    }
}
