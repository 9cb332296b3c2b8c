//! The playground's module for fields (wasm32-unknown-unknown), which contains the table of Kubernetes' fields and the catalogue of
//! checks. The page loads it after the first verdict. Its functions take texts, and return JSON.
//!
//! [`api`] has the functions, and `bindings` exports them to JavaScript. Errors in the text are part of the results; no function
//! throws.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod api;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
pub mod catalogue;
pub mod errors;
mod positions;
pub mod report;
#[cfg(test)]
mod tests;
