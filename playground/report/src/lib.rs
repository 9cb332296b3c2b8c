//! The playground's module for reports (wasm32-unknown-unknown), which the page loads on demand: the reports that `pss check` writes.
//!
//! [`api`] has the function, and `bindings` exports it to JavaScript. Errors in the options are part of the result; no function
//! throws.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod api;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
pub mod result;

#[cfg(test)]
mod tests;
