//! The defaults that a policy sets in a pod.

use super::json::{get, number, optional_flag, set, strings};
use super::pod::{APP_ARMOR_CONTAINER, CONTAINER_LISTS, SECCOMP_POD, annotation};
use super::policy::{GroupRule, Policy, SeLinuxRule, UserRule};
use super::validate::seccomp_annotation_of_field;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The pod with the defaults of the policy. Only fields that are absent or null are set, except for the lists of capabilities.
pub fn mutated(policy: &Policy<'_>, pod: &Value) -> Value {
    let mut pod = pod.clone();

    // An empty list of groups is not absent, although it has the same meaning for the container runtime.
    if get(&pod, &["spec", "securityContext", "supplementalGroups"]).is_none()
        && let GroupRule::MustRunAs(ranges) = &policy.supplemental_groups
    {
        set(&mut pod, &["spec", "securityContext", "supplementalGroups"], json!([ranges[0].min]));
    }
    if get(&pod, &["spec", "securityContext", "fsGroup"]).is_none()
        && let GroupRule::MustRunAs(ranges) = &policy.fs_group
    {
        set(&mut pod, &["spec", "securityContext", "fsGroup"], ranges[0].min);
    }
    if get(&pod, &["spec", "securityContext", "seLinuxOptions"]).is_none()
        && let SeLinuxRule::MustRunAs(options) = policy.se_linux
    {
        set(&mut pod, &["spec", "securityContext", "seLinuxOptions"], options.clone());
    }
    if let Some(profile) = seccomp_profile(policy, &pod) {
        set(&mut pod, &["metadata", "annotations", SECCOMP_POD], profile);
    }
    if get(&pod, &["spec", "runtimeClassName"]).is_none()
        && let Some(default) = get(policy.spec, &["runtimeClass", "defaultRuntimeClassName"])
    {
        set(&mut pod, &["spec", "runtimeClassName"], default.clone());
    }

    let pod_context = get(&pod, &["spec", "securityContext"]).cloned().unwrap_or_default();
    for list in CONTAINER_LISTS {
        let mut containers = get(&pod, &["spec", list]).and_then(Value::as_array).cloned().unwrap_or_default();
        for container in &mut containers {
            mutate_container(policy, &pod_context, container);
            default_app_armor_profile(policy, container, &mut pod);
        }
        if !containers.is_empty() {
            set(&mut pod, &["spec", list], containers);
        }
    }
    pod
}

/// The annotation that the pod gets: the one that it has, the equivalent of its field, or the default. A pod with the field and
/// without the annotation is therefore changed by each policy: the API server adds the annotation after this admission plugin.
fn seccomp_profile(policy: &Policy<'_>, pod: &Value) -> Option<String> {
    let existing = annotation(pod, SECCOMP_POD).unwrap_or_default();
    let profile = if !existing.is_empty() {
        existing.to_owned()
    } else if let Some(field) = get(pod, &["spec", "securityContext", "seccompProfile"]) {
        seccomp_annotation_of_field(field)
    } else {
        policy.seccomp.default.to_owned()
    };
    (!profile.is_empty()).then_some(profile)
}

fn default_app_armor_profile(policy: &Policy<'_>, container: &Value, pod: &mut Value) {
    let key = format!("{APP_ARMOR_CONTAINER}{}", super::json::text(container, &["name"]));
    if annotation(pod, &key).unwrap_or_default().is_empty() && !policy.app_armor.default.is_empty() {
        set(pod, &["metadata", "annotations", &key], policy.app_armor.default);
    }
}

/// Sets fields of the container, where neither it nor, for fields that both have, its pod has them.
fn mutate_container(policy: &Policy<'_>, pod_context: &Value, container: &mut Value) {
    let effective = |container: &Value, field| number(container, &["securityContext", field]).or_else(|| number(pod_context, &[field]));
    if effective(container, "runAsUser").is_none()
        && let UserRule::MustRunAs(ranges) = &policy.run_as_user
    {
        set(container, &["securityContext", "runAsUser"], ranges[0].min);
    }
    if effective(container, "runAsGroup").is_none()
        && let GroupRule::MustRunAs(ranges) = &policy.run_as_group
    {
        set(container, &["securityContext", "runAsGroup"], ranges[0].min);
    }
    let non_root = optional_flag(container, &["securityContext", "runAsNonRoot"]).or_else(|| optional_flag(pod_context, &["runAsNonRoot"]));
    if matches!(policy.run_as_user, UserRule::MustRunAsNonRoot) && non_root.is_none() && effective(container, "runAsUser").is_none() {
        set(container, &["securityContext", "runAsNonRoot"], true);
    }
    if let Some(capabilities) = changed_capabilities(policy, container) {
        set(container, &["securityContext", "capabilities"], capabilities);
    }
    if policy.spec["readOnlyRootFilesystem"] == true && get(container, &["securityContext", "readOnlyRootFilesystem"]).is_none() {
        set(container, &["securityContext", "readOnlyRootFilesystem"], true);
    }
    let path = ["securityContext", "allowPrivilegeEscalation"];
    if let Some(default) = get(policy.spec, &["defaultAllowPrivilegeEscalation"])
        && get(container, &path).is_none()
    {
        set(container, &path, default.clone());
    }
    if !policy.allows_privilege_escalation() && get(container, &path).is_none() {
        set(container, &path, false);
    }
}

/// The capabilities with the defaults that the container does not drop by name, and with the required drops. If both are there
/// already, the capabilities stay as they are; otherwise both lists are sorted and without duplicates.
fn changed_capabilities(policy: &Policy<'_>, container: &Value) -> Option<Value> {
    let names = |value, path: &[&str]| -> BTreeSet<String> { strings(value, path).into_iter().map(str::to_owned).collect() };
    let add = names(container, &["securityContext", "capabilities", "add"]);
    let drop = names(container, &["securityContext", "capabilities", "drop"]);
    let default_add = &names(policy.spec, &["defaultAddCapabilities"]) - &drop;
    let new_add = &add | &default_add;
    let new_drop = &drop | &names(policy.spec, &["requiredDropCapabilities"]);
    if new_add == add && new_drop == drop {
        return None;
    }
    let mut capabilities = json!({});
    for (field, names) in [("add", new_add), ("drop", new_drop)] {
        if !names.is_empty() {
            set(&mut capabilities, &[field], names.into_iter().collect::<Vec<_>>());
        }
    }
    Some(capabilities)
}
