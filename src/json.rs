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

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use crate::suggest;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// A string of the input, borrowed unless it was written with escapes.
pub type Text<'de> = Cow<'de, str>;

/// Where in the document a value stands. It lives on the stack and is written out only for errors.
#[derive(Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The start of a path: a name for the whole document, or nothing.
    pub(crate) const fn root(name: &'p str) -> Self {
        Path { parent: None, step: Step::Key(name) }
    }

    pub(crate) const fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    pub(crate) const fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        if let Some(parent) = self.parent {
            parent.fmt(out)?;
            first = parent.parent.is_none() && matches!(parent.step, Step::Key(""));
        }
        match self.step {
            Step::Index(index) => write!(out, "[{index}]"),
            // As Kubernetes writes the keys of labels and annotations.
            Step::Key(key) if key.contains(['.', '/', '[']) && self.parent.is_some() => write!(out, "[{key}]"),
            Step::Key(key) if first => out.write_str(key),
            Step::Key(key) => write!(out, ".{key}"),
        }
    }
}

/// Something in the input that does not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path of the value, such as `request.object.spec.containers[0].name`.
    pub path: String,
    /// What is wrong with it, as the rest of a sentence that begins with the path.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(out, &self.path, &self.what)
    }
}

/// `path: what`, or what alone where it is about the whole document.
fn located(out: &mut fmt::Formatter<'_>, path: &str, what: &str) -> fmt::Result {
    if path.is_empty() { out.write_str(what) } else { write!(out, "{path}: {what}") }
}

/// What was found not to fit, in the order of the input.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    problems: RefCell<Vec<Problem>>,
    first_only: bool,
}

impl Notes {
    pub(crate) fn add(&self, at: &Path<'_>, what: impl FnOnce() -> String) {
        let mut problems = self.problems.borrow_mut();
        if !self.first_only || problems.is_empty() {
            problems.push(Problem { path: at.to_string(), what: what() });
        }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

/// What reading carries along: where it is, and who is told.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    pub(crate) at: &'c Path<'c>,
    pub(crate) notes: &'c Notes,
    /// Where the JSON itself is broken. The innermost place is told first and stays.
    broken: &'c RefCell<Option<String>>,
}

impl<'c> Context<'c> {
    pub(crate) fn at(self, at: &'c Path<'c>) -> Self {
        Context { at, ..self }
    }

    pub(crate) fn noting(self, notes: &'c Notes) -> Self {
        Context { notes, ..self }
    }

    pub(crate) fn note(self, what: impl FnOnce() -> String) {
        self.notes.add(self.at, what);
    }

    pub(crate) fn note_duplicate(self) {
        self.note(|| "stands here a second time; a key may be used once".to_owned());
    }

    /// Reading stops here, if it has not stopped further inside.
    fn stop(self) {
        self.broken.borrow_mut().get_or_insert_with(|| self.at.to_string());
    }
}

/// A value as it was found where another was wanted, for messages.
#[derive(Debug)]
pub enum Found<'f> {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Whole(i64),
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

impl fmt::Display for Found<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Bool(value) => write!(out, "{value}"),
            Found::Whole(value) => write!(out, "{value}"),
            Found::TooLarge(value) => write!(out, "{value}"),
            // Not the number itself: to print one takes more code than all checks together.
            Found::Fraction => out.write_str("a number with a fraction, an exponent or too many digits"),
            Found::Text(value) if value.len() > 80 => out.write_str("a long string"),
            Found::Text(value) => write!(out, "{value:?}"),
            Found::Array => out.write_str("an array"),
            Found::Object => out.write_str("an object"),
        }
    }
}

/// Reading cannot go on: the JSON is broken. Where and how is kept beside.
#[derive(Debug, Clone, Copy)]
pub struct Stop;

