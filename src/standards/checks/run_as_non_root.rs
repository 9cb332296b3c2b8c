//! Containers that may run as root.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.runAsNonRoot`, `spec.containers[*].securityContext.runAsNonRoot`, also of init and ephemeral containers |
//! | Allowed | `true`; not set in a container if the pod sets `true` |
//! | Value of a finding | `false`, or missing |
//! | History | 1.0: introduced. 1.35: not for pods in a user namespace |
//!
//! Source: `policy/check_runAsNonRoot.go`, KEP-127.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "runAsNonRoot",
    level: Level::Restricted,
    reason: "runAsNonRoot != true",
    revisions: &[Revision::since(0, run, SENTENCE), Revision::since(35, run, SENTENCE).unless_user_namespace()],
};

const FIELD: &str = "securityContext.runAsNonRoot";

const SENTENCE: Sentence = Sentence::WrongOrMissing {
    wrong: &Sentence::MustNotSet("securityContext.runAsNonRoot=false"),
    required: "securityContext.runAsNonRoot=true",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let of_pod = pod.spec.security_context.run_as_non_root;
    if of_pod == Some(false) {
        findings.push(Finding::pod(FIELD, Value::Bool(false)));
    }
    in_containers(pod, findings, FIELD, |context| match (context.run_as_non_root, of_pod) {
        (Some(false), _) => Some(Value::Bool(false)),
        (Some(true), _) | (None, Some(true)) => None,
        (None, _) => Some(Value::Missing),
    });
}
