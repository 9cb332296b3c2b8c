//! Documents that are no object, and objects without `apiVersion` or `kind`: what they probably are.

use pss_manifest::edit::{self, NewValue};
use pss_manifest::{Kind as NodeKind, Node};

use super::other_formats::{self, Advice};
use crate::kinds::{self, Kind};
use crate::report::{Diagnostic, DiagnosticKind, Fix};

/// The keys before which a missing field is inserted.
const BEFORE: [&str; 5] = ["kind", "metadata", "spec", "data", "items"];

/// Replaces the diagnostic of a value that is no object, or without `kind` or `apiVersion`, if it is recognized.
pub(super) fn explain(node: Node<'_>, diagnostic: Diagnostic) -> Diagnostic {
    let text = |field| node.get(field).and_then(|entry| entry.value.text()).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let advice = if diagnostic.kind == DiagnosticKind::NoObject {
        of_other_value(node)
    } else if kind.is_empty() {
        other_formats::of_mapping(node)
    } else {
        None
    };
    if let Some((message, help)) = advice {
        return Diagnostic { message: message.to_owned(), help: Some(help.to_owned()), ..diagnostic };
    }
    let (field, guess) = if kind.is_empty() { ("kind", kind_of(node, api_version)) } else { ("apiVersion", version_of(kind)) };
    let Some(guess) = guess.filter(|_| diagnostic.kind == DiagnosticKind::Object) else { return diagnostic };
    let edits = edit::set(node, field, NewValue::Text(&guess), &BEFORE).filter(|_| node.get(field).is_none());
    let title = format!("Add {field}: {guess}");
    let message = format!("{field} is missing, or no string: without it Kubernetes cannot tell what this is");
    Diagnostic { message, help: Some(format!("{title}.")), fix: edits.map(|edits| Fix { title, edits }), ..diagnostic }
}

/// Recognizes a value that is no mapping.
fn of_other_value(node: Node<'_>) -> Option<Advice> {
    match node.kind() {
        NodeKind::Text(text) => other_formats::of_text(text),
        NodeKind::Sequence if node.elements().any(|element| element.get("kind").is_some()) => Some((
            "the document is a list of objects, which Kubernetes does not read",
            "Separate the objects by lines with ---, or make them the items of a List.",
        )),
        _ => None,
    }
}

/// Returns the `apiVersion` of a built-in kind.
fn version_of(kind: &str) -> Option<String> {
    match Kind::of("", kind) {
        Kind::OtherApiVersion(group) => Some(kinds::v1_of(group)),
        Kind::BuiltIn => Some(kinds::v1_of("")),
        _ => None,
    }
}

/// Returns the kind that an object has by its fields, if no other is probable.
fn kind_of(node: Node<'_>, api_version: &str) -> Option<String> {
    let has = |path: &str| node.at(path).exists;
    let (kind, group) = if has("spec.containers") {
        ("Pod", "")
    } else if has("spec.jobTemplate") {
        ("CronJob", "batch")
    } else if has("spec.volumeClaimTemplates") {
        ("StatefulSet", "apps")
    } else if has("spec.template.spec.containers") {
        if kinds::group_of(api_version) == "batch" { ("Job", "batch") } else { ("Deployment", "apps") }
    } else {
        return None;
    };
    (api_version.is_empty() || kinds::group_of(api_version) == group).then(|| kind.to_owned())
}
