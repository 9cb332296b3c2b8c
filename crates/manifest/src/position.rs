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
    /// Returns the position in a text that begins at `start`, which is not after the position.
    pub fn relative_to(self, start: Position) -> Self {
        let is_first_line = self.line == start.line;
        let column = |column: usize, start: usize| if is_first_line { column - start.min(column) + 1 } else { column };
        Position {
            offset: self.offset.saturating_sub(start.offset),
            line: self.line.saturating_sub(start.line) + 1,
            column: column(self.column, start.column),
            utf16_offset: self.utf16_offset.saturating_sub(start.utf16_offset),
            utf16_column: column(self.utf16_column, start.utf16_column),
        }
    }

    /// Returns the position in the whole text for a position in a part of it that begins at `start`.
    pub fn after(self, start: Position) -> Self {
        let column = |column: usize, start: usize| if self.line == 1 { column + start - 1 } else { column };
        Position {
            offset: self.offset + start.offset,
            line: self.line + start.line - 1,
            column: column(self.column, start.column),
            utf16_offset: self.utf16_offset + start.utf16_offset,
            utf16_column: column(self.utf16_column, start.utf16_column),
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

/// The maximum size of a text in bytes, whose offsets and counts are stored in 32 bits.
pub(super) const MAX_BYTES: usize = u32::MAX as usize;

/// Returns an offset or a count in 32 bits, which suffice for a text of at most [`MAX_BYTES`].
pub(super) fn compact(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The distance of two marks in bytes. Positions are found by counting from the mark before them.
const STEP: usize = 128;

/// The counts before a mark, whose offset is a multiple of [`STEP`].
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    line_breaks: u32,
    /// The offset of the start of its line.
    line_start: u32,
    width: Width,
}

/// The length of a text in characters and in UTF-16 code units.
#[derive(Debug, Clone, Copy, Default)]
struct Width {
    characters: u32,
    utf16: u32,
}

/// A text with marks, from which the position of any offset can be computed. Clones share both.
#[derive(Debug, Clone)]
pub(super) struct Lines<'t> {
    pub(super) text: &'t str,
    marks: Arc<Vec<Mark>>,
    /// Whether it consists of ASCII, whose characters have the same length in all units.
    is_ascii: bool,
    has_returns: bool,
    /// Whether all line breaks are LF or CRLF. YAML 1.1 has other line breaks, which editors ignore.
    pub(super) has_common_line_breaks: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let is_ascii = text.is_ascii();
        let has_returns = bytes.contains(&b'\r');
        let has_common_line_breaks = has_common_line_breaks(text);
        let mut lines = Lines { text, marks: Arc::default(), is_ascii, has_returns, has_common_line_breaks };
        let mut marks = Vec::with_capacity(bytes.len() / STEP + 1);
        let mut mark = Mark::default();
        for start in (0..bytes.len()).step_by(STEP) {
            marks.push(mark);
            let end = (start + STEP).min(bytes.len());
            mark.line_breaks += compact(lines.count_line_ends(start, end));
            mark.line_start = start_of_line(bytes, start, end).map_or(mark.line_start, compact);
            mark.width = lines.add_width(mark.width, start, end);
        }
        lines.marks = Arc::new(marks);
        lines
    }

    /// The same lines for a part of the text, whose line breaks may all be common although those of the text are not.
    pub(super) fn for_part(&self, at: ByteSpan) -> Self {
        let is_common = self.has_common_line_breaks || has_common_line_breaks(self.text.get(at.start..at.end).unwrap_or_default());
        Lines { has_common_line_breaks: is_common, ..self.clone() }
    }

    /// Returns the number of line ends between two offsets at a distance of at most [`STEP`].
    fn count_line_ends(&self, start: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes();
        if self.has_returns {
            return (start..end).filter(|offset| is_line_end(bytes, *offset)).count();
        }
        // The compiler adds small integers several at a time.
        let count: u8 = bytes.get(start..end).unwrap_or_default().iter().map(|byte| u8::from(*byte == b'\n')).sum();
        count.into()
    }

    /// Returns the width of the text up to `end` from that up to `start`.
    fn add_width(&self, width: Width, start: usize, end: usize) -> Width {
        if self.is_ascii {
            return Width { characters: compact(end), utf16: compact(end) };
        }
        // Each character is counted at its first byte.
        let bytes = self.text.as_bytes().get(start..end).unwrap_or_default();
        let characters = compact(bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count());
        // Characters of four bytes have two code units.
        let pairs = compact(bytes.iter().filter(|byte| **byte >= 0xf0).count());
        Width { characters: width.characters + characters, utf16: width.utf16 + characters + pairs }
    }

    /// Returns the last mark at or before an offset, and the offset of the mark.
    fn mark(&self, offset: usize) -> (Mark, usize) {
        let index = (offset / STEP).min(self.marks.len().saturating_sub(1));
        (self.marks.get(index).copied().unwrap_or_default(), index * STEP)
    }

    /// Returns the number of line breaks before an offset, which may be after the end of the text.
    fn line_breaks(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let (mark, start) = self.mark(offset);
        mark.line_breaks as usize + self.count_line_ends(start, offset)
    }

    /// Returns the length of the text before an offset, which may be after the end of the text.
    fn width(&self, offset: usize) -> Width {
        let offset = offset.min(self.text.len());
        let (mark, start) = self.mark(offset);
        self.add_width(mark.width, start, offset)
    }

    /// Returns the number of characters between two offsets.
    pub(super) fn characters(&self, start: usize, end: usize) -> usize {
        (self.width(end).characters - self.width(start).characters) as usize
    }

    /// Returns the position of the character at a byte offset, or the end of the text.
    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = self.width(offset);
        let before_line = self.width(self.line_start(offset));
        Position {
            offset,
            line: self.line_breaks(offset) + 1,
            column: (before.characters - before_line.characters) as usize + 1,
            utf16_offset: before.utf16 as usize,
            utf16_column: (before.utf16 - before_line.utf16) as usize + 1,
        }
    }

    pub(super) fn span(&self, span: ByteSpan) -> Span {
        Span { start: self.position(span.start), end: self.position(span.end.max(span.start)) }
    }

    /// Returns the start of the line at an offset.
    pub(super) fn line_start(&self, offset: usize) -> usize {
        let (mark, start) = self.mark(offset);
        start_of_line(self.text.as_bytes(), start, offset).unwrap_or(mark.line_start as usize)
    }

    /// Returns the start of the line after the one at an offset, or the end of the text for the last line.
    pub(super) fn next_line(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let line_breaks = self.line_breaks(offset);
        // The line ends before the first mark with more line breaks, and after the mark before that.
        let after = self.marks.partition_point(|mark| mark.line_breaks as usize <= line_breaks);
        let start = offset.max(after.saturating_sub(1) * STEP);
        (start..bytes.len()).find(|offset| is_line_end(bytes, *offset)).map_or(bytes.len(), |end| end + 1)
    }

    /// Returns the end of the line at an offset, without its line break.
    pub(super) fn end_of_line(&self, offset: usize) -> usize {
        let line = self.text.get(offset..self.next_line(offset)).unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        offset + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Returns the line at an offset, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_breaks(offset) + 1
    }
}

/// Returns whether all line breaks of a text are LF or CRLF.
fn has_common_line_breaks(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_lone_returns = bytes.contains(&b'\r') && (0..bytes.len()).any(|offset| is_lone_return(bytes, offset));
    !has_lone_returns && (text.is_ascii() || !text.chars().any(|character| matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}')))
}

/// Returns whether a byte is the last of a line break: LF, or CR without LF after it.
fn is_line_end(bytes: &[u8], offset: usize) -> bool {
    bytes.get(offset) == Some(&b'\n') || is_lone_return(bytes, offset)
}

fn is_lone_return(bytes: &[u8], offset: usize) -> bool {
    bytes.get(offset) == Some(&b'\r') && bytes.get(offset + 1) != Some(&b'\n')
}

/// Returns the start of the line at `end` if it is after `start`.
fn start_of_line(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    (start..end).rfind(|offset| is_line_end(bytes, *offset)).map(|end| end + 1)
}
