//! The tree of a document: its values with their spans.

use std::borrow::Cow;

use super::number::Number;
use super::position::{ByteSpan, Lines, Span, compact};

/// The index of a value in its tree. Trees of large texts have millions of values, so indices and offsets have 32 bits.
pub(super) type Id = u32;

/// A value. Its text is borrowed from the source text if it is the same there.
#[derive(Debug, Clone)]
pub(super) enum Value<'t> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'t, str>),
    /// A sequence, with a range of [`Tree::elements`].
    Sequence(Range),
    /// A mapping, with a range of [`Tree::pairs`].
    Mapping(Range),
    /// An alias of another value.
    Alias(Id),
}

/// A key of a mapping.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    /// A string, or an alias of one.
    Text(Id),
    /// The index of another key in [`Tree::converted_keys`].
    Converted(u32),
}

/// A range of a list: the children of a collection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Range {
    start: u32,
    end: u32,
}

impl Range {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Range { start: compact(start), end: compact(end) }
    }

    pub(super) fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A value with its span.
#[derive(Debug, Clone)]
pub(super) struct Item<'t> {
    pub(super) value: Value<'t>,
    start: u32,
    end: u32,
}

impl<'t> Item<'t> {
    pub(super) fn new(value: Value<'t>, at: ByteSpan) -> Self {
        Item { value, start: compact(at.start), end: compact(at.end) }
    }

    pub(super) fn at(&self) -> ByteSpan {
        ByteSpan::new(self.start as usize, self.end as usize)
    }

    pub(super) fn set_end(&mut self, end: usize) {
        self.end = compact(end);
    }
}

/// The values of a document with their spans.
#[derive(Debug, Clone)]
pub struct Tree<'t> {
    pub(super) lines: Lines<'t>,
    /// The values and keys in the order of the text. The first is the value of the document.
    pub(super) items: Vec<Item<'t>>,
    /// The elements of all sequences.
    pub(super) elements: Vec<Id>,
    /// The key and the value of all members of mappings.
    pub(super) pairs: Vec<(Key, Id)>,
    /// The keys that are no strings, with their texts: `true` for `yes`.
    pub(super) converted_keys: Vec<(Id, String)>,
    pub(super) source_info: SourceInfo,
}

/// A key of a mapping, its span, and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<'d> {
    pub(super) key: &'d str,
    pub(super) key_at: ByteSpan,
    pub(super) value: Node<'d>,
}

/// Properties of the source text that values do not have, and that edits depend on.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceInfo {
    /// The merges of mappings.
    pub(super) merges: Vec<Merge>,
    /// The offsets of the keys that replaced another.
    pub(super) replacing: Vec<usize>,
    /// The aliases in the order of the text, each with the value that it refers to.
    pub(super) aliases: Vec<(Id, Id)>,
    /// Whether ignored text follows the document.
    pub(super) has_trailing_text: bool,
}

/// The merge of a mapping into another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Merge {
    /// The mapping with the merge key.
    pub(super) mapping: Id,
    /// The offset of the merge key.
    pub(super) at: usize,
    /// The merged mapping, or the alias of it.
    pub(super) source: Id,
}

impl<'t> Tree<'t> {
    /// Returns a tree without values.
    pub(super) fn new(lines: Lines<'t>) -> Self {
        Tree {
            lines,
            items: Vec::new(),
            elements: Vec::new(),
            pairs: Vec::new(),
            converted_keys: Vec::new(),
            source_info: SourceInfo::default(),
        }
    }

    /// Returns the tree of an empty document.
    pub(super) fn null(lines: Lines<'t>, at: ByteSpan) -> Self {
        Tree { items: vec![Item::new(Value::Null, ByteSpan::at(at.start))], ..Tree::new(lines) }
    }

    pub(super) fn item(&self, id: Id) -> Option<&Item<'t>> {
        self.items.get(id as usize)
    }

    /// Returns the value of an item, with aliases resolved.
    pub(super) fn value(&self, id: Id) -> &Value<'t> {
        match self.item(id).map(|item| &item.value) {
            // An alias refers to an anchored value, which is no alias.
            Some(Value::Alias(target)) => self.item(*target).map_or(&Value::Null, |item| &item.value),
            value => value.unwrap_or(&Value::Null),
        }
    }

    /// Returns the value of a key, and its text.
    pub(super) fn key(&self, key: Key) -> (Id, &str) {
        match key {
            Key::Text(id) => match self.value(id) {
                Value::Text(text) => (id, text),
                _ => (id, ""),
            },
            Key::Converted(index) => self.converted_keys.get(index as usize).map_or((0, ""), |(id, text)| (*id, text)),
        }
    }

    /// Returns the span of a value or key.
    pub(super) fn at(&self, id: Id) -> ByteSpan {
        self.item(id).map_or(ByteSpan::at(0), Item::at)
    }

    /// Returns the value of the document.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, id: 0 }
    }

    /// Returns the values and keys in the order of the text.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..compact(self.items.len())).map(|id| Node { tree: self, id })
    }

    /// Returns the value of the document as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        self.root().to_json()
    }
}

