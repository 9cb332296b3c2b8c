//! The differences between two levels and versions.

use crate::{DocumentReport, Finding, Options, Source, review};
use pss_core::standards::{CHECKS, Check, LevelVersion, revision_at};

/// The differences between two levels and versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The checks that only one of the two runs, or that have different revisions.
    pub checks: Vec<CheckChange>,
    /// The documents with findings of only one of the two.
    pub documents: Vec<DocumentChange>,
}

/// The difference for a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckChange {
    /// The check.
    pub check: &'static Check,
    /// The change.
    pub kind: ChangeKind,
}

/// The kinds of differences for a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Only the second runs it.
    Added,
    /// Only the first runs it.
    Removed,
    /// Both run it, with different requirements.
    Changed,
}

/// The difference for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// The report of the second, without its findings.
    pub document: DocumentReport,
    /// Whether the first has no findings, so that only the second rejects the object.
    pub is_newly_rejected: bool,
    /// The findings that only the second has.
    pub added: Vec<Finding>,
    /// The findings that only the first has.
    pub removed: Vec<Finding>,
}

/// Compares the checks of two levels and versions, and the findings of both in manifests.
pub fn compare(sources: &[Source<'_>], from: LevelVersion, to: LevelVersion) -> Comparison {
    let [first, second] = [from, to].map(|policy| review(sources, &Options::of(policy)).documents);
    Comparison { checks: changed_checks(from, to), documents: changed_documents(first, second) }
}

/// Returns the checks that only one of two levels and versions runs, or that have different revisions.
pub fn changed_checks(from: LevelVersion, to: LevelVersion) -> Vec<CheckChange> {
    CHECKS.iter().filter_map(|check| change(check, from, to)).collect()
}

fn change(check: &'static Check, from: LevelVersion, to: LevelVersion) -> Option<CheckChange> {
    let kind = match (revision_at(check, from), revision_at(check, to)) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        (Some(first), Some(second)) if first.since != second.since => ChangeKind::Changed,
        _ => return None,
    };
    Some(CheckChange { check, kind })
}

/// Compares the reports of two reviews of the same texts.
pub fn changed_documents(first: Vec<DocumentReport>, second: Vec<DocumentReport>) -> Vec<DocumentChange> {
    let mut changes = Vec::new();
    for (first, mut document) in first.into_iter().zip(second) {
        let mut added = std::mem::take(&mut document.findings);
        let mut removed = Vec::new();
        let is_newly_rejected = first.findings.is_empty() && !added.is_empty();
        for finding in first.findings {
            let is_same =
                |other: &Finding| other.check.id == finding.check.id && other.path == finding.path && other.value == finding.value;
            match added.iter().position(is_same) {
                Some(index) => {
                    added.remove(index);
                }
                None => removed.push(finding),
            }
        }
        if !added.is_empty() || !removed.is_empty() {
            changes.push(DocumentChange { document, is_newly_rejected, added, removed });
        }
    }
    changes
}

#[cfg(test)]
mod tests;
