//! Generated PodSecurityPolicies that the API server accepted.

use super::{merged, merged_object, mostly_first, one_of, some_of, without_nulls};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// Names whose order as bytes is not the order of numbers or of words.
pub const POLICY_NAMES: [&str; 7] = ["10-first", "9-second", "a", "a-b", "a.b", "privileged", "restricted"];

/// A policy with a name of the table.
pub fn psps() -> BoxedStrategy<Value> {
    (select(&POLICY_NAMES[..]), annotations(), spec()).prop_map(|(name, annotations, spec)| policy(name, annotations, spec)).boxed()
}

/// Some policies with distinct names, in any order.
pub fn policy_sets() -> BoxedStrategy<Vec<Value>> {
    subsequence(POLICY_NAMES.to_vec(), 1..=4)
        .prop_shuffle()
        .prop_flat_map(|names| names.into_iter().map(|name| psps().prop_map(move |psp| renamed(psp, name))).collect::<Vec<_>>())
        .boxed()
}

fn policy(name: &str, annotations: Value, spec: Value) -> Value {
    json!({
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": name, "annotations": annotations},
        "spec": spec,
    })
}

fn renamed(mut psp: Value, name: &str) -> Value {
    psp["metadata"]["name"] = json!(name);
    psp
}

/// Annotations for seccomp and for AppArmor. The one for seccomp is often `*`: without it, no pod may have a profile.
fn annotations() -> BoxedStrategy<Value> {
    let seccomp_allowed = one_of(json!([
        "runtime/default",
        "docker/default",
        "runtime/default,localhost/a",
        "localhost/a,*",
        "localhost/*",
        "unconfined",
        ""
    ]));
    let seccomp_default = mostly_first(json!(["runtime/default", "docker/default", "localhost/a", "unconfined", ""]));
    let seccomp = some_of(vec![
        ("seccomp.security.alpha.kubernetes.io/allowedProfileNames", 0.8, seccomp_allowed),
        ("seccomp.security.alpha.kubernetes.io/defaultProfileName", 0.4, seccomp_default),
    ]);
    let app_armor_allowed =
        one_of(json!(["runtime/default", "runtime/default,localhost/a,unconfined", "localhost/a,", "unconfined", "runtime/default,", ""]));
    let app_armor_default = mostly_first(json!(["runtime/default", "localhost/a", "unconfined", ""]));
    let app_armor = some_of(vec![
        ("apparmor.security.beta.kubernetes.io/allowedProfileNames", 0.6, app_armor_allowed),
        ("apparmor.security.beta.kubernetes.io/defaultProfileName", 0.7, app_armor_default),
    ]);
    let any_seccomp = Just(json!({"seccomp.security.alpha.kubernetes.io/allowedProfileNames": "*"}));
    merged(vec![prop_oneof![3 => any_seccomp, 2 => seccomp].boxed(), prop_oneof![4 => Just(json!({})), 1 => app_armor].boxed()])
}

/// A policy that admits everything but profiles of seccomp and AppArmor, with other values for some of its fields; null is absent.
fn spec() -> BoxedStrategy<Value> {
    let spec = prop_oneof![Just(0.1), Just(0.3), Just(0.8)].prop_flat_map(|probability| {
        let fields = vec![
            field("privileged", one_of(json!([false, null]))),
            field("hostNetwork", one_of(json!([false, null]))),
            field("hostPID", one_of(json!([false, null]))),
            field("hostIPC", one_of(json!([false, null]))),
            field("hostPorts", host_ports()),
            field("volumes", volumes()),
            field("allowedHostPaths", host_paths()),
            field("allowedFlexVolumes", one_of(json!([[], [{"driver": "vendor/a"}], [{"driver": "vendor/b"}, {"driver": "vendor/a"}]]))),
            field("allowedCSIDrivers", one_of(json!([[], [{"name": "csi-a"}], [{"name": "csi-b"}, {"name": "csi-a"}]]))),
            field("seLinux", se_linux()),
            field("runAsUser", user()),
            field("runAsGroup", run_as_group()),
            field("supplementalGroups", groups()),
            field("fsGroup", groups()),
            field("readOnlyRootFilesystem", one_of(json!([true, true, false]))),
            field("allowedProcMountTypes", mostly_first(json!([["Default"], [], null, ["Unmasked"]]))),
            field("runtimeClass", runtime_class()),
            capabilities(),
            privilege_escalation(),
            sysctls(),
        ];
        let some: Vec<_> = fields.into_iter().map(|field| weighted(probability, field)).collect();
        some.prop_map(|fields| fields.into_iter().flatten().fold(open(), merged_object)).prop_map(without_nulls)
    });
    let unusable = (spec.clone(), rules_without_values()).prop_map(|(spec, rule)| merged_object(spec, rule));
    prop_oneof![20 => spec, 1 => unusable].boxed()
}

