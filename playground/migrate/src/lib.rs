//! The playground's second module (wasm32-unknown-unknown), with what `pss migrate` does. The page loads it when its
//! text contains an object to migrate from. Its functions take the text, and return JSON.
//!
//! [`api`] has the functions, and `bindings` exports them to JavaScript. Errors in the text are part of the results; no function
//! throws.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod api;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
pub mod report;
#[cfg(test)]
mod tests;
