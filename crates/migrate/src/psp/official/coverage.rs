//! Whether a field of a PodSecurityPolicy restricts or changes pods, and whether an official policy can do the same.

use super::settings::{effective_host_paths, profile_names, valid_ranges};
use crate::psp::field::Field;
use crate::psp::policy::{ANY, Groups, Policy, RunAsUser, RuntimeClass, SeLinux};

/// What there is for a field.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// The field admits every pod, and no policy is needed.
    Unrestricted,
    /// An official policy.
    Official,
    /// No official policy. The sentence describes what to do instead.
    None(String),
}

impl Coverage {
    /// The coverage of a field with an official policy.
    fn official(is_restricted: bool) -> Coverage {
        if is_restricted { Coverage::Official } else { Coverage::Unrestricted }
    }

    /// The coverage by an expression of CEL that is true of the pods to admit.
    fn expression(reason: &str, expression: &str) -> Coverage {
        Coverage::None(format!(
            "{reason}; a ValidatingAdmissionPolicy can, or the policy cel-policy of Kubewarden, with the expression {expression}"
        ))
    }
}

/// Returns what there is for a field of a policy.
pub(super) fn coverage(policy: &Policy, field: Field) -> Coverage {
    match field {
        Field::Privileged => Coverage::official(!policy.privileged),
        Field::HostNetwork => Coverage::official(!policy.host_network),
        Field::HostPid => Coverage::official(!policy.host_pid),
        Field::HostIpc => Coverage::official(!policy.host_ipc),
        Field::HostPorts => Coverage::official(!policy.host_ports.iter().any(|range| range.min <= 1 && range.max >= i64::from(u16::MAX))),
        Field::Volumes => Coverage::official(!policy.allows_all_volumes()),
        Field::AllowedHostPaths => {
            let paths = effective_host_paths(&policy.allowed_host_paths);
            Coverage::official(!paths.is_empty() && !paths.iter().any(|path| path.path_prefix == "/" && !path.read_only))
        }
        Field::AllowedFlexVolumes => Coverage::official(!policy.allowed_flex_volumes.is_empty()),
        Field::AllowedCsiDrivers if policy.allowed_csi_drivers.is_empty() => Coverage::Unrestricted,
        Field::AllowedCsiDrivers => Coverage::expression(
            "no official policy checks the drivers of inline CSI volumes",
            &format!(
                "!has(object.spec.volumes) || object.spec.volumes.all(volume, !has(volume.csi) || volume.csi.driver in {})",
                cel_list(&policy.allowed_csi_drivers)
            ),
        ),
        Field::AllowedCapabilities => Coverage::official(!policy.allows_all_capabilities()),
        Field::DefaultAddCapabilities => Coverage::official(!policy.default_add_capabilities.is_empty()),
        Field::RequiredDropCapabilities => Coverage::official(!policy.required_drop_capabilities.is_empty()),
        Field::SeLinux => Coverage::official(policy.se_linux != SeLinux::RunAsAny),
        Field::RunAsUser => match &policy.run_as_user {
            RunAsUser::RunAsAny => Coverage::Unrestricted,
            RunAsUser::MustRunAsNonRoot => Coverage::Official,
            RunAsUser::MustRunAs(ranges) if valid_ranges(ranges).is_empty() => no_range(),
            RunAsUser::MustRunAs(_) => Coverage::Official,
        },
        Field::RunAsGroup => groups(&policy.run_as_group),
        Field::SupplementalGroups => groups(&policy.supplemental_groups),
        Field::FsGroup => groups(&policy.fs_group),
        Field::HostHandlers => Coverage::Unrestricted,
        Field::ReadOnlyRootFilesystem => Coverage::official(policy.read_only_root_filesystem),
        Field::AllowPrivilegeEscalation => Coverage::official(!policy.allow_privilege_escalation),
        Field::DefaultAllowPrivilegeEscalation => match (policy.allow_privilege_escalation, policy.default_allow_privilege_escalation) {
            (_, None) | (true, Some(true)) => Coverage::Unrestricted,
            (false, Some(_)) => Coverage::Official,
            (true, Some(false)) => Coverage::None(
                "the official policy for privilege escalation rejects allowPrivilegeEscalation: true, which this PodSecurityPolicy admits; \
                 set allowPrivilegeEscalation: false in the manifests of the containers that do not need it"
                    .to_owned(),
            ),
        },
        Field::AllowedUnsafeSysctls => Coverage::official(!policy.allowed_unsafe_sysctls.iter().any(|sysctl| sysctl == ANY)),
        Field::ForbiddenSysctls => Coverage::official(!policy.forbidden_sysctls.is_empty()),
        Field::AllowedProcMountTypes => {
            let allows = |mount: &str| policy.allowed_proc_mount_types.iter().any(|allowed| allowed == mount);
            match (policy.allowed_proc_mount_types.is_empty() || allows("Default"), allows("Unmasked")) {
                (true, is_unmasked) => Coverage::official(!is_unmasked),
                (false, _) => Coverage::expression(
                    "the official policy for procMount always admits Default, which this PodSecurityPolicy does not, and nothing else can be \
                     required",
                    &format!(
                        "object.spec.containers.all(container, has(container.securityContext) && has(container.securityContext.procMount) && \
                         container.securityContext.procMount in {})",
                        cel_list(&policy.allowed_proc_mount_types)
                    ),
                ),
            }
        }
        Field::RuntimeClass => policy.runtime_class.as_ref().map_or(Coverage::Unrestricted, runtime_class),
        Field::Seccomp => match &policy.seccomp.allowed {
            Some(allowed) if allowed.iter().any(|profile| profile == ANY) => Coverage::Unrestricted,
            Some(_) if !profile_names(&policy.seccomp).is_empty() => Coverage::Official,
            _ => Coverage::None(
                "the PodSecurityPolicy allows no seccomp profile to be set, not even RuntimeDefault, which restricted requires; nothing \
                 needs to take the place of this, because RuntimeDefault is stricter than no profile"
                    .to_owned(),
            ),
        },
        Field::AppArmor => match &policy.app_armor.allowed {
            None => Coverage::Unrestricted,
            Some(_) if !profile_names(&policy.app_armor).is_empty() => Coverage::Official,
            Some(_) => Coverage::None(
                "the list of AppArmor profiles has no name of a profile, so that the PodSecurityPolicy admits no pod; correct the list, or \
                 leave AppArmor to the standards"
                    .to_owned(),
            ),
        },
    }
}

