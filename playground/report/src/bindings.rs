//! The function that JavaScript calls. Values cross the boundary as JSON and texts.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use wasm_bindgen::prelude::*;

use crate::api::{self, File};
use crate::result::ReportResult;

#[wasm_bindgen]
extern "C" {
    // A value without JSON, such as a function, becomes `undefined`; a cyclic object throws.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(json: &str) -> JsValue;
}

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
    // A value without JSON becomes an empty text, which is an error in the options.
    let options = stringify(options).ok().flatten().unwrap_or_default();
    let result = api::report(&files, &options, format);
    // Errors and texts can be serialized.
    serde_json::to_string(&ReportResult::from(&result)).map_or(JsValue::UNDEFINED, |json| parse(&json))
}
