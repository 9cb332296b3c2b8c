//! Tables of every field of PodSecurityPolicies and its values: the verdict against baseline and restricted, and the exemptions with
//! which the level admits what the policy admits.
//!
//! The expectations are those of Kubernetes' sources, and not of this program: what the strategies of the admission plugin do with a
//! pod (`pkg/security/podsecuritypolicy` of Kubernetes 1.24), and what the checks require (`policy` of k8s.io/pod-security-admission).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod objects;

use objects::{BASELINE_CAPABILITIES, BASELINE_VOLUMES, RESTRICTED_VOLUMES, policy};
use pss_core::standards::{Level, LevelVersion, Version};
use pss_migrate::psp::{Comparison, Exemption, Field, compare};
use serde_json::{Value, json};

const SECCOMP: &str = "seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR: &str = "apparmor.security.beta.kubernetes.io/";

/// The verdict, and after a colon the exemptions with their values: `looser: hostPorts 80,443`.
fn verdict(comparison: &Comparison) -> String {
    let exemption = |exemption: &Exemption| match exemption.values.len() {
        0 => exemption.check.to_owned(),
        _ => format!("{} {}", exemption.check, exemption.values.iter().cloned().collect::<Vec<_>>().join(",")),
    };
    let exemptions: Vec<String> = comparison.exemptions.iter().map(exemption).collect();
    let separator = if exemptions.is_empty() { "" } else { ": " };
    format!("{}{separator}{}", comparison.verdict.name(), exemptions.join("; "))
}

/// Returns the verdict on a field at a level.
fn verdict_at(fields: &Value, field: Field, level: Level, version: Version) -> String {
    let comparisons = compare(&policy(fields), LevelVersion { level, version });
    verdict(comparisons.iter().find(|comparison| comparison.field == field).unwrap())
}

fn annotations(prefix: &str, allowed: &str, default: Option<&str>) -> Value {
    let mut annotations = json!({ format!("{prefix}allowedProfileNames"): allowed });
    if let Some(default) = default {
        annotations[format!("{prefix}defaultProfileName")] = json!(default);
    }
    json!({"annotations": annotations})
}

fn seccomp(allowed: &str, default: Option<&str>) -> Value {
    annotations(SECCOMP, allowed, default)
}

fn app_armor(allowed: &str, default: Option<&str>) -> Value {
    annotations(APP_ARMOR, allowed, default)
}

fn volumes(lists: &[&[&str]]) -> Value {
    json!({"volumes": lists.concat()})
}