fn groups(rule: &Groups) -> Coverage {
    match rule {
        Groups::RunAsAny => Coverage::Unrestricted,
        Groups::MayRunAs(ranges) | Groups::MustRunAs(ranges) if valid_ranges(ranges).is_empty() => no_range(),
        Groups::MayRunAs(_) | Groups::MustRunAs(_) => Coverage::Official,
    }
}

fn no_range() -> Coverage {
    Coverage::None("none of the ranges contains an id, so that there is no value for the official policy; correct the ranges".to_owned())
}

fn runtime_class(class: &RuntimeClass) -> Coverage {
    if class.allowed.iter().any(|allowed| allowed == ANY) {
        return Coverage::Unrestricted;
    }
    let unset = "!has(object.spec.runtimeClassName)";
    let expression = match class.allowed.as_slice() {
        [] => unset.to_owned(),
        allowed => format!("{unset} || object.spec.runtimeClassName in {}", cel_list(allowed)),
    };
    Coverage::expression(
        "the official policy pod-runtime has a list of forbidden runtime classes and cannot list allowed ones",
        &expression,
    )
}

/// Returns a list of strings in CEL, which has the escapes of JSON.
fn cel_list(names: &[String]) -> String {
    // Strings can always be serialized.
    serde_json::to_string(names).unwrap_or_default()
}
