//! The definition of a check and of its revisions.

use super::finding::Finding;
use super::level::Level;
use super::message::Sentence;
use super::remedy::Remedy;
use crate::pod::Pod;

/// A check of the standards: a control of the levels baseline and restricted.
#[derive(Debug)]
pub struct Check {
    /// The name of the check: `hostPorts`.
    pub id: &'static str,
    /// The lowest level that runs it: baseline or restricted.
    pub level: Level,
    /// The reason in Kubernetes' messages: `hostPort`.
    pub reason: &'static str,
    /// Its names in Kubernetes' documentation, and fields that it reads, where they are not the id or the reason: `Volume Types`.
    pub other_names: &'static [&'static str],
    /// The revisions of the check, the oldest first.
    pub revisions: &'static [Revision],
    /// The changes that satisfy the check without a decision of the pod's author, by the field of a finding.
    pub remedies: &'static [Remedy],
}

/// Checks are identified by their ids.
impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Check {}

/// The requirements of a check from a version of the standards on.
#[derive(Debug)]
pub struct Revision {
    /// The first minor version that it applies to.
    pub since: u64,
    /// The ids of the baseline checks that do not run together with this revision.
    pub overrides: &'static [&'static str],
    /// The function that finds violations.
    pub(crate) run: Run,
    /// The pattern of the sentence that reports them.
    pub sentence: Sentence,
    relaxed: Relaxed,
}

/// Appends the findings in a pod, in the order of the pod.
pub(crate) type Run = for<'p> fn(Pod<'p>, &mut Vec<Finding<'p>>);

/// The pods that a revision does not apply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relaxed {
    Never,
    Windows,
    UserNamespaces,
}

impl Check {
    /// The revision that applies at a minor version; `None` before the first.
    pub fn at(&self, minor: u64) -> Option<&'static Revision> {
        self.revisions.iter().rev().find(|revision| revision.since <= minor)
    }
}

impl Revision {
    /// A revision that overrides no check and applies to every pod.
    pub(super) const fn since(minor: u64, run: Run, sentence: Sentence) -> Self {
        Revision { since: minor, overrides: &[], run, sentence, relaxed: Relaxed::Never }
    }

    /// The same revision, which replaces baseline checks.
    pub(super) const fn overriding(self, overrides: &'static [&'static str]) -> Self {
        Revision { overrides, ..self }
    }

    /// The same revision without pods for Windows (`spec.os.name`): its fields exist on Linux only.
    pub(super) const fn unless_windows(self) -> Self {
        Revision { relaxed: Relaxed::Windows, ..self }
    }

    /// The same revision without pods in a user namespace, where root has no privileges on the node (KEP-127).
    pub(super) const fn unless_user_namespace(self) -> Self {
        Revision { relaxed: Relaxed::UserNamespaces, ..self }
    }

    /// Returns whether the revision does not apply to pods for Windows.
    pub fn exempts_windows(&self) -> bool {
        self.relaxed == Relaxed::Windows
    }

    /// Returns whether the revision does not apply to a pod.
    pub fn is_relaxed_for(&self, pod: Pod<'_>) -> bool {
        match self.relaxed {
            Relaxed::Never => false,
            Relaxed::Windows => pod.is_windows(),
            Relaxed::UserNamespaces => pod.in_user_namespace(),
        }
    }
}
