//! Properties of the official policies for any PodSecurityPolicy, and of its changes.

use proptest::prelude::*;

use super::super::coverage::{Coverage, coverage};
use super::super::settings::effective_host_paths;
use super::*;
use crate::psp::admission::{Outcome, admit_field};
use crate::psp::pod::{ContainerFields, PodFields, Volume};

/// Texts with a meaning somewhere, and any others.
fn text() -> impl Strategy<Value = String> {
    const TEXTS: &[&str] = &[
        "",
        "*",
        "ALL",
        "CHOWN",
        "KILL",
        "secret",
        "hostPath",
        "projected",
        "cephFS",
        "emptyDir",
        "Default",
        "Unmasked",
        "runtime/default",
        "docker/default",
        "unconfined",
        "localhost/a",
        "localhost/*",
        "localhost/",
        "kernel.shm*",
        "kernel.shm_rmid_forced",
        "net.ipv4.*",
        "net.ipv4.tcp_rmem",
        "gvisor",
        "s0:c1,c2",
    ];
    prop_oneof![4 => proptest::sample::select(TEXTS).prop_map(str::to_owned), 1 => "\\PC{0,80}", 1 => any::<String>()]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 0..4)
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![Just("a"), Just("b"), Just("ab")], 0..4).prop_map(|segments| format!("/{}", segments.join("/")))
}

fn id_ranges() -> impl Strategy<Value = Vec<Range>> {
    let number = prop_oneof![-2..5_i64, 65530..65540_i64, any::<i64>()];
    prop::collection::vec((number.clone(), number).prop_map(|(min, max)| Range { min, max }), 0..3)
}

fn group_rule() -> impl Strategy<Value = Groups> {
    prop_oneof![Just(Groups::RunAsAny), id_ranges().prop_map(Groups::MayRunAs), id_ranges().prop_map(Groups::MustRunAs)]
}

fn profile_lists() -> impl Strategy<Value = Profiles> {
    (prop::option::of(texts()), prop_oneof![Just(String::new()), text()]).prop_map(|(allowed, default)| Profiles { allowed, default })
}

/// Any policy that pods can use.
fn policy() -> impl Strategy<Value = Policy> {
    let switches = (any::<[bool; 6]>(), prop::option::of(any::<bool>()));
    let users = prop_oneof![Just(RunAsUser::RunAsAny), Just(RunAsUser::MustRunAsNonRoot), id_ranges().prop_map(RunAsUser::MustRunAs)];
    let labels = prop::array::uniform4(text()).prop_map(|[user, role, label, level]| SeLinuxOptions { user, role, label, level });
    let se_linux = prop_oneof![Just(SeLinux::RunAsAny), labels.prop_map(SeLinux::MustRunAs)];
    let host_path = (prop_oneof![3 => path(), 1 => text()], any::<bool>());
    let host_paths = prop::collection::vec(host_path.prop_map(|(path_prefix, read_only)| HostPath { path_prefix, read_only }), 0..4);
    let class = (texts(), prop::option::of(text())).prop_map(|(allowed, default)| RuntimeClass { allowed, default });
    (
        (text(), switches, prop::collection::vec(texts(), 9)),
        (id_ranges(), users, group_rule(), group_rule(), group_rule()),
        (se_linux, host_paths, prop::option::of(class), profile_lists(), profile_lists()),
    )
        .prop_map(
            |((name, (switches, default), mut lists), ids, (se_linux, allowed_host_paths, runtime_class, seccomp, app_armor))| {
                let [privileged, host_network, host_pid, host_ipc, read_only_root_filesystem, allow_privilege_escalation] = switches;
                let (host_ports, run_as_user, run_as_group, supplemental_groups, fs_group) = ids;
                let mut list = || lists.pop().unwrap();
                Policy {
                    name,
                    privileged,
                    host_network,
                    host_pid,
                    host_ipc,
                    host_ports,
                    volumes: list(),
                    allowed_host_paths,
                    allowed_flex_volumes: list(),
                    allowed_csi_drivers: list(),
                    allowed_capabilities: list(),
                    default_add_capabilities: list(),
                    required_drop_capabilities: list(),
                    se_linux,
                    run_as_user,
                    run_as_group,
                    supplemental_groups,
                    fs_group,
                    read_only_root_filesystem,
                    allow_privilege_escalation,
                    default_allow_privilege_escalation: default,
                    allowed_unsafe_sysctls: list(),
                    forbidden_sysctls: list(),
                    allowed_proc_mount_types: list(),
                    runtime_class,
                    seccomp,
                    app_armor,
                    ..Policy::default()
                }
            },
        )
}

