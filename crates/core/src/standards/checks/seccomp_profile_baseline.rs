//! Seccomp must not be disabled.
//!
//! | | |
//! |---|---|
//! | Annotations | until v1.18: `seccomp.security.alpha.kubernetes.io/pod`, and `container.seccomp.security.alpha.kubernetes.io/*` for the containers of the pod |
//! | Allowed | not set, `runtime/default`, `docker/default`, `localhost/*`; empty is forbidden |
//! | Fields | from v1.19 on: `spec.securityContext.seccompProfile.type`, `spec.containers[*].securityContext.seccompProfile.type`, also of init and ephemeral containers |
//! | Allowed | not set, `RuntimeDefault`, `Localhost`; a profile without a type is set, and therefore forbidden |
//! | Value | the value of the annotation, or the type of the profile |
//! | History | v1.0: introduced, for the annotations; v1.19: checks the fields instead |
//!
//! Source: `policy/check_seccompProfile_baseline.go` of k8s.io/pod-security-admission.

use super::CONFINED;
use super::shared::{SECCOMP_REASON, SECCOMP_WHY};
use super::{Findings, SECCOMP_FIELD, SECCOMP_SENTENCE, each_container, in_containers, is_one_of, unconfined};
use crate::pod::{Pod, SECCOMP_CONTAINER_ANNOTATION_PREFIX, SECCOMP_POD_ANNOTATION};
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Change, Condition, Documentation, Explanation, Field, NO_PROFILE, NOT_SET, Restriction};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, Obstacle, Remedy, SECCOMP_TYPE};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seccompProfile_baseline",
    level: Level::Baseline,
    reason: "seccompProfile",
    other_names: &["Seccomp"],
    revisions: &[Revision::since(0, annotations, Sentence::Annotations), Revision::since(19, fields, SECCOMP_SENTENCE)],
    remedies: &[Remedy::new(SECCOMP_TYPE, Action::Replace("\"RuntimeDefault\""), &[Obstacle::Windows, Obstacle::LocalhostProfile])],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Seccomp disabled",
    why: SECCOMP_WHY,
    advice: "Remove seccompProfile, or set its type to RuntimeDefault. For a program that needs more system calls, install a profile on \
             the nodes and select it with type Localhost and localhostProfile.",
    restrictions: &[
        Restriction::since(
            0,
            &[
                Field::Annotation("seccomp.security.alpha.kubernetes.io/pod"),
                Field::Annotation("container.seccomp.security.alpha.kubernetes.io/*"),
            ],
            &[NOT_SET, Allowed::Values(&ANNOTATION_VALUES)],
        )
        .until(18),
        Restriction::since(19, &[Field::Both(SECCOMP_FIELD)], &[NO_PROFILE, Allowed::Values(&CONFINED)]),
    ],
    history: &[
        Change::since(0, "Introduced, for the annotations."),
        Change::since(19, "Checks the fields instead of the annotations. At restricted, seccompProfile_restricted replaces it."),
    ],
    value: "the value of the annotation, or the type of the profile",
    explanations: &[
        Explanation::new(Condition::Annotation, "{subject} is {value}, which is not an allowed seccomp profile.")
            .with_advice("Remove the annotation, or set it to {allowed}."),
        Explanation::new(Condition::Always, SECCOMP_REASON),
    ],
    source: "check_seccompProfile_baseline.go",
};

/// The values that annotations may have.
const ANNOTATION_VALUES: [&str; 3] = ["runtime/default", "docker/default", "localhost/*"];

fn annotations<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let mut find = |wanted: &dyn Fn(&str) -> bool| {
        for (key, value) in pod.metadata.annotations.iter() {
            if wanted(key) && !is_one_of(value, &ANNOTATION_VALUES) {
                findings.push(Finding { subject: Subject::Annotation { key }, field: "", index: 0, value: Value::Text(value) });
            }
        }
    };
    find(&|key| key == SECCOMP_POD_ANNOTATION);
    each_container(pod, |container, _| {
        find(&|key| key.strip_prefix(SECCOMP_CONTAINER_ANNOTATION_PREFIX) == Some(container.name.as_ref()));
    });
}

fn fields<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    findings.extend(unconfined(&pod.spec.security_context.seccomp_profile).map(|value| Finding::pod(SECCOMP_FIELD, value)));
    in_containers(pod, findings, SECCOMP_FIELD, |context| unconfined(&context.seccomp_profile));
}
