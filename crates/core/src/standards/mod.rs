//! What the Pod Security Standards require: pure functions from a pod, a level and a version to
//! what is wrong with the pod. When they apply is the business of [`crate::admission`].

pub mod about;
mod check;
mod checks;
mod finding;
mod level;
mod message;
mod remedy;

pub use check::{CHECKS, Check, Revision};
pub use finding::{Finding, Subject, Value, Violation};
pub use level::{Level, LevelVersion, NEWEST_MINOR, Version};
pub(crate) use message::sorted;
pub use message::{forbidden_details, forbidden_reasons};
pub use remedy::{Action, Obstacle, Remedy, can_harden, hardening, remedy};

use std::cmp::Ordering;

use crate::pod::Pod;

/// The revision of a check that a level runs at a version; none where the check is not run.
///
/// At restricted, a baseline check that a restricted one overrides is not run, even where the
/// overriding check does not apply to a pod.
pub fn revision_at(check: &Check, policy: LevelVersion) -> Option<&'static Revision> {
    let minor = policy.version.known_minor();
    let overrides = |other: &Check| other.at(minor).is_some_and(|revision| revision.overrides.contains(&check.id));
    match check.level.cmp(&policy.level) {
        Ordering::Greater => None,
        Ordering::Less if CHECKS.iter().any(|other| other.level == policy.level && overrides(other)) => None,
        Ordering::Less | Ordering::Equal => check.at(minor),
    }
}

/// Judges a pod by a level of the standards at a version: what is wrong with it, check by check, in
/// the order of [`CHECKS`]. Empty if the pod is allowed, and then nothing was allocated.
pub fn evaluate<'p>(pod: Pod<'p>, policy: LevelVersion) -> Vec<Violation<'p>> {
    let mut violations = Vec::new();
    for check in &CHECKS {
        let Some(revision) = revision_at(check, policy) else { continue };
        if revision.is_relaxed_for(pod) {
            continue;
        }
        let mut findings = Vec::new();
        (revision.run)(pod, &mut findings);
        if !findings.is_empty() {
            violations.push(Violation { check, revision, findings });
        }
    }
    violations
}

/// What the baseline checks find in a pod that a revision overrides at a version: the checks with
/// their findings, in the order of the pod.
pub fn overridden<'p>(pod: Pod<'p>, revision: &Revision, version: Version) -> Vec<(&'static Check, Vec<Finding<'p>>)> {
    let checks = CHECKS.into_iter().filter(|check| revision.overrides.contains(&check.id));
    let run = checks.filter_map(|check| {
        let revision = check.at(version.known_minor()).filter(|revision| !revision.is_relaxed_for(pod))?;
        let mut findings = Vec::new();
        (revision.run)(pod, &mut findings);
        Some((check, findings))
    });
    run.collect()
}

#[cfg(test)]
pub(crate) mod tests;
