//! The configuration file `pss.toml`: the settings of a repository, by path, and its exceptions.
//!
//! The file of a manifest is the nearest one in its folder or above. Arguments override it.

mod exception;
mod rules;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::Gitignore;
use jiff::civil::Date;
use pss_core::standards::{Level, Version};
use serde::Deserialize;

pub(crate) use exception::{Exception, Subject};
pub(crate) use pss_formats::MAX_BYTES;
pub(crate) use rules::{AllRules, Rules};

use crate::arguments::{self, FailOn, PolicyArguments, Validation};
use crate::error::{Error, Result, cause};

/// The name of the file.
pub(crate) const FILE_NAME: &str = "pss.toml";

/// The content of a configuration file.
#[derive(Debug)]
pub(crate) struct Config {
    /// The path of the file, as it was found.
    pub(crate) path: PathBuf,
    /// The settings for all files.
    defaults: Choices,
    /// The settings for some paths, of which the last that applies counts.
    paths: Vec<(Gitignore, Choices)>,
    /// The paths that are not judged.
    exclude: Gitignore,
    /// The exceptions.
    pub(crate) exceptions: Vec<Exception>,
}

/// The settings that can be given for all files, for some paths, and by arguments.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Choices {
    /// The level of all modes.
    pub(crate) level: Option<Level>,
    /// The version of all modes.
    pub(crate) version: Option<Version>,
    /// The settings of the policy: a table, or the path of a file.
    pub(crate) settings: Option<SettingsSource>,
    /// The namespace of manifests without one.
    pub(crate) namespace: Option<String>,
    /// The labels of the namespaces that manifests do not create.
    pub(crate) namespace_labels: Option<BTreeMap<String, String>>,
    /// What fails a run.
    pub(crate) fail_on: Option<FailOn>,
    /// How unknown fields are treated.
    pub(crate) validate: Option<Validation>,
}

/// Where settings are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum SettingsSource {
    /// A file, or a share link of the playground.
    File(String),
    /// The settings themselves.
    Table(toml::Table),
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(deserialize_with = "level", default)]
    level: Option<Level>,
    #[serde(deserialize_with = "version", default)]
    version: Option<Version>,
    settings: Option<SettingsSource>,
    namespace: Option<String>,
    namespace_labels: Option<BTreeMap<String, String>>,
    fail_on: Option<FailOn>,
    validate: Option<Validation>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    paths: Vec<PathChoices>,
    #[serde(default)]
    exceptions: Vec<exception::Entry>,
}

/// Settings for some paths. Its fields are those of [`Choices`], which serde cannot flatten into a struct that rejects unknown
/// fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PathChoices {
    paths: Vec<String>,
    #[serde(deserialize_with = "level", default)]
    level: Option<Level>,
    #[serde(deserialize_with = "version", default)]
    version: Option<Version>,
    settings: Option<SettingsSource>,
    namespace: Option<String>,
    namespace_labels: Option<BTreeMap<String, String>>,
    fail_on: Option<FailOn>,
    validate: Option<Validation>,
}

fn level<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Level>, D::Error> {
    arguments::level(&String::deserialize(deserializer)?).map(Some).map_err(serde::de::Error::custom)
}

fn version<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Version>, D::Error> {
    arguments::version(&String::deserialize(deserializer)?).map(Some).map_err(serde::de::Error::custom)
}

impl Config {
    /// Reads a configuration file.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| Error::usage(format!("cannot read {}: {}", path.display(), cause(&error))))?;
        Self::parse(&text, path)
    }

    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let in_file = |error: &dyn std::fmt::Display| Error::usage(format!("{}: {error}", path.display()));
        let file: File = toml::from_str(text).map_err(|error| in_file(&error.to_string().trim_end()))?;
        let folder = folder_of(path);
        let File { level, version, settings, namespace, namespace_labels, fail_on, validate, exclude, paths, exceptions } = file;
        let defaults = Choices { level, version, settings, namespace, namespace_labels, fail_on, validate }
            .checked(folder)
            .map_err(|error| in_file(&error))?;
        let mut of_paths = Vec::new();
        for (index, entry) in paths.into_iter().enumerate() {
            let PathChoices { paths, level, version, settings, namespace, namespace_labels, fail_on, validate } = entry;
            if paths.is_empty() {
                return Err(in_file(&format_args!(
                    "paths[{index}].paths is empty; expected patterns as in .gitignore, such as \"infra/\""
                )));
            }
            let matcher = patterns(folder, &paths).map_err(|error| in_file(&error))?;
            let choices = Choices { level, version, settings, namespace, namespace_labels, fail_on, validate }
                .checked(folder)
                .map_err(|error| in_file(&error))?;
            of_paths.push((matcher, choices));
        }
        let exceptions = exceptions
            .into_iter()
            .enumerate()
            .map(|(index, entry)| entry.check(folder).map_err(|error| in_file(&format_args!("exceptions[{index}]{error}"))));
        Ok(Config {
            path: path.to_owned(),
            defaults,
            paths: of_paths,
            exclude: patterns(folder, &exclude).map_err(|error| in_file(&error))?,
            exceptions: exceptions.collect::<Result<_>>()?,
        })
    }

    /// Returns the choices for a file.
    pub(crate) fn choices(&self, path: &Path) -> Choices {
        let mut choices = self.defaults.clone();
        for (_, own) in self.paths.iter().filter(|(matcher, _)| matches(matcher, path)) {
            choices.override_with(own.clone());
        }
        choices
    }

    /// Returns whether a file is excluded.
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        matches(&self.exclude, path)
    }

    /// Returns the first exception that covers a finding.
    pub(crate) fn exception(&self, subject: Subject<'_>, today: Date) -> Option<&Exception> {
        self.exceptions.iter().find(|exception| exception.covers(subject, today))
    }

    /// The folder of the file, which is the root of its patterns.
    pub(crate) fn folder(&self) -> &Path {
        folder_of(&self.path)
    }
}

