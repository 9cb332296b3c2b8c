//! Turning AppArmor off, or choosing a profile that the node does not know as safe.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.appArmorProfile.type`, `spec.containers[*].securityContext.appArmorProfile.type`, also of init and ephemeral containers |
//! | Allowed | not set, `RuntimeDefault`, `Localhost`; a profile without a type is set and forbidden |
//! | Annotations | `container.apparmor.security.beta.kubernetes.io/*`, whether there is such a container or not |
//! | Allowed | not set, empty, `runtime/default`, `localhost/*` |
//! | Value | the type of the profile, or the value of the annotation |
//!
//! Source: `policy/check_appArmorProfile.go`.

use super::CONFINED;
use super::{Findings, in_containers, is_one_of, unconfined};
use crate::pod::{APPARMOR_ANNOTATION_PREFIX, Pod};
use crate::standards::about::{About, Allowed, Change, Field, INTRODUCED, NO_PROFILE, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "appArmorProfile",
    level: Level::Baseline,
    reason: "forbidden AppArmor profile",
    revisions: &[Revision::since(0, run, Sentence::AppArmor)],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "AppArmor turned off",
    why: "AppArmor limits which files, networks and capabilities a process can use. Without it, a program that was taken over \
          can use all that its user can.",
    advice: "Remove appArmorProfile: the default profile of the runtime then confines the container. To use a profile of your own, \
             load it on the nodes and choose it with type Localhost and localhostProfile.",
    restrictions: &[
        Restriction::since(0, &[Field::Both(FIELD)], &[NO_PROFILE, Allowed::Names(&CONFINED)]),
        Restriction::since(
            0,
            &[Field::Annotation("container.apparmor.security.beta.kubernetes.io/*")],
            &[NOT_SET, Allowed::Names(&ANNOTATION_VALUES)],
        ),
    ],
    history: &[INTRODUCED, Change::everywhere(30, "the fields are read too, and not only the annotations.")],
    value: "the type of the profile, or the value of the annotation",
    told: &[
        Told::when(When::Annotation, "{who} is {value}, which is no AppArmor profile that is known to confine.")
            .advising("Remove the annotation, or set it to {allowed}."),
        Told::when(When::Always, "{who} may run without the confinement of AppArmor, because the type of appArmorProfile is {value}."),
    ],
    source: "check_appArmorProfile.go",
};

const FIELD: &str = "securityContext.appArmorProfile.type";

/// The values that annotations may have.
const ANNOTATION_VALUES: [&str; 3] = ["", "runtime/default", "localhost/*"];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    findings.extend(unconfined(&pod.spec.security_context.app_armor_profile).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, &|context| unconfined(&context.app_armor_profile));
    for (key, value) in pod.metadata.annotations.iter() {
        if key.starts_with(APPARMOR_ANNOTATION_PREFIX) && !is_one_of(value, &ANNOTATION_VALUES) {
            findings.push(Finding { subject: Subject::Annotation { key }, field: "", index: 0, value: Value::Text(value) });
        }
    }
}
