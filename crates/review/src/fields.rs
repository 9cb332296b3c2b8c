//! The fields of Kubernetes' types: unknown fields and values of a wrong type in an object, and the fields that an object can have.
//!
//! An API server decodes an object with field validation Strict if kubectl or another client requests it. This module has the same
//! errors in the same order and words. They also have spans, and suggestions for the author.
//!
//! - `table.rs`: the table and its format. `kubernetes.txt` is the table of Kubernetes, which `make fields` generates.
//! - `decoding.rs`: decodes an object, as Kubernetes' decoder of JSON does, for its errors only.
//! - `scalars.rs`: the formats of quantities, times and base64.
//! - `warnings.rs`: the warnings that an API server itself gives.
//! - `placement.rs`: the place where an unknown field belongs.
//! - `fixes.rs`: edits that fix an error.
//! - `completion.rs`: the fields of a place, for editors.

mod completion;
mod decoding;
mod fixes;
mod placement;
mod scalars;
mod table;
mod warnings;

use std::sync::OnceLock;

use pss_manifest::{Node, Section};

pub use completion::Completion;
pub use table::{Fields, TableError};

use crate::cause;
use crate::report::Diagnostic;
use crate::schema::{Schema, SchemaError};

/// The table of the fields of Kubernetes 1.37, as text.
pub const KUBERNETES: &str = include_str!("fields/kubernetes.txt");

/// Returns the fields of Kubernetes' types, which the first call parses.
pub fn kubernetes() -> &'static Fields<'static> {
    static FIELDS: OnceLock<Fields<'static>> = OnceLock::new();
    // A test parses the table.
    FIELDS.get_or_init(|| Fields::parse(KUBERNETES).unwrap_or_default())
}

impl Schema for Fields<'_> {
    fn errors(&self, object: Node<'_>, api_version: &str, kind: &str) -> Vec<SchemaError> {
        self.kind(api_version, kind).map_or_else(Vec::new, |root| decoding::errors(self, object, root))
    }

    fn warnings(&self, object: Node<'_>, api_version: &str, kind: &str) -> Vec<String> {
        warnings::warnings(object, api_version, kind)
    }

    fn explain(&self, section: &Section<'_>, value: Option<Node<'_>>, diagnostic: Diagnostic) -> Diagnostic {
        cause::explain(section, value, diagnostic)
    }
}

#[cfg(test)]
mod tests;
