//! Deserializes JSON in one pass into structs that borrow from it, and collects type errors instead of stopping at
//! the first one.
//!
//! serde's derive fails on the first value of a wrong type. Admission needs more: Kubernetes decodes an object only
//! after exemptions and policies have been considered, so the errors in an object must be kept until then
//! ([`Collected`]), and all errors in the settings are reported together. A value of a wrong type is therefore
//! reported with its path and skipped, and deserialization goes on. Only a syntax error ends it.
//!
//! The rules are those of Kubernetes' decoder: keys are case-sensitive, unknown keys are ignored (or reported, in a
//! `strict` view), `null` leaves a field at its zero value, and numbers are integers. One rule is stricter: a duplicate
//! key is reported, where Go merges the two values.

mod error;
pub mod merge;
mod parser;
mod reader;
pub mod text;
mod values;
mod view;
pub mod write;

pub use crate::view;
pub use error::{ErrorSink, FieldError, MAX_EXPLAINED, Path};
pub use parser::{SyntaxError, from_utf8, read, read_lazily, without_lone_surrogates};
pub use values::{Collected, IsSet, IsSetInteger, Lazy};
pub use view::{Key, KeysOf, next_field};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::quote::quoted;

/// A string of the input: borrowed, unless it is written with escapes.
pub type Text<'de> = Cow<'de, str>;

/// The position of the current value, and where its errors go. Small, because it is passed on for each value.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// The path of the value.
    pub at: &'c Path<'c>,
    errors: &'c ErrorSink,
}

impl<'c> Context<'c> {
    /// The context of a whole document.
    pub fn new(at: &'c Path<'c>, errors: &'c ErrorSink) -> Self {
        Context { at, errors }
    }

    /// The same context at another path.
    pub fn at(self, at: &'c Path<'c>) -> Self {
        Context { at, ..self }
    }

    /// The same context with another sink of errors.
    pub(crate) fn with_errors(self, errors: &'c ErrorSink) -> Self {
        Context { errors, ..self }
    }

    /// Reports an error at the current path. The message continues a sentence that begins with the path.
    pub fn report(self, message: &dyn Fn() -> String) {
        self.errors.add(self.at, message);
    }

    /// Reports that the key at the current path occurs twice.
    pub fn report_duplicate(self) {
        self.report(&|| "stands here a second time; a key may be used once".to_owned());
    }
}

/// A value of a type that does not fit, for messages.
#[derive(Debug, Clone, Copy)]
pub enum Unexpected<'f> {
    /// `true` or `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Integer(i64),
    /// An integer above the range of `i64`.
    TooLarge(u64),
    /// A number that is not an integer, or that does not fit into 64 bits.
    Fraction,
    /// A string.
    Text(&'f str),
    /// An array, `[…]`.
    Array,
    /// An object, `{…}`.
    Object,
}

impl fmt::Display for Unexpected<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unexpected::Bool(value) => write!(out, "{value}"),
            Unexpected::Integer(value) => write!(out, "{value}"),
            Unexpected::TooLarge(value) => write!(out, "{value}"),
            Unexpected::Fraction => out.write_str("a number with a fraction, an exponent or too many digits"),
            Unexpected::Text(value) if value.len() > 80 => out.write_str("a long string"),
            Unexpected::Text(value) => out.write_str(&quoted(value)),
            Unexpected::Array => out.write_str("an array"),
            Unexpected::Object => out.write_str("an object"),
        }
    }
}

/// Deserialization ended at a syntax error. The parser has the error itself.
#[derive(Debug, Clone, Copy)]
pub struct Aborted;

