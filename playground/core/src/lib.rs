//! Entry point 2: the playground's module (wasm32-unknown-unknown). Manifests as text and options as JSON come in; a report as
//! JSON, fixed texts and policies go out.
//!
//! The functions of [`api`] are the module; `bindings` gives them to JavaScript. Errors in the options are part of the answers:
//! nothing is thrown.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod api;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
pub mod options;
pub mod report;

#[cfg(test)]
mod tests;
