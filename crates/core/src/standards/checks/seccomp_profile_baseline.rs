//! Turning seccomp off.
//!
//! | | |
//! |---|---|
//! | Annotations | until 1.18: `seccomp.security.alpha.kubernetes.io/pod`, and `container.seccomp.security.alpha.kubernetes.io/*` for the containers that there are |
//! | Allowed | not set, `runtime/default`, `docker/default`, `localhost/*`; empty is forbidden |
//! | Fields | from 1.19 on: `spec.securityContext.seccompProfile.type`, `spec.containers[*].securityContext.seccompProfile.type`, also of init and ephemeral containers |
//! | Allowed | not set, `RuntimeDefault`, `Localhost`; a profile without a type is set and forbidden |
//! | Value | the value of the annotation, or the type of the profile |
//!
//! Source: `policy/check_seccompProfile_baseline.go`.

use super::CONFINED;
use super::alike::{SECCOMP_WHY, SECCOMP_WRONG};
use super::{Findings, SECCOMP_FIELD, SECCOMP_SENTENCE, each_container, in_containers, is_one_of, unconfined};
use crate::pod::{Pod, SECCOMP_CONTAINER_ANNOTATION_PREFIX, SECCOMP_POD_ANNOTATION};
use crate::standards::about::{About, Allowed, Change, Field, NO_PROFILE, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, Obstacle, Remedy, SECCOMP_TYPE};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seccompProfile_baseline",
    level: Level::Baseline,
    reason: "seccompProfile",
    revisions: &[Revision::since(0, annotations, Sentence::Annotations), Revision::since(19, fields, SECCOMP_SENTENCE)],
    remedies: &[Remedy::new(SECCOMP_TYPE, Action::Replace("\"RuntimeDefault\""), &[Obstacle::Windows, Obstacle::LocalhostProfile])],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Seccomp turned off",
    why: SECCOMP_WHY,
    advice: "Remove seccompProfile, or set its type to RuntimeDefault. For a program that needs more system calls put a profile on the \
             nodes, and choose it with type Localhost and localhostProfile.",
    restrictions: &[
        Restriction::since(
            0,
            &[
                Field::Annotation("seccomp.security.alpha.kubernetes.io/pod"),
                Field::Annotation("container.seccomp.security.alpha.kubernetes.io/*"),
            ],
            &[NOT_SET, Allowed::Names(&ANNOTATION_VALUES)],
        )
        .until(18),
        Restriction::since(19, &[Field::Both(SECCOMP_FIELD)], &[NO_PROFILE, Allowed::Names(&CONFINED)]),
    ],
    history: &[
        Change::since(0, "Introduced; it reads the annotations."),
        Change::since(19, "Reads the fields in place of the annotations. At restricted, seccompProfile_restricted takes its place."),
    ],
    value: "the value of the annotation, or the type of the profile",
    told: &[
        Told::when(When::Annotation, "{who} is {value}, which is no seccomp profile that is known to confine.")
            .advising("Remove the annotation, or set it to {allowed}."),
        Told::when(When::Always, SECCOMP_WRONG),
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
    each_container(pod, &mut |container, _| {
        find(&|key| key.strip_prefix(SECCOMP_CONTAINER_ANNOTATION_PREFIX) == Some(container.name.as_ref()));
    });
}

fn fields<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    findings.extend(unconfined(&pod.spec.security_context.seccomp_profile).map(|value| Finding::pod(SECCOMP_FIELD, value)));
    in_containers(pod, findings, SECCOMP_FIELD, &|context| unconfined(&context.seccomp_profile));
}
