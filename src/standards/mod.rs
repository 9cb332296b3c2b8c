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
    for (check, revision) in in_force(policy) {
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

/// The checks that are run for a level at a version, each with its revision.
pub fn in_force(policy: LevelVersion) -> impl Iterator<Item = (&'static Check, &'static Revision)> {
    let minor = policy.version.known_minor();
    let at = move |level| CHECKS.iter().filter(move |check| check.level == level).filter_map(move |check| Some((*check, check.at(minor)?)));
    let is_overridden = move |check: &Check| {
        let mut restricted = at(Level::Restricted);
        check.level == Level::Baseline
            && policy.level == Level::Restricted
            && restricted.any(|(_, revision)| revision.overrides.contains(&check.id))
    };
    let levels = [Level::Baseline, Level::Restricted].into_iter().filter(move |level| *level <= policy.level);
    levels.flat_map(at).filter(move |(check, _)| !is_overridden(check))
}

#[cfg(test)]
mod tests;
