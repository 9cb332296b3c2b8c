//! What changes when one moves to another level or version.

use super::evaluate::evaluate;
use super::options::World;
use super::report::*;
use crate::standards::{CHECKS, Check, LevelVersion, revision_at};

/// Compares two levels and versions, for the checks and for manifests.
pub(super) fn compare(manifests: &str, from: LevelVersion, to: LevelVersion) -> Comparison {
    let mut checks = Vec::new();
    for check in CHECKS {
        checks.extend(change(check, from, to));
    }
    Comparison { mistakes: Vec::new(), checks, documents: documents(manifests, from, to) }
}

fn change(check: &Check, from: LevelVersion, to: LevelVersion) -> Option<CheckChange> {
    let kind = match (revision_at(check, from), revision_at(check, to)) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        (Some(first), Some(second)) if first.since != second.since => ChangeKind::Changed,
        _ => return None,
    };
    Some(CheckChange { check: check.id.to_owned(), kind })
}

/// The documents with findings that only one of the two makes.
fn documents(manifests: &str, from: LevelVersion, to: LevelVersion) -> Vec<DocumentChange> {
    let first = evaluate(manifests, &World::of(from)).documents;
    let second = evaluate(manifests, &World::of(to)).documents;
    let mut changes = Vec::new();
    for (first, mut second) in first.into_iter().zip(second) {
        let mut disappear = Vec::new();
        for finding in first.findings {
            let is_same = |other: &Finding| other.check == finding.check && other.path == finding.path && other.value == finding.value;
            match second.findings.iter().position(is_same) {
                Some(place) => {
                    second.findings.remove(place);
                }
                None => disappear.push(finding),
            }
        }
        if !disappear.is_empty() || !second.findings.is_empty() {
            let DocumentReport { index, item, kind, name, findings: appear, .. } = second;
            changes.push(DocumentChange { index, item, kind, name, appear, disappear });
        }
    }
    changes
}

#[cfg(test)]
mod tests;
