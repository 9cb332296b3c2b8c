//! Edits of the text of a manifest that keep everything else: comments, order, quotes, indentation, blank lines, line ends.
//!
//! An edit changes one field only. There is therefore no edit of a value that an alias or a merge key uses elsewhere, nor of text
//! whose syntax an edit could change otherwise.

mod block;
mod flow;
mod relocate;
mod remove;
mod source_text;
mod value;

pub use relocate::relocate;
pub use value::{disclose, enclose, quote, rename, replace, unquote};

use self::source_text::{SourceText, quoted_like};
use super::position::{ByteSpan, Span};
use super::tree::{Kind, Member, Node, step};

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

/// Sets a field, such as `spec.securityContext.runAsNonRoot`, and inserts missing parents. A new entry is the last of its mapping,
/// or precedes the first of the entries in `before`. Returns `None` if the text cannot be edited safely.
pub fn set(object: Node<'_>, path: &str, value: NewValue<'_>, before: &[&str]) -> Option<Vec<Edit>> {
    let trail = Trail::follow(object, path)?;
    let changes = if trail.rest.is_empty() { trail.replace(value) } else { trail.insert(value, before) };
    trail.edits(changes)
}

/// Appends a string to a list, which is inserted if it is missing. Returns `None` if the text cannot be edited safely.
pub fn append(object: Node<'_>, path: &str, text: &str) -> Option<Vec<Edit>> {
    let trail = Trail::follow(object, path)?;
    let list = trail.last().node;
    if !trail.rest.is_empty() || matches!(list.kind(), Kind::Null) {
        return set(object, path, NewValue::List(text), &[]);
    }
    if !matches!(list.kind(), Kind::Sequence) || list.is_alias() {
        return None;
    }
    let changes = if trail.in_flow { flow::append(&trail, text) } else { block::append(trail.source, list, text) };
    trail.edits(changes)
}

/// Removes an entry of a mapping or an element of a sequence, and parents that become empty, except those at or above the path
/// `keep`. Returns `None` if the text cannot be edited safely.
pub fn remove(object: Node<'_>, path: &str, keep: &str) -> Option<Vec<Edit>> {
    let trail = Trail::follow(object, path).filter(|trail| trail.rest.is_empty())?;
    let kept = Trail::follow(object, keep).filter(|trail| trail.rest.is_empty())?.steps.len();
    trail.edits(remove::remove(&trail, kept))
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
    steps: Vec<Step<'d>>,
    /// The missing part of the path.
    rest: &'p str,
    /// Whether the last step is a flow collection or in one.
    in_flow: bool,
}

impl<'d, 'p> Trail<'d, 'p> {
    /// Follows a path. Returns `None` if a change at its end would change other fields too.
    fn follow(object: Node<'d>, path: &'p str) -> Option<Self> {
        let source = SourceText::of(object.tree)?;
        let mut steps = Vec::with_capacity(STEPS);
        steps.push(Step { node: object, key: None });
        let mut in_flow = source.is_flow(object);
        let mut node = object;
        let mut rest = path;
        while !rest.is_empty() {
            let (name, bracketed, after) = step(rest);
            let next = if bracketed {
                Step { node: node.element(name.parse().ok()?)?, key: None }
            } else {
                let Some(member) = node.member(name) else { break };
                if source.tree.source_info.merged.contains(&member.key_at.start) {
                    return None;
                }
                Step { node: member.value, key: Some(member) }
            };
            if node.is_alias() {
                return None;
            }
            node = next.node;
            in_flow |= source.is_flow(node);
            steps.push(next);
            rest = after;
        }
        let is_own = !source.is_anchored(node.byte_span()) && (rest.is_empty() || !node.is_alias());
        is_own.then_some(Trail { source, steps, rest: rest.strip_prefix('.').unwrap_or(rest), in_flow })
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
            NewValue::Text(text) => text.to_owned(),
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
