//! Edits of the text of a manifest that keep everything else: comments, order, quotes, indentation, blank lines, line ends.
//!
//! An edit changes one field only, and no text whose syntax it could change otherwise. A value that an alias or a merge key uses
//! elsewhere is edited only by way of [`Sharing`], which returns what else changes.

mod block;
mod copy;
mod flow;
mod relocate;
mod remove;
mod sharing;
mod source_text;
mod value;

pub use relocate::relocate;
pub use value::{disclose, enclose, quote, rename, replace, unquote};

pub use self::sharing::{Reach, Sharing};

use std::iter;

use self::sharing::Crossing;
use self::source_text::{SourceText, quoted_like};
use super::position::{ByteSpan, Span};
use super::tree::{Id, Kind, Member, Node, step};

/// An edit of the text, which replaces `span` with `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The replaced span; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// The new value of a field. Strings must not need quotes in YAML.
#[derive(Debug, Clone, Copy)]
pub enum NewValue<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    Text(&'a str),
    /// A list of one string.
    List(&'a str),
    /// A value in flow style.
    Flow(&'a str),
}

impl<'a> NewValue<'a> {
    /// Parses JSON: a boolean, a string without escapes, or a list of one such string. Returns `None` for other JSON.
    pub fn of_json(json: &'a str) -> Option<Self> {
        let text = |json: &'a str| json.strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains(['"', '\\']));
        match json {
            "true" => Some(NewValue::Bool(true)),
            "false" => Some(NewValue::Bool(false)),
            _ => match json.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
                Some(element) => text(element).map(NewValue::List),
                None => text(json).map(NewValue::Text),
            },
        }
    }
}

/// An edit in byte offsets.
struct Change {
    at: ByteSpan,
    text: String,
}

impl Change {
    fn insert(offset: usize, text: String) -> Self {
        Change { at: ByteSpan::at(offset), text }
    }

    fn replace(start: usize, end: usize, text: String) -> Self {
        Change { at: ByteSpan::new(start, end), text }
    }
}

/// The changes of an edit, in the order of the text; `None` if the text cannot be edited safely.
type Changes = Option<Vec<Change>>;

/// A change of the field at a path.
#[derive(Debug, Clone, Copy)]
pub enum Operation<'a> {
    /// Sets the field, and inserts missing parents. A new entry is the last of its mapping, or precedes the first of these entries.
    Set(NewValue<'a>, &'a [&'a str]),
    /// Appends a string to the list, which is inserted if it is missing.
    Append(&'a str),
    /// Removes the entry of a mapping or the element of a sequence, and parents that become empty, except those at or above this
    /// path.
    Remove(&'a str),
}

impl Operation<'_> {
    /// Returns the edits of the field at a path, such as `spec.securityContext.runAsNonRoot`; `None` if the text cannot be edited
    /// safely, or the edits would change other fields too.
    pub fn edits(self, object: Node<'_>, path: &str) -> Option<Vec<Edit>> {
        let trail = Trail::follow(object, path, false)?;
        let node = trail.last().node;
        let is_own = !trail.source.is_anchored(node.byte_span()) && (trail.rest.is_empty() || !node.is_alias());
        trail.edits(self.changes(&trail).filter(|_| is_own))
    }

    fn changes(self, trail: &Trail<'_, '_>) -> Changes {
        match self {
            Operation::Set(value, _) if trail.rest.is_empty() => trail.replace(value),
            Operation::Set(value, before) => trail.insert(value, before),
            Operation::Append(text) => {
                let list = trail.last().node;
                match list.kind() {
                    _ if !trail.rest.is_empty() => trail.insert(NewValue::List(text), &[]),
                    Kind::Null => trail.replace(NewValue::List(text)),
                    Kind::Sequence if list.is_alias() => None,
                    Kind::Sequence if trail.in_flow => flow::append(trail, text),
                    Kind::Sequence => block::append(trail.source, list, text),
                    _ => None,
                }
            }
            Operation::Remove(keep) => {
                // The value that an alias refers to is kept too.
                let is_target = |step: &Step<'_>| trail.source.tree.source_info.aliases.iter().any(|(_, target)| *target == step.node.id);
                let anchored = trail.steps.iter().rposition(is_target).map_or(0, |index| index + 1);
                let kept = (steps(keep).count() + 1).saturating_sub(trail.origin);
                trail.rest.is_empty().then(|| remove::remove(trail, kept.max(anchored).max(1)))?
            }
        }
    }
}

/// Sets a field: see [`Operation`].
pub fn set(object: Node<'_>, path: &str, value: NewValue<'_>, before: &[&str]) -> Option<Vec<Edit>> {
    Operation::Set(value, before).edits(object, path)
}

/// Appends a string to a list: see [`Operation`].
pub fn append(object: Node<'_>, path: &str, text: &str) -> Option<Vec<Edit>> {
    Operation::Append(text).edits(object, path)
}

/// Removes an entry or an element: see [`Operation`].
pub fn remove(object: Node<'_>, path: &str, keep: &str) -> Option<Vec<Edit>> {
    Operation::Remove(keep).edits(object, path)
}

/// Returns the steps of a path, each with whether it is an index, and the path from it on.
fn steps(path: &str) -> impl Iterator<Item = (&str, bool, &str)> {
    let mut rest = path;
    iter::from_fn(move || {
        let from_here = rest.strip_prefix('.').unwrap_or(rest);
        let (name, is_index, after) = step(rest);
        rest = after;
        (!from_here.is_empty()).then_some((name, is_index, from_here))
    })
}

/// The number of steps of most paths.
const STEPS: usize = 12;

/// A value on the path to a field, with its key unless it is an element.
#[derive(Clone, Copy)]
struct Step<'d> {
    node: Node<'d>,
    key: Option<Member<'d>>,
}

/// The values on the path from an object to a field, up to the last that exists.
struct Trail<'d, 'p> {
    source: SourceText<'d>,
    /// The values that surround each other in the text: those from the last anchor on, if aliases or merge keys are crossed.
    steps: Vec<Step<'d>>,
    /// The number of steps of the path before the first of these.
    origin: usize,
    /// The missing part of the path.
    rest: &'p str,
    /// Whether the last step is a flow collection or in one.
    in_flow: bool,
    /// The first alias or merge key on the path.
    crossing: Option<Box<Crossing<'d, 'p>>>,
    /// All collections on the path, each with the path from it on, if aliases and merge keys are crossed.
    places: Vec<(Id, &'p str)>,
}

impl<'d, 'p> Trail<'d, 'p> {
    /// Follows a path. Returns `None` if an alias of a collection or a merge key is on it, unless these are crossed.
    fn follow(object: Node<'d>, path: &'p str, crosses: bool) -> Option<Self> {
        let source = SourceText::of(object.tree)?;
        let mut trail =
            Trail { source, steps: Vec::with_capacity(STEPS), origin: 0, rest: path, in_flow: false, crossing: None, places: Vec::new() };
        trail.enter(Step { node: object, key: None });
        for (depth, (name, is_index, from_here)) in steps(path).enumerate() {
            let node = trail.last().node;
            trail.rest = from_here;
            if node.is_alias() {
                trail.cross(crosses, depth, None)?;
            }
            let node = trail.last().node;
            let next = if is_index {
                Step { node: node.element(name.parse().ok()?)?, key: None }
            } else {
                trail.places.extend(crosses.then_some((node.id, from_here)));
                let Some(mut member) = node.member(name) else { return Some(trail) };
                while let Some(merged) = trail.last().node.merge_of(member) {
                    trail.cross(crosses, depth, Some(merged))?;
                    trail.places.push((trail.last().node.id, from_here));
                    member = trail.last().node.member(name)?;
                }
                Step { node: member.value, key: Some(member) }
            };
            trail.enter(next);
        }
        trail.rest = "";
        if crosses && trail.last().node.is_alias() {
            trail.cross(true, steps(path).count(), None)?;
        }
        Some(trail)
    }

    fn enter(&mut self, step: Step<'d>) {
        self.in_flow |= self.source.is_flow(step.node);
        self.steps.push(step);
    }

    fn last(&self) -> Step<'d> {
        self.step_back(1)
    }

    /// Returns the last step for 1, and the one before it for 2.
    fn step_back(&self, count: usize) -> Step<'d> {
        let index = self.steps.len().saturating_sub(count);
        self.steps.get(index).copied().unwrap_or(Step { node: self.source.tree.root(), key: None })
    }

    fn edits(&self, changes: Changes) -> Option<Vec<Edit>> {
        let lines = &self.source.tree.lines;
        let changes = changes?.into_iter().filter(|change| change.at.start < change.at.end || !change.text.is_empty());
        Some(changes.map(|change| Edit { span: lines.span(change.at), text: change.text }).collect())
    }

    /// Replaces a scalar.
    fn replace(&self, value: NewValue<'_>) -> Changes {
        let Step { node, key } = self.last();
        let at = node.byte_span();
        if matches!(node.kind(), Kind::Sequence | Kind::Mapping) || self.source.is_tagged(key?, at) {
            return None;
        }
        let old_text = self.source.slice(at.start, at.end);
        if old_text.is_empty() {
            // An empty value is inserted after the colon.
            let colon = self.source.colon(key?)?;
            return self.source.is_blank(colon, at.start).then(|| vec![Change::insert(colon, format!(" {}", self.scalar(value)))]);
        }
        let text = match value {
            NewValue::Text(text) if old_text.starts_with(['"', '\'']) => quoted_like(text, old_text),
            // The header of a block scalar may have a comment.
            _ if old_text.starts_with(['|', '>']) => return None,
            _ => self.scalar(value),
        };
        Some(vec![Change::replace(at.start, at.end, text)])
    }

    /// Returns the text of a value on the line of its key.
    fn scalar(&self, value: NewValue<'_>) -> String {
        match value {
            NewValue::Bool(value) => value.to_string(),
            NewValue::Text(text) if self.in_flow && self.quotes_keys() => format!("\"{text}\""),
            NewValue::Text(text) | NewValue::Flow(text) => text.to_owned(),
            NewValue::List(text) => format!("[\"{text}\"]"),
        }
    }

    /// Inserts the missing part of the path into the last value that exists.
    fn insert(&self, value: NewValue<'_>, before: &[&str]) -> Changes {
        if self.rest.contains('[') {
            return None;
        }
        let entry = Entry { keys: self.rest.split('.').collect(), value };
        let Step { node, key } = self.last();
        let is_mapping = matches!(node.kind(), Kind::Mapping);
        if is_mapping && !self.in_flow {
            return block::insert(self.source, node, &entry, before);
        }
        let around_in_flow = self.steps.iter().rev().skip(1).any(|step| self.source.is_flow(step.node));
        if let Some(key) = key
            && !around_in_flow
            && let Some(changes) = block::fill(self, key, &entry)
        {
            return Some(changes);
        }
        (is_mapping || matches!(node.kind(), Kind::Null)).then(|| flow::insert(self, &entry))?
    }

    /// Returns whether keys are in double quotes, as in JSON.
    fn quotes_keys(&self) -> bool {
        let of_members = self.last().node.members().rev();
        let mut keys = of_members.chain(self.steps.iter().rev().filter_map(|step| step.key));
        keys.next().is_some_and(|key| self.source.slice(key.key_at.start, key.key_at.end).starts_with('"'))
    }
}

/// A new entry: nested keys, and the value of the last of them.
struct Entry<'a> {
    keys: Vec<&'a str>,
    value: NewValue<'a>,
}

#[cfg(test)]
mod tests;
