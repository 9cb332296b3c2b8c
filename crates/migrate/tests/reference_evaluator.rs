//! Tests of the reference evaluator: tables of what upstream does with each field, and invariants on generated policies and pods.
//!
//! The evaluator has been compared with upstream's own code: `NewSimpleProvider`, the admission plugin and the RBAC authorizer of
//! Kubernetes 1.20.2, with the gate EphemeralContainers, which is on by default from 1.23, and with the sysctl that is safe from 1.22.
//! In 150,000 generated cases, each with policies (375,000 in all), a pod, RBAC objects and a user, these were equal: the mutated pods,
//! the paths of the errors in their order before and after the mutation, the rights, and the choices. Upstream's validation accepted
//! each generated policy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod reference;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reference::generators::{NAMESPACES, POLICY_NAMES, pods, policy_sets, psps, rbac, subjects};
use reference::{CONTAINER_LISTS, Operation, Subject, admit, choose, defaulted, may_use, mutate};
use serde_json::{Value, json};

/// A policy that admits all but profiles of seccomp, with other values for some fields.
fn policy(fields: Value) -> Value {
    let mut spec = json!({
        "privileged": true, "hostNetwork": true, "hostPID": true, "hostIPC": true, "hostPorts": [{"min": 0, "max": 65535}], "volumes": ["*"],
        "seLinux": {"rule": "RunAsAny"}, "runAsUser": {"rule": "RunAsAny"}, "supplementalGroups": {"rule": "RunAsAny"},
        "fsGroup": {"rule": "RunAsAny"}, "allowedCapabilities": ["*"], "allowedUnsafeSysctls": ["*"],
    });
    for (field, value) in fields.as_object().unwrap() {
        spec[field] = value.clone();
    }
    json!({"metadata": {"name": "policy"}, "spec": spec})
}

fn annotated(key: &str, value: &str) -> Value {
    let mut policy = policy(json!({}));
    policy["metadata"]["annotations"] = json!({key: value});
    policy
}

/// A pod with one container, with fields of its spec and of the security context of the container.
fn pod(spec: Value, security_context: Value) -> Value {
    let mut pod = json!({"metadata": {"name": "pod", "namespace": "apps"}, "spec": spec});
    pod["spec"]["containers"] = json!([{"name": "c", "image": "i", "securityContext": security_context}]);
    defaulted(&pod)
}

/// The verdict in a word: how the policy admits the pod, or the paths of the errors without the common ones.
fn verdict(psp: &Value, pod: &Value) -> String {
    match admit(psp, pod) {
        Ok((_, false)) => "admitted".to_owned(),
        Ok((_, true)) => "changed".to_owned(),
        Err(errors) => {
            let paths = errors.iter().map(|error| error.split(": ").next().unwrap());
            let short = |path: &str| match path.strip_prefix("spec.securityContext") {
                Some(field) => format!("pod{field}"),
                None => path.replace("spec.containers[0].securityContext", "c"),
            };
            paths.map(short).collect::<Vec<_>>().join(" ")
        }
    }
}

const SECCOMP_ALLOWED: &str = "seccomp.security.alpha.kubernetes.io/allowedProfileNames";
const APP_ARMOR_ALLOWED: &str = "apparmor.security.beta.kubernetes.io/allowedProfileNames";
const POD_SECCOMP: &str = "pod.metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]";
const C_SECCOMP: &str = "pod.metadata.annotations[container.seccomp.security.alpha.kubernetes.io/c]";
const C_APP_ARMOR: &str = "pod.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]";

