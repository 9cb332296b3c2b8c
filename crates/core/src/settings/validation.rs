//! Validation of deserialized settings beyond the types of values.

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

/// Reports the errors of a validation.
pub(super) struct Validation<'n> {
    pub(super) errors: &'n ErrorSink,
}

impl Validation<'_> {
    /// The policy that the settings define. After a type error in it (`is_policy_invalid`) a missing level is not reported.
    pub(super) fn policy(&self, root: &Path<'_>, raw: &RawSettings<'_>, is_policy_invalid: bool) -> Policy {
        let RawSettings { level, version, defaults, kind, api_version, .. } = raw;
        if let Some(kind) = kind
            && kind != KIND
        {
            self.errors.add(&root.key("kind"), &|| format!("must be \"{KIND}\", not {}", quoted(kind)));
        }
        if let Some(api_version) = api_version
            && !API_VERSIONS.contains(&api_version.as_ref())
        {
            self.errors.add(&root.key("apiVersion"), &|| must_be_one_of(&API_VERSIONS, api_version));
        }
        let defaults = defaults.as_ref().map(|defaults| self.defaults(&root.key("defaults"), defaults));
        let version = version.get();
        if let Some(level) = level.get() {
            if defaults.is_some() {
                self.errors.add(&root.key("level"), &|| {
                    "cannot stand beside defaults: level sets all three modes alike, defaults sets each; keep one of them".to_owned()
                });
            }
            return Policy::uniform(LevelVersion {
                level: self.level(&root.key("level"), level),
                version: version.map_or(Version::Latest, |version| self.version(&root.key("version"), version)),
            });
        }
        if version.is_some() {
            self.errors.add(&root.key("version"), &|| {
                "needs level beside it; beside defaults use enforce-version, audit-version and warn-version there".to_owned()
            });
        }
        if defaults.is_none() && kind.is_none() && version.is_none() && !is_policy_invalid {
            self.errors.add(&root.key("level"), &|| {
                "missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself".to_owned()
            });
        }
        defaults.unwrap_or_default()
    }

    fn defaults(&self, at: &Path<'_>, defaults: &Defaults<'_>) -> Policy {
        let mode = |level_key: &'static str, level: &LevelName<'_>, version_key: &'static str, version: &VersionName<'_>| LevelVersion {
            level: level.get().map_or(Level::Privileged, |level| self.level(&at.key(level_key), level)),
            version: version.get().map_or(Version::Latest, |version| self.version(&at.key(version_key), version)),
        };
        Policy {
            enforce: mode("enforce", &defaults.enforce, "enforce-version", &defaults.enforce_version),
            audit: mode("audit", &defaults.audit, "audit-version", &defaults.audit_version),
            warn: mode("warn", &defaults.warn, "warn-version", &defaults.warn_version),
        }
    }

    fn level(&self, at: &Path<'_>, name: &str) -> Level {
        self.index_of(at, Some(name), &LEVELS);
        Level::parse(name).unwrap_or(Level::Restricted)
    }

    fn version(&self, at: &Path<'_>, version: &str) -> Version {
        Version::parse(version).unwrap_or_else(|| {
            self.errors
                .add(at, &|| format!("must be \"latest\" or a minor version of Kubernetes such as \"v1.34\", not {}", quoted(version)));
            Version::Latest
        })
    }

    /// The choice with a name, or the default if `name` is unset. `choices` has an entry for each of `names`.
    pub(super) fn choice<T: Copy + Default>(&self, at: &Path<'_>, name: Option<&str>, names: &[&str], choices: &[T]) -> T {
        self.index_of(at, name, names).and_then(|index| choices.get(index)).copied().unwrap_or_default()
    }

    /// The index of a name in a list. Reports a name that is not in it.
    fn index_of(&self, at: &Path<'_>, name: Option<&str>, names: &[&str]) -> Option<usize> {
        let name = name?;
        let index = names.iter().position(|listed| *listed == name);
        if index.is_none() {
            self.errors.add(at, &|| must_be_one_of(names, name));
        }
        index
    }

    /// Reports a name that is invalid by `result`.
    pub(super) fn name(&self, at: &Path<'_>, name: &str, result: Result<(), &str>) {
        if let Err(message) = result {
            self.errors.add(at, &|| format!("{message}, not {}", quoted(name)));
        }
    }

    /// Reports the names of a list that are invalid by `rule`, or duplicates.
    pub(super) fn names(&self, at: &Path<'_>, names: &[Text<'_>], rule: &dyn Fn(&str) -> Result<(), &'static str>) {
        self.each_name(at, &|index| names.get(index).map(AsRef::as_ref), rule);
    }

    /// The same for the condition of a [`Rule`](super::Rule), which must not be an empty list.
    pub(super) fn condition<const NUMBERS: bool>(
        &self,
        at: &Path<'_>,
        names: &Names<'_, NUMBERS>,
        rule: &dyn Fn(&str) -> Result<(), &'static str>,
    ) {
        if names.is_set() && names.get(0).is_none() {
            self.errors.add(at, &|| EMPTY.to_owned());
        }
        self.each_name(at, &|index| names.get(index), rule);
    }

    fn each_name<'n>(&self, at: &Path<'_>, name_at: &dyn Fn(usize) -> Option<&'n str>, rule: &dyn Fn(&str) -> Result<(), &'static str>) {
        if name_at(0).is_none() {
            return;
        }
        for (index, name) in (0..).map_while(|index| name_at(index).map(|name| (index, name))) {
            self.name(&at.index(index), name, rule(name));
        }
        json::each_duplicate(name_at, &mut |index, name| {
            // The rule has rejected an empty name.
            if !name.is_empty() {
                self.errors.add(&at.index(index), &|| json::duplicate_message(name));
            }
        });
    }
}
