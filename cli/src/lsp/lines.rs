//! Positions of the protocol in a text: lines and columns counted from 0, in UTF-16 or UTF-8.

use gen_lsp_types::{Position, PositionEncodingKind, Range};
use pss_manifest::Span;

/// The unit of columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-16 code units, which every client supports.
    #[default]
    Utf16,
    /// Bytes.
    Utf8,
}

impl Encoding {
    /// The name in the protocol.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf8 => PositionEncodingKind::UTF8,
        }
    }

    /// Returns the width of a text on one line.
    fn width(self, text: &str) -> usize {
        match self {
            Encoding::Utf16 => text.encode_utf16().count(),
            Encoding::Utf8 => text.len(),
        }
    }

    /// Returns the offset of a column in a line: that of the character that contains it, or the end of the line.
    fn offset(self, line: &str, column: usize) -> usize {
        let mut width = 0;
        for (offset, character) in line.char_indices() {
            width += match self {
                Encoding::Utf16 => character.len_utf16(),
                Encoding::Utf8 => character.len_utf8(),
            };
            if width > column {
                return offset;
            }
        }
        line.len()
    }
}

/// A text with the offsets of its lines, which end with LF, CRLF or CR.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends_line = |(index, byte): (usize, &u8)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        };
        let ends = bytes.iter().enumerate().filter(|&end| ends_line(end)).map(|(index, _)| index + 1);
        Lines { text, starts: std::iter::once(0).chain(ends).collect(), encoding }
    }

    /// Returns a line without its line break; empty beyond the last line.
    fn line(&self, line: usize) -> &'t str {
        let Some(start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        self.text.get(*start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// Returns the offset of a position in bytes. A position beyond a line is its end, as the protocol requires.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        match self.starts.get(line) {
            Some(start) => start + self.encoding.offset(self.line(line), position.character as usize),
            None => self.text.len(),
        }
    }

    /// Returns the position of an offset in bytes.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        Position { line: clamped(line), character: clamped(self.encoding.width(before)) }
    }

    /// Returns the range between two offsets in bytes.
    pub(super) fn range(&self, start: usize, end: usize) -> Range {
        Range { start: self.position(start), end: self.position(end) }
    }

    /// Returns the range of a span.
    pub(super) fn range_of(&self, span: Span) -> Range {
        self.range(span.start.offset, span.end.offset)
    }

    /// Returns the range of the first line.
    pub(super) fn first_line(&self) -> Range {
        self.range(0, self.line(0).len())
    }
}

fn clamped(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_positions_in_both_encodings() {
        let text = "a: ü\r\nb: 😀x\rc\n";
        for (encoding, offset, line, character) in [
            (Encoding::Utf16, 0, 0, 0),
            (Encoding::Utf16, 5, 0, 4),
            (Encoding::Utf8, 5, 0, 5),
            (Encoding::Utf16, 7, 1, 0),
            (Encoding::Utf16, 14, 1, 5),
            (Encoding::Utf8, 14, 1, 7),
            (Encoding::Utf16, 16, 2, 0),
            (Encoding::Utf16, 18, 3, 0),
        ] {
            let lines = Lines::of(text, encoding);
            let position = Position { line, character };
            assert_eq!(lines.position(offset), position, "{encoding:?} {offset}");
            assert_eq!(lines.offset(position), offset, "{encoding:?} {position:?}");
        }
    }

    #[test]
    fn positions_beyond_a_line_or_in_a_character_are_moved_to_a_boundary() {
        let lines = Lines::of("a: 😀\r\nb", Encoding::Utf16);
        for (line, character, offset) in [(0, 99, 7), (0, 4, 3), (1, 99, 10), (7, 0, 10), (u32::MAX, u32::MAX, 10)] {
            assert_eq!(lines.offset(Position { line, character }), offset, "{line}:{character}");
        }
    }
}
