//! Changes of a manifest's text that leave everything else as its author wrote it: comments, order,
//! quotes, indentation, blank lines, line ends.
//!
//! A change is made where a field stands and nowhere else. So none is made in what an alias or a
//! merge repeats elsewhere, and none where the text is of a form that is not surely understood:
//! then there is no edit, and the author decides.

mod block;
mod flow;
mod page;
mod remove;

use self::page::{Page, quoted_like};
use super::position::{Span, Stretch};
use super::tree::{Kind, Member, Node, step};

/// A change of the text: what stands in `span` becomes `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty where something is inserted.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

/// What a field is set to. Words that YAML takes for themselves, without quotes.
#[derive(Debug, Clone, Copy)]
pub enum New<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A string.
    Text(&'a str),
    /// A list of one string.
    List(&'a str),
}

impl<'a> New<'a> {
    /// The value of some JSON: a boolean, a string without escapes, or a list of one such string.
    pub fn of_json(json: &'a str) -> Option<Self> {
        let text = |json: &'a str| json.strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains(['"', '\\']));
        match json {
            "true" => Some(New::Bool(true)),
            "false" => Some(New::Bool(false)),
            _ => match json.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
                Some(element) => text(element).map(New::List),
                None => text(json).map(New::Text),
            },
        }
    }
}

/// A change while it is made, by bytes.
struct Change {
    at: Stretch,
    text: String,
}

impl Change {
    fn insert(offset: usize, text: String) -> Self {
        Change { at: Stretch::at(offset), text }
    }

    fn replace(start: usize, end: usize, text: String) -> Self {
        Change { at: Stretch::new(start, end), text }
    }
}

/// The changes that mend one thing, in the order of the text.
type Changes = Option<Vec<Change>>;

/// Sets a field, such as `spec.securityContext.runAsNonRoot`. What is missing on the way to it is
/// made: where a mapping gets a new entry it becomes the last one, or it comes before the first of
/// the entries that `before` names.
pub fn set(object: Node<'_>, path: &str, value: New<'_>, before: &[&str]) -> Option<Vec<Edit>> {
    let trail = Trail::follow(object, path)?;
    let changes = if trail.rest.is_empty() { trail.replace(value) } else { trail.insert(value, before) };
    trail.edits(changes)
}

/// Appends a string to a list, which is made if it is missing.
pub fn append(object: Node<'_>, path: &str, text: &str) -> Option<Vec<Edit>> {
    let trail = Trail::follow(object, path)?;
    let list = trail.last().node;
    if !trail.rest.is_empty() || matches!(list.kind(), Kind::Null) {
        return set(object, path, New::List(text), &[]);
    }
    if !matches!(list.kind(), Kind::Sequence) || list.is_alias() {
        return None;
    }
    let changes = if trail.in_flow { flow::append(&trail, text) } else { block::append(trail.page, list, text) };
    trail.edits(changes)
}

/// Removes an entry of a mapping or an element of a sequence. What is left empty by that goes too,
/// but nothing at or above the path `keep`.
pub fn remove(object: Node<'_>, path: &str, keep: &str) -> Option<Vec<Edit>> {
    let trail = Trail::follow(object, path).filter(|trail| trail.rest.is_empty())?;
    let kept = Trail::follow(object, keep).filter(|trail| trail.rest.is_empty())?.steps.len();
    trail.edits(remove::remove(&trail, kept))
}

/// A value on the way to a field, with its key unless it is an element.
#[derive(Clone, Copy)]
struct Step<'d> {
    node: Node<'d>,
    key: Option<&'d Member>,
}

/// The way from an object to a field, as far as it exists.
struct Trail<'d, 'p> {
    page: Page<'d>,
    steps: Vec<Step<'d>>,
    /// What is missing of the path.
    rest: &'p str,
    /// Whether brackets enclose the last step, or are its own.
    in_flow: bool,
}