/// Pods with values that some policies restrict.
fn pod() -> impl Strategy<Value = PodFields> {
    let id = || prop::option::of(0..5_i64);
    let volume = prop_oneof![
        (path(), any::<bool>()).prop_map(|(detail, _)| Volume {
            name: "v".to_owned(),
            kind: Some("hostPath"),
            detail,
            ..Volume::default()
        }),
        Just(Volume { kind: Some("emptyDir"), ..Volume::default() }),
        text().prop_map(|detail| Volume { kind: Some("flexVolume"), detail, ..Volume::default() }),
        text().prop_map(|detail| Volume { kind: Some("csi"), detail, ..Volume::default() }),
    ];
    let container = (
        any::<bool>(),
        prop::option::of(any::<bool>()),
        prop::option::of((texts(), texts())),
        (id(), id(), prop::option::of(any::<bool>())),
        (prop::option::of(text()), text(), prop::option::of(text())),
        prop::collection::vec(1..65536_i64, 0..2),
        any::<bool>(),
    )
        .prop_map(
            |(privileged, switch, capabilities, (user, group, non_root), (seccomp, app_armor, mount), host_ports, is_writable)| {
                ContainerFields {
                    privileged,
                    allow_privilege_escalation: switch,
                    capabilities,
                    read_only_root_filesystem: switch,
                    run_as_user: user,
                    run_as_group: group,
                    run_as_non_root: non_root,
                    seccomp,
                    app_armor_annotation: app_armor,
                    proc_mount: mount.filter(|mount| ["Default", "Unmasked"].contains(&mount.as_str())),
                    host_ports,
                    writable_mounts: if is_writable { vec!["v".to_owned()] } else { Vec::new() },
                    ..ContainerFields::default()
                }
            },
        );
    (
        any::<[bool; 3]>(),
        prop::collection::vec(volume, 0..3),
        texts(),
        (prop::option::of(text()), prop::option::of(text()), id(), prop::option::of(prop::collection::vec(0..5_i64, 0..2))),
        prop::collection::vec(container, 1..3),
    )
        .prop_map(|([host_network, host_pid, host_ipc], volumes, sysctls, (runtime_class, seccomp, fs_group, groups), containers)| {
            let supplemental_groups = groups;
            PodFields {
                host_network,
                host_pid,
                host_ipc,
                volumes,
                sysctls,
                runtime_class,
                seccomp,
                fs_group,
                supplemental_groups,
                containers,
                ..PodFields::default()
            }
        })
}

fn is_label(name: &str) -> bool {
    let letter = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = || name.bytes();
    bytes().all(|byte| letter(Some(byte)) || byte == b'-') && letter(bytes().next()) && letter(bytes().last())
}

