//! The rules for a document: from the nearest `pss.toml` and the settings of the editor.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use pss_formats::problem;
use pss_review::{Finding, Options};

use super::settings::EditorSettings;
use crate::check::today;
use crate::config::{Choices, Config, FILE_NAME, Rules, SettingsSource, Subject, absolute};

/// The rules for a document.
#[derive(Debug)]
pub(super) struct DocumentRules {
    /// The path that patterns are compared with.
    path: PathBuf,
    config: Option<Arc<Config>>,
    rules: std::result::Result<Rules, Failure>,
    /// The files that the rules were read from.
    files: Vec<FileState>,
}

/// A file and its state: its size and the time of its last change. The state of a file that does not exist is `None`.
type FileState = (PathBuf, Option<(u64, Option<SystemTime>)>);

/// The reason for which a document is not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The error.
    pub(super) message: String,
    /// The configuration file that causes it; `None` if it is a setting of the editor.
    pub(super) config: Option<PathBuf>,
}

impl DocumentRules {
    /// Reads the rules for the file at an absolute path.
    pub(super) fn of(path: &Path, editor: &EditorSettings) -> Self {
        let config_path = config_path(path, editor);
        let (config, failure) = match config_path.as_deref().map(Config::load).transpose() {
            Ok(config) => (config.map(Arc::new), None),
            Err(error) => (None, Some(Failure { message: error.to_string(), config: config_path.clone() })),
        };
        let rules = match failure {
            Some(failure) => Err(failure),
            None => Rules::of(choices(path, config.as_deref(), editor))
                .map_err(|error| Failure { message: error.to_string(), config: config_path }),
        };
        DocumentRules { path: path.to_owned(), files: files(path, config.as_deref(), editor), config, rules }
    }

    /// Returns whether a file changed that the rules were read from, or another one applies now.
    pub(super) fn is_outdated(&self, editor: &EditorSettings) -> bool {
        self.files != files(&self.path, self.config.as_deref(), editor)
    }

    /// Returns the options of the review.
    ///
    /// # Errors
    /// The configuration file or the settings are invalid.
    pub(super) fn options(&self) -> std::result::Result<Options<'_>, Failure> {
        let rules = self.rules.as_ref().map_err(Clone::clone)?;
        rules
            .options()
            .map_err(|error| Failure { message: error.to_string(), config: self.config.as_ref().map(|config| config.path.clone()) })
    }

    /// Returns whether the configuration file excludes the document.
    pub(super) fn is_excluded(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.excludes(&self.path))
    }

    /// Returns the reason of the exception that covers a finding of an object, such as `Deployment/web`.
    pub(super) fn exception(&self, finding: &Finding, object: &str) -> Option<&str> {
        let subject = Subject { path: &self.path, check: finding.check.id, object, container: problem::container(finding) };
        Some(&self.config.as_ref()?.exception(subject, today())?.reason)
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Returns the path of the configuration file for a file.
fn config_path(path: &Path, editor: &EditorSettings) -> Option<PathBuf> {
    editor.config.clone().or_else(|| nearest_config(path))
}

/// Returns the choices for a file. Those of the configuration file override those of the editor, so that an editor shows what
/// `pss check` reports.
fn choices(path: &Path, config: Option<&Config>, editor: &EditorSettings) -> Choices {
    let mut choices = editor.choices.clone();
    if let Some(config) = config {
        choices.override_with(config.choices(path));
    }
    choices
}

/// Returns the files that the rules for a file are read from.
fn files(path: &Path, config: Option<&Config>, editor: &EditorSettings) -> Vec<FileState> {
    let settings = match choices(path, config, editor).settings {
        Some(SettingsSource::File(file)) => Some(PathBuf::from(file)),
        Some(SettingsSource::Table(_)) | None => None,
    };
    let state = |path: PathBuf| {
        let metadata = fs::metadata(&path).ok();
        (path, metadata.map(|metadata| (metadata.len(), metadata.modified().ok())))
    };
    config_path(path, editor).into_iter().chain(settings).map(state).collect()
}

/// Returns the nearest configuration file in the folder of a file or above.
fn nearest_config(path: &Path) -> Option<PathBuf> {
    absolute(path).ancestors().skip(1).map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file())
}
