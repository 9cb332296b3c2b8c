//! The answer to `validate`, as the host expects it.

use std::collections::BTreeMap;

use pss_core::admission::{Decision, Hardening, Mutation};
use pss_core::json::merge::Tree;
use pss_core::json::text::find;
use pss_core::json::write::{Object, array, optional, string};

/// The answer to `validate`, with the fields of the SDK's `ValidationResponse`. That type has the mutated object as a
/// `serde_json::Value`, which cannot represent every JSON text: `1e400`, or the digits of `1.0`.
#[derive(Debug)]
pub struct Response {
    /// Whether the request is accepted.
    pub accepted: bool,
    /// The message of a rejection.
    pub message: Option<String>,
    /// The HTTP status of a rejection.
    pub code: Option<u16>,
    /// The mutated object as JSON, if it is mutated.
    pub mutated_object: Option<String>,
    /// The audit annotations, if there are any.
    pub audit_annotations: Option<BTreeMap<&'static str, String>>,
    /// The warnings to the user, if there are any.
    pub warnings: Option<Vec<String>>,
}

impl Response {
    /// The answer as JSON.
    pub fn to_json(&self) -> String {
        let Response { accepted, message, code, mutated_object, audit_annotations, warnings } = self;
        let annotations = audit_annotations.iter().flatten();
        let texts = message.iter().chain(mutated_object).chain(annotations.map(|(_, value)| value)).chain(warnings.iter().flatten());
        // Room for the keys and for a few escapes in each text.
        let mut out = String::with_capacity(texts.map(|text| text.len() + text.len() / 16 + 64).sum::<usize>() + 128);
        let mut object = Object::new(&mut out);
        object.key("accepted").push_str(if *accepted { "true" } else { "false" });
        optional(object.key("message"), message.as_deref(), string);
        optional(object.key("code"), *code, |out, code| out.push_str(&code.to_string()));
        optional(object.key("mutated_object"), mutated_object.as_deref(), String::push_str);
        optional(object.key("audit_annotations"), audit_annotations.as_ref(), |out, annotations| {
            let mut object = Object::new(out);
            annotations.iter().for_each(|(key, value)| string(object.key(key), value));
            object.end();
        });
        optional(object.key("warnings"), warnings.as_ref(), |out, warnings| array(out, warnings, |out, warning| string(out, warning)));
        object.end();
        out
    }

    /// Renders the decision on the request in a payload.
    pub(super) fn of(decision: Decision, payload: &str) -> Self {
        let Decision { rejection, warnings, audit_annotations, mutation } = decision;
        let mutated_object = match mutated(&mutation, payload).transpose() {
            Ok(mutated_object) => mutated_object.filter(|_| rejection.is_none()),
            // An object that is mutated only in part must not be accepted.
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

/// Inserts one after the other: `collect` sorts first, with a buffer of 4 KB on the stack, which is one more page fault in
/// every call.
fn in_order(annotations: Vec<(&'static str, String)>) -> BTreeMap<&'static str, String> {
    let mut ordered = BTreeMap::new();
    for (key, value) in annotations {
        ordered.insert(key, value);
    }
    ordered
}

/// The mutated object of a request; none where nothing is mutated.
fn mutated(mutation: &Mutation, payload: &str) -> Option<Result<String, ()>> {
    let mut tree = Tree::default();
    let (values, labels): (Vec<String>, Vec<(&str, String)>);
    match mutation {
        Mutation::None => return None,
        Mutation::Fields(pod_path, fields) => {
            values = fields.iter().map(|hardening| hardening.value.to_string()).collect();
            for (Hardening { kind, index, field, .. }, value) in fields.iter().zip(&values) {
                tree.path(pod_path).key("spec").key(kind.field()).index(*index).path(field).put(value);
            }
        }
        Mutation::Labels(set) => {
            // Levels and versions need no escapes in JSON.
            labels = set.iter().map(|(key, value)| (*key, format!("\"{value}\""))).collect();
            for (key, value) in &labels {
                tree.key("metadata").key("labels").key(key).put(value);
            }
        }
    }
    let object = find(payload, &["request", "object"]).and_then(|object| tree.merged_into(object));
    Some(object.ok_or(()))
}
