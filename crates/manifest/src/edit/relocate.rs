//! The move of an entry to other places, with its lines and the comments in them.

use super::source_text::SourceText;
use super::value::is_flow_word;
use super::{Change, Changes, Edit, NewValue, Step, Trail, remove, set};
use crate::position::ByteSpan;
use crate::tree::{Item, Node, Value, step};

/// A word that stands for the moved value until its layout is known.
const PLACEHOLDER: &str = "pss-moved-value";

/// Moves an entry from a path to others, none of which exists, and inserts missing parents. The new entries are as those of
/// [`set`](set()). The parents that become empty are removed, except elements of lists. Returns `None` if the text cannot be edited safely.
pub fn relocate(object: Node<'_>, path: &str, targets: &[String], before: &[&str]) -> Option<Vec<Edit>> {
    let trail = Trail::follow(object, path, false).filter(|trail| trail.rest.is_empty())?;
    let moved = MovedValue::of(&trail)?;
    let around = targets.iter().fold(path, |around, target| common(around, target));
    if let [target] = targets
        && let Some((first, _)) = keys_below(around, target).split_once('.')
        && Trail::follow(object, around, false)?.steps.len() + 1 == trail.steps.len()
        && !keys_below(around, target).contains('[')
        && trail.step_back(2).node.member(first).is_none()
    {
        let keys: Vec<&str> = keys_below(around, target).split('.').collect();
        return trail.edits(moved.nested(&trail, &keys));
    }
    let kept = Trail::follow(object, around, false)?.steps.len();
    // An emptied parent has no place for the entry.
    let mut parents = trail.steps.iter().take(trail.steps.len() - 1).skip(kept.checked_sub(1)?);
    if parents.all(|step| step.node.members().len() + step.node.elements().len() == 1) {
        return None;
    }
    // An element that becomes empty remains.
    let element = path.rfind(']').and_then(|end| path.get(..=end)).unwrap_or_default();
    let mut edits = remove(object, path, if element.len() > around.len() { element } else { around })?;
    for target in targets {
        let to = Trail::follow(object, target, false).filter(|to| !to.rest.is_empty())?;
        for mut edit in set(object, target, NewValue::Text(PLACEHOLDER), before)? {
            if edit.text.contains(PLACEHOLDER) {
                edit.text = moved.insert(&edit.text, to.in_flow)?;
            }
            edits.push(edit);
        }
    }
    joined(edits)
}

/// Returns the longest path that is one of both or above both.
fn common<'p>(path: &'p str, other: &str) -> &'p str {
    let (mut rest, mut other_rest) = (path, other);
    loop {
        let ((name, bracketed, after), (other_name, other_bracketed, other_after)) = (step(rest), step(other_rest));
        if rest.is_empty() || other_rest.is_empty() || name != other_name || bracketed != other_bracketed {
            return path.get(..path.len() - rest.len()).unwrap_or_default();
        }
        (rest, other_rest) = (after, other_after);
    }
}

/// Returns the steps of a path below another.
fn keys_below<'p>(above: &str, path: &'p str) -> &'p str {
    let rest = path.get(above.len()..).unwrap_or_default();
    rest.strip_prefix('.').unwrap_or(rest)
}

/// Sorts edits and joins those that touch; `None` if some overlap.
fn joined(mut edits: Vec<Edit>) -> Option<Vec<Edit>> {
    edits.sort_by_key(|edit| (edit.span.start.offset, edit.span.end.offset));
    let mut all: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match all.last_mut() {
            Some(last) if edit.span.start.offset < last.span.end.offset => return None,
            Some(last) if edit.span.start.offset == last.span.end.offset => {
                last.span.end = edit.span.end;
                last.text += &edit.text;
            }
            _ => all.push(edit),
        }
    }
    Some(all)
}

/// The text of a value that is moved.
struct MovedValue<'d> {
    source: SourceText<'d>,
    /// The text after the colon: the rest of its line.
    first_line: &'d str,
    /// The text of the lines below, with the line break before it.
    lines: &'d str,
    /// The column of the key.
    column: usize,
    /// Whether the text is valid in brackets.
    is_flow: bool,
}

