//! A document read through the traits of `json`, so that the core judges a manifest as it judges a
//! payload, with the same notes on what does not fit.

use std::borrow::Cow;

use super::number::Number;
use super::tree::{Kind, Member, Node};
use crate::json::{self, Aborted, Context, Elements, Entries, ErrorSink, FromJson, Key, Text, Unexpected};
use crate::pod::Object;

impl<'d> Node<'d> {
    /// The object that a document is. What does not fit is held in it, as for a payload.
    pub fn object(self) -> Object<'d> {
        let mut object = Object::default();
        self.read("", &ErrorSink::default(), &mut object);
        object
    }

    /// Reads the value into anything that can be read from JSON. Values that do not fit go to
    /// `notes`.
    pub(crate) fn read(self, root: &str, notes: &ErrorSink, into: &mut dyn FromJson<'d>) {
        json::in_context(root, notes, |cx| self.read_into(into, cx));
    }

    fn read_into(self, into: &mut dyn FromJson<'d>, cx: Context<'_>) -> Result<(), Aborted> {
        match self.kind() {
            Kind::Null => into.null(),
            Kind::Bool(value) => into.boolean(value, cx),
            Kind::Number(Number::Whole(value)) => into.integer(value, cx),
            Kind::Number(Number::Large(value)) => into.mismatch(Unexpected::TooLarge(value), cx),
            Kind::Number(Number::Float(_)) => into.mismatch(Unexpected::Fraction, cx),
            Kind::Text(value) => into.text(Cow::Borrowed(value), cx),
            Kind::Sequence => return into.array(&mut ElementsOf(self.elements()), cx),
            Kind::Mapping => return into.object(&mut EntriesOf { node: self, members: self.members(), value: None }, cx),
        }
        Ok(())
    }
}

/// The elements of a sequence that are still to be read.
struct ElementsOf<I>(I);

impl<'d, I: Iterator<Item = Node<'d>>> Elements<'d> for ElementsOf<I> {
    fn element(&mut self, into: &mut dyn FromJson<'d>, cx: Context<'_>) -> Result<bool, Aborted> {
        match self.0.next() {
            Some(element) => element.read_into(into, cx).map(|()| true),
            None => Ok(false),
        }
    }

    fn skip(&mut self, _: Context<'_>) -> Result<bool, Aborted> {
        Ok(self.0.next().is_some())
    }
}

/// The entries of a mapping that are still to be read, and the value of the key that was read last.
struct EntriesOf<'d> {
    node: Node<'d>,
    members: &'d [Member],
    value: Option<Node<'d>>,
}

impl<'d> EntriesOf<'d> {
    fn next(&mut self) -> Option<&'d str> {
        let (member, rest) = self.members.split_first()?;
        self.members = rest;
        self.value = Some(self.node.of_member(member));
        Some(&member.key)
    }
}

impl<'d> Entries<'d> for EntriesOf<'d> {
    fn match_key(&mut self, keys: &'static [&'static str], _: Context<'_>) -> Result<Option<Key>, Aborted> {
        let key = self.next();
        Ok(key.map(|key| keys.iter().position(|known| *known == key).map_or(Key::Unknown, Key::Field)))
    }

    fn key(&mut self, _: Context<'_>) -> Result<Option<Text<'d>>, Aborted> {
        Ok(self.next().map(Cow::Borrowed))
    }

    fn value(&mut self, into: &mut dyn FromJson<'d>, cx: Context<'_>) -> Result<(), Aborted> {
        self.value.take().map_or(Ok(()), |value| value.read_into(into, cx))
    }

    fn skip(&mut self, _: Context<'_>) -> Result<(), Aborted> {
        self.value = None;
        Ok(())
    }
}
