//! Admission: which requests are evaluated, by which policies, and with which effect.
//!
//! The order of the steps is that of Pod Security Admission, because responses depend on it: exemptions are checked before the
//! object is decoded, and the object is decoded before an update is found to change nothing.
//!
//! Source: `admission/admission.go` of k8s.io/pod-security-admission.

mod annotations;
mod applicability;
mod cluster;
mod decision;
mod evaluation;
mod existing;
mod expiry;
mod judgement;
mod labels;
mod namespaces;
mod payload;
mod pods;
mod policies;
mod request;
mod workloads;

pub use applicability::Namespace;
pub use cluster::{Cluster, LookupError, MalformedResponse, NoCluster, Permission, read_labels};
pub use decision::{AUDIT_VIOLATIONS, Decision, Mutation, Rejection};
pub use evaluation::{ExemptFinding, FieldValue, Hardening};
pub use existing::existing_workloads;
pub use judgement::{Effect, Holder, Judgement, Verdict};
pub use labels::with as with_labels;
pub use namespaces::existing_warnings;
pub use payload::Payload;
pub use policies::{LabelError, Mode, ModePolicies, ModePolicy};
pub use request::{GroupResource, Operation, Request, TemplatePath, UserInfo, WORKLOADS, Workload};

use crate::settings::Settings;
use judgement::Scope;
use request::Subject;

/// The maximum number of pods and workloads that are evaluated when the policy of their namespace changes.
pub const MAX_PODS: usize = 3000;
/// The time in milliseconds after which nothing further is evaluated when the policy of their namespace changes.
pub const MAX_POD_MILLIS: u64 = 1000;

/// The time in milliseconds, with that of the pods, after which no further workloads are looked up and evaluated. A policy server
/// with its default time limit of two seconds interrupts some requests after one, and each lookup takes its time: the verdict must
/// not depend on them.
pub const MAX_WORKLOAD_MILLIS: u64 = 500;

/// The judgement of a pod or pod template, or the decision on a request without one.
pub type Outcome<'p, 's> = Result<Judgement<'p, 's>, Decision>;

/// Returns the decision on a request.
fn decision_of(outcome: Outcome<'_, '_>) -> Decision {
    match outcome {
        Ok(ref judgement) => judgement.decision(),
        Err(decision) => decision,
    }
}

/// Decides on an admission request. `payload` is the JSON from which the request was deserialized, in which it is the value of
/// `request`.
///
/// Source: `Validate` in `admission/admission.go` of k8s.io/pod-security-admission.
pub fn admit(request: &Request<'_>, payload: &str, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    let decision = match Operation::of(request) {
        Some(Operation::Create) => decision_of(create(request, settings, cluster, Scope::Decision)),
        Some(Operation::Update) => update(request, payload, settings, cluster),
        None => Decision::accepted(),
    };
    decision.with_help(&settings.help)
}

/// Judges the request to create an object by every policy of every mode, for a report. The verdicts, warnings and changes are
/// those of [`admit`].
///
/// # Errors
/// The decision, if no pod is evaluated: the request is for a namespace, or its object cannot be decoded.
pub fn review<'r, 's>(request: &'r Request<'r>, settings: &'r Settings<'s>, cluster: &dyn Cluster) -> Outcome<'r, 's> {
    create(request, settings, cluster, Scope::Review).map_err(|decision| decision.with_help(&settings.help))
}

fn create<'r, 's>(request: &'r Request<'r>, settings: &'r Settings<'s>, cluster: &dyn Cluster, scope: Scope) -> Outcome<'r, 's> {
    match Subject::of(request) {
        Subject::Pods => pods::judge(request, Operation::Create, settings, cluster, scope),
        Subject::Workload(workload) => workloads::create(request, workload, settings, cluster, scope),
        Subject::Namespaces => Err(namespaces::create(request, settings)),
        Subject::Other => Err(Decision::accepted()),
    }
}

// Not inlined, because the stack of the creation of a pod is to fit into one page of memory (tests/wasm/memory_pages.rs).
#[inline(never)]
fn update(request: &Request<'_>, payload: &str, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    match Subject::of(request) {
        Subject::Pods => decision_of(pods::judge(request, Operation::Update, settings, cluster, Scope::Decision)),
        Subject::Workload(workload) => workloads::update(request, workload, payload, settings, cluster),
        Subject::Namespaces => namespaces::update(request, settings, cluster),
        Subject::Other => Decision::accepted(),
    }
}
