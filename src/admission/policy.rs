//! The policy of a namespace: a level and a version for each mode, from its labels and the defaults.
//!
//! Source: `api/helpers.go` of k8s.io/pod-security-admission.

use std::fmt;

use crate::pod::Labels;
use crate::quote::quoted;
use crate::settings::{Policy, Settings};
use crate::standards::{Level, LevelVersion, Version};

/// A label with a value that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelError {
    label: &'static str,
    value: String,
    allowed: &'static str,
}

impl LabelError {
    /// The label.
    pub fn label(&self) -> &'static str {
        self.label
    }
}

impl fmt::Display for LabelError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "metadata.labels[{}]: Invalid value: {}: must be {}", self.label, quoted(&self.value), self.allowed)
    }
}

/// The errors as one text: alone as it is, several in brackets.
pub(super) fn joined(errors: &[LabelError]) -> String {
    match errors {
        [error] => error.to_string(),
        _ => format!("[{}]", errors.iter().map(LabelError::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// What one mode asks of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The policy that it has to satisfy.
    pub policy: LevelVersion,
    /// Another one that it has to satisfy too: that of labels which can only ask for more.
    pub labels: Option<LevelVersion>,
}

impl Demand {
    /// The demand of the settings' policy where labels can only ask for more, and ask for `labels`.
    ///
    /// A lower level of the same version adds nothing. Of another version it may, for versions are not
    /// ordered by strictness.
    pub(super) fn tightened(policy: LevelVersion, labels: LevelVersion) -> Self {
        let adds_nothing = labels.version.known_minor() == policy.version.known_minor() && labels.level <= policy.level;
        Demand { policy, labels: (labels.level != Level::Privileged && !adds_nothing).then_some(labels) }
    }

    /// The policies to be satisfied, in the order in which they are named.
    pub fn policies(self) -> impl Iterator<Item = LevelVersion> {
        [Some(self.policy), self.labels].into_iter().flatten()
    }

    /// Whether every pod satisfies it.
    pub fn is_privileged(self) -> bool {
        self.policies().all(|policy| policy.level == Level::Privileged)
    }
}

/// What each mode asks of the pods of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demands {
    /// What rejects.
    pub enforce: Demand,
    /// What goes into the audit log.
    pub audit: Demand,
    /// What the user is warned of.
    pub warn: Demand,
}

impl Demands {
    /// What the settings and, where they count, the labels of a namespace ask for; and what is wrong
    /// with the labels.
    pub(super) fn of(settings: &Settings<'_>, labels: Option<&Labels<'_>>) -> (Demands, Vec<LabelError>) {
        let (policy, errors) = labels.map_or((settings.defaults, Vec::new()), |labels| Policy::from_labels(labels, settings.defaults));
        let demand = |own: LevelVersion, labels: LevelVersion| match settings.namespace_labels.only_tighten() {
            true => Demand::tightened(own, labels),
            false => Demand { policy: labels, labels: None },
        };
        let own = settings.defaults;
        let demands = Demands {
            enforce: demand(own.enforce, policy.enforce),
            audit: demand(own.audit, policy.audit),
            warn: demand(own.warn, policy.warn),
        };
        (demands, errors)
    }

    /// Whether every pod satisfies every mode.
    pub fn are_privileged(&self) -> bool {
        [self.enforce, self.audit, self.warn].into_iter().all(Demand::is_privileged)
    }
}

impl Policy {
    /// The policy that labels ask for, above the defaults. There always is one: an enforce level
    /// that is none counts as restricted (enforcing fails closed), another as privileged (auditing
    /// and warning fail open), a version that is none as the latest.
    pub fn from_labels(labels: &Labels<'_>, defaults: Policy) -> (Policy, Vec<LabelError>) {
        let mut policy = defaults;
        let mut errors = Vec::new();
        let [enforce, audit, warn] = MODES;
        let enforced = mode(&mut errors, labels, enforce, Level::Restricted, &mut policy.enforce);
        mode(&mut errors, labels, audit, Level::Privileged, &mut policy.audit);
        mode(&mut errors, labels, warn, Level::Privileged, &mut policy.warn);
        // Who asks for a stricter level to be enforced wants to be warned of it too.
        if enforced && labels.get(warn.level).is_none() && policy.enforce.level > policy.warn.level {
            policy.warn.level = policy.enforce.level;
            if labels.get(warn.version).is_none() {
                policy.warn.version = policy.enforce.version;
            }
        }
        (policy, errors)
    }
}

/// What the labels of Pod Security Admission begin with.
pub(super) const PREFIX: &str = "pod-security.kubernetes.io/";

/// The labels of a mode.
#[derive(Debug, Clone, Copy)]
pub(super) struct ModeLabels {
    /// The mode.
    pub(super) name: &'static str,
    /// The label that sets its level.
    pub(super) level: &'static str,
    /// The label that sets its version.
    pub(super) version: &'static str,
}

/// The labels of the modes, in the order in which Kubernetes reads them.
pub(super) const MODES: [ModeLabels; 3] = [
    ModeLabels { name: "enforce", level: "pod-security.kubernetes.io/enforce", version: "pod-security.kubernetes.io/enforce-version" },
    ModeLabels { name: "audit", level: "pod-security.kubernetes.io/audit", version: "pod-security.kubernetes.io/audit-version" },
    ModeLabels { name: "warn", level: "pod-security.kubernetes.io/warn", version: "pod-security.kubernetes.io/warn-version" },
];

/// Reads level and version of a mode from its labels, where they are there. Says whether the level is
/// there and valid.
fn mode(errors: &mut Vec<LabelError>, labels: &Labels<'_>, mode: ModeLabels, fallback: Level, into: &mut LevelVersion) -> bool {
    let mut is_valid = false;
    if let Some(value) = labels.get(mode.level) {
        let level = Level::parse(value);
        is_valid = level.is_some();
        into.level = level.unwrap_or_else(|| {
            errors.push(LabelError { label: mode.level, value: value.to_owned(), allowed: "one of privileged, baseline, restricted" });
            fallback
        });
    }
    if let Some(value) = labels.get(mode.version) {
        into.version = Version::parse(value).unwrap_or_else(|| {
            errors.push(LabelError { label: mode.version, value: value.to_owned(), allowed: "\"latest\" or \"v1.x\"" });
            Version::Latest
        });
    }
    is_valid
}

/// The modes that labels set and that are not privileged, as the warning on an exempt namespace has
/// them: `enforce=restricted:v1.34, warn=restricted:latest`.
pub(super) fn set_by_labels(policy: &Policy, labels: &Labels<'_>) -> String {
    let modes = MODES.into_iter().zip([policy.enforce, policy.audit, policy.warn]);
    let set = modes.filter(|(mode, policy)| {
        policy.level != Level::Privileged && (labels.get(mode.level).is_some() || labels.get(mode.version).is_some())
    });
    set.map(|(mode, policy)| format!("{}={policy}", mode.name)).collect::<Vec<_>>().join(", ")
}
