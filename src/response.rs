//! The answer to `validate`, as the host expects it.

use std::collections::BTreeMap;
use std::ops::Range;

use pss_core::admission::{AUDIT_VIOLATIONS, Decision, Hardening, Mutation};
use pss_core::json::merge::Tree;
use pss_core::json::text::{find, is_json};
use pss_core::json::write::{Object, array, content, optional, string};

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
    pub fn to_json(&self) -> Vec<u8> {
        let Response { accepted, message, code, mutated_object, audit_annotations, warnings } = self;
        let texts = message.iter().chain(mutated_object).chain(audit_annotations.iter().flatten().map(|(_, text)| text));
        let size: usize = texts.chain(warnings.iter().flatten()).map(|text| text.len()).sum();
        // Room for the keys, and for some escapes.
        let mut out = Vec::with_capacity(size + size / 8 + 512);
        let mut object = Object::new(&mut out);
        object.key("accepted").extend_from_slice(if *accepted { b"true" } else { b"false" });
        let mut escaped = Escaped::default();
        optional(object.key("message"), message.as_deref(), |out, message| {
            let audited = audit_annotations.iter().flatten().find(|(key, _)| **key == AUDIT_VIOLATIONS);
            escaped = Escaped::write(out, message, audited.map_or("", |(_, text)| text));
        });
        optional(object.key("code"), *code, |out, code| out.extend_from_slice(code.to_string().as_bytes()));
        optional(object.key("mutated_object"), mutated_object.as_deref(), |out, json| out.extend_from_slice(json.as_bytes()));
        optional(object.key("audit_annotations"), audit_annotations.as_ref(), |out, annotations| {
            let mut object = Object::new(out);
            annotations.iter().for_each(|(key, text)| escaped.string(object.key(key), text));
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

/// The end of a string that is in the output already. The message of a rejection and its annotation end with the same details, most of
/// the answer: they are escaped once.
#[derive(Default)]
struct Escaped<'t> {
    text: &'t str,
    /// Where it is in the output, with its escapes.
    range: Range<usize>,
}

impl<'t> Escaped<'t> {
    /// Appends a string, and returns the end that it has in common with another one.
    fn write(out: &mut Vec<u8>, text: &'t str, other: &str) -> Self {
        let (start, end) = text.split_at_checked(text.len() - common_end(text, other)).unwrap_or((text, ""));
        out.push(b'"');
        content(out, start);
        let offset = out.len();
        content(out, end);
        let range = offset..out.len();
        out.push(b'"');
        Escaped { text: end, range }
    }

    /// Appends a string.
    fn string(&self, out: &mut Vec<u8>, text: &str) {
        match text.split_at_checked(text.len() - common_end(text, self.text)) {
            Some((start, end)) if !end.is_empty() && end.len() == self.text.len() => {
                out.push(b'"');
                content(out, start);
                out.extend_from_within(self.range.clone());
                out.push(b'"');
            }
            _ => string(out, text),
        }
    }
}

/// The length of the end that two texts have in common, in whole words of eight bytes.
fn common_end(one: &str, other: &str) -> usize {
    let (_, words) = one.as_bytes().as_rchunks::<8>();
    let (_, other_words) = other.as_bytes().as_rchunks::<8>();
    let equal = words.iter().rev().zip(other_words.iter().rev()).take_while(|(word, other)| word == other).count();
    let mut lengths = (0..=equal).rev().map(|words| words * 8);
    // It begins with a whole character.
    lengths.find(|length| one.is_char_boundary(one.len() - length)).unwrap_or_default()
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
    Some(object.filter(|object| is_json(object)).ok_or(()))
}
