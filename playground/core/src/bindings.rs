//! The functions that JavaScript calls. Values cross the boundary as JSON.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::api;
use crate::report::{CheckInfo, Comparison, List, Report};

#[wasm_bindgen]
extern "C" {
    // A value without JSON, such as a function, becomes `undefined`; a cyclic object throws.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(json: &str) -> JsValue;
}

/// Judges manifests, YAML or JSON, any number of documents.
#[wasm_bindgen(unchecked_return_type = "Report")]
pub fn evaluate(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> JsValue {
    to_js(&Report::from(&api::evaluate(manifests, &json(options))))
}

/// The manifests with all fixes that are safe.
#[wasm_bindgen]
pub fn fix(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    api::fix(manifests, &json(options))
}

/// The ClusterAdmissionPolicy that enforces what `evaluate` shows, as YAML; or a comment with the errors in the options.
#[wasm_bindgen]
pub fn policy(#[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    api::policy(&json(options))
}

/// What changes for manifests from one level and version to another.
#[wasm_bindgen(unchecked_return_type = "Comparison")]
pub fn compare(
    manifests: &str,
    #[wasm_bindgen(unchecked_param_type = "Target")] from: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Target")] to: &JsValue,
) -> JsValue {
    to_js(&Comparison::from(&api::compare(manifests, &json(from), &json(to))))
}

/// All checks, in the order in which they run.
#[wasm_bindgen(unchecked_return_type = "CheckInfo[]")]
pub fn checks() -> JsValue {
    to_js(&List::<_, CheckInfo<'_>>::from(api::checks().as_slice()))
}

/// All versions that there are checks for: `latest`, then from the newest to the oldest.
#[wasm_bindgen]
pub fn versions() -> Vec<String> {
    api::versions()
}

/// The ids of the checks that a message of Kubernetes names.
#[wasm_bindgen(js_name = checksInMessage)]
pub fn checks_in_message(message: &str) -> Vec<String> {
    api::checks_in_message(message)
}

/// The JSON of a value; empty for a value without JSON, such as a function or a cyclic object, which is an error in the
/// options.
fn json(value: &JsValue) -> String {
    stringify(value).ok().flatten().unwrap_or_default()
}

/// A value by way of its JSON; undefined where it has none, which no type here is.
fn to_js(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).map_or(JsValue::UNDEFINED, |json| parse(&json))
}
