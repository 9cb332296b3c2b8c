//! Tests of the program as a user runs it: files, arguments, output, exit status.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod baseline;
mod commands;
mod configuration;
mod documents;
mod exit_statuses;
mod fix;
mod fixtures;
mod folder;
mod helm_release;
mod hostile_input;
mod leftovers;
mod migrate_configuration;
mod migrate_psp;
mod output;
mod settings;
#[path = "../snapshot/mod.rs"]
mod snapshot;
mod strict_fields;
