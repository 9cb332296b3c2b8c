//! Exceptions: findings that a team accepts, each with a reason, and if wanted with the last day on which it does.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::gitignore::Gitignore;
use jiff::civil::Date;
use pss_core::standards::{CHECKS, names_of_checks};
use pss_core::suggest;
use serde::Deserialize;

use super::{matches, patterns};

/// An exception as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    #[serde(default)]
    checks: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    objects: Vec<String>,
    #[serde(default)]
    containers: Vec<String>,
    reason: Option<String>,
    until: Option<Until>,
}

/// A date in quotation marks or without.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Until {
    Text(String),
    Date(toml::value::Datetime),
}

/// An exception from checks. Empty lists cover everything.
#[derive(Debug)]
pub(crate) struct Exception {
    checks: Vec<String>,
    paths: Option<Gitignore>,
    objects: GlobSet,
    containers: GlobSet,
    /// The reason, for the output.
    pub(crate) reason: String,
    /// The last day on which it applies.
    pub(crate) until: Option<Date>,
    is_used: AtomicBool,
}

/// What an exception is compared with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'s> {
    /// The path of the file.
    pub(crate) path: &'s Path,
    /// The id of the check.
    pub(crate) check: &'s str,
    /// The kind and the name of the object: `DaemonSet/agent`.
    pub(crate) object: &'s str,
    /// The name of the container; `None` if the finding is not about a container.
    pub(crate) container: Option<&'s str>,
}

impl Entry {
    /// Checks an exception. An error begins with the key: `.checks: ...`.
    pub(super) fn check(self, folder: &Path) -> Result<Exception, String> {
        let Entry { checks, paths, objects, containers, reason, until } = self;
        let ids: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
        if checks.is_empty() {
            return Err(format!(
                ".checks is missing; expected a list of checks such as [{:?}], or [\"*\"] for all",
                ids.first().unwrap_or(&"")
            ));
        }
        if let Some(unknown) = checks.iter().find(|check| *check != "*" && !ids.contains(&check.as_str())) {
            return Err(format!(
                ".checks: there is no check {unknown:?}{}",
                suggest::question(&suggest::meant(unknown, &names_of_checks(&ids)))
            ));
        }
        let reason = reason.unwrap_or_default().trim().to_owned();
        if reason.is_empty() {
            return Err(".reason is missing; expected a sentence that explains the exception to those who read the output".to_owned());
        }
        let until = match until {
            None => None,
            Some(until) => {
                let text = match until {
                    Until::Text(text) => text,
                    Until::Date(date) => date.to_string(),
                };
                Some(text.parse().map_err(|_| format!(".until: expected a date such as 2027-03-31, not {text:?}"))?)
            }
        };
        let paths = if paths.is_empty() { None } else { Some(patterns(folder, &paths).map_err(|error| format!(".paths: {error}"))?) };
        if let Some(object) = objects.iter().find(|object| !object.contains('/')) {
            return Err(format!(".objects: expected KIND/NAME such as \"DaemonSet/agent\" or \"*/agent\", not {object:?}"));
        }
        let objects = wildcards(&objects).map_err(|error| format!(".objects: {error}"))?;
        let containers = wildcards(&containers).map_err(|error| format!(".containers: {error}"))?;
        Ok(Exception { checks, paths, objects, containers, reason, until, is_used: AtomicBool::new(false) })
    }
}

impl Exception {
    /// Returns whether the exception covers a finding. An expired one covers none.
    pub(crate) fn covers(&self, subject: Subject<'_>, today: Date) -> bool {
        let covers = !self.is_expired(today)
            && self.checks.iter().any(|check| check == "*" || check == subject.check)
            && (self.objects.is_empty() || self.objects.is_match(subject.object))
            && (self.containers.is_empty() || subject.container.is_some_and(|name| self.containers.is_match(name)))
            && self.applies_to(subject.path);
        if covers {
            self.is_used.store(true, Ordering::Relaxed);
        }
        covers
    }

    /// Returns whether the exception is for some paths only.
    pub(crate) fn has_paths(&self) -> bool {
        self.paths.is_some()
    }

    /// Returns whether the exception applies to a file.
    pub(crate) fn applies_to(&self, path: &Path) -> bool {
        self.paths.as_ref().is_none_or(|paths| matches(paths, path))
    }

    /// Returns whether its last day is over.
    pub(crate) fn is_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Returns whether it covered a finding.
    pub(crate) fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Relaxed)
    }
}

/// Compiles patterns of names, in which `*` stands for any characters.
fn wildcards(patterns: &[String]) -> Result<GlobSet, String> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern).map_err(|error| error.to_string())?);
    }
    builder.build().map_err(|error| error.to_string())
}
