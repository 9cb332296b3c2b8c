//! The policy: a level and a version of the standards for each of the three modes.

use crate::standards::{Level, LevelVersion};

/// A level and a version for each mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Violations are rejected.
    pub enforce: LevelVersion,
    /// Violations are added to the audit annotations.
    pub audit: LevelVersion,
    /// Violations cause warnings.
    pub warn: LevelVersion,
}

impl Policy {
    /// The same level and version for each mode.
    pub fn uniform(policy: LevelVersion) -> Self {
        Policy { enforce: policy, audit: policy, warn: policy }
    }

    /// Whether every mode is privileged.
    pub fn is_privileged(&self) -> bool {
        [self.enforce, self.audit, self.warn].iter().all(|mode| mode.level == Level::Privileged)
    }

    /// Whether both policies give the same result for every pod.
    pub fn is_equivalent_to(&self, other: &Policy) -> bool {
        self.enforce.is_equivalent_to(other.enforce) && self.audit.is_equivalent_to(other.audit) && self.warn.is_equivalent_to(other.warn)
    }
}