fn se_linux(options: Value) -> Value {
    json!({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": options}})
}

/// A rule with one range.
fn rule(field: &str, rule: &str, min: i64, max: i64) -> Value {
    json!({field: {"rule": rule, "ranges": [{"min": min, "max": max}]}})
}

fn ports(ranges: &[(i64, i64)]) -> Value {
    json!({"hostPorts": ranges.iter().map(|(min, max)| json!({"min": min, "max": max})).collect::<Vec<_>>()})
}

fn with(mut fields: Value, others: Value) -> Value {
    fields.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    fields
}

/// Asserts rows with a field, values of the policy, and the verdicts at baseline and at restricted; `=` is that of baseline.
#[track_caller]
fn assert_rows(version: Version, rows: &[(Field, Value, &str, &str)]) {
    let mut errors = Vec::new();
    for (field, fields, baseline, restricted) in rows {
        let restricted = if *restricted == "=" { baseline } else { restricted };
        for (level, expected) in [(Level::Baseline, baseline), (Level::Restricted, restricted)] {
            let found = verdict_at(fields, *field, level, version);
            if found != *expected {
                errors.push(format!("{} {fields} {level}:{version}: expected {expected:?}, found {found:?}", field.path()));
            }
        }
    }
    assert!(errors.is_empty(), "\n{}", errors.join("\n"));
}

const V1_24: Version = Version::Minor(24);

#[test]
fn fields_about_the_namespaces_and_ports_of_the_node_have_the_verdicts_of_their_checks() {
    let none = || json!({});
    assert_rows(
        V1_24,
        &[
            (Field::Privileged, none(), "equivalent", "="),
            (Field::Privileged, json!({"privileged": false}), "equivalent", "="),
            // The findings of this check do not differ in a value.
            (Field::Privileged, json!({"privileged": true}), "looser: privileged", "="),
            (Field::HostNetwork, none(), "equivalent", "="),
            (Field::HostNetwork, json!({"hostNetwork": false}), "equivalent", "="),
            // Containers of Windows with hostProcess need hostNetwork, and no field is about them.
            (Field::HostNetwork, json!({"hostNetwork": true}), "looser: hostNamespaces hostNetwork; windowsHostProcess", "="),
            (Field::HostPid, none(), "equivalent", "="),
            (Field::HostPid, json!({"hostPID": false}), "equivalent", "="),
            (Field::HostPid, json!({"hostPID": true}), "looser: hostNamespaces hostPID", "="),
            (Field::HostIpc, none(), "equivalent", "="),
            (Field::HostIpc, json!({"hostIPC": false}), "equivalent", "="),
            (Field::HostIpc, json!({"hostIPC": true}), "looser: hostNamespaces hostIPC", "="),
            (Field::HostPorts, none(), "equivalent", "="),
            (Field::HostPorts, ports(&[]), "equivalent", "="),
            // Port 0 is no host port.
            (Field::HostPorts, ports(&[(0, 0)]), "equivalent", "="),
            (Field::HostPorts, ports(&[(80, 80)]), "looser: hostPorts 80", "="),
            (Field::HostPorts, ports(&[(0, 1)]), "looser: hostPorts 1", "="),
            (Field::HostPorts, ports(&[(9100, 9101), (80, 80), (0, 0)]), "looser: hostPorts 80,9100,9101", "="),
            (Field::HostPorts, ports(&[(65534, 70000)]), "looser: hostPorts 65534,65535", "="),
            // An empty range.
            (Field::HostPorts, ports(&[(90, 80)]), "equivalent", "="),
            // More ports than a rule lists.
            (Field::HostPorts, ports(&[(1, 21)]), "looser: hostPorts", "="),
            (Field::HostPorts, ports(&[(0, 65535)]), "looser: hostPorts", "="),
        ],
    );
    let twenty = verdict_at(&ports(&[(1, 20)]), Field::HostPorts, Level::Baseline, V1_24);
    assert_eq!(twenty.matches(',').count(), 19, "{twenty}");
}

#[test]
fn volumes_are_compared_by_their_types() {
    let restricted = &RESTRICTED_VOLUMES[..];
    let baseline = &BASELINE_VOLUMES[..];
    let mut other: Vec<&str> = BASELINE_VOLUMES.into_iter().map(|volume| if volume == "cephFS" { "cephfs" } else { volume }).collect();
    other.sort_unstable();
    let looser = |others: &[&str]| {
        let mut values = [other.as_slice(), others].concat();
        values.sort_unstable();
        format!("looser: restrictedVolumes {}", values.join(","))
    };
    let field = Field::Volumes;
    assert_rows(
        V1_24,
        &[
            // Absent and empty mean none.
            (field, json!({}), "stricter", "="),
            (field, volumes(&[]), "stricter", "="),
            (field, volumes(&[restricted]), "stricter", "equivalent"),
            (field, volumes(&[&["emptyDir", "secret"]]), "stricter", "="),
            // A volume of projected secrets is not one of secrets.
            (field, volumes(&[&restricted[..6], &["secret"]]), "stricter", "="),
            (field, volumes(&[restricted, &["nfs"]]), "stricter", "looser: restrictedVolumes nfs"),
            (field, volumes(&[restricted, baseline]), "equivalent", &looser(&[])),
            (field, volumes(&[&["nfs"]]), "stricter", "looser: restrictedVolumes nfs"),
            // Pods have another name for this type.
            (field, volumes(&[&["cephFS"]]), "stricter", "looser: restrictedVolumes cephfs"),
            (field, volumes(&[&["cephfs"]]), "stricter", "="),
            (field, volumes(&[&["hostPath"]]), "looser: hostPathVolumes", "looser: restrictedVolumes hostPath"),
            (field, volumes(&[restricted, &["hostPath"]]), "looser: hostPathVolumes", "looser: restrictedVolumes hostPath"),
            (field, volumes(&[&["*"]]), "looser: hostPathVolumes", &looser(&["hostPath"])),
            (field, volumes(&[&["nfs", "*"]]), "looser: hostPathVolumes", &looser(&["hostPath"])),
        ],
    );
}

#[test]
fn paths_and_drivers_matter_only_where_a_level_admits_the_type_of_the_volume() {
    let paths = |read_only: bool| json!({"allowedHostPaths": [{"pathPrefix": "/var", "readOnly": read_only}]});
    let flex = || json!({"allowedFlexVolumes": [{"driver": "example/lvm"}]});
    let csi = || json!({"allowedCSIDrivers": [{"name": "csi.example"}]});
    let any = || volumes(&[&["*"]]);
    assert_rows(
        V1_24,
        &[
            (Field::AllowedHostPaths, any(), "equivalent", "="),
            // Both levels reject hostPath volumes anyway.
            (Field::AllowedHostPaths, with(any(), paths(false)), "equivalent", "="),
            (Field::AllowedHostPaths, with(any(), paths(true)), "equivalent", "="),
            (Field::AllowedHostPaths, paths(false), "equivalent", "="),
            (Field::AllowedFlexVolumes, any(), "equivalent", "="),
            (Field::AllowedFlexVolumes, with(any(), json!({"allowedFlexVolumes": []})), "equivalent", "="),
            (Field::AllowedFlexVolumes, flex(), "equivalent", "="),
            (Field::AllowedFlexVolumes, with(any(), flex()), "no counterpart", "equivalent"),
            (Field::AllowedFlexVolumes, with(volumes(&[&["flexVolume"]]), flex()), "no counterpart", "equivalent"),
            (Field::AllowedCsiDrivers, any(), "equivalent", "="),
            (Field::AllowedCsiDrivers, with(any(), json!({"allowedCSIDrivers": []})), "equivalent", "="),
            (Field::AllowedCsiDrivers, csi(), "equivalent", "="),
            (Field::AllowedCsiDrivers, with(any(), csi()), "no counterpart", "="),
            (Field::AllowedCsiDrivers, with(volumes(&[&["csi"]]), csi()), "no counterpart", "="),
        ],
    );
    // Privileged admits them, so that the paths are a restriction there.
    for (fields, expected) in [
        (with(any(), paths(true)), "no counterpart"),
        (with(volumes(&[&["hostPath"]]), paths(false)), "no counterpart"),
        (paths(false), "equivalent"),
        (any(), "equivalent"),
    ] {
        assert_eq!(verdict_at(&fields, Field::AllowedHostPaths, Level::Privileged, V1_24), expected, "{fields}");
    }
}

#[test]
fn capabilities_are_compared_by_their_names() {
    let allowed = |names: &[&str]| json!({"allowedCapabilities": names});
    let default = |names: &[&str]| json!({"defaultAddCapabilities": names});
    let drop = |names: &[&str]| json!({"requiredDropCapabilities": names});
    let twelve: Vec<&str> = BASELINE_CAPABILITIES.into_iter().filter(|name| *name != "NET_BIND_SERVICE").collect();
    let restricted = format!("looser: capabilities_restricted {}", twelve.join(","));
    let with_admin = restricted.replace("MKNOD", "MKNOD,NET_ADMIN");
    let admin = [&BASELINE_CAPABILITIES[..], &["NET_ADMIN"]].concat();
    let all = ("looser: capabilities_baseline", "looser: capabilities_restricted");
    assert_rows(
        V1_24,
        &[
            (Field::AllowedCapabilities, json!({}), "stricter", "="),
            (Field::AllowedCapabilities, allowed(&[]), "stricter", "="),
            (Field::AllowedCapabilities, allowed(&["NET_BIND_SERVICE"]), "stricter", "equivalent"),
            (Field::AllowedCapabilities, allowed(&["KILL"]), "stricter", "looser: capabilities_restricted KILL"),
            (Field::AllowedCapabilities, allowed(&BASELINE_CAPABILITIES), "equivalent", &restricted),
            (Field::AllowedCapabilities, allowed(&admin), "looser: capabilities_baseline NET_ADMIN", &with_admin),
            // Names are compared as they are.
            (
                Field::AllowedCapabilities,
                allowed(&["CAP_KILL"]),
                "looser: capabilities_baseline CAP_KILL",
                "looser: capabilities_restricted CAP_KILL",
            ),
            (Field::AllowedCapabilities, allowed(&["*"]), all.0, all.1),
            (Field::AllowedCapabilities, allowed(&["KILL", "*"]), all.0, all.1),
            // Default capabilities are allowed, too.
            (Field::AllowedCapabilities, default(&["NET_BIND_SERVICE"]), "stricter", "equivalent"),
            (
                Field::AllowedCapabilities,
                with(allowed(&["NET_BIND_SERVICE"]), default(&["SYS_TIME"])),
                "looser: capabilities_baseline SYS_TIME",
                "looser: capabilities_restricted SYS_TIME",
            ),
            (Field::DefaultAddCapabilities, json!({}), "equivalent", "="),
            // The verdict is about the capabilities that are added.
            (Field::DefaultAddCapabilities, default(&["NET_BIND_SERVICE"]), "equivalent", "="),
            (Field::DefaultAddCapabilities, default(&["CHOWN"]), "equivalent", "looser: capabilities_restricted CHOWN"),
            (
                Field::DefaultAddCapabilities,
                default(&["CHOWN", "SYS_TIME"]),
                "looser: capabilities_baseline SYS_TIME",
                "looser: capabilities_restricted CHOWN,SYS_TIME",
            ),
            // Here this is a name, which no rule can select.
            (Field::DefaultAddCapabilities, default(&["*"]), all.0, all.1),
            (Field::RequiredDropCapabilities, json!({}), "equivalent", "looser: capabilities_restricted"),
            (Field::RequiredDropCapabilities, drop(&[]), "equivalent", "looser: capabilities_restricted"),
            (Field::RequiredDropCapabilities, drop(&["KILL", "MKNOD"]), "stricter", "looser: capabilities_restricted"),
            (Field::RequiredDropCapabilities, drop(&["ALL"]), "stricter", "equivalent"),
            (Field::RequiredDropCapabilities, drop(&["KILL", "ALL"]), "stricter", "equivalent"),
            // Only this spelling drops all.
            (Field::RequiredDropCapabilities, drop(&["all"]), "stricter", "looser: capabilities_restricted"),
        ],
    );
}

#[test]
fn se_linux_options_are_compared_by_their_labels() {
    let field = Field::SeLinux;
    let looser = |values: &str| format!("looser: seLinuxOptions {values}");
    assert_rows(
        V1_24,
        &[
            (field, json!({}), "looser: seLinuxOptions", "="),
            (field, se_linux(json!({})), "stricter", "="),
            (field, se_linux(json!({"level": "s0:c1,c2"})), "stricter", "="),
            (field, se_linux(json!({"type": "container_t"})), "stricter", "="),
            (field, se_linux(json!({"type": "container_init_t", "level": "s0"})), "stricter", "="),
            (field, se_linux(json!({"type": "container_kvm_t"})), "stricter", "="),
            (field, se_linux(json!({"type": "container_engine_t"})), &looser("container_engine_t"), "="),
            (field, se_linux(json!({"type": "spc_t"})), &looser("spc_t"), "="),
            (field, se_linux(json!({"user": "system_u"})), &looser("system_u"), "="),
            (field, se_linux(json!({"role": "system_r", "type": "container_t"})), &looser("system_r"), "="),
            (
                field,
                se_linux(json!({"user": "system_u", "role": "system_r", "type": "spc_t", "level": "s0"})),
                &looser("spc_t,system_r,system_u"),
                "=",
            ),
        ],
    );
}

#[test]
fn no_rule_for_users_requires_what_restricted_requires() {
    let user = |name: &str| json!({"runAsUser": {"rule": name}});
    let range = |min, max| rule("runAsUser", "MustRunAs", min, max);
    let field = Field::RunAsUser;
    assert_rows(
        V1_24,
        &[
            (field, user("RunAsAny"), "equivalent", "looser: runAsNonRoot; runAsUser"),
            // A pod with runAsUser and without runAsNonRoot passes, and restricted rejects it.
            (field, user("MustRunAsNonRoot"), "stricter", "looser: runAsNonRoot"),
            (field, range(1, 65535), "stricter", "looser: runAsNonRoot"),
            (field, range(1000, 1000), "stricter", "looser: runAsNonRoot"),
            (field, range(0, 0), "stricter", "looser: runAsNonRoot; runAsUser"),
            (field, range(0, 65535), "stricter", "looser: runAsNonRoot; runAsUser"),
            (
                field,
                json!({"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1000, "max": 2000}, {"min": 0, "max": 0}]}}),
                "stricter",
                "looser: runAsNonRoot; runAsUser",
            ),
        ],
    );
}

#[test]
fn what_the_standards_do_not_restrict_has_no_counterpart() {
    let mut rows = vec![(Field::RunAsGroup, json!({}), "equivalent", "=")];
    for (field, key) in [(Field::RunAsGroup, "runAsGroup"), (Field::SupplementalGroups, "supplementalGroups"), (Field::FsGroup, "fsGroup")]
    {
        rows.extend([
            (field, json!({key: {"rule": "RunAsAny"}}), "equivalent", "="),
            (field, rule(key, "MayRunAs", 1, 65535), "no counterpart", "="),
            (field, rule(key, "MayRunAs", 0, 0), "no counterpart", "="),
            // All ids that the API accepts.
            (field, rule(key, "MayRunAs", 0, i64::from(i32::MAX)), "equivalent", "="),
            (field, json!({key: {"rule": "MayRunAs", "ranges": [{"min": 1, "max": i64::MAX}, {"min": 0, "max": 0}]}}), "equivalent", "="),
            // Pods without an id are changed.
            (field, rule(key, "MustRunAs", 0, i64::from(i32::MAX)), "no counterpart", "="),
            (field, rule(key, "MustRunAs", 1, 65535), "no counterpart", "="),
        ]);
    }
    let read_only = |value: bool| json!({"readOnlyRootFilesystem": value});
    let class = |class: Value| json!({ "runtimeClass": class });
    rows.extend([
        (Field::ReadOnlyRootFilesystem, json!({}), "equivalent", "="),
        (Field::ReadOnlyRootFilesystem, read_only(false), "equivalent", "="),
        (Field::ReadOnlyRootFilesystem, read_only(true), "no counterpart", "="),
        (Field::RuntimeClass, json!({}), "equivalent", "="),
        // Without names, none may be set.
        (Field::RuntimeClass, class(json!({})), "no counterpart", "="),
        (Field::RuntimeClass, class(json!({"allowedRuntimeClassNames": []})), "no counterpart", "="),
        (Field::RuntimeClass, class(json!({"allowedRuntimeClassNames": ["*"]})), "equivalent", "="),
        (Field::RuntimeClass, class(json!({"allowedRuntimeClassNames": ["gvisor"]})), "no counterpart", "="),
        (
            Field::RuntimeClass,
            class(json!({"allowedRuntimeClassNames": ["*"], "defaultRuntimeClassName": "gvisor"})),
            "no counterpart",
            "=",
        ),
    ]);
    assert_rows(V1_24, &rows);
}

#[test]
fn privilege_escalation_is_compared_in_pods_as_they_run() {
    let allow = |value: bool| json!({"allowPrivilegeEscalation": value});
    let default = |value: bool| json!({"defaultAllowPrivilegeEscalation": value});
    let looser = "looser: allowPrivilegeEscalation";
    assert_rows(
        V1_24,
        &[
            // Absent is true.
            (Field::AllowPrivilegeEscalation, json!({}), "equivalent", looser),
            (Field::AllowPrivilegeEscalation, allow(true), "equivalent", looser),
            // The policy sets false.
            (Field::AllowPrivilegeEscalation, allow(false), "stricter", "equivalent"),
            (Field::AllowPrivilegeEscalation, with(allow(false), default(false)), "stricter", "equivalent"),
            // A container without the field gets true, and is rejected: the policy admits what restricted admits, and no more.
            (Field::AllowPrivilegeEscalation, with(allow(false), default(true)), "stricter", "equivalent"),
            (Field::AllowPrivilegeEscalation, with(allow(true), default(false)), "equivalent", looser),
            (Field::DefaultAllowPrivilegeEscalation, json!({}), "equivalent", "="),
            // The verdict is about the value that is set.
            (Field::DefaultAllowPrivilegeEscalation, default(true), "equivalent", looser),
            (Field::DefaultAllowPrivilegeEscalation, default(false), "equivalent", "="),
            (Field::DefaultAllowPrivilegeEscalation, with(allow(false), default(false)), "equivalent", "="),
            (Field::DefaultAllowPrivilegeEscalation, with(allow(false), default(true)), "equivalent", "="),
        ],
    );
}

#[test]
fn sysctls_are_compared_by_their_names() {
    let allowed = |names: &[&str]| json!({"allowedUnsafeSysctls": names});
    let forbidden = |names: &[&str]| json!({"forbiddenSysctls": names});
    let (allow, forbid) = (Field::AllowedUnsafeSysctls, Field::ForbiddenSysctls);
    assert_rows(
        V1_24,
        &[
            // The safe sysctls are those of the standards.
            (allow, json!({}), "equivalent", "="),
            (allow, allowed(&[]), "equivalent", "="),
            (allow, allowed(&["net.ipv4.tcp_syncookies"]), "equivalent", "="),
            (allow, allowed(&["kernel.msgmax"]), "looser: sysctls kernel.msgmax", "="),
            (allow, allowed(&["net.core.somaxconn", "kernel.msgmax"]), "looser: sysctls kernel.msgmax,net.core.somaxconn", "="),
            // A prefix and * stand for more than can be listed.
            (allow, allowed(&["net.core.*"]), "looser: sysctls", "="),
            (allow, allowed(&["*"]), "looser: sysctls", "="),
            // What is forbidden is not allowed.
            (allow, with(allowed(&["kernel.msgmax"]), forbidden(&["kernel.*"])), "equivalent", "="),
            (allow, with(allowed(&["*"]), forbidden(&["*"])), "equivalent", "="),
            (forbid, json!({}), "equivalent", "="),
            (forbid, forbidden(&[]), "equivalent", "="),
            // A safe sysctl can be forbidden.
            (forbid, forbidden(&["net.ipv4.tcp_syncookies"]), "stricter", "="),
            (forbid, forbidden(&["net.ipv4.*"]), "stricter", "="),
            (forbid, forbidden(&["*"]), "stricter", "="),
            // Both reject these.
            (forbid, forbidden(&["kernel.msgmax"]), "equivalent", "="),
            (forbid, with(allowed(&["kernel.msg*"]), forbidden(&["kernel.msgmax"])), "equivalent", "="),
        ],
    );
}

#[test]
fn proc_mounts_are_compared() {
    let types = |types: &[&str]| json!({"allowedProcMountTypes": types});
    let (field, looser) = (Field::AllowedProcMountTypes, "looser: procMount Unmasked");
    assert_rows(
        V1_24,
        &[
            (field, json!({}), "equivalent", "="),
            (field, types(&[]), "equivalent", "="),
            (field, types(&["Default"]), "equivalent", "="),
            (field, types(&["Default", "Unmasked"]), looser, "="),
            // Containers without procMount have Default, which this rejects.
            (field, types(&["Unmasked"]), looser, "="),
        ],
    );
}

#[test]
fn seccomp_annotations_are_compared_with_profiles() {
    let (field, unset) = (Field::Seccomp, "looser: seccompProfile_restricted");
    // Restricted finds that containers have no profile where that of the pod is Unconfined, and a missing one has no value for rules.
    let unconfined = ("looser: seccompProfile_baseline Unconfined", unset);
    assert_rows(
        V1_24,
        &[
            // No profile may be set, and restricted requires one.
            (field, json!({}), "stricter", unset),
            (field, seccomp("", None), "stricter", unset),
            // Other profiles of the node are rejected.
            (field, seccomp("runtime/default", None), "stricter", "="),
            (field, seccomp("docker/default", None), "stricter", "="),
            (field, seccomp("runtime/default", Some("runtime/default")), "stricter", "="),
            (field, seccomp("localhost/audit.json", None), "stricter", "="),
            // This is the name of a profile, and no pattern.
            (field, seccomp("runtime/default,localhost/*", None), "stricter", "="),
            // An empty element allows no profile.
            (field, seccomp("runtime/default,", None), "stricter", unset),
            (field, seccomp("runtime/default,", Some("runtime/default")), "stricter", "="),
            // The space belongs to the name.
            (field, seccomp("runtime/default, unconfined", None), "stricter", "="),
            (field, seccomp("unconfined", None), unconfined.0, unconfined.1),
            (field, seccomp("runtime/default,unconfined", Some("runtime/default")), unconfined.0, unconfined.1),
            // Pods that set no profile get one that both levels reject.
            (field, seccomp("runtime/default,unconfined", Some("unconfined")), unconfined.0, unconfined.1),
            (field, seccomp("*", None), unconfined.0, unset),
            (field, seccomp("runtime/default,*", None), unconfined.0, unset),
            (field, seccomp("*", Some("runtime/default")), unconfined.0, unconfined.1),
        ],
    );
}

#[test]
fn app_armor_annotations_are_compared_with_profiles() {
    let field = Field::AppArmor;
    let unconfined = "looser: appArmorProfile unconfined";
    assert_rows(
        V1_24,
        &[
            // Without a list, all profiles are allowed.
            (field, json!({}), "looser: appArmorProfile", "="),
            // A list requires a profile, even one with an empty element: `Validate` in `pkg/security/apparmor/validate.go`.
            (field, app_armor("runtime/default", None), "stricter", "="),
            (field, app_armor("runtime/default", Some("runtime/default")), "stricter", "="),
            (field, app_armor("runtime/default,", None), "stricter", "="),
            (field, app_armor("", None), "stricter", "="),
            (field, app_armor("runtime/default,localhost/web", None), "stricter", "="),
            (field, app_armor("localhost/*", None), "stricter", "="),
            // This is no profile, and so stands for nothing.
            (field, app_armor("*", None), "stricter", "="),
            (field, app_armor("runtime/default, unconfined", None), "stricter", "="),
            (field, app_armor("unconfined", None), unconfined, "="),
            (field, app_armor("runtime/default,unconfined", Some("runtime/default")), unconfined, "="),
        ],
    );
}

#[test]
fn verdicts_are_those_of_the_version() {
    let reserved = || json!({"allowedUnsafeSysctls": ["net.ipv4.ip_local_reserved_ports"]});
    let keepalive = || json!({"allowedUnsafeSysctls": ["net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time"]});
    let sysctls = |names: &[&str]| json!({"allowedUnsafeSysctls": names});
    let since_29 = [
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
    ];
    let since_32 = [&since_29[..], &["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]].concat();
    let since_37 = [&since_32[..], &["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]].concat();
    let allow = Field::AllowedUnsafeSysctls;
    let engine = || se_linux(json!({"type": "container_engine_t"}));
    let proc_mount = || json!({"allowedProcMountTypes": ["Unmasked", "Default"]});
    let drop = || json!({"requiredDropCapabilities": ["ALL"]});
    let user = |name: &str| json!({"runAsUser": {"rule": name}});
    let escalation = |value: bool| json!({"allowPrivilegeEscalation": value});
    let restricted = || volumes(&[&RESTRICTED_VOLUMES]);
    let rows: Vec<(u64, Field, Value, &str, &str)> = vec![
        // Each list of sysctls begins with another version.
        (26, allow, json!({}), "equivalent", "="),
        (26, allow, reserved(), "looser: sysctls net.ipv4.ip_local_reserved_ports", "="),
        (27, allow, json!({}), "stricter", "="),
        (27, allow, reserved(), "equivalent", "="),
        (28, allow, keepalive(), "looser: sysctls net.ipv4.tcp_keepalive_time", "="),
        (29, allow, reserved(), "stricter", "="),
        (29, allow, keepalive(), "stricter", "="),
        (29, allow, sysctls(&since_29), "equivalent", "="),
        (31, allow, sysctls(&since_32), "looser: sysctls net.ipv4.tcp_rmem,net.ipv4.tcp_wmem", "="),
        (32, allow, sysctls(&since_29), "stricter", "="),
        (32, allow, sysctls(&since_32), "equivalent", "="),
        (36, allow, sysctls(&since_37), "looser: sysctls net.ipv4.tcp_notsent_lowat,net.ipv4.tcp_slow_start_after_idle", "="),
        (37, allow, sysctls(&since_32), "stricter", "="),
        (37, allow, sysctls(&since_37), "equivalent", "="),
        // A prefix stands for more than the standards list.
        (37, allow, sysctls(&["net.ipv4.tcp_keepalive_*"]), "looser: sysctls", "="),
        // Both reject a sysctl that is not allowed, so that it need not be forbidden.
        (37, Field::ForbiddenSysctls, json!({"forbiddenSysctls": ["net.ipv4.tcp_rmem"]}), "equivalent", "="),
        (37, Field::ForbiddenSysctls, with(sysctls(&since_37[..5]), json!({"forbiddenSysctls": ["net.ipv4.tcp_fin*"]})), "stricter", "="),
        (30, Field::SeLinux, engine(), "looser: seLinuxOptions container_engine_t", "="),
        (31, Field::SeLinux, engine(), "stricter", "="),
        // The API server refuses Unmasked without a user namespace, for which the policy has no field.
        (34, Field::AllowedProcMountTypes, proc_mount(), "looser: procMount Unmasked", "="),
        (35, Field::AllowedProcMountTypes, proc_mount(), "looser: procMount Unmasked", "looser: procMount_restricted Unmasked"),
        // The annotation counts before v1.19, and restricted requires no profile.
        (18, Field::Seccomp, json!({}), "stricter", "="),
        (18, Field::Seccomp, seccomp("runtime/default", None), "stricter", "="),
        (18, Field::Seccomp, seccomp("*", None), "looser: seccompProfile_baseline unconfined", "="),
        (19, Field::Seccomp, json!({}), "stricter", "looser: seccompProfile_restricted"),
        (
            19,
            Field::Seccomp,
            seccomp("unconfined", None),
            "looser: seccompProfile_baseline Unconfined",
            "looser: seccompProfile_restricted",
        ),
        // Restricted requires to drop ALL from v1.22 on.
        (21, Field::RequiredDropCapabilities, json!({}), "equivalent", "="),
        (21, Field::RequiredDropCapabilities, drop(), "stricter", "="),
        (21, Field::AllowedCapabilities, json!({"allowedCapabilities": BASELINE_CAPABILITIES}), "equivalent", "="),
        (22, Field::RequiredDropCapabilities, json!({}), "equivalent", "looser: capabilities_restricted"),
        (22, Field::RequiredDropCapabilities, drop(), "stricter", "equivalent"),
        // Restricted rejects runAsUser 0 from v1.23 on.
        (22, Field::RunAsUser, user("RunAsAny"), "equivalent", "looser: runAsNonRoot"),
        (22, Field::RunAsUser, rule("runAsUser", "MustRunAs", 0, 0), "stricter", "looser: runAsNonRoot"),
        (23, Field::RunAsUser, rule("runAsUser", "MustRunAs", 0, 0), "stricter", "looser: runAsNonRoot; runAsUser"),
        // Restricted has allowPrivilegeEscalation from v1.8 on.
        (7, Field::AllowPrivilegeEscalation, escalation(true), "equivalent", "="),
        (7, Field::AllowPrivilegeEscalation, escalation(false), "stricter", "="),
        (8, Field::AllowPrivilegeEscalation, escalation(true), "equivalent", "looser: allowPrivilegeEscalation"),
        (8, Field::AllowPrivilegeEscalation, escalation(false), "stricter", "equivalent"),
        // No field is about it, so that each policy is looser from v1.34 on, where it is in the list of fields.
        (34, Field::HostHandlers, json!({}), "looser: hostProbesAndHostLifecycle", "="),
        (37, Field::HostHandlers, json!({"privileged": true}), "looser: hostProbesAndHostLifecycle", "="),
        // These checks have one revision.
        (0, Field::Volumes, restricted(), "stricter", "equivalent"),
        (37, Field::Volumes, restricted(), "stricter", "equivalent"),
        (0, Field::HostPorts, ports(&[(80, 80)]), "looser: hostPorts 80", "="),
        (37, Field::HostPorts, ports(&[(80, 80)]), "looser: hostPorts 80", "="),
        (37, Field::AppArmor, json!({}), "looser: appArmorProfile", "="),
    ];
    for (version, field, fields, baseline, restricted) in rows {
        assert_rows(Version::Minor(version), &[(field, fields, baseline, restricted)]);
    }
    let before = compare(&policy(&json!({})), LevelVersion { level: Level::Baseline, version: Version::Minor(33) });
    assert!(before.iter().all(|comparison| comparison.field != Field::HostHandlers));
    assert_eq!(
        verdict_at(&sysctls(&since_37), allow, Level::Baseline, Version::Latest),
        verdict_at(&sysctls(&since_37), allow, Level::Baseline, Version::Minor(37))
    );
}
