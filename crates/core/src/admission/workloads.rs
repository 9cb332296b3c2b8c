//! Requests for workloads: Deployments, Jobs and the other built-in kinds with a pod template.
//!
//! Kubernetes only audits and warns of workloads, because their pods are evaluated when they are created. With
//! `workloads: enforce` the workload itself is rejected, with the same message.

use std::cell::OnceCell;

use super::applicability::{Applicability, Namespace};
use super::cluster::Cluster;
use super::decision::Decision;
use super::judgement::{self, Case, Holder, Judgement, Scope};
use super::pods::{bad_request, unknown_namespace};
use super::request::{DecodeError, Operation, Request, Workload, decoded};
use super::{Outcome, decision_of};
use crate::json::text::find;
use crate::pod::Pod;
use crate::quote::quoted;
use crate::settings::{Circumstances, Settings, Updates, Workloads};

/// Judges the request to create a workload.
pub(super) fn create<'r, 's>(
    request: &'r Request<'r>,
    workload: &'static Workload,
    settings: &'r Settings<'s>,
    cluster: &dyn Cluster,
    scope: Scope,
) -> Outcome<'r, 's> {
    if !request.sub_resource.is_empty() {
        return Err(Decision::accepted());
    }
    let namespace = Namespace::new(&request.namespace, cluster);
    let case = WorkloadRequest { request, workload, settings, update: None };
    case.judge(&namespace, settings.workloads == Workloads::Enforce, scope)
}

/// Decides on the request to update a workload. `payload` is the JSON in which the request is the value of `request`.
pub(super) fn update(
    request: &Request<'_>,
    workload: &'static Workload,
    payload: &str,
    settings: &Settings<'_>,
    cluster: &dyn Cluster,
) -> Decision {
    if !request.sub_resource.is_empty() {
        return Decision::accepted();
    }
    let namespace = Namespace::new(&request.namespace, cluster);
    let update = Update { payload, changes_template: OnceCell::new() };
    let case = WorkloadRequest { request, workload, settings, update: Some(&update) };
    let outcome = case.judge(&namespace, settings.workloads == Workloads::Enforce, Scope::Decision);
    // Without a change of the template a controller creates nothing now.
    let causes_new_pods = || case.changes_template() && !request.is_for_deleted();
    let warning = match &outcome {
        Ok(judgement) if judgement.is_tolerated() && causes_new_pods() => judgement.tolerance_warning(),
        _ => None,
    };
    let decision = decision_of(outcome).warning(warning);
    // Updates of other fields, such as finalizers, owners and replicas, must not be rejected because of the template.
    if decision.is_accepted() || causes_new_pods() { decision } else { decision_of(case.judge(&namespace, false, Scope::Decision)) }
}

/// A request for a workload.
struct WorkloadRequest<'r, 's> {
    request: &'r Request<'r>,
    workload: &'static Workload,
    settings: &'r Settings<'s>,
    update: Option<&'r Update<'r>>,
}

/// An update, which is compared with the old object.
struct Update<'r> {
    payload: &'r str,
    changes_template: OnceCell<bool>,
}

impl<'r, 's> WorkloadRequest<'r, 's> {
    /// Judges the pod template. If `enforces` is set, violations of the enforced policies reject the workload.
    fn judge(&self, namespace: &Namespace<'_>, enforces: bool, scope: Scope) -> Outcome<'r, 's> {
        let WorkloadRequest { request, workload, settings, update } = *self;
        let (policies, label_errors) = match Applicability::of(request, settings, namespace) {
            Applicability::Exempt(exemption) => return Ok(Judgement::exempt(exemption)),
            Applicability::Judged(policies, label_errors) => (policies, label_errors),
            Applicability::Unknown(error) if enforces => return Err(unknown_namespace(&request.namespace, error)),
            Applicability::Unknown(error) => {
                let message = error.message(format!("failed to lookup namespace {}", quoted(&request.namespace)));
                return Err(Decision::accepted_despite(format!("{message}: {}", error.reason)));
            }
        };
        let enforce_matters = (enforces || !settings.harden.is_empty()) && !policies.enforce.is_privileged();
        let is_idle = policies.audit.is_privileged() && policies.warn.is_privileged() && !enforce_matters;
        if label_errors.is_empty() && is_idle && scope == Scope::Decision {
            return Err(Decision::accepted());
        }
        let object = match decoded(request.object.as_ref(), workload.group, workload.kind) {
            Ok(object) => object,
            Err(error) if enforces => return Err(bad_request("object", workload.kind, error)),
            Err(DecodeError::Object(details)) => {
                return Err(Decision::accepted_despite(format!("failed to decode object: {details}")));
            }
            Err(DecodeError::Kind) => {
                let object = request.object.as_ref().map(|object| &object.value);
                let (api_version, kind) = object.map_or(("", ""), |object| (&object.api_version, &object.kind));
                return Err(Decision::accepted_despite(format!(
                    "failed to extract pod template: unexpected object type: {api_version}, Kind={kind}"
                )));
            }
        };
        let pod = match workload.template_of(object) {
            Some(pod) => pod,
            None if scope == Scope::Review => Pod::empty(),
            None => return Err(Decision::accepted()),
        };
        // The controller of a workload would revert changes.
        let is_controlled = object.value.metadata.controller.0.is_some();
        let may_change = || update.is_none() || !workload.is_fixed && self.changes_template() && !request.is_for_deleted();
        let operation = if update.is_some() { Operation::Update } else { Operation::Create };
        let clock = || namespace.cluster().today();
        Ok(judgement::judge(Case {
            pod,
            holder: Holder::Workload(workload, &request.name),
            namespace: &request.namespace,
            settings,
            circumstances: &Circumstances::new(Some(request.requester(operation)), &clock),
            policies: &policies,
            label_errors,
            enforces,
            may_harden: &|_| !is_controlled && may_change(),
            old: update.and_then(|_| self.old_template()),
            scope,
        }))
    }

    /// Returns the old template, if only findings that the update adds reject it.
    fn old_template(&self) -> Option<Pod<'r>> {
        if self.settings.updates != Updates::AllowExisting {
            return None;
        }
        let old = decoded(self.request.old_object.as_deref(), self.workload.group, self.workload.kind).ok()?;
        self.workload.template_of(old)
    }

    /// Returns whether an update changes the JSON of the template: fields that no check reads cause new pods too. A template that
    /// cannot be found counts as changed.
    fn changes_template(&self) -> bool {
        let Some(update) = self.update else { return true };
        *update.changes_template.get_or_init(|| {
            let template = |object| {
                let keys: Vec<&str> = ["request", object].into_iter().chain(self.workload.template.path().split('.')).collect();
                find(update.payload, &keys)
            };
            let new = template("object");
            new.is_none() || new != template("oldObject")
        })
    }
}
