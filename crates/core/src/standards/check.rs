//! What a check is, and the table of all of them.

use super::checks;
use super::finding::Finding;
use super::level::Level;
use super::message::Sentence;
use super::remedy::Remedy;
use crate::pod::Pod;

/// A control of the standards.
#[derive(Debug)]
pub struct Check {
    /// Its name: `hostPorts`.
    pub id: &'static str,
    /// The lowest level that asks for it: baseline or restricted.
    pub level: Level,
    /// What it says a pod is rejected for: `hostPort`.
    pub reason: &'static str,
    /// What it asked for in which version of Kubernetes; the oldest first.
    pub revisions: &'static [Revision],
    /// The changes that satisfy it without a decision of the pod's author, by the field that a finding is about.
    pub remedies: &'static [Remedy],
}

/// Checks are identified by their ids.
impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

/// What a check asks for from a version of Kubernetes on.
#[derive(Debug)]
pub struct Revision {
    /// The minor version that it begins with.
    pub since: u64,
    /// The baseline checks that are not run beside this one, by their ids.
    pub overrides: &'static [&'static str],
    /// Finds what offends in a pod.
    pub(crate) run: Run,
    /// How what was found is told.
    pub sentence: Sentence,
    relaxed: Relaxed,
}

/// Finds what offends in a pod and appends it, in the order of the pod.
pub(crate) type Run = for<'p> fn(Pod<'p>, &mut Vec<Finding<'p>>);

/// The pods that a revision lets be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relaxed {
    Never,
    Windows,
    UserNamespaces,
}

impl Check {
    /// The revision that holds at a minor version of Kubernetes; none before the first.
    pub fn at(&self, minor: u64) -> Option<&'static Revision> {
        self.revisions.iter().rev().find(|revision| revision.since <= minor)
    }
}

impl Revision {
    /// A revision that overrides nothing and holds for every pod.
    pub(super) const fn since(minor: u64, run: Run, sentence: Sentence) -> Self {
        Revision { since: minor, overrides: &[], run, sentence, relaxed: Relaxed::Never }
    }

    pub(super) const fn overriding(self, overrides: &'static [&'static str]) -> Self {
        Revision { overrides, ..self }
    }

    /// Does not hold for pods that say they are for Windows: what it asks for exists on Linux only.
    pub(super) const fn unless_windows(self) -> Self {
        Revision { relaxed: Relaxed::Windows, ..self }
    }

    /// Does not hold for pods in a user namespace of their own, where root is nobody outside.
    pub(super) const fn unless_user_namespace(self) -> Self {
        Revision { relaxed: Relaxed::UserNamespaces, ..self }
    }

    /// Whether a pod is one of those that the revision lets be.
    pub fn is_relaxed_for(&self, pod: Pod<'_>) -> bool {
        match self.relaxed {
            Relaxed::Never => false,
            Relaxed::Windows => pod.is_windows(),
            Relaxed::UserNamespaces => pod.in_user_namespace(),
        }
    }
}

/// All checks in the order in which they run and speak: baseline, then restricted, each in the byte
/// order of their ids.
pub const CHECKS: [&Check; 19] = [
    &checks::app_armor_profile::CHECK,
    &checks::capabilities_baseline::CHECK,
    &checks::host_namespaces::CHECK,
    &checks::host_path_volumes::CHECK,
    &checks::host_ports::CHECK,
    &checks::host_probes_and_host_lifecycle::CHECK,
    &checks::privileged::CHECK,
    &checks::proc_mount::CHECK,
    &checks::se_linux_options::CHECK,
    &checks::seccomp_profile_baseline::CHECK,
    &checks::sysctls::CHECK,
    &checks::windows_host_process::CHECK,
    &checks::allow_privilege_escalation::CHECK,
    &checks::capabilities_restricted::CHECK,
    &checks::proc_mount_restricted::CHECK,
    &checks::restricted_volumes::CHECK,
    &checks::run_as_non_root::CHECK,
    &checks::run_as_user::CHECK,
    &checks::seccomp_profile_restricted::CHECK,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::NEWEST_MINOR;

    #[test]
    fn the_table_is_sound() {
        for pair in CHECKS.windows(2) {
            let [first, second] = pair else { unreachable!() };
            assert!((first.level, first.id) < (second.level, second.id), "{} stands before {}", first.id, second.id);
        }
        for check in CHECKS {
            assert_ne!(check.level, Level::Privileged, "{}", check.id);
            assert!(!check.revisions.is_empty(), "{}", check.id);
            assert!(check.revisions.windows(2).all(|pair| pair.first().map(|r| r.since) < pair.last().map(|r| r.since)), "{}", check.id);
            for revision in check.revisions {
                assert!(revision.since <= NEWEST_MINOR, "{}", check.id);
                for id in revision.overrides {
                    assert_eq!(check.level, Level::Restricted, "{} overrides", check.id);
                    assert!(CHECKS.iter().any(|other| other.id == *id && other.level == Level::Baseline), "{} overrides {id}", check.id);
                }
            }
        }
        assert_eq!(CHECKS.iter().filter(|check| check.level == Level::Baseline).count(), 12);
    }
}