/// The entries of a JSON object, while they are read.
pub trait Entries<'de> {
    /// The next key as its place in `keys`, or as unknown; `None` behind the last one.
    fn known_key(&mut self, keys: &'static [&'static str], cx: Context<'_>) -> Result<Option<Key>, Stop>;
    /// The next key as it is; `None` behind the last one.
    fn key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Stop>;
    /// Reads the value behind the key.
    fn value(&mut self, into: &mut dyn Read<'de>, cx: Context<'_>) -> Result<(), Stop>;
    /// Passes over the value behind the key.
    fn skip(&mut self, cx: Context<'_>) -> Result<(), Stop>;
}

/// The elements of a JSON array, while they are read.
pub trait Elements<'de> {
    /// Reads the next element; says whether there was one.
    fn element(&mut self, into: &mut dyn Read<'de>, cx: Context<'_>) -> Result<bool, Stop>;
    /// Passes over the next element; says whether there was one.
    fn skip(&mut self, cx: Context<'_>) -> Result<bool, Stop>;
}

/// A value that is read in place. Each method takes one JSON type; the default is that the type is
/// wrong, and noted.
///
/// It is used by reference only, so that what depends on the parser exists once and not for each
/// type that is read: that halves the module.
pub trait Read<'de> {
    /// What is wanted, with its article: "a string".
    fn wanted(&self) -> &'static str;

    /// The value is of a type that does not fit.
    fn wrong(&mut self, found: Found<'_>, cx: Context<'_>) {
        cx.note(|| format!("must be {}, not {found}", self.wanted()));
    }

    /// `null`: by default the zero value stays, as Go has it.
    fn null(&mut self) {}

    /// `true` or `false`.
    fn boolean(&mut self, value: bool, cx: Context<'_>) {
        self.wrong(Found::Bool(value), cx);
    }

    /// A whole number.
    fn whole(&mut self, value: i64, cx: Context<'_>) {
        self.wrong(Found::Whole(value), cx);
    }

    /// A string.
    fn text(&mut self, value: Text<'de>, cx: Context<'_>) {
        self.wrong(Found::Text(&value), cx);
    }

    /// An array. An implementation reads it to its end.
    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Stop> {
        self.wrong(Found::Array, cx);
        while elements.skip(cx)? {}
        Ok(())
    }

    /// An object. An implementation reads it to its end.
    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Stop> {
        self.wrong(Found::Object, cx);
        while entries.known_key(&[], cx)?.is_some() {
            entries.skip(cx)?;
        }
        Ok(())
    }
}

/// Reads the elements of an array one by one.
pub(crate) fn each_element<'de, T: Read<'de> + Default>(
    elements: &mut dyn Elements<'de>,
    cx: Context<'_>,
    mut each: impl FnMut(usize, T),
) -> Result<(), Stop> {
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

/// serde's side of [`Read`]: the one visitor there is.
struct Seed<'t, 'c, 'de> {
    into: &'t mut dyn Read<'de>,
    cx: Context<'c>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let cx = self.cx;
        deserializer.deserialize_any(self).inspect_err(|_| cx.stop())
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.into.wanted())
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
        self.into.whole(value, self.cx);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.into.whole(value, self.cx),
            Err(_) => self.into.wrong(Found::TooLarge(value), self.cx),
        }
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.into.wrong(Found::Fraction, self.cx);
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

/// serde's access to an array or object, and its error once there is one.
struct Access<A, E> {
    access: A,
    error: Option<E>,
}

impl<A, E: serde::de::Error> Access<A, E> {
    fn kept<T>(&mut self, result: Result<T, E>, cx: Context<'_>) -> Result<T, Stop> {
        result.map_err(|error| {
            cx.stop();
            self.error = Some(error);
            Stop
        })
    }

    fn finish(self, result: Result<(), Stop>) -> Result<(), E> {
        match (result, self.error) {
            (Ok(()), None) => Ok(()),
            (_, Some(error)) => Err(error),
            (Err(Stop), None) => Err(E::custom("reading was stopped")),
        }
    }
}

