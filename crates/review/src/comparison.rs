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
    /// The findings that only the second has.
    pub added: Vec<Finding>,
    /// The findings that only the first has.
    pub removed: Vec<Finding>,
}

/// Compares the checks of two levels and versions, and the findings of both in manifests.
pub fn compare(sources: &[Source<'_>], from: LevelVersion, to: LevelVersion) -> Comparison {
    Comparison { checks: CHECKS.iter().filter_map(|check| change(check, from, to)).collect(), documents: documents(sources, from, to) }
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

fn documents(sources: &[Source<'_>], from: LevelVersion, to: LevelVersion) -> Vec<DocumentChange> {
    let first = review(sources, &Options::of(from)).documents;
    let second = review(sources, &Options::of(to)).documents;
    let mut changes = Vec::new();
    for (first, mut document) in first.into_iter().zip(second) {
        let mut added = std::mem::take(&mut document.findings);
        let mut removed = Vec::new();
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
            changes.push(DocumentChange { document, added, removed });
        }
    }
    changes
}

#[cfg(test)]
mod tests;
