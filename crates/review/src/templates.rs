//! Templates of Helm charts: texts with actions such as `{{ .Values.image }}`. They have no verdict until they are rendered, but what
//! does not depend on an action can be reviewed once the actions are masked.
//!
//! - `unknowns.rs`: what the review cannot determine in a masked text.
//! - `review/template.rs`: the review of a masked text.

mod unknowns;

use std::borrow::Cow;
use std::ops::Range;

use crate::block_scalars::BlockScalars;
pub use crate::review::template::Templates;
pub(crate) use unknowns::MaskedTemplate;

/// The start of an action.
const START: &str = "{{";

/// Replaces the actions of a template by text that YAML can contain in their places. Line breaks remain, and every other character
/// is replaced by one of the same length, so that all offsets, lines and columns are those of the original in every unit.
///
/// - A line that consists of actions becomes a comment, or content of the block scalar that it is in.
/// - An action in a value becomes letters, which are a plain scalar.
/// - An action that renders an indented value (`nindent`) becomes a comment, so that entries below it remain entries.
///
/// Returns the text itself if it has no action.
pub fn mask(text: &str) -> Cow<'_, str> {
    let actions = actions(text);
    if actions.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut scalars = BlockScalars::default();
    // The column of the content of the current block scalar.
    let mut base = 0;
    let mut rest = actions.as_slice();
    while masked.len() < text.len() {
        let start = masked.len();
        let (line, own) = line_at(text, start, rest);
        rest = rest.get(own.len()..).unwrap_or_default();
        let indent = indent_of(line);
        let is_alone = is_alone(text, start..start + line.len(), own);
        if !is_alone && !scalars.next_is_content(line, indent) {
            let after = start + line.len();
            base = scalars.column.map_or(0, |column| content_column(text.get(after..).unwrap_or_default(), column));
        }
        for (index, action) in own.iter().enumerate() {
            let before = text.get(start..action.start).unwrap_or_default();
            masked += text.get(masked.len()..action.start).unwrap_or_default();
            let action = text.get(action.clone()).unwrap_or_default();
            let column = before.len();
            if is_alone {
                let style = if scalars.column.is_some() { Style::Content(base) } else { Style::Comment };
                fill(&mut masked, action, column, if index == 0 { style } else { Style::Value });
                continue;
            }
            let after = text.get(start + column + action.len()..start + line.len()).unwrap_or_default();
            let is_value = scalars.column.is_none() && before.trim_end().ends_with(':') && is_blank(after);
            let is_attached = is_value && before.ends_with(':');
            let (action, column) = if is_attached { (action.get(1..).unwrap_or_default(), column + 1) } else { (action, column) };
            masked += if is_attached { " " } else { "" };
            fill(&mut masked, action, column, if is_value && action.contains("indent") { Style::Comment } else { Style::Value });
        }
        masked += text.get(masked.len()..start + line.len()).unwrap_or_default();
    }
    Cow::Owned(masked)
}

/// Returns the ranges of the actions of a text, in bytes. An action that does not end, and the text after it, is none.
pub(crate) fn actions(text: &str) -> Vec<Range<usize>> {
    let mut actions = Vec::new();
    let mut end = 0;
    while let Some(rest) = text.get(end..)
        && let Some(start) = rest.find(START)
        && let Some(length) = rest.get(start..).and_then(length)
    {
        actions.push(end + start..end + start + length);
        end += start + length;
    }
    actions
}

/// Returns the length of the action at the start of a text.
///
/// Source: `text/template/parse/lex.go` of Go.
fn length(text: &str) -> Option<usize> {
    const END: &str = "}}";
    let inner = content(text);
    if inner.starts_with("/*") {
        let comment = inner.find("*/")?;
        let end = inner.get(comment..)?.find(END)?;
        return Some(text.len() - inner.len() + comment + end + END.len());
    }
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut at = START.len();
    loop {
        match (quote, *bytes.get(at)?) {
            (Some(b'"'), b'\\') => at += 1,
            // A string in quotes ends with its line.
            (Some(b'"'), b'\n') => quote = None,
            (Some(own), byte) if own == byte => quote = None,
            (None, byte @ (b'"' | b'`')) => quote = Some(byte),
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at + END.len()),
            _ => {}
        }
        at += 1;
    }
}

