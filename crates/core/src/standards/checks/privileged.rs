//! Privileged containers.
//!
//! A privileged container has nearly all that root on the node has.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.privileged`, also of init and ephemeral containers |
//! | Allowed | `false`, not set |
//! | Value | true |
//!
//! Source: `policy/check_privileged.go`.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::about::{About, Field, INTRODUCED, OFF, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::Value;
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "privileged",
    level: Level::Baseline,
    reason: "privileged",
    revisions: &[Revision::since(0, run, Sentence::MustNotSet("securityContext.privileged=true"))],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Privileged containers",
    why: "A privileged container has all capabilities, all devices of the node, and no confinement by seccomp, AppArmor or SELinux. \
          Who is in it is as good as root on the node.",
    advice: "Remove privileged. Often only a part of it is meant: a capability, a device that a device plugin can hand out, or a \
             kernel parameter, which securityContext.sysctls of the pod can set. Drivers and agents that need all of it belong in a \
             namespace of the privileged level.",
    restrictions: &[Restriction::since(0, &[Field::Containers("securityContext.privileged")], OFF)],
    history: &[INTRODUCED],
    value: "true",
    told: &[Told::when(When::Always, "{who} is privileged: it has nearly all that root on the node has.")],
    source: "check_privileged.go",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, "securityContext.privileged", &|context| context.privileged.then_some(Value::Bool(true)));
}
