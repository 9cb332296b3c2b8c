//! Reading JSON once, from start to end, into structs that borrow from it.
//!
//! serde's derive stops at the first value that does not fit. Admission must not: Kubernetes looks
//! at an object only after exemptions and policies have been considered, so what is wrong with it
//! has to be held until then, and settings should have all their mistakes explained at once. So a
//! value of the wrong type is noted with its path and skipped, and reading goes on. Only broken
//! JSON ends it.
//!
//! The rules are those of Kubernetes' own decoder: keys are case-sensitive, unknown keys are
//! ignored (or noted, where a view is `strict`), `null` leaves a field at its zero value, numbers
//! are whole. One rule is ours: a key that stands twice is noted, where Go merges the two.

#![forbid(unsafe_code)]

// A page changes manifests, and those are seldom JSON.
mod error;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub(crate) mod merge;
mod parser;
pub(crate) mod text;
mod values;
mod view;

pub use error::FieldError;
pub(crate) use error::{ErrorSink, Path};
pub use parser::SyntaxError;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub(crate) use parser::without_lone_surrogates;
pub(crate) use parser::{from_utf8, read, read_lazily};
pub use values::{Collected, Lazy};
pub(crate) use view::{View, read_view, view};

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use crate::quote::quoted;

/// A string of the input, borrowed unless it was written with escapes.
pub type Text<'de> = Cow<'de, str>;

/// What reading carries along: where it is, and who is told.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    pub(crate) at: &'c Path<'c>,
    pub(crate) notes: &'c ErrorSink,
    /// Where the JSON itself is broken. The innermost place is told first and stays.
    broken: &'c RefCell<Option<String>>,
    /// Whether what can wait is passed over.
    hasty: bool,
}

impl<'c> Context<'c> {
    pub(crate) fn at(self, at: &'c Path<'c>) -> Self {
        Context { at, ..self }
    }

    pub(crate) fn noting(self, notes: &'c ErrorSink) -> Self {
        Context { notes, ..self }
    }

    pub(crate) fn report(self, what: &dyn Fn() -> String) {
        self.notes.add(self.at, what);
    }

    pub(crate) fn report_duplicate(self) {
        self.report(&|| "stands here a second time; a key may be used once".to_owned());
    }

    /// Reading stops here, if it has not stopped further inside.
    fn stop(self) {
        self.broken.borrow_mut().get_or_insert_with(|| self.at.to_string());
    }
}

/// Reads what is no JSON text, such as a manifest, and cannot break while it is read.
#[cfg(not(target_os = "wasi"))]
pub(crate) fn in_context(root: &str, notes: &ErrorSink, read: impl FnOnce(Context<'_>) -> Result<(), Aborted>) {
    let root = Path::root(root);
    // Only a reader that gives up stops, and there is none.
    let _ = read(Context { at: &root, notes, broken: &RefCell::new(None), hasty: false });
}

/// A value as it was found where another was wanted, for messages.
#[derive(Debug)]
pub enum Unexpected<'f> {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number beyond 63 bits.
    TooLarge(u64),
    /// Any other number.
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
            // Not the number itself: to print one takes more code than all checks together.
            Unexpected::Fraction => out.write_str("a number with a fraction, an exponent or too many digits"),
            Unexpected::Text(value) if value.len() > 80 => out.write_str("a long string"),
            Unexpected::Text(value) => out.write_str(&quoted(value)),
            Unexpected::Array => out.write_str("an array"),
            Unexpected::Object => out.write_str("an object"),
        }
    }
}

/// Reading cannot go on: the JSON is broken. Where and how is kept beside.
#[derive(Debug, Clone, Copy)]
pub struct Aborted;

