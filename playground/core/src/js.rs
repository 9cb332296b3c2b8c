//! The conversion of values between JavaScript and Rust by way of JSON, for the bindings of all modules of the page.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // A value without JSON, such as a function, becomes `undefined`; a cyclic object throws.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(json: &str) -> JsValue;
}

/// Returns a value as JSON. A value without JSON, such as a function or a cyclic object, becomes an empty text, which is an error in
/// options.
pub fn to_json(value: &JsValue) -> String {
    stringify(value).ok().flatten().unwrap_or_default()
}

/// Converts a value. All types of the page can be serialized; otherwise the result is `undefined`.
pub fn from_value(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).map_or(JsValue::UNDEFINED, |json| parse(&json))
}