fn field(name: &'static str, values: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    values.prop_map(move |value| json!({name: value})).boxed()
}

fn open() -> Value {
    json!({
        "privileged": true,
        "hostNetwork": true,
        "hostPID": true,
        "hostIPC": true,
        "hostPorts": [{"min": 0, "max": 65535}],
        "volumes": ["*"],
        "seLinux": {"rule": "RunAsAny"},
        "runAsUser": {"rule": "RunAsAny"},
        "supplementalGroups": {"rule": "RunAsAny"},
        "fsGroup": {"rule": "RunAsAny"},
        "allowedCapabilities": ["*"],
        "allowedProcMountTypes": ["Default", "Unmasked"],
        "allowedUnsafeSysctls": ["*"],
    })
}

/// What the API server accepted, although such a policy admits no pod.
fn rules_without_values() -> BoxedStrategy<Value> {
    one_of(json!([
        {"seLinux": {"rule": "MustRunAs"}},
        {"runAsUser": {"rule": "MustRunAs", "ranges": []}},
        {"fsGroup": {"rule": "MustRunAs"}},
        {"fsGroup": {"rule": "MayRunAs", "ranges": []}},
        {"supplementalGroups": {"rule": "MayRunAs"}}
    ]))
}

fn host_ports() -> BoxedStrategy<Value> {
    one_of(json!([
        [{"min": 80, "max": 80}],
        [{"min": 1, "max": 79}, {"min": 8000, "max": 9000}],
        [{"min": 0, "max": 0}],
        [],
        null
    ]))
}

fn volumes() -> BoxedStrategy<Value> {
    one_of(json!([
        ["configMap", "emptyDir", "secret", "projected", "downwardAPI", "persistentVolumeClaim", "csi", "ephemeral"],
        ["configMap", "emptyDir", "secret", "projected", "downwardAPI", "persistentVolumeClaim", "hostPath"],
        ["hostPath", "emptyDir", "secret"],
        ["flexVolume", "csi", "nfs", "cephFS", "storageos", "secret", "emptyDir", "awsElasticBlockStore", "hostPath"],
        ["emptyDir", "*"],
        ["secret"],
        ["secret", "configMap", "emptyDir"],
        [],
        null
    ]))
}

fn host_paths() -> BoxedStrategy<Value> {
    one_of(json!([
        [],
        [{"pathPrefix": "/"}],
        [{"pathPrefix": "/"}, {"pathPrefix": "/etc"}],
        [{"pathPrefix": "/", "readOnly": true}],
        [{"pathPrefix": "/var/log"}],
        [{"pathPrefix": "/var/log/", "readOnly": true}],
        [{"pathPrefix": "/var/log", "readOnly": true}, {"pathPrefix": "/var/log/pods"}],
        [{"pathPrefix": "/var", "readOnly": false}, {"pathPrefix": "/var/log", "readOnly": true}],
        [{"pathPrefix": "/var/lo", "readOnly": true}, {"pathPrefix": "/"}],
        [{"pathPrefix": "/dev"}, {"pathPrefix": "/var/log//"}]
    ]))
}

