//! The catalogue of checks, as the page shows it.

use super::findings::version;
use super::report::{AllowedInfo, ChangeInfo, CheckInfo, LevelName, RestrictionInfo};
use crate::standards::about::{About, Allowed, CATALOGUE, Change, Restriction, What};
use crate::standards::{Check, NEWEST_MINOR, Version};

// Loops rather than chains of iterators: in the page's module each chain is a function of its own.

/// All checks, in the order in which they run.
pub(super) fn checks() -> Vec<CheckInfo> {
    CATALOGUE.iter().map(|(check, about)| info(check, about)).collect()
}

/// All versions that there are checks for: `latest`, then from the newest to the oldest.
pub(super) fn versions() -> Vec<String> {
    let mut versions = vec![Version::Latest.to_string()];
    versions.extend((0..=NEWEST_MINOR).rev().map(version));
    versions
}

/// What changed in a check, in words.
pub(super) fn change(about: &About, change: &Change) -> ChangeInfo {
    let words = match change.what {
        What::Words(words) => owned(words),
        What::Allows => ["Allows ", &values_since(about, change.version).join(", "), "."].concat(),
        What::Everywhere(words) => ["In this and later releases of Kubernetes, at every version: ", words].concat(),
    };
    ChangeInfo { version: version(change.version), change: words, everywhere: matches!(change.what, What::Everywhere(_)) }
}

/// The values that a version allowed.
fn values_since(about: &About, minor: u64) -> Vec<&'static str> {
    let mut new = Vec::new();
    for restriction in about.restrictions {
        for (value, since) in restriction.values() {
            if since == minor {
                new.push(value);
            }
        }
    }
    new
}

fn info(check: &Check, about: &About) -> CheckInfo {
    CheckInfo {
        id: owned(check.id),
        title: owned(about.title),
        level: LevelName::from(check.level),
        reason: owned(check.reason),
        why: owned(about.why),
        advice: owned(about.advice),
        value: owned(about.value),
        restrictions: about.restrictions.iter().map(restriction).collect(),
        overrides: overrides(check),
        history: about.history.iter().map(|one| change(about, one)).collect(),
        source: owned(about.source),
    }
}

fn overrides(check: &Check) -> Vec<String> {
    let mut overrides: Vec<String> = Vec::new();
    for revision in check.revisions {
        for id in revision.overrides {
            if !overrides.iter().any(|other| other == id) {
                overrides.push(owned(id));
            }
        }
    }
    overrides
}

fn restriction(restriction: &Restriction) -> RestrictionInfo {
    let mut fields = Vec::new();
    for field in restriction.fields {
        fields.append(&mut field.paths());
    }
    if let Some(last) = restriction.until {
        for field in &mut fields {
            *field += &[" (until ", &version(last), ")"].concat();
        }
    }
    let mut allowed = Vec::new();
    for one in restriction.allowed {
        if let Allowed::Words(words) = one {
            allowed.push(AllowedInfo { value: owned(words), since: version(restriction.since) });
        }
    }
    for (value, since) in restriction.values() {
        let value = if value.is_empty() { "empty" } else { value };
        allowed.push(AllowedInfo { value: owned(value), since: version(since) });
    }
    RestrictionInfo { fields, allowed }
}

/// A text of its own. Not inlined, for the catalogue is made of some hundred.
#[inline(never)]
fn owned(text: &str) -> String {
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str) -> CheckInfo {
        checks().into_iter().find(|check| check.id == id).unwrap()
    }

    fn allowed(restriction: &RestrictionInfo) -> Vec<(&str, &str)> {
        restriction.allowed.iter().map(|allowed| (allowed.value.as_str(), allowed.since.as_str())).collect()
    }

    fn history(check: &CheckInfo) -> Vec<(&str, &str)> {
        check.history.iter().map(|change| (change.version.as_str(), change.change.as_str())).collect()
    }

    #[test]
    fn versions_begin_with_the_newest() {
        let versions = versions();
        assert_eq!(versions.iter().take(3).map(String::as_str).collect::<Vec<_>>(), ["latest", "v1.37", "v1.36"]);
        assert_eq!(versions.last().map(String::as_str), Some("v1.0"));
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
                ("not set", "v1.0"),
                ("empty", "v1.0"),
                ("container_t", "v1.0"),
                ("container_init_t", "v1.0"),
                ("container_kvm_t", "v1.0"),
                ("container_engine_t", "v1.31"),
            ]
        );
        assert_eq!(history(&info), [("v1.0", "Introduced."), ("v1.31", "Allows container_engine_t.")]);
        assert_eq!(
            history(&check("restrictedVolumes")),
            [
                ("v1.0", "Introduced, in place of hostPathVolumes."),
                ("v1.33", "In this and later releases of Kubernetes, at every version: volumes of type image are allowed."),
            ]
        );
        assert_eq!(history(&check("sysctls"))[3], ("v1.32", "Allows net.ipv4.tcp_rmem, net.ipv4.tcp_wmem."));
    }

    #[test]
    fn what_is_read_no_more_says_so() {
        let info = check("seccompProfile_baseline");
        assert_eq!(info.restrictions[0].fields[0], "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod] (until v1.18)");
        assert_eq!(allowed(&info.restrictions[1]), [("no profile", "v1.19"), ("RuntimeDefault", "v1.19"), ("Localhost", "v1.19")]);
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
        assert_eq!(overriding, expected.map(|(id, overrides)| (id.to_owned(), overrides.to_owned())));
    }
}