impl<'d, 'p> Trail<'d, 'p> {
    /// Follows a path, unless it leads to where a change would change something else too.
    fn follow(object: Node<'d>, path: &'p str) -> Option<Self> {
        let page = Page::of(object.tree)?;
        let mut steps = vec![Step { node: object, key: None }];
        let mut in_flow = page.is_flow(object);
        let mut node = object;
        let mut rest = path;
        while !rest.is_empty() {
            let (name, bracketed, behind) = step(rest);
            let next = if bracketed {
                Step { node: node.elements().nth(name.parse().ok()?)?, key: None }
            } else {
                let Some(member) = node.members().iter().find(|member| member.key == name) else { break };
                if page.tree.writing.merged.contains(&member.key_at.start) {
                    return None;
                }
                Step { node: node.of_member(member), key: Some(member) }
            };
            if node.is_alias() {
                return None;
            }
            node = next.node;
            in_flow |= page.is_flow(node);
            steps.push(next);
            rest = behind;
        }
        let is_own = !page.is_repeated(node.stretch()) && (rest.is_empty() || !node.is_alias());
        is_own.then_some(Trail { page, steps, rest: rest.strip_prefix('.').unwrap_or(rest), in_flow })
    }

    fn last(&self) -> Step<'d> {
        self.step_back(1)
    }

    /// The last step for 1, the one before it for 2 …
    fn step_back(&self, count: usize) -> Step<'d> {
        let place = self.steps.len().saturating_sub(count);
        self.steps.get(place).copied().unwrap_or(Step { node: self.page.tree.root(), key: None })
    }

    fn edits(&self, changes: Changes) -> Option<Vec<Edit>> {
        let lines = &self.page.tree.lines;
        let changes = changes?.into_iter().filter(|change| change.at.start < change.at.end || !change.text.is_empty());
        Some(changes.map(|change| Edit { span: lines.span(change.at), text: change.text }).collect())
    }

    /// Puts another scalar in the place of one.
    fn replace(&self, value: New<'_>) -> Changes {
        let Step { node, key } = self.last();
        let at = node.stretch();
        if matches!(node.kind(), Kind::Sequence | Kind::Mapping) || self.page.is_tagged(key?, at) {
            return None;
        }
        let written = self.page.slice(at.start, at.end);
        if written.is_empty() {
            // Behind the colon, if there is nothing but the colon.
            let colon = self.page.colon(key?)?;
            return self.page.is_blank(colon, at.start).then(|| vec![Change::insert(colon, format!(" {}", self.scalar(value)))]);
        }
        let text = match value {
            New::Text(text) if written.starts_with(['"', '\'']) => quoted_like(text, written),
            // A comment may stand behind the header of a block.
            _ if written.starts_with(['|', '>']) => return None,
            _ => self.scalar(value),
        };
        Some(vec![Change::replace(at.start, at.end, text)])
    }

    /// A value as it stands behind its key on one line.
    fn scalar(&self, value: New<'_>) -> String {
        match value {
            New::Bool(value) => value.to_string(),
            New::Text(text) if self.in_flow && self.quotes_keys() => format!("\"{text}\""),
            New::Text(text) => text.to_owned(),
            New::List(text) => format!("[\"{text}\"]"),
        }
    }

    /// Adds what is missing of the path to the last value that exists.
    fn insert(&self, value: New<'_>, before: &[&str]) -> Changes {
        if self.rest.contains('[') {
            return None;
        }
        let entry = Entry { keys: self.rest.split('.').collect(), value };
        let Step { node, key } = self.last();
        let is_mapping = matches!(node.kind(), Kind::Mapping);
        if is_mapping && !self.in_flow {
            return block::insert(self.page, node, &entry, before);
        }
        let around_in_flow = self.steps.iter().rev().skip(1).any(|step| self.page.is_flow(step.node));
        if let Some(key) = key
            && !around_in_flow
            && let Some(changes) = block::fill(self, key, &entry)
        {
            return Some(changes);
        }
        (is_mapping || matches!(node.kind(), Kind::Null)).then(|| flow::insert(self, &entry))?
    }

    /// Whether keys stand in double quotes here, as they do in JSON.
    fn quotes_keys(&self) -> bool {
        let of_members = self.last().node.members().iter().rev();
        let mut keys = of_members.chain(self.steps.iter().rev().filter_map(|step| step.key));
        keys.next().is_some_and(|key| self.page.slice(key.key_at.start, key.key_at.end).starts_with('"'))
    }
}

/// An entry that is to come: nested keys, and what stands behind the last of them.
struct Entry<'a> {
    keys: Vec<&'a str>,
    value: New<'a>,
}

#[cfg(test)]
mod tests;
