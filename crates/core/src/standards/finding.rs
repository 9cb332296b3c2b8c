//! Violations of checks and their findings: each finding is a field with a forbidden or missing value. Messages
//! ([`super::message`]), exemptions, hardening, and the marks and fixes of a review are derived from findings.

use std::fmt;

use super::check::{Check, Revision};
use super::remedy::{RUN_AS_NON_ROOT, SECCOMP_TYPE};
use super::spelling::{APP_ARMOR_TYPE, is_same};
use crate::pod::{ContainerType, SecurityContext};

/// The violation of a check by a pod.
#[derive(Debug, Clone)]
pub struct Violation<'p> {
    /// The check.
    pub check: &'static Check,
    /// The revision of the check that ran.
    pub revision: &'static Revision,
    /// The findings in the order of the pod; never empty.
    pub findings: Vec<Finding<'p>>,
}

/// A field with a forbidden value, or without a required one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding<'p> {
    /// The part of the pod that the field belongs to.
    pub subject: Subject<'p>,
    /// The path of the field below the subject; `[]` stands for the element `index`.
    pub field: &'static str,
    /// The index of the element, if `field` contains a list; otherwise 0.
    pub index: usize,
    /// The forbidden value.
    pub value: Value<'p>,
}

/// The part of a pod that a finding's field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'p> {
    /// The spec of the pod.
    Pod,
    /// A container.
    Container {
        /// The list that contains it.
        kind: ContainerType,
        /// Its index in that list.
        index: usize,
        /// Its name.
        name: &'p str,
    },
    /// A volume.
    Volume {
        /// Its index in the list of volumes.
        index: usize,
        /// Its name.
        name: &'p str,
    },
    /// An annotation of the pod.
    Annotation {
        /// Its key.
        key: &'p str,
    },
}

/// The value of the field of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'p> {
    /// The field is required, and not set.
    Missing,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A string. For a volume it is the type of the volume, or the path of a `hostPath`.
    Text(&'p str),
}

/// The fields of the pod that containers inherit, in the order of [`Finding::is_inherited_by`].
static INHERITED: [&str; 6] = [
    SECCOMP_TYPE,
    APP_ARMOR_TYPE,
    RUN_AS_NON_ROOT,
    "securityContext.runAsUser",
    "securityContext.seLinuxOptions.",
    "securityContext.windowsOptions.",
];

impl<'p> Finding<'p> {
    /// A finding on a field of the spec of the pod.
    pub fn pod(field: &'static str, value: Value<'p>) -> Self {
        Finding { subject: Subject::Pod, field, index: 0, value }
    }

    /// Returns whether the field is missing, rather than set to a forbidden value.
    pub fn is_missing(&self) -> bool {
        self.value == Value::Missing
    }

