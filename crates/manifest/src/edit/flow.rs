//! Edits of flow collections, which include JSON.

use super::source_text::{SourceText, quoted_like};
use super::{Change, Changes, Entry, NewValue, Step, Trail};
use crate::position::ByteSpan;
use crate::tree::{Kind, Member, Node};

/// The layout of entries.
struct Layout<'d> {
    /// Whether keys and words are in double quotes.
    quoted: bool,
    /// Whether a space follows colons and commas.
    spaced: bool,
    /// The indentation of entries on their own lines.
    own_lines: Option<&'d str>,
    /// The additional indentation of nested values, if they are on their own lines too.
    unit: Option<&'d str>,
    line_break: &'static str,
}

/// Inserts an entry into a flow mapping, or replaces a null with one.
pub(super) fn insert(trail: &Trail<'_, '_>, entry: &Entry<'_>) -> Changes {
    let source = trail.source;
    let Step { node, key } = trail.last();
    let at = node.byte_span();
    let is_null = matches!(node.kind(), Kind::Null);
    // `[a: 1]` contains a mapping without its own brackets.
    if !is_null && !source.is_flow(node) {
        return None;
    }
    let inner = source.slice(at.start + 1, at.end.saturating_sub(1));
    if !is_null && !inner.trim().is_empty() {
        let mut last_member: Option<Member<'_>> = None;
        for member in node.members() {
            if at.encloses(member.key_at) && last_member.is_none_or(|last| last.key_at.start <= member.key_at.start) {
                last_member = Some(member);
            }
        }
        let layout = layout(trail, node, last_member);
        // Brackets with only a comment have no last value.
        let last = source.inside(at).iter().map(|item| item.end).max()?;
        return add(source, at, last, &layout, &layout.entry(entry, false));
    }
    // A nested mapping has the layout of its parent.
    let text = layout(trail, trail.step_back(2).node, key).entry(entry, true);
    if at.start < at.end {
        let is_tagged = is_null && source.is_tagged(key?, at);
        return (!is_tagged).then(|| vec![Change::replace(at.start, at.end, text)]);
    }
    let colon = source.colon(key?)?;
    source.slice(colon, at.start).trim().is_empty().then(|| vec![Change::insert(colon, format!(" {text}"))])
}

/// Appends a string to a flow sequence.
pub(super) fn append(trail: &Trail<'_, '_>, text: &str) -> Changes {
    let source = trail.source;
    let node = trail.last().node;
    let at = node.byte_span();
    let Some(last) = node.elements().last().map(|last| last.byte_span()) else {
        let inner_end = if source.is_blank(at.start + 1, at.end - 1) { at.end - 1 } else { at.start + 1 };
        return Some(vec![Change::replace(at.start + 1, inner_end, format!("\"{text}\""))]);
    };
    let mut layout = layout(trail, node, trail.last().key);
    layout.own_lines = source.begins_line(last.start).then(|| source.before(last.start));
    add(source, at, last.end, &layout, &quoted_like(text, source.slice(last.start, last.end)))
}

/// Returns the layout of the entries of a mapping from one of them.
fn layout<'d>(trail: &Trail<'d, '_>, mapping: Node<'d>, entry: Option<Member<'d>>) -> Layout<'d> {
    let source = trail.source;
    let quoted = trail.quotes_keys();
    let own_lines = entry.filter(|entry| source.begins_line(entry.key_at.start)).map(|entry| source.before(entry.key_at.start));
    let closing = mapping.byte_span().end.saturating_sub(1);
    let unit = own_lines.filter(|_| quoted && source.is_flow(mapping)).map(|own_lines| {
        let around = if source.begins_line(closing) { source.before(closing) } else { "" };
        own_lines.strip_prefix(around).filter(|unit| !unit.is_empty()).unwrap_or("  ")
    });
    // Only JSON allows no space after a colon.
    let dense = quoted && entry.and_then(|entry| source.colon(entry)).is_some_and(|colon| source.is_text(colon));
    Layout { quoted, spaced: !dense, own_lines, unit, line_break: source.line_break(mapping.byte_span().start) }
}

