//! Test data and assertions for the tests and fuzz targets of several packages.
//!
//! - [`samples`]: strategies of requests, settings, rules and labels, as JSON.
//! - [`pods`]: strategies of pods for the checks, as JSON.
//! - [`cluster`]: a cluster in memory.
//! - [`invariants`]: the invariants of every input, as functions of bytes; the fuzz targets.
//! - [`typed`]: comparison of the view of a pod with the types of k8s-openapi.
//! - [`conformance`]: the test data of Kubernetes, if it is available.
//! - [`field_masks`]: field masks as Kubewarden applies them.
//!
//! Strategies return JSON, so that the unit tests of pss-core can use them: its types are distinct from those of the dependency.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests panic if an assertion fails")]

pub mod cluster;
pub mod conformance;
pub mod field_masks;
pub mod invariants;
pub mod pods;
pub mod samples;
pub mod typed;
