//! What a policy forbids in a pod. Each function has the fields of one strategy, in the order of upstream.

use super::json::{flag, get, list, number, optional_flag, strings, text};
use super::pod::{APP_ARMOR_CONTAINER, SECCOMP_CONTAINER, SECCOMP_POD, annotation, containers, volume_type};
use super::policy::{GroupRule, Policy, Profiles, Range, SAFE_SYSCTLS, SeLinuxRule, UserRule};
use serde_json::Value;

/// The errors of the pod, each as `path: reason`.
pub fn errors(policy: &Policy<'_>, pod: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    let context = ["spec", "securityContext"];

    let fs_group: Vec<i64> = number(pod, &["spec", "securityContext", "fsGroup"]).into_iter().collect();
    groups(&policy.fs_group, &fs_group, "spec.securityContext.fsGroup", &mut errors);
    let supplemental: Vec<i64> = list(pod, &["spec", "securityContext", "supplementalGroups"]).iter().filter_map(Value::as_i64).collect();
    groups(&policy.supplemental_groups, &supplemental, "spec.securityContext.supplementalGroups", &mut errors);
    seccomp(&policy.seccomp, &pod_seccomp_profile(pod), SECCOMP_POD, &mut errors);
    let options = get(pod, &[context[0], context[1], "seLinuxOptions"]);
    se_linux(&policy.se_linux, options, "spec.securityContext.seLinuxOptions", &mut errors);

    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if flag(pod, &["spec", field]) && !flag(policy.spec, &[field]) {
            errors.push(format!("spec.securityContext.{field}: not allowed"));
        }
    }
    sysctls(policy, pod, &mut errors);
    volumes(policy, pod, &mut errors);
    runtime_class(policy, pod, &mut errors);
    for (path, container) in containers(pod) {
        container_errors(policy, pod, container, &path, &mut errors);
    }
    errors
}

fn container_errors(policy: &Policy<'_>, pod: &Value, container: &Value, path: &str, errors: &mut Vec<String>) {
    let context_path = format!("{path}.securityContext");
    let own = |field| get(container, &["securityContext", field]);
    // The fields that a container inherits from its pod. The value of the pod is not judged if each container has its own.
    let effective = |field| own(field).or_else(|| get(pod, &["spec", "securityContext", field]));

    let user = effective("runAsUser").and_then(Value::as_i64);
    let non_root = effective("runAsNonRoot").and_then(Value::as_bool);
    run_as_user(&policy.run_as_user, non_root, user, &context_path, errors);
    let group: Vec<i64> = effective("runAsGroup").and_then(Value::as_i64).into_iter().collect();
    groups(&policy.run_as_group, &group, &context_path, errors);
    se_linux(&policy.se_linux, effective("seLinuxOptions"), &format!("{context_path}.seLinuxOptions"), errors);
    let name = text(container, &["name"]);
    app_armor(&policy.app_armor, pod, name, errors);
    seccomp(&policy.seccomp, &container_seccomp_profile(pod, container), &format!("{SECCOMP_CONTAINER}{name}"), errors);

    if flag(container, &["securityContext", "privileged"]) && !flag(policy.spec, &["privileged"]) {
        errors.push(format!("{context_path}.privileged: not allowed"));
    }
    proc_mount(policy, own("procMount"), &context_path, errors);
    capabilities(policy, own("capabilities"), &format!("{context_path}.capabilities"), errors);
    host_ports(policy, container, path, errors);

    if flag(policy.spec, &["readOnlyRootFilesystem"]) && !flag(container, &["securityContext", "readOnlyRootFilesystem"]) {
        errors.push(format!("{context_path}.readOnlyRootFilesystem: must be true"));
    }
    let escalation = optional_flag(container, &["securityContext", "allowPrivilegeEscalation"]);
    if escalation != Some(false) && !policy.allows_privilege_escalation() {
        errors.push(format!("{context_path}.allowPrivilegeEscalation: must be false"));
    }
}

fn in_ranges(id: i64, ranges: &[Range]) -> bool {
    ranges.iter().any(|range| range.min <= id && id <= range.max)
}

