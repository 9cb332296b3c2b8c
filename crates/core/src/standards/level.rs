//! Levels and versions of the standards: how they are read, compared and printed.
//!
//! Source: `api/helpers.go` of k8s.io/pod-security-admission.

use std::fmt;

/// The newest minor version of Kubernetes that the checks are known for. A newer version is judged
/// as this one.
pub const NEWEST_MINOR: u64 = 37;

/// How much the standards ask of a pod. A later one is stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Nothing is asked.
    #[default]
    Privileged,
    /// Known ways to gain privileges are closed.
    Baseline,
    /// Pods are hardened as current practice has it.
    Restricted,
}

impl Level {
    /// All levels, from the loosest to the strictest.
    pub const ALL: [Level; 3] = [Level::Privileged, Level::Baseline, Level::Restricted];

    /// Reads the name of a level. Case counts.
    pub fn parse(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The name of the level, as it stands in labels and messages.
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

/// A version of the standards: that of a minor release of Kubernetes, or the latest there is. The order
/// is one for tables and says nothing of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    /// `latest`.
    #[default]
    Latest,
    /// `v1.N`.
    Minor(u64),
}

impl Version {
    /// Reads `latest` or `v1.N`, N without leading zeros and within 63 bits, as Go has it.
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

    /// The minor version to judge by: that of the newest checks where the version is later.
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

/// A level at a version; prints as `restricted:v1.34`. The order is one for tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LevelVersion {
    /// The level.
    pub level: Level,
    /// The version.
    pub version: Version,
}

impl LevelVersion {
    /// Whether both ask the same of every pod: equal, or both privileged.
    pub fn is_equivalent_to(self, other: LevelVersion) -> bool {
        self == other || (self.level == Level::Privileged && other.level == Level::Privileged)
    }
}

impl fmt::Display for LevelVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.level, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_names_of_levels_and_nothing_else() {
        for level in Level::ALL {
            assert_eq!(Level::parse(&level.to_string()), Some(level));
        }
        for bad in ["", "Restricted", "restricted ", "strict"] {
            assert_eq!(Level::parse(bad), None, "{bad:?}");
        }
        assert!(Level::Privileged < Level::Baseline && Level::Baseline < Level::Restricted);
    }

    #[test]
    fn reads_versions_as_upstream_does() {
        let good = [
            ("latest", Version::Latest),
            ("v1.0", Version::Minor(0)),
            ("v1.25", Version::Minor(25)),
            ("v1.9223372036854775807", Version::Minor(i64::MAX as u64)),
        ];
        for (text, version) in good {
            assert_eq!(Version::parse(text), Some(version));
            assert_eq!(version.to_string(), text);
        }
        for bad in [
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
            assert_eq!(Version::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_version_newer_than_the_newest_is_judged_as_the_newest_and_printed_as_written() {
        let future = Version::Minor(NEWEST_MINOR + 1);
        assert_eq!(future.known_minor(), NEWEST_MINOR);
        assert_eq!(Version::Latest.known_minor(), NEWEST_MINOR);
        assert_eq!(LevelVersion { level: Level::Baseline, version: Version::Minor(99) }.to_string(), "baseline:v1.99");
    }

    #[test]
    fn policies_are_equivalent_that_ask_the_same_and_privileged_asks_for_nothing_at_any_version() {
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
