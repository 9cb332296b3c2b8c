//! The text around a place: lines, columns, what stands beside it.

use crate::position::Stretch;
use crate::tree::{Item, Member, Node, Tree, Value};

const BYTE_ORDER_MARK: &str = "\u{feff}";

impl Node<'_> {
    /// Where it stands, by bytes.
    pub(super) fn stretch(self) -> Stretch {
        self.item().map_or(Stretch::at(0), |item| item.at)
    }

    pub(super) fn is_alias(self) -> bool {
        matches!(self.item(), Some(Item { value: Value::Same(_), .. }))
    }
}

impl Stretch {
    pub(super) fn encloses(self, other: Stretch) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A text with what is known about it.
#[derive(Clone, Copy)]
pub(super) struct Page<'d> {
    pub(super) tree: &'d Tree<'d>,
    text: &'d str,
}

impl<'d> Page<'d> {
    /// None for a text whose lines end in ways that few programs agree about, and for a document that is
    /// followed by what is not read: a change could make it another document.
    pub(super) fn of(tree: &'d Tree<'d>) -> Option<Self> {
        (tree.lines.plain && !tree.writing.ends_early).then_some(Page { tree, text: tree.lines.text })
    }

    pub(super) fn slice(self, start: usize, end: usize) -> &'d str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether nothing but spaces and tabs stands there.
    pub(super) fn is_blank(self, start: usize, end: usize) -> bool {
        self.slice(start, end).bytes().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// Whether something else than white space stands there.
    pub(super) fn is_text(self, offset: usize) -> bool {
        self.slice(offset, self.text.len()).starts_with(|next: char| !next.is_whitespace())
    }

    /// Where the line of a place begins.
    pub(super) fn line_start(self, offset: usize) -> usize {
        let start = self.tree.lines.line_start(offset);
        if self.slice(start, offset).starts_with(BYTE_ORDER_MARK) { start + BYTE_ORDER_MARK.len() } else { start }
    }

    /// Where the line of a place ends, before its line break.
    pub(super) fn line_end(self, offset: usize) -> usize {
        self.tree.lines.end_of_line(offset)
    }

    /// Where the line behind that of a place begins; the end of the text for the last.
    pub(super) fn next_line(self, offset: usize) -> usize {
        self.tree.lines.next_line(offset)
    }

    /// How the line of a place ends; as the first line for a last one that has no end.
    pub(super) fn line_break(self, offset: usize) -> &'static str {
        let of = |offset| {
            let end = self.line_end(offset);
            let line_break = self.slice(end, self.next_line(end));
            (!line_break.is_empty()).then_some(if line_break == "\n" { "\n" } else { "\r\n" })
        };
        of(offset).or_else(|| of(0)).unwrap_or("\n")
    }

    /// What stands before a place on its line.
    pub(super) fn before(self, offset: usize) -> &'d str {
        self.slice(self.line_start(offset), offset)
    }

    /// How many characters stand before a place on its line.
    pub(super) fn column(self, offset: usize) -> usize {
        let column = |offset| self.tree.lines.position(offset).column;
        column(offset) - column(self.line_start(offset))
    }

    /// Whether only white space stands before a place on its line.
    pub(super) fn begins_line(self, offset: usize) -> bool {
        self.is_blank(self.line_start(offset), offset)
    }

    /// Whether only white space or a comment follows on the line of a place.
    pub(super) fn ends_line(self, offset: usize) -> bool {
        let rest = self.slice(offset, self.line_end(offset)).trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with('#')
    }

    /// The column of the comment that a line consists of.
    pub(super) fn comment(self, line_start: usize) -> Option<usize> {
        let line = self.slice(line_start, self.line_end(line_start));
        let comment = line.trim_start_matches([' ', '\t']);
        comment.starts_with('#').then(|| line.len() - comment.len())
    }

    /// The end of the last line of the comments that follow a place, if they stand as far to the right
    /// as `column`; else the end of its own line.
    pub(super) fn behind_comments(self, offset: usize, column: usize) -> usize {
        let mut end = self.line_end(offset);
        loop {
            let next = self.next_line(end);
            if self.comment(next).is_none_or(|comment| comment < column) {
                return end;
            }
            end = self.line_end(next);
        }
    }

    /// The place behind the colon of a key.
    pub(super) fn colon(self, key: &Member) -> Option<usize> {
        let behind = self.slice(key.key_at.end, self.line_end(key.key_at.end));
        let colon = behind.trim_start_matches([' ', '\t']).strip_prefix(':')?;
        Some(key.key_at.end + behind.len() - colon.len())
    }

    /// Whether there is a tag between a key and its value, which a new value may not suit. A comment may
    /// be taken for one.
    pub(super) fn is_tagged(self, key: &Member, value: Stretch) -> bool {
        self.slice(key.key_at.end, value.start).contains('!')
    }

    /// Whether a value is a collection in brackets.
    pub(super) fn is_flow(self, node: Node<'_>) -> bool {
        let at = node.stretch();
        let is_collection = matches!(node.item(), Some(Item { value: Value::Sequence(_) | Value::Mapping(_), .. }));
        is_collection && self.slice(at.start, at.end).starts_with(['{', '['])
    }

    /// All values and keys that are written inside of a collection in brackets.
    pub(super) fn inside(self, collection: Stretch) -> impl Iterator<Item = Stretch> {
        let items = &self.tree.items;
        let first = items.partition_point(|item| item.at.start <= collection.start);
        let behind = items.get(first..).unwrap_or_default().iter().map(|item| item.at);
        behind.take_while(move |at| at.start < collection.end).filter(move |at| at.end < collection.end)
    }

    /// Whether a value, or one that it is part of, stands also elsewhere.
    pub(super) fn is_repeated(self, at: Stretch) -> bool {
        self.tree.writing.repeated.iter().any(|target| target.encloses(at))
    }

    /// Whether there is something in a stretch that stands also elsewhere.
    pub(super) fn has_repeated(self, at: Stretch) -> bool {
        self.tree.writing.repeated.iter().any(|target| at.encloses(*target))
    }

    /// How much further right than its mapping a nested mapping stands: in this one, else wherever
    /// there is one.
    pub(super) fn indentation(self, near: Node<'_>) -> usize {
        let of = |item: &Item| {
            let Value::Mapping(members) = &item.value else { return None };
            members.iter().find_map(|member| {
                let Item { value: Value::Mapping(nested), at } = self.tree.items.get(member.value)? else { return None };
                let is_block = item.at.encloses(member.key_at) && !nested.is_empty() && self.begins_line(at.start);
                let further = self.column(at.start).checked_sub(self.column(member.key_at.start))?;
                (is_block && (1..=8).contains(&further)).then_some(further)
            })
        };
        near.item().and_then(of).or_else(|| self.tree.items.iter().find_map(of)).unwrap_or(2)
    }
}

/// A word in the quotes of another, or without any if that has none.
pub(super) fn quoted_like(text: &str, other: &str) -> String {
    match other.get(..1) {
        Some(quote @ ("\"" | "'")) => [quote, text, quote].concat(),
        _ => text.to_owned(),
    }
}