    /// Returns the value if it is a string.
    pub fn text(&self) -> Option<&'p str> {
        match self.value {
            Value::Text(value) => Some(value),
            _ => None,
        }
    }

    /// Returns a key that orders findings by their position in the pod. The findings of each check are sorted by it.
    // Inlined into each search, this function would make the policy module larger.
    #[inline(never)]
    pub fn rank(&self) -> (u8, usize, usize) {
        let (part, index) = match self.subject {
            Subject::Pod => (0, 0),
            Subject::Container { kind, index, .. } => (1 + kind as u8, index),
            Subject::Volume { index, .. } => (4, index),
            Subject::Annotation { .. } => (5, 0),
        };
        (part, index, self.index)
    }

    /// Returns whether the finding has a value of the `values` of an exemption rule: strings in any spelling with the same meaning,
    /// numbers in decimal. For a field that must not be true, the value is the name of the field.
    pub fn has_value(&self, expected: &str) -> bool {
        match self.value {
            Value::Missing => false,
            Value::Bool(_) => self.field == expected,
            Value::Number(value) => expected.parse() == Ok(value),
            Value::Text(value) => is_same(self, value, expected),
        }
    }

    /// Returns whether the field is one of the pod, and a container with this security context has the value of the pod. A container
    /// with a value of its own may be counted too, but no other one is left out.
    ///
    /// Source: `DetermineEffectiveSecurityContext` in `pkg/securitycontext/util.go` of Kubernetes.
    pub fn is_inherited_by(&self, own: &SecurityContext<'_>) -> bool {
        let of_pod = INHERITED.iter().position(|field| self.subject == Subject::Pod && self.field.starts_with(field));
        match of_pod {
            Some(0) => own.seccomp_profile.is_none(),
            Some(1) => own.app_armor_profile.is_none(),
            Some(2) => own.run_as_non_root.is_none(),
            Some(3) => own.run_as_user.is_none(),
            Some(4) => {
                [&own.se_linux_options.label, &own.se_linux_options.user, &own.se_linux_options.role].iter().all(|option| option.is_empty())
            }
            of_pod => of_pod.is_some(),
        }
    }

    /// Returns the path of the field in the pod: `spec.containers[0].securityContext.privileged`.
    pub fn path(&self) -> impl fmt::Display {
        *self
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject {
            Subject::Annotation { key } => return write!(out, "metadata.annotations[{key}]"),
            Subject::Pod => out.write_str("spec")?,
            Subject::Container { kind, index, .. } => write!(out, "spec.{}[{index}]", kind.field())?,
            Subject::Volume { index, .. } => write!(out, "spec.volumes[{index}]")?,
        }
        if self.field.is_empty() {
            return Ok(());
        }
        match self.field.find("[]").and_then(|place| self.field.split_at_checked(place)) {
            Some((list, rest)) => write!(out, ".{list}[{}]{}", self.index, rest.strip_prefix("[]").unwrap_or(rest)),
            None => write!(out, ".{}", self.field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_paths_as_kubernetes_does() {
        let container = Subject::Container { kind: ContainerType::Init, index: 2, name: "c" };
        let table = [
            (Finding::pod("hostNetwork", Value::Bool(true)), "spec.hostNetwork"),
            (
                Finding { subject: container, field: "ports[].hostPort", index: 1, value: Value::Number(80) },
                "spec.initContainers[2].ports[1].hostPort",
            ),
            (
                Finding { subject: container, field: "securityContext.capabilities.add[]", index: 0, value: Value::Text("SYS_ADMIN") },
                "spec.initContainers[2].securityContext.capabilities.add[0]",
            ),
            (
                Finding { subject: Subject::Volume { index: 3, name: "v" }, field: "", index: 0, value: Value::Text("unknown") },
                "spec.volumes[3]",
            ),
            (
                Finding { subject: Subject::Annotation { key: "a.b/c" }, field: "", index: 0, value: Value::Text("x") },
                "metadata.annotations[a.b/c]",
            ),
        ];
        for (finding, path) in table {
            assert_eq!(finding.path().to_string(), path);
        }
    }

    #[test]
    fn sorts_findings_by_their_position_in_the_pod() {
        let at = |subject, index| Finding { subject, field: "f", index, value: Value::Missing };
        let container = |kind, index| Subject::Container { kind, index, name: "c" };
        let volume = |index| Subject::Volume { index, name: "v" };
        let findings = [
            at(Subject::Pod, 0),
            at(Subject::Pod, 1),
            at(container(ContainerType::Init, 0), 0),
            at(container(ContainerType::Init, 0), 1),
            at(container(ContainerType::Init, 1), 0),
            at(container(ContainerType::Regular, 0), 0),
            at(container(ContainerType::Ephemeral, 0), 0),
            at(volume(0), 0),
            at(volume(1), 0),
            at(Subject::Annotation { key: "k" }, 0),
        ];
        assert!(findings.is_sorted_by(|one, other| one.rank() < other.rank()), "{:?}", findings.map(|finding| finding.rank()));
    }
}
