//! The official policies of PodSecurityPolicies: settings, differences, names and manifests.

mod properties;

use pss_review::MODULE;

use super::super::changes::changes;
use super::modules::MODULES;
use super::*;
use crate::psp::policy::{Groups, HostPath, Profiles, Range, RunAsUser, RuntimeClass, SeLinux, SeLinuxOptions};

/// A policy that admits every pod and changes none, apart from seccomp profiles.
fn unrestricted() -> Policy {
    Policy {
        name: "web".to_owned(),
        privileged: true,
        host_network: true,
        host_pid: true,
        host_ipc: true,
        host_ports: vec![Range { min: 0, max: 65535 }],
        volumes: names(&["*"]),
        allowed_capabilities: names(&["*"]),
        allow_privilege_escalation: true,
        allowed_unsafe_sysctls: names(&["*"]),
        allowed_proc_mount_types: names(&["Default", "Unmasked"]),
        seccomp: profiles("*", ""),
        ..Policy::default()
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn profiles(allowed: &str, default: &str) -> Profiles {
    Profiles { allowed: Some(allowed.split(',').map(str::to_owned).collect()), default: default.to_owned() }
}

fn ranges(ranges: &[(i64, i64)]) -> Vec<Range> {
    ranges.iter().map(|(min, max)| Range { min: *min, max: *max }).collect()
}

fn paths(paths: &[(&str, bool)]) -> Vec<HostPath> {
    paths.iter().map(|(prefix, read_only)| HostPath { path_prefix: (*prefix).to_owned(), read_only: *read_only }).collect()
}

/// A change of the unrestricted policy.
type Restriction = fn(&mut Policy);

fn restricted(restriction: Restriction) -> Policy {
    let mut policy = unrestricted();
    restriction(&mut policy);
    policy
}

/// Returns whether a manifest mutates, and its settings without their indentation.
fn deployment(policy: &OfficialPolicy) -> (bool, String) {
    let (_, rest) = policy.manifest.split_once("  settings:").unwrap();
    let settings = rest.split("  namespaceSelector:\n").next().unwrap().trim_start_matches('\n').replace("\n    ", "\n");
    (policy.manifest.contains("\n  mutating: true\n  backgroundAudit: false\n"), settings.trim().to_owned())
}

/// The module, whether it mutates, its settings, and the start of each difference from the PodSecurityPolicy.
type Row = (Restriction, &'static str, bool, &'static str, &'static [&'static str]);

#[test]
fn settings_have_the_values_of_the_policy() {
    let table: [Row; 39] = [
        (|policy| policy.privileged = false, "pod-privileged", false, "{}", &[]),
        (
            |policy| policy.host_network = false,
            "host-namespaces-psp",
            false,
            "allow_host_network: false\nallow_host_pid: true\nallow_host_ipc: true\nallow_host_ports: [{min: 0, max: 65535}]",
            &[],
        ),
        (
            |policy| policy.host_ports = ranges(&[(80, 80), (0, 0), (9, 8), (-5, -1), (-5, 3), (60000, 99999)]),
            "host-namespaces-psp",
            false,
            "allow_host_network: true\nallow_host_pid: true\nallow_host_ipc: true\nallow_host_ports: [{min: 80, max: 80}, {min: 0, max: 3}, \
             {min: 60000, max: 65535}]",
            &[],
        ),
        (
            |policy| (policy.host_pid, policy.host_ipc, policy.host_ports) = (false, false, Vec::new()),
            "host-namespaces-psp",
            false,
            "allow_host_network: true\nallow_host_pid: false\nallow_host_ipc: false\nallow_host_ports: []",
            &[],
        ),
        (|policy| policy.volumes.clear(), "volumes-psp", false, "allowedTypes: []", &[]),
        (
            |policy| policy.volumes = names(&["configMap", "cephFS", "projected", "secret", "configMap", "floppy"]),
            "volumes-psp",
            false,
            "allowedTypes: [configMap, cephfs, projected, secret]",
            &[],
        ),
        (
            |policy| policy.volumes = names(&["secret"]),
            "volumes-psp",
            false,
            "allowedTypes: [secret, projected]",
            &["volumes: projected is added to the types"],
        ),
        (
            |policy| policy.allowed_host_paths = paths(&[("/var/log/", true), ("/var", true), ("/dev", true)]),
            "hostpaths-psp",
            false,
            "allowedHostPaths:\n  - {pathPrefix: \"/var\", readOnly: true}\n  - {pathPrefix: \"/dev\", readOnly: true}",
            &["allowedHostPaths: this policy admits a hostPath volume that no container mounts"],
        ),
        (
            // Each path below the first entry is writable, and the last one is below an entry that is not.
            |policy| policy.allowed_host_paths = paths(&[("/a", false), ("/a/b", true), ("/a", true), ("/ab", true), ("/ab/c", false)]),
            "hostpaths-psp",
            false,
            "allowedHostPaths:\n  - {pathPrefix: \"/a\", readOnly: false}\n  - {pathPrefix: \"/ab\", readOnly: true}\n  - {pathPrefix: \
             \"/ab/c\", readOnly: false}",
            &[
                "allowedHostPaths: this policy rejects volumeMounts with readOnly: true below /a, /ab/c, which",
                "allowedHostPaths: this policy admits a hostPath volume that no container mounts",
            ],
        ),
        (
            |policy| policy.allowed_host_paths = paths(&[("/", true)]),
            "hostpaths-psp",
            false,
            "allowedHostPaths:\n  - {pathPrefix: \"/\", readOnly: true}",
            &["allowedHostPaths: this policy admits a hostPath volume that no container mounts"],
        ),
        (
            |policy| policy.allowed_flex_volumes = names(&["example/lvm", "example/cifs", "example/lvm"]),
            "flexvolume-drivers-psp",
            false,
            "allowedFlexVolumes:\n  - {driver: example/lvm}\n  - {driver: example/cifs}",
            &[],
        ),
        (|policy| policy.allowed_capabilities.clear(), "capabilities-psp", false, "allowed_capabilities: []", &[]),
        (
            |policy| {
                policy.allowed_capabilities = names(&["CHOWN"]);
                policy.default_add_capabilities = names(&["NET_BIND_SERVICE", "CHOWN"]);
                policy.required_drop_capabilities = names(&["KILL", "MKNOD"]);
            },
            "capabilities-psp",
            true,
            "allowed_capabilities: [CHOWN, NET_BIND_SERVICE]\nrequired_drop_capabilities: [KILL, MKNOD]\ndefault_add_capabilities: \
             [NET_BIND_SERVICE, CHOWN]",
            &[],
        ),
        (
            |policy| policy.required_drop_capabilities = names(&["ALL"]),
            "capabilities-psp",
            true,
            "allowed_capabilities: [\"*\"]\nrequired_drop_capabilities: [ALL]",
            &["requiredDropCapabilities: API servers rejected a PodSecurityPolicy with required drops that allows all capabilities"],
        ),
        (
            |policy| {
                policy.allowed_capabilities = names(&["KILL", "CHOWN"]);
                policy.required_drop_capabilities = names(&["KILL"]);
            },
            "capabilities-psp",
            true,
            "allowed_capabilities: [CHOWN]\nrequired_drop_capabilities: [KILL]",
            &["requiredDropCapabilities: KILL must be dropped"],
        ),
        (
            |policy| {
                policy.se_linux = SeLinux::MustRunAs(SeLinuxOptions {
                    level: "s0:c1,c2".to_owned(),
                    label: "web_t".to_owned(),
                    ..SeLinuxOptions::default()
                });
            },
            "selinux-psp",
            true,
            "rule: MustRunAs\ntype: web_t\nlevel: \"s0:c1,c2\"",
            &[],
        ),
        (
            |policy| policy.run_as_user = RunAsUser::MustRunAs(ranges(&[(1000, 1999), (5, 4), (3000, 3000)])),
            "user-group-psp",
            true,
            "run_as_user:\n  rule: MustRunAs\n  ranges: [{min: 1000, max: 1999}, {min: 3000, max: 3000}]",
            &[],
        ),
        (|policy| policy.run_as_user = RunAsUser::MustRunAsNonRoot, "user-group-psp", true, "run_as_user:\n  rule: MustRunAsNonRoot", &[]),
        (
            |policy| policy.run_as_group = Groups::MayRunAs(ranges(&[(1, 9)])),
            "user-group-psp",
            false,
            "run_as_group:\n  rule: MayRunAs\n  ranges: [{min: 1, max: 9}]",
            &[],
        ),
        (
            |policy| {
                policy.run_as_user = RunAsUser::MustRunAsNonRoot;
                policy.run_as_group = Groups::MustRunAs(ranges(&[(1, 9)]));
                policy.supplemental_groups = Groups::MayRunAs(ranges(&[(1, 65535)]));
            },
            "user-group-psp",
            true,
            "run_as_user:\n  rule: MustRunAsNonRoot\nrun_as_group:\n  rule: MustRunAs\n  ranges: [{min: 1, max: 9}]\nsupplemental_groups:\n  \
             rule: MayRunAs\n  ranges: [{min: 1, max: 65535}]",
            &[],
        ),
        (
            |policy| policy.fs_group = Groups::MustRunAs(ranges(&[(1, 65535)])),
            "allowed-fsgroups-psp",
            true,
            "rule: MustRunAs\nranges: [{min: 1, max: 65535}]",
            &[],
        ),
        (
            |policy| policy.fs_group = Groups::MayRunAs(ranges(&[(1, 65535)])),
            "allowed-fsgroups-psp",
            false,
            "rule: MayRunAs\nranges: [{min: 1, max: 65535}]",
            &[],
        ),
        (
            |policy| policy.read_only_root_filesystem = true,
            "readonly-root-filesystem-psp",
            false,
            "{}",
            &["readOnlyRootFilesystem: the PodSecurityPolicy set it to true in containers without it"],
        ),
        (
            |policy| policy.allow_privilege_escalation = false,
            "allow-privilege-escalation-psp",
            true,
            "default_allow_privilege_escalation: false",
            &[],
        ),
        (
            |policy| (policy.allow_privilege_escalation, policy.default_allow_privilege_escalation) = (false, Some(false)),
            "allow-privilege-escalation-psp",
            true,
            "default_allow_privilege_escalation: false",
            &[],
        ),
        (
            // The policy rejects a container without the field, and so does Kubewarden if a policy wants to change it.
            |policy| (policy.allow_privilege_escalation, policy.default_allow_privilege_escalation) = (false, Some(true)),
            "allow-privilege-escalation-psp",
            false,
            "default_allow_privilege_escalation: false",
            &[],
        ),
        (
            |policy| policy.allowed_unsafe_sysctls.clear(),
            "sysctl-psp",
            false,
            "allowedUnsafeSysctls: [net.ipv4.ip_unprivileged_port_start]",
            &[],
        ),
        (
            |policy| policy.allowed_unsafe_sysctls = names(&["kernel.msgmax", "net.ipv4.tcp_keepalive_*", "net.ipv4.tcp_syncookies"]),
            "sysctl-psp",
            false,
            "allowedUnsafeSysctls: [kernel.msgmax, net.ipv4.tcp_syncookies, net.ipv4.ip_unprivileged_port_start, net.ipv4.tcp_keepalive_time, \
             net.ipv4.tcp_keepalive_intvl, net.ipv4.tcp_keepalive_probes]",
            &["allowedUnsafeSysctls: this policy has no patterns: instead of net.ipv4.tcp_keepalive_*, the"],
        ),
        (
            // Sysctls that the policy counts as safe are not listed.
            |policy| policy.allowed_unsafe_sysctls = names(&["kernel.*", "net.ipv4.tcp_s*"]),
            "sysctl-psp",
            false,
            "allowedUnsafeSysctls: [net.ipv4.ip_unprivileged_port_start, net.ipv4.tcp_slow_start_after_idle]",
            &["allowedUnsafeSysctls: this policy has no patterns: instead of kernel.*, net.ipv4.tcp_s*, the"],
        ),
        (
            |policy| policy.forbidden_sysctls = names(&["net.ipv4.*", "kernel.shm*"]),
            "sysctl-psp",
            false,
            "forbiddenSysctls: [\"net.ipv4.*\", \"kernel.shm*\"]",
            &["allowedUnsafeSysctls: this policy has no patterns: instead of *, the"],
        ),
        (
            |policy| {
                policy.allowed_unsafe_sysctls = names(&["kernel.msgmax", "kernel.sem"]);
                policy.forbidden_sysctls = names(&["kernel.sem"]);
            },
            "sysctl-psp",
            false,
            "allowedUnsafeSysctls: [kernel.msgmax, net.ipv4.ip_unprivileged_port_start]\nforbiddenSysctls: [kernel.sem]",
            &[],
        ),
        (
            |policy| policy.allowed_proc_mount_types.clear(),
            "allowed-proc-mount-types-psp",
            false,
            "allow_unmasked_proc_mount_type: false",
            &[],
        ),
        (
            |policy| policy.allowed_proc_mount_types = names(&["Default"]),
            "allowed-proc-mount-types-psp",
            false,
            "allow_unmasked_proc_mount_type: false",
            &[],
        ),
        (
            |policy| policy.seccomp = profiles("docker/default", "docker/default"),
            "seccomp-psp",
            false,
            "allowed_profiles: [docker/default, runtime/default]\nprofile_types: [RuntimeDefault]",
            &[
                "seccomp annotations: the PodSecurityPolicy set docker/default where a pod had no profile; this policy does not set a profile",
            ],
        ),
        (
            |policy| policy.seccomp = profiles("unconfined,localhost/a.json,localhost/b/c,localhost/*,", ""),
            "seccomp-psp",
            false,
            "allowed_profiles: [unconfined, localhost/a.json, localhost/b/c]\nprofile_types: [Localhost, Unconfined]\nlocalhost_profiles: \
             [a.json, b/c]",
            &["seccomp annotations: localhost/* is left out"],
        ),
        (
            |policy| policy.app_armor = profiles("runtime/default,localhost/web", "runtime/default"),
            "apparmor-psp",
            false,
            "allowed_profiles: [runtime/default, localhost/web]",
            &[
                "AppArmor annotations: this policy reads the annotations only",
                "AppArmor annotations: the PodSecurityPolicy set runtime/default",
            ],
        ),
        (
            |policy| policy.app_armor = profiles("runtime/default,*,", ""),
            "apparmor-psp",
            false,
            "allowed_profiles: [runtime/default]",
            &[
                "AppArmor annotations: this policy reads the annotations only",
                "AppArmor annotations: this policy admits containers without",
            ],
        ),
        // Strings that YAML parsers read as something else are quoted.
        (
            |policy| policy.allowed_flex_volumes = names(&["no", "1", "a: b", "c\n- d", ""]),
            "flexvolume-drivers-psp",
            false,
            "allowedFlexVolumes:\n  - {driver: \"no\"}\n  - {driver: \"1\"}\n  - {driver: \"a: b\"}\n  - {driver: \"c\\n- d\"}\n  - {driver: \"\"}",
            &[],
        ),
        (
            |policy| policy.default_add_capabilities = names(&["CHOWN"]),
            "capabilities-psp",
            true,
            "allowed_capabilities: [\"*\"]\ndefault_add_capabilities: [CHOWN]",
            &[],
        ),
    ];
    for (restriction, module, mutates, settings, warnings) in table {
        let policy = restricted(restriction);
        let policies = official_policies(&policy, &Field::ALL, None);
        let [official] = policies.as_slice() else { panic!("{module}: {policies:#?}") };
        assert_eq!((official.module, deployment(official)), (module, (mutates, settings.to_owned())));
        let own: Vec<&String> = official.warnings.iter().filter(|warning| *warning != EPHEMERAL_CONTAINERS).collect();
        assert_eq!(own.len(), warnings.len(), "{module}: {own:#?}");
        for (warning, start) in own.iter().zip(warnings) {
            assert!(warning.starts_with(start), "{module}: {warning}");
        }
        assert!(own.iter().all(|warning| !warning.ends_with('.')));
    }
}

#[test]
fn renders_complete_policies() {
    let host = MODULE.split('/').nth(2).unwrap();
    let policy = restricted(|policy| {
        policy.fs_group = Groups::MustRunAs(ranges(&[(1, 65535)]));
        policy.read_only_root_filesystem = true;
        policy.required_drop_capabilities = names(&["ALL"]);
        policy.allowed_capabilities.clear();
    });
    let policies = official_policies(&policy, &Field::ALL, Some(&names(&["shop", "123"])));
    let manifest = |settings: &str, selector: &str, operations: &str| {
        format!(
            "{settings}{selector}  rules:\n    - apiGroups: [\"\"]\n      apiVersions: [v1]\n      resources: [pods]\n      operations: [{operations}]\n"
        )
    };
    let selector = "  namespaceSelector:\n    matchExpressions:\n      - key: kubernetes.io/metadata.name\n        operator: In\n        values: \
                    [shop, \"123\"]\n";
    let start = "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata:\n  name: web-";
    let expected = [
        format!(
            "{start}capabilities\nspec:\n  module: registry://{host}/kubewarden/policies/capabilities-psp:v1.0.13\n  mutating: true\n  \
             backgroundAudit: false\n  settings:\n    allowed_capabilities: []\n    required_drop_capabilities: [ALL]\n"
        ),
        format!(
            "{start}allowed-fsgroups\nspec:\n  module: registry://{host}/kubewarden/policies/allowed-fsgroups-psp:v1.0.12\n  mutating: true\n  \
             backgroundAudit: false\n  settings:\n    rule: MustRunAs\n    ranges: [{{min: 1, max: 65535}}]\n"
        ),
        format!(
            "{start}readonly-root-filesystem\nspec:\n  module: registry://{host}/kubewarden/policies/readonly-root-filesystem-psp:v1.0.13\n  \
             mutating: false\n  settings: {{}}\n"
        ),
    ];
    let operations = ["CREATE", "CREATE", "CREATE, UPDATE"];
    assert_eq!(policies.len(), expected.len());
    for ((official, settings), operations) in policies.iter().zip(expected).zip(operations) {
        assert_eq!(official.manifest, manifest(&settings, selector, operations));
    }
    let fields: Vec<&[Field]> = policies.iter().map(|official| official.fields.as_slice()).collect();
    assert_eq!(
        fields,
        [&[Field::AllowedCapabilities, Field::RequiredDropCapabilities][..], &[Field::FsGroup], &[Field::ReadOnlyRootFilesystem]]
    );
    // The warning that is the same for all is not repeated.
    let warnings = policies.iter().map(|official| official.warnings.iter().filter(|warning| *warning == EPHEMERAL_CONTAINERS).count());
    assert_eq!(warnings.collect::<Vec<_>>(), [1, 0, 0]);
    for (official, labelled) in policies.iter().zip(official_policies(&policy, &Field::ALL, None)) {
        assert_eq!(
            labelled.manifest,
            official.manifest.replace(selector, "  namespaceSelector:\n    matchLabels: {podsecuritypolicy: web}\n")
        );
    }
    assert_eq!(official_policies(&policy, &Field::ALL, Some(&[])), []);
    assert_eq!(official_policies(&policy, &[Field::Privileged], None), []);
}

#[test]
fn a_policy_that_validates_without_changes_allows_only_creation_if_its_metadata_does() {
    let policy = restricted(|policy| policy.allowed_capabilities.clear());
    let [official] = &official_policies(&policy, &Field::ALL, None)[..] else { panic!() };
    assert!(official.manifest.contains("  mutating: false\n") && official.manifest.ends_with("operations: [CREATE]\n"), "{official:?}");
}

#[test]
fn settings_have_only_the_fields_that_are_passed_if_the_module_can_leave_out_others() {
    let policy = restricted(|policy| {
        policy.run_as_user = RunAsUser::MustRunAs(ranges(&[(1, 9)]));
        policy.run_as_group = Groups::MayRunAs(ranges(&[(1, 9)]));
        policy.allowed_capabilities.clear();
        policy.required_drop_capabilities = names(&["KILL"]);
    });
    let fields = [Field::RunAsGroup, Field::AllowedCapabilities];
    let deployments: Vec<_> = official_policies(&policy, &fields, None).iter().map(deployment).collect();
    assert_eq!(
        deployments,
        [
            (true, "allowed_capabilities: []\nrequired_drop_capabilities: [KILL]".to_owned()),
            (false, "run_as_group:\n  rule: MayRunAs\n  ranges: [{min: 1, max: 9}]".to_owned()),
        ]
    );
}

#[test]
fn names_what_to_do_without_an_official_policy() {
    let table: [(Restriction, Field, &str); 12] = [
        (
            |policy| policy.allowed_csi_drivers = names(&["csi.example.com", "a\"b"]),
            Field::AllowedCsiDrivers,
            r#" !has(object.spec.volumes) || object.spec.volumes.all(volume, !has(volume.csi) || volume.csi.driver in ["csi.example.com","a\"b"])"#,
        ),
        (
            |policy| policy.runtime_class = Some(RuntimeClass { allowed: names(&["gvisor"]), default: None }),
            Field::RuntimeClass,
            r#" !has(object.spec.runtimeClassName) || object.spec.runtimeClassName in ["gvisor"]"#,
        ),
        (|policy| policy.runtime_class = Some(RuntimeClass::default()), Field::RuntimeClass, " !has(object.spec.runtimeClassName)"),
        (
            |policy| policy.default_allow_privilege_escalation = Some(false),
            Field::DefaultAllowPrivilegeEscalation,
            "set allowPrivilegeEscalation: false in the manifests of the containers that do not need it",
        ),
        (
            |policy| policy.allowed_proc_mount_types = names(&["Unmasked"]),
            Field::AllowedProcMountTypes,
            r#"container.securityContext.procMount in ["Unmasked"])"#,
        ),
        (|policy| policy.seccomp.allowed = None, Field::Seccomp, "because RuntimeDefault is stricter than no profile"),
        (|policy| policy.seccomp = profiles("", ""), Field::Seccomp, "because RuntimeDefault is stricter than no profile"),
        (|policy| policy.app_armor = profiles("*,", ""), Field::AppArmor, "or leave AppArmor to the standards"),
        (|policy| policy.run_as_user = RunAsUser::MustRunAs(ranges(&[(2, 1)])), Field::RunAsUser, "correct the ranges"),
        (|policy| policy.run_as_group = Groups::MayRunAs(ranges(&[(-2, -1)])), Field::RunAsGroup, "correct the ranges"),
        (|policy| policy.supplemental_groups = Groups::MayRunAs(Vec::new()), Field::SupplementalGroups, "correct the ranges"),
        (|policy| policy.fs_group = Groups::MustRunAs(ranges(&[(2, 1)])), Field::FsGroup, "correct the ranges"),
    ];
    for (restriction, field, end) in table {
        let policy = restricted(restriction);
        assert_eq!(official_policies(&policy, &Field::ALL, None), [], "{}", field.path());
        let without = without_official(&policy, &Field::ALL);
        let [(actual, advice)] = without.as_slice() else { panic!("{}: {without:?}", field.path()) };
        assert_eq!(*actual, field);
        assert!(advice.ends_with(end), "{advice}");
        assert_eq!(without_official(&policy, &[Field::Privileged]), []);
    }
}

#[test]
fn a_field_that_admits_every_pod_needs_nothing() {
    let table: [Restriction; 9] = [
        |_| {},
        |policy| policy.host_ports = ranges(&[(1, 65535)]),
        |policy| policy.allowed_host_paths = paths(&[("/var", true), ("/", false)]),
        |policy| policy.allowed_host_paths = paths(&[("", false)]),
        |policy| policy.default_allow_privilege_escalation = Some(true),
        |policy| policy.runtime_class = Some(RuntimeClass { allowed: names(&["*"]), default: Some("gvisor".to_owned()) }),
        |policy| policy.allowed_unsafe_sysctls = names(&["a", "*"]),
        |policy| policy.seccomp = profiles("runtime/default,*", "runtime/default"),
        |policy| {
            // No pod can use it, so that nothing takes its place.
            policy.unusable = Some("spec.runAsUser has MustRunAs without ranges".to_owned());
            (policy.read_only_root_filesystem, policy.allowed_csi_drivers) = (true, names(&["a"]));
        },
    ];
    for restriction in table {
        let policy = restricted(restriction);
        assert_eq!(official_policies(&policy, &Field::ALL, None), []);
        assert_eq!(without_official(&policy, &Field::ALL), []);
    }
}

#[test]
fn names_are_labels_that_begin_with_that_of_the_policy() {
    let long = "p".repeat(60);
    for (policy, index, expected) in [
        ("web", 0, "web-pod-privileged"),
        ("00-rancher-logging", 1, "00-rancher-logging-host-namespaces"),
        ("system:node.Local", 2, "system-node-local-972fd9db-volumes"),
        ("", 2, "811c9dc5-volumes"),
        ("ß", 2, "309e0517-volumes"),
        (&long, 10, "ppppppppppppppp-73896435-allow-privilege-escalation"),
    ] {
        let name = manifest::name(policy, &MODULES[index]);
        assert!(name.len() <= manifest::MAX_NAME);
        assert_eq!(name, expected);
    }
}

#[test]
fn every_field_has_at_most_one_module() {
    let none = [Field::AllowedCsiDrivers, Field::RuntimeClass, Field::HostHandlers];
    for field in Field::ALL {
        let modules = MODULES.iter().filter(|module| module.fields.contains(&field)).count();
        assert_eq!(modules, usize::from(!none.contains(&field)), "{}", field.path());
    }
    for module in &MODULES {
        let numbers: Vec<&str> = module.version.split('.').collect();
        assert!(numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok()), "{}", module.version);
    }
}

#[test]
fn a_mutating_policy_sets_what_the_policy_set() {
    for field in [Field::FsGroup, Field::SeLinux, Field::RunAsUser, Field::AllowPrivilegeEscalation] {
        let policy = restricted(|policy| {
            policy.fs_group = Groups::MustRunAs(ranges(&[(1, 9)]));
            policy.se_linux = SeLinux::MustRunAs(SeLinuxOptions::default());
            policy.run_as_user = RunAsUser::MustRunAsNonRoot;
            policy.allow_privilege_escalation = false;
        });
        assert!(changes(&policy).iter().any(|change| change.field == field));
        let [official] = &official_policies(&policy, &[field], None)[..] else { panic!("{}", field.path()) };
        assert!(official.manifest.contains("mutating: true"), "{}", official.manifest);
    }
}
