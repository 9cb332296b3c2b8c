//! The levels that can take the place of whole PodSecurityPolicies: of well-known ones, of those that no pod can use, and of those that
//! are as near to a level as a policy can be.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod objects;
mod reference;

use std::collections::BTreeSet;

use objects::{BASELINE_CAPABILITIES, BASELINE_VOLUMES, RESTRICTED_VOLUMES, object, parsed, policy};
use proptest::prelude::*;
use pss_core::standards::{Level, Version};
use pss_manifest::{Limits, documents};
use pss_migrate::psp::{
    Cluster, LevelComparison, Options, Plan, Policy, Verdict, compare_levels, loosest_replacement, strictest_compatible,
};
use pss_review::Source;
use reference::generators::psps;
use serde_json::{Value, json};

const V1_24: Version = Version::Minor(24);

fn annotations(seccomp: &str, seccomp_default: &str, app_armor: Option<&str>) -> Value {
    let mut annotations = json!({"seccomp.security.alpha.kubernetes.io/allowedProfileNames": seccomp});
    if !seccomp_default.is_empty() {
        annotations["seccomp.security.alpha.kubernetes.io/defaultProfileName"] = json!(seccomp_default);
    }
    if let Some(app_armor) = app_armor {
        annotations["apparmor.security.beta.kubernetes.io/allowedProfileNames"] = json!(app_armor);
        annotations["apparmor.security.beta.kubernetes.io/defaultProfileName"] = json!(app_armor);
    }
    annotations
}

/// The fields of the policy that Kubernetes' documentation had for privileged workloads.
fn privileged() -> Value {
    json!({
        "annotations": annotations("*", "", None),
        "privileged": true, "allowPrivilegeEscalation": true, "allowedCapabilities": ["*"], "volumes": ["*"],
        "hostNetwork": true, "hostPorts": [{"min": 0, "max": 65535}], "hostIPC": true, "hostPID": true,
    })
}

/// The fields of the policy that it had in place of baseline. NET_RAW was in Docker's list of default capabilities.
fn baseline_like() -> Value {
    json!({
        "annotations": annotations("*", "", Some("runtime/default")),
        "allowedCapabilities": ([&BASELINE_CAPABILITIES[..], &["NET_RAW"]].concat()),
        "volumes": ([&RESTRICTED_VOLUMES[..], &BASELINE_VOLUMES[..]].concat()),
    })
}

