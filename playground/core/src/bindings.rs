//! The functions that JavaScript calls. Values cross the boundary as JSON.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use std::cell::RefCell;

use pss_review::Source;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::api;
use crate::report::{CheckInfo, Comparison, FilesReport, List, Report};
use crate::session::{FieldErrors, Session};

#[wasm_bindgen]
extern "C" {
    // A value without JSON, such as a function, becomes `undefined`; a cyclic object throws.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = JSON)]
    fn parse(json: &str) -> JsValue;

    /// The module for fields, or an object with its function `errors`.
    #[wasm_bindgen(typescript_type = "{ errors(document: string): string }")]
    pub type Fields;

    #[wasm_bindgen(method)]
    fn errors(this: &Fields, document: &str) -> String;
}

/// Evaluates manifests, which are any number of YAML or JSON documents.
#[wasm_bindgen(unchecked_return_type = "Report")]
pub fn evaluate(manifests: &str, #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> JsValue {
    to_js(&Report::from(&api::evaluate(manifests, &json(options))))
}

/// Evaluates files, which are manifests in the order in which kubectl applies them. Documents that were in the last report are not
/// evaluated again. `fields` is the module for fields, if it is loaded.
#[wasm_bindgen(js_name = evaluateFiles, unchecked_return_type = "FilesReport")]
pub fn evaluate_files(
    names: Vec<String>,
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue,
    fields: Option<Fields>,
) -> JsValue {
    let files = sources(&names, &texts);
    SESSION.with_borrow_mut(|session| {
        let review = with_errors(fields.as_ref(), |errors| session.evaluate(&files, &json(options), errors));
        to_js(&FilesReport::from(&review))
    })
}

/// Returns the texts of files with all safe fixes, or with those of the findings with some keys. A key has the index of the file, the
/// index of the document in it, the index of the object in a List or nothing, the check, the path, and `=` with the value or nothing,
/// separated by line ends. If the options are invalid, returns the
/// texts unchanged.
#[wasm_bindgen(js_name = fixFiles)]
pub fn fix_files(
    names: Vec<String>,
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue,
    fields: Option<Fields>,
    keys: Option<Vec<String>>,
) -> Vec<String> {
    let files = sources(&names, &texts);
    SESSION.with_borrow_mut(|session| with_errors(fields.as_ref(), |errors| session.fix(&files, &json(options), errors, keys.as_deref())))
}

/// Calls a function with the errors of fields, if the module for fields is loaded.
fn with_errors<T>(fields: Option<&Fields>, call: impl FnOnce(Option<FieldErrors<'_>>) -> T) -> T {
    match fields {
        Some(fields) => call(Some(&|document| fields.errors(document))),
        None => call(None),
    }
}

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
}

fn sources<'f>(names: &'f [String], texts: &'f [String]) -> Vec<Source<'f>> {
    names.iter().zip(texts).map(|(name, text)| Source { name, text }).collect()
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
