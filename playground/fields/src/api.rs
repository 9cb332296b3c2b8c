//! The functions of the module for callers in Rust; `bindings` exports them to JavaScript.

use pss_manifest::{Limits, documents_iter};
use pss_review::fields::kubernetes;
use pss_review::objects_of;
use pss_review::schema::Schema;

use crate::errors::{FieldError, ObjectErrors};

/// Finds the errors about fields in the objects of a document, as JSON: one entry for each object with errors. There are none in a
/// document that cannot be parsed.
pub fn errors(document: &str) -> String {
    let mut all = Vec::new();
    // The text of a document has no other.
    for document in documents_iter(document, Limits::default()).take(1) {
        let Ok(tree) = &document.content else { continue };
        for (node, api_version, kind) in objects_of(tree.root()) {
            let errors: Vec<FieldError> = kubernetes().errors(node, api_version, kind).into_iter().map(FieldError::from).collect();
            if !errors.is_empty() {
                all.push(ObjectErrors { offset: node.span().start.offset, errors });
            }
        }
    }
    serde_json::to_string(&all).unwrap_or_default()
}
