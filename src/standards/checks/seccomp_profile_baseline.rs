//! Turning seccomp off.
//!
//! | | |
//! |---|---|
//! | Annotations | until 1.18: `seccomp.security.alpha.kubernetes.io/pod`, and `container.seccomp.security.alpha.kubernetes.io/*` for the containers that there are |
//! | Allowed | not set, `runtime/default`, `docker/default`, `localhost/*`; empty is forbidden |
//! | Fields | from 1.19 on: `spec.securityContext.seccompProfile.type`, `spec.containers[*].securityContext.seccompProfile.type`, also of init and ephemeral containers |
//! | Allowed | not set, `RuntimeDefault`, `Localhost`; a profile without a type is set and forbidden |
//! | Value of a finding | the annotation's value, or the type |
//! | History | 1.0: introduced. 1.19: the fields in place of the annotations; at restricted, seccompProfile_restricted takes its place |
//!
//! Source: `policy/check_seccompProfile_baseline.go`.

use super::{Findings, SECCOMP_FIELD, SECCOMP_SENTENCE, each_container, in_containers, unconfined};
use crate::pod::{Pod, SECCOMP_CONTAINER_ANNOTATION_PREFIX, SECCOMP_POD_ANNOTATION};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Place, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seccompProfile_baseline",
    level: Level::Baseline,
    reason: "seccompProfile",
    revisions: &[Revision::since(0, annotations, Sentence::Annotations), Revision::since(19, fields, SECCOMP_SENTENCE)],
};

fn annotations<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let mut find = |wanted: &dyn Fn(&str) -> bool| {
        for (key, value) in pod.metadata.annotations.iter() {
            let allowed = matches!(value, "runtime/default" | "docker/default") || value.starts_with("localhost/");
            if wanted(key) && !allowed {
                findings.push(Finding { place: Place::Annotation { key }, field: "", index: 0, value: Value::Text(value) });
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
