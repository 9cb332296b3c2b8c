//! What a check found: which field, whose, with which value. Sentences are made of findings in
//! [`super::message`]; marks in an editor, fixes and exemptions are to be made of them too.

use std::fmt;

use super::check::{Check, Revision};
use crate::pod::ContainerType;

/// All that one check found in a pod; never empty.
#[derive(Debug, Clone)]
pub struct Violation<'p> {
    /// The check.
    pub check: &'static Check,
    /// The revision of it that ran.
    pub revision: &'static Revision,
    /// What it found, in the order of the pod.
    pub findings: Vec<Finding<'p>>,
}

/// A field with a value that is forbidden, or without one that is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding<'p> {
    /// What the field belongs to: the pod itself, a container, a volume, an annotation.
    pub subject: Subject<'p>,
    /// The path of the field below its subject; `[]` stands for the element `index`.
    pub field: &'static str,
    /// Which element of the list in `field` it is, where there is one.
    pub index: usize,
    /// The offending value.
    pub value: Value<'p>,
}

/// The part of a pod that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'p> {
    /// The pod's own spec.
    Pod,
    /// A container.
    Container {
        /// The list that holds it.
        kind: ContainerType,
        /// Its place there.
        index: usize,
        /// Its name.
        name: &'p str,
    },
    /// A volume.
    Volume {
        /// Its place among the volumes.
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

/// The value of an offending field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'p> {
    /// The field is not set, and has to be: an implicit offence.
    Missing,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A string; for a volume the name of its source.
    Text(&'p str),
}

impl<'p> Finding<'p> {
    /// A finding on the pod itself.
    pub fn pod(field: &'static str, value: Value<'p>) -> Self {
        Finding { subject: Subject::Pod, field, index: 0, value }
    }

    /// Whether the field is missing rather than wrong.
    pub fn is_missing(&self) -> bool {
        self.value == Value::Missing
    }

    /// Where in its pod the finding is about: findings of any check come in this order, unless they are
    /// about the pod as a whole.
    pub fn rank(&self) -> (u8, usize, usize) {
        let (part, index) = match self.subject {
            Subject::Pod => (0, 0),
            Subject::Container { kind, index, .. } => (1 + kind as u8, index),
            Subject::Volume { index, .. } => (4, index),
            Subject::Annotation { .. } => (5, 0),
        };
        (part, index, self.index)
    }

    /// Whether this is the offending value, as settings write it: strings as they are, numbers in
    /// digits. For a field that offends by being true it is the name of the field.
    pub fn has_value(&self, written: &str) -> bool {
        match self.value {
            Value::Missing => false,
            Value::Bool(_) => self.field == written,
            Value::Number(value) => written.parse() == Ok(value),
            Value::Text(value) => value == written,
        }
    }

    /// The path of the field within a pod: `spec.containers[0].securityContext.privileged`.
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
    fn paths_read_as_kubernetes_writes_them() {
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
    fn findings_come_in_the_order_in_which_a_pod_is_gone_through() {
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
