//! Objects that remain in a manifest, and that a user may want to know of.

use pss_manifest::Node;

/// The other kinds that Kubernetes 1.25 removed, with their API versions, each followed by its successor.
const REMOVED: [(&str, &str, &str); 6] = [
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", "autoscaling/v2"),
    ("batch/v1beta1", "CronJob", "batch/v1"),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", "discovery.k8s.io/v1"),
    ("events.k8s.io/v1beta1", "Event", "events.k8s.io/v1"),
    ("node.k8s.io/v1beta1", "RuntimeClass", "node.k8s.io/v1"),
    ("policy/v1beta1", "PodDisruptionBudget", "policy/v1"),
];

/// An object that remains.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leftover {
    /// A role with a rule about PodSecurityPolicies: its kind and name.
    Role(String),
    /// A sentence about an object that blocks upgrades for the same reason as a PodSecurityPolicy.
    RemovedKind(String),
}

/// Returns what remains with an object; `None` for most objects.
pub(super) fn leftover(object: Node<'_>, api_version: &str, kind: &str) -> Option<Leftover> {
    let name = object.at("metadata.name");
    let name = name.node.text().filter(|_| name.exists).unwrap_or("(unnamed)");
    if matches!(kind, "Role" | "ClusterRole") && api_version.starts_with("rbac.authorization.k8s.io/") && grants_use(object) {
        return Some(Leftover::Role(format!("{kind} {name}")));
    }
    let (.., successor) = REMOVED.iter().find(|(removed, removed_kind, _)| (*removed, *removed_kind) == (api_version, kind))?;
    Some(Leftover::RemovedKind(format!(
        "{kind} {name} remains, whose {api_version} Kubernetes 1.25 removed too ({successor} replaces it): it also blocks upgrades"
    )))
}

/// Returns whether a rule of a role names PodSecurityPolicies.
fn grants_use(role: Node<'_>) -> bool {
    let Some(rules) = role.get("rules") else { return false };
    let resources = rules.value.elements().filter_map(|rule| rule.get("resources"));
    resources.flat_map(|resources| resources.value.elements()).any(|resource| resource.text() == Some("podsecuritypolicies"))
}
