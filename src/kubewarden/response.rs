//! The answer to `validate`, as the host wants it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::admission::{Decision, Hardening, Mutation};
use crate::json::merge::Tree;
use crate::json::text::find;

/// The answer to `validate`, with the SDK's fields. Its own type keeps annotations in a hash table, and a changed
/// object as a value, which would lose what a value cannot hold, such as the format of a number.
#[derive(Debug, Serialize)]
pub struct Response {
    /// Whether the request is accepted.
    pub accepted: bool,
    /// Why it is rejected.
    pub message: Option<String>,
    /// The HTTP status of a rejection.
    pub code: Option<u16>,
    /// The object with its changes, if there are any.
    pub mutated_object: Option<Box<RawValue>>,
    /// What the audit log is told, if anything.
    pub audit_annotations: Option<BTreeMap<&'static str, String>>,
    /// What the user is told, if anything.
    pub warnings: Option<Vec<String>>,
}

impl Response {
    /// The answer to a request that stands under `request` in a payload.
    pub(super) fn of(decision: Decision, payload: &str) -> Self {
        let Decision { rejection, warnings, audit_annotations, mutation } = decision;
        let mutated_object = match mutated(&mutation, payload).transpose() {
            Ok(mutated_object) => mutated_object.filter(|_| rejection.is_none()),
            // Half of a change would be worse than none.
            Err(()) => return Response::of(Decision::rejected(500, "the object could not be changed".to_owned()), payload),
        };
        let (message, code) = rejection.map(|rejection| (rejection.message, rejection.code)).unzip();
        Response {
            accepted: code.is_none(),
            message,
            code,
            mutated_object,
            audit_annotations: (!audit_annotations.is_empty()).then(|| in_order(audit_annotations)),
            warnings: (!warnings.is_empty()).then_some(warnings),
        }
    }
}

/// One after the other: std sorts before it collects, for which it takes 4 KB of the stack.
fn in_order(annotations: Vec<(&'static str, String)>) -> BTreeMap<&'static str, String> {
    let mut ordered = BTreeMap::new();
    for (key, value) in annotations {
        ordered.insert(key, value);
    }
    ordered
}

/// The object of a request with its changes, if there are any.
fn mutated(mutation: &Mutation, payload: &str) -> Option<Result<Box<RawValue>, ()>> {
    let mut tree = Tree::default();
    let values: Vec<(&str, String)>;
    match mutation {
        Mutation::None => return None,
        Mutation::Fields(pod_path, fields) => {
            for Hardening { kind, index, field, value } in fields {
                tree.path(pod_path).key("spec").key(kind.field()).index(*index).path(field).put(value);
            }
        }
        Mutation::Labels(labels) => {
            // Levels and versions need no escapes.
            values = labels.iter().map(|(key, value)| (*key, format!("\"{value}\""))).collect();
            for (key, value) in &values {
                tree.key("metadata").key("labels").key(key).put(value);
            }
        }
    }
    let object = find(payload, &["request", "object"]).and_then(|object| tree.merged_into(object));
    Some(object.and_then(|object| RawValue::from_string(object).ok()).ok_or(()))
}
