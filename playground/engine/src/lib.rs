//! The playground's engine (wasm32-unknown-unknown): the functions of `pss_playground` with fixes, unknown fields and the output of
//! kubectl, and those of an editor: completion, hover, the objects of a text, the catalogue of checks, and the reports of `pss check`. The page loads it after the
//! first verdict, in the place of the core.
//!
//! [`api`] has the functions, and `bindings` exports them to JavaScript. Errors in the text are part of the results; no function
//! throws.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

// Its functions are exported, too.
use pss_playground as _;
use pss_playground_report as _;

pub mod api;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
pub mod catalogue;
mod positions;
pub mod report;
#[cfg(test)]
mod tests;
