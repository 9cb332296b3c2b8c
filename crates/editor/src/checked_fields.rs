//! The fields that checks read, by their paths, from the documentation of the checks.

use std::sync::LazyLock;

use pss_core::admission::WORKLOADS;
use pss_core::standards::documentation::{Allowed, Documentation, Field, Restriction};
use pss_core::standards::{CATALOGUE, Check, LevelVersion, Version, revision_at};

/// The step of a path that stands for every element of a list.
pub(super) const ELEMENT: &str = "*";

/// A field that a check reads.
#[derive(Debug)]
pub struct CheckedField {
    /// The check.
    pub check: &'static Check,
    /// The documentation of the check.
    pub documentation: &'static Documentation,
    /// The restriction of the field, with its allowed values.
    pub restriction: &'static Restriction,
    /// The path below a pod: `spec`, `containers`, `*`, `securityContext`, `privileged`.
    pub steps: Vec<String>,
}

/// All fields, in the order of the checks.
pub fn checked_fields() -> &'static [CheckedField] {
    static FIELDS: LazyLock<Vec<CheckedField>> = LazyLock::new(|| {
        let mut fields = Vec::new();
        for (check, documentation) in CATALOGUE {
            for restriction in documentation.restrictions {
                for steps in restriction.fields.iter().flat_map(Field::paths).map(|path| steps(&path, restriction)) {
                    fields.push(CheckedField { check, documentation, restriction, steps });
                }
            }
        }
        fields
    });
    &FIELDS
}

/// Splits the path of a field.
fn steps(path: &str, restriction: &Restriction) -> Vec<String> {
    const ANNOTATIONS: &str = "metadata.annotations";
    if let Some(key) = path.strip_prefix(ANNOTATIONS) {
        let steps = ANNOTATIONS.split('.').map(str::to_owned);
        return steps.chain([key.trim_matches(['[', ']']).to_owned()]).collect();
    }
    let steps = path.split('.').flat_map(|step| match step.strip_suffix("[*]") {
        Some(list) => vec![list.to_owned(), ELEMENT.to_owned()],
        None => vec![step.to_owned()],
    });
    let is_list = restriction.allowed.iter().any(|allowed| list_element(allowed).is_some());
    steps.chain(is_list.then(|| ELEMENT.to_owned())).collect()
}

/// Returns the element of a required list: `ALL` for a list with ALL.
fn list_element(allowed: &Allowed) -> Option<&'static str> {
    match allowed {
        Allowed::Description(description) => description.strip_prefix("a list with "),
        Allowed::Values(_) | Allowed::ValuesSince(_) => None,
    }
}

impl CheckedField {
    /// Returns whether the check reads the field at a level and version.
    pub fn is_checked_at(&self, policy: LevelVersion) -> bool {
        revision_at(self.check, policy).is_some() && self.exists_at(policy.version)
    }

    /// Returns whether the check reads the field at a version.
    pub fn exists_at(&self, version: Version) -> bool {
        let minor = version.known_minor();
        self.restriction.since <= minor && self.restriction.until.is_none_or(|last| minor <= last)
    }

    /// Returns the values that can be written, which are allowed at a version. Values that are patterns, and the absence of a
    /// value, are left out.
    pub fn values(&self, version: Version) -> Vec<&'static str> {
        let described = self.restriction.allowed.iter().filter_map(|allowed| match allowed {
            Allowed::Description(value @ ("true" | "false")) => Some(*value),
            other => list_element(other),
        });
        let minor = version.known_minor();
        let values = self.restriction.values().into_iter().filter(|(value, since)| *since <= minor && !value.is_empty());
        described.chain(values.map(|(value, _)| value).filter(|value| !value.contains('*'))).collect()
    }

    /// Returns the values that are allowed at a version, and the descriptions of others.
    pub fn allowed(&self, version: Version) -> Vec<String> {
        let minor = version.known_minor();
        let values = self.restriction.values().into_iter().filter(|(_, since)| *since <= minor);
        let described = self.restriction.allowed.iter().filter_map(|allowed| match allowed {
            Allowed::Description(description) => Some((*description).to_owned()),
            Allowed::Values(_) | Allowed::ValuesSince(_) => None,
        });
        values.map(|(value, _)| if value.is_empty() { "empty".to_owned() } else { format!("`{value}`") }).chain(described).collect()
    }

    /// Returns whether the value is the type of a volume, which is the name of a field.
    pub fn is_volume_type(&self) -> bool {
        self.steps.iter().map(String::as_str).eq(["spec", "volumes", ELEMENT])
    }

    /// Returns whether a path below a pod is that of the field. The list itself is the field for its elements, and every source
    /// of a volume for its type.
    pub fn is_at(&self, path: &[&str]) -> bool {
        let mut steps = self.steps.as_slice();
        if self.is_volume_type()
            && let [volume @ .., source] = path
        {
            return *source != "name" && steps.iter().eq(volume);
        }
        if let [list @ .., last] = steps
            && last == ELEMENT
            && path.len() == list.len()
        {
            steps = list;
        }
        steps.len() == path.len() && steps.iter().zip(path).all(|(pattern, step)| matches_step(pattern, step))
    }
}

