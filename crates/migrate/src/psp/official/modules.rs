//! The official policies: their modules and versions, the fields of a PodSecurityPolicy that each of them checks, and how it is
//! deployed.

use super::settings::{self, Settings};
use crate::psp::field::Field;
use crate::psp::policy::Policy;

/// The module of an official policy.
#[derive(Debug)]
pub(super) struct Module {
    /// The name in the registry.
    pub(super) name: &'static str,
    /// The version, without `v`.
    pub(super) version: &'static str,
    /// The fields that it checks.
    pub(super) fields: &'static [Field],
    /// Returns the settings for some of the fields.
    pub(super) settings: fn(&Policy, &[Field]) -> Settings,
    /// Whether it can set missing fields, as PodSecurityPolicies did.
    pub(super) is_mutating: bool,
    /// Whether its metadata has no other operation than CREATE.
    pub(super) is_create_only: bool,
    /// Whether it reads fields that ephemeral containers have too.
    pub(super) reads_containers: bool,
    /// Whether its settings can have some of the fields and leave the others unrestricted.
    pub(super) has_separate_fields: bool,
}

impl Module {
    const fn new(name: &'static str, version: &'static str, fields: &'static [Field], settings: fn(&Policy, &[Field]) -> Settings) -> Self {
        let [is_mutating, is_create_only, reads_containers, has_separate_fields] = [false; 4];
        Module { name, version, fields, settings, is_mutating, is_create_only, reads_containers, has_separate_fields }
    }

    const fn mutating(self) -> Self {
        Module { is_mutating: true, ..self }
    }

    const fn create_only(self) -> Self {
        Module { is_create_only: true, ..self }
    }

    const fn of_containers(self) -> Self {
        Module { reads_containers: true, ..self }
    }

    const fn with_separate_fields(self) -> Self {
        Module { has_separate_fields: true, ..self }
    }
}

const HOST_NAMESPACES: &[Field] = &[Field::HostNetwork, Field::HostPid, Field::HostIpc, Field::HostPorts];
const CAPABILITIES: &[Field] = &[Field::AllowedCapabilities, Field::DefaultAddCapabilities, Field::RequiredDropCapabilities];
const USER_GROUP: &[Field] = &[Field::RunAsUser, Field::RunAsGroup, Field::SupplementalGroups];
const PRIVILEGE_ESCALATION: &[Field] = &[Field::AllowPrivilegeEscalation, Field::DefaultAllowPrivilegeEscalation];
const SYSCTLS: &[Field] = &[Field::AllowedUnsafeSysctls, Field::ForbiddenSysctls];

/// The modules, in the order of the fields. Each field belongs to at most one.
#[rustfmt::skip]
pub(super) const MODULES: [Module; 15] = [
    Module::new("pod-privileged", "1.0.13", &[Field::Privileged], settings::none).of_containers(),
    Module::new("host-namespaces-psp", "1.1.11", HOST_NAMESPACES, settings::host_namespaces),
    Module::new("volumes-psp", "1.1.10", &[Field::Volumes], settings::volumes),
    Module::new("hostpaths-psp", "1.1.10", &[Field::AllowedHostPaths], settings::host_paths).of_containers(),
    Module::new("flexvolume-drivers-psp", "1.0.17", &[Field::AllowedFlexVolumes], settings::flex_volumes),
    Module::new("capabilities-psp", "1.0.13", CAPABILITIES, settings::capabilities).mutating().create_only().of_containers(),
    Module::new("selinux-psp", "1.1.2", &[Field::SeLinux], settings::se_linux).mutating().of_containers(),
    Module::new("user-group-psp", "1.1.6", USER_GROUP, settings::user_group).mutating().of_containers().with_separate_fields(),
    Module::new("allowed-fsgroups-psp", "1.0.12", &[Field::FsGroup], settings::fs_group).mutating(),
    Module::new("readonly-root-filesystem-psp", "1.0.13", &[Field::ReadOnlyRootFilesystem], settings::read_only_root).of_containers(),
    Module::new("allow-privilege-escalation-psp", "1.0.13", PRIVILEGE_ESCALATION, settings::privilege_escalation).mutating().of_containers(),
    Module::new("sysctl-psp", "1.0.14", SYSCTLS, settings::sysctls),
    Module::new("allowed-proc-mount-types-psp", "1.0.15", &[Field::AllowedProcMountTypes], settings::proc_mount).of_containers(),
    Module::new("seccomp-psp", "1.0.15", &[Field::Seccomp], settings::seccomp).of_containers(),
    Module::new("apparmor-psp", "1.0.14", &[Field::AppArmor], settings::app_armor).of_containers(),
];
