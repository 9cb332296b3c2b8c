//! Runs a Kubewarden policy module as policy-server and kwctl run it, without a cluster.
//!
//! A test tool for this repository, not published. Where its behaviour differs from kwctl's, the host
//! has a bug.
//!
//! - [`policy`]: the compiled module; a fresh instance for each call.
//! - [`request`]: the AdmissionRequest, parsed and serialized as kwctl and policy-server do.
//! - [`settings`]: settings from JSON or from a YAML file.
//! - [`response`]: the guest's response, and the AdmissionResponse that is made from it.
//! - [`capabilities`]: patterns of host capabilities.
//! - [`host_calls`]: handlers of the guest's host calls, and the grants that limit them.
//! - [`host_request`]: the payloads of host calls.
//! - [`session`]: recorded responses to host calls, in kwctl's file format.
//! - [`metadata`]: the resources that an annotated module requests access to.
//! - [`measure`]: the time that instances and calls take.
//! - [`memory`]: the memory that a guest uses.
//! - [`show`]: verdicts as readable text.

#![forbid(unsafe_code)]

pub mod capabilities;
pub mod error;
pub mod host_calls;
pub mod host_request;
pub mod measure;
pub mod memory;
pub mod metadata;
pub mod policy;
pub mod request;
pub mod response;
pub mod session;
pub mod settings;
pub mod show;

pub use error::Error;
pub use host_calls::{GrantFilter, HostCalls, NoCluster, NotConnected};
pub use host_request::HostRequest;
pub use policy::{Call, Instance, Policy, SettingsResponse};
pub use request::{AdmissionRequest, payload};
pub use response::{AdmissionResponse, ValidationResponse};
pub use session::RecordedSession;
pub use settings::Settings;
