//! The source text of a document: lines, columns, and the text around an offset.

use crate::position::ByteSpan;
use crate::tree::{Item, Member, Node, Tree, Value};

const BYTE_ORDER_MARK: &str = "\u{feff}";

impl Node<'_> {
    pub(super) fn is_alias(self) -> bool {
        matches!(self.item(), Some(Item { value: Value::Alias(_), .. }))
    }
}

impl ByteSpan {
    pub(super) fn encloses(self, other: ByteSpan) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// The source text of a tree.
#[derive(Clone, Copy)]
pub(super) struct SourceText<'d> {
    pub(super) tree: &'d Tree<'d>,
    text: &'d str,
}

impl<'d> SourceText<'d> {
    /// Returns `None` for a text with line breaks that not all programs recognize, and for a document with trailing text, which an edit
    /// could make part of it.
    pub(super) fn of(tree: &'d Tree<'d>) -> Option<Self> {
        (tree.lines.has_common_line_breaks && !tree.source_info.has_trailing_text).then_some(SourceText { tree, text: tree.lines.text })
    }

    pub(super) fn slice(self, start: usize, end: usize) -> &'d str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Returns whether the text between two offsets consists of spaces and tabs.
    pub(super) fn is_blank(self, start: usize, end: usize) -> bool {
        self.slice(start, end).bytes().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// Returns whether a character other than whitespace is at an offset.
    pub(super) fn is_text(self, offset: usize) -> bool {
        self.slice(offset, self.text.len()).starts_with(|next: char| !next.is_whitespace())
    }

    /// Returns the start of the line at an offset.
    pub(super) fn line_start(self, offset: usize) -> usize {
        let start = self.tree.lines.line_start(offset);
        if self.slice(start, offset).starts_with(BYTE_ORDER_MARK) { start + BYTE_ORDER_MARK.len() } else { start }
    }

    /// Returns the end of the line at an offset, before its line break.
    pub(super) fn line_end(self, offset: usize) -> usize {
        self.tree.lines.end_of_line(offset)
    }

    /// Returns the start of the line after the one at an offset, or the end of the text for the last line.
    pub(super) fn next_line(self, offset: usize) -> usize {
        self.tree.lines.next_line(offset)
    }

    /// Returns the line break of the line at an offset; that of the first line if the line has none.
    pub(super) fn line_break(self, offset: usize) -> &'static str {
        let of = |offset| {
            let end = self.line_end(offset);
            let line_break = self.slice(end, self.next_line(end));
            (!line_break.is_empty()).then_some(if line_break == "\n" { "\n" } else { "\r\n" })
        };
        of(offset).or_else(|| of(0)).unwrap_or("\n")
    }