/// The entries of a JSON object, while they are read.
pub trait Entries<'de> {
    /// The next key as its place in `keys`, or as unknown; `None` behind the last one.
    fn match_key(&mut self, keys: &'static [&'static str], cx: Context<'_>) -> Result<Option<Key>, Aborted>;
    /// The next key as it is; `None` behind the last one.
    fn key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Aborted>;
    /// Reads the value behind the key.
    fn value(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<(), Aborted>;
    /// Passes over the value behind the key.
    fn skip(&mut self, cx: Context<'_>) -> Result<(), Aborted>;
}

/// The elements of a JSON array, while they are read.
pub trait Elements<'de> {
    /// Reads the next element; says whether there was one.
    fn element(&mut self, into: &mut dyn FromJson<'de>, cx: Context<'_>) -> Result<bool, Aborted>;
    /// Passes over the next element; says whether there was one.
    fn skip(&mut self, cx: Context<'_>) -> Result<bool, Aborted>;
}

/// A value that is read in place. Each method takes one JSON type; the default is that the type is
/// wrong, and noted.
///
/// It is used by reference only, so that what depends on the parser exists once and not for each
/// type that is read: that takes a third off the module.
pub trait FromJson<'de> {
    /// What is wanted, with its article: "a string".
    fn expected(&self) -> &'static str;

    /// Whether the value may be left as JSON until somebody asks for it.
    fn is_lazy(&self) -> bool {
        false
    }

    /// The value as JSON, where it can wait and nobody reads it now.
    fn raw(&mut self, _: &'de str) {}

    /// The value is of a type that does not fit.
    fn mismatch(&mut self, found: Unexpected<'_>, cx: Context<'_>) {
        not_wanted(self.expected(), &found, cx);
    }

    /// `null`: by default the zero value stays, as Go has it.
    fn null(&mut self) {}

    /// `true` or `false`.
    fn boolean(&mut self, value: bool, cx: Context<'_>) {
        self.mismatch(Unexpected::Bool(value), cx);
    }

    /// A whole number.
    fn integer(&mut self, value: i64, cx: Context<'_>) {
        self.mismatch(Unexpected::Integer(value), cx);
    }

    /// A string.
    fn text(&mut self, value: Text<'de>, cx: Context<'_>) {
        self.mismatch(Unexpected::Text(&value), cx);
    }

    /// An array. An implementation reads it to its end.
    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.mismatch(Unexpected::Array, cx);
        skip_elements(elements, cx)
    }

    /// An object. An implementation reads it to its end.
    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.mismatch(Unexpected::Object, cx);
        skip_entries(entries, cx)
    }
}

// What the methods above have in common for all types is here once: each type has its own of them.

fn not_wanted(wanted: &str, found: &Unexpected<'_>, cx: Context<'_>) {
    cx.report(&|| format!("must be {wanted}, not {found}"));
}

fn skip_elements(elements: &mut dyn Elements<'_>, cx: Context<'_>) -> Result<(), Aborted> {
    while elements.skip(cx)? {}
    Ok(())
}

fn skip_entries(entries: &mut dyn Entries<'_>, cx: Context<'_>) -> Result<(), Aborted> {
    while entries.match_key(&[], cx)?.is_some() {
        entries.skip(cx)?;
    }
    Ok(())
}

/// Reads the elements of an array one by one.
pub(crate) fn each_element<'de, T: FromJson<'de> + Default>(
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
/// at an index, and nothing behind the last one.
///
/// The set is a tree: its worst case does not depend on who chooses the names, as that of a hash table would.
pub fn each_duplicate<'n>(name_at: &dyn Fn(usize) -> Option<&'n str>, report: &mut dyn FnMut(usize, &'n str)) {
    let is_short = name_at(PAIRWISE).is_none();
    let mut before = BTreeSet::new();
    for (index, name) in (0..).map_while(|index| name_at(index).map(|name| (index, name))) {
        let is_duplicate = if is_short { (0..index).any(|other| name_at(other) == Some(name)) } else { !before.insert(name) };
        if is_duplicate {
            report(index, name);
        }
    }
}

/// What is wrong with a name that stands in a list again.
pub(crate) fn duplicate_message(name: &str) -> String {
    format!("{} stands in the list already", quoted(name))
}

/// A key of an object: its place in the list of the known ones.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// The place of the key.
    Field(usize),
    /// It is not in the list.
    Unknown,
}

#[cfg(test)]
mod tests;
