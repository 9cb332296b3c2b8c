//! Positions in a text: in bytes for Rust, in characters for users, and in UTF-16 code units for editors.

use std::sync::Arc;

/// A position in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The number of bytes before it.
    pub offset: usize,
    /// Its line, counted from 1. Lines end with LF, CRLF or CR, as in editors.
    pub line: usize,
    /// Its column in characters, counted from 1.
    pub column: usize,
    /// The number of UTF-16 code units before it.
    pub utf16_offset: usize,
    /// Its column in UTF-16 code units, counted from 1.
    pub utf16_column: usize,
}

impl Position {
    const START: Position = Position { offset: 0, line: 1, column: 1, utf16_offset: 0, utf16_column: 1 };

    /// Returns the position after a character on the same line.
    const fn after(self, character: char) -> Self {
        Position {
            offset: self.offset + character.len_utf8(),
            line: self.line,
            column: self.column + 1,
            utf16_offset: self.utf16_offset + character.len_utf16(),
            utf16_column: self.utf16_column + character.len_utf16(),
        }
    }
}

/// A span of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Its first position.
    pub start: Position,
    /// The position after its last character.
    pub end: Position,
}

impl Span {
    /// Returns the text of the span in the text that it belongs to.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start.offset..self.end.offset).unwrap_or_default()
    }
}

/// A span in byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteSpan {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl ByteSpan {
    pub(super) const fn new(start: usize, end: usize) -> Self {
        ByteSpan { start, end }
    }

    pub(super) const fn at(offset: usize) -> Self {
        ByteSpan { start: offset, end: offset }
    }
}

/// The maximum distance of two marks in bytes. Without it, finding a position in a long line would take linear time.
const STEP: usize = 256;

/// A text with the positions of its lines. Clones share both.
#[derive(Debug, Clone)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    /// The start of each line, and positions within long lines.
    marks: Arc<[Position]>,
    /// Whether all line breaks are LF or CRLF. YAML 1.1 has other line breaks, which editors ignore.
    pub(super) has_common_line_breaks: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut at = Position::START;
        let mut marks = vec![at];
        let mut next_mark = STEP;
        let mut has_common_line_breaks = true;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            at = at.after(character);
            let ends_line = character == '\n' || character == '\r' && characters.peek() != Some(&'\n');
            if ends_line {
                at = Position { line: at.line + 1, column: 1, utf16_column: 1, ..at };
            }
            if ends_line || at.offset >= next_mark {
                marks.push(at);
                next_mark = at.offset + STEP;
            }
            has_common_line_breaks &= !(ends_line && character == '\r' || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}'));
        }
        Lines { text, marks: marks.into(), has_common_line_breaks }
    }

    /// Returns the position of the character at a byte offset, or the end of the text.
    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let mark = self.marks.get(self.marks_before(offset).wrapping_sub(1)).copied().unwrap_or(Position::START);
        self.text.get(mark.offset..offset).unwrap_or_default().chars().fold(mark, Position::after)
    }

    pub(super) fn span(&self, span: ByteSpan) -> Span {
        Span { start: self.position(span.start), end: self.position(span.end.max(span.start)) }
    }

    /// Returns the number of marks up to and including an offset.
    fn marks_before(&self, offset: usize) -> usize {
        self.marks.partition_point(|mark| mark.offset <= offset)
    }

    /// Returns the start of the line at an offset.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        let before = self.marks.get(..self.marks_before(offset)).unwrap_or_default();
        before.iter().rfind(|mark| mark.column == 1).map_or(0, |mark| mark.offset)
    }

    /// Returns the start of the line after the one at an offset, or the end of the text for the last line.
    pub(super) fn next_line(&self, offset: usize) -> usize {
        let after = self.marks.get(self.marks_before(offset)..).unwrap_or_default();
        after.iter().find(|mark| mark.column == 1).map_or(self.text.len(), |mark| mark.offset)
    }

    /// Returns the end of the line at an offset, without its line break.
    pub(super) fn end_of_line(&self, offset: usize) -> usize {
        let line = self.text.get(offset..self.next_line(offset)).unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        offset + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Returns the line at an offset, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.position(offset).line
    }
}
