//! What changes when one moves to another level or version.

use super::evaluate::evaluate;
use super::report::*;
use crate::standards::{CHECKS, Check, Level, LevelVersion, Version, in_force};

/// Compares two levels and versions, for the checks and for manifests.
pub(super) fn compare(manifests: &str, from: &Target, to: &Target) -> Comparison {
    let mut mistakes = Vec::new();
    let mut read = |name: &str, target: &Target| {
        let level = Level::parse(&target.level);
        let version = Version::parse(&target.version);
        let mut mistake =
            |field: &str, message: &str| mistakes.push(Mistake { path: format!("{name}.{field}"), message: message.to_owned() });
        if level.is_none() {
            mistake("level", "must be one of privileged, baseline, restricted");
        }
        if version.is_none() {
            mistake("version", "must be \"latest\" or a minor version of Kubernetes such as \"v1.34\"");
        }
        Some(LevelVersion { level: level?, version: version? })
    };
    let both = (read("from", from), read("to", to));
    let (Some(first), Some(second)) = both else { return Comparison { mistakes, checks: Vec::new(), documents: Vec::new() } };
    Comparison {
        mistakes,
        checks: CHECKS.iter().filter_map(|check| change(check, first, second)).collect(),
        documents: documents(manifests, from, to),
    }
}

fn change(check: &Check, from: LevelVersion, to: LevelVersion) -> Option<CheckChange> {
    let revision = |policy| in_force(policy).find(|(other, _)| other.id == check.id).map(|(_, revision)| revision);
    let kind = match (revision(from), revision(to)) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        (Some(first), Some(second)) if first.since != second.since => ChangeKind::Changed,
        _ => return None,
    };
    Some(CheckChange { check: check.id.to_owned(), kind, history: Vec::new() })
}

/// The documents with findings that only one of the two makes.
fn documents(manifests: &str, from: &Target, to: &Target) -> Vec<DocumentChange> {
    let judged = |target: &Target| {
        let settings = serde_json::json!({ "level": target.level, "version": target.version });
        evaluate(manifests, &Options::of(settings)).documents
    };
    let (first, second) = (judged(from), judged(to));
    let changes = first.into_iter().zip(second).map(|(first, second)| {
        let only = |these: &[Finding], those: &[Finding]| -> Vec<Finding> {
            let is_same = |one: &Finding, other: &Finding| one.check == other.check && one.path == other.path && one.value == other.value;
            these.iter().filter(|one| !those.iter().any(|other| is_same(one, other))).cloned().collect()
        };
        DocumentChange {
            appear: only(&second.findings, &first.findings),
            disappear: only(&first.findings, &second.findings),
            index: first.index,
            item: first.item,
            kind: first.kind,
            name: first.name,
        }
    });
    changes.filter(|change| !(change.appear.is_empty() && change.disappear.is_empty())).collect()
}
