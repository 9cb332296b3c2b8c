//! Levels and versions of the standards: parsing, comparison and formatting.
//!
//! Source: `api/helpers.go` of k8s.io/pod-security-admission.

use std::fmt;

/// The newest minor version of Kubernetes whose checks are implemented. Pods are evaluated at this version if a newer one is
/// set.
pub const NEWEST_MINOR: u64 = 37;

/// A level of the standards. The order is from the least to the most restrictive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// No requirements.
    #[default]
    Privileged,
    /// Prevents known privilege escalations.
    Baseline,
    /// Requires current best practices of pod hardening.
    Restricted,
}

impl Level {
    /// All levels, from the least to the most restrictive.
    pub const ALL: [Level; 3] = [Level::Privileged, Level::Baseline, Level::Restricted];

    /// Parses the name of a level, which is case-sensitive.
    ///
    /// Source: `ParseLevel` in `api/helpers.go` of k8s.io/pod-security-admission.
    pub fn parse(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name)
    }

    /// Returns the name of the level in labels and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A version of the standards: that of a minor release of Kubernetes, or the latest one. The order is only for sorted
/// collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    /// `latest`.
    #[default]
    Latest,
    /// `v1.N`.
    Minor(u64),
}

impl Version {
    /// Parses `latest` or `v1.N`. N has no leading zeros and fits into 63 bits, as in Go's `int`.
    ///
    /// Source: `ParseVersion` in `api/helpers.go` of k8s.io/pod-security-admission.
    pub fn parse(version: &str) -> Option<Version> {
        if version == "latest" {
            return Some(Version::Latest);
        }
        let minor = version.strip_prefix("v1.")?;
        let digits_only = !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit());
        if !digits_only || (minor.len() > 1 && minor.starts_with('0')) {
            return None;
        }
        minor.parse().ok().filter(|minor| i64::try_from(*minor).is_ok()).map(Version::Minor)
    }

    /// Returns the minor version at which checks are evaluated, which is at most [`NEWEST_MINOR`].
    pub fn known_minor(self) -> u64 {
        match self {
            Version::Latest => NEWEST_MINOR,
            Version::Minor(minor) => minor.min(NEWEST_MINOR),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Version::Latest => out.write_str("latest"),
            Version::Minor(minor) => write!(out, "v1.{minor}"),
        }
    }
}

/// A level at a version, formatted as `restricted:v1.34`. The order is only for sorted collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LevelVersion {
    /// The level.
    pub level: Level,
    /// The version.
    pub version: Version,
}

impl LevelVersion {
    /// Returns whether both have the same requirements: they are equal, or both privileged.
    ///
    /// Source: `LevelVersion.Equivalent` in `api/helpers.go` of k8s.io/pod-security-admission.
    pub fn is_equivalent_to(self, other: LevelVersion) -> bool {
        self == other || (self.level == Level::Privileged && other.level == Level::Privileged)
    }
}

impl LevelVersion {
    /// The name in messages and annotations: `restricted:v1.34`.
    pub fn name(self) -> String {
        let level = self.level.name();
        match self.version {
            Version::Latest => [level, ":latest"].concat(),
            version @ Version::Minor(_) => [level, ":", &version.to_string()].concat(),
        }
    }
}

impl fmt::Display for LevelVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_the_names_of_levels() {
        for level in Level::ALL {
            assert_eq!(Level::parse(&level.to_string()), Some(level));
        }
        for invalid in ["", "Restricted", "restricted ", "strict"] {
            assert_eq!(Level::parse(invalid), None, "{invalid:?}");
        }
        assert!(Level::Privileged < Level::Baseline && Level::Baseline < Level::Restricted);
    }

    #[test]
    fn parses_versions_as_upstream_does() {
        let valid = [
            ("latest", Version::Latest),
            ("v1.0", Version::Minor(0)),
            ("v1.25", Version::Minor(25)),
            ("v1.9223372036854775807", Version::Minor(i64::MAX as u64)),
        ];
        for (text, version) in valid {
            assert_eq!(Version::parse(text), Some(version));
            assert_eq!(version.to_string(), text);
        }
        for invalid in [
            "",
            "Latest",
            "v1",
            "v1.",
            "1.25",
            "v1.025",
            "v1.00",
            "v1.25.3",
            "v2.0",
            "v1.x",
            "v1.+5",
            "v1.-5",
            "v1.2 ",
            "v1.٣",
            "v1.9223372036854775808",
            "v1.99999999999999999999",
        ] {
            assert_eq!(Version::parse(invalid), None, "{invalid:?}");
        }
    }

    #[test]
    fn evaluates_newer_versions_as_the_newest_and_prints_them_unchanged() {
        let future = Version::Minor(NEWEST_MINOR + 1);
        assert_eq!(future.known_minor(), NEWEST_MINOR);
        assert_eq!(Version::Latest.known_minor(), NEWEST_MINOR);
        assert_eq!(LevelVersion { level: Level::Baseline, version: Version::Minor(99) }.to_string(), "baseline:v1.99");
    }

    #[test]
    fn policies_are_equivalent_if_equal_or_both_privileged() {
        use Level::{Baseline, Privileged, Restricted};
        let at = |level, version| LevelVersion { level, version };
        let (old, new) = (Version::Minor(20), Version::Latest);
        let table = [
            (at(Baseline, old), at(Baseline, old), true),
            (at(Baseline, old), at(Baseline, new), false),
            (at(Baseline, old), at(Restricted, old), false),
            (at(Privileged, old), at(Privileged, old), true),
            (at(Privileged, old), at(Privileged, new), true),
            (at(Privileged, old), at(Baseline, old), false),
        ];
        for (one, other, expected) in table {
            assert_eq!((one.is_equivalent_to(other), other.is_equivalent_to(one)), (expected, expected), "{one} {other}");
        }
    }
}
