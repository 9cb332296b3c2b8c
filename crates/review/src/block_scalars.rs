//! The block scalars of YAML, found line by line in texts that cannot be parsed.

/// Follows the lines of a text, and finds those that are content of a block scalar.
#[derive(Debug, Default)]
pub(crate) struct BlockScalars {
    /// The column that the content of the current scalar is to the right of.
    pub(crate) column: Option<usize>,
}

impl BlockScalars {
    /// Returns whether the next line, with its indentation in columns, is content of a block scalar.
    pub(crate) fn next_is_content(&mut self, line: &str, indent: usize) -> bool {
        if self.column.is_some_and(|column| indent > column || line.trim().is_empty()) {
            return true;
        }
        self.column = header(line, indent);
        false
    }
}

/// Returns the column of the entry or element whose value is a block scalar, if a line ends with the header of one: `|`, `>-`.
fn header(line: &str, indent: usize) -> Option<usize> {
    let body = line.split(" #").next().unwrap_or_default().trim();
    let (before, header) = body.rsplit_once(' ')?;
    let is_header = header.starts_with(['|', '>']) && header.bytes().skip(1).all(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'));
    let before = before.trim_end();
    // A tag or an anchor precedes the header.
    let last = before.rsplit(' ').next().unwrap_or_default();
    if !is_header || !before.ends_with([':', '-']) && !last.starts_with(['!', '&']) {
        return None;
    }
    let entry = without_dashes(body);
    let dashes = body.len() - entry.len();
    Some(if entry == header { indent + dashes.saturating_sub(2) } else { indent + dashes })
}

/// Returns the rest of a line after the dashes of elements.
pub(crate) fn without_dashes(content: &str) -> &str {
    let mut rest = content;
    while let Some(after) = rest.strip_prefix("- ") {
        rest = after.trim_start_matches(' ');
    }
    rest
}
