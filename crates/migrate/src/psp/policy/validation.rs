//! What an API server rejects in a PodSecurityPolicy. It is a warning, for the admission plugin can use such a policy.
//!
//! Source: `ValidatePodSecurityPolicy` in `pkg/apis/policy/validation/validation.go` of Kubernetes 1.24.

use super::reader::{APP_ARMOR_PREFIX, SECCOMP_PREFIX};
use super::{ANY, Groups, Policy, Range, RunAsUser};
use crate::object::Object;
use crate::problem::{Problem, Severity};
use crate::psp::volumes;

/// Adds a warning for each error, and for values that do not mean what they seem to.
pub(super) fn validate(policy: &Policy, object: &Object<'_>, problems: &mut Vec<Problem>) {
    let mut warn = |path: &str, message: String| {
        problems.push(object.problem(Severity::Warning, path, format!("{path}: {message}")));
    };
    if let Some(reason) = &policy.unusable {
        let (path, reason) = reason.split_once(' ').unwrap_or_default();
        // API servers required ranges of this field only, and of the others a rule only.
        let is_rejected = path.ends_with(".rule") || path == "spec.runAsGroup";
        let rejected = if is_rejected { "; API servers rejected such a PodSecurityPolicy" } else { "" };
        warn(path, format!("{reason}, so that no pod can use the PodSecurityPolicy{rejected}"));
    }
    let mut reject = |path: &str, message: String| warn(path, format!("{message}; API servers rejected such a PodSecurityPolicy"));
    let drops = &policy.required_drop_capabilities;
    if !drops.is_empty() && policy.allows_all_capabilities() {
        reject("spec.requiredDropCapabilities", "must be empty if allowedCapabilities has *".to_owned());
    }
    for (field, capabilities) in
        [("defaultAddCapabilities", &policy.default_add_capabilities), ("allowedCapabilities", &policy.allowed_capabilities)]
    {
        for capability in capabilities.iter().filter(|capability| drops.contains(capability)) {
            reject(&format!("spec.{field}"), format!("{capability} is in requiredDropCapabilities too"));
        }
    }
    if policy.default_allow_privilege_escalation == Some(true) && !policy.allow_privilege_escalation {
        reject("spec.defaultAllowPrivilegeEscalation", "cannot be true if allowPrivilegeEscalation is false".to_owned());
    }
    for (index, path) in policy.allowed_host_paths.iter().enumerate() {
        let at = format!("spec.allowedHostPaths[{index}]");
        if path.path_prefix.is_empty() {
            reject(&at, "pathPrefix is missing".to_owned());
        }
        if path.path_prefix.split('/').any(|segment| segment == "..") {
            reject(&at, "pathPrefix must not contain ..".to_owned());
        }
    }
    for (index, volume) in policy.volumes.iter().enumerate() {
        if volume != ANY && !volumes::is_known(volume) {
            reject(&format!("spec.volumes[{index}]"), format!("there is no type of volume {volume:?}"));
        }
    }
    for allowed in &policy.allowed_unsafe_sysctls {
        if policy.forbidden_sysctls.iter().any(|forbidden| overlap(allowed, forbidden)) {
            reject("spec.allowedUnsafeSysctls", format!("{allowed} overlaps with forbiddenSysctls"));
        }
    }
    for (field, ranges) in [
        ("runAsUser", if let RunAsUser::MustRunAs(ranges) = &policy.run_as_user { ranges.as_slice() } else { &[] }),
        ("runAsGroup", policy.run_as_group.ranges()),
        ("supplementalGroups", policy.supplemental_groups.ranges()),
        ("fsGroup", policy.fs_group.ranges()),
    ] {
        for (index, Range { min, max }) in ranges.iter().enumerate() {
            if *min < 0 || max < min {
                reject(&format!("spec.{field}.ranges[{index}]"), format!("{min} to {max} is no range"));
            }
        }
    }
    if policy.seccomp.lists("") {
        reject(&format!("metadata.annotations[{SECCOMP_PREFIX}allowedProfileNames]"), "the list has an empty element".to_owned());
    }
    for (prefix, profiles) in [(SECCOMP_PREFIX, &policy.seccomp), (APP_ARMOR_PREFIX, &policy.app_armor)] {
        let path = format!("metadata.annotations[{prefix}allowedProfileNames]");
        for profile in profiles.allowed.iter().flatten() {
            if profile.ends_with("/*") {
                warn(&path, format!("{profile} is no pattern: it allows the profile of this name only"));
            } else if profile.trim() != profile {
                warn(&path, format!("{profile:?} has a space, which belongs to the name of the profile: no pod can have it"));
            }
        }
    }
    if policy.app_armor.lists(ANY) {
        let path = format!("metadata.annotations[{APP_ARMOR_PREFIX}allowedProfileNames]");
        warn(&path, "* does not stand for all AppArmor profiles; without the annotation all are allowed".to_owned());
    }
}

impl Groups {
    /// Returns the ranges.
    pub(crate) fn ranges(&self) -> &[Range] {
        match self {
            Groups::RunAsAny => &[],
            Groups::MayRunAs(ranges) | Groups::MustRunAs(ranges) => ranges,
        }
    }
}

/// Returns whether a sysctl, or a prefix of sysctls with `*`, includes one of another.
fn overlap(one: &str, other: &str) -> bool {
    match (one.strip_suffix('*'), other.strip_suffix('*')) {
        (Some(one), Some(other)) => one.starts_with(other) || other.starts_with(one),
        (Some(prefix), None) => other.starts_with(prefix),
        (None, Some(prefix)) => one.starts_with(prefix),
        (None, None) => one == other,
    }
}
