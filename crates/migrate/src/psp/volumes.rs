//! The types of volumes of PodSecurityPolicies.
//!
//! Source: `GetVolumeFSType` in `pkg/security/podsecuritypolicy/util/util.go` of Kubernetes 1.24, whose order it is.

/// The types, as a PodSecurityPolicy has them.
pub(super) const TYPES: [&str; 29] = [
    "hostPath",
    "emptyDir",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "persistentVolumeClaim",
    "rbd",
    "flexVolume",
    "cinder",
    "cephFS",
    "flocker",
    "downwardAPI",
    "fc",
    "azureFile",
    "configMap",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "projected",
    "portworxVolume",
    "scaleIO",
    "storageos",
    "csi",
    "ephemeral",
];

/// Returns whether there is a type with a name, `*` excepted.
pub(super) fn is_known(name: &str) -> bool {
    TYPES.contains(&name)
}

/// Returns the field of a pod's volume for a type. One has another name there.
pub(super) fn field(kind: &str) -> &str {
    if kind == "cephFS" { "cephfs" } else { kind }
}