impl<'d> MovedValue<'d> {
    /// Returns `None` for a value whose text depends on its place.
    fn of(trail: &Trail<'d, '_>) -> Option<Self> {
        let source = trail.source;
        let Step { node, key } = trail.last();
        let (key, at) = (key?, node.byte_span());
        let whole = ByteSpan::new(key.key_at.start, at.end);
        let (_, items) = source.items_around(whole.start);
        let own = || items.iter().take_while(|item| item.at().start < whole.end);
        let is_alias = |item: &Item<'_>| matches!(item.value, Value::Alias(_));
        let ends_with_block = own().any(|item| item.at().end == at.end && source.slice(item.at().start, at.end).starts_with(['|', '>']));
        if at.start == at.end || own().any(is_alias) || source.has_anchored(whole) || ends_with_block {
            return None;
        }
        let in_flow = source.is_flow(trail.step_back(2).node) || trail.steps.iter().rev().skip(1).any(|step| source.is_flow(step.node));
        let colon = source.colon(key)?;
        let (start, end) = if in_flow { (at.start, at.end) } else { (colon, source.line_end(at.end)) };
        if in_flow && !source.slice(colon, at.start).trim().is_empty() || !in_flow && !source.ends_line(at.end) {
            return None;
        }
        let text = source.slice(start, end);
        let break_at =
            text.find('\n').map_or(text.len(), |at| if text.get(..at).is_some_and(|line| line.ends_with('\r')) { at - 1 } else { at });
        let (first_line, lines) = text.split_at_checked(break_at)?;
        // Comments and empty lines are not removed with an entry.
        let is_kept = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if !lines.is_empty() && lines.split('\n').skip(1).any(is_kept) {
            return None;
        }
        let word = first_line.trim();
        let is_flow = lines.is_empty()
            && (is_flow_word(word) || word == source.slice(at.start, at.end) && word.starts_with(['"', '\'', '{', '[']))
            || in_flow;
        Some(MovedValue { source, first_line: first_line.trim(), lines, column: source.column(key.key_at.start), is_flow })
    }

    /// Returns the text of the value for a key that is indented by a number of spaces.
    fn at(&self, indentation: usize) -> Option<String> {
        let mut text = self.first_line.to_owned();
        let line_break = if self.lines.starts_with('\r') { "\r\n" } else { "\n" };
        for line in self.lines.split('\n').skip(1) {
            let content = line.trim_start_matches(' ');
            let further = (line.len() - content.len()).checked_sub(self.column)?;
            text.extend([line_break, &" ".repeat(indentation + further), content.trim_end_matches('\r')]);
        }
        Some(text)
    }

    /// Replaces the placeholder in the text of an inserted entry.
    fn insert(&self, text: &str, in_flow: bool) -> Option<String> {
        let (before, after) = text.split_once(PLACEHOLDER)?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        let value = self.at(line.len() - line.trim_start_matches(' ').len())?;
        if after.starts_with('"') {
            let is_json = serde_json::from_str::<serde_json::Value>(&value).is_ok();
            return is_json.then(|| Some([before.strip_suffix('"')?, &value, after.strip_prefix('"')?].concat()))?;
        }
        if in_flow && !self.is_flow {
            return None;
        }
        let before = if value.starts_with(['\r', '\n']) { before.trim_end_matches(' ') } else { before };
        Some([before, &value, after].concat())
    }

    /// Replaces the entry with one that has further keys before its own.
    fn nested(&self, trail: &Trail<'_, '_>, keys: &[&str]) -> Changes {
        let Step { node, key } = trail.last();
        let key_at = key?.key_at;
        let parent = trail.step_back(2).node;
        let in_flow = trail.steps.iter().rev().skip(1).any(|step| self.source.is_flow(step.node));
        let (last, parents) = keys.split_last()?;
        let mut text = String::new();
        let end = if in_flow {
            let quote = if self.source.slice(key_at.start, key_at.end).starts_with('"') { "\"" } else { "" };
            for key in parents {
                text.extend([quote, key, quote, ": {"]);
            }
            let value = self.source.slice(node.byte_span().start, node.byte_span().end);
            text.extend([quote, last, quote, ": ", value]);
            text.push_str(&"}".repeat(parents.len()));
            node.byte_span().end
        } else {
            let width = self.source.indentation(parent);
            let line_break = self.source.line_break(key_at.start);
            for (depth, key) in (1..).zip(parents) {
                text.extend([*key, ":", line_break, &" ".repeat(self.column + depth * width)]);
            }
            let value = self.at(self.column + parents.len() * width)?;
            let space = if value.starts_with(['\r', '\n']) { "" } else { " " };
            text.extend([*last, ":", space, &value]);
            self.source.line_end(node.byte_span().end)
        };
        Some(vec![Change::replace(key_at.start, end, text)])
    }
}