fn run_as_user(rule: &UserRule, non_root: Option<bool>, user: Option<i64>, context_path: &str, errors: &mut Vec<String>) {
    match rule {
        UserRule::RunAsAny => {}
        UserRule::MustRunAs(ranges) => match user {
            None => errors.push(format!("{context_path}.runAsUser: required")),
            Some(user) if !in_ranges(user, ranges) => errors.push(format!("{context_path}.runAsUser: {user} is in no range")),
            Some(_) => {}
        },
        UserRule::MustRunAsNonRoot => {
            if non_root == Some(false) || (non_root.is_none() && user.is_none()) {
                errors.push(format!("{context_path}.runAsNonRoot: must be true"));
            } else if user == Some(0) {
                errors.push(format!("{context_path}.runAsUser: must not be 0"));
            }
        }
    }
}

fn groups(rule: &GroupRule, groups: &[i64], path: &str, errors: &mut Vec<String>) {
    let ranges = match rule {
        GroupRule::RunAsAny => return,
        GroupRule::MayRunAs(ranges) | GroupRule::MustRunAs(ranges) => ranges,
    };
    if matches!(rule, GroupRule::MustRunAs(_)) && groups.is_empty() {
        errors.push(format!("{path}: required"));
    }
    errors.extend(groups.iter().filter(|group| !in_ranges(**group, ranges)).map(|group| format!("{path}: {group} is in no range")));
}

fn se_linux(rule: &SeLinuxRule<'_>, options: Option<&Value>, path: &str, errors: &mut Vec<String>) {
    let SeLinuxRule::MustRunAs(required) = rule else { return };
    let Some(options) = options else {
        errors.push(format!("{path}: required"));
        return;
    };
    if !equal_levels(text(required, &["level"]), text(options, &["level"])) {
        errors.push(format!("{path}.level: must be the one of the policy"));
    }
    for field in ["role", "type", "user"] {
        if text(required, &[field]) != text(options, &[field]) {
            errors.push(format!("{path}.{field}: must be the one of the policy"));
        }
    }
}

/// Whether two levels are equal, or have the same sensitivity and the same categories in any order, such as `s0:c6,c0`.
fn equal_levels(left: &str, right: &str) -> bool {
    let sorted = |categories: &str| {
        let mut categories: Vec<String> = categories.split(',').map(str::to_owned).collect();
        categories.sort();
        categories
    };
    left == right
        || match (left.split_once(':'), right.split_once(':')) {
            (Some((left, left_categories)), Some((right, right_categories))) => {
                left == right && sorted(left_categories) == sorted(right_categories)
            }
            _ => false,
        }
}

/// AppArmor allows all profiles without the annotation of the policy; with it, also with an empty element, each container needs one.
fn app_armor(profiles: &Profiles<'_>, pod: &Value, container: &str, errors: &mut Vec<String>) {
    let Some(allowed) = &profiles.allowed else { return };
    let key = format!("{APP_ARMOR_CONTAINER}{container}");
    let profile = annotation(pod, &key).unwrap_or_default();
    if profile.is_empty() {
        errors.push(format!("pod.metadata.annotations[{key}]: required"));
    } else if !allowed.contains(profile) {
        errors.push(format!("pod.metadata.annotations[{key}]: {profile} is not allowed"));
    }
}

/// seccomp allows an unset profile only, which is the empty text here, if the policy allows no profile by name.
fn seccomp(profiles: &Profiles<'_>, profile: &str, key: &str, errors: &mut Vec<String>) {
    const RUNTIME_DEFAULT: [&str; 2] = ["runtime/default", "docker/default"];
    let allowed = profiles.allowed.iter().flatten().copied();
    let allows_profile = if allowed.clone().any(|name| name == "*") {
        true
    } else if allowed.clone().next().is_none() {
        profile.is_empty()
    } else if RUNTIME_DEFAULT.contains(&profile) {
        allowed.clone().any(|name| RUNTIME_DEFAULT.contains(&name))
    } else {
        allowed.clone().any(|name| name == profile)
    };
    if !allows_profile {
        errors.push(format!("pod.metadata.annotations[{key}]: {profile:?} is not allowed"));
    }
}

/// The value of the annotation with the meaning of a field `seccompProfile`; empty for one without a meaning.
pub fn seccomp_annotation_of_field(field: &Value) -> String {
    match (text(field, &["type"]), get(field, &["localhostProfile"]).and_then(Value::as_str)) {
        ("Unconfined", _) => "unconfined".to_owned(),
        ("RuntimeDefault", _) => "runtime/default".to_owned(),
        ("Localhost", Some(profile)) => format!("localhost/{profile}"),
        _ => String::new(),
    }
}

