//! A reference evaluator of PodSecurityPolicies, with which tests compare what the library derives from them.
//!
//! It follows the admission plugin of Kubernetes 1.24 step by step, on JSON values: [`mutate`], then [`validate`], then the order of
//! choice ([`choose`]) among the policies that RBAC allows ([`may_use`]). Errors have the paths of upstream, so that the comparison
//! with it is exact; see the comment in reference_evaluator.rs. Values have the types of the API: what the API server fails to decode
//! is not judged here.
//!
//! Source: pkg/security/podsecuritypolicy and plugin/pkg/admission/security/podsecuritypolicy in kubernetes/kubernetes.

#![allow(dead_code, unreachable_pub, unused_imports, reason = "each integration test includes the module and needs a part of it")]

mod choice;
pub mod generators;
mod json;
mod mutate;
mod pod;
mod policy;
mod rbac;
mod validate;

pub use choice::{Operation, choose};
pub use pod::{CONTAINER_LISTS, defaulted};
pub use rbac::{Subject, may_use};

use policy::Policy;
use serde_json::Value;

/// The pod with the defaults of the policy. A policy that is never usable sets none.
pub fn mutate(psp: &Value, pod: &Value) -> Value {
    match Policy::new(psp) {
        Ok(policy) => mutate::mutated(&policy, pod),
        Err(_) => pod.clone(),
    }
}

/// What the policy forbids in the pod as it is, as `path: reason`. For a policy that is never usable, why it is not.
pub fn validate(psp: &Value, pod: &Value) -> Vec<String> {
    match Policy::new(psp) {
        Ok(policy) => validate::errors(&policy, pod),
        Err(errors) => errors,
    }
}

/// The pod with the defaults of the policy and whether they changed it, if the policy then admits it; otherwise the errors.
///
/// The pod should have the defaults of the API server: see [`defaulted`].
pub fn admit(psp: &Value, pod: &Value) -> Result<(Value, bool), Vec<String>> {
    let mutated = mutate(psp, pod);
    let errors = validate(psp, &mutated);
    let changed = mutated != *pod;
    if errors.is_empty() { Ok((mutated, changed)) } else { Err(errors) }
}
