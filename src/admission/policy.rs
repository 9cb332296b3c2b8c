//! The policy of a namespace: a level and a version for each mode, from its labels and the defaults.
//!
//! Source: `api/helpers.go` of k8s.io/pod-security-admission.

use std::fmt;

use crate::pod::{Label, Labels};
use crate::quote::quoted;
use crate::settings::Policy;
use crate::standards::{Level, Version};

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

impl Policy {
    /// The policy that labels ask for, above the defaults. There always is one: an enforce level
    /// that is none counts as restricted (enforcing fails closed), another as privileged (auditing
    /// and warning fail open), a version that is none as the latest.
    pub fn from_labels(labels: &Labels<'_>, defaults: Policy) -> (Policy, Vec<LabelError>) {
        let mut policy = defaults;
        let mut errors = Vec::new();
        let [enforce, enforce_version, audit, audit_version, warn, warn_version] = LABELS;
        let enforced = level(&mut errors, &labels.enforce, enforce, Level::Restricted, &mut policy.enforce.level);
        version(&mut errors, &labels.enforce_version, enforce_version, &mut policy.enforce.version);
        level(&mut errors, &labels.audit, audit, Level::Privileged, &mut policy.audit.level);
        version(&mut errors, &labels.audit_version, audit_version, &mut policy.audit.version);
        level(&mut errors, &labels.warn, warn, Level::Privileged, &mut policy.warn.level);
        version(&mut errors, &labels.warn_version, warn_version, &mut policy.warn.version);
        // Who asks for a stricter level to be enforced wants to be warned of it too.
        if enforced && labels.warn.0.is_none() && policy.enforce.level > policy.warn.level {
            policy.warn.level = policy.enforce.level;
            if labels.warn_version.0.is_none() {
                policy.warn.version = policy.enforce.version;
            }
        }
        (policy, errors)
    }
}

const LABELS: [&str; 6] = [
    "pod-security.kubernetes.io/enforce",
    "pod-security.kubernetes.io/enforce-version",
    "pod-security.kubernetes.io/audit",
    "pod-security.kubernetes.io/audit-version",
    "pod-security.kubernetes.io/warn",
    "pod-security.kubernetes.io/warn-version",
];

/// Reads a level from a label, if it is there. Says whether it is there and valid.
fn level(errors: &mut Vec<LabelError>, label: &Label<'_>, name: &'static str, fallback: Level, into: &mut Level) -> bool {
    let Some(value) = &label.0 else { return false };
    let level = Level::parse(value);
    if level.is_none() {
        errors.push(LabelError { label: name, value: value.to_string(), allowed: "one of privileged, baseline, restricted" });
    }
    *into = level.unwrap_or(fallback);
    level.is_some()
}

/// Reads a version from a label, if it is there.
fn version(errors: &mut Vec<LabelError>, label: &Label<'_>, name: &'static str, into: &mut Version) {
    let Some(value) = &label.0 else { return };
    let version = Version::parse(value);
    if version.is_none() {
        errors.push(LabelError { label: name, value: value.to_string(), allowed: "\"latest\" or \"v1.x\"" });
    }
    *into = version.unwrap_or(Version::Latest);
}

/// The modes that labels set and that are not privileged, as the warning on an exempt namespace has
/// them: `enforce=restricted:v1.34, warn=restricted:latest`.
pub(super) fn set_by_labels(policy: &Policy, labels: &Labels<'_>) -> String {
    let modes = [
        ("enforce", policy.enforce, &labels.enforce, &labels.enforce_version),
        ("audit", policy.audit, &labels.audit, &labels.audit_version),
        ("warn", policy.warn, &labels.warn, &labels.warn_version),
    ];
    let set =
        modes.iter().filter(|(_, policy, level, version)| policy.level != Level::Privileged && (level.0.is_some() || version.0.is_some()));
    set.map(|(mode, policy, ..)| format!("{mode}={policy}")).collect::<Vec<_>>().join(", ")
}
