//! What editors of manifests need: completion, the documentation of fields, and the objects of a text. The language server of pss and
//! the page share it.
//!
//! - `checked_fields.rs`: the fields that checks read, by their paths.
//! - `cursor.rs`: the place of the cursor in a text that is being written, and cannot be parsed.
//! - `completion.rs`: the fields and values for that place.
//! - `hover.rs`: the field at a place of a text that can be parsed, and the checks that read it.
//! - `outline.rs`: the objects of a text and their containers.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod checked_fields;
mod completion;
mod cursor;
mod hover;
mod outline;

pub use checked_fields::{CheckedField, checked_fields};
pub use completion::{Candidate, CandidateKind, Completions, completions};
pub use hover::{FieldPlace, field_at, relevant_fields};
pub use outline::{ContainerOutline, ObjectOutline, outline};
