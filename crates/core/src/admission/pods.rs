//! Requests for pods.

use std::collections::BTreeMap;

use super::Outcome;
use super::applicability::{Applicability, Namespace};
use super::cluster::{Cluster, LookupError};
use super::decision::Decision;
use super::judgement::{self, Case, Holder, Judgement, Scope};
use super::request::{DecodeError, Operation, Request, decoded};
use crate::pod::{Container, ContainerType, Object, Pod};
use crate::quote::quoted;
use crate::settings::{Circumstances, Settings};
use crate::standards::{Finding, Subject};

/// The subresources that cannot change the security of a pod. All others are evaluated, including those of future versions of
/// Kubernetes.
const IGNORED_SUBRESOURCES: [&str; 8] = ["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"];

/// Judges a request for a pod.
///
/// Source: `ValidatePod` in `admission/admission.go` of k8s.io/pod-security-admission.
pub(super) fn judge<'r, 's>(
    request: &'r Request<'r>,
    operation: Operation,
    settings: &'r Settings<'s>,
    cluster: &dyn Cluster,
    scope: Scope,
) -> Outcome<'r, 's> {
    if IGNORED_SUBRESOURCES.contains(&request.sub_resource.as_ref()) {
        return Err(Decision::accepted());
    }
    let namespace = Namespace::new(&request.namespace, cluster);
    let (policies, label_errors) = match Applicability::of(request, settings, &namespace) {
        Applicability::Exempt(exemption) => return Ok(Judgement::exempt(exemption)),
        Applicability::Judged(policies, label_errors) => (policies, label_errors),
        Applicability::Unknown(error) => return Err(unknown_namespace(&request.namespace, error)),
    };
    if label_errors.is_empty() && policies.are_privileged() && scope == Scope::Decision {
        return Err(Decision::accepted().annotated(super::decision::ENFORCE_POLICY, "privileged:latest".to_owned()));
    }
    let pod = match decoded(request.object.as_ref(), "", "Pod") {
        Ok(pod) => pod,
        Err(error) => return Err(bad_request("object", "pod", error)),
    };
    // The ephemeral containers before an update.
    let mut existing = None;
    if operation == Operation::Update {
        let old = match decoded(request.old_object.as_deref(), "", "Pod") {
            Ok(old) => old,
            Err(error) => return Err(bad_request("old object", "old pod", error)),
        };
        let ephemeral = by_name(&old.value.spec.ephemeral_containers);
        if !is_significant_update(pod, old, &ephemeral) {
            return Err(Decision::accepted());
        }
        existing = Some(ephemeral);
    }
    // In an existing pod, only ephemeral containers that the update adds can be changed.
    let may_harden = |finding: &Finding<'_>| match (&existing, finding.subject) {
        (None, _) => true,
        (Some(existing), Subject::Container { kind: ContainerType::Ephemeral, name, .. }) => !existing.contains_key(name),
        (Some(_), _) => false,
    };
    let clock = || cluster.today();
    Ok(judgement::judge(Case {
        pod: Pod::of(pod),
        holder: Holder::Pod(&request.name),
        namespace: &request.namespace,
        settings,
        circumstances: &Circumstances::new(Some(request.requester(operation)), &clock),
        policies: &policies,
        label_errors,
        enforces: true,
        may_harden: &may_harden,
        old: None,
        scope,
    }))
}

/// Returns the decision for a namespace that cannot be looked up, if the policies depend on it.
pub(super) fn unknown_namespace(namespace: &str, error: LookupError) -> Decision {
    let message = error.message(format!("Internal error occurred: failed to lookup namespace {}", quoted(namespace)));
    Decision::failed(500, message, Some(error.reason))
}

/// Returns the decision for an object that cannot be decoded; `object` and `kind` are its names in messages.
pub(super) fn bad_request(object: &str, kind: &str, error: DecodeError) -> Decision {
    match error {
        DecodeError::Object(details) => Decision::failed(400, format!("failed to decode {object}"), Some(details)),
        DecodeError::Kind => Decision::failed(400, format!("failed to decode {kind}"), None),
    }
}

/// Returns whether an update changes fields that the standards read and an API server allows to change: images and ephemeral
/// containers.
///
/// Source: `isSignificantPodUpdate` in `admission/admission.go` of k8s.io/pod-security-admission.
fn is_significant_update(new: &Object<'_>, old: &Object<'_>, ephemeral: &BTreeMap<&str, &Container<'_>>) -> bool {
    let (new, old) = (&new.value.spec, &old.value.spec);
    images_differ(&new.containers, &old.containers)
        || images_differ(&new.init_containers, &old.init_containers)
        || new
            .ephemeral_containers
            .iter()
            .any(|container| ephemeral.get(container.name.as_ref()).is_none_or(|old| old.image != container.image))
}

/// Returns containers by name; the first of several with the same name.
fn by_name<'p>(containers: &'p [Container<'p>]) -> BTreeMap<&'p str, &'p Container<'p>> {
    let mut by_name = BTreeMap::new();
    for container in containers {
        by_name.entry(container.name.as_ref()).or_insert(container);
    }
    by_name
}

fn images_differ(new: &[Container<'_>], old: &[Container<'_>]) -> bool {
    new.len() != old.len() || new.iter().zip(old).any(|(new, old)| new.image != old.image)
}
