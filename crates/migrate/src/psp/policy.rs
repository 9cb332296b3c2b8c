//! PodSecurityPolicies: their fields, with what an absent field means, and the values that make a policy unusable.
//!
//! Source: `staging/src/k8s.io/api/policy/v1beta1/types.go`, `pkg/apis/policy/v1beta1/defaults.go`,
//! `pkg/apis/policy/validation/validation.go` and `pkg/security/podsecuritypolicy/factory.go` of Kubernetes 1.24.

mod reader;
mod validation;

use std::fmt;

/// The kind.
pub(super) const KIND: &str = "PodSecurityPolicy";

/// The API groups that had the kind.
pub(super) const GROUPS: [&str; 2] = ["policy", "extensions"];

/// The value that stands for all capabilities, volumes, profiles or runtime classes.
pub(super) const ANY: &str = "*";

/// A PodSecurityPolicy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// `metadata.name`.
    pub name: String,
    /// The name of the text.
    pub source: String,
    /// The line of the object in the text.
    pub line: usize,
    /// `privileged`.
    pub privileged: bool,
    /// `hostNetwork`.
    pub host_network: bool,
    /// `hostPID`.
    pub host_pid: bool,
    /// `hostIPC`.
    pub host_ipc: bool,
    /// `hostPorts`.
    pub host_ports: Vec<Range>,
    /// `volumes`: types of volumes, or `*`.
    pub volumes: Vec<String>,
    /// `allowedHostPaths`; empty for all.
    pub allowed_host_paths: Vec<HostPath>,
    /// The drivers of `allowedFlexVolumes`; empty for all.
    pub allowed_flex_volumes: Vec<String>,
    /// The names of `allowedCSIDrivers`; empty for all.
    pub allowed_csi_drivers: Vec<String>,
    /// `allowedCapabilities`, or `*`.
    pub allowed_capabilities: Vec<String>,
    /// `defaultAddCapabilities`.
    pub default_add_capabilities: Vec<String>,
    /// `requiredDropCapabilities`.
    pub required_drop_capabilities: Vec<String>,
    /// `seLinux`.
    pub se_linux: SeLinux,
    /// `runAsUser`.
    pub run_as_user: RunAsUser,
    /// `runAsGroup`.
    pub run_as_group: Groups,
    /// `supplementalGroups`.
    pub supplemental_groups: Groups,
    /// `fsGroup`.
    pub fs_group: Groups,
    /// `readOnlyRootFilesystem`.
    pub read_only_root_filesystem: bool,
    /// `allowPrivilegeEscalation`, which is true if it is absent.
    pub allow_privilege_escalation: bool,
    /// `defaultAllowPrivilegeEscalation`.
    pub default_allow_privilege_escalation: Option<bool>,
    /// `allowedUnsafeSysctls`: names, or prefixes that end with `*`.
    pub allowed_unsafe_sysctls: Vec<String>,
    /// `forbiddenSysctls`, likewise.
    pub forbidden_sysctls: Vec<String>,
    /// `allowedProcMountTypes`; `Default` if it is empty.
    pub allowed_proc_mount_types: Vec<String>,
    /// `runtimeClass`; unrestricted if it is absent.
    pub runtime_class: Option<RuntimeClass>,
    /// The seccomp profiles in its annotations.
    pub seccomp: Profiles,
    /// The AppArmor profiles in its annotations.
    pub app_armor: Profiles,
    /// Why no pod can ever use it, if that is so.
    pub unusable: Option<String>,
}

/// A range of ports or ids, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// `min`.
    pub min: i64,
    /// `max`.
    pub max: i64,
}

impl Range {
    /// Returns whether a number is in the range.
    pub fn contains(self, number: i64) -> bool {
        (self.min..=self.max).contains(&number)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max { write!(out, "{}", self.min) } else { write!(out, "{}-{}", self.min, self.max) }
    }
}

/// An element of `allowedHostPaths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPath {
    /// `pathPrefix`.
    pub path_prefix: String,
    /// `readOnly`.
    pub read_only: bool,
}

/// `seLinux`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SeLinux {
    /// `RunAsAny`.
    #[default]
    RunAsAny,
    /// `MustRunAs`, with `seLinuxOptions`.
    MustRunAs(SeLinuxOptions),
}

/// SELinux labels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SeLinuxOptions {
    /// `user`.
    pub user: String,
    /// `role`.
    pub role: String,
    /// `type`.
    pub label: String,
    /// `level`.
    pub level: String,
}

/// `runAsUser`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RunAsUser {
    /// `RunAsAny`.
    #[default]
    RunAsAny,
    /// `MustRunAs`, with `ranges`.
    MustRunAs(Vec<Range>),
    /// `MustRunAsNonRoot`.
    MustRunAsNonRoot,
}

/// `runAsGroup`, `supplementalGroups` or `fsGroup`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Groups {
    /// `RunAsAny`, or absent.
    #[default]
    RunAsAny,
    /// `MayRunAs`, with `ranges`.
    MayRunAs(Vec<Range>),
    /// `MustRunAs`, with `ranges`.
    MustRunAs(Vec<Range>),
}

/// `runtimeClass`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuntimeClass {
    /// `allowedRuntimeClassNames`: names, or `*`; empty if none may be set.
    pub allowed: Vec<String>,
    /// `defaultRuntimeClassName`.
    pub default: Option<String>,
}

/// The profiles in the annotations `allowedProfileNames` and `defaultProfileName`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profiles {
    /// The elements of the list of allowed profiles, as they are between the commas; `None` without the annotation.
    pub allowed: Option<Vec<String>>,
    /// The default profile; empty without the annotation.
    pub default: String,
}

impl Profiles {
    /// Returns whether a profile is an element of the list.
    pub(super) fn lists(&self, profile: &str) -> bool {
        self.allowed.iter().flatten().any(|allowed| allowed == profile)
    }
}

impl Policy {
    /// Returns whether all types of volumes are allowed.
    pub(super) fn allows_all_volumes(&self) -> bool {
        self.volumes.iter().any(|volume| volume == ANY)
    }

    /// Returns whether a type of volume is allowed, by its name in the policy.
    pub(super) fn allows_volume(&self, kind: &str) -> bool {
        self.volumes.iter().any(|volume| volume == kind || volume == ANY)
    }

    /// Returns the allowed types of procMount.
    pub(super) fn proc_mount_types(&self) -> Vec<String> {
        if self.allowed_proc_mount_types.is_empty() { vec!["Default".to_owned()] } else { self.allowed_proc_mount_types.clone() }
    }

    /// Returns whether all capabilities are allowed.
    pub(super) fn allows_all_capabilities(&self) -> bool {
        self.allowed_capabilities.iter().any(|capability| capability == ANY)
    }

    /// Returns whether a capability may be added.
    pub(super) fn allows_capability(&self, capability: &str) -> bool {
        let listed = [&self.allowed_capabilities, &self.default_add_capabilities];
        self.allows_all_capabilities() || listed.into_iter().flatten().any(|allowed| allowed == capability)
    }
}