#[test]
fn judges_each_field_as_upstream_does() {
    let none = || json!({});
    let range = |min: i64, max: i64| json!([{"min": min, "max": max}]);
    let must = |min, max| json!({"rule": "MustRunAs", "ranges": range(min, max)});
    let may = |min, max| json!({"rule": "MayRunAs", "ranges": range(min, max)});
    let context = |context: Value| json!({"securityContext": context});
    let volume = |volume: Value| json!({"volumes": [volume]});
    let cases: Vec<(Value, Value, Value, &str)> = vec![
        (json!({"privileged": false}), none(), json!({"privileged": true}), "c.privileged"),
        (json!({"privileged": false}), none(), json!({"privileged": false}), "admitted"),
        (json!({"hostPID": false}), json!({"hostPID": true}), none(), "pod.hostPID"),
        // The effective value of a container counts, not the one of its pod.
        (json!({"runAsUser": must(1, 10)}), none(), none(), "changed"),
        (json!({"runAsUser": must(1, 10)}), context(json!({"runAsUser": 0})), none(), "c.runAsUser"),
        (json!({"runAsUser": must(1, 10)}), context(json!({"runAsUser": 0})), json!({"runAsUser": 10}), "admitted"),
        (json!({"runAsUser": {"rule": "MustRunAsNonRoot"}}), none(), none(), "changed"),
        (json!({"runAsUser": {"rule": "MustRunAsNonRoot"}}), none(), json!({"runAsUser": 1000}), "admitted"),
        (json!({"runAsUser": {"rule": "MustRunAsNonRoot"}}), context(json!({"runAsUser": 0})), none(), "c.runAsUser"),
        (json!({"runAsUser": {"rule": "MustRunAsNonRoot"}}), none(), json!({"runAsUser": 1000, "runAsNonRoot": false}), "c.runAsNonRoot"),
        (json!({"runAsUser": {"rule": "MustRunAs"}}), none(), none(), "spec.runAsUser.ranges"),
        (json!({"runAsGroup": must(1, 10)}), none(), none(), "changed"),
        (json!({"runAsGroup": must(1, 10)}), none(), json!({"runAsGroup": 11}), "c"),
        (json!({"runAsGroup": may(1, 10)}), none(), none(), "admitted"),
        (json!({"fsGroup": must(1, 10)}), none(), none(), "changed"),
        (json!({"fsGroup": may(1, 10)}), context(json!({"fsGroup": 11})), none(), "pod.fsGroup"),
        (json!({"fsGroup": {"rule": "MayRunAs"}}), none(), none(), "spec.fsGroup.ranges"),
        (json!({"supplementalGroups": must(1, 10)}), none(), none(), "changed"),
        (json!({"supplementalGroups": must(1, 10)}), context(json!({"supplementalGroups": []})), none(), "pod.supplementalGroups"),
        (json!({"supplementalGroups": may(1, 10)}), context(json!({"supplementalGroups": [1, 11]})), none(), "pod.supplementalGroups"),
        (json!({"readOnlyRootFilesystem": true}), none(), none(), "changed"),
        (json!({"readOnlyRootFilesystem": true}), none(), json!({"readOnlyRootFilesystem": false}), "c.readOnlyRootFilesystem"),
        (json!({"allowPrivilegeEscalation": false}), none(), none(), "changed"),
        (json!({"allowPrivilegeEscalation": false}), none(), json!({"allowPrivilegeEscalation": true}), "c.allowPrivilegeEscalation"),
        (json!({"defaultAllowPrivilegeEscalation": true}), none(), none(), "changed"),
        (json!({"defaultAllowPrivilegeEscalation": false}), none(), json!({"allowPrivilegeEscalation": true}), "admitted"),
        (none(), none(), json!({"procMount": "Unmasked"}), "c.procMount"),
        (json!({"allowedProcMountTypes": ["Unmasked"]}), none(), none(), "c.procMount"),
        // Capabilities: names are compared as they are, and dropping ALL drops no default by name.
        (json!({"allowedCapabilities": ["CHOWN"]}), none(), json!({"capabilities": {"add": ["CAP_CHOWN"]}}), "c.capabilities.add"),
        (json!({"allowedCapabilities": [], "defaultAddCapabilities": ["*"]}), none(), none(), "changed"),
        (
            json!({"allowedCapabilities": [], "defaultAddCapabilities": ["*"]}),
            none(),
            json!({"capabilities": {"add": ["CHOWN"]}}),
            "c.capabilities.add",
        ),
        (json!({"defaultAddCapabilities": ["CHOWN"]}), none(), json!({"capabilities": {"drop": ["ALL"]}}), "changed"),
        (json!({"defaultAddCapabilities": ["CHOWN"]}), none(), json!({"capabilities": {"drop": ["CHOWN"]}}), "admitted"),
        (json!({"allowedCapabilities": [], "requiredDropCapabilities": ["ALL"]}), none(), json!({"capabilities": {}}), "changed"),
        (
            json!({"allowedCapabilities": [], "requiredDropCapabilities": ["ALL"]}),
            none(),
            json!({"capabilities": {"drop": ["ALL", "ALL"]}}),
            "admitted",
        ),
        // SELinux: an empty object is set.
        (json!({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c6,c0"}}}), none(), none(), "changed"),
        (
            json!({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c6,c0"}}}),
            context(json!({"seLinuxOptions": {"level": "s0:c0,c6"}})),
            none(),
            "admitted",
        ),
        (
            json!({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c6,c0"}}}),
            context(json!({"seLinuxOptions": {}})),
            json!({"seLinuxOptions": {"level": "s0:c0,c6", "type": "t"}}),
            "pod.seLinuxOptions.level c.seLinuxOptions.type",
        ),
        (
            json!({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0:c6,c0"}}}),
            context(json!({"seLinuxOptions": {"level": "s0:c0,c6,c6"}})),
            json!({"seLinuxOptions": {"level": "s0:c0,c6"}}),
            "pod.seLinuxOptions.level",
        ),
        // Sysctls: what is forbidden is so even if it is safe.
        (
            json!({"allowedUnsafeSysctls": [], "forbiddenSysctls": ["net.*"]}),
            context(
                json!({"sysctls": [{"name": "kernel.shm_rmid_forced"}, {"name": "net.ipv4.tcp_syncookies"}, {"name": "kernel.msgmax"}]}),
            ),
            none(),
            "pod.spec.securityContext.sysctls[1] pod.spec.securityContext.sysctls[2]",
        ),
        (json!({"runtimeClass": {}}), json!({"runtimeClassName": "a"}), none(), "spec.runtimeClassName"),
        (json!({"runtimeClass": {}}), none(), none(), "admitted"),
        (json!({"runtimeClass": {"allowedRuntimeClassNames": ["*"], "defaultRuntimeClassName": "a"}}), none(), none(), "changed"),
        // Volumes.
        (json!({"volumes": []}), volume(json!({"name": "v"})), none(), "spec.volumes[0]"),
        (json!({"volumes": ["cephFS"]}), volume(json!({"name": "v", "cephfs": {}})), none(), "admitted"),
        (json!({"volumes": ["cephfs"]}), volume(json!({"name": "v", "cephfs": {}})), none(), "spec.volumes[0]"),
        (json!({"allowedHostPaths": [{"pathPrefix": "/a/"}]}), volume(json!({"hostPath": {"path": "/a"}})), none(), "admitted"),
        (
            json!({"allowedHostPaths": [{"pathPrefix": "/a"}]}),
            volume(json!({"hostPath": {"path": "/ab"}})),
            none(),
            "spec.volumes[0].hostPath.pathPrefix",
        ),
        (json!({"allowedHostPaths": [{"pathPrefix": "/"}]}), volume(json!({"hostPath": {"path": "/ab"}})), none(), "admitted"),
        (
            json!({"allowedFlexVolumes": [{"driver": "a"}]}),
            volume(json!({"flexVolume": {"driver": "b"}})),
            none(),
            "spec.volumes[0].driver",
        ),
        (json!({"allowedCSIDrivers": []}), volume(json!({"csi": {"driver": "b"}})), none(), "admitted"),
        (json!({"allowedCSIDrivers": [{"name": "a"}]}), volume(json!({"csi": {"driver": "b"}})), none(), "spec.volumes[0].csi.driver"),
    ];
    for (fields, spec, security_context, expected) in cases {
        let pod = pod(spec, security_context);
        assert_eq!(verdict(&policy(fields.clone()), &pod), expected, "{fields} {pod}");
    }
}

#[test]
fn judges_profiles_as_upstream_does() {
    let runtime_default = || json!({"seccompProfile": {"type": "RuntimeDefault"}});
    let both = format!("{POD_SECCOMP} {C_SECCOMP}");
    let cases: Vec<(Value, Value, Value, &str)> = vec![
        (policy(json!({})), json!({}), json!({}), "admitted"),
        (policy(json!({})), json!({}), runtime_default(), C_SECCOMP),
        (policy(json!({})), json!({"securityContext": runtime_default()}), json!({}), &both),
        (annotated(SECCOMP_ALLOWED, "*"), json!({}), runtime_default(), "admitted"),
        // The annotation of the pod is set according to the field of the pod.
        (annotated(SECCOMP_ALLOWED, "*"), json!({"securityContext": runtime_default()}), json!({}), "changed"),
        (annotated(SECCOMP_ALLOWED, "docker/default"), json!({"securityContext": runtime_default()}), json!({}), "changed"),
        // The pod needs a profile of its own.
        (annotated(SECCOMP_ALLOWED, "runtime/default"), json!({}), runtime_default(), POD_SECCOMP),
        (annotated(SECCOMP_ALLOWED, "runtime/default,"), json!({}), runtime_default(), "admitted"),
        (annotated(SECCOMP_ALLOWED, ""), json!({}), json!({}), "admitted"),
        (
            annotated(SECCOMP_ALLOWED, "localhost/*"),
            json!({}),
            json!({"seccompProfile": {"type": "Localhost", "localhostProfile": "a"}}),
            &both,
        ),
        // An empty element allows no container without an AppArmor profile.
        (annotated(APP_ARMOR_ALLOWED, "runtime/default,"), json!({}), json!({}), C_APP_ARMOR),
        (annotated(APP_ARMOR_ALLOWED, ""), json!({}), json!({}), C_APP_ARMOR),
        (annotated("apparmor.security.beta.kubernetes.io/defaultProfileName", "unconfined"), json!({}), json!({}), "changed"),
    ];
    for (psp, spec, security_context, expected) in cases {
        let pod = pod(spec, security_context);
        assert_eq!(verdict(&psp, &pod), expected, "{} {pod}", psp["metadata"]);
    }
}

#[test]
fn judges_host_ports_and_mounts_of_all_containers() {
    for list in CONTAINER_LISTS {
        let mut pod = json!({"spec": {"volumes": [{"name": "v", "hostPath": {"path": "/a/b"}}], "containers": [{"name": "c"}]}});
        pod["spec"][list] = json!([{
            "name": "x", "ports": [{"containerPort": 1, "hostPort": 0}, {"containerPort": 1, "hostPort": 81}],
            "volumeMounts": [{"name": "other"}, {"name": "v", "readOnly": true}, {"name": "v"}],
        }]);
        let psp = policy(json!({
            "hostPorts": [{"min": 1, "max": 80}],
            "allowedHostPaths": [{"pathPrefix": "/a", "readOnly": true}, {"pathPrefix": "/a/b", "readOnly": true}, {"pathPrefix": "/c"}],
        }));
        assert_eq!(verdict(&psp, &pod), format!("spec.{list}[0].volumeMounts[2].readOnly spec.{list}[0].hostPort"));
        let psp = policy(json!({
            "hostPorts": [{"min": 1, "max": 80}, {"min": 81, "max": 81}],
            "allowedHostPaths": [{"pathPrefix": "/a", "readOnly": true}, {"pathPrefix": "/a/b"}],
        }));
        assert_eq!(verdict(&psp, &pod), "admitted");
    }
}

#[test]
fn secrets_include_the_volume_of_the_service_account() {
    let namespace = |field: &str| json!({"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": field}}]}});
    let usual = [
        json!({"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}),
        json!({"configMap": {"name": "kube-root-ca.crt"}}),
        namespace("metadata.namespace"),
    ];
    let volume = |sources: Value| pod(json!({"volumes": [{"name": "v", "projected": {"sources": sources}}]}), json!({}));
    let psp = policy(json!({"volumes": ["secret"]}));
    assert_eq!(verdict(&psp, &volume(json!(usual))), "admitted");
    for other in [
        json!({"serviceAccountToken": {"path": "token", "audience": "vault"}}),
        json!({"serviceAccountToken": {"path": "other"}}),
        json!({"configMap": {"name": "other"}}),
        namespace("metadata.name"),
        json!({"secret": {"name": "s"}}),
    ] {
        assert_eq!(verdict(&psp, &volume(json!([usual[0], other]))), "spec.volumes[0]", "{other}");
    }
}

#[test]
fn mutates_what_is_absent_only() {
    let mut psp = policy(json!({
        "runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 5, "max": 6}, {"min": 1, "max": 9}]},
        "runAsGroup": {"rule": "MustRunAs", "ranges": [{"min": 7, "max": 8}]},
        "fsGroup": {"rule": "MustRunAs", "ranges": [{"min": 3, "max": 4}]},
        "supplementalGroups": {"rule": "MustRunAs", "ranges": [{"min": 2, "max": 4}]},
        "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}},
        "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
        "allowedCapabilities": ["NET_RAW"], "defaultAddCapabilities": ["CHOWN", "KILL"], "requiredDropCapabilities": ["SYS_ADMIN"],
        "runtimeClass": {"allowedRuntimeClassNames": ["a"], "defaultRuntimeClassName": "a"},
    }));
    psp["metadata"]["annotations"] = json!({
        "seccomp.security.alpha.kubernetes.io/defaultProfileName": "runtime/default",
        "apparmor.security.beta.kubernetes.io/defaultProfileName": "localhost/a",
    });
    let pod = json!({"metadata": {"name": "pod"}, "spec": {
        "securityContext": {"runAsGroup": 8},
        "initContainers": [{"name": "i"}],
        "containers": [{"name": "c", "securityContext": {"runAsUser": 6, "capabilities": {"add": ["NET_RAW", "CHOWN"], "drop": ["KILL"]}}}],
    }});
    let expected = json!({
        "metadata": {"name": "pod", "annotations": {
            "seccomp.security.alpha.kubernetes.io/pod": "runtime/default",
            "container.apparmor.security.beta.kubernetes.io/i": "localhost/a",
            "container.apparmor.security.beta.kubernetes.io/c": "localhost/a",
        }},
        "spec": {
            "runtimeClassName": "a",
            "securityContext": {"runAsGroup": 8, "fsGroup": 3, "supplementalGroups": [2], "seLinuxOptions": {"level": "s0"}},
            "initContainers": [{"name": "i", "securityContext": {
                "runAsUser": 5, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
                "capabilities": {"add": ["CHOWN", "KILL"], "drop": ["SYS_ADMIN"]},
            }}],
            "containers": [{"name": "c", "securityContext": {
                "runAsUser": 6, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
                "capabilities": {"add": ["CHOWN", "NET_RAW"], "drop": ["KILL", "SYS_ADMIN"]},
            }}],
        },
    });
    assert_eq!(mutate(&psp, &pod), expected);
}

#[test]
fn sets_the_defaults_of_the_api_server() {
    let pod = json!({"metadata": {}, "spec": {
        "hostNetwork": true, "serviceAccount": "web",
        "volumes": [{"name": "v"}, {"name": "image", "image": {}}, {"name": "s", "secret": {}}],
        "containers": [{"name": "c", "ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 82}]}],
        "initContainers": [{"name": "i", "ports": [{"containerPort": 83, "hostPort": 0}]}],
    }});
    let defaulted = defaulted(&pod);
    assert_eq!(defaulted["spec"]["serviceAccountName"], "web");
    assert_eq!(defaulted["spec"]["securityContext"], json!({}));
    assert_eq!(defaulted.pointer("/spec/containers/0/ports/0/hostPort"), Some(&json!(80)));
    assert_eq!(defaulted.pointer("/spec/containers/0/ports/1/hostPort"), Some(&json!(82)));
    assert_eq!(defaulted.pointer("/spec/initContainers/0/ports/0/hostPort"), Some(&json!(83)));
    let empty_dirs: Vec<_> =
        defaulted["spec"]["volumes"].as_array().unwrap().iter().map(|volume| volume.get("emptyDir").is_some()).collect();
    assert_eq!(empty_dirs, [true, true, false]);
}

#[test]
fn prefers_the_first_policy_without_changes() {
    let policy_with_name = |name: &str, fields: Value| {
        let mut psp = policy(fields);
        psp["metadata"]["name"] = json!(name);
        psp
    };
    let changing = || json!({"readOnlyRootFilesystem": true});
    let psps = [
        policy_with_name("z", json!({})),
        policy_with_name("y", json!({})),
        policy_with_name("b", changing()),
        policy_with_name("a", changing()),
        policy_with_name("0", json!({"volumes": []})),
    ];
    let plain = pod(json!({"volumes": [{"name": "v", "emptyDir": {}}]}), json!({}));
    let mut admitted_by_z = plain.clone();
    admitted_by_z["metadata"]["annotations"] = json!({"kubernetes.io/psp": "z"});
    let all: &dyn Fn(&str) -> bool = &|_| true;
    let changing_only: &dyn Fn(&str) -> bool = &|name| name == "a" || name == "b";
    for (pod, may_use, operation, expected) in [
        (&plain, all, Operation::Create, Some("y")),
        (&plain, all, Operation::Update, Some("y")),
        (&admitted_by_z, all, Operation::Update, Some("z")),
        (&admitted_by_z, all, Operation::Create, Some("y")),
        (&plain, changing_only, Operation::Create, Some("a")),
        (&plain, changing_only, Operation::Update, None),
        (&plain, &|_| false, Operation::Create, None),
    ] {
        let choice = choose(&psps, pod, may_use, operation);
        assert_eq!(choice.as_ref().map(|(name, _)| name.as_str()), expected, "{operation:?}");
        if let (Some((name, chosen)), Operation::Create) = (&choice, operation) {
            assert_eq!(chosen["metadata"]["annotations"]["kubernetes.io/psp"], json!(name));
        }
    }
}

#[test]
fn resolves_rights_as_the_authorizer_does() {
    let role = |kind: &str, namespace: &str, rule: Value| json!({"kind": kind, "metadata": {"name": "role", "namespace": namespace}, "rules": [rule]});
    let use_all = || json!({"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]});
    let binding = |kind: &str, namespace: &str, role: &str, subject: Value| json!({"kind": kind, "metadata": {"name": "b", "namespace": namespace}, "roleRef": {"kind": role, "name": "role"}, "subjects": [subject]});
    let account = || json!({"kind": "ServiceAccount", "name": "web", "namespace": "apps"});
    let group = |name: &str| json!({"kind": "Group", "name": name});
    let rule = |field: &str, value: Value| {
        let mut rule = use_all();
        rule[field] = value;
        role("ClusterRole", "", rule)
    };
    let everywhere = || binding("ClusterRoleBinding", "", "ClusterRole", account());
    let in_apps = |subject| binding("RoleBinding", "apps", "ClusterRole", subject);
    let cluster_role = || role("ClusterRole", "", use_all());
    let cases = [
        (cluster_role(), everywhere(), true),
        (cluster_role(), in_apps(account()), true),
        (cluster_role(), in_apps(json!({"kind": "ServiceAccount", "name": "web"})), true),
        (cluster_role(), in_apps(json!({"kind": "ServiceAccount", "name": "web", "namespace": "other"})), false),
        (cluster_role(), in_apps(json!({"kind": "User", "name": "system:serviceaccount:apps:web"})), true),
        (cluster_role(), in_apps(group("system:serviceaccounts:apps")), true),
        (cluster_role(), in_apps(group("system:authenticated")), false),
        (cluster_role(), binding("RoleBinding", "other", "ClusterRole", account()), false),
        (cluster_role(), binding("ClusterRoleBinding", "", "ClusterRole", json!({"kind": "ServiceAccount", "name": "web"})), false),
        (role("Role", "apps", use_all()), binding("RoleBinding", "apps", "Role", account()), true),
        (role("Role", "other", use_all()), binding("RoleBinding", "apps", "Role", account()), false),
        (role("Role", "apps", use_all()), in_apps(account()), false),
        (role("Role", "apps", use_all()), binding("ClusterRoleBinding", "", "Role", account()), false),
        (rule("apiGroups", json!(["extensions"])), everywhere(), true),
        (rule("apiGroups", json!(["*"])), everywhere(), true),
        (rule("apiGroups", json!(["apps"])), everywhere(), false),
        (rule("resources", json!(["*"])), everywhere(), true),
        (rule("resources", json!(["podsecuritypolicies/*"])), everywhere(), false),
        (rule("verbs", json!(["*"])), everywhere(), true),
        (rule("verbs", json!(["get"])), everywhere(), false),
        (rule("resourceNames", json!(["a", "policy"])), everywhere(), true),
        (rule("resourceNames", json!(["*"])), everywhere(), false),
    ];
    let web = Subject::service_account("apps", "web");
    let groups: Vec<_> = web.groups.iter().map(String::as_str).collect();
    for (role, binding, expected) in cases {
        let objects = [role, binding];
        assert_eq!(may_use(&objects, &web.name, &groups, "apps", "policy"), expected, "{objects:?}");
    }
}

#[test]
fn generators_reach_each_verdict() {
    let mut runner = TestRunner::deterministic();
    let cases = (psps(), pods(), rbac(), subjects());
    let (mut unchanged, mut changed, mut rejected, mut rights) = (0, 0, 0, 0);
    for _ in 0..500 {
        let (psp, pod, objects, user) = cases.new_tree(&mut runner).unwrap().current();
        match admit(&psp, &defaulted(&pod)) {
            Ok((_, false)) => unchanged += 1,
            Ok((_, true)) => changed += 1,
            Err(_) => rejected += 1,
        }
        let groups: Vec<_> = user.groups.iter().map(String::as_str).collect();
        let granted = |namespace: &&str| POLICY_NAMES.iter().any(|name| may_use(&objects, &user.name, &groups, namespace, name));
        rights += usize::from(NAMESPACES.iter().any(granted));
    }
    for (verdict, count) in [("unchanged", unchanged), ("changed", changed), ("rejected", rejected), ("rights", rights)] {
        assert!(count >= 25, "{verdict}: {count} of 500");
    }
}

proptest! {
    /// A policy that has changed a pod and then admitted it admits the result without changes. The API server relies on it when it
    /// validates what it has mutated.
    #[test]
    fn mutation_is_idempotent(psp in psps(), pod in pods()) {
        let mutated = mutate(&psp, &defaulted(&pod));
        let again = admit(&psp, &mutated);
        match admit(&psp, &defaulted(&pod)) {
            Ok((admitted, _)) => prop_assert_eq!(again, Ok((admitted, false))),
            Err(errors) => prop_assert_eq!(again, Err(errors)),
        }
    }

    /// A pod has a policy if one admits it alone, and an update of the pod that was created is admitted by the same policy.
    #[test]
    fn chooses_what_admits(psps in policy_sets(), pod in pods()) {
        let pod = defaulted(&pod);
        let admitting: Vec<_> = psps.iter().filter(|psp| admit(psp, &pod).is_ok()).collect();
        let choice = choose(&psps, &pod, &|_| true, Operation::Create);
        prop_assert_eq!(choice.is_some(), !admitting.is_empty());
        if let Some((name, chosen)) = choice {
            let psp = admitting.iter().find(|psp| psp["metadata"]["name"] == json!(name)).unwrap();
            let updated = choose(&[(*psp).clone()], &chosen, &|_| true, Operation::Update);
            prop_assert_eq!(updated.map(|(name, _)| name), Some(name));
        }
    }
}
