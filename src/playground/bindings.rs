//! What exists only inside of a page: the functions that JavaScript calls. Values cross as JSON,
//! which both sides have a parser for already. Nothing here throws: what cannot be read of the
//! options is a mistake in the answer.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use super::report::Mistake;

/// Judges manifests, YAML or JSON, any number of documents.
#[wasm_bindgen(unchecked_return_type = "Report")]
pub fn evaluate(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> JsValue {
    to_js(&read(options).map_or_else(super::Report::mistaken, |options| super::evaluate(manifests, &options)))
}

/// Mends all that can be mended by machine, and answers with the manifests.
#[wasm_bindgen]
pub fn fix(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    read(options).map_or_else(|_| manifests.to_owned(), |options| super::fix(manifests, &options))
}

/// The ClusterAdmissionPolicy that enforces what `evaluate` shows, as YAML.
#[wasm_bindgen]
pub fn policy(#[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    read(options).map_or_else(|mistake| super::no_policy(&[mistake]), |options| super::policy(&options))
}

/// What changes for manifests from one level and version to another.
#[wasm_bindgen(unchecked_return_type = "Comparison")]
pub fn compare(
    manifests: &str,
    #[wasm_bindgen(unchecked_param_type = "Target")] from: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Target")] to: &JsValue,
) -> JsValue {
    let targets = read(from).and_then(|from| read(to).map(|to| (from, to)));
    to_js(&targets.map_or_else(super::Comparison::mistaken, |(from, to)| super::compare(manifests, &from, &to)))
}

/// All checks, in the order in which they run.
#[wasm_bindgen(unchecked_return_type = "CheckInfo[]")]
pub fn checks() -> JsValue {
    to_js(&super::checks())
}

/// All versions that there are checks for: `latest`, then from the newest to the oldest.
#[wasm_bindgen]
pub fn versions() -> Vec<String> {
    super::versions()
}

/// The ids of the checks that a message of Kubernetes names.
#[wasm_bindgen]
pub fn named(message: &str) -> Vec<String> {
    super::named(message)
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Result<T, Mistake> {
    let mistake = |message: String| Mistake { path: String::new(), message };
    let json = JSON::stringify(value).map_err(|_| mistake("must be an object that can be written as JSON".to_owned()))?;
    // `undefined` and functions have no JSON.
    let json = json.as_string().ok_or_else(|| mistake("missing".to_owned()))?;
    serde_json::from_str(&json).map_err(|error| mistake(error.to_string()))
}

fn to_js(value: &impl Serialize) -> JsValue {
    // Neither can fail: all that crosses has string keys, and what serde_json writes can be parsed.
    serde_json::to_string(value).ok().and_then(|json| JSON::parse(&json).ok()).unwrap_or_default()
}
