//! Kubernetes' Pod Security Standards and Pod Security Admission.
//!
//! - [`standards`]: the checks of the standards, and pure functions that return the violations of a pod at a level and version.
//! - [`admission`]: the evaluation of admission requests. It returns a [`Judgement`](admission::Judgement), from which the
//!   [`Decision`](admission::Decision) on the request is rendered.
//! - [`settings`]: the settings, and their validation.
//! - [`pod`]: the fields of a pod that the standards read, borrowed from its JSON.
//! - [`json`]: deserialization that collects errors instead of stopping at the first, and the writing of JSON.
//! - [`date`]: dates of rules and clocks.
//! - [`quote`], [`suggest`]: strings in messages.
//!
//! Each module depends only on those after it in this order: admission, settings, standards, pod, json. The crate is
//! independent of its callers: the policy module, the playground and native programs.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod admission;
pub mod date;
pub mod json;
pub mod pod;
pub mod quote;
pub mod settings;
pub mod standards;
pub mod suggest;
