//! Removal of an entry or an element with its lines or its comma.

use super::flow::{comma_after, is_bare};
use super::source_text::SourceText;
use super::{Change, Changes, Step, Trail};
use crate::position::ByteSpan;
use crate::tree::{Item, Kind, Node, Value};

/// Removes the last step of a trail, and the steps before it that contain nothing else, except the first `kept` steps.
pub(super) fn remove(trail: &Trail<'_, '_>, kept: usize) -> Changes {
    let source = trail.source;
    let mut count = trail.steps.len();
    let target = loop {
        let target = *trail.steps.get(count.checked_sub(1)?)?;
        let parent = trail.steps.get(count.checked_sub(2)?)?;
        let is_only_child = children(parent) == 1;
        let (inner, own) = (parent.node.byte_span(), whole(target));
        let is_flow = source.is_flow(parent.node);
        let above = source.slice(parent.key.map_or(inner.start, |key| key.key_at.end), first_line(source, *parent, target));
        let below = source.slice(own.end, inner.end);
        // Comments that do not belong to the target are kept. Removing brackets would remove the comments in them.
        let is_commented = has_comment_line(above)
            || is_flow && (has_comment_line(below) || matches!(parent.node.kind(), Kind::Mapping) && above.contains('#'));
        if count - 1 <= kept || !is_only_child {
            break target;
        }
        if is_commented {
            // An empty element remains an element of its list, unlike an empty field.
            parent.key?;
            break target;
        }
        count -= 1;
    };
    let parent = *trail.steps.get(count.checked_sub(2)?)?;
    let whole = whole(target);
    // Removing the entry would restore a duplicate, or remove the anchor of an alias.
    let is_needed =
        target.key.is_some_and(|key| source.tree.source_info.replacing.contains(&key.key_at.start)) || source.has_anchored(whole);
    if count <= kept || is_needed {
        return None;
    }
    let in_flow = trail.steps.iter().take(count - 1).any(|step| source.is_flow(step.node));
    match (in_flow, children(&parent)) {
        // `[a: 1]` contains a mapping without its own brackets.
        (true, _) if !source.is_flow(parent.node) => None,
        (true, _) => from_flow(source, parent, target),
        (false, 1) => last_from_block(source, parent, target),
        (false, _) => from_block(source, parent, target),
    }
}

/// Returns the start of the first line of an entry or an element: that of the comments directly above it that describe it alone, or
/// otherwise that of its own line.
fn first_line(source: SourceText<'_>, parent: Step<'_>, target: Step<'_>) -> usize {
    let whole = whole(target);
    let own_line = source.line_start(whole.start);
    // The first entry after a dash has the comments of its element.
    let is_first = is_first_on_line(source, target) || source.is_flow(parent.node) && source.begins_line(whole.start);
    if !is_first {
        return own_line;
    }
    let comments = source.comments_above(whole.start);
    let next = source.next_line(whole.end);
    let line_of_next = ByteSpan::new(next, source.line_end(next));
    let mut siblings = parent.node.members().map(|member| member.key_at).chain(parent.node.elements().map(Node::byte_span));
    let ends_group = !siblings.any(|sibling| line_of_next.encloses(ByteSpan::at(sibling.start)));
    let is_later_entry = parent.node.members().any(|member| member.key_at.start < whole.start);
    // A comment above several siblings describes them all, unless it has the name of this one only.
    let words_of_comments = source.slice(comments, own_line).split(|c: char| !c.is_alphanumeric() && c != '_');
    let is_named = |line| words_of_comments.clone().any(|word| word == first_word(source, line));
    let describes_target = ends_group || target.key.is_some() && is_later_entry || is_named(own_line) && !is_named(next);
    if describes_target { comments } else { own_line }
}

/// Returns whether an entry, or an element with its dash, is the first on its line.
fn is_first_on_line(source: SourceText<'_>, target: Step<'_>) -> bool {
    let before = source.before(whole(target).start).trim_end_matches([' ', '\t']);
    let indentation = if target.key.is_none() { before.strip_suffix('-') } else { Some(before) };
    indentation.is_some_and(|indentation| indentation.bytes().all(|byte| matches!(byte, b' ' | b'\t')))
}

