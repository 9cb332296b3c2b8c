//! The functions that JavaScript calls. Values cross the boundary as JSON.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use pss_playground::js::{from_value, to_json};
use wasm_bindgen::prelude::*;

use crate::api;

/// Returns what can be written at a line and column (in UTF-16 units) of a document, both from 1; null where nothing can be completed.
/// The fields and values of checks are those of `policy`, which is restricted at the latest version if it is invalid.
#[wasm_bindgen(unchecked_return_type = "CompletionReport | null")]
pub fn complete(document: &str, line: usize, column: usize, #[wasm_bindgen(unchecked_param_type = "Target")] policy: &JsValue) -> JsValue {
    from_value(&api::complete(document, line, column, &to_json(policy)))
}

/// Returns the documentation of the field at a line and column (in UTF-16 units) of a document, both from 1; null if there is none.
#[wasm_bindgen(unchecked_return_type = "HoverReport | null")]
pub fn hover(document: &str, line: usize, column: usize, #[wasm_bindgen(unchecked_param_type = "Target")] policy: &JsValue) -> JsValue {
    from_value(&api::hover(document, line, column, &to_json(policy)))
}

/// Returns the objects of a text with their containers, in the order of the text.
#[wasm_bindgen(unchecked_return_type = "ObjectInfo[]")]
pub fn outline(text: &str) -> JsValue {
    from_value(&api::outline(text))
}

/// Returns all checks, in the order in which they run.
#[wasm_bindgen(unchecked_return_type = "CheckInfo[]")]
pub fn checks() -> JsValue {
    from_value(&api::checks())
}

/// Returns the ids of the checks in a message of Kubernetes.
#[wasm_bindgen(js_name = checksInMessage)]
pub fn checks_in_message(message: &str) -> Vec<String> {
    api::checks_in_message(message)
}
