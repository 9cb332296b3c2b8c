//! The catalogue of checks: their documentation as plain data, and the versions of the standards.

use pss_core::standards::documentation::{Allowed, Change, ChangeKind, Documentation, Field, Restriction};
use pss_core::standards::{CATALOGUE, Check, Level, NEWEST_MINOR, Version};

/// A check with its documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInfo {
    /// The id: `hostPorts`.
    pub id: &'static str,
    /// A title of a few words.
    pub title: &'static str,
    /// The lowest level that runs it.
    pub level: Level,
    /// The reason in Kubernetes' messages: `hostPort`.
    pub reason: &'static str,
    /// Its names in Kubernetes' documentation, and fields by which it is called: `Volume Types`.
    pub other_names: &'static [&'static str],
    /// What a pod that violates it could do.
    pub why: &'static str,
    /// How to fix a finding.
    pub advice: &'static str,
    /// A description of the value of a finding: `the port`.
    pub value: &'static str,
    /// The fields that it reads, and their allowed values.
    pub restrictions: Vec<RestrictionInfo>,
    /// The ids of the baseline checks that it replaces.
    pub overrides: Vec<&'static str>,
    /// The changes of the check, the oldest first.
    pub history: Vec<ChangeInfo>,
    /// The file name of the upstream source, in the directory `policy` of k8s.io/pod-security-admission.
    pub source: &'static str,
}

/// Fields that a check reads, and their allowed values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionInfo {
    /// The paths of the fields: `spec.containers[*].ports[*].hostPort`.
    pub fields: Vec<String>,
    /// The allowed values.
    pub allowed: Vec<AllowedInfo>,
}

/// An allowed value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedInfo {
    /// The value, or a description of it: `false`, `not set`.
    pub value: &'static str,
    /// The version that allowed it.
    pub since: Version,
}

/// A change of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeInfo {
    /// The version of Kubernetes.
    pub version: Version,
    /// The change, in a sentence.
    pub change: String,
    /// Whether this release changed the check at every version of the standards.
    pub everywhere: bool,
}

/// Returns all checks in the order in which they run.
pub fn checks() -> Vec<CheckInfo> {
    CATALOGUE.iter().map(|(check, documentation)| info(check, documentation)).collect()
}

/// Returns all versions of the standards: `latest`, then from the newest to the oldest.
pub fn versions() -> Vec<Version> {
    std::iter::once(Version::Latest).chain((0..=NEWEST_MINOR).rev().map(Version::Minor)).collect()
}

fn change(documentation: &Documentation, change: &Change) -> ChangeInfo {
    let sentence = match change.kind {
        ChangeKind::Requirements(sentence) => sentence.to_owned(),
        ChangeKind::NewValues => format!("Allows {}.", values_since(documentation, change.version).join(", ")),
        ChangeKind::AllVersions(clause) => format!("In this and later releases of Kubernetes, at every version: {clause}"),
    };
    ChangeInfo { version: Version::Minor(change.version), change: sentence, everywhere: matches!(change.kind, ChangeKind::AllVersions(_)) }
}

/// Returns the values that a version allowed.
fn values_since(documentation: &Documentation, minor: u64) -> Vec<&'static str> {
    let values = documentation.restrictions.iter().flat_map(Restriction::values);
    values.filter(|(_, since)| *since == minor).map(|(value, _)| value).collect()
}

fn info(check: &Check, documentation: &Documentation) -> CheckInfo {
    CheckInfo {
        id: check.id,
        title: documentation.title,
        level: check.level,
        reason: check.reason,
        other_names: check.other_names,
        why: documentation.why,
        advice: documentation.advice,
        value: documentation.value,
        restrictions: documentation.restrictions.iter().map(restriction).collect(),
        overrides: overrides(check),
        history: documentation.history.iter().map(|one| change(documentation, one)).collect(),
        source: documentation.source,
    }
}

fn overrides(check: &Check) -> Vec<&'static str> {
    let mut overrides: Vec<&str> = check.revisions.iter().flat_map(|revision| revision.overrides).copied().collect();
    overrides.dedup();
    overrides
}