/// Returns the key or the first word of a line, without quotes.
fn first_word(source: SourceText<'_>, line: usize) -> &str {
    let text = source.slice(line, source.line_end(line)).trim_start_matches([' ', '\t', '-', '"', '\'']);
    text.split([' ', '\t', ':', '"', '\'', ',']).next().unwrap_or_default()
}

/// Returns whether a line of a text consists of a comment. The text starts within its first line.
fn has_comment_line(text: &str) -> bool {
    text.lines().skip(1).any(|line| line.trim_start().starts_with('#'))
}

fn children(step: &Step<'_>) -> usize {
    step.node.members().len() + step.node.elements().len()
}

/// Returns the span of an entry with its key, or of an element.
fn whole(step: Step<'_>) -> ByteSpan {
    let at = step.node.byte_span();
    ByteSpan::new(step.key.map_or(at.start, |key| key.key_at.start), at.end)
}

/// Removes the lines of an entry or an element from a block, with the comments that belong to it.
fn from_block(source: SourceText<'_>, parent: Step<'_>, target: Step<'_>) -> Changes {
    let (is_element, whole) = (target.key.is_none(), whole(target));
    let (_, items) = source.items_around(whole.start);
    let multi_line = items.iter().take_while(|item| item.at().start < whole.end).any(|item| {
        let is_scalar = !matches!(item.value, Value::Sequence(_) | Value::Mapping(_));
        is_scalar && whole.encloses(item.at()) && source.slice(item.at().start, item.at().end).contains('\n')
    });
    if multi_line || !source.ends_line(whole.end) {
        return None;
    }
    if is_first_on_line(source, target) {
        let lines = Lines::of(source, parent, target);
        return (!extends_block_scalar(source, lines)).then(|| lines.removal(source));
    }
    // The first entry after a dash is replaced by the next one. Lines of comments between the two would be lost.
    let before = source.before(whole.start);
    let is_after_dash = before.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'-')) && before.ends_with([' ', '\t']);
    let next_line = source.next_line(whole.end);
    let mut next = None;
    for member in parent.node.members() {
        let start = member.key_at.start;
        if start >= next_line && next.is_none_or(|next| start < next) {
            next = Some(start);
        }
    }
    let next = next?;
    let is_commented = has_comment_line(source.slice(whole.start, next));
    let is_in_parent = parent.node.byte_span().encloses(ByteSpan::at(next));
    (is_after_dash && !is_element && !is_commented && is_in_parent && source.is_blank(next_line, next))
        .then(|| vec![Change::replace(whole.start, next, String::new())])
}

/// The lines of an entry or an element, with the comments that belong to it.
#[derive(Clone, Copy)]
struct Lines {
    start: usize,
    end: usize,
    /// The indentation of the entry. Comments between its lines that are indented less do not belong to it.
    column: usize,
}

impl Lines {
    fn of(source: SourceText<'_>, parent: Step<'_>, target: Step<'_>) -> Self {
        let whole = whole(target);
        let before = source.before(whole.start);
        let column = before.len() - before.trim_start_matches([' ', '\t']).len();
        Lines { start: first_line(source, parent, target), end: source.next_line(whole.end), column }
    }

    fn keeps(self, source: SourceText<'_>, line: usize) -> bool {
        line >= self.end || source.comment(line).is_some_and(|comment| comment < self.column)
    }

    /// Removes the lines that belong to the entry.
    fn removal(self, source: SourceText<'_>) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        let mut at = self.start;
        while at < self.end {
            let next = source.next_line(at);
            match changes.last_mut().filter(|last| last.at.end == at) {
                _ if self.keeps(source, at) => {}
                Some(last) => last.at.end = next,
                None => changes.push(Change::replace(at, next, String::new())),
            }
            at = next;
        }
        changes
    }
}

