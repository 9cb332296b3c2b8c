//! The removal of PodSecurityPolicies from a manifest: whole documents, and items of Lists.

use std::ops::Range;

use pss_manifest::{Document, Kind, Limits, Node, documents_within, edit};
use pss_review::{apply as apply_edits, objects_of};

use super::entry::{Entry, POLICY, is_policy};
use super::json_string::{Change, apply};
use super::leftover::{Leftover, leftover};

/// The limits of a manifest, which is a part of a release that is not larger.
const LIMITS: Limits = Limits { bytes: 100_000_000 };

/// The maximum number of items that are removed from the Lists of a document, each in a pass over it.
const MAX_ITEMS: usize = 1000;

/// What is removed from a manifest, and what else a user may want to know of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Removal {
    /// The changes of the text, in its order.
    pub(super) changes: Vec<Change>,
    /// The names of the PodSecurityPolicies.
    pub(super) policies: Vec<String>,
    /// Whether there is no other object.
    pub(super) is_complete: bool,
    /// The roles that remain with a rule about PodSecurityPolicies.
    pub(super) roles: Vec<String>,
    /// Sentences about other objects that remain.
    pub(super) notes: Vec<String>,
}

/// An error in a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidManifest {
    /// The line, counted from 1.
    pub(super) line: usize,
    pub(super) message: String,
}

/// Returns the removal of all PodSecurityPolicies from a manifest.
///
/// # Errors
/// A document that may contain a PodSecurityPolicy cannot be parsed, or one of the policies cannot be removed without a change of other
/// objects.
pub(super) fn removal(text: &str) -> Result<Removal, InvalidManifest> {
    let mut removal = Removal { is_complete: true, ..Removal::default() };
    for part in parts(text) {
        let content = text.get(part.content.clone()).unwrap_or_default();
        let place = |error: InvalidManifest| {
            let lines_before = text.get(..part.content.start).unwrap_or_default().matches('\n').count();
            InvalidManifest { line: lines_before + error.line, ..error }
        };
        match removal.of_part(content).map_err(place)? {
            Outcome::Unchanged => {}
            Outcome::Removed => removal.changes.push(Change::new(part.whole, "")),
            Outcome::Edited(edited) => removal.changes.push(Change::new(part.content, edited)),
        }
    }
    removal.is_complete &= !removal.policies.is_empty();
    Ok(removal)
}

/// Returns the documents of a manifest that cannot be parsed, each with its line and the reason.
pub(super) fn invalid_documents(text: &str) -> Vec<InvalidManifest> {
    let (mut invalid, mut counted, mut lines_before) = (Vec::new(), 0, 0);
    for part in parts(text) {
        // From the last document on, because a manifest can have thousands.
        lines_before += text.get(counted..part.content.start).unwrap_or_default().matches('\n').count();
        counted = part.content.start;
        for document in documents_within(text.get(part.content).unwrap_or_default(), LIMITS) {
            if let Err(error) = document.content {
                invalid.push(InvalidManifest { line: lines_before + error.span.start.line, message: error.message });
            }
        }
    }
    invalid
}

/// Returns whether two manifests have the same objects besides PodSecurityPolicies.
pub(super) fn have_same_objects(old: &str, new: &str) -> bool {
    // An edited document may not need to be parsed any more.
    [false, true].into_iter().any(|is_parsed| other_objects(old, is_parsed) == other_objects(new, is_parsed))
}

/// Returns the objects of a manifest besides PodSecurityPolicies as JSON. Unless all are parsed, a document that cannot contain one is
/// a string, and so is always what cannot be parsed.
fn other_objects(text: &str, is_parsed: bool) -> Vec<serde_json::Value> {
    let mut objects = Vec::new();
    for part in parts(text) {
        let content = text.get(part.content).unwrap_or_default();
        if !is_parsed && !needs_parsing(content) {
            objects.extend(has_text(content).then(|| content.trim_end().into()));
            continue;
        }
        for document in documents_within(content, LIMITS) {
            match &document.content {
                Ok(tree) => objects.extend(
                    objects_of(tree.root())
                        .into_iter()
                        .filter(|(node, api_version, kind)| !is_policy(api_version, kind) && !is_empty(*node))
                        .map(|(node, ..)| node.to_json()),
                ),
                Err(_) => objects.push(document.span.slice(content).trim_end().into()),
            }
        }
    }
    objects
}