fn se_linux() -> BoxedStrategy<Value> {
    one_of(json!([
        {"rule": "RunAsAny", "seLinuxOptions": {"level": "s0"}},
        {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c6,c0"}},
        {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0", "type": "container_t"}},
        {"rule": "MustRunAs", "seLinuxOptions": {"user": "u", "role": "r", "type": "t"}},
        {"rule": "MustRunAs", "seLinuxOptions": {}}
    ]))
}

fn user() -> BoxedStrategy<Value> {
    one_of(json!([
        {"rule": "MustRunAsNonRoot"},
        {"rule": "MustRunAsNonRoot"},
        {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]},
        {"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 1000}, {"min": 0, "max": 0}]},
        {"rule": "MustRunAs", "ranges": [{"min": 0, "max": 10}]},
        {"rule": "RunAsAny", "ranges": [{"min": 5, "max": 6}]}
    ]))
}

/// The only field with groups for which the API server required ranges, and refused those without a meaning.
fn run_as_group() -> BoxedStrategy<Value> {
    one_of(json!([
        {"rule": "RunAsAny"},
        {"rule": "MayRunAs", "ranges": [{"min": 1, "max": 65535}]},
        {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]},
        {"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 1000}, {"min": 0, "max": 0}]},
        {"rule": "MustRunAs", "ranges": [{"min": 0, "max": 10}]}
    ]))
}

fn groups() -> BoxedStrategy<Value> {
    one_of(json!([
        {"rule": "RunAsAny", "ranges": [{"min": 5, "max": 6}]},
        {"rule": "MayRunAs", "ranges": [{"min": 1, "max": 65535}]},
        {"rule": "MayRunAs", "ranges": [{"min": 2000, "max": 2000}]},
        {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]},
        {"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 1000}, {"min": 0, "max": 0}]},
        {"rule": "MustRunAs", "ranges": [{"min": 0, "max": 10}]}
    ]))
}

/// The default is one that the policy allows.
fn runtime_class() -> BoxedStrategy<Value> {
    one_of(json!([
        {"allowedRuntimeClassNames": ["*"]},
        {"allowedRuntimeClassNames": ["*"], "defaultRuntimeClassName": "gvisor"},
        {"allowedRuntimeClassNames": ["gvisor", "kata"]},
        {"allowedRuntimeClassNames": ["gvisor", "kata"], "defaultRuntimeClassName": "kata"},
        {"allowedRuntimeClassNames": []},
        {}
    ]))
}

/// No required drop is also allowed or a default, and there is none if all are allowed.
fn capabilities() -> BoxedStrategy<Value> {
    let names = || vec!["CHOWN", "NET_BIND_SERVICE", "NET_RAW", "SYS_ADMIN", "ALL", "*"];
    let some = |most| prop_oneof![2 => Just(Vec::new()), 3 => subsequence(names(), 0..=most).prop_shuffle()];
    let allowed = prop_oneof![3 => Just(vec!["*"]), 2 => Just(vec!["CHOWN", "NET_BIND_SERVICE", "NET_RAW", "SYS_ADMIN"]), 4 => some(4)];
    let required_drop = prop_oneof![1 => Just(Vec::new()), 1 => Just(vec!["ALL"]), 2 => some(3)];
    let repeat_first = any::<bool>();
    (allowed, some(2), required_drop, repeat_first)
        .prop_map(|(allowed, mut default_add, mut required_drop, repeat_first)| {
            required_drop.retain(|name| *name != "*" && !allowed.contains(name) && !default_add.contains(name));
            if allowed.contains(&"*") {
                required_drop.clear();
            }
            if repeat_first {
                default_add.extend(default_add.first().copied());
                required_drop.extend(required_drop.first().copied());
            }
            json!({"allowedCapabilities": allowed, "defaultAddCapabilities": default_add, "requiredDropCapabilities": required_drop})
        })
        .boxed()
}

/// The default is never true if the policy does not allow privilege escalation.
fn privilege_escalation() -> BoxedStrategy<Value> {
    one_of(json!([
        {"allowPrivilegeEscalation": true},
        {"allowPrivilegeEscalation": false},
        {"allowPrivilegeEscalation": false},
        {"defaultAllowPrivilegeEscalation": false},
        {"defaultAllowPrivilegeEscalation": true},
        {"allowPrivilegeEscalation": true, "defaultAllowPrivilegeEscalation": false},
        {"allowPrivilegeEscalation": false, "defaultAllowPrivilegeEscalation": false}
    ]))
}

/// The two lists do not overlap.
fn sysctls() -> BoxedStrategy<Value> {
    one_of(json!([
        {"allowedUnsafeSysctls": null},
        {"allowedUnsafeSysctls": ["kernel.*"], "forbiddenSysctls": ["net.*"]},
        {"allowedUnsafeSysctls": ["kernel.msgmax", "net.core.*"], "forbiddenSysctls": ["kernel.shm_rmid_forced"]},
        {"allowedUnsafeSysctls": ["net.ipv4.tcp_*"]},
        {"allowedUnsafeSysctls": null, "forbiddenSysctls": ["*"]},
        {"allowedUnsafeSysctls": null, "forbiddenSysctls": ["net.ipv4.tcp_syncookies", "net.ipv4.ip_*"]},
        {"allowedUnsafeSysctls": [], "forbiddenSysctls": []}
    ]))
}