/// Returns what follows the delimiter at the start of an action.
fn content(action: &str) -> &str {
    let inner = action.strip_prefix(START).unwrap_or(action);
    inner.strip_prefix('-').unwrap_or(inner).trim_start()
}

/// Returns the line that starts at an offset, which ends with the first line feed outside of actions, and its actions, which are the
/// first of all that follow.
fn line_at<'t, 'a>(text: &'t str, start: usize, actions: &'a [Range<usize>]) -> (&'t str, &'a [Range<usize>]) {
    let line_end = |from: usize| text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| from + end + 1);
    let (mut end, mut count) = (line_end(start), 0);
    for action in actions {
        if action.start >= end {
            break;
        }
        count += 1;
        if action.end >= end {
            end = line_end(action.end);
        }
    }
    (text.get(start..end).unwrap_or_default(), actions.get(..count).unwrap_or_default())
}

/// Returns whether a line consists of actions and blanks, and perhaps a comment after them.
fn is_alone(text: &str, line: Range<usize>, actions: &[Range<usize>]) -> bool {
    let Some(last) = actions.last() else { return false };
    let mut start = line.start;
    let is_first = |start: usize, action: &Range<usize>| text.get(start..action.start).is_some_and(|gap| gap.trim().is_empty());
    actions.iter().all(|action| is_first(std::mem::replace(&mut start, action.end), action))
        && is_blank(text.get(last.end..line.end).unwrap_or_default())
}

/// Returns whether the rest of a line is blank or a comment.
fn is_blank(rest: &str) -> bool {
    matches!(rest.trim_start().bytes().next(), None | Some(b'#'))
}

fn indent_of(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// Returns the column of the content of a block scalar whose header is on the line before the text: that of the first line that does
/// not begin with an action.
fn content_column(text: &str, parent: usize) -> usize {
    let first = text.lines().find(|line| !matches!(line.trim_start(), rest if rest.is_empty() || rest.starts_with(START)));
    first.map(indent_of).filter(|indent| *indent > parent).unwrap_or(parent + 1)
}

/// What an action becomes.
#[derive(Debug, Clone, Copy)]
enum Style {
    /// A part of a scalar.
    Value,
    /// A comment on each line.
    Comment,
    /// Content of a block scalar, from a column on.
    Content(usize),
}

/// Adds text in place of an action, which begins in a column.
fn fill(masked: &mut String, action: &str, mut column: usize, style: Style) {
    let base = if let Style::Content(base) = style { base } else { 0 };
    let mut starts_comment = matches!(style, Style::Comment);
    let mut is_first_line = true;
    for character in action.chars() {
        masked.push(match character {
            '\n' | '\r' => {
                (column, is_first_line) = (0, false);
                starts_comment = !matches!(style, Style::Content(_));
                masked.push(character);
                continue;
            }
            _ if column < base => blank(character),
            _ if starts_comment && character.is_ascii() && (is_first_line || character != ' ') => {
                starts_comment = false;
                '#'
            }
            _ if starts_comment => blank(character),
            _ => letter(character),
        });
        column += 1;
    }
}

/// Returns a letter of the same length as a character, in UTF-8 and in UTF-16.
fn letter(character: char) -> char {
    match character.len_utf8() {
        1 => 'x',
        2 => '\u{e9}',
        3 => '\u{2026}',
        _ => character,
    }
}

/// Returns a blank of the same length as a character. The longer ones are line breaks for YAML 1.1, but not for editors.
fn blank(character: char) -> char {
    match character.len_utf8() {
        1 => ' ',
        2 => '\u{85}',
        3 => '\u{2028}',
        _ => character,
    }
}

#[cfg(test)]
mod tests;
