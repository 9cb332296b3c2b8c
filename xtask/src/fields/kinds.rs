//! The built-in kinds: every type of k8s-openapi that is a `Resource`. A test compares the list with the sources of the crate.

use std::any::type_name;

use k8s_openapi::Resource;

use super::trace::Trace;

/// A built-in kind.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Its type in Rust, as [`type_name`] returns it.
    pub(super) type_name: fn() -> &'static str,
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    /// Records the fields of the type.
    pub(super) trace: fn(&Trace),
}

impl Kind {
    const fn of<T: Resource + serde::de::DeserializeOwned>() -> Self {
        Kind { type_name: type_name::<T>, api_version: T::API_VERSION, kind: T::KIND, trace: Trace::add::<T> }
    }
}

/// Lists the kinds of modules.
macro_rules! kinds {
    ($($($module:ident)::+: $($kind:ident)+;)+) => {
        const MODULES: &[&[Kind]] = &[$({
            use k8s_openapi::$($module)::+::*;
            &[$(Kind::of::<$kind>()),+]
        }),+];

        /// The paths of the types, as the sources of the crate have them: `api::core::v1::Pod`.
        #[cfg(test)]
        const PATHS: &[(&str, &[&str])] = &[$((concat!($("::", stringify!($module)),+), &[$(stringify!($kind)),+])),+];
    };
}

/// Returns all kinds.
pub(super) fn kinds() -> impl Iterator<Item = Kind> {
    MODULES.iter().copied().flatten().copied()
}

kinds! {
    api::admissionregistration::v1:
        MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration
        ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration;
    api::admissionregistration::v1alpha1: MutatingAdmissionPolicy MutatingAdmissionPolicyBinding;
    api::admissionregistration::v1beta1: MutatingAdmissionPolicy MutatingAdmissionPolicyBinding;
    api::apiserverinternal::v1alpha1: StorageVersion;
    api::apps::v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet;
    api::authentication::v1: SelfSubjectReview TokenRequest TokenReview;
    api::authorization::v1: LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview;
    api::autoscaling::v1: HorizontalPodAutoscaler Scale;
    api::autoscaling::v2: HorizontalPodAutoscaler;
    api::batch::v1: CronJob Job;
    api::certificates::v1: CertificateSigningRequest ClusterTrustBundle PodCertificateRequest;
    api::certificates::v1beta1: ClusterTrustBundle PodCertificateRequest;
    api::coordination::v1: Lease;
    api::coordination::v1alpha2: LeaseCandidate;
    api::coordination::v1beta1: LeaseCandidate;
    api::core::v1:
        Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume
        PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount;
    api::discovery::v1: EndpointSlice;
    api::events::v1: Event;
    api::flowcontrol::v1: FlowSchema PriorityLevelConfiguration;
    api::lifecycle::v1alpha1: Eviction EvictionRequest;
    api::networking::v1: IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR;
    api::node::v1: RuntimeClass;
    api::policy::v1: Eviction PodDisruptionBudget;
    api::rbac::v1: ClusterRole ClusterRoleBinding Role RoleBinding;
    api::resource::v1: DeviceClass DeviceTaintRule ResourceClaim ResourceClaimTemplate ResourceSlice;
    api::resource::v1alpha3: DeviceTaintRule ResourcePoolStatusRequest;
    api::resource::v1beta1: DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice;
    api::resource::v1beta2: DeviceClass DeviceTaintRule ResourceClaim ResourceClaimTemplate ResourceSlice;
    api::scheduling::v1: PriorityClass;
    api::scheduling::v1alpha3: CompositePodGroup PodGroup Workload;
    api::scheduling::v1beta1: PodGroup Workload;
    api::storage::v1: CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass;
    api::storagemigration::v1: StorageVersionMigration;
    api::storagemigration::v1beta1: StorageVersionMigration;
    apiextensions_apiserver::pkg::apis::apiextensions::v1: CustomResourceDefinition;
    apimachinery::pkg::apis::meta::v1: APIGroup APIGroupList APIResourceList APIVersions Status;
    kube_aggregator::pkg::apis::apiregistration::v1: APIService;
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::{env, fs};

    use super::PATHS;

    /// The directory of the crate's types of the selected version, from cargo.
    fn sources() -> PathBuf {
        let output = Command::new(env!("CARGO"))
            // Packages of other platforms may not be downloaded.
            .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform=host-tuple", "--manifest-path"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .output()
            .unwrap();
        let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let pod = std::any::type_name::<k8s_openapi::api::core::v1::Pod>();
        let version = pod.split("::").nth(1).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let directories = packages
            .iter()
            .filter(|package| package["name"] == "k8s-openapi")
            .map(|package| Path::new(package["manifest_path"].as_str().unwrap()).with_file_name("src").join(version))
            .filter(|directory| directory.exists())
            .collect::<Vec<_>>();
        // The crate of the policy's SDK is another version, of another release of Kubernetes.
        assert_eq!(directories.len(), 1, "{directories:?}");
        directories.into_iter().next().unwrap()
    }

    /// Adds the paths of the types of a directory that are resources.
    fn add_resources(directory: &Path, path: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                add_resources(&entry.path(), &format!("{path}::{name}"), found);
                continue;
            }
            let text = fs::read_to_string(entry.path()).unwrap();
            let names = text.lines().filter_map(|line| line.strip_prefix("impl crate::Resource for ")?.split(' ').next());
            found.extend(names.map(|name| format!("{path}::{name}")));
        }
    }

    #[test]
    fn lists_every_resource_of_the_crate() {
        let mut found = Vec::new();
        add_resources(&sources(), "", &mut found);
        found.sort();
        let mut listed: Vec<_> =
            PATHS.iter().flat_map(|(module, kinds)| kinds.iter().map(move |kind| format!("{module}::{kind}"))).collect();
        listed.sort();
        assert_eq!(listed, found);
    }
}