/// The fields of the policy that it had in place of restricted.
fn restricted() -> Value {
    let ids = json!({"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]});
    json!({
        "annotations": annotations("docker/default,runtime/default", "runtime/default", Some("runtime/default")),
        "allowPrivilegeEscalation": false, "requiredDropCapabilities": ["ALL"], "volumes": RESTRICTED_VOLUMES,
        "runAsUser": {"rule": "MustRunAsNonRoot"}, "supplementalGroups": ids, "fsGroup": ids,
    })
}

fn at(levels: &[LevelComparison], level: Level) -> &LevelComparison {
    levels.iter().find(|comparison| comparison.level == level).unwrap()
}

/// The paths of the fields that are not equivalent.
fn different(comparison: &LevelComparison) -> BTreeSet<&'static str> {
    comparison.fields.iter().filter(|field| field.verdict != Verdict::Equivalent).map(|field| field.path).collect()
}

#[test]
fn well_known_policies_have_the_levels_that_their_fields_allow() {
    let with = |mut fields: Value, others: Value| {
        fields.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        fields
    };
    let everything = with(privileged(), json!({"allowedUnsafeSysctls": ["*"], "allowedProcMountTypes": ["Default", "Unmasked"]}));
    // The fields, the version, the loosest level that admits no more, the strictest level that rejects no more; what the level before
    // the loosest one admits, and what the level after the strictest one rejects.
    type Row = (Value, u64, Option<Level>, Level, &'static [&'static str], &'static [&'static str]);
    let of_privileged = &[
        "privileged",
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "hostPorts",
        "volumes",
        "allowedCapabilities",
        "seLinux",
        "seccomp annotations",
        "AppArmor annotations",
    ];
    let rows: Vec<Row> = vec![
        // Without lists, it rejects unsafe sysctls and unmasked mounts, which privileged admits.
        (privileged(), 24, Some(Level::Baseline), Level::Privileged, &["allowedUnsafeSysctls", "allowedProcMountTypes"], of_privileged),
        // Baseline admits a sysctl that it rejects.
        (privileged(), 27, None, Level::Privileged, &["allowedUnsafeSysctls"], of_privileged),
        (
            everything.clone(),
            24,
            Some(Level::Privileged),
            Level::Privileged,
            &[],
            &[
                "privileged",
                "hostNetwork",
                "hostPID",
                "hostIPC",
                "hostPorts",
                "volumes",
                "allowedCapabilities",
                "seLinux",
                "allowedUnsafeSysctls",
                "allowedProcMountTypes",
                "seccomp annotations",
                "AppArmor annotations",
            ],
        ),
        // It sets an AppArmor profile, which restricted does not require.
        (
            baseline_like(),
            24,
            None,
            Level::Privileged,
            &["AppArmor annotations"],
            &["allowedCapabilities", "seLinux", "seccomp annotations"],
        ),
        (
            restricted(),
            24,
            None,
            Level::Privileged,
            &["allowedCapabilities", "supplementalGroups", "fsGroup", "seccomp annotations", "AppArmor annotations"],
            &["seLinux"],
        ),
        (
            with(restricted(), json!({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"type": "container_t"}}})),
            24,
            None,
            Level::Baseline,
            &["allowedCapabilities", "seLinux", "supplementalGroups", "fsGroup", "seccomp annotations", "AppArmor annotations"],
            &["runAsUser"],
        ),
    ];
    for (fields, version, loosest, strictest, restricting, permitting) in rows {
        let levels = compare_levels(&policy(&fields), Version::Minor(version));
        assert_eq!((loosest_replacement(&levels), strictest_compatible(&levels)), (loosest, strictest), "{fields}");
        let before = Level::ALL.into_iter().rfind(|level| loosest.is_none_or(|loosest| *level < loosest));
        let restricting_fields = before.map_or(&[][..], |before| at(&levels, before).restricting_fields.as_slice());
        assert_eq!(restricting_fields, restricting, "{fields}");
        let after = Level::ALL.into_iter().find(|level| *level > strictest);
        assert_eq!(after.map_or(&[][..], |after| at(&levels, after).permitting_fields.as_slice()), permitting, "{fields}");
    }
    assert_eq!(different(at(&compare_levels(&policy(&everything), V1_24), Level::Privileged)), BTreeSet::new());
}

/// The exemptions with which restricted admits what the documentation's policies admit.
#[test]
fn well_known_policies_need_the_exemptions_for_what_a_level_rejects() {
    let exemptions = |fields: &Value, level: Level| -> Vec<String> {
        let levels = compare_levels(&policy(fields), V1_24);
        let exemptions = at(&levels, level).exemptions.iter();
        exemptions
            .map(|exemption| format!("{} {}", exemption.check, exemption.values.iter().cloned().collect::<Vec<_>>().join(",")))
            .collect()
    };
    assert_eq!(exemptions(&restricted(), Level::Restricted), ["runAsNonRoot ", "seLinuxOptions "]);
    assert_eq!(
        exemptions(&baseline_like(), Level::Baseline),
        ["capabilities_baseline NET_RAW", "seLinuxOptions ", "seccompProfile_baseline Unconfined"]
    );
    let with_paths = |level: Level, paths: Value| -> Vec<Value> {
        let fields = json!({"volumes": ["hostPath", "nfs"], "allowedHostPaths": paths});
        let levels = compare_levels(&policy(&fields), V1_24);
        let exemptions = at(&levels, level).exemptions.iter().map(|exemption| json!(exemption));
        let about_volumes = |rule: &Value| rule["checks"][0].as_str().is_some_and(|check| check.ends_with("Volumes"));
        let mut rules: Vec<Value> = exemptions.filter(about_volumes).collect();
        for rule in &mut rules {
            rule.as_object_mut().unwrap().remove("reason");
        }
        rules
    };
    let paths = json!([
        {"pathPrefix": "/var/log/"}, {"pathPrefix": "/proc", "readOnly": true}, {"pathPrefix": "/sys", "readOnly": true},
        {"pathPrefix": "/var/log/pods", "readOnly": true},
    ]);
    let of_paths = [
        json!({"checks": ["hostPathVolumes"], "pathPrefixes": ["/proc", "/sys"], "readOnly": true}),
        json!({"checks": ["hostPathVolumes"], "pathPrefixes": ["/var/log"]}),
    ];
    assert_eq!(with_paths(Level::Baseline, paths.clone()), of_paths);
    let others = json!({"checks": ["restrictedVolumes"], "values": ["nfs"]});
    assert_eq!(with_paths(Level::Restricted, paths), [of_paths.as_slice(), std::slice::from_ref(&others)].concat());
    let read_only_root = json!([{"pathPrefix": "/", "readOnly": true}]);
    assert_eq!(with_paths(Level::Restricted, read_only_root), [json!({"checks": ["hostPathVolumes"], "readOnly": true}), others.clone()]);
    // Without paths, and with what rules cannot express, all of them.
    assert_eq!(with_paths(Level::Baseline, json!([{"pathPrefix": "/a//b"}])), [json!({"checks": ["hostPathVolumes"]})]);
    let all = json!({"checks": ["restrictedVolumes"], "values": ["hostPath", "nfs"]});
    assert_eq!(with_paths(Level::Restricted, json!([])), [all]);
    assert_eq!(
        exemptions(&privileged(), Level::Baseline),
        [
            "appArmorProfile ",
            "capabilities_baseline ",
            "hostNamespaces hostIPC,hostNetwork,hostPID",
            "hostPathVolumes ",
            "hostPorts ",
            "privileged ",
            "seLinuxOptions ",
            "seccompProfile_baseline Unconfined",
            "windowsHostProcess ",
        ]
    );
}

