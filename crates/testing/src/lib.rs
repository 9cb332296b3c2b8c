//! What tests and fuzz targets of several packages share.
//!
//! - [`samples`]: strategies of requests, settings, rules and labels, as JSON.
//! - [`pods`]: strategies of pods for the checks, as JSON.
//! - [`cluster`]: a cluster in memory.
//! - [`invariants`]: what holds for every input, as functions of bytes; the fuzz targets.
//! - [`typed`]: the view of a pod against k8s-openapi's types of the same JSON.
//! - [`conformance`]: the data of Kubernetes' own tests, where it is installed.
//! - [`field_masks`]: field masks as Kubewarden applies them.
//!
//! Strategies yield JSON, so that unit tests of the core can use them: its types are other ones there.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests panic where something does not hold"
)]

pub mod cluster;
pub mod conformance;
pub mod field_masks;
pub mod invariants;
pub mod pods;
pub mod samples;
pub mod typed;
