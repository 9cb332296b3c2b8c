//! The admission of a pod by one PodSecurityPolicy: it changes a copy of the pod, and validates the copy.
//!
//! Each field changes and validates other fields of the pod, so that the result is that of all fields. No changed copy is made:
//! what a field sets is what it requires, or is validated here.
//!
//! Source: `pkg/security/podsecuritypolicy/provider.go` and its strategies in Kubernetes 1.24.

use super::field::Field;
use super::pod::{ContainerFields, PodFields, Volume};
use super::policy::{ANY, Groups, HostPath, Policy, Profiles, Range, RunAsUser, SeLinux, SeLinuxOptions};

/// The result for a pod, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is admitted as it is.
    Unchanged,
    /// It is admitted with changes, if it is being created.
    Changed,
    /// It is rejected.
    Rejected,
}

impl Outcome {
    fn admitted(is_admitted: bool) -> Outcome {
        if is_admitted { Outcome::Unchanged } else { Outcome::Rejected }
    }

    /// The outcome for a value that is set if it is missing. `default` is the value that the policy sets, if it sets one.
    fn defaulted<T: Copy>(value: Option<T>, default: Option<T>, is_valid: impl Fn(Option<T>) -> bool) -> Outcome {
        match (value, default) {
            (None, Some(default)) if is_valid(Some(default)) => Outcome::Changed,
            (None, Some(_)) => Outcome::Rejected,
            _ => Outcome::admitted(is_valid(value)),
        }
    }
}

/// The sysctls that pods may set in any cluster, because they affect no other pod.
///
/// Source: `SafeSysctlAllowlist` in `pkg/kubelet/sysctl/safe_sysctls.go` of Kubernetes 1.24.
pub(super) const SAFE_SYSCTLS: [&str; 5] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
];

/// Admits a pod by a policy.
pub fn admit(policy: &Policy, pod: &PodFields) -> Outcome {
    let mut outcome = Outcome::admitted(policy.unusable.is_none());
    for field in Field::ALL {
        if outcome == Outcome::Rejected {
            break;
        }
        outcome = outcome.max(admit_field(policy, field, pod));
    }
    outcome
}

/// Returns the fields that change a pod when the policy admits it.
pub(super) fn changing_fields(policy: &Policy, pod: &PodFields) -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|field| admit_field(policy, *field, pod) == Outcome::Changed)
}

/// Returns the fields that reject a pod.
pub(super) fn rejecting_fields(policy: &Policy, pod: &PodFields) -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(|field| admit_field(policy, *field, pod) == Outcome::Rejected)
}