fn plan(text: &str) -> Plan {
    let mut cluster = Cluster::new(Options::default());
    cluster.add(Source { name: "cluster.json", text }, Limits::default());
    cluster.plan()
}

#[test]
fn a_policy_that_no_pod_can_use_admits_nothing() {
    let must = |field: &str| json!({field: {"rule": "MustRunAs"}});
    let may = |field: &str| json!({field: {"rule": "MayRunAs", "ranges": []}});
    let rows = [
        (json!({"seLinux": {"rule": "MustRunAs"}}), "spec.seLinux has MustRunAs without seLinuxOptions"),
        (json!({"seLinux": {}}), "spec.seLinux.rule is missing, and must be RunAsAny or MustRunAs"),
        (json!({"seLinux": null}), "spec.seLinux.rule is missing, and must be RunAsAny or MustRunAs"),
        (must("runAsUser"), "spec.runAsUser has MustRunAs without ranges"),
        (
            json!({"runAsUser": {"rule": "MayRunAs"}}),
            "spec.runAsUser.rule is \"MayRunAs\", and must be RunAsAny, MustRunAs or MustRunAsNonRoot",
        ),
        (must("runAsGroup"), "spec.runAsGroup has MustRunAs without ranges"),
        (may("runAsGroup"), "spec.runAsGroup has MayRunAs without ranges"),
        (must("supplementalGroups"), "spec.supplementalGroups has MustRunAs without ranges"),
        (may("supplementalGroups"), "spec.supplementalGroups has MayRunAs without ranges"),
        (must("fsGroup"), "spec.fsGroup has MustRunAs without ranges"),
        (may("fsGroup"), "spec.fsGroup has MayRunAs without ranges"),
        (json!({"fsGroup": {"rule": "runAsAny"}}), "spec.fsGroup.rule is \"runAsAny\", and must be RunAsAny, MayRunAs or MustRunAs"),
    ];
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c"}]}});
    for (fields, reason) in rows {
        let items = [object("unusable", &fields), pod.clone()];
        let plan = plan(&json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
        let policy = &plan.policies[0];
        assert_eq!(policy.unusable.as_deref(), Some(reason), "{fields}");
        let warnings: Vec<String> = plan.problems.iter().map(ToString::to_string).collect();
        let (path, rest) = reason.split_once(' ').unwrap();
        let warning = format!("{path}: {rest}, so that no pod can use the PodSecurityPolicy");
        assert!(warnings.len() == 1 && warnings[0].contains(&warning), "{warnings:?}");
        // Only these were rejected.
        let is_rejected = rest.contains("must be") || path == "spec.runAsGroup";
        assert_eq!(warnings[0].ends_with("; API servers rejected such a PodSecurityPolicy"), is_rejected, "{warnings:?}");
        assert_eq!((policy.loosest_replacement, policy.strictest_compatible), (None, Level::Restricted), "{fields}");
        assert!(policy.levels.is_empty() && policy.later.is_empty() && policy.changes.is_empty() && policy.official_policies.is_empty());
        assert_eq!(plan.workloads[0].policy, None);
        let markdown = plan.markdown();
        assert!(markdown.contains("| `unusable` | not usable by any pod | | |") && markdown.contains("No pod can use it: "), "{markdown}");
        assert_eq!(plan.manifests().matches("kind: ClusterAdmissionPolicy").count(), 1);
    }
    // RunAsGroup alone may be absent.
    let usable = plan(&object("usable", &json!({"runAsGroup": null})).to_string());
    assert_eq!(usable.policies[0].unusable, None);
}

/// The policy that is the nearest to baseline.
fn nearest_to_baseline() -> Value {
    json!({
        "annotations": annotations("runtime/default,", "", Some("runtime/default")),
        "allowedCapabilities": BASELINE_CAPABILITIES,
        "volumes": ([&RESTRICTED_VOLUMES[..], &BASELINE_VOLUMES[..]].concat()),
        "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"type": "container_t"}},
    })
}

/// The policy that is the nearest to restricted.
fn nearest_to_restricted() -> Value {
    json!({
        "annotations": annotations("runtime/default", "", Some("runtime/default")),
        "allowedCapabilities": ["NET_BIND_SERVICE"],
        "requiredDropCapabilities": ["ALL"],
        "allowPrivilegeEscalation": false,
        "volumes": RESTRICTED_VOLUMES,
        "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"type": "container_t"}},
        "runAsUser": {"rule": "MustRunAsNonRoot"},
    })
}

/// The fields for which no value is equivalent to a level:
/// - seLinux: MustRunAs requires one combination of labels of which both levels admit several, and RunAsAny admits all;
/// - seccomp: only `*` stands for all profiles of the node, and includes Unconfined;
/// - AppArmor: the same, and with a list a profile is required;
/// - runAsUser at restricted: no rule requires runAsNonRoot of a pod that has runAsUser.
fn never_equivalent(level: Level) -> BTreeSet<&'static str> {
    let mut fields = BTreeSet::from(["seLinux", "seccomp annotations", "AppArmor annotations"]);
    if level == Level::Restricted {
        fields.insert("runAsUser");
    }
    fields
}

