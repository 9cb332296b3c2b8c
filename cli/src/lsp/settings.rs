//! The settings that an editor passes: `initializationOptions`, and those of `workspace/didChangeConfiguration`.
//!
//! Their names are those of `pss.toml` in camel case. Invalid values are reported and ignored, because an editor has no place for
//! the exit status of a program.

use std::path::{Path, PathBuf};

use pss_core::suggest;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::arguments;
use crate::config::{Choices, SettingsSource};
use crate::settings::SettingsText;

/// The settings of an editor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct EditorSettings {
    /// The choices for files, which those of a `pss.toml` override.
    pub(super) choices: Choices,
    /// The configuration file in place of the nearest `pss.toml`.
    pub(super) config: Option<PathBuf>,
}

/// The names of the settings.
const NAMES: [&str; 8] = ["level", "version", "settings", "namespace", "namespaceLabels", "failOn", "validate", "config"];

impl EditorSettings {
    /// Reads settings. Returns the errors besides.
    ///
    /// Clients pass `null` for no settings, and VS Code passes the settings of a section in an object with its name. Paths are
    /// relative to `root`.
    pub(super) fn of(value: &Value, root: Option<&Path>) -> (Self, Vec<String>) {
        let mut settings = EditorSettings::default();
        let mut errors = Vec::new();
        let value = value.get("pss").unwrap_or(value);
        let Some(fields) = value.as_object() else {
            if !value.is_null() {
                errors.push("expected an object with settings such as {\"level\": \"baseline\"}".to_owned());
            }
            return (settings, errors);
        };
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            if let Err(error) = settings.set(name, value, root) {
                errors.push(format!("{name}: {error}"));
            }
        }
        (settings, errors)
    }

    fn set(&mut self, name: &str, value: &Value, root: Option<&Path>) -> Result<(), String> {
        let choices = &mut self.choices;
        match name {
            "level" => choices.level = Some(arguments::level(text(value)?)?),
            "version" => choices.version = Some(arguments::version(text(value)?)?),
            "settings" => choices.settings = Some(settings_source(value, root)?),
            "namespace" => choices.namespace = Some(text(value)?.to_owned()),
            "namespaceLabels" => choices.namespace_labels = Some(of_json(value, "an object of texts")?),
            "failOn" => choices.fail_on = Some(of_json(value, "one of baseline, restricted, warn, never")?),
            "validate" => choices.validate = Some(of_json(value, "one of strict, warn, ignore")?),
            "config" => self.config = Some(joined(root, text(value)?)),
            _ => return Err(format!("there is no such setting{}", suggest::did_you_mean(name, &NAMES))),
        }
        Ok(())
    }
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("expected a text, not {value}"))
}

fn of_json<T: DeserializeOwned>(value: &Value, expected: &str) -> Result<T, String> {
    T::deserialize(value).map_err(|_| format!("expected {expected}, not {value}"))
}

/// Returns the source of settings: an object, a path or a share link, whose settings are valid.
fn settings_source(value: &Value, root: Option<&Path>) -> Result<SettingsSource, String> {
    if let Some(text) = value.as_str() {
        let file = if text.contains("://") { text.to_owned() } else { joined(root, text).display().to_string() };
        SettingsText::load(&file).map_err(|error| error.to_string())?;
        return Ok(SettingsSource::File(file));
    }
    let table: toml::Table = of_json(value, "an object of settings without null values, or the path of a file")?;
    SettingsText::of_json(value.to_string(), "settings").map_err(|error| error.to_string())?;
    Ok(SettingsSource::Table(table))
}

fn joined(root: Option<&Path>, path: &str) -> PathBuf {
    root.map_or_else(|| PathBuf::from(path), |root| root.join(path))
}

#[cfg(test)]
mod tests {
    use pss_core::standards::{Level, Version};
    use serde_json::json;

    use super::*;
    use crate::arguments::{FailOn, Validation};

    #[test]
    fn reads_settings_by_their_names_in_camel_case() {
        let value = json!({
            "level": "baseline", "version": "v1.30", "settings": { "level": "restricted" }, "namespace": "web",
            "namespaceLabels": { "team": "a" }, "failOn": "never", "validate": "warn", "config": "ci/pss.toml",
        });
        for value in [value.clone(), json!({ "pss": value })] {
            let (settings, errors) = EditorSettings::of(&value, Some(Path::new("/srv")));
            assert_eq!(errors, [""; 0]);
            let Choices { level, version, settings: source, namespace, namespace_labels, fail_on, validate } = settings.choices;
            assert_eq!((level, version), (Some(Level::Baseline), Some(Version::Minor(30))));
            assert!(matches!(source, Some(SettingsSource::Table(_))));
            assert_eq!((namespace.as_deref(), namespace_labels.map(|labels| labels.len())), (Some("web"), Some(1)));
            assert_eq!((fail_on, validate), (Some(FailOn::Never), Some(Validation::Warn)));
            assert_eq!(settings.config, Some(PathBuf::from("/srv/ci/pss.toml")));
        }
    }

    #[test]
    fn ignores_invalid_settings_and_reports_each() {
        let value =
            json!({ "level": "strict", "version": 1, "levl": "x", "failOn": "x", "settings": { "level": "x" }, "namespace": "web" });
        let (settings, errors) = EditorSettings::of(&value, None);
        let valid = Choices { namespace: Some("web".to_owned()), ..Choices::default() };
        assert_eq!(settings, EditorSettings { choices: valid, config: None });
        let names: Vec<&str> = errors.iter().filter_map(|error| error.split(':').next()).collect();
        assert_eq!(names, ["failOn", "level", "levl", "settings", "version"]);
        assert!(errors.iter().any(|error| error.contains("did you mean")), "{errors:?}");
    }

    #[test]
    fn no_settings_are_no_error() {
        for value in [json!(null), json!({}), json!({ "pss": null }), json!({ "level": null })] {
            assert_eq!(EditorSettings::of(&value, None), (EditorSettings::default(), Vec::new()), "{value}");
        }
        assert_eq!(EditorSettings::of(&json!([]), None).1.len(), 1);
    }
}
