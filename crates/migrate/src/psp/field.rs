//! The fields of a PodSecurityPolicy that restrict or change pods.

/// A field, or the fields that have their effect together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the field that `path` returns")]
pub enum Field {
    Privileged,
    HostNetwork,
    HostPid,
    HostIpc,
    HostPorts,
    Volumes,
    AllowedHostPaths,
    AllowedFlexVolumes,
    AllowedCsiDrivers,
    AllowedCapabilities,
    DefaultAddCapabilities,
    RequiredDropCapabilities,
    SeLinux,
    RunAsUser,
    RunAsGroup,
    SupplementalGroups,
    FsGroup,
    ReadOnlyRootFilesystem,
    AllowPrivilegeEscalation,
    DefaultAllowPrivilegeEscalation,
    AllowedUnsafeSysctls,
    ForbiddenSysctls,
    AllowedProcMountTypes,
    RuntimeClass,
    Seccomp,
    AppArmor,
    HostHandlers,
}

impl Field {
    /// All fields, in the order of reports.
    pub const ALL: [Field; 27] = [
        Field::Privileged,
        Field::HostNetwork,
        Field::HostPid,
        Field::HostIpc,
        Field::HostPorts,
        Field::Volumes,
        Field::AllowedHostPaths,
        Field::AllowedFlexVolumes,
        Field::AllowedCsiDrivers,
        Field::AllowedCapabilities,
        Field::DefaultAddCapabilities,
        Field::RequiredDropCapabilities,
        Field::SeLinux,
        Field::RunAsUser,
        Field::RunAsGroup,
        Field::SupplementalGroups,
        Field::FsGroup,
        Field::ReadOnlyRootFilesystem,
        Field::AllowPrivilegeEscalation,
        Field::DefaultAllowPrivilegeEscalation,
        Field::AllowedUnsafeSysctls,
        Field::ForbiddenSysctls,
        Field::AllowedProcMountTypes,
        Field::RuntimeClass,
        Field::Seccomp,
        Field::AppArmor,
        Field::HostHandlers,
    ];

    /// Returns its path in the object, without `spec`.
    pub const fn path(self) -> &'static str {
        match self {
            Field::Privileged => "privileged",
            Field::HostNetwork => "hostNetwork",
            Field::HostPid => "hostPID",
            Field::HostIpc => "hostIPC",
            Field::HostPorts => "hostPorts",
            Field::Volumes => "volumes",
            Field::AllowedHostPaths => "allowedHostPaths",
            Field::AllowedFlexVolumes => "allowedFlexVolumes",
            Field::AllowedCsiDrivers => "allowedCSIDrivers",
            Field::AllowedCapabilities => "allowedCapabilities",
            Field::DefaultAddCapabilities => "defaultAddCapabilities",
            Field::RequiredDropCapabilities => "requiredDropCapabilities",
            Field::SeLinux => "seLinux",
            Field::RunAsUser => "runAsUser",
            Field::RunAsGroup => "runAsGroup",
            Field::SupplementalGroups => "supplementalGroups",
            Field::FsGroup => "fsGroup",
            Field::ReadOnlyRootFilesystem => "readOnlyRootFilesystem",
            Field::AllowPrivilegeEscalation => "allowPrivilegeEscalation",
            Field::DefaultAllowPrivilegeEscalation => "defaultAllowPrivilegeEscalation",
            Field::AllowedUnsafeSysctls => "allowedUnsafeSysctls",
            Field::ForbiddenSysctls => "forbiddenSysctls",
            Field::AllowedProcMountTypes => "allowedProcMountTypes",
            Field::RuntimeClass => "runtimeClass",
            Field::Seccomp => "seccomp annotations",
            Field::AppArmor => "AppArmor annotations",
            // PodSecurityPolicies have no field for it.
            Field::HostHandlers => "host of probes and lifecycle handlers",
        }
    }
}
