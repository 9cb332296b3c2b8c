//! The Pod Security Standards: pure functions that return the violations of a pod at a level and version.
//! [`crate::admission`] decides which pods are evaluated.

mod check;
mod checks;
pub mod documentation;
mod finding;
mod further_checks;
mod level;
mod message;
mod remedy;
mod spelling;

pub use check::{Check, Revision};
pub use checks::{CATALOGUE, CHECKS, GUIDANCE};
pub use finding::{Finding, Subject, Value, Violation};
pub use further_checks::{FURTHER_CHECKS, FurtherCheck};
pub use level::{Level, LevelVersion, NEWEST_MINOR, Version};
pub(crate) use message::sorted;
pub use message::{Sentence, forbidden_details, forbidden_reasons, sentences};
pub use remedy::{Action, OS, Obstacle, RUN_AS_USER, Remedy, can_harden, hardening, lacks_user, pod_wide_remedies, remedy};
pub(crate) use spelling::without_slash;

use std::cmp::Ordering;

use checks::OVERRIDING;

use crate::pod::Pod;
use crate::suggest::Named;

/// Returns the revision of a check that a level runs at a version, or `None` if it does not run the check.
///
/// Restricted does not run a baseline check that a restricted check overrides, even if the overriding check does not apply
/// to a pod.
///
/// Source: `policy/registry.go` of k8s.io/pod-security-admission.
pub fn revision_at(check: &Check, policy: LevelVersion) -> Option<&'static Revision> {
    runs(check, policy, &overriding(policy))
}

/// The revision of a check at a level and version, if the level runs it beside some overriding revisions.
fn runs(check: &Check, policy: LevelVersion, overriding: &[Option<&'static Revision>]) -> Option<&'static Revision> {
    let is_overridden = || overriding.iter().flatten().any(|revision| revision.overrides.contains(&check.id));
    match check.level.cmp(&policy.level) {
        Ordering::Greater => None,
        Ordering::Less if is_overridden() => None,
        Ordering::Less | Ordering::Equal => check.at(policy.version.known_minor()),
    }
}

/// For each check that overrides baseline checks its revision at a version, if it is one of the level.
fn overriding(policy: LevelVersion) -> [Option<&'static Revision>; OVERRIDING.len()] {
    let minor = policy.version.known_minor();
    OVERRIDING.map(|check| if check.level == policy.level { check.at(minor) } else { None })
}

/// Returns the checks with some ids by each of their names: pairs of a name and an id. The names are the id, the reason in
/// messages, and those of Kubernetes' documentation.
pub fn names_of_checks<'n>(ids: &[&'n str]) -> Vec<Named<'n, 'n>> {
    let mut names = Vec::new();
    for id in ids {
        names.push((*id, *id));
        for check in CHECKS.iter().filter(|check| check.id == *id) {
            names.push((check.reason, *id));
            for name in check.other_names {
                names.push((*name, *id));
            }
        }
    }
    names
}

/// Evaluates a pod at a level and version, and returns its violations in the order of [`CHECKS`]. The list is empty if the
/// pod is allowed; in this case the function allocates no memory.
///
/// Source: `EvaluatePod` in `policy/registry.go` of k8s.io/pod-security-admission.
pub fn evaluate<'p>(pod: Pod<'p>, policy: LevelVersion) -> Vec<Violation<'p>> {
    let mut violations = Vec::new();
    let overriding = overriding(policy);
    for check in &CHECKS {
        let Some(revision) = runs(check, policy, &overriding) else { continue };
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

/// Runs the baseline checks that a revision overrides, and returns each with its findings in the order of the pod.
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
