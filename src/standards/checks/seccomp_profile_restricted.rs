//! Containers without a seccomp profile.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.seccompProfile.type`, `spec.containers[*].securityContext.seccompProfile.type`, also of init and ephemeral containers |
//! | Allowed | `RuntimeDefault`, `Localhost`; not set in a container if the pod sets one of them |
//! | Value of a finding | the type, or missing |
//! | History | 1.19: introduced, in place of seccompProfile_baseline. 1.25: not for Windows pods |
//!
//! Source: `policy/check_seccompProfile_restricted.go`.

use super::{Findings, SECCOMP_FIELD, SECCOMP_SENTENCE, in_containers, unconfined};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seccompProfile_restricted",
    level: Level::Restricted,
    reason: "seccompProfile",
    revisions: &[
        Revision::since(19, run, SENTENCE).overriding(&["seccompProfile_baseline"]),
        Revision::since(25, run, SENTENCE).overriding(&["seccompProfile_baseline"]).unless_windows(),
    ],
};

const SENTENCE: Sentence = Sentence::WrongOrMissing {
    wrong: &SECCOMP_SENTENCE,
    required: r#"securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost""#,
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let of_pod = &pod.spec.security_context.seccomp_profile;
    let wrong = unconfined(of_pod);
    findings.extend(wrong.map(|value| Finding::pod(SECCOMP_FIELD, value)));
    let confined_by_pod = of_pod.is_some() && wrong.is_none();
    in_containers(pod, findings, SECCOMP_FIELD, |context| match &context.seccomp_profile {
        None if confined_by_pod => None,
        None => Some(Value::Missing),
        set => unconfined(set),
    });
}
