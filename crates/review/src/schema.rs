//! The interface of a schema: it finds fields that Kubernetes does not have, and values of the wrong type. The table of
//! Kubernetes' fields is large, so only programs that pass a schema in the options contain it.

use pss_manifest::{Node, Span};

use crate::options::FieldValidation;
use crate::report::{Diagnostic, DiagnosticKind, Severity};

/// A schema of objects.
pub trait Schema: Sync {
    /// Returns the errors in an object, in the order in which an API server lists them; none if its kind is not in the schema.
    fn errors(&self, object: Node<'_>, api_version: &str, kind: &str) -> Vec<SchemaError>;

    /// Adds the errors in an object, with its `apiVersion` and `kind`, to diagnostics. Returns the message of an API server that
    /// rejects the object for them. This is a method so that it is not a part of programs without a schema.
    fn report(
        &self,
        (object, api_version, kind): (Node<'_>, &str, &str),
        validation: FieldValidation,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<String> {
        let mut strict = Vec::new();
        let mut fatal = None;
        for SchemaError { kind, message, span, help, .. } in self.errors(object, api_version, kind) {
            let (kind, severity, text) = match (kind, validation) {
                (SchemaErrorKind::UnknownField, FieldValidation::Ignore) => continue,
                (SchemaErrorKind::UnknownField, FieldValidation::Warn) => (DiagnosticKind::UnknownField, Severity::Warning, message),
                (SchemaErrorKind::UnknownField, FieldValidation::Strict) => {
                    let text = format!("strict decoding error: {message}");
                    strict.push(message);
                    (DiagnosticKind::UnknownField, Severity::Error, text)
                }
                (SchemaErrorKind::WrongType, _) => {
                    fatal = fatal.or_else(|| Some(message.clone()));
                    (DiagnosticKind::WrongType, Severity::Error, message)
                }
            };
            diagnostics.push(Diagnostic { kind, severity, message: text, help, span });
        }
        // An API server lists unknown fields only if it can decode the object.
        fatal.or_else(|| (!strict.is_empty()).then(|| format!("strict decoding error: {}", strict.join(", "))))
    }
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
