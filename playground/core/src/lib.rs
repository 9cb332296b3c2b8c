//! Entry point 2: the core of the playground (wasm32-unknown-unknown). Its functions take manifests as text and options as JSON, and
//! return a report as JSON, fixed texts and policies.
//!
//! Without the feature `full` it is the first module that the page loads, which evaluates only. With it, it is a part of the engine.
//! [`api`] and [`session`] have the functions, and `bindings` exports them to JavaScript. Errors in the options are part of the
//! results; no function throws.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod api;
#[cfg(all(feature = "bindings", target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub mod js;
pub mod options;
pub mod report;
pub mod session;

#[cfg(test)]
mod tests;
