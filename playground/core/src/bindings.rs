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

/// Evaluates manifests, which are any number of YAML or JSON documents.
#[wasm_bindgen(unchecked_return_type = "Report")]
pub fn evaluate(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> JsValue {
    to_js(&Report::from(&api::evaluate(manifests, &json(options))))
}

/// Applies all safe fixes to the manifests. If the options are invalid, returns the manifests unchanged.
#[wasm_bindgen]
pub fn fix(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    api::fix(manifests, &json(options))
}

/// Renders the ClusterAdmissionPolicy with the settings of the options as YAML: two of them if one changes objects. If the options
/// are invalid, returns a comment with the errors.
#[wasm_bindgen]
pub fn policy(#[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    api::policy(&json(options))
}

/// Compares the checks and the findings of manifests at two levels and versions.
#[wasm_bindgen(unchecked_return_type = "Comparison")]
pub fn compare(
    manifests: &str,
    #[wasm_bindgen(unchecked_param_type = "Target")] from: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Target")] to: &JsValue,
) -> JsValue {
    to_js(&Comparison::from(&api::compare(manifests, &json(from), &json(to))))
}

/// Returns all checks, in the order in which they run.
#[wasm_bindgen(unchecked_return_type = "CheckInfo[]")]
pub fn checks() -> JsValue {
    to_js(&List::<_, CheckInfo<'_>>::from(api::checks().as_slice()))
}

/// Returns `latest` and all versions of the standards, the newest first.
#[wasm_bindgen]
pub fn versions() -> Vec<String> {
    api::versions()
}

/// Returns the ids of the checks in a message of Kubernetes.
#[wasm_bindgen(js_name = checksInMessage)]
pub fn checks_in_message(message: &str) -> Vec<String> {
    api::checks_in_message(message)
}

/// A value as JSON. A value without JSON, such as a function or a cyclic object, becomes an empty text, which is an error in the
/// options.
fn json(value: &JsValue) -> String {
    stringify(value).ok().flatten().unwrap_or_default()
}

/// Converts a value by way of JSON. All types here can be serialized; otherwise the result is `undefined`.
fn to_js(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).map_or(JsValue::UNDEFINED, |json| parse(&json))
}