    /// Returns the text before an offset on its line.
    pub(super) fn before(self, offset: usize) -> &'d str {
        self.slice(self.line_start(offset), offset)
    }

    /// Returns the number of characters before an offset on its line.
    pub(super) fn column(self, offset: usize) -> usize {
        self.tree.lines.characters(self.line_start(offset), offset)
    }

    /// Returns whether only whitespace is before an offset on its line.
    pub(super) fn begins_line(self, offset: usize) -> bool {
        self.is_blank(self.line_start(offset), offset)
    }

    /// Returns whether only whitespace or a comment is after an offset on its line.
    pub(super) fn ends_line(self, offset: usize) -> bool {
        let rest = self.slice(offset, self.line_end(offset)).trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with('#')
    }

    /// Returns the column of the comment if a line consists of a comment.
    pub(super) fn comment(self, line_start: usize) -> Option<usize> {
        let line = self.slice(line_start, self.line_end(line_start));
        let comment = line.trim_start_matches([' ', '\t']);
        comment.starts_with('#').then(|| line.len() - comment.len())
    }

    /// Returns the end of the last of the comment lines after an offset that are indented to at least `column`, or the end of the line
    /// at the offset.
    pub(super) fn after_comments(self, offset: usize, column: usize) -> usize {
        let mut end = self.line_end(offset);
        loop {
            let next = self.next_line(end);
            if self.comment(next).is_none_or(|comment| comment < column) {
                return end;
            }
            end = self.line_end(next);
        }
    }

    /// Returns the start of the comment lines directly above the line at an offset and in its column, or the start of that line.
    pub(super) fn comments_above(self, offset: usize) -> usize {
        let mut start = self.line_start(offset);
        let line = self.slice(start, offset);
        let column = line.len() - line.trim_start_matches([' ', '\t']).len();
        // A line of a scalar may look like a comment.
        let is_below_text = |line| {
            let before = self.items_around(line).0.last().map(Item::at);
            before.is_none_or(|before| before.end <= line || before.end > offset)
        };
        while let Some(above) = start.checked_sub(1).map(|end| self.line_start(end))
            && self.comment(above) == Some(column)
            && is_below_text(above)
        {
            start = above;
        }
        start
    }

    /// Returns the offset after the colon of a key.
    pub(super) fn colon(self, key: Member<'_>) -> Option<usize> {
        let after = self.slice(key.key_at.end, self.line_end(key.key_at.end));
        let colon = after.trim_start_matches([' ', '\t']).strip_prefix(':')?;
        Some(key.key_at.end + after.len() - colon.len())
    }

    /// Returns whether there may be a tag between a key and its value, which could be invalid for a new value. A comment with an
    /// exclamation mark is treated as a tag.
    pub(super) fn is_tagged(self, key: Member<'_>, value: ByteSpan) -> bool {
        self.slice(key.key_at.end, value.start).contains('!')
    }

    /// Returns whether a value is a flow collection.
    pub(super) fn is_flow(self, node: Node<'_>) -> bool {
        let at = node.byte_span();
        let is_collection = matches!(node.item(), Some(Item { value: Value::Sequence(_) | Value::Mapping(_), .. }));
        is_collection && self.slice(at.start, at.end).starts_with(['{', '['])
    }

    /// Returns the spans of the values and keys in a flow collection.
    pub(super) fn inside(self, collection: ByteSpan) -> Vec<ByteSpan> {
        let items = &self.tree.items;
        let first = items.partition_point(|item| item.at().start <= collection.start);
        let mut spans = Vec::new();
        for at in items.get(first..).unwrap_or_default().iter().map(Item::at) {
            if at.start >= collection.end {
                break;
            }
            if at.end < collection.end {
                spans.push(at);
            }
        }
        spans
    }

    /// Returns the values and keys that begin before an offset, and the others.
    pub(super) fn items_around(self, offset: usize) -> (&'d [Item<'d>], &'d [Item<'d>]) {
        let items = &self.tree.items;
        let index = items.partition_point(|item| item.at().start < offset);
        items.split_at_checked(index).unwrap_or_default()
    }

    /// Returns the spans of the values that aliases refer to.
    fn anchored(self) -> impl Iterator<Item = ByteSpan> {
        self.tree.source_info.aliases.iter().map(move |(_, target)| self.tree.at(*target))
    }

    /// Returns whether an alias refers to a value or to a collection that contains it.
    pub(super) fn is_anchored(self, at: ByteSpan) -> bool {
        self.anchored().any(|target| target.encloses(at))
    }

    /// Returns whether an alias refers to a value in a span.
    pub(super) fn has_anchored(self, at: ByteSpan) -> bool {
        self.anchored().any(|target| at.encloses(target))
    }

    /// Returns the indentation of nested mappings: in a mapping, or otherwise in the document.
    pub(super) fn indentation(self, near: Node<'_>) -> usize {
        let of = |mapping: Node<'_>| {
            for member in mapping.members() {
                let at = member.value.byte_span();
                // An alias or a merged member has the indentation of another mapping.
                let is_own = !mapping.is_alias() && !member.value.is_alias() && mapping.byte_span().encloses(member.key_at);
                let is_block = is_own && member.value.members().len() > 0 && self.begins_line(at.start);
                let further = self.column(at.start).checked_sub(self.column(member.key_at.start));
                if is_block && matches!(further, Some(1..=8)) {
                    return further;
                }
            }
            None
        };
        of(near).or_else(|| self.tree.nodes().find_map(of)).unwrap_or(2)
    }
}

/// Returns a word with the quotes of another, or without quotes if that has none.
pub(super) fn quoted_like(text: &str, other: &str) -> String {
    match other.get(..1) {
        Some(quote @ ("\"" | "'")) => [quote, text, quote].concat(),
        _ => text.to_owned(),
    }
}
