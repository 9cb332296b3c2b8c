//! The union of PodSecurityPolicies: one that admits what any of them admits, as narrow as single fields can be.
//!
//! The pods of a namespace can have several PodSecurityPolicies, but a policy of Kubewarden applies to all of them. So only what all
//! of the PodSecurityPolicies restrict can be restricted there.

use super::policy::{ANY, Groups, Policy, Profiles, RuntimeClass};

/// Returns the union of policies, under a name. It changes pods only as all of them do.
pub fn union(name: String, policies: &[&Policy]) -> Policy {
    let any = |is_true: fn(&Policy) -> bool| policies.iter().any(|policy| is_true(policy));
    let all = |is_true: fn(&Policy) -> bool| policies.iter().all(|policy| is_true(policy));
    // The values of those that allow a type of volume; empty if one of them allows all.
    let of_volumes = |kind: &str, values: fn(&Policy) -> &[String]| {
        let allowing: Vec<&[String]> = policies.iter().filter(|policy| policy.allows_volume(kind)).map(|policy| values(policy)).collect();
        if allowing.iter().any(|values| values.is_empty()) { Vec::new() } else { distinct(allowing.into_iter().flatten().cloned()) }
    };
    let host_paths: Vec<_> =
        policies.iter().filter(|policy| policy.allows_volume("hostPath")).map(|policy| policy.allowed_host_paths.as_slice()).collect();
    let allows_all_capabilities = any(Policy::allows_all_capabilities);
    Policy {
        name,
        source: String::new(),
        line: 0,
        privileged: any(|policy| policy.privileged),
        host_network: any(|policy| policy.host_network),
        host_pid: any(|policy| policy.host_pid),
        host_ipc: any(|policy| policy.host_ipc),
        host_ports: distinct(policies.iter().flat_map(|policy| policy.host_ports.iter().copied())),
        volumes: if any(Policy::allows_all_volumes) {
            vec![ANY.to_owned()]
        } else {
            distinct(policies.iter().flat_map(|policy| policy.volumes.iter().cloned()))
        },
        allowed_host_paths: if host_paths.iter().any(|paths| paths.is_empty()) {
            Vec::new()
        } else {
            distinct(host_paths.into_iter().flatten().cloned())
        },
        allowed_flex_volumes: of_volumes("flexVolume", |policy| &policy.allowed_flex_volumes),
        allowed_csi_drivers: of_volumes("csi", |policy| &policy.allowed_csi_drivers),
        allowed_capabilities: if allows_all_capabilities {
            vec![ANY.to_owned()]
        } else {
            let lists = policies.iter().flat_map(|policy| [&policy.allowed_capabilities, &policy.default_add_capabilities]);
            distinct(lists.flatten().cloned())
        },
        default_add_capabilities: common(policies, |policy| &policy.default_add_capabilities),
        required_drop_capabilities: common(policies, |policy| &policy.required_drop_capabilities),
        se_linux: equal(policies, |policy| policy.se_linux.clone()),
        run_as_user: equal(policies, |policy| policy.run_as_user.clone()),
        run_as_group: groups(policies, |policy| &policy.run_as_group),
        supplemental_groups: groups(policies, |policy| &policy.supplemental_groups),
        fs_group: groups(policies, |policy| &policy.fs_group),
        read_only_root_filesystem: all(|policy| policy.read_only_root_filesystem),
        allow_privilege_escalation: any(|policy| policy.allow_privilege_escalation),
        default_allow_privilege_escalation: equal(policies, |policy| policy.default_allow_privilege_escalation),
        allowed_unsafe_sysctls: distinct(policies.iter().flat_map(|policy| policy.allowed_unsafe_sysctls.iter().cloned())),
        forbidden_sysctls: common(policies, |policy| &policy.forbidden_sysctls),
        allowed_proc_mount_types: distinct(policies.iter().flat_map(|policy| policy.proc_mount_types())),
        runtime_class: runtime_class(policies),
        seccomp: Profiles {
            // Without the list, only an unset profile is allowed.
            allowed: any(|policy| policy.seccomp.allowed.is_some()).then(|| {
                let unset = || vec![String::new()];
                distinct(policies.iter().flat_map(|policy| policy.seccomp.allowed.clone().unwrap_or_else(unset)))
            }),
            default: equal(policies, |policy| policy.seccomp.default.clone()),
        },
        app_armor: Profiles {
            // Without the list, all profiles are allowed.
            allowed: all(|policy| policy.app_armor.allowed.is_some())
                .then(|| distinct(policies.iter().flat_map(|policy| policy.app_armor.allowed.iter().flatten().cloned()))),
            default: equal(policies, |policy| policy.app_armor.default.clone()),
        },
        unusable: None,
    }
}

/// Returns values without repetition, in their order.
fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

/// Returns the values that are in the lists of all policies.
fn common(policies: &[&Policy], list: fn(&Policy) -> &[String]) -> Vec<String> {
    let Some((first, others)) = policies.split_first() else { return Vec::new() };
    let is_common = |value: &&String| others.iter().all(|policy| list(policy).contains(value));
    list(first).iter().filter(is_common).cloned().collect()
}

/// Returns the value of a field if it is equal in all policies, and otherwise the one that restricts nothing.
fn equal<T: PartialEq + Default>(policies: &[&Policy], value: fn(&Policy) -> T) -> T {
    let mut values = policies.iter().map(|policy| value(policy));
    let first = values.next().unwrap_or_default();
    if values.all(|value| value == first) { first } else { T::default() }
}

fn groups(policies: &[&Policy], field: fn(&Policy) -> &Groups) -> Groups {
    let rules: Vec<&Groups> = policies.iter().map(|policy| field(policy)).collect();
    match rules.split_first() {
        Some((first, others)) if others.iter().all(|rule| rule == first) => (*first).clone(),
        _ if rules.contains(&&Groups::RunAsAny) => Groups::RunAsAny,
        _ => Groups::MayRunAs(distinct(rules.into_iter().flat_map(|rule| rule.ranges().iter().copied()))),
    }
}

fn runtime_class(policies: &[&Policy]) -> Option<RuntimeClass> {
    let classes: Option<Vec<&RuntimeClass>> = policies.iter().map(|policy| policy.runtime_class.as_ref()).collect();
    let allowed = distinct(classes?.into_iter().flat_map(|class| class.allowed.iter().cloned()));
    Some(RuntimeClass { allowed, default: equal(policies, |policy| policy.runtime_class.clone().and_then(|class| class.default)) })
}
