//! Generated pods whose fields are those that policies judge or set. Most are valid for the API server, but no ephemeral container is
//! when a pod is created.

use super::super::CONTAINER_LISTS;
use super::super::json::{list, text};
use super::{merged, mostly_first, one_of, some_of};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

const VOLUME_NAMES: [&str; 3] = ["v0", "v1", "v2"];

/// A pod in the namespace `apps`, before the API server sets defaults.
pub fn pods() -> BoxedStrategy<Value> {
    let lists = (
        vec(container(true), 1..=2),
        prop_oneof![3 => Just(Vec::new()), 1 => vec(container(true), 1..=1)],
        prop_oneof![9 => Just(Vec::new()), 1 => vec(container(false), 1..=1)],
    );
    let volumes = prop_oneof![1 => Just(Vec::new()), 2 => vec(volume(), 1..=VOLUME_NAMES.len())];
    (lists, volumes, annotations(), pod_fields())
        .prop_map(|((containers, init_containers, ephemeral_containers), mut volumes, annotations, mut spec)| {
            for (volume, name) in volumes.iter_mut().zip(VOLUME_NAMES) {
                volume["name"] = json!(name);
            }
            let names = &VOLUME_NAMES[..volumes.len()];
            spec["containers"] = with_names("c", containers, names);
            for (list, prefix, containers) in [("initContainers", "i", init_containers), ("ephemeralContainers", "e", ephemeral_containers)]
            {
                if !containers.is_empty() {
                    spec[list] = with_names(prefix, containers, names);
                }
            }
            if !volumes.is_empty() {
                spec["volumes"] = json!(volumes);
            }
            let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod", "namespace": "apps"}, "spec": spec});
            let annotations = of_containers(annotations, &pod["spec"]);
            if annotations.as_object().is_some_and(|annotations| !annotations.is_empty()) {
                pod["metadata"]["annotations"] = annotations;
            }
            pod
        })
        .boxed()
}

/// The containers with names, and with the mounts of volumes that the pod has.
fn with_names(prefix: &str, mut containers: Vec<Value>, volumes: &[&str]) -> Value {
    for (index, container) in containers.iter_mut().enumerate() {
        container["name"] = json!(format!("{prefix}{index}"));
        if let Some(mounts) = container.get_mut("volumeMounts").and_then(Value::as_array_mut) {
            mounts.retain(|mount| mount["name"].as_str().is_some_and(|name| volumes.contains(&name)));
        }
    }
    json!(containers)
}

fn annotations() -> BoxedStrategy<Value> {
    let valid = mostly_first(json!(["runtime/default", "localhost/a", "unconfined", "runtime/default"]));
    let seccomp = || prop_oneof![15 => valid.clone(), 4 => Just(json!("docker/default")), 1 => Just(json!(""))].boxed();
    let app_armor = || prop_oneof![15 => valid.clone(), 1 => Just(json!(""))].boxed();
    let few = some_of(vec![
        ("seccomp.security.alpha.kubernetes.io/pod", 0.1, seccomp()),
        ("container.seccomp.security.alpha.kubernetes.io/c0", 0.07, seccomp()),
        ("container.seccomp.security.alpha.kubernetes.io/i0", 0.07, seccomp()),
        ("container.seccomp.security.alpha.kubernetes.io/e0", 0.07, seccomp()),
        ("kubernetes.io/psp", 0.5, prop_oneof![7 => one_of(json!(super::POLICY_NAMES)), 1 => one_of(json!(["none", ""]))].boxed()),
        ("other", 0.2, Just(json!("annotation")).boxed()),
    ]);
    let app_armor = some_of(vec![
        ("container.apparmor.security.beta.kubernetes.io/c0", 0.9, app_armor()),
        ("container.apparmor.security.beta.kubernetes.io/c1", 0.9, app_armor()),
        ("container.apparmor.security.beta.kubernetes.io/i0", 0.9, app_armor()),
        ("container.apparmor.security.beta.kubernetes.io/e0", 0.9, app_armor()),
    ]);
    merged(vec![few, prop_oneof![3 => Just(json!({})), 2 => app_armor].boxed()])
}

/// The annotations without those of containers that the pod does not have.
fn of_containers(annotations: Value, spec: &Value) -> Value {
    let names: Vec<&str> =
        CONTAINER_LISTS.iter().flat_map(|name| list(spec, &[name])).map(|container| text(container, &["name"])).collect();
    let annotations = annotations.as_object().unwrap().clone();
    let of_existing = |key: &str| !key.starts_with("container.") || key.rsplit_once('/').is_some_and(|(_, name)| names.contains(&name));
    annotations.into_iter().filter(|(key, _)| of_existing(key)).collect()
}

