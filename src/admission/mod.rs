//! When the standards apply: to which requests, by which policy, with which consequence.
//!
//! The order of the steps is that of Pod Security Admission, for it shows in the answers: an
//! exemption answers before an object is looked at, an unreadable object before an update is found
//! to change nothing.
//!
//! Source: `admission/admission.go` of k8s.io/pod-security-admission.

#![forbid(unsafe_code)]

mod cluster;
mod decision;
mod evaluation;
mod judge;
mod labels;
mod namespaces;
mod pods;
mod policy;
mod request;
mod standing;
mod told;
mod workloads;

pub use cluster::{Cluster, Clusterless, Malformed, PodList, Unanswered};
pub use decision::{Changes, Decision, Rejection};
pub use judge::Filled;
#[cfg(not(target_os = "wasi"))]
pub(crate) use judge::Judge;
#[cfg(not(target_os = "wasi"))]
pub(crate) use labels::with as with_labels;
pub use policy::{Demand, Demands, LabelError};
pub use request::{GroupResource, Operation, Request, TemplatePath, UserInfo, WORKLOADS, Workload};
#[cfg(not(target_os = "wasi"))]
pub(crate) use standing::Namespace;

use crate::settings::Settings;
use request::Subject;

/// How many pods of a namespace are judged when its policy changes.
pub const MAX_PODS: usize = 3000;
/// How long, in milliseconds, the pods of a namespace are judged when its policy changes.
pub const MAX_POD_MILLIS: u64 = 1000;

/// Answers an admission request. `payload` is the JSON that the request was read from, and holds it
/// under `request`.
pub fn admit(request: &Request<'_>, payload: &str, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    match Operation::of(request) {
        Some(Operation::Create) => create(request, settings, cluster),
        Some(Operation::Update) => update(request, payload, settings, cluster),
        None => Decision::accepted(),
    }
}

/// Answers a request to create something. All that a page asks for, which does without the rest.
pub(crate) fn create(request: &Request<'_>, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    match Subject::of(request) {
        Subject::Pods => pods::admit(request, Operation::Create, settings, cluster),
        Subject::Workload(workload) => workloads::create(request, workload, settings, cluster),
        Subject::Namespaces => namespaces::create(request, settings),
        Subject::Other => Decision::accepted(),
    }
}

fn update(request: &Request<'_>, payload: &str, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    match Subject::of(request) {
        Subject::Pods => pods::admit(request, Operation::Update, settings, cluster),
        Subject::Workload(workload) => workloads::update(request, workload, payload, settings, cluster),
        Subject::Namespaces => namespaces::update(request, settings, cluster),
        Subject::Other => Decision::accepted(),
    }
}

#[cfg(test)]
mod tests;
