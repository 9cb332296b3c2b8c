//! Runs a Kubewarden policy module as policy-server and kwctl run it, without a cluster.
//!
//! A test tool for this repository: not published, not a product. Where it and kwctl differ, this
//! host is wrong.
//!
//! - [`policy`]: the compiled module; a fresh instance for each call.
//! - [`request`]: the AdmissionRequest, parsed and written again as the real hosts do.
//! - [`settings`]: settings from JSON or from a YAML file.
//! - [`response`]: what the guest answers, and what the API server is told.
//! - [`capabilities`]: the names of what can be asked, and patterns of them.
//! - [`host_calls`]: who answers what the guest asks its host, and what is refused.
//! - [`host_request`]: what the guest can ask.
//! - [`session`]: recorded answers, in kwctl's own file format.
//! - [`metadata`]: what an annotated module asks to be granted.
//! - [`measure`]: how long set-up and call take.
//! - [`memory`]: how much memory a guest takes.
//! - [`show`]: a verdict for a person to read.

#![forbid(unsafe_code)]

pub mod capabilities;
pub mod error;
pub mod host_calls;
pub mod measure;
pub mod memory;
pub mod metadata;
pub mod policy;
pub mod host_request;
pub mod request;
pub mod response;
pub mod session;
pub mod settings;
pub mod show;

pub use error::Error;
pub use host_calls::{Granted, HostCalls, NoCluster, NotConnected};
pub use policy::{Call, Policy, SettingsResponse};
pub use host_request::Question;
pub use request::{AdmissionRequest, payload};
pub use response::{AdmissionResponse, ValidationResponse};
pub use session::Recorded;
pub use settings::Settings;
