//! What a document means, with the places where it stands: what marks in an editor and the core
//! that judges are made from.

use super::number::Number;
use super::position::{Lines, Span, Stretch};

/// The place of a value in its tree.
pub(super) type Id = usize;

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Sequence(Vec<Id>),
    Mapping(Vec<Member>),
    /// The same as another value, written elsewhere.
    Same(Id),
}

/// A key of a mapping and its value.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) key_at: Stretch,
    pub(super) value: Id,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) at: Stretch,
}

/// The values of a document, each with the place where it stands.
#[derive(Debug, Clone)]
pub struct Tree<'t> {
    pub(super) lines: Lines<'t>,
    pub(super) items: Vec<Item>,
    pub(super) root: Id,
    pub(super) writing: Writing,
}

/// What values do not tell of how they were written, and who changes the text must know.
#[derive(Debug, Clone, Default)]
pub(super) struct Writing {
    /// Where the keys stand that came into a mapping by a merge.
    pub(super) merged: Vec<usize>,
    /// Where the keys stand that took the place of another.
    pub(super) replacing: Vec<usize>,
    /// The values that stand for an alias too.
    pub(super) repeated: Vec<Stretch>,
    /// Whether something follows the document that is not read.
    pub(super) ends_early: bool,
}

impl<'t> Tree<'t> {
    /// A document without content.
    pub(super) fn null(lines: Lines<'t>, at: Stretch) -> Self {
        Tree { lines, items: vec![Item { value: Value::Null, at: Stretch::at(at.start) }], root: 0, writing: Writing::default() }
    }

    /// The value of the whole document.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, id: self.root }
    }

    /// The value of the whole document as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        self.root().to_json()
    }
}

/// A value in a document: a scalar, a sequence or a mapping, with its place.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d> {
    pub(super) tree: &'d Tree<'d>,
    pub(super) id: Id,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'d> {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true`, `yes`, `on` and the like.
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
    /// The key as JSON has it: `yes` is `true`, `0x10` is `16`.
    pub key: &'d str,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node<'d>,
}

/// Where a field stands, or would stand.
#[derive(Debug, Clone, Copy)]
pub struct Place<'d> {
    /// The field, or its nearest parent that exists.
    pub node: Node<'d>,
    /// The key of that, unless it is an element of a sequence or the whole document.
    pub key: Option<Span>,
    /// Whether it is the field itself.
    pub exists: bool,
}

impl Place<'_> {
    /// Where the value stands.
    pub fn span(&self) -> Span {
        self.node.span()
    }
}