/// A value in a document: a scalar, a sequence or a mapping, with its span.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d> {
    pub(super) tree: &'d Tree<'d>,
    pub(super) id: Id,
}

/// The type of a [`Node`], with the value of a scalar.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'d> {
    /// `null`, `~` or empty.
    Null,
    /// `true`, `yes`, `on` and so on.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(&'d str),
    /// A sequence: see [`Node::elements`].
    Sequence,
    /// A mapping: see [`Node::entries`].
    Mapping,
}

/// A key of a mapping and its value.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'d> {
    /// The key in JSON: `yes` is `true`, `0x10` is `16`.
    pub key: &'d str,
    /// The value.
    pub value: Node<'d>,
    key_at: ByteSpan,
}

impl<'d> Entry<'d> {
    fn of(member: Member<'d>) -> Self {
        Entry { key: member.key, value: member.value, key_at: member.key_at }
    }

    /// Returns the span of the key.
    pub fn key_span(&self) -> Span {
        self.value.tree.lines.span(self.key_at)
    }
}

/// The place of a field, which may be missing.
#[derive(Debug, Clone, Copy)]
pub struct Place<'d> {
    /// The field, or its nearest parent that exists.
    pub node: Node<'d>,
    /// The key of the node; `None` for an element of a sequence and for the document.
    pub key: Option<Span>,
    /// Whether the node is the field itself.
    pub exists: bool,
}

impl Place<'_> {
    /// Returns the span of the node.
    pub fn span(&self) -> Span {
        self.node.span()
    }
}

impl<'d> Node<'d> {
    pub(super) fn item(self) -> Option<&'d Item<'d>> {
        self.tree.item(self.id)
    }

    /// Returns the value, with aliases resolved.
    fn value(self) -> &'d Value<'d> {
        self.tree.value(self.id)
    }

    /// Returns the span in byte offsets.
    pub(super) fn byte_span(self) -> ByteSpan {
        self.tree.at(self.id)
    }

    /// Returns whether both are the same value of the same document.
    pub fn is(self, other: Node<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }

    /// Returns the span of the value. That of an alias is the alias itself, and those of its children are at the anchor.
    pub fn span(self) -> Span {
        self.tree.lines.span(self.byte_span())
    }

    /// Returns the span of the first line of the value, for marks that would be too long otherwise. For a mapping it is the first key
    /// with its value if that is on the same line, without the opening brace.
    pub fn first_line(self) -> Span {
        let at = self.byte_span();
        let lines = &self.tree.lines;
        match self.member_ids().first().map(|ids| self.member_of(*ids)) {
            // The first member of an alias or a merged one is at another position.
            Some(first) if first.key_at.start >= at.start && first.key_at.end <= at.end => {
                let value = first.value.byte_span();
                let on_one_line = value.end >= first.key_at.end && lines.line(value.end) == lines.line(first.key_at.start);
                lines.span(ByteSpan::new(first.key_at.start, if on_one_line { value.end } else { first.key_at.end }))
            }
            _ => lines.span(ByteSpan::new(at.start, at.end.min(lines.end_of_line(at.start)))),
        }
    }