/// The annotation of the pod, or its field.
fn pod_seccomp_profile(pod: &Value) -> String {
    match (annotation(pod, SECCOMP_POD).unwrap_or_default(), get(pod, &["spec", "securityContext", "seccompProfile"])) {
        ("", Some(field)) => seccomp_annotation_of_field(field),
        (annotation, _) => annotation.to_owned(),
    }
}

/// The field of the container, the annotation of the container, even if it is empty, the field of the pod, or the annotation of the pod.
fn container_seccomp_profile(pod: &Value, container: &Value) -> String {
    if let Some(field) = get(container, &["securityContext", "seccompProfile"]) {
        return seccomp_annotation_of_field(field);
    }
    if let Some(profile) = annotation(pod, &format!("{SECCOMP_CONTAINER}{}", text(container, &["name"]))) {
        return profile.to_owned();
    }
    if let Some(field) = get(pod, &["spec", "securityContext", "seccompProfile"]) {
        return seccomp_annotation_of_field(field);
    }
    annotation(pod, SECCOMP_POD).unwrap_or_default().to_owned()
}

fn sysctls(policy: &Policy<'_>, pod: &Value, errors: &mut Vec<String>) {
    let matches = |list: &str, sysctl: &str| {
        strings(policy.spec, &[list]).into_iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => sysctl.starts_with(prefix),
            None => sysctl == pattern,
        })
    };
    for (index, sysctl) in list(pod, &["spec", "securityContext", "sysctls"]).iter().enumerate() {
        let name = text(sysctl, &["name"]);
        let allowed = SAFE_SYSCTLS.contains(&name) || matches("allowedUnsafeSysctls", name);
        if matches("forbiddenSysctls", name) || !allowed {
            errors.push(format!("pod.spec.securityContext.sysctls[{index}]: {name} is not allowed"));
        }
    }
}

fn volumes(policy: &Policy<'_>, pod: &Value, errors: &mut Vec<String>) {
    let allowed = strings(policy.spec, &["volumes"]);
    for (index, volume) in list(pod, &["spec", "volumes"]).iter().enumerate() {
        let path = format!("spec.volumes[{index}]");
        let Some(volume_type) = volume_type(volume) else {
            errors.push(format!("{path}: unknown type"));
            continue;
        };
        let allows_type = allowed.contains(&"*")
            || allowed.contains(&volume_type)
            || (volume_type == "projected" && allowed.contains(&"secret") && has_only_service_account_sources(volume));
        if !allows_type {
            errors.push(format!("{path}: {volume_type} is not allowed"));
            continue;
        }
        match volume_type {
            "hostPath" => host_path(policy, pod, volume, &path, errors),
            "flexVolume" => {
                let driver = text(volume, &["flexVolume", "driver"]);
                let drivers = list(policy.spec, &["allowedFlexVolumes"]);
                if !drivers.is_empty() && !drivers.iter().any(|allowed| text(allowed, &["driver"]) == driver) {
                    errors.push(format!("{path}.driver: {driver} is not allowed"));
                }
            }
            "csi" => {
                let driver = text(volume, &["csi", "driver"]);
                let drivers = list(policy.spec, &["allowedCSIDrivers"]);
                if !drivers.is_empty() && !drivers.iter().any(|allowed| text(allowed, &["name"]) == driver) {
                    errors.push(format!("{path}.csi.driver: {driver} is not allowed"));
                }
            }
            _ => {}
        }
    }
}

/// Whether the sources of a projected volume are those of the volume with the token of the service account, which each pod gets and
/// which was a secret before Kubernetes 1.21.
fn has_only_service_account_sources(volume: &Value) -> bool {
    list(volume, &["projected", "sources"]).iter().all(|source| {
        let (token, config_map) = (get(source, &["serviceAccountToken"]), get(source, &["configMap"]));
        let downward_api = get(source, &["downwardAPI"]);
        let is_namespace = |item: &Value| {
            text(item, &["path"]) == "namespace"
                && text(item, &["fieldRef", "apiVersion"]) == "v1"
                && text(item, &["fieldRef", "fieldPath"]) == "metadata.namespace"
        };
        (token.is_some() || config_map.is_some() || downward_api.is_some())
            && token.is_none_or(|token| text(token, &["path"]) == "token" && text(token, &["audience"]).is_empty())
            && config_map.is_none_or(|config_map| text(config_map, &["name"]) == "kube-root-ca.crt")
            && downward_api.is_none_or(|downward_api| list(downward_api, &["items"]).iter().all(is_namespace))
    })
}

