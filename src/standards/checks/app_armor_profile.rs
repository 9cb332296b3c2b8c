//! Turning AppArmor off, or choosing a profile that the node does not know as safe.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.appArmorProfile.type`, `spec.containers[*].securityContext.appArmorProfile.type`, also of init and ephemeral containers |
//! | Allowed | not set, `RuntimeDefault`, `Localhost`; a profile without a type is set and forbidden |
//! | Annotations | `container.apparmor.security.beta.kubernetes.io/*`, whether there is such a container or not |
//! | Allowed | not set, empty, `runtime/default`, `localhost/*` |
//! | Value of a finding | the type, or the annotation's value |
//! | History | 1.0: introduced; since Kubernetes 1.30 it reads the fields too, at every version |
//!
//! Source: `policy/check_appArmorProfile.go`.

use super::{Findings, in_containers, unconfined};
use crate::pod::{APPARMOR_ANNOTATION_PREFIX, Pod};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Place, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "appArmorProfile",
    level: Level::Baseline,
    reason: "forbidden AppArmor profile",
    revisions: &[Revision::since(0, run, Sentence::AppArmor)],
};

const FIELD: &str = "securityContext.appArmorProfile.type";

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    findings.extend(unconfined(&pod.spec.security_context.app_armor_profile).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, |context| unconfined(&context.app_armor_profile));
    for (key, value) in pod.metadata.annotations.iter() {
        let allowed = value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
        if key.starts_with(APPARMOR_ANNOTATION_PREFIX) && !allowed {
            findings.push(Finding { place: Place::Annotation { key }, field: "", index: 0, value: Value::Text(value) });
        }
    }
}
