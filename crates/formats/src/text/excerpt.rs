//! The line of a problem in its text.

use std::borrow::Cow;
use std::ops::Range;

use pss_manifest::Span;

use crate::characters::visible_except;

/// The number of bytes of a line that are shown before and after the start of a span.
const MAX_LINE: usize = 400;

/// The line in which a span starts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt<'t> {
    /// The line, with visible characters in place of those that a terminal would interpret. Of a long line it is the part around the
    /// span.
    pub(super) line: Cow<'t, str>,
    /// The part of the span in this line, in bytes.
    pub(super) marked: Range<usize>,
}

impl<'t> Excerpt<'t> {
    /// Returns the line in which a span of a text starts.
    pub(super) fn of(text: &'t str, span: Span) -> Self {
        let start = span.start.offset;
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or_default();
        let line_end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        let first = text.ceil_char_boundary(line_start.max(start.saturating_sub(MAX_LINE)));
        let last = text.floor_char_boundary(line_end.min(start + MAX_LINE));
        let end = text.floor_char_boundary(span.end.offset.clamp(start, last.max(start)));
        let parts = [(first, start), (start, end), (end, last)];
        let [before, marked, after] = parts.map(|(from, to)| visible_line(text.get(from..to).unwrap_or_default()));
        // A cut line begins or ends with an ellipsis.
        let (left, right) = (if first == line_start { "" } else { "\u{2026}" }, if last == line_end { "" } else { "\u{2026}" });
        let marked_start = left.len() + before.len();
        let range = marked_start..marked_start + marked.len();
        let is_unchanged = [&before, &marked, &after].iter().all(|part| matches!(part, Cow::Borrowed(_)));
        let line = if is_unchanged && left.is_empty() && right.is_empty() {
            Cow::Borrowed(text.get(first..last).unwrap_or_default())
        } else {
            Cow::Owned([left, &before, &marked, &after, right].concat())
        };
        Excerpt { line, marked: range }
    }
}

/// Returns a part of a line without what a terminal would interpret, apart from tabs.
fn visible_line(text: &str) -> Cow<'_, str> {
    visible_except(text, |character| character == '\t')
}

#[cfg(test)]
mod tests {
    use pss_manifest::Position;

    use super::*;

    /// Returns the span of the text between the first `<` and `>` of a text, and the text without them.
    fn span(marked: &str) -> (String, Span) {
        let (before, rest) = marked.split_once('<').unwrap();
        let (inside, after) = rest.split_once('>').unwrap();
        let position = |offset: usize| Position { offset, line: 1, column: 1, utf16_offset: 0, utf16_column: 1 };
        let span = Span { start: position(before.len()), end: position(before.len() + inside.len()) };
        ([before, inside, after].concat(), span)
    }

    #[test]
    fn shows_the_line_of_a_span() {
        for (marked, line, part) in [
            ("a: <b>\nc: d\n", "a: b", "b"),
            ("x: y\r\na: <b>\r\nc: d\r\n", "a: b", "b"),
            ("x: y\ra: <b>\rc: d\r", "a: b", "b"),
            // The end of the text, with and without a line break.
            ("a: b<>", "a: b", ""),
            ("a: b\n<>", "", ""),
            // The first line of several.
            ("  <a:\r\n  b: c>\r\nd: e", "  a:", "a:"),
            ("a: <\u{1b}[31m>\u{9b}", "a: ␛[31m<U+009B>", "␛[31m"),
            ("\ta: \u{202e}<日本>", "\ta: <U+202E>日本", "日本"),
        ] {
            let (text, span) = span(marked);
            let excerpt = Excerpt::of(&text, span);
            assert_eq!((&*excerpt.line, &excerpt.line[excerpt.marked.clone()]), (line, part), "{marked:?}");
        }
    }

    #[test]
    fn cuts_long_lines() {
        let long = "ü".repeat(MAX_LINE * 5);
        for inside in ["a", &long] {
            let (text, span) = span(&format!("{long}<{inside}>{long}"));
            let excerpt = Excerpt::of(&text, span);
            assert!(inside.starts_with(&excerpt.line[excerpt.marked.clone()]));
            assert!(excerpt.line.starts_with("…ü") && excerpt.line.ends_with("ü…"), "{excerpt:?}");
            assert!(excerpt.line.len() <= 2 * MAX_LINE + 10);
        }
    }
}
