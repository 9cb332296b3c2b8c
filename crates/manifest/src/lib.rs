//! Manifests as people write them, YAML or JSON, read as Kubernetes reads them.
//!
//! ```text
//! text --split--> documents --scan, parse--> events --graph--> what was written --decode--> Tree
//! ```
//!
//! Kubernetes splits a file with apimachinery's reader and reads each document with
//! sigs.k8s.io/yaml, which is go-yaml and YAML 1.1: `hostNetwork: yes` is true, the last of two
//! equal keys counts, `--- {}` is an error. What is read here is read like that, or it is a
//! [`Diagnostic`]; and every value knows where it stands in the text.
//!
//! Nothing here knows what a pod is.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod binary;
mod decode;
pub mod edit;
mod float;
mod graph;
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
pub use tree::{Entry, Kind, Node, Place, Tree};

use position::{Lines, Stretch};
use scan::Fault;
use split::Part;

/// The limits of a text, beyond which it is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of a text.
    pub bytes: usize,
}

/// 10 MB: more than any cluster accepts, and less than freezes a page.
impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 10_000_000 - 1 }
    }
}

/// The end of a message about a limit of this reader, which Kubernetes does not have.
const HERE: &str = "read here";

/// Something to tell the author, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is the matter; in go-yaml's words, where it has any.
    pub message: String,
    /// The place.
    pub span: Span,
}

impl Diagnostic {
    /// Whether it is a limit of this reader, of which Kubernetes knows nothing.
    pub fn is_a_limit(&self) -> bool {
        self.message.ends_with(HERE)
    }
}

/// One document of a text.
#[derive(Debug, Clone)]
pub struct Document<'t> {
    /// The place of the document, whole lines unless it is JSON on a line with other JSON.
    pub span: Span,
    /// What it says, or why nothing can be read from it.
    pub content: Result<Tree<'t>, Diagnostic>,
    /// What Kubernetes takes without a word, and its author hardly meant: keys that stand twice,
    /// text behind the end.
    pub notes: Vec<Diagnostic>,
}

impl Document<'_> {
    /// Its first and last line, from 1.
    pub fn lines(&self) -> (usize, usize) {
        let end = self.span.end;
        let last = if end.column == 1 { end.line - 1 } else { end.line };
        (self.span.start.line, last.max(self.span.start.line))
    }
}

/// Reads all documents of a text. One that is broken does not stop the others.
///
/// Empty documents are documents, with the value `null`, as for Kubernetes; a text with nothing in
/// it has none.
pub fn documents(text: &str) -> Vec<Document<'_>> {
    documents_within(text, Limits::default())
}

/// The same, within other limits: a text beyond them is a single document with an error.
pub fn documents_within(text: &str, limits: Limits) -> Vec<Document<'_>> {
    let is_too_long = text.len() > limits.bytes;
    let lines = Lines::of(if is_too_long { "" } else { text });
    if is_too_long {
        let message = format!("{} bytes are more than the {} that are {HERE}", text.len(), limits.bytes);
        let content = Err(diagnostic(&lines, Fault::new(message, Stretch::at(0))));
        return vec![Document { span: lines.span(Stretch::at(0)), content, notes: Vec::new() }];
    }
    split::split(text).into_iter().map(|part| document(text, &lines, part)).collect()
}

fn document<'t>(text: &'t str, lines: &Lines<'t>, part: Part) -> Document<'t> {
    let mut notes = Vec::new();
    let at = part.stretch();
    let content = match part {
        Part::Json(at) => json_text::read(text, at).and_then(|graph| decode::decode(&graph, lines, &mut notes)),
        Part::Yaml(at) => yaml(text, at, lines, &mut notes),
        Part::Broken(_, fault) => Err(fault),
    };
    Document {
        span: lines.span(at),
        content: content.map_err(|fault| diagnostic(lines, Fault { at: visible(text, at, fault.at), ..fault })),
        notes: notes.into_iter().map(|note| diagnostic(lines, note)).collect(),
    }
}

fn yaml<'t>(text: &'t str, at: Stretch, lines: &Lines<'t>, notes: &mut Vec<Fault>) -> Result<Tree<'t>, Fault> {
    let at = without_byte_order_mark(text, at)?;
    let written = text.get(at.start..at.end).unwrap_or_default();
    if let Some((offset, control)) = written.char_indices().find(|(_, character)| !is_allowed(*character)) {
        let start = at.start + offset;
        return Err(Fault::new("control characters are not allowed", Stretch::new(start, start + control.len_utf8())));
    }
    match graph::Graph::read(text, at)? {
        Some(graph) => {
            let tree = decode::decode(&graph, lines, notes)?;
            if let Some(unread) = graph.unread {
                notes.push(Fault::new("the document ended before this, and Kubernetes reads none of it", unread));
            }
            Ok(tree)
        }
        None => Ok(Tree::null(lines.clone(), at)),
    }
}

/// The place of a fault; what is found at the very end of a document is shown from its last character
/// on, for there is nothing to see behind it but another document.
fn visible(text: &str, document: Stretch, at: Stretch) -> Stretch {
    let start = at.start.min(document.end);
    let behind = text.get(start..document.end).unwrap_or_default();
    let before = text.get(document.start..start).unwrap_or_default().trim_end();
    match before.char_indices().next_back() {
        Some((last, _)) if at.end.min(document.end) <= start && behind.trim_end().is_empty() => Stretch::new(document.start + last, start),
        _ => at,
    }
}

/// A mark of the encoding may begin a document. A second one makes go-yaml drop characters.
fn without_byte_order_mark(text: &str, at: Stretch) -> Result<Stretch, Fault> {
    const MARK: &str = "\u{feff}";
    let written = text.get(at.start..at.end).unwrap_or_default();
    let Some(rest) = written.strip_prefix(MARK) else { return Ok(at) };
    let start = at.start + MARK.len();
    if rest.starts_with(MARK) {
        return Err(Fault::new("found a second byte order mark", Stretch::new(start, start + MARK.len())));
    }
    Ok(Stretch::new(start, at.end))
}

/// What YAML 1.1 allows in a text.
fn is_allowed(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn diagnostic(lines: &Lines<'_>, fault: Fault) -> Diagnostic {
    Diagnostic { message: fault.message, span: lines.span(fault.at) }
}

#[cfg(test)]
mod tests;
