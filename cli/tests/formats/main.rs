//! Tests of the output formats of `pss check`, with the program itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod agreement;
mod json_fields;
mod markdown;
mod page;
mod positions;
mod program;
mod samples;
mod sarif_log;
#[path = "../snapshot/mod.rs"]
mod snapshot;
mod snapshots;
