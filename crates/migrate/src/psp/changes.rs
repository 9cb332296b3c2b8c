//! The fields that a PodSecurityPolicy sets in the pods that it admits, and whether the setting `harden` of the policy sets them too.
//!
//! Source: `pkg/security/podsecuritypolicy/provider.go` and its strategies in Kubernetes 1.24; for `harden` the remedies of the checks
//! (`pss_core::standards::hardening`).

use super::admission::{Outcome, admit_field};
use super::field::Field;
use super::pod::{ContainerFields, PodFields};
use super::policy::{Groups, Policy, RunAsUser, SeLinux};

/// A field of pods that a PodSecurityPolicy sets where it is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field of the PodSecurityPolicy.
    pub field: Field,
    /// The field of the pod: `containers[*].securityContext.readOnlyRootFilesystem`, below `spec` or `metadata`.
    pub pod_field: &'static str,
    /// The value that it gets, in the notation of YAML.
    pub value: String,
    /// Whether `harden` sets it too.
    pub harden: Harden,
}

/// What the setting `harden` does in place of a change. It sets fields only where the enforced level requires them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harden {
    /// It sets the same value, by the check with this id.
    Same(&'static str),
    /// It sets the field or its successor by the check with this id, with the difference in a clause.
    Partly(&'static str, &'static str),
    /// It does not set the field, for the reason in a clause.
    None(&'static str),
}

impl Harden {
    /// Returns the id of the check to list in `harden`.
    pub fn check(self) -> Option<&'static str> {
        match self {
            Harden::Same(check) | Harden::Partly(check, _) => Some(check),
            Harden::None(_) => None,
        }
    }

    /// Returns what `harden` does, as a sentence without a full stop.
    pub fn sentence(self) -> String {
        match self {
            Harden::Same(check) => format!("harden: [{check}] sets it too, where restricted is enforced"),
            Harden::Partly(check, difference) => format!("harden: [{check}] {difference}, where restricted is enforced"),
            Harden::None(reason) => format!("harden does not set it: {reason}"),
        }
    }
}

const NO_CHECK: &str = "no check of the standards requires it";

/// Returns the changes that a PodSecurityPolicy makes, in the order of reports; none if no pod can use it.
///
/// The annotation with the seccomp profile of a pod that has the field `seccompProfile` is not among them: the profile stays the
/// same.
pub fn changes(policy: &Policy) -> Vec<Change> {
    changing_fields(policy).filter_map(|field| change(policy, field)).collect()
}

/// Returns the fields that set something in a pod with one container, neither of which has any of the fields that a
/// PodSecurityPolicy reads.
pub(super) fn changing_fields(policy: &Policy) -> impl Iterator<Item = Field> {
    let pod = PodFields { containers: vec![ContainerFields::default()], ..PodFields::default() };
    Field::ALL.into_iter().filter(move |field| {
        // Without privilege escalation, the other field has the effect of its default, or rejects the pod.
        let is_repeated = *field == Field::DefaultAllowPrivilegeEscalation && !policy.allow_privilege_escalation;
        policy.unusable.is_none() && !is_repeated && admit_field(policy, *field, &pod) == Outcome::Changed
    })
}

