//! Requests for what makes pods: Deployments, Jobs and their like.
//!
//! Kubernetes only audits and warns here, for the pods themselves will be judged. With
//! `workloads: enforce` the workload is rejected at once, by the same sentence.

use super::cluster::Cluster;
use super::decision::Decision;
use super::evaluation::{Whose, judge};
use super::pods::{bad_request, unknown_namespace};
use super::request::{Request, Undecodable, Workload, decoded};
use super::{exemption, policy_for};
use crate::quote::quoted;
use crate::settings::{Settings, Workloads};
use crate::standards::Level;

pub(super) fn admit(request: &Request<'_>, workload: &'static Workload, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    if !request.sub_resource.is_empty() {
        return Decision::accepted();
    }
    if let Some(exempt) = exemption(request, settings) {
        return exempt;
    }
    let enforces = settings.workloads == Workloads::Enforce;
    let (policy, label_errors) = match policy_for(&request.namespace, settings, cluster) {
        Ok(known) => known,
        Err(details) if enforces => return unknown_namespace(&request.namespace, details),
        Err(details) => return Decision::accepted_despite(format!("failed to lookup namespace {}: {details}", quoted(&request.namespace))),
    };
    let idle = [policy.audit.level, policy.warn.level].iter().all(|level| *level == Level::Privileged)
        && !(enforces && policy.enforce.level != Level::Privileged);
    if label_errors.is_empty() && idle {
        return Decision::accepted();
    }
    let object = match decoded(&request.object, workload.group, workload.kind) {
        Ok(object) => object,
        Err(undecodable) if enforces => return bad_request("object", workload.kind, undecodable),
        Err(Undecodable::Object(details)) => return Decision::accepted_despite(format!("failed to decode object: {details}")),
        Err(Undecodable::Kind) => {
            let object = request.object.as_ref().map(|object| &object.value);
            let (api_version, kind) = object.map_or(("", ""), |object| (&object.api_version, &object.kind));
            return Decision::accepted_despite(format!(
                "failed to extract pod template: unexpected object type: {api_version}, Kind={kind}"
            ));
        }
    };
    let Some(template) = workload.template_of(object) else {
        return Decision::accepted();
    };
    let whose = Whose::Template(workload, enforces.then_some(&*request.name));
    judge(template, &policy, &label_errors, &whose, settings)
}
