//! The AppArmor profile must not be disabled or overridden with a profile that is not allowed.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.appArmorProfile.type`, `spec.containers[*].securityContext.appArmorProfile.type`, also of init and ephemeral containers |
//! | Allowed | not set, `RuntimeDefault`, `Localhost`; a profile without a type is set, and therefore forbidden |
//! | Annotations | `container.apparmor.security.beta.kubernetes.io/*`, whether the pod has such a container or not |
//! | Allowed | not set, empty, `runtime/default`, `localhost/*` |
//! | Value | the type of the profile, or the value of the annotation |
//! | History | v1.0: introduced; since Kubernetes v1.30 the fields are checked at every version |
//!
//! Source: `policy/check_appArmorProfile.go` of k8s.io/pod-security-admission.

use super::CONFINED;
use super::{Findings, in_containers, is_one_of, unconfined};
use crate::pod::{APPARMOR_ANNOTATION_PREFIX, Pod};
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{
    Allowed, Change, Condition, Documentation, Explanation, Field, INTRODUCED, NO_PROFILE, NOT_SET, Restriction,
};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::spelling::APP_ARMOR_TYPE as FIELD;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "appArmorProfile",
    level: Level::Baseline,
    reason: "forbidden AppArmor profile",
    other_names: &["AppArmor"],
    revisions: &[Revision::since(0, run, Sentence::AppArmor)],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "AppArmor disabled",
    why: "AppArmor limits which files, networks and capabilities a process can use. Without it, a compromised program can use everything \
          that its user can use.",
    advice: "Remove appArmorProfile: the default profile of the runtime then confines the container. To use a custom profile, load it on \
             the nodes and select it with type Localhost and localhostProfile.",
    restrictions: &[
        Restriction::since(0, &[Field::Both(FIELD)], &[NO_PROFILE, Allowed::Values(&CONFINED)]),
        Restriction::since(
            0,
            &[Field::Annotation("container.apparmor.security.beta.kubernetes.io/*")],
            &[NOT_SET, Allowed::Values(&ANNOTATION_VALUES)],
        ),
    ],
    history: &[INTRODUCED, Change::all_versions(30, "the fields are checked in addition to the annotations.")],
    value: "the type of the profile, or the value of the annotation",
    explanations: &[
        Explanation::new(Condition::Annotation, "{subject} is {value}, which is not an allowed AppArmor profile.")
            .with_advice("Remove the annotation, or set it to {allowed}."),
        Explanation::new(
            Condition::Always,
            "{subject} may run without the confinement of AppArmor, because the type of appArmorProfile is {value}.",
        ),
    ],
    source: "check_appArmorProfile.go",
};

/// The values that annotations may have.
const ANNOTATION_VALUES: [&str; 3] = ["", "runtime/default", "localhost/*"];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    findings.extend(unconfined(&pod.spec.security_context.app_armor_profile).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, |context| unconfined(&context.app_armor_profile));
    for (key, value) in pod.metadata.annotations.iter() {
        if key.starts_with(APPARMOR_ANNOTATION_PREFIX) && !is_one_of(value, &ANNOTATION_VALUES) {
            findings.push(Finding { subject: Subject::Annotation { key }, field: "", index: 0, value: Value::Text(value) });
        }
    }
}