fn pod_fields() -> BoxedStrategy<Value> {
    some_of(vec![
        ("hostNetwork", 0.15, one_of(json!([true, false]))),
        ("hostPID", 0.1, one_of(json!([true, false, null]))),
        ("hostIPC", 0.1, one_of(json!([true, false]))),
        ("runtimeClassName", 0.2, one_of(json!(["gvisor", "kata", "other", null]))),
        ("serviceAccountName", 0.6, one_of(json!(super::SERVICE_ACCOUNTS))),
        ("serviceAccount", 0.1, one_of(json!(super::SERVICE_ACCOUNTS))),
        ("securityContext", 0.7, pod_security_context()),
    ])
}

fn pod_security_context() -> BoxedStrategy<Value> {
    let fields = some_of(vec![
        ("runAsUser", 0.25, ids()),
        ("runAsGroup", 0.2, ids()),
        ("runAsNonRoot", 0.25, flag()),
        ("fsGroup", 0.2, ids()),
        ("supplementalGroups", 0.2, one_of(json!([[1], [1000], [2000], [1000, 2000], [0, 5, 0], [], null]))),
        ("seLinuxOptions", 0.15, se_linux()),
        ("seccompProfile", 0.15, seccomp_profile()),
        ("sysctls", 0.15, sysctls()),
    ]);
    prop_oneof![12 => fields, 1 => Just(Value::Null)].boxed()
}

fn container(has_ports: bool) -> BoxedStrategy<Value> {
    let mut fields =
        vec![("image", 1.0, Just(json!("image:1")).boxed()), ("securityContext", 0.7, security_context()), ("volumeMounts", 0.6, mounts())];
    if has_ports {
        fields.push(("ports", 0.2, ports()));
    }
    some_of(fields)
}

fn security_context() -> BoxedStrategy<Value> {
    let escalation =
        mostly_first(json!([{"allowPrivilegeEscalation": false}, {"allowPrivilegeEscalation": true}, {"allowPrivilegeEscalation": null}]));
    let privileged = one_of(json!([{"privileged": true}, {"privileged": true, "allowPrivilegeEscalation": true}, {"privileged": false}]));
    let privileges = prop_oneof![3 => Just(json!({})), 4 => escalation, 1 => privileged].boxed();
    let fields = some_of(vec![
        ("capabilities", 0.4, capabilities()),
        ("runAsUser", 0.3, ids()),
        ("runAsGroup", 0.2, ids()),
        ("runAsNonRoot", 0.3, flag()),
        ("readOnlyRootFilesystem", 0.4, mostly_first(json!([true, false, null]))),
        ("procMount", 0.1, mostly_first(json!(["Default", "Unmasked", null]))),
        ("seLinuxOptions", 0.07, se_linux()),
        ("seccompProfile", 0.1, seccomp_profile()),
    ]);
    prop_oneof![12 => merged(vec![fields, privileges]), 1 => Just(json!({})), 1 => Just(Value::Null)].boxed()
}

/// Names in any order, and repeated ones.
fn capabilities() -> BoxedStrategy<Value> {
    let add =
        subsequence(vec!["NET_BIND_SERVICE", "CHOWN", "CHOWN", "NET_RAW", "SYS_ADMIN", "CAP_CHOWN", "ALL", "*"], 0..=2).prop_shuffle();
    let drop = subsequence(vec!["ALL", "NET_RAW", "NET_RAW", "CHOWN", "SYS_ADMIN", "all"], 0..=4).prop_shuffle();
    let drop = prop_oneof![1 => Just(vec!["ALL"]), 2 => drop];
    (weighted(0.5, add), weighted(0.7, drop))
        .prop_map(|(add, drop)| {
            let lists = [("add", add), ("drop", drop)];
            lists.into_iter().filter_map(|(field, names)| Some((field.to_owned(), json!(names?)))).collect::<Value>()
        })
        .boxed()
}

fn ids() -> BoxedStrategy<Value> {
    one_of(json!([0, 1, 10, 1000, 1000, 2000, 65535, 65536, null]))
}

fn flag() -> BoxedStrategy<Value> {
    one_of(json!([true, true, false, null]))
}

fn se_linux() -> BoxedStrategy<Value> {
    one_of(json!([
        {},
        {"level": "s0"},
        {"level": "s0:c0,c6"},
        {"level": "s0:c6,c0"},
        {"level": "s0:c0,c6,c6"},
        {"level": "s1:c0,c6"},
        {"level": "s0:c0,c6", "user": ""},
        {"level": "s0", "type": "container_t"},
        {"type": "t", "role": "r", "user": "u"},
        {"type": "t", "role": "r", "user": "other"},
        null
    ]))
}

/// A pod with `Localhost` and without a profile is not valid.
fn seccomp_profile() -> BoxedStrategy<Value> {
    let valid = one_of(json!([
        {"type": "RuntimeDefault"},
        {"type": "RuntimeDefault"},
        {"type": "Localhost", "localhostProfile": "a"},
        {"type": "Localhost", "localhostProfile": "*"},
        {"type": "Unconfined"},
        null
    ]));
    prop_oneof![30 => valid, 1 => one_of(json!([{}, {"type": "Localhost"}]))].boxed()
}

