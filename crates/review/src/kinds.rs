//! What a document is, by its `apiVersion` and `kind`: something to judge, or not.

use pss_core::admission::{WORKLOADS, Workload};
use pss_core::quote::quoted;
use pss_core::suggest;

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

/// The kinds of Kubernetes itself that hold no pod, as far as people write them, by the API group that they are in.
const BUILT_IN: [(&str, &str); 18] = [
    (
        "",
        "Binding ConfigMap Endpoints Event LimitRange Node PersistentVolume PersistentVolumeClaim ResourceQuota \
         Secret Service ServiceAccount",
    ),
    (
        "admissionregistration.k8s.io",
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration \
         ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
    ),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("apps", "ControllerRevision"),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("certificates.k8s.io", "CertificateSigningRequest ClusterTrustBundle"),
    ("coordination.k8s.io", "Lease"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("events.k8s.io", "Event"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema PriorityLevelConfiguration"),
    ("networking.k8s.io", "Ingress IngressClass IPAddress NetworkPolicy ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("policy", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io", "ClusterRole ClusterRoleBinding Role RoleBinding"),
    ("resource.k8s.io", "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass"),
];

/// The kinds that are judged, each with its group; all are `v1`.
fn judged() -> Vec<(&'static str, &'static str, Subject)> {
    let mut judged = vec![("Pod", "", Subject::Pod), ("Namespace", "", Subject::Namespace)];
    judged.extend(WORKLOADS.iter().map(|workload| (workload.kind, workload.group, Subject::Workload(workload))));
    judged
}

impl Subject {
    pub(super) fn of(api_version: &str, kind: &str) -> Subject {
        let group = group_of(api_version);
        let (mut elsewhere, mut is_built_in) = (None, false);
        for (name, own, subject) in judged() {
            if name == kind && api_version == v1_of(own) {
                return subject;
            }
            if name == kind {
                elsewhere = Some(own);
            }
        }
        for (own, kinds) in BUILT_IN {
            if kinds.split(' ').any(|name| name == kind) {
                is_built_in |= own == group;
                elsewhere = elsewhere.or(Some(own));
            }
        }
        if is_built_in {
            return Subject::BuiltIn;
        }
        // Others have kinds of the same name, such as the Jobs of Volcano, but only in groups with a dot.
        if group.contains('.') {
            return Subject::Custom;
        }
        elsewhere.map_or(Subject::Nowhere, Subject::Elsewhere)
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
        "{} of {api_version} is not known here. It is let pass: Pod Security Admission judges pods and the built-in kinds that make \
         them, not what a custom resource may make",
        quoted(kind)
    )
}

/// What there is to say of a kind that is [`Subject::Nowhere`] or [`Subject::Elsewhere`].
pub(super) fn about_none(api_version: &str, kind: &str, subject: Subject) -> String {
    let hint = match subject {
        Subject::Elsewhere(own) => format!("; Kubernetes has it in {}", v1_of(own)),
        _ => judged()
            .iter()
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
