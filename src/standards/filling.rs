//! What mends a finding without a decision of the pod's author, and which missing fields can be filled in
//! so.
//!
//! Source: `pkg/apis/core/validation/validation.go` of Kubernetes, for what an API server refuses.

use super::check::Check;
use super::finding::{Finding, Place, Value};
use crate::pod::{Container, Pod, SECCOMP_CONTAINER_ANNOTATION_PREFIX, SECCOMP_POD_ANNOTATION};

/// What mends a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mend {
    /// Its field is set to a value, which is JSON.
    Set(&'static str),
    /// Its field, or the element of the list, is removed.
    Remove,
}

/// How a finding is mended where nobody needs to decide anything and no API server refuses the outcome.
pub fn mend(check: &Check, finding: &Finding<'_>, pod: Pod<'_>) -> Option<Mend> {
    match (finding.field, check.fills) {
        ("securityContext.capabilities.add[]", _) => Some(Mend::Remove),
        // With hostNetwork the API server would set it again.
        ("ports[].hostPort", _) if !pod.spec.host_network => Some(Mend::Remove),
        // A process that runs as root does so on purpose, and needs more than this to stop.
        ("securityContext.runAsNonRoot", _) if !finding.is_missing() => None,
        (_, Some(value)) if is_possible(check, finding, pod) => Some(Mend::Set(value)),
        _ => None,
    }
}

/// What a missing field of a container can be filled in with, as JSON.
pub fn filling(check: &Check, finding: &Finding<'_>, pod: Pod<'_>) -> Option<&'static str> {
    let Place::Container { .. } = finding.place else { return None };
    check.fills.filter(|_| finding.value == Value::Missing && is_unset(finding, pod) && is_possible(check, finding, pod))
}

/// Whether nobody has said anything that the field would contradict.
fn is_unset(finding: &Finding<'_>, pod: Pod<'_>) -> bool {
    let of_pod = &pod.spec.security_context;
    match finding.field {
        "securityContext.capabilities.drop" => {
            container(finding, pod).is_some_and(|container| !container.security_context.capabilities.drop.any)
        }
        "securityContext.runAsNonRoot" => of_pod.run_as_non_root.is_none(),
        // Beside the annotations of old, an API server that reads them wants the same in the field.
        "securityContext.seccompProfile.type" => {
            let is_seccomp = |key: &str| key == SECCOMP_POD_ANNOTATION || key.starts_with(SECCOMP_CONTAINER_ANNOTATION_PREFIX);
            of_pod.seccomp_profile.is_none() && !pod.metadata.annotations.iter().any(|(key, _)| is_seccomp(key))
        }
        _ => true,
    }
}

/// Whether a pod with the field would be accepted, and could start.
fn is_possible(check: &Check, finding: &Finding<'_>, pod: Pod<'_>) -> bool {
    let container = container(finding, pod);
    match check.id {
        // The kubelet does not start what is said to run as root, and is said not to.
        "runAsNonRoot" => {
            let (of_container, of_pod) = (container.map(|container| &container.security_context), &pod.spec.security_context);
            let user = of_container.and_then(|context| context.run_as_user).or(of_pod.run_as_user);
            let windows_user = of_container.map(|context| &context.windows_options.run_as_user_name).filter(|name| !name.is_empty());
            let windows_user = windows_user.unwrap_or(&of_pod.windows_options.run_as_user_name);
            user != Some(0) && !windows_user.eq_ignore_ascii_case(WINDOWS_ROOT)
        }
        // The rest exists on Linux alone, and the API server refuses it in pods for Windows.
        _ if pod.is_windows() => false,
        "allowPrivilegeEscalation" => container.is_some_and(|container| !escalates(container)),
        _ => true,
    }
}

/// The user that counts as root on Windows.
///
/// Source: `pkg/kubelet/kuberuntime/security_context_windows.go` of Kubernetes.
const WINDOWS_ROOT: &str = "ContainerAdministrator";

/// Whether a container has privileges beside which `allowPrivilegeEscalation` cannot be false.
fn escalates(container: &Container<'_>) -> bool {
    let context = &container.security_context;
    context.privileged || context.capabilities.add.iter().any(|added| added == "SYS_ADMIN" || added == "CAP_SYS_ADMIN")
}

fn container<'p>(finding: &Finding<'_>, pod: Pod<'p>) -> Option<&'p Container<'p>> {
    let Place::Container { kind, index, .. } = finding.place else { return None };
    pod.container(kind, index)
}
