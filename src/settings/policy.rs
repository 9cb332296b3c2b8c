//! A level of the standards for each of the three modes.

use crate::standards::{Level, LevelVersion};

/// A level and a version for each mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// What rejects.
    pub enforce: LevelVersion,
    /// What goes into the audit log.
    pub audit: LevelVersion,
    /// What the user is warned of.
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

    /// Whether both ask the same of every pod.
    pub fn is_equivalent_to(&self, other: &Policy) -> bool {
        self.enforce.is_equivalent_to(other.enforce) && self.audit.is_equivalent_to(other.audit) && self.warn.is_equivalent_to(other.warn)
    }
}
