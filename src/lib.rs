//! Kubernetes' Pod Security Standards and Pod Security Admission, as one Kubewarden policy.
//!
//! Bytes come in, a verdict goes out:
//!
//! ```text
//! request JSON --json--> Request (borrowed) --admission--> Decision --kubewarden--> response JSON
//!                                               |
//!                             standards::evaluate(pod, policy) -> findings
//! ```
//!
//! - [`standards`]: what the Pod Security Standards require; pure functions.
//! - [`admission`]: when they apply, and with which consequence.
//! - [`pod`]: the fields of a pod that the standards read.
//! - [`settings`]: the policy's settings and their validation.
//! - [`kubewarden`]: the entry point of the policy, a waPC guest.
//! - `places`, `quote`, `suggest`: what texts need everywhere, and what std has only larger.
//! - `playground`: the entry point of the page; with `manifest`, manifests as people write them, and
//!   `defaulting`, what an API server fills in. Neither is in the policy: an API server sends complete
//!   objects, as JSON.
//!
//! Dependencies point downwards only: entry points, admission, settings, standards, pod, and `json` below all.

// Forbidden in every module but the guest, which has to export a function by name.
#![deny(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod admission;
#[cfg(not(target_os = "wasi"))]
pub mod defaulting;
pub mod json;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub mod kubewarden;
#[cfg(not(target_os = "wasi"))]
pub mod manifest;
mod places;
#[cfg(not(target_os = "wasi"))]
pub mod playground;
pub mod pod;
pub mod quote;
pub mod settings;
pub mod standards;
pub mod suggest;

pub use json::{Collected, FieldError, Lazy, SyntaxError, Text};

/// Whether this is the page's module. In a page there are no updates, nobody reads an audit log, and JSON is
/// a manifest like another: it loads faster without what only those need.
const IN_PAGE: bool = cfg!(all(target_arch = "wasm32", target_os = "unknown"));
