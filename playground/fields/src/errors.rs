//! The errors about fields as JSON for the core, which deserializes them with [`pss_review::schema::ForeignErrors`]. Positions are
//! offsets in bytes of the text of the document.

use pss_manifest::Span;
use pss_manifest::edit::Edit;
use pss_review::Fix;
use pss_review::schema::{SchemaError, SchemaErrorKind};
use serde::Serialize;

/// The errors and warnings about an object.
#[derive(Debug, Serialize)]
pub struct ObjectErrors {
    /// The offset of the object.
    pub offset: usize,
    /// The errors, in the order in which an API server has them.
    pub errors: Vec<FieldError>,
    /// The warnings that an API server itself gives about it.
    pub warnings: Vec<String>,
}

/// An error about a field.
#[derive(Debug, Serialize)]
pub struct FieldError {
    /// `unknownField` or `wrongType`.
    pub kind: &'static str,
    /// The message of an API server.
    pub message: String,
    /// The path of the field.
    pub path: String,
    /// The start of the key of an unknown field, or of the value of the wrong type.
    pub start: usize,
    /// Its end.
    pub end: usize,
    /// How to fix it, in a sentence.
    pub help: Option<String>,
    /// The edits that fix it.
    pub fix: Option<FieldFix>,
}

/// Edits that fix an error.
#[derive(Debug, Serialize)]
pub struct FieldFix {
    /// A description of the edits.
    pub title: String,
    /// The edits, in the order of the text.
    pub edits: Vec<FieldEdit>,
}

/// An edit.
#[derive(Debug, Serialize)]
pub struct FieldEdit {
    /// The start of the replaced text.
    pub start: usize,
    /// Its end.
    pub end: usize,
    /// The new text.
    pub text: String,
}

fn offsets(span: Span) -> (usize, usize) {
    (span.start.offset, span.end.offset)
}

impl From<SchemaError> for FieldError {
    fn from(error: SchemaError) -> Self {
        let (start, end) = offsets(error.span);
        let kind = match error.kind {
            SchemaErrorKind::UnknownField => "unknownField",
            SchemaErrorKind::WrongType => "wrongType",
        };
        FieldError { kind, message: error.message, path: error.path, start, end, help: error.help, fix: error.fix.map(FieldFix::from) }
    }
}

impl From<Fix> for FieldFix {
    fn from(fix: Fix) -> Self {
        FieldFix { title: fix.title, edits: fix.edits.into_iter().map(FieldEdit::from).collect() }
    }
}

impl From<Edit> for FieldEdit {
    fn from(edit: Edit) -> Self {
        let (start, end) = offsets(edit.span);
        FieldEdit { start, end, text: edit.text }
    }
}
