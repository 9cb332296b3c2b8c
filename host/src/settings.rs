//! A policy's settings, from JSON or from YAML, read as kwctl reads them.

use serde_json::{Map, Value};

use crate::error::Error;

/// The settings of a policy: a JSON object.
pub type Settings = Map<String, Value>;

/// Reads settings as JSON.
///
/// # Errors
/// [`Error::Settings`] with line and column where the text is no JSON, or where it is no object.
pub fn from_json(json: &str) -> Result<Settings, Error> {
    serde_json::from_str(json).map_err(|e| Error::Settings(format!("Cannot parse settings JSON: {e}"))).and_then(object)
}

/// Reads settings as YAML; `file` is the name that errors tell.
///
/// # Errors
/// [`Error::Settings`] with the place where the text is no YAML, or where it is no mapping.
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