impl Layout<'_> {
    /// Returns the text of an entry with its nested values, or of a mapping with that entry.
    fn entry(&self, entry: &Entry<'_>, in_brackets: bool) -> String {
        let mut text = String::new();
        let quote = if self.quoted { "\"" } else { "" };
        let colon = if self.spaced { ": " } else { ":" };
        let mut depth = 0;
        for (index, key) in entry.keys.iter().enumerate() {
            if index > 0 || in_brackets {
                text.push('{');
                depth += 1;
                self.go_to(depth, &mut text);
            }
            text.extend([quote, key, quote, colon]);
        }
        match entry.value {
            NewValue::Bool(value) => text.push_str(if value { "true" } else { "false" }),
            NewValue::Text(value) => text.extend([quote, value, quote]),
            NewValue::Flow(value) => text.push_str(value),
            NewValue::List(value) => {
                text.push('[');
                self.go_to(depth + 1, &mut text);
                text.extend(["\"", value, "\""]);
                self.go_to(depth, &mut text);
                text.push(']');
            }
        }
        for depth in (0..depth).rev() {
            self.go_to(depth, &mut text);
            text.push('}');
        }
        text
    }

    /// Begins a line, if nested values are on their own lines.
    fn go_to(&self, depth: usize, text: &mut String) {
        if let (Some(own_lines), Some(unit)) = (self.own_lines, self.unit) {
            text.extend([self.line_break, own_lines, &unit.repeat(depth)]);
        }
    }
}

/// Inserts a text after the last value in brackets, with the commas and line breaks that it needs.
fn add(source: SourceText<'_>, brackets: ByteSpan, last: usize, layout: &Layout<'_>, text: &str) -> Changes {
    let closing = brackets.end - 1;
    let comma = comma_after(source, last, closing);
    // A comma after a tag would be part of the tag.
    let word = source.slice(brackets.start + 1, last).rsplit(char::is_whitespace).next().unwrap_or_default();
    if word.trim_start_matches(['[', '{', ',']).starts_with('!') && !word.ends_with(['"', '\'']) {
        return None;
    }
    let after = comma.map_or(last, |comma| comma + 1);
    let needed = if comma.is_none() { "," } else { "" };
    let Some(own_lines) = layout.own_lines else {
        let space = if layout.spaced { " " } else { "" };
        return Some(vec![Change::insert(after, [needed, space, text].concat())]);
    };
    // If the last line ends with a comma, the new one does too.
    let line = [layout.line_break, own_lines, text, if comma.is_some() { "," } else { "" }].concat();
    let line_end = source.line_end(after);
    if !source.ends_line(after) || source.is_blank(after, line_end) {
        return Some(vec![Change::insert(after, needed.to_owned() + &line)]);
    }
    Some(vec![Change::insert(after, needed.to_owned()), Change::insert(line_end, line)])
}

/// Returns the offset of the first comma between two offsets, outside of comments.
pub(super) fn comma_after(source: SourceText<'_>, start: usize, end: usize) -> Option<usize> {
    uncommented(source.slice(start, end)).find(|(_, byte)| *byte == b',').map(|(comma, _)| start + comma)
}

/// Returns whether the text between two offsets has only whitespace, commas and comments, but no tag or anchor.
pub(super) fn is_bare(source: SourceText<'_>, start: usize, end: usize) -> bool {
    uncommented(source.slice(start, end)).all(|(_, byte)| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b','))
}

/// Returns the bytes outside of comments with their offsets.
fn uncommented(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut in_comment = false;
    text.bytes().enumerate().filter(move |(_, byte)| {
        in_comment = *byte != b'\n' && (in_comment || *byte == b'#');
        !in_comment
    })
}
