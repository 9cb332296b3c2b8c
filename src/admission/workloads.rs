//! Requests for what makes pods: Deployments, Jobs and their like.
//!
//! Kubernetes only audits and warns here, for the pods themselves will be judged. With
//! `workloads: enforce` the workload is rejected at once, by the same sentence.

use std::cell::OnceCell;

use super::cluster::Cluster;
use super::decision::Decision;
use super::evaluation::{Case, Whose, judge};
use super::pods::{bad_request, unknown_namespace};
use super::request::{Request, Undecodable, Workload, decoded};
use super::standing::{Namespace, Standing};
use crate::IN_PAGE;
use crate::json::text::find;
use crate::pod::Pod;
use crate::quote::quoted;
use crate::settings::{Settings, Updates, Workloads};

/// Answers the request to create a workload.
pub(super) fn create(request: &Request<'_>, workload: &'static Workload, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    if !request.sub_resource.is_empty() {
        return Decision::accepted();
    }
    let namespace = Namespace::new(&request.namespace, cluster);
    let asked = Asked { request, workload, settings, namespace: &namespace, update_of: None, changes_template: OnceCell::new() };
    asked.answer(settings.workloads == Workloads::Enforce)
}

/// Answers the request to change a workload. `payload` holds the request under `request`.
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
    let update_of = Some(payload);
    let asked = Asked { request, workload, settings, namespace: &namespace, update_of, changes_template: OnceCell::new() };
    let decision = asked.answer(settings.workloads == Workloads::Enforce);
    // Finalizers, owners and replicas must be free to change, whatever can or cannot be said of the pods.
    if decision.is_accepted() || asked.changes_template() && !request.is_for_deleted() { decision } else { asked.answer(false) }
}

/// A workload that somebody asks for.
struct Asked<'r, 's> {
    request: &'r Request<'r>,
    workload: &'static Workload,
    settings: &'r Settings<'s>,
    namespace: &'r Namespace<'r>,
    /// The payload, of an update.
    update_of: Option<&'r str>,
    changes_template: OnceCell<bool>,
}

impl Asked<'_, '_> {
    /// The answer, where violations of the enforced policy reject the workload or do not.
    fn answer(&self, enforces: bool) -> Decision {
        let Asked { request, workload, settings, namespace, update_of, .. } = self;
        let update_of = update_of.filter(|_| !IN_PAGE);
        let (demands, label_errors) = match Standing::of(request, settings, namespace) {
            Standing::Exempt(answer) => return answer,
            Standing::Judged(demands, label_errors) => (demands, label_errors),
            Standing::Unknown(unanswered) if enforces => return unknown_namespace(&request.namespace, unanswered),
            Standing::Unknown(unanswered) => {
                let failed = unanswered.told(format!("failed to lookup namespace {}", quoted(&request.namespace)));
                return Decision::accepted_despite(format!("{failed}: {}", unanswered.why));
            }
        };
        let enforce_matters = (enforces || !settings.harden.is_empty()) && !demands.enforce.is_privileged();
        let idle = demands.audit.is_privileged() && demands.warn.is_privileged() && !enforce_matters;
        if label_errors.is_empty() && idle {
            return Decision::accepted();
        }
        let object = match decoded(request.object.as_ref(), workload.group, workload.kind) {
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
        let Some(pod) = workload.template_of(object) else {
            return Decision::accepted();
        };
        // What a controller made it would make again, if it were not as the controller wants it.
        let is_made = object.value.metadata.controller.0.is_some();
        let may_change = || update_of.is_none() || !workload.is_fixed && self.changes_template() && !self.request.is_for_deleted();
        let case = Case {
            pod,
            whose: Whose::Template(workload, enforces.then_some(&*request.name)),
            namespace: &request.namespace,
            demands: &demands,
            label_errors: &label_errors,
            may_fill: &mut |_| !is_made && may_change(),
            before: update_of.and_then(|_| self.before()),
        };
        judge(case, settings)
    }

    /// The template as it was, where only what is new in it counts.
    fn before(&self) -> Option<Pod<'_>> {
        if self.settings.updates != Updates::AllowExisting {
            return None;
        }
        let old = decoded(self.request.old_object.as_deref(), self.workload.group, self.workload.kind).ok()?;
        self.workload.template_of(old)
    }

    /// Whether an update changes the template, to the letter: a field that no check reads makes new pods
    /// too. What cannot be found counts as changed.
    fn changes_template(&self) -> bool {
        if IN_PAGE {
            return true;
        }
        *self.changes_template.get_or_init(|| {
            let template = |object| {
                let keys: Vec<&str> = ["request", object].into_iter().chain(self.workload.template.path().split('.')).collect();
                find(self.update_of?, &keys)
            };
            let new = template("object");
            new.is_none() || new != template("oldObject")
        })
    }
}
