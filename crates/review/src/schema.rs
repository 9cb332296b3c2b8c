//! The interface of a schema: it finds fields that Kubernetes does not have, and values of the wrong type. The table of
//! Kubernetes' fields is large, so only programs that pass a schema in the options contain it.

use pss_manifest::{Node, Span};

/// A schema of objects.
pub trait Schema: Sync {
    /// Returns the errors in an object, in the order in which an API server lists them; none if its kind is not in the schema.
    fn errors(&self, object: Node<'_>, api_version: &str, kind: &str) -> Vec<SchemaError>;
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
