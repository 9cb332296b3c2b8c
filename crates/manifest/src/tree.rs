//! The tree of a document: its values with their spans.

use super::number::Number;
use super::position::{ByteSpan, Lines, Span};

/// The index of a value in its tree.
pub(super) type Id = usize;

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Sequence(Vec<Id>),
    Mapping(Vec<Member>),
    /// An alias of another value.
    Alias(Id),
}

/// A key of a mapping and its value.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_at: ByteSpan,
    pub(super) value: Id,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) at: ByteSpan,
}

/// The values of a document with their spans.
#[derive(Debug, Clone)]
pub struct Tree<'t> {
    pub(super) lines: Lines<'t>,
    pub(super) items: Vec<Item>,
    pub(super) root: Id,
    pub(super) source_info: SourceInfo,
}

/// Properties of the source text that values do not have, and that edits depend on.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceInfo {
    /// The offsets of the keys that are members of a mapping by a merge key.
    pub(super) merged: Vec<usize>,
    /// The offsets of the keys that replaced another.
    pub(super) replacing: Vec<usize>,
    /// The spans of the values that aliases refer to.
    pub(super) anchored: Vec<ByteSpan>,
    /// Whether ignored text follows the document.
    pub(super) has_trailing_text: bool,
}

impl<'t> Tree<'t> {
    /// Returns the tree of an empty document.
    pub(super) fn null(lines: Lines<'t>, at: ByteSpan) -> Self {
        Tree { lines, items: vec![Item { value: Value::Null, at: ByteSpan::at(at.start) }], root: 0, source_info: SourceInfo::default() }
    }

    /// Returns the value of the document.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, id: self.root }
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
    /// The span of the key.
    pub key_span: Span,
    /// The value.
    pub value: Node<'d>,
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
    pub(super) fn item(self) -> Option<&'d Item> {
        self.tree.items.get(self.id)
    }

    /// Returns the value, with aliases resolved.
    fn value(self) -> &'d Value {
        let mut item = self.item();
        while let Some(Item { value: Value::Alias(id), .. }) = item {
            item = self.tree.items.get(*id);
        }
        item.map_or(&Value::Null, |item| &item.value)
    }

    /// Returns whether both are the same value of the same document.
    pub fn is(self, other: Node<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }

    /// Returns the span of the value. That of an alias is the alias itself, and those of its children are at the anchor.
    pub fn span(self) -> Span {
        self.tree.lines.span(self.item().map_or(ByteSpan::at(0), |item| item.at))
    }

    /// Returns the span of the first line of the value, for marks that would be too long otherwise. For a mapping it is the first key
    /// with its value if that is on the same line, without the opening brace.
    pub fn first_line(self) -> Span {
        let Some(item) = self.item() else { return self.span() };
        let lines = &self.tree.lines;
        match self.members().first() {
            // The first member of an alias or a merged one is at another position.
            Some(first) if first.key_at.start >= item.at.start && first.key_at.end <= item.at.end => {
                let value = self.of_member(first).item().map_or(first.key_at, |value| value.at);
                let on_one_line = value.end >= first.key_at.end && lines.line(value.end) == lines.line(first.key_at.start);
                lines.span(ByteSpan::new(first.key_at.start, if on_one_line { value.end } else { first.key_at.end }))
            }
            _ => lines.span(ByteSpan::new(item.at.start, item.at.end.min(lines.end_of_line(item.at.start)))),
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

    /// Returns the elements of a sequence; none for other types.
    pub fn elements(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        let elements = match self.value() {
            Value::Sequence(elements) => elements.as_slice(),
            _ => &[],
        };
        elements.iter().map(move |id| Node { tree: self.tree, id: *id })
    }

    pub(super) fn members(self) -> &'d [Member] {
        match self.value() {
            Value::Mapping(members) => members,
            _ => &[],
        }
    }

    pub(super) fn of_member(self, member: &Member) -> Node<'d> {
        Node { tree: self.tree, id: member.value }
    }

    fn entry(self, member: &'d Member) -> Entry<'d> {
        Entry { key: &member.key, key_span: self.tree.lines.span(member.key_at), value: self.of_member(member) }
    }

    /// Returns the entries of a mapping, each key once; none for other types.
    pub fn entries(self) -> impl Iterator<Item = Entry<'d>> {
        self.members().iter().map(move |member| self.entry(member))
    }

    /// Returns the keys and values of a mapping without the spans of the keys.
    pub fn pairs(self) -> impl Iterator<Item = (&'d str, Node<'d>)> {
        self.members().iter().map(move |member| (member.key.as_str(), self.of_member(member)))
    }

    /// Returns the entry of a mapping with a key.
    pub fn get(self, key: &str) -> Option<Entry<'d>> {
        self.members().iter().find(|member| member.key == key).map(|member| self.entry(member))
    }

    /// Returns the place of a field, such as `spec.containers[0].securityContext.privileged` or
    /// `metadata.annotations[example.com/key]`, or of its nearest parent if the field is missing.
    pub fn at(self, path: &str) -> Place<'d> {
        let mut place = Place { node: self, key: None, exists: true };
        let mut rest = path;
        while !rest.is_empty() {
            let (step, bracketed, after) = step(rest);
            rest = after;
            let index = bracketed.then(|| step.parse::<usize>().ok()).flatten();
            if let (Kind::Sequence, Some(element)) = (place.node.kind(), index.and_then(|index| place.node.elements().nth(index))) {
                place = Place { node: element, key: None, exists: true };
            } else if let Some(entry) = place.node.get(step) {
                place = Place { node: entry.value, key: Some(entry.key_span), exists: true };
            } else {
                return Place { exists: false, ..place };
            }
        }
        place
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

    fn next_child(&mut self) -> Option<Node<'d>> {
        let id = match self.node.value() {
            Value::Sequence(elements) => *elements.get(self.next_index)?,
            Value::Mapping(members) => members.get(self.next_index)?.value,
            _ => return None,
        };
        self.next_index += 1;
        Some(Node { tree: self.node.tree, id })
    }

    /// Adds the converted last child.
    fn add(&mut self, child: serde_json::Value) {
        match &mut self.json {
            serde_json::Value::Array(elements) => elements.push(child),
            serde_json::Value::Object(entries) => {
                if let Some(member) = self.node.members().get(self.next_index.saturating_sub(1)) {
                    entries.insert(member.key.clone(), child);
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