/// Admits a pod by one field of a policy.
pub fn admit_field(policy: &Policy, field: Field, pod: &PodFields) -> Outcome {
    match field {
        Field::Privileged => Outcome::admitted(policy.privileged || !pod.containers.iter().any(|container| container.privileged)),
        Field::HostNetwork => Outcome::admitted(policy.host_network || !pod.host_network),
        Field::HostPid => Outcome::admitted(policy.host_pid || !pod.host_pid),
        Field::HostIpc => Outcome::admitted(policy.host_ipc || !pod.host_ipc),
        Field::HostPorts => {
            let ports = pod.containers.iter().flat_map(|container| &container.host_ports).copied();
            Outcome::admitted(ports.filter(|port| *port > 0).all(|port| is_in(port, &policy.host_ports)))
        }
        Field::Volumes => Outcome::admitted(pod.volumes.iter().all(|volume| allows_volume(policy, volume))),
        Field::AllowedHostPaths => Outcome::admitted(pod.volumes.iter().all(|volume| {
            volume.kind != Some("hostPath") || !allows_type(policy, volume) || allows_host_path(&policy.allowed_host_paths, volume, pod)
        })),
        Field::AllowedFlexVolumes => Outcome::admitted(allows_drivers(policy, "flexVolume", &policy.allowed_flex_volumes, pod)),
        Field::AllowedCsiDrivers => Outcome::admitted(allows_drivers(policy, "csi", &policy.allowed_csi_drivers, pod)),
        Field::AllowedCapabilities => Outcome::admitted(pod.containers.iter().all(|container| adds_only_allowed(policy, container))),
        Field::DefaultAddCapabilities => worst(&pod.containers, |container| {
            let (add, drop) = capabilities(container);
            let is_set = |capability: &String| add.contains(capability) || drop.contains(capability);
            if policy.default_add_capabilities.iter().all(is_set) { Outcome::Unchanged } else { Outcome::Changed }
        }),
        Field::RequiredDropCapabilities => worst(&pod.containers, |container| {
            let (_, drop) = capabilities(container);
            let is_dropped = |capability: &String| drop.contains(capability);
            if policy.required_drop_capabilities.iter().all(is_dropped) { Outcome::Unchanged } else { Outcome::Changed }
        }),
        Field::SeLinux => match &policy.se_linux {
            SeLinux::RunAsAny => Outcome::Unchanged,
            SeLinux::MustRunAs(options) => {
                let is_valid = |actual: &Option<SeLinuxOptions>| actual.as_ref().is_none_or(|actual| is_equal(options, actual));
                let is_admitted = is_valid(&pod.se_linux) && pod.containers.iter().all(|container| is_valid(&container.se_linux));
                match is_admitted {
                    true if pod.se_linux.is_none() => Outcome::Changed,
                    is_admitted => Outcome::admitted(is_admitted),
                }
            }
        },
        Field::RunAsUser => worst(&pod.containers, |container| run_as_user(&policy.run_as_user, container, pod)),
        Field::RunAsGroup => {
            worst(&pod.containers, |container| one_group(&policy.run_as_group, container.run_as_group.or(pod.run_as_group)))
        }
        Field::FsGroup => one_group(&policy.fs_group, pod.fs_group),
        Field::SupplementalGroups => supplemental_groups(&policy.supplemental_groups, pod.supplemental_groups.as_deref()),
        Field::ReadOnlyRootFilesystem if policy.read_only_root_filesystem => worst(&pod.containers, |container| {
            Outcome::defaulted(container.read_only_root_filesystem, Some(true), |value| value == Some(true))
        }),
        Field::ReadOnlyRootFilesystem | Field::HostHandlers => Outcome::Unchanged,
        Field::AllowPrivilegeEscalation if policy.allow_privilege_escalation => Outcome::Unchanged,
        Field::AllowPrivilegeEscalation => worst(&pod.containers, |container| {
            // The default of the policy comes first.
            let default = policy.default_allow_privilege_escalation.or(Some(false));
            Outcome::defaulted(container.allow_privilege_escalation, default, |value| value == Some(false))
        }),
        Field::DefaultAllowPrivilegeEscalation => worst(&pod.containers, |container| {
            Outcome::defaulted(container.allow_privilege_escalation, policy.default_allow_privilege_escalation, |_| true)
        }),
        Field::AllowedUnsafeSysctls => Outcome::admitted(pod.sysctls.iter().all(|sysctl| allows_sysctl(policy, sysctl))),
        Field::ForbiddenSysctls => Outcome::admitted(!pod.sysctls.iter().any(|sysctl| matches_any(sysctl, &policy.forbidden_sysctls))),
        Field::AllowedProcMountTypes => Outcome::admitted(
            pod.containers.iter().all(|container| allows_proc_mount(policy, container.proc_mount.as_deref().unwrap_or(DEFAULT_PROC_MOUNT))),
        ),
        Field::RuntimeClass => match &policy.runtime_class {
            None => Outcome::Unchanged,
            Some(class) => {
                let is_allowed = |name: &str| class.allowed.iter().any(|allowed| allowed == ANY || allowed == name);
                Outcome::defaulted(pod.runtime_class.as_deref(), class.default.as_deref(), |name| name.is_none_or(is_allowed))
            }
        },
        Field::Seccomp => seccomp(&policy.seccomp, pod),
        Field::AppArmor => worst(&pod.containers, |container| {
            let profile = container.app_armor_annotation.as_str();
            let default = policy.app_armor.default.as_str();
            let set = |profile: &'_ str| !profile.is_empty();
            // A list, even one with an empty element, requires a profile.
            let is_valid = |profile: Option<&str>| {
                policy.app_armor.allowed.is_none() || profile.is_some_and(|profile| policy.app_armor.lists(profile))
            };
            Outcome::defaulted(Some(profile).filter(|profile| set(profile)), Some(default).filter(|default| set(default)), is_valid)
        }),
    }
}

