//! Taking away an entry or an element, with its lines or its comma.

use super::flow::{comma_behind, is_bare};
use super::page::Page;
use super::{Change, Changes, Step, Trail};
use crate::position::Stretch;
use crate::tree::{Kind, Value};

/// Removes the last step of a trail, and those before it that hold nothing else; the first `kept` ones
/// stay.
pub(super) fn remove(trail: &Trail<'_, '_>, kept: usize) -> Changes {
    let page = trail.page;
    let mut count = trail.steps.len();
    let target = loop {
        let target = *trail.steps.get(count.checked_sub(1)?)?;
        let around = trail.steps.get(count.checked_sub(2)?)?;
        let is_alone = children(around) == 1;
        let (inner, own) = (around.node.stretch(), whole(target));
        let above = page.slice(around.key.map_or(inner.start, |key| key.key_at.end), own.start);
        let below = page.slice(own.end, inner.end);
        let is_sequence = matches!(around.node.kind(), Kind::Sequence);
        // From a block the lines go that are no comments, but brackets go with all that is inside.
        let is_commented =
            !is_sequence && above.contains('#') || page.is_flow(around.node) && [above, below].into_iter().any(has_comment_line);
        if count - 1 <= kept || !is_alone || is_commented {
            break target;
        }
        count -= 1;
    };
    let around = *trail.steps.get(count.checked_sub(2)?)?;
    let whole = whole(target);
    // Another entry would come to light, or an alias would lose what it stands for.
    let is_needed = target.key.is_some_and(|key| page.tree.writing.replacing.contains(&key.key_at.start)) || page.has_repeated(whole);
    if count <= kept || is_needed {
        return None;
    }
    let in_flow = trail.steps.iter().take(count - 1).any(|step| page.is_flow(step.node));
    match (in_flow, children(&around)) {
        // `[a: 1]` holds a mapping without brackets of its own.
        (true, _) if !page.is_flow(around.node) => None,
        (true, _) => from_flow(page, around.node.stretch(), whole),
        (false, 1) => last_from_block(page, around, whole),
        (false, _) => from_block(page, around, target.key.is_none(), whole),
    }
}

/// Whether a comment stands there on a line of its own. The first line has begun before.
fn has_comment_line(text: &str) -> bool {
    text.lines().skip(1).any(|line| line.trim_start().starts_with('#'))
}

fn children(step: &Step<'_>) -> usize {
    step.node.members().len() + step.node.elements().len()
}

/// An entry with its key, or an element.
fn whole(step: Step<'_>) -> Stretch {
    let at = step.node.stretch();
    Stretch::new(step.key.map_or(at.start, |key| key.key_at.start), at.end)
}

/// Takes the lines of an entry or an element out of a block. Lines that are comments stay.
fn from_block(page: Page<'_>, around: Step<'_>, is_element: bool, whole: Stretch) -> Changes {
    let multi_line = page.tree.items.iter().any(|item| {
        let is_scalar = !matches!(item.value, Value::Sequence(_) | Value::Mapping(_));
        is_scalar && whole.encloses(item.at) && page.slice(item.at.start, item.at.end).contains('\n')
    });
    if multi_line || !page.ends_line(whole.end) {
        return None;
    }
    let before = page.before(whole.start);
    let before = if is_element { before.trim_end_matches([' ', '\t']).strip_suffix('-')? } else { before };
    if before.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
        return Some(lines(page, page.line_start(whole.start), page.next_line(whole.end)));
    }
    // The first entry behind a dash: the next takes its place.
    let is_behind_dash = before.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'-')) && before.ends_with([' ', '\t']);
    let next_line = page.next_line(whole.end);
    let next = around.node.members().iter().map(|member| member.key_at.start).filter(|start| *start >= next_line).min()?;
    (is_behind_dash && !is_element && around.node.stretch().encloses(Stretch::at(next)) && page.is_blank(next_line, next))
        .then(|| vec![Change::replace(whole.start, next, String::new())])
}

/// Takes the only entry out of a block that stays, and leaves an empty one.
fn last_from_block(page: Page<'_>, around: Step<'_>, whole: Stretch) -> Changes {
    let empty = if matches!(around.node.kind(), Kind::Sequence) { " []" } else { " {}" };
    let colon = page.colon(around.key?)?;
    let is_simple = page.ends_line(colon) && page.begins_line(whole.start) && page.ends_line(whole.end);
    let mut changes = vec![Change::insert(colon, empty.to_owned())];
    changes.extend(lines(page, page.line_start(whole.start), page.next_line(whole.end)));
    is_simple.then_some(changes)
}

/// Takes away all lines that are no comments and not empty.
fn lines(page: Page<'_>, start: usize, end: usize) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut at = start;
    while at < end {
        let next = page.next_line(at);
        let stays = page.comment(at).is_some() || page.is_blank(at, page.line_end(at));
        match changes.last_mut().filter(|last| last.at.end == at) {
            _ if stays => {}
            Some(last) => last.at.end = next,
            None => changes.push(Change::replace(at, next, String::new())),
        }
        at = next;
    }
    changes
}

/// Takes an entry or an element and its comma out of brackets.
fn from_flow(page: Page<'_>, brackets: Stretch, whole: Stretch) -> Changes {
    // Nothing but an anchor or a tag, which stand before it.
    if whole.start == whole.end {
        return None;
    }
    let closing = brackets.end.checked_sub(1)?;
    let previous_end = page.inside(brackets).map(|item| item.end).filter(|end| *end <= whole.start).max();
    let next_start = page.inside(brackets).map(|item| item.start).filter(|start| *start >= whole.end).min();
    let gap_start = previous_end.unwrap_or(brackets.start + 1);
    let gap = page.slice(gap_start, whole.start);
    let comma = comma_behind(page, whole.end, next_start.unwrap_or(closing));
    if !is_bare(page, gap_start, whole.start) || !is_bare(page, whole.end, comma.unwrap_or(closing)) {
        return None;
    }
    let behind = comma.map_or(whole.end, |comma| comma + 1);
    let has_own_line = page.begins_line(whole.start) && page.ends_line(behind) && page.line_end(behind) < closing;
    let own_line = || vec![Change::replace(page.line_start(whole.start), page.next_line(behind), String::new())];
    if comma.is_some() {
        if has_own_line {
            return Some(own_line());
        }
        let rest = page.slice(behind, closing);
        let end = behind + rest.len() - rest.trim_start().len();
        return Some(vec![Change::replace(whole.start, end, String::new())]);
    }
    match (previous_end, gap.contains('#')) {
        (Some(previous_end), false) => Some(vec![Change::replace(previous_end, whole.end, String::new())]),
        (Some(_), true) if has_own_line => Some(own_line()),
        (Some(_), true) => None,
        (None, _) => Some(vec![Change::replace(whole.start, whole.end, String::new())]),
    }
}
