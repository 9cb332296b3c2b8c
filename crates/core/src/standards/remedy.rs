//! The remedy of a finding: a change that satisfies the check without a decision of the pod's author, and that neither an API
//! server nor a kubelet rejects.
//!
//! Each check declares its remedies. The setting `harden` sets unset fields, `details` reports the change, and a review edits
//! the text of the manifest. A finding without a remedy needs a decision of the author: the pod has to run as root, for
//! example, or needs the network of its node.
//!
//! Source: `ValidateSecurityContext` and `validateWindows` in `pkg/apis/core/validation/validation.go`, and
//! `verifyRunAsNonRoot` in `pkg/kubelet/kuberuntime` of Kubernetes.

use super::check::{Check, Revision};
use super::checks::CHECKS;
use super::finding::{Finding, Subject, Value, Violation};
use crate::pod::{Container, ContainerType, Pod, SECCOMP_CONTAINER_ANNOTATION_PREFIX, SECCOMP_POD_ANNOTATION, SecurityContext};

/// A change that satisfies a check for one of the fields that it reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The field, as [`Finding::field`] has it.
    pub field: &'static str,
    /// The change.
    pub action: Action,
    /// The conditions under which the change is no remedy.
    pub obstacles: &'static [Obstacle],
    /// Whether the security context of the pod has the field too, and sets it for every container that does not.
    pub pod_wide: bool,
}

/// The change that a remedy makes to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Sets the field to a JSON value if it is missing or has another value.
    Set(&'static str),
    /// Sets the field to a JSON value if it has a forbidden value. The check does not require the field.
    Replace(&'static str),
    /// Removes the field, or the element of the list.
    Remove,
}

impl Action {
    /// Returns the value that the field is set to, as JSON.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Action::Set(value) | Action::Replace(value) => Some(value),
            Action::Remove => None,
        }
    }
}

/// A condition under which a change is no remedy: an API server or a kubelet would reject the pod, or its author has decided
/// otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The pod is for Windows, and the field exists on Linux only. [`remedy`] handles pods that only select nodes with Windows.
    Windows,
    /// The container is privileged or adds `CAP_SYS_ADMIN`, with which `allowPrivilegeEscalation: false` is invalid.
    Privileges,
    /// The container runs as root, and a kubelet does not start it with `runAsNonRoot: true`.
    Root,
    /// `runAsNonRoot` is set in the container or in the pod, so its author has decided that the container may run as root.
    NonRootSet,
    /// The profile of the container, or of the pod if the container inherits it, has a `localhostProfile`. This field is
    /// invalid with any type but `Localhost`, so only the author can decide which of the two to change.
    LocalhostProfile,
    /// The pod uses the network of its node, so the API server sets the host port again.
    HostNetwork,
}

impl Remedy {
    pub(super) const fn new(field: &'static str, action: Action, obstacles: &'static [Obstacle]) -> Self {
        Remedy { field, action, obstacles, pod_wide: false }
    }

    /// The same remedy for a field that the security context of the pod has too.
    pub(super) const fn pod_wide(self) -> Self {
        Remedy { pod_wide: true, ..self }
    }

    /// Returns whether the change can be made once for all containers in the security context of the pod: it must be a remedy
    /// for every container that inherits the field.
    fn applies_to_pod(&self, pod: Pod<'_>) -> bool {
        fn missing<'p>(field: &'static str, subject: Subject<'p>) -> Finding<'p> {
            Finding { subject, field, index: 0, value: Value::Missing }
        }
        let inherits = |context: &SecurityContext<'_>| match self.field {
            RUN_AS_NON_ROOT => context.run_as_non_root.is_none(),
            SECCOMP_TYPE => context.seccomp_profile.is_none(),
            _ => true,
        };
        let applies_to_container = |(kind, index, container): (ContainerType, usize, &Container<'_>)| {
            !inherits(&container.security_context)
                || self.applies_to(&missing(self.field, Subject::Container { kind, index, name: &container.name }), pod)
        };
        self.pod_wide && self.applies_to(&missing(self.field, Subject::Pod), pod) && pod.containers().all(applies_to_container)
    }

    /// Returns whether the field exists on Linux only.
    fn is_only_for_linux(&self) -> bool {
        self.obstacles.contains(&Obstacle::Windows)
    }

    /// Returns whether the change is a remedy for a finding on its field.
    fn applies_to(&self, finding: &Finding<'_>, pod: Pod<'_>) -> bool {
        self.obstacles.iter().all(|obstacle| !obstacle.is_met(finding, pod))
    }
}