fn restriction(restriction: &Restriction) -> RestrictionInfo {
    let until = restriction.until.map_or_else(String::new, |last| format!(" (until {})", Version::Minor(last)));
    let fields = restriction.fields.iter().flat_map(Field::paths).map(|field| field + &until).collect();
    let described = restriction.allowed.iter().filter_map(|allowed| match allowed {
        Allowed::Description(description) => Some((*description, restriction.since)),
        _ => None,
    });
    let values = restriction.values().into_iter().map(|(value, since)| (if value.is_empty() { "empty" } else { value }, since));
    let allowed = described.chain(values).map(|(value, since)| AllowedInfo { value, since: Version::Minor(since) }).collect();
    RestrictionInfo { fields, allowed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str) -> CheckInfo {
        checks().into_iter().find(|check| check.id == id).unwrap()
    }

    fn allowed(restriction: &RestrictionInfo) -> Vec<(&str, Version)> {
        restriction.allowed.iter().map(|allowed| (allowed.value, allowed.since)).collect()
    }

    fn history(check: &CheckInfo) -> Vec<(Version, &str)> {
        check.history.iter().map(|change| (change.version, change.change.as_str())).collect()
    }

    #[test]
    fn sorts_versions_from_the_newest() {
        let versions = versions();
        assert_eq!(versions[..3], [Version::Latest, Version::Minor(37), Version::Minor(36)]);
        assert_eq!(versions.last(), Some(&Version::Minor(0)));
        assert_eq!(versions.len(), 39);
    }

    #[test]
    fn lists_fields_of_containers_for_all_three_lists() {
        let info = check("runAsUser");
        assert_eq!(
            info.restrictions[0].fields,
            [
                "spec.securityContext.runAsUser",
                "spec.containers[*].securityContext.runAsUser",
                "spec.initContainers[*].securityContext.runAsUser",
                "spec.ephemeralContainers[*].securityContext.runAsUser",
            ]
        );
        assert_eq!(check("hostProbesAndHostLifecycle").restrictions[0].fields.len(), 30);
    }

    #[test]
    fn lists_values_and_changes_with_their_versions() {
        let info = check("seLinuxOptions");
        assert_eq!(
            allowed(&info.restrictions[0]),
            [
                ("not set", Version::Minor(0)),
                ("empty", Version::Minor(0)),
                ("container_t", Version::Minor(0)),
                ("container_init_t", Version::Minor(0)),
                ("container_kvm_t", Version::Minor(0)),
                ("container_engine_t", Version::Minor(31)),
            ]
        );
        assert_eq!(history(&info), [(Version::Minor(0), "Introduced."), (Version::Minor(31), "Allows container_engine_t.")]);
        assert_eq!(
            history(&check("restrictedVolumes")),
            [
                (Version::Minor(0), "Introduced, in place of hostPathVolumes."),
                (Version::Minor(33), "In this and later releases of Kubernetes, at every version: volumes of type image are allowed."),
            ]
        );
        assert_eq!(history(&check("sysctls"))[3], (Version::Minor(32), "Allows net.ipv4.tcp_rmem, net.ipv4.tcp_wmem."));
    }

    #[test]
    fn marks_fields_that_are_no_longer_read() {
        let info = check("seccompProfile_baseline");
        assert_eq!(info.restrictions[0].fields[0], "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod] (until v1.18)");
        assert_eq!(
            allowed(&info.restrictions[1]),
            [("no profile", Version::Minor(19)), ("RuntimeDefault", Version::Minor(19)), ("Localhost", Version::Minor(19))]
        );
    }

    #[test]
    fn lists_the_overridden_checks() {
        let overriding: Vec<_> =
            checks().into_iter().filter(|check| !check.overrides.is_empty()).map(|check| (check.id, check.overrides.join(" "))).collect();
        let expected = [
            ("capabilities_restricted", "capabilities_baseline"),
            ("procMount_restricted", "procMount"),
            ("restrictedVolumes", "hostPathVolumes"),
            ("seccompProfile_restricted", "seccompProfile_baseline"),
        ];
        assert_eq!(overriding, expected.map(|(id, overrides)| (id, overrides.to_owned())));
    }
}
