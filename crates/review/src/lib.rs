//! The review of manifests by the policy: findings with positions, fixes, explanations, comparisons, and the output of
//! `kubectl apply`.
//!
//! ```text
//! text --pss_manifest--> documents --deserialization, defaulting--> objects --pss_core::admission::review--> judgements --> Report
//! ```
//!
//! - [`review`](review()): returns the [`Report`] on texts for some [`Options`]. [`review_text`] passes on the reports on one of
//!   many texts, document by document.
//! - [`fix`]: returns a text with all fixes.
//! - [`compare`]: returns the differences between two levels and versions.
//! - [`policy`]: the ClusterAdmissionPolicy for settings; [`errors_as_comment`]: a comment in its place if they are invalid;
//!   [`MODULE`]: its published module; [`settings_yaml`]: the settings alone; [`yaml_scalar`]: a string for YAML.
//! - [`Inventory`]: what the namespaces of manifests contain, for warnings about those that get labels.
//! - [`catalogue`], [`checks_markdown`], [`checks_in_message`]: the checks, their reference page, and those that a message
//!   names.
//! - [`templates`]: masks the actions of a template, so that the rest of it can be reviewed.
//! - [`fields`]: unknown fields and wrong types, for programs that pass its table as a [`schema`].
//!
//! The playground uses this crate, and other user interfaces can.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod block_scalars;
pub mod catalogue;
mod cause;
mod checks_page;
pub mod comparison;
pub mod defaulting;
pub mod deserialization;
mod explanation;
pub mod fields;
mod findings;
mod fixes;
mod inventory;
mod kinds;
mod message_checks;
mod objects;
mod options;
mod policy;
mod report;
mod review;
mod rule_warnings;
pub mod schema;
pub mod templates;
mod terminal;
#[cfg(test)]
mod testing;

pub use checks_page::checks_markdown;
pub use comparison::{ChangeKind, CheckChange, Comparison, DocumentChange, changed_checks, changed_documents, compare};
pub use fixes::apply;
pub use inventory::Inventory;
pub use message_checks::checks_in_message;
pub use objects::objects_of;
pub use options::{Admission, Contents, FieldValidation, Options, Source};
pub use policy::{MODULE, errors_as_comment, policy, settings_yaml, yaml_comment, yaml_scalar};
pub use report::*;
pub use review::fix::{FindingKey, fix_texts};
pub use review::reviewer::{DocumentReview, PlacedReview, Reviewer, TextReview};
pub use review::{option_warnings, review, review_text};

/// Returns the text with all safe fixes applied.
pub fn fix(source: Source<'_>, options: &Options<'_>) -> String {
    fix_texts(&[source], options, None).concat()
}

/// Returns the text with the fixes of the findings in the reports of `review`, which may omit some.
pub fn fix_with(text: &str, review: &dyn Fn(&str) -> Report) -> String {
    fixes::fix_all((text.to_owned(), review(text)), &|_, _| true, review)
}
