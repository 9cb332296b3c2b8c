//! Manifests judged by the policy: findings with positions, fixes, explanations, comparisons, and what kubectl prints.
//!
//! ```text
//! text --pss_manifest--> documents --deserialization, defaulting--> objects --pss_core::admission::review--> judgements --> Report
//! ```
//!
//! - [`review`](review()): texts and [`Options`] to a [`Report`].
//! - [`fix`]: a text with all fixes.
//! - [`compare`]: what changes from one level and version to another.
//! - [`policy`], [`policy_unavailable`]: the ClusterAdmissionPolicy for some settings.
//! - [`catalogue`], [`checks_markdown`], [`checks_in_message`]: the checks, their reference page, and those that a message
//!   names.
//!
//! Every entry point for people stands on this: a page, a command line, an editor.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod catalogue;
mod checks_page;
pub mod comparison;
pub mod defaulting;
pub mod deserialization;
mod explanation;
mod findings;
mod fixes;
mod kinds;
mod named;
mod options;
mod policy;
mod report;
mod review;
mod terminal;
#[cfg(test)]
mod testing;

pub use checks_page::checks_markdown;
pub use comparison::{ChangeKind, CheckChange, Comparison, DocumentChange, compare};
pub use fixes::apply;
pub use named::named as checks_in_message;
pub use options::{Admission, Options, Source};
pub use policy::{none as policy_unavailable, policy};
pub use report::*;
pub use review::review;

/// The text with all fixes that are safe.
pub fn fix(source: Source<'_>, options: &Options<'_>) -> String {
    fixes::fix_all(source.text, &|text| review(&[Source { text, ..source }], options))
}
