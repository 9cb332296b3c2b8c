//! The functions that JavaScript calls. Results cross the boundary as JSON.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::api;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(json: &str) -> JsValue;
}

/// Finds the objects of a text to migrate from, and the leftovers of PodSecurityPolicies.
#[wasm_bindgen(unchecked_return_type = "Inspection")]
pub fn inspect(text: &str) -> JsValue {
    to_js(&api::inspect(text))
}

/// Converts a configuration that `inspect` found to settings: the document of an index, and in it the object of a name.
#[wasm_bindgen(unchecked_return_type = "SettingsReport")]
pub fn settings(text: &str, document: usize, name: &str) -> JsValue {
    to_js(&api::settings(text, document, name))
}

/// Plans what takes the place of the PodSecurityPolicies of a text.
#[wasm_bindgen(unchecked_return_type = "PlanReport")]
pub fn plan(text: &str) -> JsValue {
    to_js(&api::plan(text))
}

/// Converts a value by way of JSON. All types here can be serialized; otherwise the result is `undefined`.
fn to_js(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).map_or(JsValue::UNDEFINED, |json| parse(&json))
}