/// Returns whether comments or empty lines would become part of a block scalar directly before the removed lines.
fn extends_block_scalar(source: SourceText<'_>, removed: Lines) -> bool {
    let start = removed.start;
    let mut scalar = None;
    let (items, _) = source.items_around(start);
    // Collections begin before their items, and may end after the removed lines.
    for at in items.iter().rev().map(Item::at).filter(|at| at.end <= start) {
        if !source.slice(at.end, start).trim().is_empty() {
            break;
        }
        let text = source.slice(at.start, at.end);
        if text.starts_with(['|', '>']) {
            scalar = Some(text);
            break;
        }
    }
    let Some((header, content)) = scalar.and_then(|text| text.split_once('\n')) else { return false };
    let indentations = content.lines().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start_matches(' ').len());
    let has_indicator = header.contains(|c: char| c.is_ascii_digit());
    let indentation = if has_indicator { 0 } else { indentations.min().unwrap_or(0) };
    let mut at = start;
    loop {
        let (line_end, next) = (source.line_end(at), source.next_line(at));
        if !removed.keeps(source, at) {
            // It is removed.
        } else if let Some(comment) = source.comment(at) {
            // One that is indented less ends the scalar.
            return comment >= indentation;
        } else if source.is_blank(at, line_end) {
            if header.contains('+') || line_end > at {
                return true;
            }
        } else {
            return false;
        }
        if next <= at {
            return false;
        }
        at = next;
    }
}

/// Removes the only entry of a block that is kept, and replaces the block with empty brackets.
fn last_from_block(source: SourceText<'_>, parent: Step<'_>, target: Step<'_>) -> Changes {
    let empty = if matches!(parent.node.kind(), Kind::Sequence) { " []" } else { " {}" };
    let colon = source.colon(parent.key?)?;
    let after = source.slice(colon, source.line_end(colon)).trim_start_matches([' ', '\t']);
    let anchor = after.split([' ', '\t']).next().filter(|anchor| anchor.starts_with('&'));
    let place = anchor.map_or(colon, |anchor| source.line_end(colon) - after.len() + anchor.len());
    let whole = whole(target);
    let is_simple = source.ends_line(place) && is_first_on_line(source, target) && source.ends_line(whole.end);
    let mut changes = vec![Change::insert(place, empty.to_owned())];
    changes.extend(Lines::of(source, parent, target).removal(source));
    is_simple.then_some(changes)
}

/// Removes an entry or an element and its comma from brackets.
fn from_flow(source: SourceText<'_>, parent: Step<'_>, target: Step<'_>) -> Changes {
    let (brackets, whole) = (parent.node.byte_span(), whole(target));
    // The element consists of an anchor or a tag only, which precede its span.
    if whole.start == whole.end {
        return None;
    }
    let closing = brackets.end.checked_sub(1)?;
    let inside = source.inside(brackets);
    let previous_end = inside.iter().map(|item| item.end).filter(|end| *end <= whole.start).max();
    let next_start = inside.iter().map(|item| item.start).filter(|start| *start >= whole.end).min();
    let gap_start = previous_end.unwrap_or(brackets.start + 1);
    let gap = source.slice(gap_start, whole.start);
    let comma = comma_after(source, whole.end, next_start.unwrap_or(closing));
    if !is_bare(source, gap_start, whole.start) || !is_bare(source, whole.end, comma.unwrap_or(closing)) {
        return None;
    }
    let after = comma.map_or(whole.end, |comma| comma + 1);
    let has_own_line = source.begins_line(whole.start) && source.ends_line(after) && source.line_end(after) < closing;
    let own_line = || vec![Change::replace(first_line(source, parent, target), source.next_line(after), String::new())];
    if comma.is_some() {
        if has_own_line {
            return Some(own_line());
        }
        let rest = source.slice(after, closing);
        let end = after + rest.len() - rest.trim_start().len();
        return Some(vec![Change::replace(whole.start, end, String::new())]);
    }
    // Without the comma after it, a colon is no longer part of its word.
    if previous_end.is_some_and(|end| source.slice(brackets.start, end).ends_with(':')) {
        return None;
    }
    match (previous_end, gap.contains('#')) {
        (Some(previous_end), false) => Some(vec![Change::replace(previous_end, whole.end, String::new())]),
        (Some(_), true) if has_own_line => Some(own_line()),
        (Some(_), true) => None,
        (None, _) => Some(vec![Change::replace(whole.start, whole.end, String::new())]),
    }
}