/// Returns the folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Choices {
    /// The choices of the command line.
    pub(crate) fn of_arguments(policy: &PolicyArguments) -> Self {
        let labels = &policy.namespace_labels;
        Choices {
            level: policy.level,
            version: policy.standards_version,
            settings: policy.settings.clone().map(SettingsSource::File),
            namespace: policy.namespace.clone(),
            namespace_labels: (!labels.is_empty()).then(|| labels.iter().cloned().collect()),
            fail_on: None,
            validate: None,
        }
    }

    /// Replaces the choices that others make. A level replaces the settings, apart from their exemptions.
    pub(crate) fn override_with(&mut self, other: Choices) {
        // Own settings have a level of their own.
        if other.settings.is_some() {
            self.level = None;
            self.version = None;
        }
        self.level = other.level.or(self.level);
        self.version = other.version.or(self.version);
        self.settings = other.settings.or(self.settings.take());
        self.namespace = other.namespace.or(self.namespace.take());
        self.namespace_labels = other.namespace_labels.or(self.namespace_labels.take());
        self.fail_on = other.fail_on.or(self.fail_on);
        self.validate = other.validate.or(self.validate);
    }

    /// Checks the choices of a table of a configuration file, and resolves the path of its settings.
    fn checked(mut self, folder: &Path) -> std::result::Result<Self, &'static str> {
        if self.settings.is_some() && (self.level.is_some() || self.version.is_some()) {
            return Err("settings and a level or version; give the level and version in the settings");
        }
        if let Some(SettingsSource::File(file)) = &mut self.settings
            && !file.contains("://")
        {
            *file = folder.join(&*file).display().to_string();
        }
        Ok(self)
    }
}

/// Compiles patterns as in .gitignore, relative to a folder.
pub(crate) fn patterns(folder: &Path, patterns: &[String]) -> std::result::Result<Gitignore, String> {
    let mut builder = ignore::gitignore::GitignoreBuilder::new(absolute(folder));
    for pattern in patterns {
        builder.add_line(None, pattern).map_err(|error| format!("invalid pattern {pattern:?}: {error}"))?;
    }
    builder.build().map_err(|error| format!("invalid patterns: {error}"))
}

/// Returns whether patterns match a file or one of its folders.
pub(crate) fn matches(matcher: &Gitignore, path: &Path) -> bool {
    let path = absolute(path);
    // A file outside of the folder of the patterns matches none of them; the library requires this.
    !matcher.is_empty() && path.starts_with(matcher.path()) && matcher.matched_path_or_any_parents(&path, false).is_ignore()
}

/// Returns the absolute path without `.` and `..`, without following links.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// The configuration files of folders.
#[derive(Debug, Default)]
pub(crate) struct Configs {
    /// The file that an argument gives, for all folders.
    fixed: Option<Option<Arc<Config>>>,
    folders: BTreeMap<PathBuf, Option<Arc<Config>>>,
}

impl Configs {
    /// Reads the file that the arguments give, if any.
    pub(crate) fn of_arguments(policy: &PolicyArguments) -> Result<Self> {
        let fixed = match &policy.config {
            Some(path) => Some(Some(Arc::new(Config::load(path)?))),
            None => policy.no_config.then_some(None),
        };
        Ok(Configs { fixed, folders: BTreeMap::new() })
    }

    /// No configuration for any folder.
    pub(crate) fn none() -> Self {
        Configs { fixed: Some(None), folders: BTreeMap::new() }
    }

    /// Returns the configuration of a folder: that in the folder, or in the nearest one above.
    pub(crate) fn of_folder(&mut self, folder: &Path) -> Result<Option<Arc<Config>>> {
        if let Some(config) = &self.fixed {
            return Ok(config.clone());
        }
        let folder = absolute(folder);
        if let Some(config) = self.folders.get(&folder) {
            return Ok(config.clone());
        }
        let file = folder.join(FILE_NAME);
        let config = if file.is_file() {
            Some(Arc::new(Config::load(&shortened(&file))?))
        } else {
            match folder.parent() {
                Some(parent) => self.of_folder(parent)?,
                None => None,
            }
        };
        Ok(match self.folders.entry(folder) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => entry.insert(config).clone(),
        })
    }

    /// Returns the configuration of a file.
    pub(crate) fn of_file(&mut self, path: &Path) -> Result<Option<Arc<Config>>> {
        self.of_folder(folder_of(path))
    }

    /// Returns all configurations that were found, each once.
    pub(crate) fn all(&self) -> Vec<Arc<Config>> {
        let mut all: Vec<Arc<Config>> = Vec::new();
        for config in self.folders.values().chain(&self.fixed).flatten() {
            if !all.iter().any(|other| Arc::ptr_eq(other, config)) {
                all.push(config.clone());
            }
        }
        all
    }
}

/// Returns a path relative to the working directory if it is below it.
pub(crate) fn shortened(path: &Path) -> PathBuf {
    let working_directory = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(working_directory).map_or_else(|_| path.to_owned(), Path::to_owned)
}
