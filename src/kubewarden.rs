//! Entry point 1: the guest that Kubewarden's policy-server and kwctl call (wasm32-wasip1).
//!
//! The host speaks waPC: `validate` with a request and the settings, `validate_settings`, and
//! `protocol_version`. What cannot be read is rejected; nothing here panics.

use kubewarden_policy_sdk::settings::SettingsValidationResponse;

use crate::admission::{self, Cluster, Decision, Request};
use crate::json::{self, Collected, ErrorSink, SyntaxError, view};
use crate::settings::{self, Settings};

#[cfg(any(test, all(target_arch = "wasm32", target_os = "wasi")))]
mod asking;
#[cfg(all(target_arch = "wasm32", target_os = "wasi"))]
mod guest;
mod response;

pub use response::Response;

/// Answers the payload of `validate`: `{"request": AdmissionRequest, "settings": {…}}`.
pub fn validate(payload: &[u8], cluster: &dyn Cluster) -> Response {
    decide(payload, cluster).unwrap_or_else(|broken| decide_mended(payload, &broken, cluster))
}

/// The answer to a payload that is broken: the one to it as Go would read it, if that makes a difference.
// Not a part of its only caller, and `answer` neither: the stack of most requests fits into a page of memory then.
#[inline(never)]
fn decide_mended(payload: &[u8], broken: &SyntaxError, cluster: &dyn Cluster) -> Response {
    let mended = json::without_lone_surrogates(payload).map(|mended| decide(&mended, cluster));
    mended.map_or_else(
        || Response::of(unreadable(broken), ""),
        |decided| decided.unwrap_or_else(|broken| Response::of(unreadable(&broken), "")),
    )
}

/// The answer to a payload that is JSON.
fn decide(payload: &[u8], cluster: &dyn Cluster) -> Result<Response, SyntaxError> {
    let mut read = Payload::default();
    let notes = ErrorSink::default();
    let text = json::from_utf8(payload)?;
    json::read_lazily(text, "", &notes, &mut read)?;
    let decision = match notes.into_errors().first() {
        Some(problem) => unreadable(problem),
        None => answer(&mut read, text, cluster),
    };
    Ok(Response::of(decision, text))
}

#[inline(never)]
fn answer(payload: &mut Payload<'_>, text: &str, cluster: &dyn Cluster) -> Decision {
    let Payload { request, settings } = payload;
    let settings = settings::validate(settings, "settings");
    let settings = match &settings {
        Ok(settings) => settings,
        Err(invalid) => return Decision::rejected(500, format!("the policy's settings are invalid: {invalid}")),
    };
    let Collected { value: request, errors } = request;
    if let Some(problem) = errors.first() {
        return unreadable(problem);
    }
    // Without these nobody knows what is asked, and what is not known must not be waved through.
    for (path, value) in [("request.operation", &request.operation), ("request.resource.resource", &request.resource.resource)] {
        if value.is_empty() {
            return unreadable(&format_args!("{path}: missing"));
        }
    }
    admission::admit(request, text, settings, cluster)
}

/// The answer to a request that nobody could judge.
fn unreadable(why: &dyn std::fmt::Display) -> Decision {
    Decision::rejected(400, format!("the admission request cannot be read: {why}"))
}

view! {
    /// The payload of `validate`.
    struct Payload<'a> {
        /// `request`.
        "request" => request: Collected<Request<'a>, false>,
        /// `settings`.
        "settings" => settings: settings::UncheckedSettings<'a>,
    }
}

/// Answers the payload of `validate_settings`: the settings.
pub fn validate_settings(payload: &[u8]) -> SettingsValidationResponse {
    let message = Settings::parse(payload).err().map(|invalid| invalid.to_string());
    SettingsValidationResponse { valid: message.is_none(), message }
}

#[cfg(test)]
mod tests;