/// A value of the input.
#[derive(Debug)]
pub enum Value<'de> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Integer(i64),
    /// Another number.
    Number(Unexpected<'static>),
    /// A string.
    Text(Text<'de>),
    /// The source of a string in a template, whose value is not known. A string has it as its value; what else is expected here stays
    /// unset.
    Template(&'de str),
    /// The beginning of an array, whose elements follow in the input.
    Array,
    /// The beginning of an object, whose entries follow in the input.
    Object,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
    /// A boolean, a number, or what is no value.
    Other,
    /// [`Value::Template`].
    Template,
}

/// The input during deserialization: JSON text, or a document that has been parsed.
///
/// The methods with the name of a type take the next value of this type. `null` fits everywhere: they return `None` or `false` for it,
/// and the field keeps its zero value, as in Go. They report a value of another type and take all of it; `expected` is the expected type
/// in the message.
///
/// Who takes the beginning of an array or object must take all of it: with [`Input::next_element`] or [`Input::next_key`], until these
/// return that there is no other member, and with one value or [`Input::skip`] after each.
///
/// # Errors
/// Only at a syntax error.
pub trait Input<'de> {
    /// Returns the type of the next value.
    fn kind(&mut self) -> Kind;
    /// Takes the next value, or the beginning of an array or object.
    fn value(&mut self, cx: Context<'_>) -> Result<Value<'de>, Aborted>;
    /// Takes the next value and ignores it.
    fn skip(&mut self, cx: Context<'_>) -> Result<(), Aborted>;
    /// Takes the next value and returns its text, for values that are deserialized when they are needed; `None` if this is to be done
    /// at once.
    fn raw(&mut self, cx: Context<'_>) -> Result<Option<&'de str>, Aborted>;
    /// Goes to the next element of the array; `false` after the last one.
    fn next_element(&mut self, cx: Context<'_>) -> Result<bool, Aborted>;
    /// Takes the next key of the object; `None` after the last one.
    fn next_key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted>;

    /// Takes a string.
    fn text(&mut self, expected: &str, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted> {
        match self.value(cx)? {
            Value::Text(value) => Ok(Some(value)),
            Value::Template(value) => Ok(Some(Cow::Borrowed(value))),
            other => mismatch(&other, expected, self, cx).map(|()| None),
        }
    }

    /// Takes a boolean.
    fn boolean(&mut self, expected: &str, cx: Context<'_>) -> Result<Option<bool>, Aborted> {
        match self.value(cx)? {
            Value::Bool(value) => Ok(Some(value)),
            other => mismatch(&other, expected, self, cx).map(|()| None),
        }
    }

    /// Takes an integer.
    fn integer(&mut self, expected: &str, cx: Context<'_>) -> Result<Option<i64>, Aborted> {
        match self.value(cx)? {
            Value::Integer(value) => Ok(Some(value)),
            other => mismatch(&other, expected, self, cx).map(|()| None),
        }
    }

    /// Takes the beginning of an array.
    fn array(&mut self, expected: &str, cx: Context<'_>) -> Result<bool, Aborted> {
        match self.value(cx)? {
            Value::Array => Ok(true),
            other => mismatch(&other, expected, self, cx).map(|()| false),
        }
    }

    /// Takes the beginning of an object.
    fn object(&mut self, expected: &str, cx: Context<'_>) -> Result<bool, Aborted> {
        match self.value(cx)? {
            Value::Object => Ok(true),
            other => mismatch(&other, expected, self, cx).map(|()| false),
        }
    }
}

/// A value that is deserialized in place.
///
/// The code of an implementation exists for each [`Input`] that it is used with, which in the policy is one.
pub trait FromJson<'de> {
    /// The expected type with its article, for messages: "a string".
    const EXPECTED: &'static str;

    /// Takes the next value.
    ///
    /// # Errors
    /// At a syntax error.
    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted>;
}

/// Reports a value of a type that does not fit, and takes the rest of it. `null` fits everywhere.
#[inline(never)]
fn mismatch<'de, I: Input<'de> + ?Sized>(value: &Value<'de>, expected: &str, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
    let found = match value {
        Value::Null | Value::Template(_) => return Ok(()),
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Integer(value) => Unexpected::Integer(*value),
        Value::Number(number) => *number,
        Value::Text(value) => Unexpected::Text(value),
        Value::Array => Unexpected::Array,
        Value::Object => Unexpected::Object,
    };
    report_mismatch(expected, found, cx);
    match value {
        Value::Array => {
            while input.next_element(cx)? {
                input.skip(cx)?;
            }
        }
        Value::Object => {
            while input.next_key(cx)?.is_some() {
                input.skip(cx)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Reports a value that does not fit.
pub fn report_mismatch(expected: &str, found: Unexpected<'_>, cx: Context<'_>) {
    cx.report(&|| format!("must be {expected}, not {found}"));
}

/// Deserializes the elements of an array one by one, and calls `each` with their indices.
///
/// # Errors
/// At a syntax error.
pub fn each_element<'de, T: FromJson<'de> + Default, I: Input<'de>>(
    input: &mut I,
    cx: Context<'_>,
    mut each: impl FnMut(usize, T),
) -> Result<(), Aborted> {
    elements(input, cx, |index, input, cx| {
        let mut item = T::default();
        item.read(input, cx)?;
        each(index, item);
        Ok(())
    })
}

/// Calls `read` for each element of an array with its index; it takes the element.
fn elements<'de, I: Input<'de>>(
    input: &mut I,
    cx: Context<'_>,
    mut read: impl FnMut(usize, &mut I, Context<'_>) -> Result<(), Aborted>,
) -> Result<(), Aborted> {
    if !input.array("an array", cx)? {
        return Ok(());
    }
    let mut index = 0;
    loop {
        let at = cx.at.index(index);
        let cx = cx.at(&at);
        if !input.next_element(cx)? {
            return Ok(());
        }
        read(index, input, cx)?;
        index += 1;
    }
}

/// Lists of this length or shorter are compared pairwise, without allocating a set.
const PAIRWISE: usize = 8;

/// Calls `report` with the index and the text of each name that occurs earlier in the list; `name_at` returns the name
/// at an index, and `None` after the last one.
///
/// The names are in a tree: its worst case does not depend on who chooses the names, as that of a hash table would.
pub fn each_duplicate<'n>(name_at: &dyn Fn(usize) -> Option<&'n str>, report: &mut dyn FnMut(usize, &'n str)) {
    if name_at(1).is_none() {
        return;
    }
    let is_short = name_at(PAIRWISE).is_none();
    let mut before = BTreeMap::new();
    for (index, name) in (0..).map_while(|index| name_at(index).map(|name| (index, name))) {
        let is_duplicate =
            if is_short { (0..index).any(|other| name_at(other) == Some(name)) } else { before.insert(name, index).is_some() };
        if is_duplicate {
            report(index, name);
        }
    }
}

/// The message for a name that occurs earlier in its list.
pub fn duplicate_message(name: &str) -> String {
    format!("{} stands in the list already", quoted(name))
}

#[cfg(test)]
mod tests;