    /// Returns the type of the value.
    pub fn kind(self) -> Kind<'d> {
        match self.value() {
            Value::Null | Value::Alias(_) => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(value) => Kind::Number(value.in_json()),
            Value::Text(value) => Kind::Text(value),
            Value::Sequence(_) => Kind::Sequence,
            Value::Mapping(_) => Kind::Mapping,
        }
    }

    /// Returns the text of a string; `None` for other types.
    pub fn text(self) -> Option<&'d str> {
        match self.kind() {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    fn element_ids(self) -> &'d [Id] {
        match self.value() {
            Value::Sequence(range) => range.of(&self.tree.elements),
            _ => &[],
        }
    }

    fn member_ids(self) -> &'d [(Key, Id)] {
        match self.value() {
            Value::Mapping(range) => range.of(&self.tree.pairs),
            _ => &[],
        }
    }

    /// Returns the elements of a sequence; none for other types.
    pub fn elements(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        self.element_ids().iter().map(move |id| Node { id: *id, ..self })
    }

    /// Returns an element of a sequence.
    pub fn element(self, index: usize) -> Option<Node<'d>> {
        self.element_ids().get(index).map(|id| Node { id: *id, ..self })
    }

    /// Returns the members of a mapping; none for other types.
    pub(super) fn members(self) -> impl ExactSizeIterator<Item = Member<'d>> + DoubleEndedIterator {
        self.member_ids().iter().map(move |ids| self.member_of(*ids))
    }

    fn member_of(self, (key, value): (Key, Id)) -> Member<'d> {
        let (id, key) = self.tree.key(key);
        Member { key, key_at: self.tree.at(id), value: Node { id: value, ..self } }
    }

    /// Returns the member of a mapping with a key.
    pub(super) fn member(self, key: &str) -> Option<Member<'d>> {
        self.member_ids().iter().find(|(other, _)| self.tree.key(*other).1 == key).map(|ids| self.member_of(*ids))
    }

    /// Returns the entries of a mapping, each key once; none for other types.
    pub fn entries(self) -> impl Iterator<Item = Entry<'d>> {
        self.members().map(Entry::of)
    }

    /// Returns the keys and values of a mapping without the spans of the keys.
    pub fn pairs(self) -> impl Iterator<Item = (&'d str, Node<'d>)> {
        self.member_ids().iter().map(move |(key, value)| (self.tree.key(*key).1, Node { id: *value, ..self }))
    }

    /// Returns the key and the value at an index of a mapping.
    pub fn pair(self, index: usize) -> Option<(&'d str, Node<'d>)> {
        self.member_ids().get(index).map(|(key, value)| (self.tree.key(*key).1, Node { id: *value, ..self }))
    }

    /// Returns the entry of a mapping with a key.
    pub fn get(self, key: &str) -> Option<Entry<'d>> {
        self.member(key).map(Entry::of)
    }

    /// Returns the place of a field, such as `spec.containers[0].securityContext.privileged` or
    /// `metadata.annotations[example.com/key]`, or of its nearest parent if the field is missing.
    pub fn at(self, path: &str) -> Place<'d> {
        let (mut node, mut key_at, mut exists) = (self, None, true);
        let mut rest = path;
        while !rest.is_empty() {
            let (step, bracketed, after) = step(rest);
            rest = after;
            let index = bracketed.then(|| step.parse::<usize>().ok()).flatten();
            if let Some(element) = index.and_then(|index| node.element(index)) {
                (node, key_at) = (element, None);
            } else if let Some(member) = node.member(step) {
                (node, key_at) = (member.value, Some(member.key_at));
            } else {
                exists = false;
                break;
            }
        }
        Place { node, key: key_at.map(|at| self.tree.lines.span(at)), exists }
    }

    /// Returns the value as JSON.
    pub fn to_json(self) -> serde_json::Value {
        // Recursion could overflow the stack, which is small in a browser.
        let mut open = vec![PartialJson::of(self)];
        loop {
            let Some(last) = open.last_mut() else { return serde_json::Value::Null };
            if let Some(child) = last.next_child() {
                open.push(PartialJson::of(child));
                continue;
            }
            let Some(finished) = open.pop() else { return serde_json::Value::Null };
            match open.last_mut() {
                Some(parent) => parent.add(finished.json),
                None => return finished.json,
            }
        }
    }

    /// Returns a scalar as JSON, or an empty collection.
    fn to_empty_json(self) -> serde_json::Value {
        match self.kind() {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(value) => value.into(),
            Kind::Number(Number::Whole(value)) => value.into(),
            Kind::Number(Number::Large(value)) => value.into(),
            Kind::Number(Number::Float(value)) => value.into(),
            Kind::Text(value) => value.into(),
            Kind::Sequence => serde_json::Value::Array(Vec::new()),
            Kind::Mapping => serde_json::Value::Object(serde_json::Map::new()),
        }
    }
}

/// A collection that is being converted to JSON.
struct PartialJson<'d> {
    node: Node<'d>,
    json: serde_json::Value,
    /// The index of the next child.
    next_index: usize,
}

impl<'d> PartialJson<'d> {
    fn of(node: Node<'d>) -> Self {
        PartialJson { node, json: node.to_empty_json(), next_index: 0 }
    }

    fn member(&self, index: usize) -> Option<Member<'d>> {
        self.node.member_ids().get(index).map(|ids| self.node.member_of(*ids))
    }

    fn next_child(&mut self) -> Option<Node<'d>> {
        let child = self.node.element(self.next_index).or_else(|| self.member(self.next_index).map(|member| member.value))?;
        self.next_index += 1;
        Some(child)
    }

    /// Adds the converted last child.
    fn add(&mut self, child: serde_json::Value) {
        let member = self.member(self.next_index.saturating_sub(1));
        match &mut self.json {
            serde_json::Value::Array(elements) => elements.push(child),
            serde_json::Value::Object(entries) => {
                if let Some(member) = member {
                    entries.insert(member.key.to_owned(), child);
                }
            }
            _ => {}
        }
    }
}

/// Splits a path into its first step, whether that is in brackets, and the rest.
pub(super) fn step(path: &str) -> (&str, bool, &str) {
    let path = path.strip_prefix('.').unwrap_or(path);
    if let Some((step, after)) = path.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        return (step, true, after);
    }
    let end = path.find(['.', '[']).filter(|end| *end > 0).unwrap_or(path.len());
    let (step, after) = path.split_at_checked(end).unwrap_or((path, ""));
    (step, false, after)
}
