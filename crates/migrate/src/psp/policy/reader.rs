//! Deserialization of PodSecurityPolicies.

use pss_core::json::Text;
use pss_core::view;

use super::{Groups, HostPath, Policy, Profiles, Range, RunAsUser, RuntimeClass, SeLinux, SeLinuxOptions, validation};
use crate::object::Object;
use crate::problem::{Problem, Severity};

/// The prefixes of the annotations with allowed and default profiles.
pub(super) const SECCOMP_PREFIX: &str = "seccomp.security.alpha.kubernetes.io/";
pub(super) const APP_ARMOR_PREFIX: &str = "apparmor.security.beta.kubernetes.io/";

view! {
    struct RawPolicy<'a> {
        "spec" => spec: RawSpec<'a>,
    }
}

view! {
    struct RawSpec<'a>, strict {
        "privileged" => privileged: bool,
        "hostNetwork" => host_network: bool,
        "hostPID" => host_pid: bool,
        "hostIPC" => host_ipc: bool,
        "hostPorts" => host_ports: Vec<RawRange>,
        "volumes" => volumes: Vec<Text<'a>>,
        "allowedHostPaths" => allowed_host_paths: Vec<RawHostPath<'a>>,
        "allowedFlexVolumes" => allowed_flex_volumes: Vec<RawFlexVolume<'a>>,
        "allowedCSIDrivers" => allowed_csi_drivers: Vec<RawCsiDriver<'a>>,
        "allowedCapabilities" => allowed_capabilities: Vec<Text<'a>>,
        "defaultAddCapabilities" => default_add_capabilities: Vec<Text<'a>>,
        "requiredDropCapabilities" => required_drop_capabilities: Vec<Text<'a>>,
        "seLinux" => se_linux: RawSeLinux<'a>,
        "runAsUser" => run_as_user: RawStrategy<'a>,
        "runAsGroup" => run_as_group: Option<RawStrategy<'a>>,
        "supplementalGroups" => supplemental_groups: RawStrategy<'a>,
        "fsGroup" => fs_group: RawStrategy<'a>,
        "readOnlyRootFilesystem" => read_only_root_filesystem: bool,
        "allowPrivilegeEscalation" => allow_privilege_escalation: Option<bool>,
        "defaultAllowPrivilegeEscalation" => default_allow_privilege_escalation: Option<bool>,
        "allowedUnsafeSysctls" => allowed_unsafe_sysctls: Vec<Text<'a>>,
        "forbiddenSysctls" => forbidden_sysctls: Vec<Text<'a>>,
        "allowedProcMountTypes" => allowed_proc_mount_types: Vec<Text<'a>>,
        "runtimeClass" => runtime_class: Option<RawRuntimeClass<'a>>,
    }
}

view! {
    struct RawRange, strict {
        "min" => min: i64,
        "max" => max: i64,
    }
}

view! {
    struct RawHostPath<'a>, strict {
        "pathPrefix" => path_prefix: Text<'a>,
        "readOnly" => read_only: bool,
    }
}

view! {
    struct RawFlexVolume<'a>, strict {
        "driver" => driver: Text<'a>,
    }
}

view! {
    struct RawCsiDriver<'a>, strict {
        "name" => name: Text<'a>,
    }
}

view! {
    struct RawSeLinux<'a>, strict {
        "rule" => rule: Text<'a>,
        "seLinuxOptions" => options: Option<RawSeLinuxOptions<'a>>,
    }
}

view! {
    struct RawSeLinuxOptions<'a>, strict {
        "user" => user: Text<'a>,
        "role" => role: Text<'a>,
        "type" => label: Text<'a>,
        "level" => level: Text<'a>,
    }
}

view! {
    struct RawStrategy<'a>, strict {
        "rule" => rule: Text<'a>,
        "ranges" => ranges: Vec<RawRange>,
    }
}

view! {
    struct RawRuntimeClass<'a>, strict {
        "allowedRuntimeClassNames" => allowed: Vec<Text<'a>>,
        "defaultRuntimeClassName" => default: Option<Text<'a>>,
    }
}

