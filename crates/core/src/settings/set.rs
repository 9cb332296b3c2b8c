//! Lists in the settings: sets of keywords, and lists of names.

use std::marker::PhantomData;

use crate::json::{Aborted, Context, FromJson, Input, Kind, Text, duplicate_message, each_element};
use crate::quote::quoted;
use crate::standards::names_of_checks;
use crate::suggest::{meant, question};

/// The keywords of a list, at most 32.
pub trait Keyword {
    /// A noun for a keyword, for messages: "check".
    const NOUN: &'static str;

    /// The keyword at an index from 0; `None` after the last one.
    fn keyword_at(index: u32) -> Option<&'static str>;
}

/// A set of keywords.
#[derive(Debug, Clone)]
pub struct Set<W> {
    /// One bit for the index of each keyword.
    bits: u32,
    is_set: bool,
    /// Whether the list has an unknown word.
    has_unknown: bool,
    keyword: PhantomData<W>,
}

impl<W> Default for Set<W> {
    fn default() -> Self {
        Set { bits: 0, is_set: false, has_unknown: false, keyword: PhantomData }
    }
}

/// Compares the keywords: an empty list equals an unset one.
impl<W> PartialEq for Set<W> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<W: Keyword> Set<W> {
    /// Whether the keyword at an index is in the set.
    pub fn contains(&self, index: u32) -> bool {
        1_u32.checked_shl(index).is_some_and(|bit| self.bits & bit != 0)
    }

    /// The set of all keywords.
    pub fn all() -> Self {
        Set { bits: u32::MAX, ..Set::default() }
    }

    /// Adds the keyword at an index.
    pub fn insert(&mut self, index: u32) {
        self.bits |= 1_u32.checked_shl(index).unwrap_or_default();
    }

    /// Whether a keyword is in both sets.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.bits & other.bits != 0
    }

    /// Whether there is no list, which can have another meaning than an empty one.
    pub fn is_unset(&self) -> bool {
        !self.is_set
    }

    /// Whether the list has no words, not even an unknown one.
    pub fn is_empty(&self) -> bool {
        self.bits == 0 && !self.has_unknown
    }

    /// The indices of the keywords, in ascending order.
    pub fn indices(&self) -> impl Iterator<Item = u32> {
        let bits = self.bits;
        (0..u32::BITS).filter(move |index| bits & (1 << index) != 0)
    }

    /// The keywords, in the order of their indices.
    pub fn keywords(&self) -> impl Iterator<Item = &'static str> {
        self.indices().filter_map(W::keyword_at)
    }
}

impl<'de, W: Keyword> FromJson<'de> for Set<W> {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.is_set |= matches!(input.kind(), Kind::Null | Kind::Array);
        let (bits, has_unknown) = read_words(W::NOUN, W::keyword_at, input, cx)?;
        self.bits |= bits;
        self.has_unknown |= has_unknown;
        Ok(())
    }
}

/// Deserializes words into bits, and whether there is an unknown one. Compiled once for all types of keywords.
fn read_words<'de, I: Input<'de>>(noun: &str, keyword_at: KeywordAt, input: &mut I, cx: Context<'_>) -> Result<(u32, bool), Aborted> {
    let (mut bits, mut has_unknown) = (0_u32, false);
    each_element(input, cx, |index, word: Text<'de>| {
        let at = cx.at.index(index);
        match index_among(keyword_at, &word) {
            Some(index) if bits & (1 << index) != 0 => cx.at(&at).report(&|| duplicate_message(&word)),
            Some(index) => bits |= 1 << index,
            None => {
                has_unknown = true;
                cx.at(&at).report(&|| unknown_message(noun, keyword_at, &word));
            }
        }
    })?;
    Ok((bits, has_unknown))
}

/// [`Keyword::keyword_at`].
type KeywordAt = fn(u32) -> Option<&'static str>;

/// The index of a keyword.
pub fn index_of<W: Keyword>(word: &str) -> Option<u32> {
    index_among(W::keyword_at, word)
}

fn index_among(keyword_at: KeywordAt, word: &str) -> Option<u32> {
    (0..u32::BITS).find(|index| keyword_at(*index) == Some(word))
}

fn unknown_message(noun: &str, keyword_at: KeywordAt, word: &str) -> String {
    let keywords: Vec<&str> = (0..u32::BITS).map_while(keyword_at).collect();
    let suggestion = match question(&meant(word, &names_of_checks(&keywords))) {
        none if none.is_empty() => format!("; there are {}", keywords.join(", ")),
        suggestion => suggestion,
    };
    format!("there is no {noun} {}{suggestion}", quoted(word))
}

/// A condition that is set to `true`, or not set. Another value is an error, which [`Validation`](super::Validation) reports.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    is_set: bool,
    is_true: bool,
}

impl Flag {
    /// Whether the condition is set, which may be to another value.
    pub fn is_set(self) -> bool {
        self.is_set
    }

    /// Whether the condition is set to `true`.
    pub fn is_true(self) -> bool {
        self.is_true
    }
}

impl<'de> FromJson<'de> for Flag {
    const EXPECTED: &'static str = "true";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.is_set |= input.kind() == Kind::Null;
        if let Some(value) = input.boolean(Self::EXPECTED, cx)? {
            (self.is_set, self.is_true) = (true, value);
        }
        Ok(())
    }
}

/// A list of names, one of which must match if the list is set. Most lists have one name, which needs no allocation. With
/// `NUMBERS` a name can be an integer, too.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Names<'a, const NUMBERS: bool = false> {
    is_set: bool,
    first: Option<Text<'a>>,
    rest: Vec<Text<'a>>,
}

impl<'a, const NUMBERS: bool> Names<'a, NUMBERS> {
    /// Whether there is a list, which may be empty.
    pub fn is_set(&self) -> bool {
        self.is_set
    }

    /// The name at an index.
    pub fn get(&self, index: usize) -> Option<&str> {
        match index.checked_sub(1) {
            None => self.first.as_deref(),
            Some(index) => self.rest.get(index).map(AsRef::as_ref),
        }
    }

    /// The names, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &Text<'a>> {
        self.first.iter().chain(&self.rest)
    }

    /// Whether one of the names matches, or there is no list.
    pub fn allow(&self, matches: &dyn Fn(&str) -> bool) -> bool {
        !self.is_set || self.first.as_deref().is_some_and(matches) || self.rest.iter().any(|name| matches(name))
    }
}

impl<'de, const NUMBERS: bool> FromJson<'de> for Names<'de, NUMBERS> {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.is_set |= matches!(input.kind(), Kind::Null | Kind::Array);
        each_element(input, cx, |_, Name(name): Name<'de, NUMBERS>| match &self.first {
            None => self.first = Some(name),
            Some(_) => self.rest.push(name),
        })
    }
}

/// A name; with `NUMBERS` also an integer, as its decimal digits.
#[derive(Default)]
struct Name<'a, const NUMBERS: bool>(Text<'a>);

impl<'de, const NUMBERS: bool> FromJson<'de> for Name<'de, NUMBERS> {
    const EXPECTED: &'static str = if NUMBERS { "a string or a whole number" } else { "a string" };

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if NUMBERS && input.kind() != Kind::Text {
            if let Some(value) = input.integer(Self::EXPECTED, cx)? {
                self.0 = value.to_string().into();
            }
        } else if let Some(value) = input.text(Self::EXPECTED, cx)? {
            self.0 = value;
        }
        Ok(())
    }
}
