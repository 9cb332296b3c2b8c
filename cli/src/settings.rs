//! The settings from a file or a share link of the playground.
//!
//! A file has the settings of the policy, or another form of a configuration, which [`pss_migrate::configuration`] reads.

mod share_link;

use std::fs;
use std::path::Path;

use pss_core::json::{self, ErrorSink, FieldError};
use pss_core::settings::{self, Settings, SettingsError, UncheckedSettings};
use pss_migrate::Problem;
use pss_migrate::configuration::{self, File};
use pss_review::Source;

use crate::error::{Error, Result, cause};
use crate::input::Input;

/// Settings as JSON texts, from which [`Settings`] borrow.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsText {
    /// The settings.
    json: String,
    /// Further settings of a share link, which are merged into the others.
    more: Option<String>,
    /// The properties of the cluster and of the user in a share link.
    pub(crate) context: Context,
}

/// The properties of the cluster and of the user that a share link has besides settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) namespace: Option<String>,
    pub(crate) namespace_labels: Vec<(String, String)>,
    pub(crate) user: String,
    pub(crate) groups: Vec<String>,
}

impl SettingsText {
    /// Reads settings from a file, or decodes a share link.
    ///
    /// # Errors
    /// The file cannot be read, or the settings are invalid; the message has the line of each error.
    pub(crate) fn load(source: &str) -> Result<Self> {
        if source.starts_with("https://") || source.starts_with("http://") {
            return share_link::decode(source)
                .and_then(|settings| settings.checked(&|_| source.split('#').next().unwrap_or_default().to_owned()));
        }
        let path = Path::new(source);
        Self::parse(&read(path)?, path)
    }

    /// Parses the text of a settings file.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let source = Source { name: &path.display().to_string(), text };
        let configuration = configuration::read(source, None, &mut |file| file_beside(Some(path), file))
            .map_err(|problems| Error::usage(format!("the settings are invalid\n{}", lines(&problems))))?;
        Ok(SettingsText { json: configuration.settings_json().to_owned(), ..SettingsText::default() })
    }

    /// Settings as JSON in the configuration file.
    pub(crate) fn of_json(json: String, name: &str) -> Result<Self> {
        SettingsText { json, ..SettingsText::default() }.checked(&|_| name.to_owned())
    }

    /// Returns these settings if they are valid. `place` returns where an error is.
    fn checked(self, place: &dyn Fn(&FieldError) -> String) -> Result<Self> {
        if let Err(errors) = self.unchecked_or_errors() {
            let errors: Vec<String> = errors.iter().map(|error| format!("{}: {error}", place(error))).collect();
            return Err(Error::usage(format!("the settings are invalid\n{}", errors.join("\n"))));
        }
        Ok(self)
    }

    fn unchecked_or_errors(&self) -> std::result::Result<Settings<'_>, Vec<FieldError>> {
        let mut unchecked = UncheckedSettings::default();
        self.deserialize(&self.json, &mut unchecked)?;
        if let Some(more) = &self.more {
            // A level replaces defaults, and defaults a level.
            let fields: serde_json::Value = serde_json::from_str(more).unwrap_or_default();
            if fields.get("level").is_some() {
                unchecked.value.defaults = None;
            } else if fields.get("defaults").is_some() {
                (unchecked.value.level, unchecked.value.version) = Default::default();
            }
            self.deserialize(more, &mut unchecked)?;
        }
        settings::validate(&mut unchecked, "").map_err(SettingsError::into_errors)
    }

    fn deserialize<'s>(&self, json: &'s str, unchecked: &mut UncheckedSettings<'s>) -> std::result::Result<(), Vec<FieldError>> {
        json::read(json, "", &ErrorSink::default(), unchecked)
            .map_err(|error| vec![FieldError { path: error.path, message: error.message }])
    }

    /// Returns the settings.
    ///
    /// # Errors
    /// None in practice, because the settings were checked when they were loaded.
    pub(crate) fn settings(&self) -> Result<Settings<'_>> {
        self.unchecked_or_errors().map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Error::usage(format!("the settings are invalid: {}", errors.join("; ")))
        })
    }
}

/// Reads a file of settings.
fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::usage(format!("cannot read the settings in {}: {}", path.display(), cause(&error))))
}

/// Returns the file that an AdmissionConfiguration names. A relative path is relative to the folder of the AdmissionConfiguration;
/// standard input has none.
///
/// # Errors
/// Why there is no such file.
pub(crate) fn file_beside(configuration: Option<&Path>, file: &str) -> std::result::Result<File, String> {
    let folder = match configuration {
        Some(path) => path.parent().unwrap_or(Path::new("")),
        None if Path::new(file).is_absolute() => Path::new(""),
        None => {
            return Err(format!(
                "{file} is relative to the folder of the AdmissionConfiguration, and standard input has none; pass the file by its name"
            ));
        }
    };
    let path = folder.join(file);
    let name = path.display().to_string();
    let text = Input::new(Some(path), name.clone(), true).read().map(String::from).map_err(|message| format!("{name} {message}"))?;
    Ok(File { name, text })
}

/// Returns the problems of a text, one in a line.
pub(crate) fn lines(problems: &[Problem]) -> String {
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    problems.join("\n")
}
