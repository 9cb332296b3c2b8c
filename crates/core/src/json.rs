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
pub use view::{View, read_view};

use std::borrow::Cow;
use std::cell::RefCell;
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
    session: &'c Session<'c>,
}

/// What all values have in common, or those in a [`Collected`].
#[derive(Clone, Copy)]
struct Session<'c> {
    errors: &'c ErrorSink,
    /// The path of a syntax error. The innermost value that fails sets it.
    failed_at: &'c RefCell<Option<String>>,
    /// Whether values with [`FromJson::is_lazy`] are kept as JSON.
    lazy: bool,
}

impl<'c> Context<'c> {
    /// The same context at another path.
    pub fn at(self, at: &'c Path<'c>) -> Self {
        Context { at, ..self }
    }

    /// Calls `read` with the same context, but another sink of errors.
    pub(crate) fn with_errors<R>(self, errors: &ErrorSink, read: impl FnOnce(Context<'_>) -> R) -> R {
        read(Context { at: self.at, session: &Session { errors, ..*self.session } })
    }

    /// Reports an error at the current path. The message continues a sentence that begins with the path.
    pub fn report(self, message: &dyn Fn() -> String) {
        self.session.errors.add(self.at, message);
    }

    /// Reports that the key at the current path occurs twice.
    pub fn report_duplicate(self) {
        self.report(&|| "stands here a second time; a key may be used once".to_owned());
    }

    /// Returns the result of reading the value at the current path. A syntax error is that of this value, unless an inner one has
    /// failed before.
    fn checked<T>(self, result: Result<T, Aborted>) -> Result<T, Aborted> {
        result.inspect_err(|_| self.fail())
    }

    #[cold]
    fn fail(self) {
        self.session.failed_at.borrow_mut().get_or_insert_with(|| self.at.to_string());
    }
}

/// Calls `read` with a context for input that is not JSON text, such as a YAML document. `root` is the start of all
/// paths; type errors go to `errors`. Such input has been parsed before, so there are no syntax errors.
pub fn in_context(root: &str, errors: &ErrorSink, read: impl FnOnce(Context<'_>) -> Result<(), Aborted>) {
    let root = Path::root(root);
    // Only a parser returns an error, and none is involved.
    let _ = read(Context { at: &root, session: &Session { errors, failed_at: &RefCell::new(None), lazy: false } });
}

/// A value of a type that does not fit, for messages.
#[derive(Debug)]
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

/// The entries of a JSON object during deserialization.
pub trait Entries<'de> {
    /// The next key, as its index in `keys`; `None` after the last one.
    ///
    /// # Errors
    /// At a syntax error.
    fn match_key(&mut self, keys: &'static [&'static str], cx: Context<'_>) -> Result<Option<Key>, Aborted>;
    /// The next key as text; `None` after the last one.
    ///
    /// # Errors
    /// At a syntax error.
    fn key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted>;
    /// Deserializes the value of the current key.
    ///
    /// # Errors
    /// At a syntax error.
    fn value(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<(), Aborted>;
    /// Skips the value of the current key.
    ///
    /// # Errors
    /// At a syntax error.
    fn skip(&mut self, cx: Context<'_>) -> Result<(), Aborted>;
}

/// The elements of a JSON array during deserialization.
pub trait Elements<'de> {
    /// Deserializes the next element; `false` after the last one.
    ///
    /// # Errors
    /// At a syntax error.
    fn element(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<bool, Aborted>;
    /// Skips the next element; `false` after the last one.
    ///
    /// # Errors
    /// At a syntax error.
    fn skip(&mut self, cx: Context<'_>) -> Result<bool, Aborted>;
}

/// A value that is deserialized in place. Each method takes one JSON type; by default it reports that the type does
/// not fit.
///
/// The parser takes it as `dyn FromJson`, so that the parser is compiled once instead of once for each type.
pub trait FromJson<'de> {
    /// The expected type with its article, for messages: "a string".
    fn expected(&self) -> &'static str;

    /// Whether [`read_lazily`] passes the value to [`FromJson::raw`] instead of deserializing it.
    fn is_lazy(&self) -> bool {
        false
    }

    /// Takes the value as JSON text. Only called where [`FromJson::is_lazy`].
    fn raw(&mut self, _: &'de str) {}

    /// Takes a value of a type that does not fit, and reports it.
    fn mismatch(&mut self, found: Unexpected<'_>, cx: Context<'_>) {
        report_mismatch(self.expected(), &found, &cx);
    }

    /// `null`: by default leaves the zero value, as Go does.
    fn null(&mut self) {}

    /// `true` or `false`.
    fn boolean(&mut self, value: bool, cx: Context<'_>) {
        self.mismatch(Unexpected::Bool(value), cx);
    }

    /// An integer of 64 bits.
    fn integer(&mut self, value: i64, cx: Context<'_>) {
        self.mismatch(Unexpected::Integer(value), cx);
    }

    /// A string.
    fn text(&mut self, value: Text<'de>, cx: Context<'_>) {
        self.mismatch(Unexpected::Text(&value), cx);
    }

    /// An array. An implementation takes all elements.
    ///
    /// # Errors
    /// At a syntax error.
    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.mismatch(Unexpected::Array, cx);
        skip_elements(elements, &cx)
    }

    /// An object. An implementation takes all entries.
    ///
    /// # Errors
    /// At a syntax error.
    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.mismatch(Unexpected::Object, cx);
        skip_entries(entries, &cx)
    }
}

// The bodies of the default methods, compiled once instead of once for each implementation. They borrow the context, because
// otherwise each implementation would copy it for the call.

#[inline(never)]
fn report_mismatch(expected: &str, found: &Unexpected<'_>, cx: &Context<'_>) {
    cx.report(&|| format!("must be {expected}, not {found}"));
}

#[inline(never)]
fn skip_elements(elements: &mut dyn Elements<'_>, cx: &Context<'_>) -> Result<(), Aborted> {
    while elements.skip(*cx)? {}
    Ok(())
}

#[inline(never)]
fn skip_entries(entries: &mut dyn Entries<'_>, cx: &Context<'_>) -> Result<(), Aborted> {
    while entries.match_key(&[], *cx)?.is_some() {
        entries.skip(*cx)?;
    }
    Ok(())
}

/// Deserializes the elements of an array one by one, and calls `each` with their indices.
///
/// # Errors
/// At a syntax error.
pub fn each_element<'de, T: FromJson<'de> + Default>(
    elements: &mut dyn Elements<'de>,
    cx: Context<'_>,
    mut each: impl FnMut(usize, T),
) -> Result<(), Aborted> {
    let mut index = 0;
    loop {
        let mut item = T::default();
        if !elements.element(&mut item, cx.at(&cx.at.index(index)))? {
            return Ok(());
        }
        each(index, item);
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

/// The result of looking up a key of an object in a list of keys.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// The index of the key in the list.
    Field(usize),
    /// The key is not in the list.
    Unknown,
}

#[cfg(test)]
mod tests;