/// A path that matches entries with `readOnly` only requires it of each mount of the volume.
fn host_path(policy: &Policy<'_>, pod: &Value, volume: &Value, path: &str, errors: &mut Vec<String>) {
    let entries = list(policy.spec, &["allowedHostPaths"]);
    if entries.is_empty() {
        return;
    }
    let host_path = text(volume, &["hostPath", "path"]);
    let mut entries = entries.iter().filter(|entry| has_path_prefix(host_path, text(entry, &["pathPrefix"]))).peekable();
    if entries.peek().is_none() {
        errors.push(format!("{path}.hostPath.pathPrefix: {host_path} is not allowed"));
    } else if entries.all(|entry| flag(entry, &["readOnly"])) {
        let name = text(volume, &["name"]);
        for (container_path, container) in containers(pod) {
            for (index, mount) in list(container, &["volumeMounts"]).iter().enumerate() {
                if text(mount, &["name"]) == name && !flag(mount, &["readOnly"]) {
                    errors.push(format!("{container_path}.volumeMounts[{index}].readOnly: must be true"));
                }
            }
        }
    }
}

/// Whether the prefix is the path or consists of its first segments. One slash at the end of each does not count.
fn has_path_prefix(path: &str, prefix: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn runtime_class(policy: &Policy<'_>, pod: &Value, errors: &mut Vec<String>) {
    let (Some(strategy), Some(name)) = (get(policy.spec, &["runtimeClass"]), get(pod, &["spec", "runtimeClassName"])) else { return };
    let name = name.as_str().unwrap_or_default();
    if !strings(strategy, &["allowedRuntimeClassNames"]).into_iter().any(|allowed| allowed == "*" || allowed == name) {
        errors.push(format!("spec.runtimeClassName: {name} is not allowed"));
    }
}

fn proc_mount(policy: &Policy<'_>, proc_mount: Option<&Value>, context_path: &str, errors: &mut Vec<String>) {
    let proc_mount = proc_mount.and_then(Value::as_str).unwrap_or("Default");
    let mut allowed = strings(policy.spec, &["allowedProcMountTypes"]);
    if allowed.is_empty() {
        allowed.push("Default");
    }
    if !allowed.contains(&proc_mount) {
        errors.push(format!("{context_path}.procMount: {proc_mount} is not allowed"));
    }
}

fn capabilities(policy: &Policy<'_>, capabilities: Option<&Value>, path: &str, errors: &mut Vec<String>) {
    let default_add = strings(policy.spec, &["defaultAddCapabilities"]);
    let required_drop = strings(policy.spec, &["requiredDropCapabilities"]);
    let allowed = strings(policy.spec, &["allowedCapabilities"]);
    let Some(capabilities) = capabilities else {
        if !default_add.is_empty() || !required_drop.is_empty() {
            errors.push(format!("{path}: required"));
        }
        return;
    };
    if allowed.contains(&"*") {
        return;
    }
    for capability in strings(capabilities, &["add"]) {
        if !default_add.contains(&capability) && !allowed.contains(&capability) {
            errors.push(format!("{path}.add: {capability} is not allowed"));
        }
    }
    let drop = strings(capabilities, &["drop"]);
    for capability in required_drop {
        if !drop.contains(&capability) {
            errors.push(format!("{path}.drop: {capability} is required"));
        }
    }
}

fn host_ports(policy: &Policy<'_>, container: &Value, path: &str, errors: &mut Vec<String>) {
    for port in list(container, &["ports"]) {
        let host_port = number(port, &["hostPort"]).unwrap_or_default();
        let in_range = |range: &Value| {
            number(range, &["min"]).unwrap_or_default() <= host_port && host_port <= number(range, &["max"]).unwrap_or_default()
        };
        if host_port > 0 && !list(policy.spec, &["hostPorts"]).iter().any(in_range) {
            errors.push(format!("{path}.hostPort: {host_port} is not allowed"));
        }
    }
}
