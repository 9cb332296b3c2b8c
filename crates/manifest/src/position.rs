//! Where something stands in a text: bytes for Rust, characters for people, UTF-16 for editors.

use std::sync::Arc;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Bytes before it.
    pub offset: usize,
    /// Its line, from 1. Lines end with LF, CRLF or CR, as in editors.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// UTF-16 units before it.
    pub utf16_offset: usize,
    /// Its column in UTF-16 units, from 1.
    pub utf16_column: usize,
}

impl Position {
    const START: Position = Position { offset: 0, line: 1, column: 1, utf16_offset: 0, utf16_column: 1 };

    /// The place behind a character, on the same line.
    const fn behind(self, character: char) -> Self {
        Position {
            offset: self.offset + character.len_utf8(),
            line: self.line,
            column: self.column + 1,
            utf16_offset: self.utf16_offset + character.len_utf16(),
            utf16_column: self.utf16_column + character.len_utf16(),
        }
    }
}

/// A stretch of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Its first place.
    pub start: Position,
    /// The place behind its last.
    pub end: Position,
}

impl Span {
    /// The stretch itself, cut from the text that it was made for.
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start.offset..self.end.offset).unwrap_or_default()
    }
}

/// A stretch as byte offsets, which is all that reading needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Stretch {
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Stretch { start, end }
    }

    pub(super) const fn at(offset: usize) -> Self {
        Stretch { start: offset, end: offset }
    }
}

/// From how far away a place is counted at most, in bytes: a line may be all of a text.
const STEP: usize = 256;

/// A text and where its lines begin. A clone is the same text.
#[derive(Debug, Clone)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    /// Where each line begins, and places within the long ones.
    marks: Arc<[Position]>,
    /// Whether lines end with LF or CRLF alone. YAML 1.1 knows other ends, where editors know none.
    pub(super) plain: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut at = Position::START;
        let mut marks = vec![at];
        let mut next_mark = STEP;
        let mut plain = true;
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            at = at.behind(character);
            let ends_line = character == '\n' || character == '\r' && characters.peek() != Some(&'\n');
            if ends_line {
                at = Position { line: at.line + 1, column: 1, utf16_column: 1, ..at };
            }
            if ends_line || at.offset >= next_mark {
                marks.push(at);
                next_mark = at.offset + STEP;
            }
            plain &= !(ends_line && character == '\r' || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}'));
        }
        Lines { text, marks: marks.into(), plain }
    }

    /// The place of a byte; of the character that it belongs to, or the end of the text.
    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let mark = self.marks.get(self.marks_before(offset).wrapping_sub(1)).copied().unwrap_or(Position::START);
        self.text.get(mark.offset..offset).unwrap_or_default().chars().fold(mark, Position::behind)
    }

    pub(super) fn span(&self, stretch: Stretch) -> Span {
        Span { start: self.position(stretch.start), end: self.position(stretch.end.max(stretch.start)) }
    }

    /// How many marks there are up to a byte, and at it.
    fn marks_before(&self, offset: usize) -> usize {
        self.marks.partition_point(|mark| mark.offset <= offset)
    }

    /// Where the line of a byte begins.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        let before = self.marks.get(..self.marks_before(offset)).unwrap_or_default();
        before.iter().rfind(|mark| mark.column == 1).map_or(0, |mark| mark.offset)
    }

    /// Where the line behind that of a byte begins; the end of the text for the last.
    pub(super) fn next_line(&self, offset: usize) -> usize {
        let behind = self.marks.get(self.marks_before(offset)..).unwrap_or_default();
        behind.iter().find(|mark| mark.column == 1).map_or(self.text.len(), |mark| mark.offset)
    }

    /// Where the line of a byte ends, without its line break.
    pub(super) fn end_of_line(&self, offset: usize) -> usize {
        let line = self.text.get(offset..self.next_line(offset)).unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        offset + line.strip_suffix('\r').unwrap_or(line).len()
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        self.position(offset).line
    }
}
