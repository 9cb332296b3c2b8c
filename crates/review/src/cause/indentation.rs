//! Wrong indentation: tabs, and lines that are indented as no entry which they can belong to. A fix is offered if only one
//! indentation makes the text valid.

use std::cmp::Reverse;
use std::ops::Range;

use pss_manifest::edit::Edit;
use pss_manifest::{Section, documents};

use super::{Cause, fields};
use crate::block_scalars::{BlockScalars, without_dashes};
use crate::report::{DiagnosticKind, Fix};

/// The length of a section in bytes from which on no fix is searched, because each attempt parses the section.
const MAX_LENGTH: usize = 200_000;
/// The widths of a tab that are tried, the most common first.
const WIDTHS: [usize; 5] = [2, 4, 8, 3, 6];
/// The number of lines whose fields are checked after a replacement of tabs.
const MAX_CHECKS: usize = 50;
/// The number of indentations that are tried.
const MAX_CANDIDATES: usize = 4;

/// A replacement of a range of a section by spaces.
type Change = (Range<usize>, usize);

/// Returns the cause of an error at an offset if it is a tab in the indentation of its line.
pub(super) fn tab(section: &Section<'_>, offset: usize) -> Option<Cause> {
    let text = section.text();
    let start = line_start(text, offset);
    let blanks = blanks(text.get(start..)?);
    let at = start + blanks.find('\t')?;
    // Tabs are allowed in flow collections and in strings with quotes, which can have other errors.
    text.get(offset..).filter(|rest| rest.starts_with('\t') && offset < start + blanks.len())?;
    let line = section.position(at).line;
    let mut candidates: Vec<Replacement> = WIDTHS.iter().map(|width| Replacement::of_tabs(text, *width)).collect();
    if let Some(Replacement { changes, keys }) = candidates.first()
        && let [(range, _)] = changes.as_slice()
    {
        let like = |(column, _): &(usize, usize)| Replacement { changes: vec![(range.clone(), *column)], keys: keys.clone() };
        candidates.extend(levels(section, start).iter().rev().map(like).collect::<Vec<_>>());
    }
    let mut help = "Replace it by spaces.".to_owned();
    let mut fix = None;
    if let Some(Replacement { changes, .. }) = candidates.iter().find(|candidate| candidate.is_valid(text)) {
        let title = match changes.as_slice() {
            [(_, count)] => format!("Indent line {line} by {}", spaces(*count)),
            _ => format!("Replace the tabs in the indentation of {} lines by spaces", changes.len()),
        };
        help = format!("{title}.");
        fix = Some(fix_of(section, title, changes));
    }
    let message = "the line is indented by a tab, and YAML allows only spaces".to_owned();
    Some(Cause { kind: DiagnosticKind::Syntax, message, help, at: at..at + 1, fix })
}

/// A possible correction of a text.
struct Replacement {
    changes: Vec<Change>,
    /// The offsets before the changes at which entries or elements must begin then.
    keys: Vec<usize>,
}

impl Replacement {
    /// Returns the replacement of the tabs in the indentation of all lines by spaces.
    fn of_tabs(text: &str, width: usize) -> Self {
        let mut changes = Vec::new();
        let mut keys = Vec::new();
        let mut scalars = BlockScalars::default();
        // The indentation of the first line of the current block scalar, if it is replaced. Tabs after it are content.
        let mut base: Option<Option<&str>> = None;
        for (start, line) in lines(text) {
            let mut indent = blanks(line);
            let content = line.trim_start();
            let parent = scalars.column;
            let is_content = scalars.next_is_content(line, columns(indent, width));
            if !is_content {
                base = None;
            } else if content.is_empty() {
                continue;
            } else {
                let is_replaced = leading_spaces(indent) <= parent.unwrap_or_default();
                let Some(base) = *base.get_or_insert(is_replaced.then_some(indent)) else { continue };
                indent = common_prefix(indent, base);
            }
            if indent.contains('\t') {
                let end = start + indent.len();
                changes.push((start..end, columns(indent, width)));
                keys.extend(Some(end).filter(|_| !is_content && !content.is_empty() && !content.starts_with('#')));
            }
        }
        keys.truncate(MAX_CHECKS);
        Replacement { changes, keys }
    }

    /// Returns the replacement that moves a line to a column, with the lines after it that are indented by at least as much.
    fn of_line(text: &str, start: usize, column: usize, moves_block: bool) -> Self {
        let after = text.get(start..).unwrap_or_default();
        let indent = leading_spaces(after);
        let mut changes = Vec::new();
        for (offset, line) in lines(after).filter(|(_, line)| !line.trim().is_empty()) {
            if leading_spaces(line) < indent || offset > 0 && !moves_block {
                break;
            }
            let at = start + offset;
            changes.push(if column > indent { (at..at, column - indent) } else { (at..at + indent - column, 0) });
        }
        Replacement { changes, keys: vec![start + indent] }
    }

    /// Returns whether the text is valid then, with plausible entries.
    fn is_valid(&self, text: &str) -> bool {
        if self.changes.is_empty() || text.len() > MAX_LENGTH {
            return false;
        }
        let changed = self.apply(text);
        let documents = documents(&changed);
        let [document] = documents.as_slice() else { return false };
        let Ok(tree) = &document.content else { return false };
        let mut changes = self.changes.iter().peekable();
        let (mut added, mut removed) = (0, 0);
        document.warnings.is_empty()
            && self.keys.iter().all(|key| {
                while let Some((range, spaces)) = changes.next_if(|(range, _)| range.end <= *key) {
                    added += spaces;
                    removed += range.len();
                }
                let entry = changed.get(key + added - removed..).unwrap_or_default();
                fields::is_plausible(tree.root(), changed.len() - without_dashes(entry).len())
            })
    }