impl Obstacle {
    fn is_met(self, finding: &Finding<'_>, pod: Pod<'_>) -> bool {
        let of_pod = &pod.spec.security_context;
        let container = container(finding, pod);
        match self {
            Obstacle::Windows => pod.is_windows(),
            Obstacle::Privileges => container.is_none_or(|container| {
                let context = &container.security_context;
                context.privileged || context.capabilities.add.iter().any(|added| added == "CAP_SYS_ADMIN")
            }),
            Obstacle::Root => runs_as_root(container, pod),
            Obstacle::NonRootSet => !finding.is_missing() || of_pod.run_as_non_root.is_some(),
            Obstacle::LocalhostProfile => {
                let own = container.and_then(|container| container.security_context.seccomp_profile.as_ref());
                own.or(of_pod.seccomp_profile.as_ref()).is_some_and(|profile| profile.localhost_profile.0)
            }
            Obstacle::HostNetwork => pod.spec.host_network,
        }
    }
}

/// The remedy of a pod that selects nodes with Windows, but has no `os.name`: checks of fields that exist on Linux only do not apply
/// to it then. The field is in the spec of the pod.
pub static OS: Remedy = Remedy::new("os.name", Action::Set("\"windows\""), &[]);

/// Returns the remedy of a finding, or `None` if only the author of the pod can decide.
pub fn remedy(violation: &Violation<'_>, finding: &Finding<'_>, pod: Pod<'_>) -> Option<&'static Remedy> {
    let Violation { check, revision, .. } = violation;
    if matches!(finding.subject, Subject::Annotation { .. }) {
        return None;
    }
    let of_field = check.remedies.iter().find(|remedy| remedy.field == finding.field)?;
    // Revisions before the one that exempts Windows require the field on Windows too.
    let may_exempt = revision.exempts_windows() || !check.revisions.last().is_some_and(Revision::exempts_windows);
    if may_exempt && of_field.is_only_for_linux() && pod.selects_windows() {
        return (revision.exempts_windows() && !pod.is_only_for_linux()).then_some(&OS);
    }
    of_field.applies_to(finding, pod).then_some(of_field)
}

/// Returns the remedies that can be made once for all containers of a pod. This visits every container.
pub fn pod_wide_remedies(pod: Pod<'_>) -> impl Iterator<Item = &'static Remedy> {
    CHECKS.iter().flat_map(|check| check.remedies).filter(move |remedy| remedy.applies_to_pod(pod))
}

/// Returns the JSON value that hardening sets a missing field of a container to: the value of the remedy, unless another
/// field shows that the author left this one out on purpose.
pub fn hardening(violation: &Violation<'_>, finding: &Finding<'_>, pod: Pod<'_>) -> Option<&'static str> {
    let container = container(finding, pod).filter(|_| finding.is_missing())?;
    let remedy = remedy(violation, finding, pod)?;
    let Action::Set(value) = remedy.action else { return None };
    if remedy.field != finding.field || remedy.is_only_for_linux() && pod.selects_windows() {
        return None;
    }
    let of_pod = &pod.spec.security_context;
    let is_unset = match finding.field {
        // A container that adds this capability may need privilege escalation; `CAP_SYS_ADMIN` is an obstacle already.
        ALLOW_PRIVILEGE_ESCALATION => !container.security_context.capabilities.add.iter().any(|added| added == "SYS_ADMIN"),
        CAPABILITIES_DROP => !container.security_context.capabilities.drop.any,
        // API servers before 1.27 require that the field and the annotation agree.
        SECCOMP_TYPE => of_pod.seccomp_profile.is_none() && !has_seccomp_annotation(pod),
        _ => true,
    };
    is_unset.then_some(value)
}

/// Returns whether hardening may set the user of a container in which it sets `runAsNonRoot`: on Linux, where neither the container
/// nor the pod has a user, be it one of Windows.
pub fn lacks_user(finding: &Finding<'_>, pod: Pod<'_>) -> bool {
    let of_pod = &pod.spec.security_context;
    let Some(of_container) = container(finding, pod).map(|container| &container.security_context) else { return false };
    let windows_users = [&of_container.windows_options, &of_pod.windows_options].map(|options| &options.run_as_user_name);
    finding.field == RUN_AS_NON_ROOT
        && !pod.is_windows()
        && !pod.selects_windows()
        && of_container.run_as_user.or(of_pod.run_as_user).is_none()
        && windows_users.iter().all(|user| user.is_empty())
}

/// The field for the user of a container.
pub const RUN_AS_USER: &str = "securityContext.runAsUser";

/// Returns whether setting a missing field can satisfy a check, so that the setting `harden` may name it.
pub fn can_harden(check: &Check) -> bool {
    check.remedies.iter().any(|remedy| matches!(remedy.action, Action::Set(_)))
}

pub(super) const ALLOW_PRIVILEGE_ESCALATION: &str = "securityContext.allowPrivilegeEscalation";
pub(super) const CAPABILITIES_DROP: &str = "securityContext.capabilities.drop";
pub(super) const RUN_AS_NON_ROOT: &str = "securityContext.runAsNonRoot";
pub(super) const SECCOMP_TYPE: &str = "securityContext.seccompProfile.type";

/// Returns whether a container, by its own fields or those of the pod, runs as user 0 or as the administrator of Windows.
fn runs_as_root(container: Option<&Container<'_>>, pod: Pod<'_>) -> bool {
    let (of_container, of_pod) = (container.map(|container| &container.security_context), &pod.spec.security_context);
    let user = of_container.and_then(|context| context.run_as_user).or(of_pod.run_as_user);
    let windows_user = of_container.map(|context| &context.windows_options.run_as_user_name).filter(|name| !name.is_empty());
    let windows_user = windows_user.unwrap_or(&of_pod.windows_options.run_as_user_name);
    user == Some(0) || windows_user.eq_ignore_ascii_case(WINDOWS_ADMINISTRATOR)
}

/// The user that is root on Windows.
///
/// Source: `pkg/kubelet/kuberuntime/security_context_windows.go` of Kubernetes.
const WINDOWS_ADMINISTRATOR: &str = "ContainerAdministrator";

fn has_seccomp_annotation(pod: Pod<'_>) -> bool {
    let is_seccomp = |key: &str| key == SECCOMP_POD_ANNOTATION || key.starts_with(SECCOMP_CONTAINER_ANNOTATION_PREFIX);
    pod.metadata.annotations.iter().any(|(key, _)| is_seccomp(key))
}

fn container<'p>(finding: &Finding<'_>, pod: Pod<'p>) -> Option<&'p Container<'p>> {
    let Subject::Container { kind, index, .. } = finding.subject else { return None };
    pod.container(kind, index)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pod::read;

    /// Returns the fields that remedies can set once for the whole pod.
    fn pod_wide_fields(spec: &serde_json::Value) -> Vec<&'static str> {
        let text = json!({"spec": spec}).to_string();
        let object = read(&text).unwrap();
        pod_wide_remedies(Pod::of(&object)).map(|remedy| remedy.field).collect()
    }

    #[test]
    fn a_remedy_for_the_pod_must_be_one_for_every_container_that_inherits_the_field() {
        let root = json!({"name": "root", "securityContext": {"runAsUser": 0}});
        let decided = json!({"name": "decided", "securityContext": {"runAsUser": 0, "runAsNonRoot": false}});
        let local = json!({"name": "local", "securityContext": {"seccompProfile": {"localhostProfile": "a"}}});
        for (containers, expected) in [
            (json!([{"name": "a"}]), &[RUN_AS_NON_ROOT, SECCOMP_TYPE][..]),
            (json!([{"name": "a"}, root]), &[SECCOMP_TYPE]),
            (json!([{"name": "a"}, decided, local]), &[RUN_AS_NON_ROOT, SECCOMP_TYPE]),
        ] {
            assert_eq!(pod_wide_fields(&json!({"containers": containers})), expected, "{containers}");
        }
        let of_pod = json!({"runAsNonRoot": false, "seccompProfile": {"localhostProfile": "a"}});
        assert_eq!(pod_wide_fields(&json!({"securityContext": of_pod, "containers": [{"name": "a"}]})), [] as [&str; 0]);
    }
}
