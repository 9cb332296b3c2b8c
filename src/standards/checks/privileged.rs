//! Privileged containers.
//!
//! A privileged container has nearly all that root on the node has.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.privileged`, also of init and ephemeral containers |
//! | Allowed | `false`, not set |
//! | Value of a finding | `true` |
//! | History | 1.0: introduced |
//!
//! Source: `policy/check_privileged.go`.

use super::{Findings, in_containers};
use crate::pod::Pod;
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
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, "securityContext.privileged", |context| context.privileged.then_some(Value::Bool(true)));
}