fn sysctls() -> BoxedStrategy<Value> {
    let names = vec![
        "kernel.msgmax",
        "kernel.shm_rmid_forced",
        "net.core.somaxconn",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_syncookies",
    ];
    subsequence(names, 0..=3).prop_map(|names| names.into_iter().map(|name| json!({"name": name, "value": "0"})).collect::<Value>()).boxed()
}

fn ports() -> BoxedStrategy<Value> {
    one_of(json!([
        [{"containerPort": 80}],
        [{"containerPort": 8080, "hostPort": 80}],
        [{"containerPort": 8080, "hostPort": 8080}, {"containerPort": 81}],
        [{"containerPort": 80, "hostPort": 0}],
        [{"containerPort": 65535, "hostPort": 65535}],
        []
    ]))
}

fn mounts() -> BoxedStrategy<Value> {
    let mount = |name: &'static str| {
        let read_only = one_of(json!([true, true, false, null]));
        weighted(0.7, read_only.prop_map(move |read_only| json!({"name": name, "mountPath": format!("/{name}"), "readOnly": read_only})))
    };
    VOLUME_NAMES.map(mount).to_vec().prop_map(|mounts| mounts.into_iter().flatten().collect::<Value>()).boxed()
}

/// A volume without its name. Most are of types that the restricted level allows.
fn volume() -> BoxedStrategy<Value> {
    let ordinary = one_of(json!([
        {"emptyDir": {}},
        {"configMap": {"name": "c"}},
        {"secret": {"secretName": "s"}},
        {"persistentVolumeClaim": {"claimName": "p"}},
        {"downwardAPI": {}},
        {"emptyDir": null},
        {}
    ]));
    let path = one_of(json!(["/", "/var/log", "/var/log/", "/var/log/pods", "/var/log//pods", "/var/logs", "/var", "/dev/x", "/etc"]));
    let host_path = path.prop_map(|path| json!({"hostPath": {"path": path}}));
    let driver = one_of(json!([
        {"flexVolume": {"driver": "vendor/a"}},
        {"flexVolume": {"driver": "vendor/c"}},
        {"csi": {"driver": "csi-a"}},
        {"csi": {"driver": "csi-c"}}
    ]));
    let other = one_of(json!([
        {"awsElasticBlockStore": {"volumeID": "v"}},
        {"azureDisk": {"diskName": "d", "diskURI": "https://blob/d"}},
        {"azureFile": {"secretName": "s", "shareName": "s"}},
        {"cephfs": {"monitors": ["m"]}},
        {"cinder": {"volumeID": "v"}},
        {"fc": {"targetWWNs": ["w"], "lun": 1}},
        {"flocker": {"datasetName": "d"}},
        {"gcePersistentDisk": {"pdName": "p"}},
        {"gitRepo": {"repository": "r"}},
        {"glusterfs": {"endpoints": "e", "path": "p"}},
        {"iscsi": {"targetPortal": "127.0.0.1", "iqn": "iqn.2001-04.com.example:storage", "lun": 0}},
        {"nfs": {"server": "s", "path": "/"}},
        {"photonPersistentDisk": {"pdID": "p"}},
        {"portworxVolume": {"volumeID": "v"}},
        {"quobyte": {"registry": "r:1", "volume": "v"}},
        {"rbd": {"monitors": ["m"], "image": "i"}},
        {"scaleIO": {"gateway": "g", "system": "s", "volumeName": "v", "secretRef": {"name": "s"}}},
        {"storageos": {"volumeName": "v"}},
        {"vsphereVolume": {"volumePath": "p"}},
        {"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}}
    ]));
    prop_oneof![5 => ordinary, 2 => projected(), 2 => host_path, 1 => driver, 2 => other].boxed()
}

/// Sources of the volume that each pod gets for its service account, and sources that resemble them.
fn projected() -> BoxedStrategy<Value> {
    let token = json!({"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}});
    let root = json!({"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}});
    let namespace =
        json!({"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}});
    let usual = json!([token, root, namespace]);
    let root_only = json!([root]);
    let other = one_of(json!([
        {"serviceAccountToken": {"path": "token", "audience": "vault"}},
        {"serviceAccountToken": {"path": "other"}},
        {"configMap": {"name": "c"}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
        {"downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "resourceFieldRef": {"containerName": "c0", "resource": "limits.cpu"}}]}},
        {"downwardAPI": {}},
        {"secret": {"name": "s"}}
    ]));
    let sources = prop_oneof![
        3 => Just(usual),
        1 => Just(json!([])),
        2 => other.prop_map(move |other| {
            let mut sources = root_only.as_array().unwrap().clone();
            sources.push(other);
            json!(sources)
        }),
    ];
    sources.prop_map(|sources| json!({"projected": {"sources": sources}})).boxed()
}