impl<'de, A: MapAccess<'de>> Entries<'de> for Access<A, A::Error> {
    fn known_key(&mut self, keys: &'static [&'static str], cx: Context<'_>) -> Result<Option<Key>, Stop> {
        let key = self.access.next_key_seed(KnownKey { keys });
        self.kept(key, cx)
    }

    fn key(&mut self, cx: Context<'_>) -> Result<Option<Text<'de>>, Stop> {
        let key = self.access.next_key_seed(AnyKey);
        self.kept(key, cx)
    }

    fn value(&mut self, into: &mut dyn Read<'de>, cx: Context<'_>) -> Result<(), Stop> {
        let value = self.access.next_value_seed(Seed { into, cx });
        self.kept(value, cx)
    }

    fn skip(&mut self, cx: Context<'_>) -> Result<(), Stop> {
        let skipped = self.access.next_value::<Skipped>();
        self.kept(skipped, cx).map(|_| ())
    }
}

impl<'de, A: SeqAccess<'de>> Elements<'de> for Access<A, A::Error> {
    fn element(&mut self, into: &mut dyn Read<'de>, cx: Context<'_>) -> Result<bool, Stop> {
        let element = self.access.next_element_seed(Seed { into, cx });
        self.kept(element, cx).map(|element| element.is_some())
    }

    fn skip(&mut self, cx: Context<'_>) -> Result<bool, Stop> {
        let skipped = self.access.next_element::<Skipped>();
        self.kept(skipped, cx).map(|element| element.is_some())
    }
}

/// A value that nobody reads. serde's own [`serde::de::IgnoredAny`] makes serde_json keep a list of
/// the brackets that are open; this keeps nothing.
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

/// A key of an object: its place in the list of the known ones.
#[derive(Debug, Clone, Copy)]
pub enum Key {
    /// The place of the key.
    Known(usize),
    /// It is not in the list.
    Unknown,
}

struct KnownKey {
    keys: &'static [&'static str],
}

impl<'de> DeserializeSeed<'de> for KnownKey {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KnownKey {
    type Value = Key;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(self.keys.iter().position(|known| *known == key).map_or(Key::Unknown, Key::Known))
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

impl<'de> Read<'de> for bool {
    fn wanted(&self) -> &'static str {
        "true or false"
    }

    fn boolean(&mut self, value: bool, _: Context<'_>) {
        *self = value;
    }
}

impl<'de> Read<'de> for i64 {
    fn wanted(&self) -> &'static str {
        "a whole number of 64 bits"
    }

    fn whole(&mut self, value: i64, _: Context<'_>) {
        *self = value;
    }
}

impl<'de> Read<'de> for i32 {
    fn wanted(&self) -> &'static str {
        "a whole number of 32 bits"
    }

    fn whole(&mut self, value: i64, cx: Context<'_>) {
        match i32::try_from(value) {
            Ok(value) => *self = value,
            Err(_) => self.wrong(Found::Whole(value), cx),
        }
    }
}

impl<'de> Read<'de> for Text<'de> {
    fn wanted(&self) -> &'static str {
        "a string"
    }

    fn text(&mut self, value: Text<'de>, _: Context<'_>) {
        *self = value;
    }
}

/// The methods of a value that passes what it is given on to another one.
macro_rules! pass_on {
    (|$self:ident| $to:expr) => {
        fn wrong(&mut $self, found: Found<'_>, cx: Context<'_>) {
            $to.wrong(found, cx);
        }

        fn boolean(&mut $self, value: bool, cx: Context<'_>) {
            $to.boolean(value, cx);
        }

        fn whole(&mut $self, value: i64, cx: Context<'_>) {
            $to.whole(value, cx);
        }

        fn text(&mut $self, value: Text<'de>, cx: Context<'_>) {
            $to.text(value, cx);
        }

        fn array(&mut $self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Stop> {
            $to.array(elements, cx)
        }

        fn object(&mut $self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Stop> {
            $to.object(entries, cx)
        }
    };
}

/// A field that can be told from one that is not there; `null` is not there.
impl<'de, T: Read<'de> + Default> Read<'de> for Option<T> {
    fn wanted(&self) -> &'static str {
        T::default().wanted()
    }

    pass_on!(|self| self.get_or_insert_default());
}

