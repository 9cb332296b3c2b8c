//! Kubernetes' Pod Security Standards and Pod Security Admission.
//!
//! - [`standards`]: what the standards require of a pod. Pure functions from a pod, a level and a version to findings.
//! - [`admission`]: when they apply, and with which consequence: a [`Judgement`](admission::Judgement), of which the
//!   [`Decision`](admission::Decision) on an admission request is a rendering.
//! - [`settings`]: the settings, and their validation.
//! - [`pod`]: the fields of a pod that the standards read, borrowed from its JSON.
//! - [`json`]: deserialization that collects errors instead of stopping at the first.
//! - [`quote`], [`suggest`]: strings in messages.
//!
//! Dependencies point downwards: admission, settings, standards, pod, json. Nothing here knows its callers: the policy, a
//! page, or a native program.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod admission;
pub mod json;
pub mod pod;
pub mod quote;
pub mod settings;
pub mod standards;
pub mod suggest;
