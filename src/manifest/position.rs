//! Where something stands in a text: bytes for Rust, characters for people, UTF-16 for editors.

use std::rc::Rc;

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

/// A text and where its lines begin. A clone is the same text.
#[derive(Debug, Clone)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    /// For each line the bytes and the UTF-16 units before it.
    starts: Rc<[(usize, usize)]>,
    /// Whether lines end with LF or CRLF alone. YAML 1.1 knows other ends, where editors know none.
    pub(super) plain: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut starts = vec![(0, 0)];
        let mut utf16 = 0;
        let mut plain = true;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            utf16 += character.len_utf16();
            let ends_line = character == '\n' || character == '\r' && characters.peek().is_none_or(|(_, next)| *next != '\n');
            if ends_line {
                starts.push((at + 1, utf16));
            }
            plain &= !(ends_line && character == '\r' || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}'));
        }
        Lines { text, starts: starts.into(), plain }
    }

    /// The place of a byte; of the character that it belongs to, or the end of the text.
    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let behind = self.starts.partition_point(|(start, _)| *start <= offset);
        let (start, utf16_start) = self.starts.get(behind.wrapping_sub(1)).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        let units = before.encode_utf16().count();
        Position {
            offset,
            line: behind.max(1),
            column: before.chars().count() + 1,
            utf16_offset: utf16_start + units,
            utf16_column: units + 1,
        }
    }

    pub(super) fn span(&self, stretch: Stretch) -> Span {
        Span { start: self.position(stretch.start), end: self.position(stretch.end.max(stretch.start)) }
    }

    /// Where the line of a byte ends, without its line break.
    pub(super) fn end_of_line(&self, offset: usize) -> usize {
        let rest = self.text.get(offset..).unwrap_or_default();
        offset + rest.find(['\n', '\r']).unwrap_or(rest.len())
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        self.position(offset).line
    }
}
