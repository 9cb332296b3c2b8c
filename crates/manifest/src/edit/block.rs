//! Edits of block collections.

use super::source_text::{SourceText, quoted_like};
use super::{Change, Changes, Entry, NewValue, Trail};
use crate::position::ByteSpan;
use crate::tree::{Item, Kind, Member, Node};

/// Inserts an entry into a mapping before one of the entries in `before`, or as the last.
pub(super) fn insert(source: SourceText<'_>, mapping: Node<'_>, entry: &Entry<'_>, before: &[&str]) -> Changes {
    let at = mapping.byte_span();
    let column = source.column(at.start);
    let lines = |line_break: &str| lines(source, mapping, entry, column, line_break);
    if let Some(place) = offset_before(source, mapping, before) {
        let line_break = source.line_break(place);
        return Some(vec![Change::insert(place, lines(line_break) + line_break)]);
    }
    let place = offset_after(source, at, column)?;
    let line_break = source.line_break(place);
    Some(vec![Change::insert(place, line_break.to_owned() + &lines(line_break))])
}

/// Sets the value of a key to a mapping if its value is empty, `~` or `{}`.
pub(super) fn fill(trail: &Trail<'_, '_>, key: Member<'_>, entry: &Entry<'_>) -> Changes {
    let source = trail.source;
    let node = trail.last().node;
    let at = node.byte_span();
    let old_text = source.slice(at.start, at.end);
    let is_empty = matches!(node.kind(), Kind::Null) || old_text.strip_prefix('{')?.strip_suffix('}')?.trim().is_empty();
    let colon = source.colon(key)?;
    let is_on_own_line = source.slice(colon, at.start).trim().is_empty() && !old_text.contains('\n') && source.ends_line(at.end);
    if !is_empty || !is_on_own_line {
        return None;
    }
    let parent = trail.step_back(2).node;
    let place = source.line_end(at.end);
    let line_break = source.line_break(place);
    if !source.is_blank(colon, at.start) {
        // The value is on its own line, as in the output of Helm.
        let text = || lines(source, node, entry, source.column(at.start), line_break);
        return source.is_blank(at.end, place).then(|| vec![Change::replace(source.line_start(at.start), at.end, text())]);
    }
    let column = source.column(parent.byte_span().start) + source.indentation(parent);
    let inserted = line_break.to_owned() + &lines(source, node, entry, column, line_break);
    if source.is_blank(at.end, place) {
        return Some(vec![Change::replace(colon, place, inserted)]);
    }
    Some(vec![Change::replace(colon, at.end, String::new()), Change::insert(place, inserted)])
}

/// Appends a string to a sequence.
pub(super) fn append(source: SourceText<'_>, sequence: Node<'_>, text: &str) -> Changes {
    let at = sequence.byte_span();
    let column = source.column(at.start);
    // A comment in the column of the dashes may belong to the next key.
    let place = offset_after(source, at, column + 1)?;
    let last = sequence.elements().last().map_or("", |last| source.slice(last.byte_span().start, last.byte_span().end));
    let element = format!("{}{}- {}", source.line_break(place), " ".repeat(column), quoted_like(text, last));
    Some(vec![Change::insert(place, element)])
}

/// Returns the offset at which a line can be inserted after a block and the comments after it that are indented to at least
/// `column`.
fn offset_after(source: SourceText<'_>, block: ByteSpan, column: usize) -> Option<usize> {
    // The inserted line would be part of a block scalar that keeps its final empty lines.
    let is_free = || {
        let next = source.next_line(block.end);
        let is_kept = |item: &Item| {
            let header = source.slice(item.at().start, source.line_end(item.at().start));
            item.at().end == block.end && header.starts_with(['|', '>']) && header.contains('+')
        };
        let is_last = next == source.next_line(next);
        is_last || !source.is_blank(next, source.line_end(next)) || !source.tree.items.iter().any(is_kept)
    };
    (source.ends_line(block.end) && is_free()).then(|| source.after_comments(block.end, column))
}

/// Returns the start of the line of the first entry in `before`, or of the comments directly above it.
fn offset_before(source: SourceText<'_>, mapping: Node<'_>, before: &[&str]) -> Option<usize> {
    let at = mapping.byte_span();
    let mut first = None;
    for member in mapping.members() {
        let start = member.key_at.start;
        if before.contains(&member.key) && at.encloses(member.key_at) && first.is_none_or(|first| start < first) {
            first = Some(start);
        }
    }
    let key = first?;
    source.begins_line(key).then(|| source.comments_above(key))
}

/// Returns an entry as lines, without the final line break.
fn lines(source: SourceText<'_>, mapping: Node<'_>, entry: &Entry<'_>, column: usize, line_break: &str) -> String {
    let width = source.indentation(mapping);
    let mut text = String::new();
    let mut indentation = column;
    for (depth, key) in entry.keys.iter().enumerate() {
        if depth > 0 {
            text.push_str(line_break);
        }
        indentation = column + depth * width;
        text.extend([&" ".repeat(indentation), *key, ":"]);
    }
    match entry.value {
        NewValue::Bool(value) => text.push_str(if value { " true" } else { " false" }),
        NewValue::Text(value) | NewValue::Flow(value) => text.extend([" ", value]),
        NewValue::List(value) => match sibling_list(source, mapping).filter(|_| entry.keys.len() == 1) {
            Some((indentation_of_list, first)) => {
                text.extend([line_break, &" ".repeat(indentation + indentation_of_list), "- ", &quoted_like(value, first)]);
            }
            None => text.extend([" [\"", value, "\"]"]),
        },
    }
    text
}

/// Returns the layout of a block list in the same mapping: its indentation relative to its key, and the text of its first element.
fn sibling_list<'d>(source: SourceText<'d>, mapping: Node<'d>) -> Option<(usize, &'d str)> {
    for member in mapping.members() {
        let at = member.value.byte_span();
        let is_block = source.slice(at.start, at.end).starts_with('-') && mapping.byte_span().encloses(at) && !member.value.is_alias();
        let further = source.column(at.start).checked_sub(source.column(member.key_at.start));
        if let (true, Some(first), Some(further)) = (is_block, member.value.element(0), further) {
            return Some((further, source.slice(first.byte_span().start, first.byte_span().end)));
        }
    }
    None
}
