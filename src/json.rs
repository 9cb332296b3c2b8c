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

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
        write!(out, "{}: {}", self.path, self.what)
    }
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
        if !(self.first_only && !problems.is_empty()) {
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

    fn broken<E>(self, error: E) -> E {
        self.broken.borrow_mut().get_or_insert_with(|| self.at.to_string());
        error
    }

    /// Reads the value that `map` stands before into `into`.
    pub(crate) fn value<'de, A: MapAccess<'de>, T: Read<'de>>(self, map: &mut A, into: &mut T) -> Result<(), A::Error> {
        map.next_value_seed(Seed { into, cx: self }).map_err(|error| self.broken(error))
    }

    pub(crate) fn skip<'de, A: MapAccess<'de>>(self, map: &mut A) -> Result<(), A::Error> {
        map.next_value::<IgnoredAny>().map(|_| ()).map_err(|error| self.broken(error))
    }

    /// The next key of `map`, as its place in `keys`.
    pub(crate) fn known_key<'de, A: MapAccess<'de>>(self, map: &mut A, keys: &'static [&'static str]) -> Result<Option<Key>, A::Error> {
        map.next_key_seed(KnownKey { keys }).map_err(|error| self.broken(error))
    }

    /// The next key of `map`, as it is.
    pub(crate) fn key<'de, A: MapAccess<'de>>(self, map: &mut A) -> Result<Option<Text<'de>>, A::Error> {
        map.next_key_seed(AnyKey).map_err(|error| self.broken(error))
    }

    /// Reads the elements of a list one by one.
    pub(crate) fn elements<'de, A: SeqAccess<'de>, T: Read<'de> + Default>(
        self,
        mut seq: A,
        mut each: impl FnMut(usize, T),
    ) -> Result<(), A::Error> {
        let mut index = 0;
        loop {
            let mut item = T::default();
            let at = self.at.index(index);
            let cx = self.at(&at);
            match seq.next_element_seed(Seed { into: &mut item, cx }) {
                Ok(Some(())) => each(index, item),
                Ok(None) => return Ok(()),
                Err(error) => return Err(cx.broken(error)),
            }
            index += 1;
        }
    }
}

/// A value as it was found where another was wanted, for messages.
#[derive(Debug)]
pub enum Found<'f> {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Whole(i128),
    /// Any other number.
    Float(f64),
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
            Found::Float(value) => write!(out, "{value}"),
            Found::Text(value) if value.len() > 80 => out.write_str("a long string"),
            Found::Text(value) => write!(out, "{value:?}"),
            Found::Array => out.write_str("an array"),
            Found::Object => out.write_str("an object"),
        }
    }
}

/// A value that is read in place. Each method takes one JSON type; the default is that the type is
/// wrong, and noted.
pub trait Read<'de> {
    /// What is wanted, with its article: "a string".
    const WANTED: &'static str;

    /// The value is of a type that does not fit.
    fn wrong(&mut self, found: Found<'_>, cx: Context<'_>) {
        cx.note(|| format!("must be {}, not {found}", Self::WANTED));
    }

    /// `null`: by default the zero value stays, as Go has it.
    fn null(&mut self) {}

    /// `true` or `false`.
    fn boolean(&mut self, value: bool, cx: Context<'_>) {
        self.wrong(Found::Bool(value), cx);
    }

    /// A whole number.
    fn whole(&mut self, value: i64, cx: Context<'_>) {
        self.wrong(Found::Whole(value.into()), cx);
    }

    /// A string.
    fn text(&mut self, value: Text<'de>, cx: Context<'_>) {
        self.wrong(Found::Text(&value), cx);
    }

    /// An array. An implementation reads it to its end.
    fn array<A: SeqAccess<'de>>(&mut self, mut seq: A, cx: Context<'_>) -> Result<(), A::Error> {
        self.wrong(Found::Array, cx);
        while seq.next_element::<IgnoredAny>().map_err(|error| cx.broken(error))?.is_some() {}
        Ok(())
    }

    /// An object. An implementation reads it to its end.
    fn object<A: MapAccess<'de>>(&mut self, mut map: A, cx: Context<'_>) -> Result<(), A::Error> {
        self.wrong(Found::Object, cx);
        while map.next_entry::<IgnoredAny, IgnoredAny>().map_err(|error| cx.broken(error))?.is_some() {}
        Ok(())
    }
}

struct Seed<'t, 'c, T> {
    into: &'t mut T,
    cx: Context<'c>,
}

impl<'de, T: Read<'de>> DeserializeSeed<'de> for Seed<'_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Read<'de>> Visitor<'de> for Seed<'_, '_, T> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(T::WANTED)
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
            Err(_) => self.into.wrong(Found::Whole(value.into()), self.cx),
        }
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.into.wrong(Found::Float(value), self.cx);
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
        self.into.array(seq, self.cx)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.into.object(map, self.cx)
    }
}

/// A key of an object: its place in the list of the known ones.
pub(crate) enum Key {
    Known(usize),
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
    const WANTED: &'static str = "true or false";

    fn boolean(&mut self, value: bool, _: Context<'_>) {
        *self = value;
    }
}

impl<'de> Read<'de> for i64 {
    const WANTED: &'static str = "a whole number of 64 bits";

    fn whole(&mut self, value: i64, _: Context<'_>) {
        *self = value;
    }
}

impl<'de> Read<'de> for i32 {
    const WANTED: &'static str = "a whole number of 32 bits";

    fn whole(&mut self, value: i64, cx: Context<'_>) {
        match i32::try_from(value) {
            Ok(value) => *self = value,
            Err(_) => self.wrong(Found::Whole(value.into()), cx),
        }
    }
}

