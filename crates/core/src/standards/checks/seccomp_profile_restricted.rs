//! Containers must have a seccomp profile.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.seccompProfile.type`, `spec.containers[*].securityContext.seccompProfile.type`, also of init and ephemeral containers |
//! | Allowed | `RuntimeDefault`, `Localhost`; not set in a container if the pod sets one of them |
//! | Value | the type of the profile, or missing |
//! | History | v1.19: introduced, in place of `seccompProfile_baseline`; v1.25: does not apply to pods for Windows |
//!
//! Source: `policy/check_seccompProfile_restricted.go` of k8s.io/pod-security-admission.

use super::CONFINED;
use super::shared::{SECCOMP_REASON, SECCOMP_WHY};
use super::{Findings, SECCOMP_FIELD, SECCOMP_SENTENCE, in_containers, unconfined};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Change, Condition, Documentation, EXCEPT_WINDOWS, Explanation, Field, Restriction};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, Obstacle, Remedy, SECCOMP_TYPE};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seccompProfile_restricted",
    level: Level::Restricted,
    reason: "seccompProfile",
    other_names: &["Seccomp"],
    revisions: &[
        Revision::since(19, run, SENTENCE).overriding(&["seccompProfile_baseline"]),
        Revision::since(25, run, SENTENCE).overriding(&["seccompProfile_baseline"]).unless_windows(),
    ],
    remedies: &[Remedy::new(SECCOMP_TYPE, Action::Set("\"RuntimeDefault\""), &[Obstacle::Windows, Obstacle::LocalhostProfile]).pod_wide()],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Seccomp profile",
    why: SECCOMP_WHY,
    advice: "Set the type of seccompProfile to RuntimeDefault in the securityContext of the pod, and remove other types from its \
             containers. For a program that needs more system calls, install a profile on the nodes and select it with type Localhost and \
             localhostProfile.",
    restrictions: &[
        Restriction::since(
            19,
            &[Field::Pod(SECCOMP_FIELD)],
            &[Allowed::Values(&CONFINED), Allowed::Description("no profile, if each container sets one of them")],
        ),
        Restriction::since(
            19,
            &[Field::Containers(SECCOMP_FIELD)],
            &[Allowed::Values(&CONFINED), Allowed::Description("no profile, if the pod sets one of them")],
        ),
    ],
    history: &[Change::since(19, "Introduced, in place of seccompProfile_baseline."), Change::since(25, EXCEPT_WINDOWS)],
    value: "the type of the profile, or missing",
    explanations: &[
        Explanation::new(
            Condition::Missing,
            "{subject} may run without seccomp, because neither it nor the pod sets the type of seccompProfile to {allowed}.",
        ),
        Explanation::new(Condition::Always, SECCOMP_REASON),
    ],
    source: "check_seccompProfile_restricted.go",
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
