//! Lists in the settings: of words that are known, and of names.

use std::marker::PhantomData;

use crate::json::{Aborted, Context, Elements, FromJson, Text, Unexpected, duplicate_message, each_element};
use crate::quote::quoted;
use crate::suggest::did_you_mean;

/// Words that a list may hold.
pub trait Keyword {
    /// What they are: "check".
    const NOUN: &'static str;

    /// The word at a place, counted from 0; nothing behind the last one.
    fn keyword_at(index: u32) -> Option<&'static str>;
}

/// A list of known words, in no order.
#[derive(Debug, Clone)]
pub struct Set<W> {
    /// A bit for the place of each word.
    bits: u32,
    is_written: bool,
    /// Whether the list has a word that is not known.
    is_mistaken: bool,
    word: PhantomData<W>,
}

impl<W> Default for Set<W> {
    fn default() -> Self {
        Set { bits: 0, is_written: false, is_mistaken: false, word: PhantomData }
    }
}

/// By the words: none are none, with a list or without.
impl<W> PartialEq for Set<W> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<W: Keyword> Set<W> {
    /// Whether the word at a place is in the list.
    pub fn contains(&self, index: u32) -> bool {
        1_u32.checked_shl(index).is_some_and(|bit| self.bits & bit != 0)
    }

    /// All words.
    pub fn all() -> Self {
        Set { bits: u32::MAX, ..Set::default() }
    }

    /// Adds the word at a place.
    pub fn insert(&mut self, place: u32) {
        self.bits |= 1_u32.checked_shl(place).unwrap_or_default();
    }

    /// Whether a word is in both lists.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.bits & other.bits != 0
    }

    /// Whether no list is written, which may mean something other than an empty one.
    pub fn is_unset(&self) -> bool {
        !self.is_written
    }

    /// Whether no word is in the list, not even a mistaken one.
    pub fn is_empty(&self) -> bool {
        self.bits == 0 && !self.is_mistaken
    }

    /// The places of the words, in the order of the known ones.
    pub fn indices(&self) -> impl Iterator<Item = u32> {
        let bits = self.bits;
        (0..u32::BITS).filter(move |place| bits & (1 << place) != 0)
    }

    /// The words, in the order of the known ones.
    pub fn keywords(&self) -> impl Iterator<Item = &'static str> {
        self.indices().filter_map(W::keyword_at)
    }
}

impl<'de, W: Keyword> FromJson<'de> for Set<W> {
    fn expected(&self) -> &'static str {
        "an array"
    }

    fn null(&mut self) {
        self.is_written = true;
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.is_written = true;
        let (bits, is_mistaken) = read_words(W::NOUN, W::keyword_at, elements, cx)?;
        self.bits |= bits;
        self.is_mistaken |= is_mistaken;
        Ok(())
    }
}

/// Reads words into bits, and says whether one is not known. Once for all sorts of words.
fn read_words<'de>(what: &str, known: KnownWord, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(u32, bool), Aborted> {
    let (mut bits, mut is_mistaken) = (0_u32, false);
    each_element(elements, cx, |index, word: Text<'de>| {
        let at = cx.at.index(index);
        match place_among(known, &word) {
            Some(place) if bits & (1 << place) != 0 => cx.at(&at).report(&|| duplicate_message(&word)),
            Some(place) => bits |= 1 << place,
            None => {
                is_mistaken = true;
                cx.at(&at).report(&|| unknown(what, known, &word));
            }
        }
    })?;
    Ok((bits, is_mistaken))
}

/// The known word at a place.
type KnownWord = fn(u32) -> Option<&'static str>;

/// The place of a known word.
pub(crate) fn index_of<W: Keyword>(word: &str) -> Option<u32> {
    place_among(W::keyword_at, word)
}

fn place_among(known: KnownWord, word: &str) -> Option<u32> {
    (0..u32::BITS).find(|place| known(*place) == Some(word))
}

fn unknown(what: &str, known: KnownWord, word: &str) -> String {
    let known: Vec<&str> = (0..u32::BITS).map_while(known).collect();
    let suggestion = match did_you_mean(word, &known) {
        none if none.is_empty() => format!("; there are {}", known.join(", ")),
        suggestion => suggestion,
    };
    format!("there is no {what} {}{suggestion}", quoted(word))
}

/// Names of which one has to fit, where they are written at all. Most lists have one name, and need
/// no memory of their own.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Names<'a, const NUMBERS: bool = false> {
    is_written: bool,
    first: Option<Text<'a>>,
    rest: Vec<Text<'a>>,
}

impl<'a, const NUMBERS: bool> Names<'a, NUMBERS> {
    /// Whether there is a list, be it an empty one.
    pub fn is_set(&self) -> bool {
        self.is_written
    }

    /// The name at a place.
    pub fn get(&self, place: usize) -> Option<&str> {
        match place.checked_sub(1) {
            None => self.first.as_deref(),
            Some(place) => self.rest.get(place).map(AsRef::as_ref),
        }
    }

    /// The names, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Text<'a>> {
        self.first.iter().chain(&self.rest)
    }

    /// Whether one of the names fits; any does where there is no list.
    pub fn allow(&self, fits: &dyn Fn(&str) -> bool) -> bool {
        !self.is_written || self.first.as_deref().is_some_and(fits) || self.rest.iter().any(|name| fits(name))
    }
}

impl<'de, const NUMBERS: bool> FromJson<'de> for Names<'de, NUMBERS> {
    fn expected(&self) -> &'static str {
        "an array"
    }

    fn null(&mut self) {
        self.is_written = true;
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.is_written = true;
        each_element(elements, cx, |_, Name(name): Name<'de, NUMBERS>| match &self.first {
            None => self.first = Some(name),
            Some(_) => self.rest.push(name),
        })
    }
}

/// A name; with `NUMBERS` a whole number is one too, as it is written.
#[derive(Default)]
struct Name<'a, const NUMBERS: bool>(Text<'a>);

impl<'de, const NUMBERS: bool> FromJson<'de> for Name<'de, NUMBERS> {
    fn expected(&self) -> &'static str {
        if NUMBERS { "a string or a whole number" } else { "a string" }
    }

    fn integer(&mut self, value: i64, cx: Context<'_>) {
        if NUMBERS {
            self.0 = value.to_string().into();
        } else {
            self.mismatch(Unexpected::Integer(value), cx);
        }
    }

    fn text(&mut self, value: Text<'de>, _: Context<'_>) {
        self.0 = value;
    }
}
