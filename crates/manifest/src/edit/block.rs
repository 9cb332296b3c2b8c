//! Changes of blocks, the form of YAML that is made of lines.

use super::page::{Page, quoted_like};
use super::{Change, Changes, Entry, New, Trail};
use crate::position::Stretch;
use crate::tree::{Item, Kind, Member, Node, Value};

/// Adds an entry to a mapping: before one of those that are named, else as the last.
pub(super) fn insert(page: Page<'_>, mapping: Node<'_>, entry: &Entry<'_>, before: &[&str]) -> Changes {
    let at = mapping.stretch();
    let column = page.column(at.start);
    let lines = |line_break: &str| lines(page, mapping, entry, column, line_break);
    if let Some(place) = place_before(page, mapping, before) {
        let line_break = page.line_break(place);
        return Some(vec![Change::insert(place, lines(line_break) + line_break)]);
    }
    let place = behind(page, at, column)?;
    let line_break = page.line_break(place);
    Some(vec![Change::insert(place, line_break.to_owned() + &lines(line_break))])
}

/// Gives a mapping to a key that has nothing, `~` or `{}`.
pub(super) fn fill(trail: &Trail<'_, '_>, key: &Member, entry: &Entry<'_>) -> Changes {
    let page = trail.page;
    let node = trail.last().node;
    let at = node.stretch();
    let written = page.slice(at.start, at.end);
    let is_empty = matches!(node.kind(), Kind::Null) || written.strip_prefix('{')?.strip_suffix('}')?.trim().is_empty();
    let colon = page.colon(key)?;
    let is_alone = page.slice(colon, at.start).trim().is_empty() && !written.contains('\n') && page.ends_line(at.end);
    if !is_empty || !is_alone {
        return None;
    }
    let parent = trail.step_back(2).node;
    let place = page.line_end(at.end);
    let line_break = page.line_break(place);
    if !page.is_blank(colon, at.start) {
        // On a line of its own, as Helm writes it.
        let text = || lines(page, node, entry, page.column(at.start), line_break);
        return page.is_blank(at.end, place).then(|| vec![Change::replace(page.line_start(at.start), at.end, text())]);
    }
    let column = page.column(parent.stretch().start) + page.indentation(parent);
    let inserted = line_break.to_owned() + &lines(page, node, entry, column, line_break);
    if page.is_blank(at.end, place) {
        return Some(vec![Change::replace(colon, place, inserted)]);
    }
    Some(vec![Change::replace(colon, at.end, String::new()), Change::insert(place, inserted)])
}

/// Appends a string to a sequence.
pub(super) fn append(page: Page<'_>, sequence: Node<'_>, text: &str) -> Changes {
    let at = sequence.stretch();
    let column = page.column(at.start);
    // A comment in the column of the dashes may belong to the next key as well.
    let place = behind(page, at, column + 1)?;
    let last = sequence.elements().last().map_or("", |last| page.slice(last.stretch().start, last.stretch().end));
    let element = format!("{}{}- {}", page.line_break(place), " ".repeat(column), quoted_like(text, last));
    Some(vec![Change::insert(place, element)])
}

/// Where a line that follows a block can be inserted: behind the last of its own, and behind comments
/// that stand as far to the right as `column`.
fn behind(page: Page<'_>, block: Stretch, column: usize) -> Option<usize> {
    // The empty lines behind a text that keeps them would follow what is inserted.
    let is_free = || {
        let next = page.next_line(block.end);
        let is_kept = |item: &Item| {
            let header = page.slice(item.at.start, page.line_end(item.at.start));
            item.at.end == block.end && header.starts_with(['|', '>']) && header.contains('+')
        };
        let is_last = next == page.next_line(next);
        is_last || !page.is_blank(next, page.line_end(next)) || !page.tree.items.iter().any(is_kept)
    };
    (page.ends_line(block.end) && is_free()).then(|| page.behind_comments(block.end, column))
}

/// The start of the line of the first entry that is named, or of the comments right above it.
fn place_before(page: Page<'_>, mapping: Node<'_>, before: &[&str]) -> Option<usize> {
    let at = mapping.stretch();
    let named = mapping.members().iter().filter(|member| before.contains(&member.key.as_str()) && at.encloses(member.key_at));
    let key = named.map(|member| member.key_at.start).min()?;
    let column = page.column(key);
    let mut place = page.line_start(key);
    if !page.begins_line(key) {
        return None;
    }
    // Above the last line of what stands before there can be no comment: it may be text.
    let is_below_text = |line| page.tree.items.iter().all(|item| item.at.end <= line || item.at.end > key);
    while let Some(above) = place.checked_sub(1).map(|end| page.line_start(end))
        && page.comment(above) == Some(column)
        && is_below_text(above)
    {
        place = above;
    }
    Some(place)
}

/// An entry in lines of its own, the last without its end.
fn lines(page: Page<'_>, mapping: Node<'_>, entry: &Entry<'_>, column: usize, line_break: &str) -> String {
    let width = page.indentation(mapping);
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
        New::Bool(value) => text.push_str(if value { " true" } else { " false" }),
        New::Text(value) => text.extend([" ", value]),
        New::List(value) => match sibling_list(page, mapping).filter(|_| entry.keys.len() == 1) {
            Some((further, like)) => {
                text.extend([line_break, &" ".repeat(indentation + further), "- ", &quoted_like(value, like)]);
            }
            None => text.extend([" [\"", value, "\"]"]),
        },
    }
    text
}

/// How a list beside the new one is laid out, if it is a block: how much further right than its key,
/// and its first element.
fn sibling_list<'d>(page: Page<'d>, mapping: Node<'d>) -> Option<(usize, &'d str)> {
    mapping.members().iter().find_map(|member| {
        let Item { value: Value::Sequence(elements), at } = page.tree.items.get(member.value)? else { return None };
        let first = page.tree.items.get(*elements.first()?)?.at;
        let is_block = page.slice(at.start, at.end).starts_with('-') && mapping.stretch().encloses(*at);
        let further = page.column(at.start).checked_sub(page.column(member.key_at.start))?;
        is_block.then(|| (further, page.slice(first.start, first.end)))
    })
}