/// Returns the change by a field that [`changing_fields`] returns, and `None` for a field that never changes pods.
fn change(policy: &Policy, field: Field) -> Option<Change> {
    let (pod_field, value, harden) = match field {
        Field::DefaultAddCapabilities => (
            "containers[*].securityContext.capabilities.add",
            list(&policy.default_add_capabilities),
            Harden::None("it adds no capabilities; a container that needs them has to list them"),
        ),
        Field::RequiredDropCapabilities => {
            let drops_all = policy.required_drop_capabilities.iter().any(|capability| capability == "ALL");
            let difference = if drops_all {
                "drops ALL in containers that have no list of capabilities to drop, and does not extend a list"
            } else {
                "drops ALL, which is more, in containers that have no list of capabilities to drop, and does not extend a list"
            };
            (
                "containers[*].securityContext.capabilities.drop",
                list(&policy.required_drop_capabilities),
                Harden::Partly("capabilities_restricted", difference),
            )
        }
        Field::SeLinux => ("securityContext.seLinuxOptions", se_linux(&policy.se_linux), Harden::None(NO_CHECK)),
        Field::RunAsUser => match &policy.run_as_user {
            RunAsUser::MustRunAs(ranges) => (
                "containers[*].securityContext.runAsUser",
                ranges.first().map_or_else(String::new, |range| range.min.to_string()),
                Harden::None("it sets runAsNonRoot and no user; an image without a numeric user other than 0 then needs runAsUser"),
            ),
            _ => ("containers[*].securityContext.runAsNonRoot", "true".to_owned(), Harden::Same("runAsNonRoot")),
        },
        Field::RunAsGroup => ("containers[*].securityContext.runAsGroup", group(&policy.run_as_group), Harden::None(NO_CHECK)),
        Field::SupplementalGroups => {
            ("securityContext.supplementalGroups", format!("[{}]", group(&policy.supplemental_groups)), Harden::None(NO_CHECK))
        }
        Field::FsGroup => ("securityContext.fsGroup", group(&policy.fs_group), Harden::None(NO_CHECK)),
        Field::ReadOnlyRootFilesystem => {
            ("containers[*].securityContext.readOnlyRootFilesystem", "true".to_owned(), Harden::None(NO_CHECK))
        }
        Field::RuntimeClass => {
            let default = policy.runtime_class.as_ref().and_then(|class| class.default.as_deref());
            ("runtimeClassName", scalar(default), Harden::None(NO_CHECK))
        }
        Field::Seccomp => (
            "annotations[seccomp.security.alpha.kubernetes.io/pod]",
            scalar(Some(&policy.seccomp.default)),
            match policy.seccomp.default.as_str() {
                "runtime/default" | "docker/default" => Harden::Partly(
                    "seccompProfile_restricted",
                    "sets the field that took the place of the annotation, seccompProfile.type: RuntimeDefault, in each container",
                ),
                "unconfined" => Harden::None("the standards forbid the profile Unconfined"),
                _ => Harden::None("it sets no other profile than RuntimeDefault"),
            },
        ),
        Field::AppArmor => (
            "annotations[container.apparmor.security.beta.kubernetes.io/*]",
            scalar(Some(&policy.app_armor.default)),
            Harden::None("the standards admit a container without an AppArmor profile"),
        ),
        Field::AllowPrivilegeEscalation => privilege_escalation(false),
        Field::DefaultAllowPrivilegeEscalation => privilege_escalation(policy.default_allow_privilege_escalation == Some(true)),
        Field::Privileged
        | Field::HostNetwork
        | Field::HostPid
        | Field::HostIpc
        | Field::HostPorts
        | Field::Volumes
        | Field::AllowedHostPaths
        | Field::AllowedFlexVolumes
        | Field::AllowedCsiDrivers
        | Field::AllowedCapabilities
        | Field::AllowedUnsafeSysctls
        | Field::ForbiddenSysctls
        | Field::AllowedProcMountTypes
        | Field::HostHandlers => return None,
    };
    Some(Change { field, pod_field, value, harden })
}

fn privilege_escalation(value: bool) -> (&'static str, String, Harden) {
    let harden = if value {
        Harden::None("true is what a container without the field has anyway")
    } else {
        Harden::Same("allowPrivilegeEscalation")
    };
    ("containers[*].securityContext.allowPrivilegeEscalation", value.to_string(), harden)
}

fn scalar(text: Option<&str>) -> String {
    pss_review::yaml_scalar(text.unwrap_or_default())
}

fn list(names: &[String]) -> String {
    super::official::flow(names.iter().map(String::as_str))
}

fn group(rule: &Groups) -> String {
    rule.ranges().first().map_or_else(String::new, |range| range.min.to_string())
}

fn se_linux(rule: &SeLinux) -> String {
    let SeLinux::MustRunAs(options) = rule else { return String::new() };
    let labels = [("user", &options.user), ("role", &options.role), ("type", &options.label), ("level", &options.level)];
    let labels = labels.into_iter().filter(|(_, label)| !label.is_empty());
    format!("{{{}}}", labels.map(|(key, label)| format!("{key}: {}", scalar(Some(label)))).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
