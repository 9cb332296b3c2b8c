//! Rewrites the modules that rustc builds into those that are published, and measures their size.
//!
//! - [`preinit`]: runs a module's initialization at build time.
//! - [`direct_calls`]: replaces indirect calls with direct ones.
//! - [`module_size`]: the size of a module's sections, crates and functions.

#![forbid(unsafe_code)]

pub mod direct_calls;
pub mod module_size;
pub mod preinit;

use thiserror::Error;

/// Why a module cannot be parsed or rewritten.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes are not a WebAssembly module.
    #[error("cannot parse the module: {0}")]
    Parse(String),
    /// The module cannot be initialized at build time.
    #[error("cannot initialize the module: {0}")]
    Preinit(String),
    /// The module's indirect calls cannot be replaced.
    #[error("cannot replace the module's indirect calls: {0}")]
    DirectCalls(String),
}
