//! The catalogue of checks.

use pss_core::standards::about::{About, Allowed, CATALOGUE, Change, Field, Restriction, What};
use pss_core::standards::{Check, Level, NEWEST_MINOR, Version};

/// A check, as a catalogue shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInfo {
    /// Its id: `hostPorts`.
    pub id: &'static str,
    /// A title of a few words.
    pub title: &'static str,
    /// The lowest level that requires it.
    pub level: Level,
    /// The name of the check in Kubernetes' messages.
    pub reason: &'static str,
    /// What a pod that violates it could do.
    pub why: &'static str,
    /// What to do about a finding.
    pub advice: &'static str,
    /// What the value of a finding is: `the port`.
    pub value: &'static str,
    /// The fields that it reads, and the values that they may have.
    pub restrictions: Vec<RestrictionInfo>,
    /// The checks of the level below that are not run beside it.
    pub overrides: Vec<&'static str>,
    /// The changes of it, the oldest first.
    pub history: Vec<ChangeInfo>,
    /// The file name of the upstream source.
    pub source: &'static str,
}

/// Fields that a check reads, and the values that they may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionInfo {
    /// The fields: `spec.containers[*].ports[*].hostPort`.
    pub fields: Vec<String>,
    /// The values.
    pub allowed: Vec<AllowedInfo>,
}

/// A value that a field may have.
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
    /// The change.
    pub change: String,
    /// Whether this release changed it at every version of the standards.
    pub everywhere: bool,
}

/// All checks, in the order in which they run.
pub fn checks() -> Vec<CheckInfo> {
    CATALOGUE.iter().map(|(check, about)| info(check, about)).collect()
}

/// All versions that there are checks for: `latest`, then from the newest to the oldest.
pub fn versions() -> Vec<Version> {
    std::iter::once(Version::Latest).chain((0..=NEWEST_MINOR).rev().map(Version::Minor)).collect()
}

/// A change of a check, in words.
fn change(about: &About, change: &Change) -> ChangeInfo {
    let words = match change.what {
        What::Words(words) => words.to_owned(),
        What::Allows => format!("Allows {}.", values_since(about, change.version).join(", ")),
        What::Everywhere(words) => format!("In this and later releases of Kubernetes, at every version: {words}"),
    };
    ChangeInfo { version: Version::Minor(change.version), change: words, everywhere: matches!(change.what, What::Everywhere(_)) }
}

/// The values that a version allowed.
fn values_since(about: &About, minor: u64) -> Vec<&'static str> {
    let values = about.restrictions.iter().flat_map(Restriction::values);
    values.filter(|(_, since)| *since == minor).map(|(value, _)| value).collect()
}

fn info(check: &Check, about: &About) -> CheckInfo {
    CheckInfo {
        id: check.id,
        title: about.title,
        level: check.level,
        reason: check.reason,
        why: about.why,
        advice: about.advice,
        value: about.value,
        restrictions: about.restrictions.iter().map(restriction).collect(),
        overrides: overrides(check),
        history: about.history.iter().map(|one| change(about, one)).collect(),
        source: about.source,
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
        Allowed::Words(words) => Some((*words, restriction.since)),
        _ => None,
    });
    let named = restriction.values().into_iter().map(|(value, since)| (if value.is_empty() { "empty" } else { value }, since));
    let allowed = described.chain(named).map(|(value, since)| AllowedInfo { value, since: Version::Minor(since) }).collect();
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
    fn versions_begin_with_the_newest() {
        let versions = versions();
        assert_eq!(versions[..3], [Version::Latest, Version::Minor(37), Version::Minor(36)]);
        assert_eq!(versions.last(), Some(&Version::Minor(0)));
        assert_eq!(versions.len(), 39);
    }

    #[test]
    fn fields_of_containers_are_told_for_all_three_lists() {
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
    fn values_come_with_their_versions_and_so_does_what_changed() {
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
    fn what_is_read_no_more_says_so() {
        let info = check("seccompProfile_baseline");
        assert_eq!(info.restrictions[0].fields[0], "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod] (until v1.18)");
        assert_eq!(
            allowed(&info.restrictions[1]),
            [("no profile", Version::Minor(19)), ("RuntimeDefault", Version::Minor(19)), ("Localhost", Version::Minor(19))]
        );
    }

    #[test]
    fn overrides_are_those_of_the_revisions() {
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
