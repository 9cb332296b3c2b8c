//! The functions that JavaScript calls. Values cross the boundary as JSON.

#![allow(unreachable_pub, reason = "wasm-bindgen exports public functions only")]

use std::cell::RefCell;

use pss_review::Source;
use wasm_bindgen::prelude::*;

#[cfg(feature = "full")]
use crate::api;
use crate::js::{from_value, to_json};
#[cfg(feature = "full")]
use crate::report::Comparison;
use crate::report::FilesReport;
use crate::session::Session;

/// Evaluates files, which are manifests in the order in which kubectl applies them. Documents that were in the last report are not
/// evaluated again.
#[wasm_bindgen(js_name = evaluateFiles, unchecked_return_type = "FilesReport")]
pub fn evaluate_files(
    names: Vec<String>,
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue,
) -> JsValue {
    let files = sources(&names, &texts);
    SESSION.with_borrow_mut(|session| {
        let review = session.evaluate(&files, &to_json(options));
        from_value(&FilesReport::from(&review))
    })
}

/// Returns the texts of files with all safe fixes, or with those of the findings with some keys. A key has the index of the file, the
/// index of the document in it, the index of the object in a List or nothing, the check, the path, and `=` with the value or nothing,
/// separated by line ends. If the options are invalid, returns the texts unchanged.
#[cfg(feature = "full")]
#[wasm_bindgen(js_name = fixFiles)]
pub fn fix_files(
    names: Vec<String>,
    texts: Vec<String>,
    #[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue,
    keys: Option<Vec<String>>,
) -> Vec<String> {
    let files = sources(&names, &texts);
    SESSION.with_borrow_mut(|session| session.fix(&files, &to_json(options), keys.as_deref()))
}

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
}

fn sources<'f>(names: &'f [String], texts: &'f [String]) -> Vec<Source<'f>> {
    names.iter().zip(texts).map(|(name, text)| Source { name, text }).collect()
}

/// Renders the ClusterAdmissionPolicy with the settings of the options as YAML: two of them if one changes objects. If the options
/// are invalid, returns a comment with the errors.
#[cfg(feature = "full")]
#[wasm_bindgen]
pub fn policy(#[wasm_bindgen(unchecked_param_type = "Options")] options: &JsValue) -> String {
    api::policy(&to_json(options))
}

/// Compares the checks and the findings of manifests at two levels and versions.
#[cfg(feature = "full")]
#[wasm_bindgen(unchecked_return_type = "Comparison")]
pub fn compare(
    manifests: &str,
    #[wasm_bindgen(unchecked_param_type = "Target")] from: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Target")] to: &JsValue,
) -> JsValue {
    from_value(&Comparison::from(&api::compare(manifests, &to_json(from), &to_json(to))))
}

/// Returns `latest` and all versions of the standards, the newest first.
#[cfg(feature = "full")]
#[wasm_bindgen]
pub fn versions() -> Vec<String> {
    api::versions()
}