/// Returns the worst of the outcomes for containers.
fn worst(containers: &[ContainerFields], outcome: impl Fn(&ContainerFields) -> Outcome) -> Outcome {
    containers.iter().map(outcome).max().unwrap_or(Outcome::Unchanged)
}

/// The procMount of a container that has none.
const DEFAULT_PROC_MOUNT: &str = "Default";

pub(super) fn is_in(number: i64, ranges: &[Range]) -> bool {
    ranges.iter().any(|range| range.contains(number))
}

/// Returns whether the type of a volume is in the list of a policy.
fn allows_type(policy: &Policy, volume: &Volume) -> bool {
    volume.kind.is_some_and(|kind| policy.allows_volume(kind))
}

/// Returns whether a volume is of an allowed type. `secret` includes the volumes with the tokens of service accounts.
fn allows_volume(policy: &Policy, volume: &Volume) -> bool {
    allows_type(policy, volume) || volume.is_service_account_token && policy.allows_volume("secret")
}

fn allows_host_path(allowed: &[HostPath], volume: &Volume, pod: &PodFields) -> bool {
    let mut matching = allowed.iter().filter(|allowed| has_prefix(&volume.detail, &allowed.path_prefix)).peekable();
    if allowed.is_empty() {
        return true;
    }
    if matching.peek().is_none() {
        return false;
    }
    matching.any(|allowed| !allowed.read_only) || !pod.containers.iter().any(|container| container.writable_mounts.contains(&volume.name))
}

