//! The settings of the policies for volumes.

use pss_review::yaml_scalar;

use super::{Settings, distinct};
use crate::psp::field::Field;
use crate::psp::policy::{ANY, HostPath, Policy};
use crate::psp::volumes as types;

pub(in crate::psp::official) fn volumes(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    if policy.allows_all_volumes() {
        settings.list("allowedTypes", [ANY]);
        return settings;
    }
    let known = policy.volumes.iter().filter(|kind| types::is_known(kind));
    let mut kinds: Vec<&str> = distinct(known.map(|kind| types::field(kind)));
    if kinds.contains(&"secret") && !kinds.contains(&"projected") {
        kinds.push("projected");
        let warning = "projected is added to the types, because with secret the PodSecurityPolicy admitted the projected volumes with the \
                       tokens of service accounts, which most pods have; it rejected other projected volumes, and this policy admits them";
        settings.warn(Field::Volumes, warning);
    }
    settings.list("allowedTypes", kinds);
    settings
}

pub(in crate::psp::official) fn host_paths(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    let paths = effective_host_paths(&policy.allowed_host_paths);
    settings.text += "    allowedHostPaths:\n";
    for HostPath { path_prefix, read_only } in &paths {
        settings.text += &format!("      - {{pathPrefix: {}, readOnly: {read_only}}}\n", yaml_scalar(path_prefix));
    }
    let writable: Vec<&str> = paths.iter().filter(|path| !path.read_only).map(|path| path.path_prefix.as_str()).collect();
    if !writable.is_empty() {
        let warning = format!(
            "this policy rejects volumeMounts with readOnly: true below {}, which the PodSecurityPolicy admitted, because readOnly of a mount \
             must equal that of its entry",
            writable.join(", ")
        );
        settings.warn(Field::AllowedHostPaths, &warning);
    }
    let warning = "this policy admits a hostPath volume that no container mounts, whatever its path is; the PodSecurityPolicy did not";
    settings.warn(Field::AllowedHostPaths, warning);
    settings
}

pub(in crate::psp::official) fn flex_volumes(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    settings.text += "    allowedFlexVolumes:\n";
    for driver in distinct(policy.allowed_flex_volumes.iter().map(String::as_str)) {
        settings.text += &format!("      - {{driver: {}}}\n", yaml_scalar(driver));
    }
    settings
}

/// Returns the entries that decide about a path: without those that others include, and without a `/` at the end.
///
/// One matching entry without readOnly suffices for a PodSecurityPolicy, whereas the official policy uses the most specific one. They
/// agree if no entry below a writable one is left.
pub(in crate::psp) fn effective_host_paths(paths: &[HostPath]) -> Vec<HostPath> {
    let mut effective: Vec<HostPath> = Vec::new();
    for path in paths {
        let trimmed = path.path_prefix.strip_suffix('/').unwrap_or(&path.path_prefix);
        let path = HostPath { path_prefix: trimmed.to_owned(), read_only: path.read_only };
        if !effective.iter().any(|other| includes(other, &path)) {
            effective.retain(|other| !includes(&path, other));
            effective.push(path);
        }
    }
    for path in effective.iter_mut().filter(|path| path.path_prefix.is_empty()) {
        path.path_prefix.push('/');
    }
    effective
}

/// Returns whether an entry admits every mount that another admits.
fn includes(entry: &HostPath, other: &HostPath) -> bool {
    let rest = other.path_prefix.strip_prefix(&entry.path_prefix);
    (!entry.read_only || other.read_only) && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
