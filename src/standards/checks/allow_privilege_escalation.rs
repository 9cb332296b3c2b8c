//! Gaining more privileges than the parent process, by set-user-ID files for example.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.allowPrivilegeEscalation`, also of init and ephemeral containers |
//! | Allowed | `false` |
//! | Value of a finding | `true`, or missing |
//! | History | 1.8: introduced with the field. 1.25: not for Windows pods |
//!
//! Source: `policy/check_allowPrivilegeEscalation.go`.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::Value;
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "allowPrivilegeEscalation",
    level: Level::Restricted,
    reason: "allowPrivilegeEscalation != false",
    revisions: &[Revision::since(8, run, SENTENCE), Revision::since(25, run, SENTENCE).unless_windows()],
};

const SENTENCE: Sentence = Sentence::MustSet("securityContext.allowPrivilegeEscalation=false");

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, "securityContext.allowPrivilegeEscalation", |context| match context.allow_privilege_escalation {
        Some(false) => None,
        Some(true) => Some(Value::Bool(true)),
        None => Some(Value::Missing),
    });
}