/// For what is large and seldom there.
impl<'de, T: Read<'de>> Read<'de> for Box<T> {
    fn wanted(&self) -> &'static str {
        self.as_ref().wanted()
    }

    pass_on!(|self| self.as_mut());
}

impl<'de, T: Read<'de> + Default> Read<'de> for Vec<T> {
    fn wanted(&self) -> &'static str {
        "an array"
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Stop> {
        each_element(elements, cx, |_, item| self.push(item))
    }
}

/// A value that keeps to itself what does not fit inside of it: until somebody asks, or so that
/// nobody else has to tell the problems apart. With `ALL` every problem is kept, else the first one,
/// which is enough to reject an object, however damaged it is.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Held<T, const ALL: bool> {
    /// The value, as far as it could be read.
    pub value: T,
    /// What does not fit, in the order of the input.
    pub problems: Vec<Problem>,
}

impl<'de, T: Read<'de>, const ALL: bool> Held<T, ALL> {
    fn hold<R>(&mut self, cx: Context<'_>, read: impl FnOnce(&mut T, Context<'_>) -> R) -> R {
        let notes = Notes { first_only: !ALL, ..Notes::default() };
        let result = read(&mut self.value, cx.noting(&notes));
        self.problems.append(&mut notes.into_problems());
        result
    }
}

impl<'de, T: Read<'de>, const ALL: bool> Read<'de> for Held<T, ALL> {
    fn wanted(&self) -> &'static str {
        self.value.wanted()
    }

    fn wrong(&mut self, found: Found<'_>, cx: Context<'_>) {
        self.hold(cx, |value, cx| value.wrong(found, cx));
    }

    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Stop> {
        self.hold(cx, |value, cx| value.object(entries, cx))
    }
}

/// A struct with a field for each of some keys.
pub(crate) trait View<'de> {
    /// The keys.
    const KEYS: &'static [&'static str];
    /// Whether another key is a mistake.
    const STRICT: bool;
    /// The field of a key, by its place in the keys.
    fn field(&mut self, place: usize) -> Option<&mut dyn Read<'de>>;
}

/// Reads the entries of an object into the fields of a view.
pub(crate) fn read_view<'de, V: View<'de>>(view: &mut V, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Stop> {
    read_fields(
        V::KEYS,
        V::STRICT,
        &mut |place, entries, cx| view.field(place).map_or(Ok(()), |field| entries.value(field, cx)),
        entries,
        cx,
    )
}

/// Reads the value of a key into its field.
type ReadField<'f, 'de> = dyn FnMut(usize, &mut dyn Entries<'de>, Context<'_>) -> Result<(), Stop> + 'f;

fn read_fields<'de>(
    keys: &'static [&'static str],
    strict: bool,
    read_field: &mut ReadField<'_, 'de>,
    entries: &mut dyn Entries<'de>,
    cx: Context<'_>,
) -> Result<(), Stop> {
    let mut seen = 0_u64;
    loop {
        let key = if strict {
            let Some(key) = entries.key(cx)? else { return Ok(()) };
            let place = keys.iter().position(|known| *known == key);
            if place.is_none() {
                suggest::note_unknown_key(&key, keys, cx);
            }
            place.map_or(Key::Unknown, Key::Known)
        } else {
            let Some(key) = entries.known_key(keys, cx)? else { return Ok(()) };
            key
        };
        let Key::Known(place) = key else {
            entries.skip(cx)?;
            continue;
        };
        let at = cx.at.key(keys.get(place).copied().unwrap_or_default());
        let cx = cx.at(&at);
        if seen & (1 << place) != 0 {
            cx.note_duplicate();
        }
        seen |= 1 << place;
        read_field(place, entries, cx)?;
    }
}

