//! A parser of YAML and JSON manifests that agrees with Kubernetes, and edits of their text.
//!
//! ```text
//! text --split--> documents --scan--> tokens --parse--> events --compose, decode--> Tree
//! ```
//!
//! Kubernetes splits a file with the reader of k8s.io/apimachinery and parses each document with sigs.k8s.io/yaml, which is
//! go-yaml with YAML 1.1: `hostNetwork: yes` is true, the last of two equal keys is used, `--- {}` is an error. This parser
//! returns the same values or a [`Diagnostic`], and the position of every value in the text. It is independent of the kinds of
//! objects.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod binary;
mod compose;
mod decode;
pub mod edit;
mod float;
mod go_syntax;
mod json_text;
mod number;
mod parse;
mod position;
mod resolve;
mod scan;
mod split;
mod timestamp;
mod tree;

pub use number::Number;
pub use position::{Position, Span};
pub use scan::Origin;
pub use tree::{Entry, Kind, Node, Place, Tree};

use compose::Composer;
use position::{ByteSpan, Lines, MAX_BYTES};
use scan::{ErrorDetails, SyntaxError};
use split::Part;

/// The limits of a text, beyond which it is not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The maximum size of a text in bytes.
    pub bytes: usize,
}

/// Less than 10 MB: more than any cluster accepts, and little enough for a responsive page.
impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 10_000_000 - 1 }
    }
}

/// The byte order mark, at which texts and documents can begin.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The end of the message of an error about a limit of this parser, which Kubernetes does not have.
const LIMIT_SUFFIX: &str = "read here";

/// An error or warning with its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The message: that of Kubernetes if it is meant for users.
    pub message: String,
    /// The position.
    pub span: Span,
    /// The part of kubectl that finds the error.
    pub origin: Origin,
    /// The message of kubectl if it is not `message`.
    kubectl: Option<String>,
}

impl Diagnostic {
    /// Returns the message of kubectl, without what it prints before for the origin.
    pub fn kubectl_message(&self) -> &str {
        self.kubectl.as_ref().unwrap_or(&self.message)
    }

    /// Returns whether this is an error about a limit of this parser, which Kubernetes does not have.
    pub fn is_limit(&self) -> bool {
        self.message.ends_with(LIMIT_SUFFIX)
    }
}

/// A document of a text.
#[derive(Debug, Clone)]
pub struct Document<'t> {
    /// The position of the document: whole lines, unless it is JSON on a line with other JSON.
    pub span: Span,
    /// The value of the document, or the error of parsing it.
    pub content: Result<Tree<'t>, Diagnostic>,
    /// Warnings about text that Kubernetes accepts silently but that is probably an error: duplicate keys, text after the end.
    pub warnings: Vec<Diagnostic>,
}

impl Document<'_> {
    /// Returns its first and last line, counted from 1.
    pub fn lines(&self) -> (usize, usize) {
        let end = self.span.end;
        let last = if end.column == 1 { end.line - 1 } else { end.line };
        (self.span.start.line, last.max(self.span.start.line))
    }
}

/// Parses all documents of a text. An invalid document does not affect the others.
///
/// As for Kubernetes, an empty document is a document with the value `null`, and an empty text has no document.
pub fn documents(text: &str) -> Vec<Document<'_>> {
    documents_within(text, Limits::default())
}

/// Parses all documents of a text within limits. A text that exceeds them is a single document with an error.
pub fn documents_within(text: &str, limits: Limits) -> Vec<Document<'_>> {
    documents_iter(text, limits).collect()
}

/// Returns an iterator over the documents of a text within limits, which parses each document when it is requested. A caller
/// that drops each document before the next needs the memory of one tree at a time. The documents are those of
/// [`documents_within`].
pub fn documents_iter(text: &str, limits: Limits) -> impl Iterator<Item = Document<'_>> {
    sections(text, limits).map(|section| section.parse())
}

/// Returns the sections of a text that are its documents, without parsing them.
pub fn sections(text: &str, limits: Limits) -> impl Iterator<Item = Section<'_>> {
    let limit = if limits.bytes < MAX_BYTES { limits.bytes } else { MAX_BYTES };
    let is_too_long = text.len() > limit;
    let lines = Lines::of(if is_too_long { "" } else { text });
    let parts = if is_too_long {
        let message = format!("{} bytes are more than the {limit} that are {LIMIT_SUFFIX}", text.len());
        vec![Part::Invalid(ByteSpan::at(0), SyntaxError::new(message, ByteSpan::at(0)))]
    } else {
        split::split(text)
    };
    parts.into_iter().map(move |part| Section { text, lines: lines.clone(), part })
}

/// The section of a text that is a document, which is not parsed yet.
#[derive(Debug)]
pub struct Section<'t> {
    /// The whole text.
    text: &'t str,
    lines: Lines<'t>,
    part: Part,
}

