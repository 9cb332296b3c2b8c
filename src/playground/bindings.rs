//! What exists only inside of a page: the functions that JavaScript calls. Values cross as JSON,
//! which both sides have a parser for already. Nothing here throws: what cannot be read of the
//! options is a mistake in the answer.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use wasm_bindgen::prelude::*;

use super::Json;

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[wasm_bindgen]
extern "C" {
    // A value without JSON, such as a function, becomes `undefined`, one that holds itself is thrown.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(json: &str) -> JsValue;
}

/// Judges manifests, YAML or JSON, any number of documents.
#[wasm_bindgen(unchecked_return_type = "Report")]
pub fn evaluate(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> JsValue {
    to_js(&super::evaluate(manifests, &json(options)))
}

/// Mends all that can be mended by machine, and answers with the manifests.
#[wasm_bindgen]
pub fn fix(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    super::fix(manifests, &json(options))
}

/// The ClusterAdmissionPolicy that enforces what `evaluate` shows, as YAML; or a comment that says
/// what is wrong with the options.
#[wasm_bindgen]
pub fn policy(#[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    super::policy(&json(options))
}

/// What changes for manifests from one level and version to another.
#[wasm_bindgen(unchecked_return_type = "Comparison")]
pub fn compare(
    manifests: &str,
    #[wasm_bindgen(unchecked_param_type = "Target")] from: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Target")] to: &JsValue,
) -> JsValue {
    to_js(&super::compare(manifests, &json(from), &json(to)))
}

/// All checks, in the order in which they run. Only in the build that describes the module: its answer is
/// always the same, so that a page has it as a file.
#[cfg(feature = "typescript")]
#[wasm_bindgen(unchecked_return_type = "CheckInfo[]")]
pub fn checks() -> JsValue {
    to_js(&super::checks())
}

/// Takes the sentences of findings, which a page has beside the module. Before the first verdict.
#[wasm_bindgen]
pub fn hear(sentences: &str) {
    super::words::hear(sentences);
}

/// The sentences that [`hear`] takes. Only in the build that describes the module, which has them.
#[cfg(feature = "typescript")]
#[wasm_bindgen]
pub fn sentences() -> String {
    super::words::sentences()
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

/// The value as JSON. What has none, such as a function or an object that holds itself, is nothing,
/// and nothing is a mistake.
fn json(value: &JsValue) -> String {
    stringify(value).ok().flatten().unwrap_or_default()
}

fn to_js(value: &dyn Json) -> JsValue {
    // What is written can be parsed.
    parse(&super::json(value))
}
