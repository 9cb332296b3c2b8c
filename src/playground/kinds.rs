//! What a document is, by its `apiVersion` and `kind`: something to judge, or not.

use crate::admission::{WORKLOADS, Workload};
use crate::suggest;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A Pod.
    Pod,
    /// Something that makes pods.
    Workload(&'static Workload),
    /// A Namespace.
    Namespace,
    /// Another kind of Kubernetes itself.
    BuiltIn,
    /// A kind that is not known here.
    Unknown,
    /// A kind that Kubernetes has as `v1` of this group only.
    Elsewhere(&'static str),
}

/// The kinds of Kubernetes itself that hold no pod, as far as people write them; each with the API
/// groups that it may be in.
const BUILT_IN: [(&str, &str); 47] = [
    ("APIService", "apiregistration.k8s.io"),
    ("Binding", ""),
    ("CertificateSigningRequest", "certificates.k8s.io"),
    ("ClusterRole", "rbac.authorization.k8s.io"),
    ("ClusterRoleBinding", "rbac.authorization.k8s.io"),
    ("ClusterTrustBundle", "certificates.k8s.io"),
    ("ConfigMap", ""),
    ("ControllerRevision", "apps"),
    ("CSIDriver", "storage.k8s.io"),
    ("CSINode", "storage.k8s.io"),
    ("CSIStorageCapacity", "storage.k8s.io"),
    ("CustomResourceDefinition", "apiextensions.k8s.io"),
    ("DeviceClass", "resource.k8s.io"),
    ("Endpoints", ""),
    ("EndpointSlice", "discovery.k8s.io"),
    ("Event", ""),
    ("Event", "events.k8s.io"),
    ("FlowSchema", "flowcontrol.apiserver.k8s.io"),
    ("HorizontalPodAutoscaler", "autoscaling"),
    ("Ingress", "networking.k8s.io"),
    ("IngressClass", "networking.k8s.io"),
    ("IPAddress", "networking.k8s.io"),
    ("Lease", "coordination.k8s.io"),
    ("LimitRange", ""),
    ("MutatingAdmissionPolicy", "admissionregistration.k8s.io"),
    ("MutatingWebhookConfiguration", "admissionregistration.k8s.io"),
    ("NetworkPolicy", "networking.k8s.io"),
    ("Node", ""),
    ("PersistentVolume", ""),
    ("PersistentVolumeClaim", ""),
    ("PodDisruptionBudget", "policy"),
    ("PriorityClass", "scheduling.k8s.io"),
    ("PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io"),
    ("ResourceClaim", "resource.k8s.io"),
    ("ResourceClaimTemplate", "resource.k8s.io"),
    ("ResourceQuota", ""),
    ("Role", "rbac.authorization.k8s.io"),
    ("RoleBinding", "rbac.authorization.k8s.io"),
    ("RuntimeClass", "node.k8s.io"),
    ("Secret", ""),
    ("Service", ""),
    ("ServiceAccount", ""),
    ("ServiceCIDR", "networking.k8s.io"),
    ("StorageClass", "storage.k8s.io"),
    ("ValidatingAdmissionPolicy", "admissionregistration.k8s.io"),
    ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io"),
    ("VolumeAttachment", "storage.k8s.io"),
];

/// The kinds that are judged, each with its group; all are `v1`.
fn judged() -> impl Iterator<Item = (&'static str, &'static str, Subject)> {
    let others = [("Pod", "", Subject::Pod), ("Namespace", "", Subject::Namespace)];
    others.into_iter().chain(WORKLOADS.iter().map(|workload| (workload.kind, workload.group, Subject::Workload(workload))))
}

/// The groups in which Kubernetes once had the kinds that hold a pod.
const FORMER_GROUPS: [&str; 4] = ["", "apps", "batch", "extensions"];

impl Subject {
    pub(super) fn of(api_version: &str, kind: &str) -> Subject {
        let group = group_of(api_version);
        if let Some((_, own_group, subject)) = judged().find(|(judged, ..)| *judged == kind) {
            if api_version == v1_of(own_group) {
                return subject;
            }
            // Others have kinds of the same name, such as the Jobs of Volcano.
            return if FORMER_GROUPS.contains(&group) { Subject::Elsewhere(own_group) } else { Subject::Unknown };
        }
        let built_in = BUILT_IN.iter().any(|(name, own)| *name == kind && *own == group);
        if built_in { Subject::BuiltIn } else { Subject::Unknown }
    }

    /// The resource as messages have it: `deployments.apps`.
    pub(super) fn group_resource(self) -> (&'static str, &'static str) {
        match self {
            Subject::Pod => ("", "pods"),
            Subject::Namespace => ("", "namespaces"),
            Subject::Workload(workload) => (workload.group, workload.resource),
            _ => ("", ""),
        }
    }
}

/// The API group of an `apiVersion`; empty for the core group.
pub(super) fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Version 1 of a group, as `apiVersion` has it.
pub(super) fn v1_of(group: &str) -> String {
    if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") }
}

/// What there is to say of a kind that is not known here, and whether it looks like a typing mistake.
pub(super) fn about_unknown(api_version: &str, kind: &str) -> (String, bool) {
    let close = judged().find(|(judged, group, _)| *group == group_of(api_version) && suggest::closest(kind, &[judged]).is_some());
    match close {
        Some((judged, group, _)) => {
            (format!("{kind:?} of {api_version} is not known, and so not judged; did you mean {judged:?} of {}?", v1_of(group)), true)
        }
        None => (
            format!(
                "{kind:?} of {api_version} is not known here. It is let pass: Pod Security Admission judges pods and the built-in kinds that \
                 make them, not what a custom resource may make"
            ),
            false,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_pod_is_told_by_version_and_kind() {
        for workload in &WORKLOADS {
            assert_eq!(Subject::of(&v1_of(workload.group), workload.kind), Subject::Workload(workload));
        }
        let table = [
            ("v1", "Pod", Subject::Pod),
            ("v1", "Namespace", Subject::Namespace),
            ("v1", "Service", Subject::BuiltIn),
            ("events.k8s.io/v1", "Event", Subject::BuiltIn),
            ("networking.k8s.io/v1beta1", "Ingress", Subject::BuiltIn),
            ("apps/v1", "Service", Subject::Unknown),
            ("v1", "Deployment", Subject::Elsewhere("apps")),
            ("extensions/v1beta1", "DaemonSet", Subject::Elsewhere("apps")),
            ("batch/v1beta1", "CronJob", Subject::Elsewhere("batch")),
            ("v1beta1", "Pod", Subject::Elsewhere("")),
            ("batch.volcano.sh/v1alpha1", "Job", Subject::Unknown),
            ("apps/v1", "Deploymnt", Subject::Unknown),
        ];
        for (api_version, kind, expected) in table {
            assert_eq!(Subject::of(api_version, kind), expected, "{api_version} {kind}");
        }
    }

    #[test]
    fn a_kind_that_is_nearly_a_known_one_is_a_typing_mistake() {
        for (api_version, kind, expected) in [
            ("apps/v1", "deployment", Some("Deployment")),
            ("apps/v1", "Deploymnt", Some("Deployment")),
            ("v1", "POD", Some("Pod")),
            ("v1", "deployment", None),
            ("cert-manager.io/v1", "Certificate", None),
        ] {
            let (message, is_mistake) = about_unknown(api_version, kind);
            assert_eq!(is_mistake, expected.is_some(), "{message}");
            assert!(expected.is_none_or(|name| message.contains(&format!("did you mean {name:?}"))), "{message}");
        }
    }
}