impl<'de> Read<'de> for Text<'de> {
    const WANTED: &'static str = "a string";

    fn text(&mut self, value: Text<'de>, _: Context<'_>) {
        *self = value;
    }
}

/// A field that can be told from one that is not there; `null` is not there.
impl<'de, T: Read<'de> + Default> Read<'de> for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn wrong(&mut self, found: Found<'_>, cx: Context<'_>) {
        self.get_or_insert_default().wrong(found, cx);
    }

    fn boolean(&mut self, value: bool, cx: Context<'_>) {
        self.get_or_insert_default().boolean(value, cx);
    }

    fn whole(&mut self, value: i64, cx: Context<'_>) {
        self.get_or_insert_default().whole(value, cx);
    }

    fn text(&mut self, value: Text<'de>, cx: Context<'_>) {
        self.get_or_insert_default().text(value, cx);
    }

    fn array<A: SeqAccess<'de>>(&mut self, seq: A, cx: Context<'_>) -> Result<(), A::Error> {
        self.get_or_insert_default().array(seq, cx)
    }

    fn object<A: MapAccess<'de>>(&mut self, map: A, cx: Context<'_>) -> Result<(), A::Error> {
        self.get_or_insert_default().object(map, cx)
    }
}

/// For what is large and seldom there.
impl<'de, T: Read<'de>> Read<'de> for Box<T> {
    const WANTED: &'static str = T::WANTED;

    fn wrong(&mut self, found: Found<'_>, cx: Context<'_>) {
        T::wrong(self, found, cx);
    }

    fn boolean(&mut self, value: bool, cx: Context<'_>) {
        T::boolean(self, value, cx);
    }

    fn whole(&mut self, value: i64, cx: Context<'_>) {
        T::whole(self, value, cx);
    }

    fn text(&mut self, value: Text<'de>, cx: Context<'_>) {
        T::text(self, value, cx);
    }

    fn array<A: SeqAccess<'de>>(&mut self, seq: A, cx: Context<'_>) -> Result<(), A::Error> {
        T::array(self, seq, cx)
    }

    fn object<A: MapAccess<'de>>(&mut self, map: A, cx: Context<'_>) -> Result<(), A::Error> {
        T::object(self, map, cx)
    }
}

impl<'de, T: Read<'de> + Default> Read<'de> for Vec<T> {
    const WANTED: &'static str = "an array";

    fn array<A: SeqAccess<'de>>(&mut self, seq: A, cx: Context<'_>) -> Result<(), A::Error> {
        cx.elements(seq, |_, item| self.push(item))
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
    const WANTED: &'static str = T::WANTED;

    fn wrong(&mut self, found: Found<'_>, cx: Context<'_>) {
        self.hold(cx, |value, cx| value.wrong(found, cx));
    }

    fn object<A: MapAccess<'de>>(&mut self, map: A, cx: Context<'_>) -> Result<(), A::Error> {
        self.hold(cx, |value, cx| value.object(map, cx))
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

        impl $(<$life>)? $View $(<$life>)? {
            /// The keys that are read.
            pub const KEYS: &'static [&'static str] = &[$($key),*];
        }

        $crate::json::view!(@read [$($life)?] $View $(<$life>)? [$($strict)?] { $($key => $field,)* });
    };
    (@read [$life:lifetime] $View:ident<$l2:lifetime> [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        impl<$life> $crate::json::Read<$life> for $View<$life> {
            $crate::json::view!(@body $life [$($strict)?] { $($key => $field,)* });
        }
    };
    (@read [] $View:ident [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        impl<'de> $crate::json::Read<'de> for $View {
            $crate::json::view!(@body 'de [$($strict)?] { $($key => $field,)* });
        }
    };
    (@body $de:lifetime [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        const WANTED: &'static str = "an object";

        fn object<A: serde::de::MapAccess<$de>>(
            &mut self,
            mut map: A,
            cx: $crate::json::Context<'_>,
        ) -> Result<(), A::Error> {
            let mut seen = 0_u64;
            while let Some(place) = $crate::json::view!(@next [$($strict)?] map, cx) {
                let Some(key) = Self::KEYS.get(place) else { continue };
                let at = cx.at.key(key);
                let cx = cx.at(&at);
                if seen & (1 << place) != 0 {
                    cx.note(|| "stands here a second time; a key may be used once".to_owned());
                }
                seen |= 1 << place;
                let mut nth = 0;
                $(
                    if nth == place {
                        cx.value(&mut map, &mut self.$field)?;
                        continue;
                    }
                    nth += 1;
                )*
                let _ = nth;
            }
            Ok(())
        }
    };
    (@next [] $map:ident, $cx:ident) => {
        loop {
            match $cx.known_key(&mut $map, Self::KEYS)? {
                None => break None,
                Some($crate::json::Key::Known(place)) => break Some(place),
                Some($crate::json::Key::Unknown) => $cx.skip(&mut $map)?,
            }
        }
    };
    (@next [strict] $map:ident, $cx:ident) => {
        loop {
            match $cx.key(&mut $map)? {
                None => break None,
                Some(key) => match Self::KEYS.iter().position(|known| *known == key) {
                    Some(place) => break Some(place),
                    None => {
                        $crate::suggest::note_unknown_key(&key, Self::KEYS, $cx);
                        $cx.skip(&mut $map)?;
                    }
                },
            }
        }
    };
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
        if self.path.is_empty() {
            return out.write_str(&self.what);
        }
        write!(out, "{}: {}", self.path, self.what)
    }
}

/// Reads a whole JSON document into `into`. Values that do not fit go to `notes`; what cannot be
/// read at all is the error.
pub(crate) fn read<'de, T: Read<'de>>(json: &'de str, root: &str, notes: &Notes, into: &mut T) -> Result<(), Broken> {
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
