//! The interface of a schema: it finds fields that Kubernetes does not have, and values of the wrong type. The table of
//! Kubernetes' fields is large, so only programs that pass a schema in the options contain it.

use pss_manifest::{Node, Section, Span};

use crate::options::FieldValidation;
use crate::report::{Diagnostic, DiagnosticKind, Fix, Severity};

/// A schema of objects.
pub trait Schema: Sync {
    /// Returns the errors in an object, in the order in which an API server lists them; none if its kind is not in the schema.
    fn errors(&self, object: Node<'_>, api_version: &str, kind: &str) -> Vec<SchemaError>;

    /// Returns the warnings that an API server itself gives when it creates a valid object, in its order; by default none.
    fn warnings(&self, _object: Node<'_>, _api_version: &str, _kind: &str) -> Vec<String> {
        Vec::new()
    }

    /// Replaces the diagnostic of a document that cannot be parsed, or of a value that is no object, by one that names the cause and a
    /// fix. By default it remains.
    fn explain(&self, _: &Section<'_>, _: Option<Node<'_>>, diagnostic: Diagnostic) -> Diagnostic {
        diagnostic
    }

    /// Adds the errors in an object, with its `apiVersion` and `kind`, to diagnostics. Returns the error of an API server that
    /// rejects the object for them: the first in its metadata, or else the first. This is a method so that it is not a part of programs
    /// without a schema.
    fn report(
        &self,
        (object, api_version, kind): (Node<'_>, &str, &str),
        validation: FieldValidation,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<DecodingError> {
        let mut strict = Vec::new();
        let mut fatal: Option<DecodingError> = None;
        for SchemaError { kind, message, path, span, help, fix, .. } in self.errors(object, api_version, kind) {
            let (kind, severity, text) = match (kind, validation) {
                (SchemaErrorKind::UnknownField, FieldValidation::Ignore) => continue,
                (SchemaErrorKind::UnknownField, FieldValidation::Warn) => (DiagnosticKind::UnknownField, Severity::Warning, message),
                (SchemaErrorKind::UnknownField, FieldValidation::Strict) => {
                    let text = format!("strict decoding error: {message}");
                    strict.push(message);
                    (DiagnosticKind::UnknownField, Severity::Error, text)
                }
                (SchemaErrorKind::WrongType, _) => {
                    let is_in_metadata = is_in_metadata(&path);
                    if fatal.as_ref().is_none_or(|first| is_in_metadata && !first.is_in_metadata) {
                        fatal = Some(DecodingError { message: message.clone(), is_in_metadata });
                    }
                    (DiagnosticKind::WrongType, Severity::Error, message)
                }
            };
            diagnostics.push(Diagnostic { kind, severity, message: text, help, fix, span });
        }
        // An API server lists unknown fields only if it can decode the object.
        let strict_error = || format!("strict decoding error: {}", strict.join(", "));
        fatal.or_else(|| (!strict.is_empty()).then(|| DecodingError { message: strict_error(), is_in_metadata: false }))
    }
}

/// The error of an API server, or of kubectl, that cannot decode an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodingError {
    /// The message.
    pub message: String,
    /// Whether it is in the metadata of the object, which kubectl decodes before it calls the API server.
    pub is_in_metadata: bool,
}

/// Returns whether the path of a field of an object is that of its metadata, or in them.
pub(crate) fn is_in_metadata(path: &str) -> bool {
    path.strip_prefix("metadata").is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// An error in an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// What is wrong.
    pub kind: SchemaErrorKind,
    /// The error as in the message of an API server: `unknown field "spec.foo"`.
    pub message: String,
    /// The path of the field, with indices.
    pub path: String,
    /// The span of the key of an unknown field, or of a value of the wrong type.
    pub span: Span,
    /// How to fix it, in a sentence.
    pub help: Option<String>,
    /// The fix as data.
    pub suggestion: Option<Suggestion>,
    /// The edits that fix it, if they are safe: they remove the error, cause no other, and keep the rest of the text.
    pub fix: Option<Fix>,
}

/// The kinds of errors in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaErrorKind {
    /// The object has no such field.
    UnknownField,
    /// The value has the wrong type.
    WrongType,
}

/// A fix of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// Another name of the field.
    Rename {
        /// The name.
        to: String,
    },
    /// Another place of the field.
    Move {
        /// The path of the place.
        to: String,
    },
}
