//! Tests of the language server: a client speaks the protocol with the program.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "lsp/actions.rs"]
mod actions;
#[path = "lsp/client.rs"]
mod client;
#[path = "lsp/completions.rs"]
mod completions;
#[path = "lsp/configuration.rs"]
mod configuration;
#[path = "lsp/diagnostics.rs"]
mod diagnostics;
#[path = "lsp/documentation.rs"]
mod documentation;
#[path = "lsp/hovers.rs"]
mod hovers;
#[path = "lsp/protocol.rs"]
mod protocol;
#[path = "lsp/texts.rs"]
mod texts;
