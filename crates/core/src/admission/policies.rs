//! The policy of a namespace: a level and a version for each mode, from its labels and the defaults.
//!
//! Source: `api/helpers.go` of k8s.io/pod-security-admission.

use std::fmt;

use crate::pod::Labels;
use crate::quote::quoted;
use crate::settings::{Policy, Settings};
use crate::standards::{Level, LevelVersion, Version};

/// A label with an invalid value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelError {
    label: &'static str,
    value: String,
    allowed: &'static str,
}

impl LabelError {
    /// Returns the label.
    pub fn label(&self) -> &'static str {
        self.label
    }
}

impl fmt::Display for LabelError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "metadata.labels[{}]: Invalid value: {}: must be {}", self.label, quoted(&self.value), self.allowed)
    }
}

/// Formats errors as one text: a single error verbatim, several in brackets.
///
/// Source: `ErrorList.ToAggregate` of k8s.io/apimachinery.
pub(super) fn joined(errors: &[LabelError]) -> String {
    match errors {
        [error] => error.to_string(),
        _ => format!("[{}]", errors.iter().map(LabelError::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The modes of Pod Security Admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Violations reject the request.
    Enforce,
    /// Violations are recorded in the audit log.
    Audit,
    /// The user is warned of violations.
    Warn,
}

impl Mode {
    /// All modes, in the order in which they are evaluated.
    pub const ALL: [Mode; 3] = [Mode::Enforce, Mode::Audit, Mode::Warn];

    /// Returns the name of the mode in labels and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Audit => "audit",
            Mode::Warn => "warn",
        }
    }
}

/// The policies of one mode. A pod must satisfy all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModePolicy {
    /// The policy of the settings, or that of the labels if they override it.
    pub policy: LevelVersion,
    /// The policy of the labels, if labels can only tighten the settings and these do.
    pub labels: Option<LevelVersion>,
}

impl ModePolicy {
    /// Returns the policy of the settings with a policy of labels that can only tighten it.
    ///
    /// A lower level of the same version has no effect. A lower level of another version may have one, because a newer version can
    /// be less restrictive.
    pub(super) fn tightened(policy: LevelVersion, labels: LevelVersion) -> Self {
        let adds_nothing = labels.version.known_minor() == policy.version.known_minor() && labels.level <= policy.level;
        ModePolicy { policy, labels: (labels.level != Level::Privileged && !adds_nothing).then_some(labels) }
    }

    /// Returns the policies in the order in which they are evaluated.
    pub fn policies(self) -> impl Iterator<Item = LevelVersion> {
        [Some(self.policy), self.labels].into_iter().flatten()
    }

    /// Returns whether every pod satisfies them.
    pub fn is_privileged(self) -> bool {
        self.policies().all(|policy| policy.level == Level::Privileged)
    }
}

/// The policies of each mode for the pods of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModePolicies {
    /// The policies of enforce.
    pub enforce: ModePolicy,
    /// The policies of audit.
    pub audit: ModePolicy,
    /// The policies of warn.
    pub warn: ModePolicy,
}

impl ModePolicies {
    /// Returns the policies from the settings and, if given, the labels of a namespace, and the errors in the labels.
    pub(super) fn of(settings: &Settings<'_>, labels: Option<&Labels<'_>>) -> (ModePolicies, Vec<LabelError>) {
        let (policy, errors) = labels.map_or((settings.defaults, Vec::new()), |labels| Policy::from_labels(labels, settings.defaults));
        let mode = |own: LevelVersion, labels: LevelVersion| match settings.namespace_labels.only_tighten() {
            true => ModePolicy::tightened(own, labels),
            false => ModePolicy { policy: labels, labels: None },
        };
        let own = settings.defaults;
        let policies = ModePolicies {
            enforce: mode(own.enforce, policy.enforce),
            audit: mode(own.audit, policy.audit),
            warn: mode(own.warn, policy.warn),
        };
        (policies, errors)
    }

    /// Returns the policies of a mode.
    pub fn of_mode(&self, mode: Mode) -> ModePolicy {
        match mode {
            Mode::Enforce => self.enforce,
            Mode::Audit => self.audit,
            Mode::Warn => self.warn,
        }
    }

    /// Returns whether every pod satisfies every mode.
    pub fn are_privileged(&self) -> bool {
        [self.enforce, self.audit, self.warn].into_iter().all(ModePolicy::is_privileged)
    }
}

impl Policy {
    /// Returns the policy of labels, with defaults for missing ones, and the errors in the labels. An invalid enforce level is
    /// restricted (enforce fails closed), another invalid level is privileged (audit and warn fail open), and an invalid version is
    /// the latest.
    ///
    /// Source: `PolicyToEvaluate` in `api/helpers.go` of k8s.io/pod-security-admission.
    pub fn from_labels(labels: &Labels<'_>, defaults: Policy) -> (Policy, Vec<LabelError>) {
        let mut policy = defaults;
        let mut errors = Vec::new();
        let [enforce, audit, warn] = MODES;
        let enforced = mode(&mut errors, labels, enforce, Level::Restricted, &mut policy.enforce);
        mode(&mut errors, labels, audit, Level::Privileged, &mut policy.audit);
        mode(&mut errors, labels, warn, Level::Privileged, &mut policy.warn);
        // A stricter enforce label sets the level of warn too.
        if enforced && labels.get(warn.level).is_none() && policy.enforce.level > policy.warn.level {
            policy.warn.level = policy.enforce.level;
            if labels.get(warn.version).is_none() {
                policy.warn.version = policy.enforce.version;
            }
        }
        (policy, errors)
    }
}

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

/// The labels of the modes, in the order in which Kubernetes parses them.
pub(super) const MODES: [ModeLabels; 3] = [
    ModeLabels { name: "enforce", level: "pod-security.kubernetes.io/enforce", version: "pod-security.kubernetes.io/enforce-version" },
    ModeLabels { name: "audit", level: "pod-security.kubernetes.io/audit", version: "pod-security.kubernetes.io/audit-version" },
    ModeLabels { name: "warn", level: "pod-security.kubernetes.io/warn", version: "pod-security.kubernetes.io/warn-version" },
];

/// Parses the level and version of a mode from its labels. Returns whether the level is set and valid.
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

/// Returns the modes that labels set to a level from `lowest` on, for the warnings that labels are ignored:
/// `enforce=restricted:v1.34, warn=restricted:latest`.
pub(super) fn set_by_labels(policy: &Policy, labels: &Labels<'_>, lowest: Level) -> String {
    let modes = MODES.into_iter().zip([policy.enforce, policy.audit, policy.warn]);
    let set =
        modes.filter(|(mode, policy)| policy.level >= lowest && (labels.get(mode.level).is_some() || labels.get(mode.version).is_some()));
    set.map(|(mode, policy)| format!("{}={policy}", mode.name)).collect::<Vec<_>>().join(", ")
}
