//! The classification of documents by `apiVersion` and `kind`.

use pss_core::admission::{WORKLOADS, Workload};
use pss_core::quote::quoted;
use pss_core::suggest;

/// The kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A Pod.
    Pod,
    /// A workload, which has a pod template.
    Workload(&'static Workload),
    /// A Namespace.
    Namespace,
    /// Another built-in kind.
    BuiltIn,
    /// A kind that a CustomResourceDefinition may define.
    Custom,
    /// A kind that no cluster can have.
    Unknown,
    /// A built-in kind with another `apiVersion`: Kubernetes has it in `v1` of this group.
    OtherApiVersion(&'static str),
}

/// The built-in kinds without a pod that occur in manifests, by API group.
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

/// The kinds of [`BUILT_IN`] whose objects are in namespaces.
const NAMESPACED: &str = "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim ResourceQuota Secret Service ServiceAccount \
                          ControllerRevision HorizontalPodAutoscaler Lease EndpointSlice Ingress NetworkPolicy PodDisruptionBudget Role \
                          RoleBinding ResourceClaim ResourceClaimTemplate CSIStorageCapacity";

/// Returns whether the objects of a built-in kind without a pod are in namespaces.
pub(super) fn is_namespaced(kind: &str) -> bool {
    NAMESPACED.split(' ').any(|name| name == kind)
}

/// Returns the kinds that are reviewed, each with its group. The version of all is `v1`.
fn reviewed_kinds() -> impl Iterator<Item = (&'static str, &'static str, Kind)> {
    let of_workloads = WORKLOADS.iter().map(|workload| (workload.kind, workload.group, Kind::Workload(workload)));
    [("Pod", "", Kind::Pod), ("Namespace", "", Kind::Namespace)].into_iter().chain(of_workloads)
}

impl Kind {
    /// Classifies a document.
    pub(super) fn of(api_version: &str, kind: &str) -> Kind {
        let group = group_of(api_version);
        let (mut built_in_group, mut is_built_in) = (None, false);
        for (name, own_group, reviewed) in reviewed_kinds() {
            if name == kind {
                if is_v1_of(api_version, own_group) {
                    return reviewed;
                }
                built_in_group = Some(own_group);
            }
        }
        for (own_group, kinds) in BUILT_IN {
            if kinds.split(' ').any(|name| name == kind) {
                is_built_in |= own_group == group;
                built_in_group = built_in_group.or(Some(own_group));
            }
        }
        if is_built_in {
            return Kind::BuiltIn;
        }
        // Custom resources can have the name of a built-in kind, such as the Job of Volcano, but their groups contain a dot.
        if group.contains('.') {
            return Kind::Custom;
        }
        built_in_group.map_or(Kind::Unknown, Kind::OtherApiVersion)
    }

    /// Returns the group and resource of a reviewed kind: `apps`, `deployments`.
    pub(super) fn group_resource(self) -> (&'static str, &'static str) {
        match self {
            Kind::Pod => ("", "pods"),
            Kind::Namespace => ("", "namespaces"),
            Kind::Workload(workload) => (workload.group, workload.resource),
            _ => ("", ""),
        }
    }
}

/// Splits an `apiVersion` into the API group, empty for the core group, and the version.
pub(super) fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Returns the API group of an `apiVersion`; empty for the core group.
pub(super) fn group_of(api_version: &str) -> &str {
    group_and_version(api_version).0
}

/// Returns the `apiVersion` of version 1 of a group.
pub(super) fn v1_of(group: &str) -> String {
    if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") }
}

/// Returns whether an `apiVersion` is version 1 of a group.
fn is_v1_of(api_version: &str, group: &str) -> bool {
    if group.is_empty() { api_version == "v1" } else { api_version.strip_prefix(group) == Some("/v1") }
}

/// Returns the note on a [`Kind::Custom`].
pub(super) fn custom_kind_note(api_version: &str, kind: &str) -> String {
    format!(
        "{} of {api_version} is not known here. It is let pass: Pod Security Admission judges pods and the built-in kinds that make \
         them, not what a custom resource may make",
        quoted(kind)
    )
}

/// Returns the error for a [`Kind::Unknown`] or [`Kind::OtherApiVersion`].
pub(super) fn unknown_kind_error(api_version: &str, name: &str, kind: Kind) -> String {
    if name == "List" {
        return "the List has no items, so that it is no list for Kubernetes: add items with a list of objects".to_owned();
    }
    let hint = match kind {
        Kind::OtherApiVersion(group) => format!("; Kubernetes has it in {}", v1_of(group)),
        _ => reviewed_kinds()
            .find(|(reviewed, group, _)| *group == group_of(api_version) && suggest::closest(name, &[reviewed]).is_some())
            .map_or_else(String::new, |(reviewed, group, _)| format!("; did you mean {reviewed} of {}?", v1_of(group))),
    };
    format!("there is no {name} in {api_version}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classifies_documents_by_api_version_and_kind() {
        for workload in &WORKLOADS {
            assert_eq!(Kind::of(&v1_of(workload.group), workload.kind), Kind::Workload(workload));
        }
        let table = [
            ("v1", "Pod", Kind::Pod),
            ("v1", "Namespace", Kind::Namespace),
            ("v1", "Service", Kind::BuiltIn),
            ("events.k8s.io/v1", "Event", Kind::BuiltIn),
            ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", Kind::BuiltIn),
            ("networking.k8s.io/v1beta1", "Ingress", Kind::BuiltIn),
            ("apps/v1", "Service", Kind::OtherApiVersion("")),
            ("extensions/v1beta1", "Ingress", Kind::OtherApiVersion("networking.k8s.io")),
            ("policy/v1beta1", "PodSecurityPolicy", Kind::Unknown),
            ("v1", "Deployment", Kind::OtherApiVersion("apps")),
            ("extensions/v1beta1", "DaemonSet", Kind::OtherApiVersion("apps")),
            ("batch/v1beta1", "CronJob", Kind::OtherApiVersion("batch")),
            ("v1beta1", "Pod", Kind::OtherApiVersion("")),
            ("batch.volcano.sh/v1alpha1", "Job", Kind::Custom),
            ("monitoring.coreos.com/v1", "ServiceMonitor", Kind::Custom),
            ("apps/v1", "Deploymnt", Kind::Unknown),
        ];
        for (api_version, kind, expected) in table {
            assert_eq!(Kind::of(api_version, kind), expected, "{api_version} {kind}");
        }
    }

    #[test]
    fn suggests_the_closest_kind() {
        for (api_version, kind, expected) in [
            ("apps/v1", "deployment", "there is no deployment in apps/v1; did you mean Deployment of apps/v1?"),
            ("apps/v2", "Deploymnt", "there is no Deploymnt in apps/v2; did you mean Deployment of apps/v1?"),
            ("v1", "POD", "there is no POD in v1; did you mean Pod of v1?"),
            ("v1", "deployment", "there is no deployment in v1"),
            ("v1", "Deployment", "there is no Deployment in v1; Kubernetes has it in apps/v1"),
            ("apps/v1", "Secret", "there is no Secret in apps/v1; Kubernetes has it in v1"),
        ] {
            assert_eq!(unknown_kind_error(api_version, kind, Kind::of(api_version, kind)), expected);
        }
    }
}