impl<'t> Section<'t> {
    /// Returns the text of the section.
    pub fn text(&self) -> &'t str {
        let at = self.part.byte_span();
        self.text.get(at.start..at.end).unwrap_or_default()
    }

    /// Returns whether it is parsed as JSON. Sections with the same text, the same answer, and no error in JSON are equal documents.
    pub fn is_json(&self) -> bool {
        matches!(self.part, Part::Json(_))
    }

    /// Returns the message of an error in JSON, which depends on the text before the section, and its offset in the section, in bytes.
    pub fn json_error(&self) -> Option<(&str, usize)> {
        match &self.part {
            Part::Yaml(at, Some(error)) | Part::Invalid(at, error) => Some((&error.message, error.at.start.saturating_sub(at.start))),
            _ => None,
        }
    }

    /// Returns the position in the whole text for an offset in the section, in bytes.
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(self.part.byte_span().start.saturating_add(offset))
    }

    /// Returns a text of its own that is parsed in the same way.
    pub fn with_text<'u>(&self, text: &'u str) -> Section<'u> {
        let at = ByteSpan::new(0, text.len());
        let part = match &self.part {
            Part::Json(_) => Part::Json(at),
            // The error is about the text that this one replaces.
            Part::Yaml(..) => Part::Yaml(at, None),
            Part::Invalid(_, error) => Part::Invalid(at, error.clone()),
        };
        Section { text, lines: Lines::of(text), part }
    }

    /// Returns the span in the whole text for a range in the section, in bytes.
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        let start = self.part.byte_span().start;
        self.lines.span(ByteSpan::new(start.saturating_add(range.start), start.saturating_add(range.end)))
    }

    /// Parses the document. Its positions are those in the whole text.
    pub fn parse(&self) -> Document<'t> {
        document(self.text, &self.lines, self.part.clone())
    }
}

fn document<'t>(text: &'t str, lines: &Lines<'t>, part: Part) -> Document<'t> {
    let mut warnings = Vec::new();
    let at = part.byte_span();
    let lines = &lines.for_part(at);
    let content = match part {
        Part::Json(at) => {
            let mut composer = Composer::new(lines.clone(), at.end - at.start);
            json_text::read(text, at, &mut composer).and_then(|()| composer.finish(&mut warnings))
        }
        Part::Yaml(at, json_error) => yaml(text, at, lines, &mut warnings).map_err(|error| match json_error {
            Some(json_error) if !error.message.ends_with(LIMIT_SUFFIX) => json_error,
            _ => error,
        }),
        Part::Invalid(_, error) => Err(error),
    };
    Document {
        span: lines.span(at),
        content: content.map_err(|mut error| {
            error.at = visible_span(text, at, error.at);
            diagnostic(lines, error)
        }),
        warnings: warnings.into_iter().map(|warning| diagnostic(lines, warning)).collect(),
    }
}

fn yaml<'t>(text: &'t str, at: ByteSpan, lines: &Lines<'t>, warnings: &mut Vec<SyntaxError>) -> Result<Tree<'t>, SyntaxError> {
    let at = without_byte_order_mark(text, at)?;
    let content = text.get(at.start..at.end).unwrap_or_default();
    if let Some((offset, control)) = forbidden_character(content) {
        let start = at.start + offset;
        return Err(SyntaxError::new("control characters are not allowed", ByteSpan::new(start, start + control.len_utf8())));
    }
    let tree = Composer::new(lines.clone(), content.len()).yaml(text, at, warnings)?;
    Ok(tree.unwrap_or_else(|| Tree::null(lines.clone(), at)))
}

/// Returns the position to mark for an error. An error at the end of a document marks its last character, because the text after
/// it belongs to another document.
fn visible_span(text: &str, document: ByteSpan, at: ByteSpan) -> ByteSpan {
    let start = at.start.min(document.end);
    let after = text.get(start..document.end).unwrap_or_default();
    let before = text.get(document.start..start).unwrap_or_default().trim_end();
    match before.char_indices().next_back() {
        Some((last, _)) if at.end.min(document.end) <= start && after.trim_end().is_empty() => ByteSpan::new(document.start + last, start),
        _ => at,
    }
}

/// Removes a byte order mark from the start of a document. A second one is an error, because go-yaml would drop characters.
///
/// kubectl removes that of a file itself, so that the first document can have two.
fn without_byte_order_mark(text: &str, at: ByteSpan) -> Result<ByteSpan, SyntaxError> {
    const MARK: &str = BYTE_ORDER_MARK;
    let of_file = if at.start == 0 && text.starts_with(MARK) { MARK.len() } else { 0 };
    let at = ByteSpan::new(at.start + of_file, at.end);
    let content = text.get(at.start..at.end).unwrap_or_default();
    let Some(rest) = content.strip_prefix(MARK) else { return Ok(at) };
    let start = at.start + MARK.len();
    if rest.starts_with(MARK) {
        return Err(SyntaxError::new("found a second byte order mark", ByteSpan::new(start, start + MARK.len())));
    }
    Ok(ByteSpan::new(start, at.end))
}

/// Returns the first character that YAML 1.1 does not allow in a text, with its offset.
fn forbidden_character(text: &str) -> Option<(usize, char)> {
    // Most texts have none of these bytes, which may be such a character or begin one.
    let is_suspect = |byte: u8| matches!(byte, 0..=0x1f | 0x7f | 0xc2 | 0xef) && !matches!(byte, b'\t' | b'\n' | b'\r');
    if !text.bytes().fold(false, |any, byte| any | is_suspect(byte)) {
        return None;
    }
    text.char_indices().find(|(_, character)| !is_allowed(*character))
}

/// Returns whether YAML 1.1 allows a character in a text.
fn is_allowed(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn diagnostic(lines: &Lines<'_>, error: SyntaxError) -> Diagnostic {
    let ErrorDetails { message, at, origin, kubectl } = error.into_details();
    Diagnostic { message, span: lines.span(at), origin, kubectl }
}

/// Documents can be moved to and shared with other threads.
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Document<'_>>();
    is_send_and_sync::<Tree<'_>>();
    is_send_and_sync::<Node<'_>>();
    is_send_and_sync::<Diagnostic>();
    is_send_and_sync::<edit::Edit>();
};

#[cfg(test)]
mod tests;
