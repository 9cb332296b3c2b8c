//! Changes of flows, the form of YAML that is made of brackets; and of JSON, which is that form.

use super::page::{Page, quoted_like};
use super::{Change, Changes, Entry, New, Step, Trail};
use crate::position::Stretch;
use crate::tree::{Kind, Member, Node};

/// How entries are laid out.
struct Layout<'d> {
    /// Whether keys and words stand in double quotes.
    quoted: bool,
    /// Whether a space follows colons and commas.
    spaced: bool,
    /// The indentation of an entry that stands on a line of its own.
    own_lines: Option<&'d str>,
    /// Where nested values are laid out over lines too: by how much further right.
    unit: Option<&'d str>,
    line_break: &'static str,
}

/// Adds an entry to a mapping in brackets, or puts one in the place of a null.
pub(super) fn insert(trail: &Trail<'_, '_>, entry: &Entry<'_>) -> Changes {
    let page = trail.page;
    let Step { node, key } = trail.last();
    let at = node.stretch();
    let is_null = matches!(node.kind(), Kind::Null);
    // `[a: 1]` holds a mapping without brackets of its own.
    if !is_null && !page.is_flow(node) {
        return None;
    }
    let inner = page.slice(at.start + 1, at.end.saturating_sub(1));
    if !is_null && !inner.trim().is_empty() {
        let members = node.members().iter().filter(|member| at.encloses(member.key_at));
        let layout = layout(trail, node, members.max_by_key(|member| member.key_at.start));
        // Nothing but a comment may be there.
        let last = page.inside(at).map(|item| item.end).max()?;
        return add(page, at, last, &layout, &layout.entry(entry, false));
    }
    // A nested mapping is laid out as the entry that it becomes the value of.
    let text = layout(trail, trail.step_back(2).node, key).entry(entry, true);
    if at.start < at.end {
        let is_tagged = is_null && page.is_tagged(key?, at);
        return (!is_tagged).then(|| vec![Change::replace(at.start, at.end, text)]);
    }
    let colon = page.colon(key?)?;
    page.slice(colon, at.start).trim().is_empty().then(|| vec![Change::insert(colon, format!(" {text}"))])
}

/// Appends a string to a sequence in brackets.
pub(super) fn append(trail: &Trail<'_, '_>, text: &str) -> Changes {
    let page = trail.page;
    let node = trail.last().node;
    let at = node.stretch();
    let Some(last) = node.elements().last().map(|last| last.stretch()) else {
        let inner_end = if page.is_blank(at.start + 1, at.end - 1) { at.end - 1 } else { at.start + 1 };
        return Some(vec![Change::replace(at.start + 1, inner_end, format!("\"{text}\""))]);
    };
    let mut layout = layout(trail, node, trail.last().key);
    layout.own_lines = page.begins_line(last.start).then(|| page.before(last.start));
    add(page, at, last.end, &layout, &quoted_like(text, page.slice(last.start, last.end)))
}

/// How the entries of a mapping are laid out, by one of them.
fn layout<'d>(trail: &Trail<'d, '_>, mapping: Node<'d>, entry: Option<&'d Member>) -> Layout<'d> {
    let page = trail.page;
    let quoted = trail.quotes_keys();
    let own_lines = entry.filter(|entry| page.begins_line(entry.key_at.start)).map(|entry| page.before(entry.key_at.start));
    let closing = mapping.stretch().end.saturating_sub(1);
    let unit = own_lines.filter(|_| quoted && page.is_flow(mapping)).map(|own_lines| {
        let around = if page.begins_line(closing) { page.before(closing) } else { "" };
        own_lines.strip_prefix(around).filter(|unit| !unit.is_empty()).unwrap_or("  ")
    });
    // Only JSON can do without spaces.
    let dense = quoted && entry.and_then(|entry| page.colon(entry)).is_some_and(|colon| page.is_text(colon));
    Layout { quoted, spaced: !dense, own_lines, unit, line_break: page.line_break(mapping.stretch().start) }
}

impl Layout<'_> {
    /// The text of an entry, and of what is nested in it; or of a mapping of that entry.
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
            New::Bool(value) => text.push_str(if value { "true" } else { "false" }),
            New::Text(value) => text.extend([quote, value, quote]),
            New::List(value) => {
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

    /// Begins a line, if nested values are laid out over lines.
    fn go_to(&self, depth: usize, text: &mut String) {
        if let (Some(own_lines), Some(unit)) = (self.own_lines, self.unit) {
            text.extend([self.line_break, own_lines, &unit.repeat(depth)]);
        }
    }
}

/// Puts a text behind the last of what stands in brackets, with the commas and the line that it needs.
fn add(page: Page<'_>, brackets: Stretch, last: usize, layout: &Layout<'_>, text: &str) -> Changes {
    let closing = brackets.end - 1;
    let comma = comma_behind(page, last, closing);
    // A comma right behind a tag would be part of it.
    let word = page.slice(brackets.start + 1, last).rsplit(char::is_whitespace).next().unwrap_or_default();
    if word.trim_start_matches(['[', '{', ',']).starts_with('!') && !word.ends_with(['"', '\'']) {
        return None;
    }
    let behind = comma.map_or(last, |comma| comma + 1);
    let needed = if comma.is_none() { "," } else { "" };
    let Some(own_lines) = layout.own_lines else {
        let space = if layout.spaced { " " } else { "" };
        return Some(vec![Change::insert(behind, [needed, space, text].concat())]);
    };
    // An author who ends every line with a comma gets one here too.
    let line = [layout.line_break, own_lines, text, if comma.is_some() { "," } else { "" }].concat();
    let line_end = page.line_end(behind);
    if !page.ends_line(behind) || page.is_blank(behind, line_end) {
        return Some(vec![Change::insert(behind, needed.to_owned() + &line)]);
    }
    Some(vec![Change::insert(behind, needed.to_owned()), Change::insert(line_end, line)])
}

/// The comma between two places, if there is one outside of comments.
pub(super) fn comma_behind(page: Page<'_>, start: usize, end: usize) -> Option<usize> {
    uncommented(page.slice(start, end)).find(|(_, byte)| *byte == b',').map(|(comma, _)| start + comma)
}

/// Whether nothing but white space, commas and comments stands there: no tag and no anchor.
pub(super) fn is_bare(page: Page<'_>, start: usize, end: usize) -> bool {
    uncommented(page.slice(start, end)).all(|(_, byte)| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b','))
}

/// The bytes that belong to no comment, each with its place.
fn uncommented(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut in_comment = false;
    text.bytes().enumerate().filter(move |(_, byte)| {
        in_comment = *byte != b'\n' && (in_comment || *byte == b'#');
        !in_comment
    })
}
