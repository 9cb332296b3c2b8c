//! The answer to `validate`, as the host wants it.

use std::collections::HashMap;

use kubewarden_policy_sdk::response::ValidationResponse;
use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};
use serde_json::value::RawValue;

use crate::admission::{Changes, Decision, Filled};
use crate::json::merge::Tree;
use crate::json::text::find;

/// The answer to `validate`: the SDK's, but that a changed object is text. As a value it would lose what
/// a value cannot hold, such as the format of a number.
#[derive(Debug)]
pub struct Response {
    /// All but a changed object.
    pub verdict: ValidationResponse,
    /// The object with its changes, if there are any.
    pub mutated_object: Option<Box<RawValue>>,
}

impl Response {
    /// The answer to a request that stands under `request` in a payload.
    pub(super) fn of(decision: Decision, payload: &str) -> Self {
        let Decision { rejection, warnings, audit_annotations, changes } = decision;
        let mutated_object = match changed(&changes, payload).transpose() {
            Ok(mutated_object) => mutated_object.filter(|_| rejection.is_none()),
            // Half of a change would be worse than none.
            Err(()) => return Response::of(Decision::rejected(500, "the object could not be changed".to_owned()), payload),
        };
        let annotations: HashMap<String, String> = audit_annotations.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let verdict = ValidationResponse {
            accepted: rejection.is_none(),
            code: rejection.as_ref().map(|rejection| rejection.code),
            message: rejection.map(|rejection| rejection.message),
            mutated_object: None,
            audit_annotations: (!annotations.is_empty()).then_some(annotations),
            warnings: (!warnings.is_empty()).then_some(warnings),
        };
        Response { verdict, mutated_object }
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ValidationResponse { accepted, code, message, audit_annotations, warnings, .. } = &self.verdict;
        let mut fields = serializer.serialize_struct("ValidationResponse", 6)?;
        fields.serialize_field("accepted", accepted)?;
        fields.serialize_field("message", message)?;
        fields.serialize_field("code", code)?;
        fields.serialize_field("mutated_object", &self.mutated_object)?;
        fields.serialize_field("audit_annotations", audit_annotations)?;
        fields.serialize_field("warnings", warnings)?;
        fields.end()
    }
}

/// The object of a request with its changes, if there are any.
fn changed(changes: &Changes, payload: &str) -> Option<Result<Box<RawValue>, ()>> {
    let mut tree = Tree::default();
    let values: Vec<(&str, String)>;
    match changes {
        Changes::None => return None,
        Changes::Fields(pod_path, filled) => {
            for Filled { kind, index, field, value } in filled {
                tree.path(pod_path).key("spec").key(kind.field()).place(*index).path(field).put(value);
            }
        }
        Changes::Labels(labels) => {
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
