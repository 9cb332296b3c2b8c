//! Builds the published modules out of what the compiler makes.
//!
//! - [`preinit`]: a module whose initialization is done.
//! - [`direct_calls`]: a module without calls through its table.
//! - [`module_size`]: what a module consists of.

#![forbid(unsafe_code)]

pub mod direct_calls;
pub mod module_size;
pub mod preinit;

use thiserror::Error;

/// Why a module cannot be read or rewritten.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes are no WebAssembly module.
    #[error("cannot load the policy: {0}")]
    Load(String),
    /// The module cannot be initialized ahead of time.
    #[error("cannot start the policy: {0}")]
    Preinit(String),
    /// The calls through the module's table cannot be made direct ones.
    #[error("cannot make the calls of the policy direct: {0}")]
    DirectCalls(String),
}
