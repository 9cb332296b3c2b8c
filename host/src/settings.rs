//! A policy's settings, parsed from JSON or YAML as kwctl parses them.

use serde_json::{Map, Value};

use crate::error::Error;

/// The settings of a policy: a JSON object.
pub type Settings = Map<String, Value>;

/// Parses settings from JSON. `null` is an empty object.
///
/// # Errors
/// [`Error::Settings`] with line and column if the text is not JSON, and if it is not an object.
pub fn from_json(json: &str) -> Result<Settings, Error> {
    serde_json::from_str(json).map_err(|e| Error::Settings(format!("Cannot parse settings JSON: {e}"))).and_then(object)
}

/// Parses settings from YAML. `file` is the file name in error messages; an empty document is an empty object.
///
/// # Errors
/// [`Error::Settings`] with line and column if the text is not YAML, and if it is not a mapping.
pub fn from_yaml(yaml: &str, file: &str) -> Result<Settings, Error> {
    serde_norway::from_str(yaml).map_err(|e| Error::Settings(format!("Cannot parse settings file {file}: {e}"))).and_then(object)
}

fn object(value: Value) -> Result<Settings, Error> {
    match value {
        Value::Object(settings) => Ok(settings),
        Value::Null => Ok(Settings::new()),
        _ => Err(Error::Settings("Invalid settings in CRD, not an object".to_owned())),
    }
}