    fn apply(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut end = 0;
        for (range, spaces) in &self.changes {
            replaced += text.get(end..range.start).unwrap_or_default();
            replaced.extend(std::iter::repeat_n(' ', *spaces));
            end = range.end;
        }
        replaced + text.get(end..).unwrap_or_default()
    }
}

/// Returns the cause of an error at an offset if it is the indentation of its line.
pub(super) fn line(section: &Section<'_>, offset: usize) -> Option<Cause> {
    let text = section.text();
    let start = line_start(text, offset);
    let rest = text.get(start..).filter(|_| text.len() <= MAX_LENGTH && !text.trim_start().starts_with(['{', '[']))?;
    let indent = leading_spaces(rest);
    // An error in the value of an entry has another cause.
    let before = text.get(start + indent..offset.max(start + indent))?;
    if rest.trim().is_empty() || before.contains(": ") {
        return None;
    }
    let content = rest.get(indent..)?;
    let mut levels = levels(section, start);
    levels.retain(|(column, _)| *column != indent);
    levels.sort_by_key(|(column, _)| (column.abs_diff(indent), Reverse(*column)));
    levels.truncate(MAX_CANDIDATES);
    let mut candidates = Vec::new();
    let mut is_fixable = false;
    for (column, like) in levels {
        let attempts = [true, false].map(|moves_block| Replacement::of_line(text, start, column, moves_block));
        // With other errors after it, the right indentation is the one that the parser has none before.
        let is_better = |own: &Replacement| first_error(&own.apply(text)).is_some_and(|error| error > offset.max(start + indent));
        let is_candidate = attempts.iter().any(is_better);
        let fixing = attempts.into_iter().find(|own| own.is_valid(text)).map(|own| own.changes);
        if is_candidate || fixing.is_some() {
            is_fixable |= fixing.is_some();
            candidates.push((column, like, fixing));
        }
    }
    if is_fixable {
        candidates.retain(|(.., changes)| changes.is_some());
    } else {
        candidates.truncate(1);
    }
    let line = section.position(start).line;
    let mut help = String::new();
    for (column, like, _) in &candidates {
        help += if help.is_empty() { "Indent it by " } else { ", or by " };
        help += &format!("{} as line {like}", spaces(*column));
    }
    let fix = match candidates.as_slice() {
        [] => return None,
        [(column, _, Some(changes))] => Some(fix_of(section, format!("Indent line {line} by {}", spaces(*column)), changes)),
        _ => None,
    };
    let message = format!("the line is indented by {}, which does not fit the lines before it", spaces(indent));
    let at = start + indent..start + indent + content.lines().next().unwrap_or_default().trim_end().len();
    Some(Cause { kind: DiagnosticKind::Syntax, message, help: help + ".", at, fix })
}

fn spaces(count: usize) -> String {
    match count {
        0 => "no spaces".to_owned(),
        1 => "1 space".to_owned(),
        _ => format!("{count} spaces"),
    }
}

/// Returns the columns of the mappings and sequences that are open before a line, each with the number of the last line at it.
fn levels(section: &Section<'_>, end: usize) -> Vec<(usize, usize)> {
    let mut levels: Vec<(usize, usize)> = Vec::new();
    let mut scalars = BlockScalars::default();
    for (start, line) in lines(section.text()).take_while(|(start, _)| *start < end) {
        let indent = leading_spaces(line);
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') || line.starts_with("---") || scalars.next_is_content(line, indent) {
            continue;
        }
        levels.retain(|(column, _)| *column < indent);
        levels.push((indent, start));
        let entry = indent + content.len() - without_dashes(content).len();
        if entry > indent {
            levels.push((entry, start));
        }
    }
    for (_, line) in &mut levels {
        *line = section.position(*line).line;
    }
    levels
}

/// Returns the offset of the first error in a text.
fn first_error(text: &str) -> Option<usize> {
    documents(text).into_iter().find_map(|document| document.content.err()).map(|error| error.span.start.offset)
}

fn fix_of(section: &Section<'_>, title: String, changes: &[Change]) -> Fix {
    let edit = |(range, spaces): &Change| Edit { span: section.span(range.clone()), text: " ".repeat(*spaces) };
    Fix { title, edits: changes.iter().map(edit).collect() }
}

/// Returns the lines of a text with their offsets, without their line breaks.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let own = start;
        start += line.len() + 1;
        (own, line.strip_suffix('\r').unwrap_or(line))
    })
}

fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Returns the spaces and tabs at the start of a line.
fn blanks(line: &str) -> &str {
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

fn leading_spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the width of an indentation with tab stops.
fn columns(indent: &str, width: usize) -> usize {
    indent.bytes().fold(0, |column, byte| if byte == b'\t' { (column / width + 1) * width } else { column + 1 })
}

fn common_prefix<'t>(one: &'t str, other: &str) -> &'t str {
    let length = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    one.get(..length).unwrap_or_default()
}