impl<'d> Node<'d> {
    pub(super) fn item(self) -> Option<&'d Item> {
        self.tree.items.get(self.id)
    }

    /// The value, behind all aliases.
    fn value(self) -> &'d Value {
        let mut item = self.item();
        while let Some(Item { value: Value::Same(id), .. }) = item {
            item = self.tree.items.get(*id);
        }
        item.map_or(&Value::Null, |item| &item.value)
    }

    /// Whether both are the same value of the same document.
    pub fn is(self, other: Node<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }

    /// Where it stands. For an alias that is the alias; what is inside stands at the anchor.
    pub fn span(self) -> Span {
        self.tree.lines.span(self.item().map_or(Stretch::at(0), |item| item.at))
    }

    /// Its first line: what there is to see of it where the whole is too much. Of a mapping that is
    /// its first key with the value, if that is on the same line, and without the brace before it.
    pub fn first_line(self) -> Span {
        let Some(item) = self.item() else { return self.span() };
        let lines = &self.tree.lines;
        match self.members().first() {
            // Behind an alias, or merged, it may stand elsewhere.
            Some(first) if first.key_at.start >= item.at.start && first.key_at.end <= item.at.end => {
                let value = self.of_member(first).item().map_or(first.key_at, |value| value.at);
                let on_one_line = value.end >= first.key_at.end && lines.line(value.end) == lines.line(first.key_at.start);
                lines.span(Stretch::new(first.key_at.start, if on_one_line { value.end } else { first.key_at.end }))
            }
            _ => lines.span(Stretch::new(item.at.start, item.at.end.min(lines.end_of_line(item.at.start)))),
        }
    }

    /// What it is.
    pub fn kind(self) -> Kind<'d> {
        match self.value() {
            Value::Null | Value::Same(_) => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(value) => Kind::Number(value.in_json()),
            Value::Text(value) => Kind::Text(value),
            Value::Sequence(_) => Kind::Sequence,
            Value::Mapping(_) => Kind::Mapping,
        }
    }

    /// The text of a string.
    pub fn text(self) -> Option<&'d str> {
        match self.kind() {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a sequence; nothing of anything else.
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

    /// The entries of a mapping, each key once; nothing of anything else.
    pub fn entries(self) -> impl Iterator<Item = Entry<'d>> {
        self.members().iter().map(move |member| self.entry(member))
    }

    /// The keys and values of a mapping, without the places of the keys.
    pub fn pairs(self) -> impl Iterator<Item = (&'d str, Node<'d>)> {
        self.members().iter().map(move |member| (member.key.as_str(), self.of_member(member)))
    }

    /// The entry of a mapping with that key.
    pub fn get(self, key: &str) -> Option<Entry<'d>> {
        self.members().iter().find(|member| member.key == key).map(|member| self.entry(member))
    }

    /// The place of a field, such as `spec.containers[0].securityContext.privileged` or
    /// `metadata.annotations[example.com/key]`; or of its nearest parent, where it is missing.
    pub fn at(self, path: &str) -> Place<'d> {
        let mut place = Place { node: self, key: None, exists: true };
        let mut rest = path;
        while !rest.is_empty() {
            let (step, bracketed, behind) = step(rest);
            rest = behind;
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

    /// The value as JSON.
    pub fn to_json(self) -> serde_json::Value {
        // Without recursion: what is nested deeply would need a stack that a page does not have.
        let mut open = vec![Unfinished::of(self)];
        loop {
            let Some(last) = open.last_mut() else { return serde_json::Value::Null };
            if let Some(child) = last.next_child() {
                open.push(Unfinished::of(child));
                continue;
            }
            let Some(finished) = open.pop() else { return serde_json::Value::Null };
            match open.last_mut() {
                Some(parent) => parent.take(finished.json),
                None => return finished.json,
            }
        }
    }

    /// The value as JSON, if it is a scalar; else an empty collection.
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

/// A value on its way to JSON.
struct Unfinished<'d> {
    node: Node<'d>,
    json: serde_json::Value,
    /// How many of its children have begun.
    begun: usize,
}

impl<'d> Unfinished<'d> {
    fn of(node: Node<'d>) -> Self {
        Unfinished { node, json: node.to_empty_json(), begun: 0 }
    }

    fn next_child(&mut self) -> Option<Node<'d>> {
        let id = match self.node.value() {
            Value::Sequence(elements) => *elements.get(self.begun)?,
            Value::Mapping(members) => members.get(self.begun)?.value,
            _ => return None,
        };
        self.begun += 1;
        Some(Node { tree: self.node.tree, id })
    }

    /// Takes the child that began last.
    fn take(&mut self, child: serde_json::Value) {
        match &mut self.json {
            serde_json::Value::Array(elements) => elements.push(child),
            serde_json::Value::Object(entries) => {
                if let Some(member) = self.node.members().get(self.begun.saturating_sub(1)) {
                    entries.insert(member.key.clone(), child);
                }
            }
            _ => {}
        }
    }
}

/// The first step of a path, whether it stands in brackets, and what follows.
pub(super) fn step(path: &str) -> (&str, bool, &str) {
    let path = path.strip_prefix('.').unwrap_or(path);
    if let Some((step, behind)) = path.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        return (step, true, behind);
    }
    let end = path.find(['.', '[']).filter(|end| *end > 0).unwrap_or(path.len());
    let (step, behind) = path.split_at_checked(end).unwrap_or((path, ""));
    (step, false, behind)
}
