//! Entry point 1: the guest that Kubewarden's policy-server and kwctl call (wasm32-wasip1).
//!
//! The host speaks waPC: `validate` with a request and the settings, `validate_settings`, and
//! `protocol_version`. What cannot be read is rejected; nothing here panics.

use std::collections::HashMap;

use kubewarden_policy_sdk::response::ValidationResponse;
use kubewarden_policy_sdk::settings::SettingsValidationResponse;

use crate::admission::{self, Cluster, Decision, Request};
use crate::json::{self, Held, Notes, view};
use crate::settings::{self, Settings};

#[cfg(all(target_arch = "wasm32", target_os = "wasi"))]
mod guest;

/// Answers the payload of `validate`: `{"request": AdmissionRequest, "settings": {…}}`.
pub fn validate(payload: &[u8], cluster: &dyn Cluster) -> ValidationResponse {
    decide(payload, cluster).into()
}

fn decide(payload: &[u8], cluster: &dyn Cluster) -> Decision {
    let mut read = Payload::default();
    let notes = Notes::default();
    if let Err(broken) = json::text(payload).and_then(|text| json::read(text, "", &notes, &mut read)) {
        return match json::without_lone_surrogates(payload) {
            Some(mended) => decide(&mended, cluster),
            None => unreadable(&broken),
        };
    }
    if let Some(problem) = notes.into_problems().first() {
        return unreadable(problem);
    }
    let Payload { request, settings } = read;
    let settings = match settings::finish(settings, "settings") {
        Ok(settings) => settings,
        Err(invalid) => return Decision::rejected(500, format!("the policy's settings are invalid: {invalid}")),
    };
    let Held { value: request, problems } = request;
    if let Some(problem) = problems.first() {
        return unreadable(problem);
    }
    // Without these nobody knows what is asked, and what is not known must not be waved through.
    for (path, value) in [("request.operation", &request.operation), ("request.resource.resource", &request.resource.resource)] {
        if value.is_empty() {
            return unreadable(&format_args!("{path}: missing"));
        }
    }
    admission::admit(&request, &settings, cluster)
}

/// The answer to a request that nobody could judge.
fn unreadable(why: &dyn std::fmt::Display) -> Decision {
    Decision::rejected(400, format!("the admission request cannot be read: {why}"))
}

view! {
    /// The payload of `validate`.
    struct Payload<'a> {
        /// `request`.
        "request" => request: Held<Request<'a>, false>,
        /// `settings`.
        "settings" => settings: settings::Reading<'a>,
    }
}

/// Answers the payload of `validate_settings`: the settings.
pub fn validate_settings(payload: &[u8]) -> SettingsValidationResponse {
    let message = Settings::parse(payload).err().map(|invalid| invalid.to_string());
    SettingsValidationResponse { valid: message.is_none(), message }
}

impl From<Decision> for ValidationResponse {
    fn from(decision: Decision) -> Self {
        let Decision { rejection, warnings, audit_annotations } = decision;
        let annotations: HashMap<String, String> = audit_annotations.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        ValidationResponse {
            accepted: rejection.is_none(),
            code: rejection.as_ref().map(|rejection| rejection.code),
            message: rejection.map(|rejection| rejection.message),
            mutated_object: None,
            audit_annotations: (!annotations.is_empty()).then_some(annotations),
            warnings: (!warnings.is_empty()).then_some(warnings),
        }
    }
}

#[cfg(test)]
mod tests;
