//! Containers must not be privileged: a privileged container has nearly all privileges of root on the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.privileged`, also of init and ephemeral containers |
//! | Allowed | `false`, not set |
//! | Value | true |
//! | History | v1.0: introduced |
//!
//! Source: `policy/check_privileged.go` of k8s.io/pod-security-admission.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Condition, Documentation, Explanation, FALSE, Field, INTRODUCED, Restriction};
use crate::standards::finding::Value;
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "privileged",
    level: Level::Baseline,
    reason: "privileged",
    other_names: &["Privileged Containers"],
    revisions: &[Revision::since(0, run, Sentence::MustNotSet("securityContext.privileged=true"))],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Privileged containers",
    why: "A privileged container has all capabilities, all devices of the node, and no confinement by seccomp, AppArmor or SELinux. A \
          process in it is practically root on the node.",
    advice: "Remove privileged. Often a part of it is enough: a capability, a device from a device plugin, or a kernel parameter in \
             securityContext.sysctls of the pod. Run drivers and agents that need all of it in a namespace with the privileged level.",
    restrictions: &[Restriction::since(0, &[Field::Containers("securityContext.privileged")], FALSE)],
    history: &[INTRODUCED],
    value: "true",
    explanations: &[Explanation::new(Condition::Always, "{subject} is privileged: it has nearly all privileges of root on the node.")],
    source: "check_privileged.go",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, "securityContext.privileged", |context| context.privileged.then_some(Value::Bool(true)));
}
