//! Pods: their containers, their volumes, their annotations, and the defaults of the API server.

use super::json::{flag, get, list, number, set, text};
use serde_json::{Value, json};

/// The lists of containers, in the order in which they are judged.
pub const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// The annotation of a pod with the name of the policy that admitted it.
pub const POLICY_ANNOTATION: &str = "kubernetes.io/psp";
/// The annotation of a pod with its seccomp profile.
pub const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// The prefix of the annotations of a pod with the seccomp profile of a container.
pub const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
/// The prefix of the annotations of a pod with the AppArmor profile of a container.
pub const APP_ARMOR_CONTAINER: &str = "container.apparmor.security.beta.kubernetes.io/";

/// The fields of a volume with its source, and the names that policies have for them, in the order in which upstream tests them.
pub const VOLUME_SOURCES: [(&str, &str); 29] = [
    ("hostPath", "hostPath"),
    ("emptyDir", "emptyDir"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("gitRepo", "gitRepo"),
    ("secret", "secret"),
    ("nfs", "nfs"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("persistentVolumeClaim", "persistentVolumeClaim"),
    ("rbd", "rbd"),
    ("flexVolume", "flexVolume"),
    ("cinder", "cinder"),
    ("cephfs", "cephFS"),
    ("flocker", "flocker"),
    ("downwardAPI", "downwardAPI"),
    ("fc", "fc"),
    ("azureFile", "azureFile"),
    ("configMap", "configMap"),
    ("vsphereVolume", "vsphereVolume"),
    ("quobyte", "quobyte"),
    ("azureDisk", "azureDisk"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("storageos", "storageos"),
    ("projected", "projected"),
    ("portworxVolume", "portworxVolume"),
    ("scaleIO", "scaleIO"),
    ("csi", "csi"),
    ("ephemeral", "ephemeral"),
];

/// The name that policies have for the source of a volume; none if it has no source of Kubernetes 1.24.
pub fn volume_type(volume: &Value) -> Option<&'static str> {
    VOLUME_SOURCES.iter().find(|(field, _)| get(volume, &[field]).is_some()).map(|(_, name)| *name)
}

/// An annotation of the pod.
pub fn annotation<'p>(pod: &'p Value, key: &str) -> Option<&'p str> {
    get(pod, &["metadata", "annotations", key]).and_then(Value::as_str)
}

/// The containers of a pod with their paths, in the order in which they are judged.
pub fn containers(pod: &Value) -> impl Iterator<Item = (String, &Value)> {
    CONTAINER_LISTS.iter().flat_map(move |list_name| {
        list(pod, &["spec", list_name]).iter().enumerate().map(move |(index, container)| (format!("spec.{list_name}[{index}]"), container))
    })
}

/// The pod with the defaults of the API server, and of its ServiceAccount plugin, that policies depend on.
///
/// They are: an emptyDir for a volume without a source that Kubernetes 1.24 has, the host ports of a pod in the network of its host,
/// the version of a field reference in a projected volume, and the service account.
pub fn defaulted(pod: &Value) -> Value {
    let mut pod = pod.clone();
    if get(&pod, &["spec", "securityContext"]).is_none() {
        set(&mut pod, &["spec", "securityContext"], json!({}));
    }
    if text(&pod, &["spec", "serviceAccountName"]).is_empty() {
        let deprecated_field = text(&pod, &["spec", "serviceAccount"]);
        let account = if deprecated_field.is_empty() { "default" } else { deprecated_field }.to_owned();
        set(&mut pod, &["spec", "serviceAccountName"], account);
    }
    if flag(&pod, &["spec", "hostNetwork"]) {
        for containers in ["/spec/initContainers", "/spec/containers"] {
            elements(&mut pod, containers).flat_map(|container| elements(container, "/ports")).for_each(default_host_port);
        }
    }
    for volume in elements(&mut pod, "/spec/volumes") {
        if volume_type(volume).is_none() {
            set(volume, &["emptyDir"], json!({}));
        }
        for item in elements(volume, "/projected/sources").flat_map(|source| elements(source, "/downwardAPI/items")) {
            if get(item, &["fieldRef"]).is_some() && text(item, &["fieldRef", "apiVersion"]).is_empty() {
                set(item, &["fieldRef", "apiVersion"], "v1");
            }
        }
    }
    pod
}

fn elements<'v>(value: &'v mut Value, pointer: &str) -> impl Iterator<Item = &'v mut Value> {
    value.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

fn default_host_port(port: &mut Value) {
    if number(port, &["hostPort"]).unwrap_or_default() == 0 {
        let container_port = number(port, &["containerPort"]).unwrap_or_default();
        set(port, &["hostPort"], container_port);
    }
}