/// A document of a manifest.
struct Part {
    /// The document with the separator before it.
    whole: Range<usize>,
    /// The document.
    content: Range<usize>,
}

/// Splits a manifest as Helm does: at lines that begin with `---`, after which the document may begin on the same line.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut start, mut content, mut at) = (0, 0, 0);
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---") {
            parts.push(Part { whole: start..at, content: content..at });
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            (start, content) = (at, at + 3 + blanks);
        }
        at += line.len();
    }
    parts.push(Part { whole: start..at, content: content..at });
    parts
}

/// Returns whether a document may contain a policy or another object with a note. Parsing all documents would take most of the time
/// for a release. In YAML, a word can only be written in another way with escapes.
fn needs_parsing(document: &str) -> bool {
    [POLICY, "podsecuritypolicies", "beta1", "\\"].iter().any(|word| document.contains(word))
}

/// Returns whether a document has other lines than comments.
fn has_text(document: &str) -> bool {
    document.lines().map(str::trim_start).any(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The result for a document.
enum Outcome {
    Unchanged,
    Removed,
    Edited(String),
}

impl Removal {
    /// Removes the policies from the text between two separators, which is a document unless it is JSON, object after object.
    fn of_part(&mut self, content: &str) -> Result<Outcome, InvalidManifest> {
        if !needs_parsing(content) {
            self.is_complete &= !has_text(content);
            return Ok(Outcome::Unchanged);
        }
        let without_items = self.without_items(content)?;
        let edited = without_items.as_deref().unwrap_or(content);
        let mut changes = Vec::new();
        let mut has_others = false;
        for document in documents_within(edited, LIMITS) {
            let Ok(tree) = &document.content else {
                has_others = true;
                continue;
            };
            let node = tree.root();
            let object = Entry::of(node);
            match object.counts() {
                (policies, 0) if policies > 0 => {
                    object.add_policy_names(&mut self.policies);
                    changes.push(Change::new(document.span.start.offset..document.span.end.offset, ""));
                }
                _ if is_empty(node) => {}
                _ => {
                    has_others = true;
                    for (node, api_version, kind) in objects_of(node) {
                        match leftover(node, api_version, kind) {
                            Some(Leftover::Role(name)) => self.roles.push(name),
                            Some(Leftover::RemovedKind(note)) => self.notes.push(note),
                            None => {}
                        }
                    }
                }
            }
        }
        self.is_complete &= !has_others;
        Ok(if changes.is_empty() {
            without_items.map_or(Outcome::Unchanged, Outcome::Edited)
        } else if has_others {
            Outcome::Edited(apply(edited, &changes).unwrap_or_default())
        } else {
            Outcome::Removed
        })
    }

    /// Removes policies from Lists that have other items; `None` if there are none.
    fn without_items(&mut self, content: &str) -> Result<Option<String>, InvalidManifest> {
        let mut edited: Option<String> = None;
        for pass in 0..=MAX_ITEMS {
            let text = edited.as_deref().unwrap_or(content);
            let documents = documents_within(text, LIMITS);
            for document in &documents {
                check(document, text)?;
            }
            let mut items = documents.iter().filter_map(|document| document.content.as_ref().ok()).filter_map(|tree| {
                let root = Entry::of(tree.root());
                root.policy_item("").map(|(list, item)| (tree.root(), list, item))
            });
            let Some((root, list, (path, item))) = items.next() else { break };
            let edits = edit::remove(root, &path, &list).filter(|_| pass < MAX_ITEMS).ok_or_else(|| InvalidManifest {
                line: item.node.span().start.line,
                message: "a PodSecurityPolicy of a List cannot be removed without a change of its other items".to_owned(),
            })?;
            item.add_policy_names(&mut self.policies);
            edited = Some(apply_edits(text, edits.iter().collect()));
        }
        Ok(edited)
    }
}

/// Returns the error of a document that cannot be parsed and may contain a PodSecurityPolicy.
fn check(document: &Document<'_>, text: &str) -> Result<(), InvalidManifest> {
    match &document.content {
        Err(error) if document.span.slice(text).contains(POLICY) => {
            Err(InvalidManifest { line: error.span.start.line, message: format!("the document cannot be parsed: {}", error.message) })
        }
        _ => Ok(()),
    }
}

/// Returns whether a document is empty, or consists of comments.
fn is_empty(node: Node<'_>) -> bool {
    matches!(node.kind(), Kind::Null)
}

#[cfg(test)]
mod tests;
