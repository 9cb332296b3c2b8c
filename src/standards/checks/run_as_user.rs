//! Containers that run as user 0.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.runAsUser`, `spec.containers[*].securityContext.runAsUser`, also of init and ephemeral containers |
//! | Allowed | anything but 0, not set |
//! | Value of a finding | 0 |
//! | History | 1.23: introduced. 1.35: not for pods in a user namespace |
//!
//! Source: `policy/check_runAsUser.go`, KEP-127.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "runAsUser",
    level: Level::Restricted,
    reason: "runAsUser=0",
    revisions: &[Revision::since(23, run, SENTENCE), Revision::since(35, run, SENTENCE).unless_user_namespace()],
};

const FIELD: &str = "securityContext.runAsUser";

const SENTENCE: Sentence = Sentence::MustNotSet("runAsUser=0");

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let root = |user: Option<i64>| (user == Some(0)).then_some(Value::Number(0));
    findings.extend(root(pod.spec.security_context.run_as_user).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, |context| root(context.run_as_user));
}
