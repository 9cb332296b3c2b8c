//! The functions that JavaScript calls. Values cross the boundary as JSON.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::api;

#[wasm_bindgen]
extern "C" {
    // A value without JSON, such as a function, becomes `undefined`; a cyclic object throws.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(json: &str) -> JsValue;
}

/// Returns what can be written at a line and column (in UTF-16 units) of a document, both from 1; null where nothing can be completed.
/// The fields and values of checks are those of `policy`, which is restricted at the latest version if it is invalid.
#[wasm_bindgen(unchecked_return_type = "CompletionReport | null")]
pub fn complete(document: &str, line: usize, column: usize, #[wasm_bindgen(unchecked_param_type = "Target")] policy: &JsValue) -> JsValue {
    to_js(&api::complete(document, line, column, &json(policy)))
}

/// Returns the documentation of the field at a line and column (in UTF-16 units) of a document, both from 1; null if there is none.
#[wasm_bindgen(unchecked_return_type = "HoverReport | null")]
pub fn hover(document: &str, line: usize, column: usize, #[wasm_bindgen(unchecked_param_type = "Target")] policy: &JsValue) -> JsValue {
    to_js(&api::hover(document, line, column, &json(policy)))
}

/// Returns the objects of a text with their containers, in the order of the text.
#[wasm_bindgen(unchecked_return_type = "ObjectInfo[]")]
pub fn outline(text: &str) -> JsValue {
    to_js(&api::outline(text))
}

/// Returns all checks, in the order in which they run.
#[wasm_bindgen(unchecked_return_type = "CheckInfo[]")]
pub fn checks() -> JsValue {
    to_js(&api::checks())
}

/// Returns the ids of the checks in a message of Kubernetes.
#[wasm_bindgen(js_name = checksInMessage)]
pub fn checks_in_message(message: &str) -> Vec<String> {
    api::checks_in_message(message)
}

/// A value as JSON; empty for a value without JSON.
fn json(value: &JsValue) -> String {
    stringify(value).ok().flatten().unwrap_or_default()
}

/// Converts a value by way of JSON. All types here can be serialized; otherwise the result is `undefined`.
fn to_js(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).map_or(JsValue::UNDEFINED, |json| parse(&json))
}
