//! The functions that JavaScript calls.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use wasm_bindgen::prelude::*;

use crate::api;

/// Finds the errors about fields in the objects of a document, as JSON for the core's callback.
#[wasm_bindgen]
pub fn errors(document: &str) -> String {
    api::errors(document)
}
