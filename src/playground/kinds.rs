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
    /// A kind that a cluster may have by a CustomResourceDefinition.
    Custom,
    /// A kind that no cluster has.
    Nowhere,
    /// A kind that Kubernetes has, as `v1` of this group only.
    Elsewhere(&'static str),
}

/// The kinds of Kubernetes itself that hold no pod, as far as people write them; each with the API
/// groups that it may be in.
const BUILT_IN: [(&str, &str); 51] = [
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
    ("MutatingAdmissionPolicyBinding", "admissionregistration.k8s.io"),
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
    ("ResourceSlice", "resource.k8s.io"),
    ("Role", "rbac.authorization.k8s.io"),
    ("RoleBinding", "rbac.authorization.k8s.io"),
    ("RuntimeClass", "node.k8s.io"),
    ("Secret", ""),
    ("Service", ""),
    ("ServiceAccount", ""),
    ("ServiceCIDR", "networking.k8s.io"),
    ("StorageClass", "storage.k8s.io"),
    ("ValidatingAdmissionPolicy", "admissionregistration.k8s.io"),
    ("ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io"),
    ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io"),
    ("VolumeAttachment", "storage.k8s.io"),
    ("VolumeAttributesClass", "storage.k8s.io"),
];

/// The kinds that are judged, each with its group; all are `v1`.
fn judged() -> impl Iterator<Item = (&'static str, &'static str, Subject)> {
    let others = [("Pod", "", Subject::Pod), ("Namespace", "", Subject::Namespace)];
    others.into_iter().chain(WORKLOADS.iter().map(|workload| (workload.kind, workload.group, Subject::Workload(workload))))
}

impl Subject {
    pub(super) fn of(api_version: &str, kind: &str) -> Subject {
        let group = group_of(api_version);
        if let Some((_, _, subject)) = judged().find(|(judged, own, _)| *judged == kind && api_version == v1_of(own)) {
            return subject;
        }
        if BUILT_IN.iter().any(|(name, own)| *name == kind && *own == group) {
            return Subject::BuiltIn;
        }
        // Others have kinds of the same name, such as the Jobs of Volcano, but only in groups with a dot.
        if group.contains('.') {
            return Subject::Custom;
        }
        let own = judged().map(|(judged, own, _)| (judged, own)).chain(BUILT_IN).find(|(name, _)| *name == kind);
        own.map_or(Subject::Nowhere, |(_, own)| Subject::Elsewhere(own))
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

/// The API group of an `apiVersion`, empty for the core group, and the version.
pub(super) fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// The API group of an `apiVersion`; empty for the core group.
pub(super) fn group_of(api_version: &str) -> &str {
    group_and_version(api_version).0
}

/// Version 1 of a group, as `apiVersion` has it.
pub(super) fn v1_of(group: &str) -> String {
    if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") }
}

/// What there is to say of a kind that only a CustomResourceDefinition can bring.
pub(super) fn about_custom(api_version: &str, kind: &str) -> String {
    format!(
        "{kind:?} of {api_version} is not known here. It is let pass: Pod Security Admission judges pods and the built-in kinds that make \
         them, not what a custom resource may make"
    )
}

/// What there is to say of a kind that is [`Subject::Nowhere`] or [`Subject::Elsewhere`].
pub(super) fn about_none(api_version: &str, kind: &str, subject: Subject) -> String {
    let hint = match subject {
        Subject::Elsewhere(own) => format!("; Kubernetes has it in {}", v1_of(own)),
        _ => judged()
            .find(|(judged, own, _)| *own == group_of(api_version) && suggest::closest(kind, &[judged]).is_some())
            .map_or_else(String::new, |(judged, own, _)| format!("; did you mean {judged} of {}?", v1_of(own))),
    };
    format!("there is no {kind} in {api_version}{hint}")
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
            ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", Subject::BuiltIn),
            ("networking.k8s.io/v1beta1", "Ingress", Subject::BuiltIn),
            ("apps/v1", "Service", Subject::Elsewhere("")),
            ("extensions/v1beta1", "Ingress", Subject::Elsewhere("networking.k8s.io")),
            ("policy/v1beta1", "PodSecurityPolicy", Subject::Nowhere),
            ("v1", "Deployment", Subject::Elsewhere("apps")),
            ("extensions/v1beta1", "DaemonSet", Subject::Elsewhere("apps")),
            ("batch/v1beta1", "CronJob", Subject::Elsewhere("batch")),
            ("v1beta1", "Pod", Subject::Elsewhere("")),
            ("batch.volcano.sh/v1alpha1", "Job", Subject::Custom),
            ("monitoring.coreos.com/v1", "ServiceMonitor", Subject::Custom),
            ("apps/v1", "Deploymnt", Subject::Nowhere),
        ];
        for (api_version, kind, expected) in table {
            assert_eq!(Subject::of(api_version, kind), expected, "{api_version} {kind}");
        }
    }

    #[test]
    fn a_kind_that_nobody_has_may_be_a_typing_mistake() {
        for (api_version, kind, expected) in [
            ("apps/v1", "deployment", "there is no deployment in apps/v1; did you mean Deployment of apps/v1?"),
            ("apps/v2", "Deploymnt", "there is no Deploymnt in apps/v2; did you mean Deployment of apps/v1?"),
            ("v1", "POD", "there is no POD in v1; did you mean Pod of v1?"),
            ("v1", "deployment", "there is no deployment in v1"),
            ("v1", "Deployment", "there is no Deployment in v1; Kubernetes has it in apps/v1"),
            ("apps/v1", "Secret", "there is no Secret in apps/v1; Kubernetes has it in v1"),
        ] {
            assert_eq!(about_none(api_version, kind, Subject::of(api_version, kind)), expected);
        }
    }
}
