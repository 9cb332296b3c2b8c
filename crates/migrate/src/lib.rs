//! The way to the Pod Security Standards from what clusters have: PodSecurityPolicies, Rancher's templates, the files of an API
//! server, and stored Helm releases.
//!
//! ```text
//! texts --pss_manifest--> objects --> model of the old --> plan, settings, or changed texts
//! ```
//!
//! Nothing here reads or writes files: texts come in, and plans and texts go out, so that `pss migrate` and the page share it.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod configuration;
pub mod helm_release;
pub mod leftovers;
mod object;
mod problem;
pub mod psp;

pub use object::{Object, each_object};
pub use problem::{Problem, Severity};
