//! The Kubewarden policy: Kubernetes' Pod Security Standards and Pod Security Admission (wasm32-wasip1).
//!
//! Bytes come in, JSON goes out. The host speaks waPC: `validate` with a request and the settings, `validate_settings`, and
//! `protocol_version`. What cannot be parsed is rejected; nothing here panics.
//!
//! ```text
//! payload --json--> Request, Settings --pss_core::admission::admit--> Decision --response--> JSON
//! ```
//!
//! - [`validate`], [`validate_settings`]: the operations, as functions of bytes.
//! - `response`: the answer to `validate`.
//! - `host_calls`: the requests that the guest sends to its host, and what their failures mean.
//! - `guest`: the waPC guest; the only unsafe code.
//!
//! What is required, and when it applies, is in [`pss_core`].

// Forbidden everywhere but in the guest, which has to export a function by name.
#![deny(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(target_os = "wasi")]
mod guest;
#[cfg(any(test, target_os = "wasi"))]
mod host_calls;
mod response;

pub use response::Response;

use std::fmt::Display;

use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use pss_core::admission::{self, Cluster, Decision, Payload};
use pss_core::json::{self, Collected, SyntaxError};
use pss_core::settings::{self, Settings};

/// Answers the payload of `validate`: `{"request": AdmissionRequest, "settings": {…}}`. A payload that cannot be parsed is
/// rejected.
pub fn validate(payload: &[u8], cluster: &dyn Cluster) -> Response {
    answer(payload, cluster).unwrap_or_else(|error| answer_like_go(payload, &error, cluster))
}

/// The answer to a payload with a syntax error. Go accepts lone halves of surrogate pairs, so it may be none there.
// Not inlined, and `decide` neither: so the stack of most requests fits into one page of memory, and a page fault costs as much
// as judging a container (tests/wasm/memory_pages.rs counts them).
#[inline(never)]
fn answer_like_go(payload: &[u8], error: &SyntaxError, cluster: &dyn Cluster) -> Response {
    let answer = json::without_lone_surrogates(payload).map(|payload| answer(&payload, cluster));
    answer.map_or_else(|| Response::of(unreadable(error), ""), |answer| answer.unwrap_or_else(|error| Response::of(unreadable(&error), "")))
}

fn answer(payload: &[u8], cluster: &dyn Cluster) -> Result<Response, SyntaxError> {
    let mut parsed = Payload::default();
    let text = json::from_utf8(payload)?;
    let errors = parsed.read(text)?;
    let decision = match errors.first() {
        Some(error) => unreadable(error),
        None => decide(&mut parsed, text, cluster),
    };
    Ok(Response::of(decision, text))
}

#[inline(never)]
fn decide(payload: &mut Payload<'_>, text: &str, cluster: &dyn Cluster) -> Decision {
    let Payload { request, settings } = payload;
    // Borrowed, because the settings are large and a move would copy them on the stack.
    let settings = &settings::validate(settings, "settings");
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return Decision::rejected(500, format!("the policy's settings are invalid: {error}")),
    };
    let Collected { value: request, errors } = request;
    if let Some(error) = errors.first() {
        return unreadable(error);
    }
    // A request without these is rejected: what is not known to be harmless must not be accepted.
    for (path, value) in [("request.operation", &request.operation), ("request.resource.resource", &request.resource.resource)] {
        if value.is_empty() {
            return unreadable(&format_args!("{path}: missing"));
        }
    }
    admission::admit(request, text, settings, cluster)
}

/// The decision on a request that cannot be parsed.
fn unreadable(error: &dyn Display) -> Decision {
    Decision::rejected(400, format!("the admission request cannot be read: {error}"))
}

/// Answers the payload of `validate_settings`: the settings.
pub fn validate_settings(payload: &[u8]) -> SettingsValidationResponse {
    let message = Settings::parse(payload).err().map(|error| error.to_string());
    SettingsValidationResponse { valid: message.is_none(), message }
}

#[cfg(test)]
mod tests;