/// Declares a struct and how it is read from a JSON object: each field with its key.
///
/// Keys that are not listed are skipped; after `strict` they are noted, with the closest listed one.
macro_rules! view {
    (
        $(#[$about:meta])*
        $vis:vis struct $View:ident $(<$life:lifetime>)? $(, $strict:ident)? {
            $( $(#[$doc:meta])* $key:literal => $field:ident: $Type:ty, )*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Default, Clone, PartialEq)]
        $vis struct $View $(<$life>)? {
            $( $(#[$doc])* pub $field: $Type, )*
        }

        $crate::json::view!(@read [$($life)?] $View $(<$life>)? [$($strict)?] { $($key => $field,)* });
    };
    (@read [] $View:ident [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        $crate::json::view!(@impl 'de $View [$($strict)?] { $($key => $field,)* });
    };
    (@read [$life:lifetime] $View:ident<$same:lifetime> [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        $crate::json::view!(@impl $life $View<$life> [$($strict)?] { $($key => $field,)* });
    };
    (@impl $life:lifetime $View:ty [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        impl<$life> $crate::json::View<$life> for $View {
            const KEYS: &'static [&'static str] = &[$($key),*];
            const STRICT: bool = $crate::json::view!(@strict $($strict)?);

            fn field(&mut self, place: usize) -> Option<&mut dyn $crate::json::Read<$life>> {
                let mut nth = 0;
                $(
                    if nth == place {
                        return Some(&mut self.$field);
                    }
                    nth += 1;
                )*
                let _ = nth;
                None
            }
        }

        impl<$life> $crate::json::Read<$life> for $View {
            fn wanted(&self) -> &'static str {
                "an object"
            }

            fn object(
                &mut self,
                entries: &mut dyn $crate::json::Entries<$life>,
                cx: $crate::json::Context<'_>,
            ) -> Result<(), $crate::json::Stop> {
                $crate::json::read_view(self, entries, cx)
            }
        }
    };
    (@strict) => { false };
    (@strict strict) => { true };
}
pub(crate) use view;

/// JSON that could not be read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The path that was being read when it broke.
    pub path: String,
    /// What is wrong, with the line and column (both from 1).
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(out, &self.path, &self.what)
    }
}

/// Reads a whole JSON document into `into`. Values that do not fit go to `notes`; what cannot be
/// read at all is the error.
pub(crate) fn read<'de>(json: &'de str, root: &str, notes: &Notes, into: &mut dyn Read<'de>) -> Result<(), Broken> {
    let broken = RefCell::new(None);
    let root = Path::root(root);
    let cx = Context { at: &root, notes, broken: &broken };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    Seed { into, cx }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| Broken { path: broken.take().unwrap_or_else(|| root.to_string()), what: error.to_string() })
}

/// The payload as text, or why it is none.
pub(crate) fn text(payload: &[u8]) -> Result<&str, Broken> {
    std::str::from_utf8(payload).map_err(|error| {
        let error = serde_json::Error::custom(format_args!("not UTF-8 from byte {} on", error.valid_up_to()));
        Broken { path: String::new(), what: error.to_string() }
    })
}

/// The same JSON with U+FFFD for every half of a surrogate pair without the other half, as Go reads
/// them; `None` if there is none. serde_json refuses them, so this is for what it refused.
pub(crate) fn without_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let escaped = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = Vec::with_capacity(json.len());
    let mut lone = false;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        // Backslashes stand in strings only, and each takes what follows it along.
        let length = match escaped(at) {
            Some(0xd800..=0xdbff) if matches!(escaped(at + 6), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                lone = true;
                mended.extend_from_slice(b"\\ufffd");
                at += 6;
                continue;
            }
            _ if *byte == b'\\' => 2,
            _ => 1,
        };
        mended.extend(json.iter().skip(at).take(length));
        at += length;
    }
    lone.then_some(mended)
}

#[cfg(test)]
mod tests;
