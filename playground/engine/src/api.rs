//! The functions of the module for callers in Rust; `bindings` exports them to JavaScript.

use pss_core::standards::{Level, LevelVersion, Version};
use pss_editor::{field_at, relevant_fields};
use pss_manifest::{Limits, Node, Span, documents_iter};
use pss_playground::options::Target;
use pss_playground::report::Range;
use pss_review::fields::kubernetes;
use pss_review::{catalogue, objects_of};

use crate::catalogue::CheckInfo;
use crate::positions::{offset_of, position_of};
use crate::report::{CandidateInfo, CheckDocumentation, CompletionReport, HoverReport, ObjectInfo};

/// Returns the level and version of a [`Target`] as JSON; that of the strictest policy if it is invalid.
fn policy(target: &str) -> LevelVersion {
    Target::parse(target, "policy").unwrap_or(LevelVersion { level: Level::Restricted, version: Version::Latest })
}

/// Returns what can be written at a line and column of a document: the fields and values of the checks that a [`Target`] requires, and
/// all others of Kubernetes. `None` where nothing can be completed: in comments, in quotes and in flow style.
pub fn complete(document: &str, line: usize, column: usize, target: &str) -> Option<CompletionReport> {
    let offset = offset_of(document, line, column);
    let completions = pss_editor::completions(document, offset, policy(target), Some(kubernetes()))?;
    let range = Range { start: position_of(document, completions.start), end: position_of(document, completions.end) };
    Some(CompletionReport { range, candidates: completions.candidates.into_iter().map(CandidateInfo::from).collect() })
}

/// Returns the documentation of the field at a line and column of a document, at the level and version of a [`Target`]. `None` if there
/// is no field, or nothing is known about it.
pub fn hover(document: &str, line: usize, column: usize, target: &str) -> Option<HoverReport> {
    let offset = offset_of(document, line, column);
    documents_iter(document, Limits::default()).find_map(|document| {
        let is_in = contains(document.span, offset);
        is_in.then(|| field(document.content.as_ref().ok()?.root(), offset, policy(target))).flatten()
    })
}

fn field(root: Node<'_>, offset: usize, policy: LevelVersion) -> Option<HoverReport> {
    let around = |(node, ..): &(Node<'_>, &str, &str)| node.is(root) || contains(node.span(), offset);
    // A nested List is around its items.
    let (node, api_version, kind) = objects_of(root).into_iter().find(around)?;
    let item = (!node.is(root)).then(|| node.span().start.offset);
    let place = field_at(root, item, offset)?;
    let known = kubernetes().field(api_version, kind, &place.steps);
    let (fields, is_required) = relevant_fields(&place.checked_fields(api_version, kind).unwrap_or_default(), &[policy]);
    let mut checks: Vec<CheckDocumentation> = Vec::new();
    for field in fields {
        let documentation = CheckDocumentation::of(field, policy, is_required);
        if !checks.contains(&documentation) {
            checks.push(documentation);
        }
    }
    if known.is_none() && checks.is_empty() {
        return None;
    }
    let (type_name, values) = known.map(|known| (known.description, known.values)).unwrap_or_default();
    let values = values.into_iter().map(str::to_owned).collect();
    Some(HoverReport { path: place.path, range: place.span.into(), type_name, values, checks })
}

fn contains(span: Span, offset: usize) -> bool {
    (span.start.offset..=span.end.offset).contains(&offset)
}

/// Returns the objects of a text with their containers, in the order of the text.
pub fn outline(text: &str) -> Vec<ObjectInfo> {
    pss_editor::outline(text, Limits::default()).into_iter().map(ObjectInfo::from).collect()
}

/// Returns all checks, in the order in which they run.
pub fn checks() -> Vec<CheckInfo> {
    catalogue::checks().into_iter().map(CheckInfo::from).collect()
}

/// Returns the ids of the checks in a message of Kubernetes.
pub fn checks_in_message(message: &str) -> Vec<String> {
    pss_review::checks_in_message(message)
}