#[test]
fn the_nearest_policies_differ_from_their_level_in_the_fields_that_always_do() {
    for (fields, level) in [(nearest_to_baseline(), Level::Baseline), (nearest_to_restricted(), Level::Restricted)] {
        let levels = compare_levels(&policy(&fields), V1_24);
        assert_eq!(different(at(&levels, level)), never_equivalent(level), "{level}");
    }
    // It admits nothing that baseline rejects. Restricted has one more field.
    let nearest = compare_levels(&policy(&nearest_to_baseline()), V1_24);
    assert!(at(&nearest, Level::Baseline).rejects_nothing_more);
    let nearest = compare_levels(&policy(&nearest_to_restricted()), V1_24);
    assert_eq!(at(&nearest, Level::Restricted).permitting_fields, ["runAsUser"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, ..ProptestConfig::default() })]

    #[test]
    fn no_policy_is_equivalent_to_a_level(psp in psps()) {
        let policy: Policy = parsed(&psp);
        let levels = compare_levels(&policy, V1_24);
        for level in [Level::Baseline, Level::Restricted] {
            let different = different(at(&levels, level));
            prop_assert!(different.is_superset(&never_equivalent(level)), "{level}: {different:?}");
        }
    }

    /// Every document of the manifests can be parsed, whatever the names and profiles of the policies are.
    #[test]
    fn manifests_are_yaml(psp in psps(), name in "[a-z]([-a-z0-9.]{0,8}[a-z0-9])?") {
        let mut psp = psp;
        psp["metadata"]["name"] = json!(name);
        let manifests = plan(&psp.to_string()).manifests();
        for document in documents(&manifests) {
            prop_assert!(document.content.is_ok(), "{manifests}");
        }
    }
}
