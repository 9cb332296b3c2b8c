//! What the Pod Security Standards require: pure functions from a pod, a level and a version to
//! what is wrong with the pod. When they apply is the business of [`crate::admission`].

#![forbid(unsafe_code)]

mod check;
mod checks;
mod finding;
mod level;
mod message;

pub use check::{CHECKS, Check, Revision};
pub use finding::{Finding, Place, Value, Violation};
pub use level::{Level, LevelVersion, NEWEST_MINOR, Version};
pub use message::{forbidden_details, forbidden_reasons};

use crate::pod::Pod;

/// Judges a pod by a level of the standards at a version: what is wrong with it, check by check, in
/// the order of [`CHECKS`]. Empty if the pod is allowed, and then nothing was allocated.
///
/// At restricted, a baseline check that a restricted one overrides is not run, even where the
/// overriding check does not apply to the pod.
pub fn evaluate<'p>(pod: Pod<'p>, policy: LevelVersion) -> Vec<Violation<'p>> {
    let mut violations = Vec::new();
    if policy.level == Level::Privileged {
        return violations;
    }
    let minor = policy.version.known_minor();
    let restricted = || CHECKS.iter().filter(|check| check.level == Level::Restricted).filter_map(|check| check.at(minor));
    for check in CHECKS.iter().filter(|check| check.level <= policy.level) {
        let Some(revision) = check.at(minor) else { continue };
        if policy.level == Level::Restricted
            && check.level == Level::Baseline
            && restricted().any(|revision| revision.overrides.contains(&check.id))
        {
            continue;
        }
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

#[cfg(test)]
mod tests;
