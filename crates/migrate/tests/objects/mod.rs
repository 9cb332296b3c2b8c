//! PodSecurityPolicies for tests, made of the fields that matter, and what baseline and restricted list.

#![allow(dead_code, unreachable_pub, reason = "each integration test includes the module and needs a part of it")]

use pss_manifest::Limits;
use pss_migrate::each_object;
use pss_migrate::psp::Policy;
use pss_review::Source;
use serde_json::{Value, json};

/// The 13 capabilities that baseline allows to add.
pub const BASELINE_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The types of volumes that restricted allows.
pub const RESTRICTED_VOLUMES: [&str; 8] =
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

/// The other types but hostPath, by their names in a PodSecurityPolicy.
pub const BASELINE_VOLUMES: [&str; 20] = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephFS",
    "cinder",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "iscsi",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
];

/// An object with the fields of its spec, besides the rules that each policy needs, and annotations in the key `annotations`.
pub fn object(name: &str, fields: &Value) -> Value {
    let any = json!({"rule": "RunAsAny"});
    let mut spec = json!({"seLinux": any, "runAsUser": any, "supplementalGroups": any, "fsGroup": any});
    for (key, value) in fields.as_object().unwrap().iter().filter(|(key, _)| *key != "annotations") {
        spec[key] = value.clone();
    }
    json!({
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": name, "annotations": fields["annotations"]},
        "spec": spec,
    })
}

/// The policy of such an object.
pub fn policy(fields: &Value) -> Policy {
    parsed(&object("policy", fields))
}

pub fn parsed(object: &Value) -> Policy {
    let (mut policy, mut problems) = (None, Vec::new());
    let text = object.to_string();
    each_object(Source { name: "psp.json", text: &text }, Limits::default(), &mut problems, &mut |object, problems| {
        policy = Policy::of(&object, problems);
    });
    policy.unwrap_or_else(|| panic!("{problems:?}"))
}
