//! Positions of the page in a text that need not be a manifest: lines and columns from 1, in UTF-16 units. Lines end with LF, CRLF or
//! CR, as in editors.

use pss_playground::report::Position;

/// Returns the offset in bytes of a line and column. A column beyond the line is its end, and a line beyond the text is the end of the
/// text.
pub(crate) fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        let rest = text.get(start..).unwrap_or_default();
        let Some(end) = rest.find(['\n', '\r']) else { return text.len() };
        let line_break = if rest.get(end..).is_some_and(|rest| rest.starts_with("\r\n")) { 2 } else { 1 };
        start += end + line_break;
    }
    let rest = text.get(start..).unwrap_or_default();
    let mut width = 0;
    for (offset, character) in rest.char_indices() {
        width += character.len_utf16();
        if width >= column || matches!(character, '\n' | '\r') {
            return start + offset;
        }
    }
    text.len()
}

/// Returns the position of an offset in bytes.
pub(crate) fn position_of(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let returns = before.bytes().zip(before.bytes().skip(1).chain([b' '])).filter(|(byte, next)| *byte == b'\r' && *next != b'\n').count();
    let line = 1 + returns + before.bytes().filter(|byte| *byte == b'\n').count();
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let width = |text: &str| text.encode_utf16().count();
    Position { line, column: 1 + width(before.get(start..).unwrap_or_default()), offset: width(before) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_positions() {
        let text = "a: ü\r\nb: 😀x\rc\n";
        for (offset, line, column, utf16) in [(0, 1, 1, 0), (5, 1, 5, 4), (7, 2, 1, 6), (14, 2, 6, 11), (16, 3, 1, 13), (18, 4, 1, 15)] {
            assert_eq!(position_of(text, offset), Position { line, column, offset: utf16 }, "{offset}");
            assert_eq!(offset_of(text, line, column), offset, "{line}:{column}");
        }
        for (line, column, offset) in [(1, 99, 5), (2, 5, 10), (99, 1, 18), (0, 0, 0), (4, 9, 18)] {
            assert_eq!(offset_of(text, line, column), offset, "{line}:{column}");
        }
    }
}