proptest! {
    #[test]
    fn every_policy_is_valid_and_has_a_name_of_its_own(policy in policy(), other in text(), namespaces in prop::option::of(texts())) {
        let mut policies = official_policies(&policy, &Field::ALL, namespaces.as_deref());
        for official in &policies {
            let go_yaml = pss_manifest::documents_iter(&official.manifest, pss_manifest::Limits::default()).collect::<Vec<_>>();
            prop_assert_eq!(go_yaml.len(), 1);
            prop_assert!(go_yaml[0].content.is_ok() && go_yaml[0].warnings.is_empty(), "{}", official.manifest);
            let value: serde_json::Value = serde_norway::from_str(&official.manifest).unwrap();
            prop_assert_eq!(&go_yaml[0].content.as_ref().unwrap().to_json(), &value);
            prop_assert!(value["spec"]["mutating"].is_boolean());
            prop_assert_eq!(value["metadata"]["name"].as_str(), Some(official.name.as_str()));
            prop_assert!(value["spec"]["settings"].is_object(), "{}", official.manifest);
            let selected = value["spec"]["namespaceSelector"]["matchExpressions"][0]["values"].as_array();
            let selected = selected.map(|names| names.iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>());
            prop_assert_eq!(&selected, &namespaces);
            prop_assert!(is_label(&official.name) && official.name.len() <= manifest::MAX_NAME, "{}", official.name);
            prop_assert!(!official.fields.is_empty());
        }
        if other != policy.name {
            policies.extend(official_policies(&Policy { name: other, ..policy }, &Field::ALL, None));
        }
        let mut names: Vec<&str> = policies.iter().map(|official| official.name.as_str()).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        prop_assert_eq!(names.len(), count);
    }

    #[test]
    fn every_field_that_rejects_a_pod_has_a_policy_or_advice(policy in policy(), pod in pod()) {
        let official = official_policies(&policy, &Field::ALL, None);
        let without = without_official(&policy, &Field::ALL);
        for field in Field::ALL {
            let has_policy = official.iter().any(|official| official.fields.contains(&field));
            let has_advice = without.iter().any(|(without, _)| *without == field);
            prop_assert!(!(has_policy && has_advice));
            if !has_policy && !has_advice {
                prop_assert_eq!(coverage(&policy, field), Coverage::Unrestricted);
                prop_assert_ne!(admit_field(&policy, field, &pod), Outcome::Rejected, "{}", field.path());
            }
        }
    }

    #[test]
    fn every_field_that_changes_pods_has_a_change_with_a_value(policy in policy()) {
        let changes = changes(&policy);
        prop_assert!(changing_fields(&policy).eq(changes.iter().map(|change| change.field)));
        for change in changes {
            let value: serde_json::Value = serde_norway::from_str(&change.value).unwrap();
            prop_assert!(!value.is_null(), "{}", change.pod_field);
        }
    }

    #[test]
    fn the_most_specific_path_decides_as_the_policy_does(paths in prop::collection::vec((path(), any::<bool>()), 1..5), path in path(), is_writable: bool) {
        let allowed: Vec<HostPath> = paths.into_iter().map(|(path_prefix, read_only)| HostPath { path_prefix, read_only }).collect();
        let policy = Policy { allowed_host_paths: allowed, volumes: names(&["hostPath"]), ..unrestricted() };
        let writable_mounts = if is_writable { names(&["v"]) } else { Vec::new() };
        let volume = Volume { name: "v".to_owned(), kind: Some("hostPath"), detail: path.clone(), ..Volume::default() };
        let container = ContainerFields { writable_mounts, ..ContainerFields::default() };
        let pod = PodFields { volumes: vec![volume], containers: vec![container], ..PodFields::default() };
        let entries = effective_host_paths(&policy.allowed_host_paths);
        let is_below = |prefix: &str| prefix == "/" || path == prefix || path.starts_with(&format!("{prefix}/"));
        let matching = entries.iter().filter(|entry| is_below(&entry.path_prefix)).max_by_key(|entry| entry.path_prefix.len());
        let is_admitted = matching.is_some_and(|entry| !entry.read_only || !is_writable);
        prop_assert_eq!(admit_field(&policy, Field::AllowedHostPaths, &pod) != Outcome::Rejected, is_admitted);
    }
}
