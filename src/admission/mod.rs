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
mod namespaces;
mod pods;
mod policy;
mod request;
mod workloads;

pub use cluster::{Cluster, Clusterless, Malformed, PodList};
pub use decision::{Decision, Rejection};
pub use policy::LabelError;
pub use request::{GroupResource, Operation, Request, TemplatePath, UserInfo, WORKLOADS, Workload};

use crate::settings::{NamespaceLabels, Policy, Settings};
use request::Subject;

/// How many pods of a namespace are judged when its policy changes.
pub const MAX_PODS: usize = 3000;
/// How long, in milliseconds, the pods of a namespace are judged when its policy changes.
pub const MAX_POD_MILLIS: u64 = 1000;

/// Answers an admission request.
pub fn admit(request: &Request<'_>, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    match Operation::of(request) {
        Some(Operation::Create) => create(request, settings, cluster),
        Some(Operation::Update) => update(request, settings, cluster),
        None => Decision::accepted(),
    }
}

/// Answers a request to create something. All that a page asks for, which does without the rest.
pub(crate) fn create(request: &Request<'_>, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    match Subject::of(request) {
        Subject::Pods => pods::admit(request, Operation::Create, settings, cluster),
        Subject::Workload(workload) => workloads::admit(request, workload, settings, cluster),
        Subject::Namespaces if settings.namespace_labels != NamespaceLabels::Ignore => namespaces::create(request, settings),
        Subject::Namespaces | Subject::Other => Decision::accepted(),
    }
}

fn update(request: &Request<'_>, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    match Subject::of(request) {
        Subject::Pods => pods::admit(request, Operation::Update, settings, cluster),
        Subject::Workload(workload) => workloads::admit(request, workload, settings, cluster),
        Subject::Namespaces if settings.namespace_labels != NamespaceLabels::Ignore => namespaces::update(request, settings, cluster),
        Subject::Namespaces | Subject::Other => Decision::accepted(),
    }
}

/// The answer to a request for an exempt namespace or by an exempt user, before anything else is
/// looked at.
fn exemption(request: &Request<'_>, settings: &Settings<'_>) -> Option<Decision> {
    if settings.exempts_namespace(&request.namespace) {
        return Some(Decision::exempt("namespace"));
    }
    settings.exempts_user(&request.user_info.username).then(|| Decision::exempt("user"))
}

/// The policy for a namespace's pods and what is wrong with its labels; or why it cannot be known.
pub(crate) fn policy_for(namespace: &str, settings: &Settings<'_>, cluster: &dyn Cluster) -> Result<(Policy, Vec<LabelError>), String> {
    match settings.namespace_labels {
        NamespaceLabels::Ignore => Ok((settings.defaults, Vec::new())),
        NamespaceLabels::Honor => {
            let labels = cluster.labels(namespace)?;
            Ok(Policy::from_labels(&labels, settings.defaults))
        }
    }
}

#[cfg(test)]
mod tests;
