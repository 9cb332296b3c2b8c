//! Share links of the playground. Their fragment has the text of the page and its choices: `#1.` and base64url of zlib of JSON.
//!
//! Source: `playground/src/shareLink.ts` and `playground/src/choices.ts`. Values that a link omits are the defaults of the page.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::ZlibDecoder;
use pss_manifest::{Kind, documents};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Context, SettingsText};
use crate::error::{Error, Result};

/// The version of the format.
const PREFIX: &str = "1.";
/// The limit of the decompressed link, as in the playground.
const MAX_BYTES: u64 = 10_000_000;

/// A link, without the text.
#[derive(Debug, Default, Deserialize)]
struct Packed {
    #[serde(default, rename = "c")]
    choices: Choices,
}

/// The choices that settings and context result from.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Choices {
    modes: String,
    enforce: Mode,
    audit: Mode,
    warn: Mode,
    exemptions: Map<String, Value>,
    labels: String,
    label_typos: String,
    enforce_workloads: bool,
    allow_existing: bool,
    harden: Vec<String>,
    more: String,
    namespace: String,
    namespace_labels: Map<String, Value>,
    user: String,
    groups: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct Mode {
    level: String,
    version: String,
}

impl Default for Mode {
    fn default() -> Self {
        Mode { level: "restricted".to_owned(), version: "latest".to_owned() }
    }
}

impl Default for Choices {
    fn default() -> Self {
        let empty = Map::new();
        Choices {
            modes: "alike".to_owned(),
            enforce: Mode::default(),
            audit: Mode::default(),
            warn: Mode::default(),
            exemptions: empty.clone(),
            labels: "ignore".to_owned(),
            label_typos: String::new(),
            enforce_workloads: false,
            allow_existing: false,
            harden: Vec::new(),
            more: String::new(),
            namespace: String::new(),
            namespace_labels: empty,
            user: String::new(),
            groups: Vec::new(),
        }
    }
}

/// Decodes a link.
pub(super) fn decode(link: &str) -> Result<SettingsText> {
    let invalid = || Error::usage("the link is damaged, incomplete, or no share link of the playground: expected ...#1.…");
    let fragment = link.split_once('#').map(|(_, fragment)| fragment).unwrap_or_default();
    let packed = fragment.strip_prefix(PREFIX).and_then(|body| URL_SAFE_NO_PAD.decode(body).ok()).ok_or_else(invalid)?;
    let mut json = Vec::new();
    // A few bytes can decompress to very many.
    let mut decoder = ZlibDecoder::new(packed.as_slice()).take(MAX_BYTES + 1);
    let length = decoder.read_to_end(&mut json).map_err(|_| invalid())?;
    if length as u64 > MAX_BYTES {
        return Err(invalid());
    }
    let Packed { choices } = serde_json::from_slice(&json).map_err(|_| invalid())?;
    Ok(SettingsText { json: settings(&choices).to_string(), more: more(&choices.more)?, context: context(choices) })
}

/// Returns the settings that choices result in.
fn settings(choices: &Choices) -> Value {
    let mut settings = Map::new();
    let Choices { enforce, audit, warn, .. } = choices;
    if choices.modes == "each" {
        let defaults = json!({
            "enforce": enforce.level, "enforce-version": enforce.version, "audit": audit.level, "audit-version": audit.version,
            "warn": warn.level, "warn-version": warn.version,
        });
        settings.insert("defaults".to_owned(), defaults);
    } else {
        settings.insert("level".to_owned(), json!(enforce.level));
        settings.insert("version".to_owned(), json!(enforce.version));
    }
    settings.insert("exemptions".to_owned(), Value::Object(choices.exemptions.clone()));
    settings.insert("namespaceLabels".to_owned(), json!(choices.labels));
    settings.insert("labelTypos".to_owned(), json!(choices.label_typos));
    if choices.enforce_workloads {
        settings.insert("workloads".to_owned(), json!("enforce"));
    }
    if choices.allow_existing {
        settings.insert("updates".to_owned(), json!("allow-existing"));
    }
    settings.insert("harden".to_owned(), json!(choices.harden));
    Value::Object(settings)
}

/// Returns the further settings, which are a YAML text, as JSON.
fn more(text: &str) -> Result<Option<String>> {
    let mut settings = None;
    for document in &documents(text) {
        let tree =
            document.content.as_ref().map_err(|error| Error::usage(format!("the further settings in the link: {}", error.message)))?;
        match (tree.root().kind(), &settings) {
            (Kind::Null, _) => {}
            (Kind::Mapping, None) => settings = Some(tree.to_json().to_string()),
            _ => return Err(Error::usage("the further settings in the link are not one object")),
        }
    }
    Ok(settings)
}

fn context(choices: Choices) -> Context {
    let Choices { namespace, namespace_labels, user, groups, .. } = choices;
    let labels = namespace_labels.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect();
    Context { namespace: Some(namespace).filter(|name| !name.is_empty()), namespace_labels: labels, user, groups }
}
