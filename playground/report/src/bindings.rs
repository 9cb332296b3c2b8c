//! The function that JavaScript calls. Values cross the boundary as JSON and texts.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use pss_playground::js::{from_value, to_json};
use wasm_bindgen::prelude::*;

use crate::api::{self, File};
use crate::result::ReportResult;

/// Returns the report on files in a format: `text`, `markdown`, `json` or `sarif`. The files are given by their names and, in the
/// same order, their texts.
#[wasm_bindgen(unchecked_return_type = "ReportResult")]
pub fn report(
    names: Vec<String>,
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue,
    format: &str,
) -> JsValue {
    let files: Vec<File<'_>> = names.iter().zip(&texts).map(|(name, text)| File { name, text }).collect();
    let result = api::report(&files, &to_json(options), format);
    from_value(&ReportResult::from(&result))
}
