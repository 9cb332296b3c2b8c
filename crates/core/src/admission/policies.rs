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

    /// The name of the mode, as labels and settings have it.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Audit => "audit",
            Mode::Warn => "warn",
        }
    }
}

/// The policies of one mode: a pod has to satisfy each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModePolicy {
    /// The policy of the settings or, where labels override it, that of the labels.
    pub policy: LevelVersion,
    /// The policy of the labels, where they can only tighten that of the settings and do.
    pub labels: Option<LevelVersion>,
}

impl ModePolicy {
    /// The settings' policy, with the policy of `labels` that can only tighten it.
    ///
    /// A lower level of the same version adds nothing. A lower level of another version may, because versions are not
    /// ordered by strictness.
    pub(super) fn tightened(policy: LevelVersion, labels: LevelVersion) -> Self {
        let adds_nothing = labels.version.known_minor() == policy.version.known_minor() && labels.level <= policy.level;
        ModePolicy { policy, labels: (labels.level != Level::Privileged && !adds_nothing).then_some(labels) }
    }

    /// The policies that a pod has to satisfy, in the order in which they are evaluated.
    pub fn policies(self) -> impl Iterator<Item = LevelVersion> {
        [Some(self.policy), self.labels].into_iter().flatten()
    }

    /// Whether every pod satisfies them.
    pub fn is_privileged(self) -> bool {
        self.policies().all(|policy| policy.level == Level::Privileged)
    }
}

/// The policies of each mode for the pods of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModePolicies {
    /// Those of enforce.
    pub enforce: ModePolicy,
    /// Those of audit.
    pub audit: ModePolicy,
    /// Those of warn.
    pub warn: ModePolicy,
}

impl ModePolicies {
    /// The policies of the settings and, where they count, of the labels of a namespace; and the errors in the labels.
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

    /// The policies of a mode.
    pub fn of_mode(&self, mode: Mode) -> ModePolicy {
        match mode {
            Mode::Enforce => self.enforce,
            Mode::Audit => self.audit,
            Mode::Warn => self.warn,
        }
    }

    /// Whether every pod satisfies every mode.
    pub fn are_privileged(&self) -> bool {
        [self.enforce, self.audit, self.warn].into_iter().all(ModePolicy::is_privileged)
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