/// Returns whether a path is below a prefix, in whole segments.
fn has_prefix(path: &str, prefix: &str) -> bool {
    let [path, prefix] = [path, prefix].map(|path| path.strip_suffix('/').unwrap_or(path));
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns whether the drivers of the volumes of a type are allowed, where the type is.
fn allows_drivers(policy: &Policy, kind: &str, drivers: &[String], pod: &PodFields) -> bool {
    let is_restricted = !drivers.is_empty() && policy.allows_volume(kind);
    !is_restricted || pod.volumes.iter().filter(|volume| volume.kind == Some(kind)).all(|volume| drivers.contains(&volume.detail))
}

/// Returns the added and the dropped capabilities.
fn capabilities(container: &ContainerFields) -> (&[String], &[String]) {
    container.capabilities.as_ref().map_or((&[], &[]), |(add, drop)| (add, drop))
}

fn adds_only_allowed(policy: &Policy, container: &ContainerFields) -> bool {
    capabilities(container).0.iter().all(|capability| policy.allows_capability(capability))
}

/// Returns whether labels are equal; the categories of a level can have any order.
fn is_equal(expected: &SeLinuxOptions, actual: &SeLinuxOptions) -> bool {
    fn parts(level: &str) -> Option<(&str, Vec<&str>)> {
        let (sensitivity, categories) = level.split_once(':')?;
        let mut categories: Vec<&str> = categories.split(',').collect();
        categories.sort_unstable();
        Some((sensitivity, categories))
    }
    let has_equal_level =
        expected.level == actual.level || parts(&expected.level).is_some_and(|expected| Some(expected) == parts(&actual.level));
    expected.user == actual.user && expected.role == actual.role && expected.label == actual.label && has_equal_level
}

fn run_as_user(rule: &RunAsUser, container: &ContainerFields, pod: &PodFields) -> Outcome {
    let user = container.run_as_user.or(pod.run_as_user);
    match rule {
        RunAsUser::RunAsAny => Outcome::Unchanged,
        RunAsUser::MustRunAs(ranges) => {
            let first = ranges.first().map(|range| range.min);
            Outcome::defaulted(user, first, |user| user.is_some_and(|user| is_in(user, ranges)))
        }
        RunAsUser::MustRunAsNonRoot => match (container.run_as_non_root.or(pod.run_as_non_root), user) {
            (Some(false), _) | (_, Some(0)) => Outcome::Rejected,
            (None, None) => Outcome::Changed,
            _ => Outcome::Unchanged,
        },
    }
}

fn one_group(rule: &Groups, group: Option<i64>) -> Outcome {
    match rule {
        Groups::RunAsAny => Outcome::Unchanged,
        Groups::MayRunAs(ranges) => Outcome::admitted(group.is_none_or(|group| is_in(group, ranges))),
        Groups::MustRunAs(ranges) => {
            let first = ranges.first().map(|range| range.min);
            Outcome::defaulted(group, first, |group| group.is_some_and(|group| is_in(group, ranges)))
        }
    }
}

fn supplemental_groups(rule: &Groups, groups: Option<&[i64]>) -> Outcome {
    let all_in = |ranges: &[Range]| groups.unwrap_or_default().iter().all(|group| is_in(*group, ranges));
    match rule {
        Groups::RunAsAny => Outcome::Unchanged,
        Groups::MayRunAs(ranges) => Outcome::admitted(all_in(ranges)),
        Groups::MustRunAs(ranges) => match groups {
            None => one_group(rule, None),
            Some(groups) => Outcome::admitted(!groups.is_empty() && all_in(ranges)),
        },
    }
}

pub(super) fn allows_sysctl(policy: &Policy, sysctl: &str) -> bool {
    SAFE_SYSCTLS.contains(&sysctl) || matches_any(sysctl, &policy.allowed_unsafe_sysctls)
}

/// Returns whether a sysctl is in a list of names, and of prefixes that end with `*`.
pub(super) fn matches_any(sysctl: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| pattern.strip_suffix('*').map_or(pattern == sysctl, |prefix| sysctl.starts_with(prefix)))
}

pub(super) fn allows_proc_mount(policy: &Policy, mount: &str) -> bool {
    let allowed = &policy.allowed_proc_mount_types;
    allowed.iter().any(|allowed| allowed == mount) || allowed.is_empty() && mount == DEFAULT_PROC_MOUNT
}

/// The names of the default seccomp profile, each of which stands for the other.
const RUNTIME_DEFAULT: [&str; 2] = ["runtime/default", "docker/default"];

/// Returns whether a policy allows a seccomp profile; an empty one is unset.
pub(super) fn allows_seccomp(profiles: &Profiles, profile: &str) -> bool {
    let Some(allowed) = &profiles.allowed else { return profile.is_empty() };
    let is_any = |allowed: &String| allowed == ANY;
    // A list that has nothing but `*` is empty otherwise, and then an unset profile is allowed as well.
    allowed.iter().any(is_any)
        || profiles.lists(profile)
        || RUNTIME_DEFAULT.contains(&profile) && RUNTIME_DEFAULT.iter().any(|name| profiles.lists(name))
}

fn seccomp(profiles: &Profiles, pod: &PodFields) -> Outcome {
    let annotation = pod.seccomp_annotation.as_str();
    // The policy copies the profile of the pod to the annotation, or sets its default there.
    let default = pod.seccomp.as_deref().unwrap_or(&profiles.default);
    let of_pod = if annotation.is_empty() { default } else { annotation };
    let of_container = |container: &ContainerFields| {
        let own = container.seccomp.as_deref().or(container.seccomp_annotation.as_deref()).or(pod.seccomp.as_deref());
        allows_seccomp(profiles, own.unwrap_or(of_pod))
    };
    let is_admitted = allows_seccomp(profiles, of_pod) && pod.containers.iter().all(of_container);
    match is_admitted {
        true if of_pod != annotation => Outcome::Changed,
        is_admitted => Outcome::admitted(is_admitted),
    }
}