impl Policy {
    /// Deserializes a PodSecurityPolicy. Values of a wrong type and unknown fields are errors, after which there is no policy: it
    /// would not be what its author intended. What an API server rejects otherwise is a warning.
    pub fn of(object: &Object<'_>, problems: &mut Vec<Problem>) -> Option<Policy> {
        let mut raw = RawPolicy::default();
        let errors = object.deserialize(&mut raw);
        if !errors.is_empty() {
            problems.extend(errors);
            return None;
        }
        if object.name().is_empty() {
            let path = if object.node.at("metadata.name").exists { "metadata.name" } else { "metadata" };
            problems.push(object.problem(Severity::Error, path, "the PodSecurityPolicy has no metadata.name, or one that is not a string"));
            return None;
        }
        if !object.api_version.ends_with("/v1beta1") {
            let message = format!("there is no PodSecurityPolicy in {}; it is read as one of policy/v1beta1", object.api_version);
            problems.push(object.problem(Severity::Warning, "apiVersion", message));
        }
        let spec = raw.spec;
        let mut unusable = None;
        let mut policy = Policy {
            name: object.name().to_owned(),
            source: object.source.to_owned(),
            line: object.node.span().start.line,
            privileged: spec.privileged,
            host_network: spec.host_network,
            host_pid: spec.host_pid,
            host_ipc: spec.host_ipc,
            host_ports: ranges(&spec.host_ports),
            volumes: texts(spec.volumes),
            allowed_host_paths: spec
                .allowed_host_paths
                .into_iter()
                .map(|path| HostPath { path_prefix: path.path_prefix.into_owned(), read_only: path.read_only })
                .collect(),
            allowed_flex_volumes: texts(spec.allowed_flex_volumes.into_iter().map(|volume| volume.driver)),
            allowed_csi_drivers: texts(spec.allowed_csi_drivers.into_iter().map(|driver| driver.name)),
            allowed_capabilities: texts(spec.allowed_capabilities),
            default_add_capabilities: texts(spec.default_add_capabilities),
            required_drop_capabilities: texts(spec.required_drop_capabilities),
            se_linux: se_linux(spec.se_linux, &mut unusable),
            run_as_user: run_as_user(&spec.run_as_user, &mut unusable),
            run_as_group: spec.run_as_group.map_or(Groups::RunAsAny, |strategy| groups("runAsGroup", &strategy, &mut unusable)),
            supplemental_groups: groups("supplementalGroups", &spec.supplemental_groups, &mut unusable),
            fs_group: groups("fsGroup", &spec.fs_group, &mut unusable),
            read_only_root_filesystem: spec.read_only_root_filesystem,
            allow_privilege_escalation: spec.allow_privilege_escalation.unwrap_or(true),
            default_allow_privilege_escalation: spec.default_allow_privilege_escalation,
            allowed_unsafe_sysctls: texts(spec.allowed_unsafe_sysctls),
            forbidden_sysctls: texts(spec.forbidden_sysctls),
            allowed_proc_mount_types: texts(spec.allowed_proc_mount_types),
            runtime_class: spec
                .runtime_class
                .map(|class| RuntimeClass { allowed: texts(class.allowed), default: class.default.map(Text::into_owned) }),
            seccomp: profiles(object, SECCOMP_PREFIX),
            app_armor: profiles(object, APP_ARMOR_PREFIX),
            unusable: None,
        };
        // A list without the name of a profile admits neither a pod with a profile nor one without.
        let is_profile = |name: &String| ["runtime/default", "unconfined"].contains(&name.as_str()) || name.starts_with("localhost/");
        if policy.app_armor.allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(is_profile)) {
            reject(&mut unusable, format!("metadata.annotations[{APP_ARMOR_PREFIX}allowedProfileNames] has no name of a profile"));
        }
        policy.unusable = unusable;
        validation::validate(&policy, object, problems);
        Some(policy)
    }
}

fn texts<'t>(texts: impl IntoIterator<Item = Text<'t>>) -> Vec<String> {
    texts.into_iter().map(Text::into_owned).collect()
}

fn ranges(ranges: &[RawRange]) -> Vec<Range> {
    ranges.iter().map(|range| Range { min: range.min, max: range.max }).collect()
}

/// Records why no pod can use a policy, unless there is a reason already.
fn reject(unusable: &mut Option<String>, reason: String) {
    unusable.get_or_insert(reason);
}

fn reject_rule(field: &str, rule: &str, expected: &str, unusable: &mut Option<String>) {
    let found = if rule.is_empty() { "missing".to_owned() } else { format!("{rule:?}") };
    reject(unusable, format!("spec.{field}.rule is {found}, and must be {expected}"));
}

fn se_linux(raw: RawSeLinux<'_>, unusable: &mut Option<String>) -> SeLinux {
    match (raw.rule.as_ref(), raw.options) {
        ("RunAsAny", _) => {}
        ("MustRunAs", Some(options)) => {
            let RawSeLinuxOptions { user, role, label, level } = options;
            let [user, role, label, level] = [user, role, label, level].map(Text::into_owned);
            return SeLinux::MustRunAs(SeLinuxOptions { user, role, label, level });
        }
        ("MustRunAs", None) => reject(unusable, "spec.seLinux has MustRunAs without seLinuxOptions".to_owned()),
        (other, _) => reject_rule("seLinux", other, "RunAsAny or MustRunAs", unusable),
    }
    SeLinux::RunAsAny
}

fn run_as_user(raw: &RawStrategy<'_>, unusable: &mut Option<String>) -> RunAsUser {
    match raw.rule.as_ref() {
        "RunAsAny" => {}
        "MustRunAsNonRoot" => return RunAsUser::MustRunAsNonRoot,
        "MustRunAs" => {
            if raw.ranges.is_empty() {
                reject(unusable, "spec.runAsUser has MustRunAs without ranges".to_owned());
            }
            return RunAsUser::MustRunAs(ranges(&raw.ranges));
        }
        other => reject_rule("runAsUser", other, "RunAsAny, MustRunAs or MustRunAsNonRoot", unusable),
    }
    RunAsUser::RunAsAny
}

fn groups(field: &str, raw: &RawStrategy<'_>, unusable: &mut Option<String>) -> Groups {
    let groups = match raw.rule.as_ref() {
        "RunAsAny" => return Groups::RunAsAny,
        "MayRunAs" => Groups::MayRunAs(ranges(&raw.ranges)),
        "MustRunAs" => Groups::MustRunAs(ranges(&raw.ranges)),
        other => {
            reject_rule(field, other, "RunAsAny, MayRunAs or MustRunAs", unusable);
            return Groups::RunAsAny;
        }
    };
    if raw.ranges.is_empty() {
        reject(unusable, format!("spec.{field} has {} without ranges", raw.rule));
    }
    groups
}

fn profiles(object: &Object<'_>, prefix: &str) -> Profiles {
    let annotation = |name: &str| {
        let place = object.node.at(&format!("metadata.annotations[{prefix}{name}]"));
        if place.exists { place.node.text() } else { None }
    };
    Profiles {
        allowed: annotation("allowedProfileNames").map(|list| list.split(',').map(str::to_owned).collect()),
        default: annotation("defaultProfileName").unwrap_or_default().to_owned(),
    }
}
