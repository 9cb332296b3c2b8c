//! What settings have to be beyond being of the right types.

use super::rule::EMPTY;
use super::{Defaults, LevelName, Names, Policy, RawSettings, VersionName};
use crate::json::{self, ErrorSink, Path, Text};
use crate::quote::quoted;
use crate::standards::{Level, LevelVersion, Version};
use crate::suggest::must_be_one_of;

const KIND: &str = "PodSecurityConfiguration";
const API_VERSIONS: [&str; 3] = [
    "pod-security.admission.config.k8s.io/v1",
    "pod-security.admission.config.k8s.io/v1beta1",
    "pod-security.admission.config.k8s.io/v1alpha1",
];
const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];

/// The checks that go beyond the types of values.
pub(super) struct Validation<'n> {
    pub(super) notes: &'n ErrorSink,
}

impl Validation<'_> {
    pub(super) fn policy(&self, root: &Path<'_>, written: &RawSettings<'_>, policy_mistaken: bool) -> Policy {
        let RawSettings { level, version, defaults, kind, api_version, .. } = written;
        if let Some(kind) = kind
            && kind != KIND
        {
            self.notes.add(&root.key("kind"), &|| format!("must be \"{KIND}\", not {}", quoted(kind)));
        }
        if let Some(api_version) = api_version
            && !API_VERSIONS.contains(&api_version.as_ref())
        {
            self.notes.add(&root.key("apiVersion"), &|| must_be_one_of(&API_VERSIONS, api_version));
        }
        let defaults = defaults.as_ref().map(|defaults| self.defaults(&root.key("defaults"), defaults));
        let version_written = version.written();
        if let Some(level) = level.written() {
            if defaults.is_some() {
                self.notes.add(&root.key("level"), &|| {
                    "cannot stand beside defaults: level sets all three modes alike, defaults sets each; keep one of them".to_owned()
                });
            }
            return Policy::uniform(LevelVersion {
                level: self.level(&root.key("level"), level),
                version: version_written.map_or(Version::Latest, |version| self.version(&root.key("version"), version)),
            });
        }
        if version_written.is_some() {
            self.notes.add(&root.key("version"), &|| {
                "needs level beside it; beside defaults use enforce-version, audit-version and warn-version there".to_owned()
            });
        }
        if defaults.is_none() && kind.is_none() && version_written.is_none() && !policy_mistaken {
            self.notes.add(&root.key("level"), &|| {
                "missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself".to_owned()
            });
        }
        defaults.unwrap_or_default()
    }

    fn defaults(&self, at: &Path<'_>, defaults: &Defaults<'_>) -> Policy {
        let mode =
            |level: &'static str, written_level: &LevelName<'_>, version: &'static str, written_version: &VersionName<'_>| LevelVersion {
                level: written_level.written().map_or(Level::Privileged, |written| self.level(&at.key(level), written)),
                version: written_version.written().map_or(Version::Latest, |written| self.version(&at.key(version), written)),
            };
        Policy {
            enforce: mode("enforce", &defaults.enforce, "enforce-version", &defaults.enforce_version),
            audit: mode("audit", &defaults.audit, "audit-version", &defaults.audit_version),
            warn: mode("warn", &defaults.warn, "warn-version", &defaults.warn_version),
        }
    }

    fn level(&self, at: &Path<'_>, written: &str) -> Level {
        self.place(at, Some(written), &LEVELS);
        Level::parse(written).unwrap_or(Level::Restricted)
    }

    fn version(&self, at: &Path<'_>, written: &str) -> Version {
        Version::parse(written).unwrap_or_else(|| {
            self.notes
                .add(at, &|| format!("must be \"latest\" or a minor version of Kubernetes such as \"v1.34\", not {}", quoted(written)));
            Version::Latest
        })
    }

    pub(super) fn choice<T: Copy + Default>(&self, at: &Path<'_>, written: Option<&str>, names: &[&str], choices: &[T]) -> T {
        self.place(at, written, names).and_then(|place| choices.get(place)).copied().unwrap_or_default()
    }

    /// The place of a name among those that there are.
    fn place(&self, at: &Path<'_>, written: Option<&str>, names: &[&str]) -> Option<usize> {
        let written = written?;
        let place = names.iter().position(|name| *name == written);
        if place.is_none() {
            self.notes.add(at, &|| must_be_one_of(names, written));
        }
        place
    }

    /// ErrorSink a name that breaks a rule.
    pub(super) fn name(&self, at: &Path<'_>, name: &str, rule: Result<(), &str>) {
        if let Err(rule) = rule {
            self.notes.add(at, &|| format!("{rule}, not {}", quoted(name)));
        }
    }

    /// ErrorSink the names of a list that break a rule, or stand in it twice.
    pub(super) fn names(&self, at: &Path<'_>, names: &[Text<'_>], rule: &dyn Fn(&str) -> Result<(), &'static str>) {
        self.each_name(at, &|place| names.get(place).map(AsRef::as_ref), rule);
    }

    /// The same for a condition of a rule; one that nothing can meet is a mistake too.
    pub(super) fn condition<const NUMBERS: bool>(
        &self,
        at: &Path<'_>,
        names: &Names<'_, NUMBERS>,
        rule: &dyn Fn(&str) -> Result<(), &'static str>,
    ) {
        if names.is_set() && names.get(0).is_none() {
            self.notes.add(at, &|| EMPTY.to_owned());
        }
        self.each_name(at, &|place| names.get(place), rule);
    }

    fn each_name<'n>(&self, at: &Path<'_>, name: &dyn Fn(usize) -> Option<&'n str>, rule: &dyn Fn(&str) -> Result<(), &'static str>) {
        for (place, name) in (0..).map_while(|place| name(place).map(|name| (place, name))) {
            self.name(&at.index(place), name, rule(name));
        }
        json::each_duplicate(name, &mut |place, name| {
            // The empty name has been told of already.
            if !name.is_empty() {
                self.notes.add(&at.index(place), &|| json::duplicate_message(name));
            }
        });
    }
}