/// Returns whether a step of a path matches a pattern. The pattern of an annotation can end with `*`.
pub(super) fn matches_step(pattern: &str, step: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("") => step == ELEMENT,
        Some(prefix) => step.starts_with(prefix),
        None => pattern == step,
    }
}

/// Returns the path of the pod template in an object of a kind; empty for a Pod, `None` for kinds without pods. An unknown
/// `apiVersion` is empty.
pub(super) fn template_path(api_version: &str, kind: &str) -> Option<Vec<&'static str>> {
    let is_group = |group: &str| api_version.is_empty() || api_version.rsplit_once('/').map_or("", |(group, _)| group) == group;
    if kind == "Pod" && is_group("") {
        return Some(Vec::new());
    }
    let workload = WORKLOADS.iter().find(|workload| workload.kind == kind && is_group(workload.group))?;
    Some(workload.template.path().split('.').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(check: &str, path: &str) -> &'static CheckedField {
        let path: Vec<&str> = path.split('.').collect();
        checked_fields().iter().find(|field| field.check.id == check && field.is_at(&path)).unwrap()
    }

    #[test]
    fn finds_fields_by_their_paths() {
        let minor = Version::Minor;
        for (check, path, version, values) in [
            ("runAsNonRoot", "spec.securityContext.runAsNonRoot", Version::Latest, &["true"][..]),
            ("seccompProfile_restricted", "spec.securityContext.seccompProfile.type", Version::Latest, &["RuntimeDefault", "Localhost"]),
            ("capabilities_restricted", "spec.containers.*.securityContext.capabilities.drop", Version::Latest, &["ALL"]),
            ("capabilities_restricted", "spec.containers.*.securityContext.capabilities.drop.*", Version::Latest, &["ALL"]),
            ("hostNamespaces", "spec.hostNetwork", Version::Latest, &["false"]),
            ("hostPorts", "spec.initContainers.*.ports.*.hostPort", Version::Latest, &[]),
            (
                "sysctls",
                "spec.securityContext.sysctls.*.name",
                minor(26),
                &[
                    "kernel.shm_rmid_forced",
                    "net.ipv4.ip_local_port_range",
                    "net.ipv4.tcp_syncookies",
                    "net.ipv4.ping_group_range",
                    "net.ipv4.ip_unprivileged_port_start",
                ],
            ),
        ] {
            assert_eq!(field(check, path).values(version), values, "{check} {path}");
        }
        let annotation = ["metadata", "annotations", "container.apparmor.security.beta.kubernetes.io/web"];
        assert!(checked_fields().iter().any(|field| field.check.id == "appArmorProfile" && field.is_at(&annotation)));
        assert!(!checked_fields().iter().any(|field| field.is_at(&["spec", "volumes"])));
        assert!(checked_fields().iter().any(|field| field.is_volume_type() && field.is_at(&["spec", "volumes", "*", "nfs"])));
        assert!(!checked_fields().iter().any(|field| field.is_at(&["spec", "volumes", "*", "name"])));
        assert!(!checked_fields().iter().any(|field| field.is_at(&["spec", "containers", "*", "image"])));
    }

    #[test]
    fn a_field_exists_at_some_versions_only() {
        let annotation = "metadata.annotations.seccomp_security_alpha_kubernetes_io/pod".replace('_', "\u{1}");
        let path: Vec<String> = annotation.split('.').map(|step| step.replace('\u{1}', ".")).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let field = checked_fields().iter().find(|field| field.is_at(&path)).unwrap();
        assert!(field.exists_at(Version::Minor(18)) && !field.exists_at(Version::Minor(19)));
    }

    #[test]
    fn kinds_have_paths_to_their_pods() {
        for (api_version, kind, path) in [
            ("v1", "Pod", Some("")),
            ("", "Deployment", Some("spec.template")),
            ("apps/v1", "Deployment", Some("spec.template")),
            ("batch/v1", "CronJob", Some("spec.jobTemplate.spec.template")),
            ("v1", "PodTemplate", Some("template")),
            ("apps/v1", "Pod", None),
            ("example.com/v1", "Deployment", None),
            ("v1", "Service", None),
        ] {
            assert_eq!(template_path(api_version, kind).map(|path| path.join(".")).as_deref(), path, "{api_version} {kind}");
        }
    }
}
