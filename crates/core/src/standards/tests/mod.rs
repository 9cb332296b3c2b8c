//! The tests of the standards that do not need upstream fixtures.
//!
//! - `cases/CHECK.yaml`: for each check, pods and their messages by level and version.
//! - `cases/several_checks.yaml`: pods that violate several checks, and their whole message.
//! - [`catalogue`]: the documentation of the checks agrees with their behaviour.
//! - [`properties`]: invariants of every pod.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod catalogue;
pub(crate) mod properties;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::pod::{Object, read};

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Every path at which the check has findings in these cases. `containers[*]` stands for all three lists of containers.
    #[serde(default)]
    fields: BTreeSet<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The pod's spec.
    pod: serde_json::Value,
    /// The pod's annotations.
    #[serde(default)]
    annotations: serde_json::Value,
    /// By level and version: the reason with its detail, or `allowed`.
    verdicts: serde_norway::Mapping,
    /// The findings at each level and version that forbids the pod: `path = value`.
    findings: Option<Vec<String>>,
    /// By level and version: the reasons without details.
    #[serde(default)]
    reasons: serde_norway::Mapping,
}

impl Case {
    fn json(&self) -> String {
        json!({"metadata": {"annotations": self.annotations}, "spec": self.pod}).to_string()
    }

    fn verdicts(&self) -> impl Iterator<Item = (&str, &str)> {
        texts(&self.verdicts)
    }

    fn verdict(&self, policy: &str) -> Option<&str> {
        self.verdicts().find(|(other, _)| *other == policy).map(|(_, expected)| expected)
    }
}

fn texts(mapping: &serde_norway::Mapping) -> impl Iterator<Item = (&str, &str)> {
    mapping.iter().map(|(key, value)| (key.as_str().unwrap(), value.as_str().unwrap()))
}

fn policy(text: &str) -> LevelVersion {
    let (level, version) = text.split_once(':').unwrap();
    LevelVersion { level: Level::parse(level).expect(text), version: Version::parse(version).expect(text) }
}

/// The object of a JSON document without errors.
pub(crate) fn object(json: &str) -> Object<'_> {
    let object = read(json).unwrap();
    assert_eq!(object.errors, [], "{json}");
    object
}

fn message(violations: &[Violation<'_>]) -> String {
    if violations.is_empty() { "allowed".to_owned() } else { forbidden_details(violations) }
}

fn finding_text(finding: &Finding<'_>) -> String {
    let value = match finding.value {
        Value::Missing => "missing".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Text(value) => format!("{value:?}"),
    };
    format!("{} = {value}", finding.path())
}

/// The path of a finding without indices, and of an annotation without the name of the container.
fn field_path(finding: &Finding<'_>) -> String {
    let path = finding.path().to_string();
    if let Some((prefix, _)) = path.split_once('/') {
        return format!("{prefix}/*]");
    }
    let mut parts = path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |path, part| path + "[*]" + part)
}

/// Evaluates the cases of a check.
fn evaluate_table(id: &str, yaml: &str) {
    let check = CHECKS.into_iter().find(|check| check.id == id).unwrap();
    let table: Table = serde_norway::from_str(yaml).unwrap();
    let mut fields = BTreeSet::new();
    for case in &table.cases {
        let json = case.json();
        let object = object(&json);
        assert!(case.reasons.is_empty());
        for (policy_text, expected) in case.verdicts() {
            let context = format!("{id}, {}, {policy_text}: {json}", case.name);
            let all = evaluate(Pod::of(&object), policy(policy_text));
            let of_check: Vec<_> = all.iter().filter(|violation| violation.check.id == id).cloned().collect();
            assert_eq!(message(&of_check), expected, "{context}");
            if policy(policy_text).level == Level::Baseline {
                assert_eq!(message(&all), message(&of_check), "another check is violated too: {context}");
            }
            for violation in of_check {
                assert_eq!(forbidden_reasons(std::slice::from_ref(&violation)), expected.split(" (").next().unwrap(), "{context}");
                fields.extend(violation.findings.iter().map(field_path));
                if let Some(expected) = &case.findings {
                    assert_eq!(violation.findings.iter().map(finding_text).collect::<Vec<_>>(), *expected, "{context}");
                }
            }
        }
    }
    assert_eq!(fields, expanded(&table.fields), "{id}: the fields that the cases reach");
    assert_eq!(
        fields.iter().map(|field| catalogue::normalized_path(field)).collect::<BTreeSet<_>>(),
        catalogue::fields(check),
        "{id}: the documented fields"
    );
    for revision in check.revisions {
        assert!(has_a_changing_verdict(check, revision.since, &table.cases), "{id}: no case changes its verdict at 1.{}", revision.since);
    }
    let has_case = |policy_text: &str| table.cases.iter().any(|case| case.verdict(policy_text).is_some());
    assert!(has_case(&format!("{}:latest", check.level)) && has_case("privileged:latest"), "{id}");
    assert!(check.level == Level::Baseline || has_case("baseline:latest") || id == "procMount_restricted", "{id}");
}

/// Whether the verdict of a case at a version differs from that at the version before.
fn has_a_changing_verdict(check: &Check, since: u64, cases: &[Case]) -> bool {
    let verdict = |case: &Case, minor: u64| case.verdict(&format!("{}:v1.{minor}", check.level)).map(str::to_owned);
    cases.iter().any(|case| match (since.checked_sub(1), verdict(case, since)) {
        (Some(before), Some(after)) => verdict(case, before).is_some_and(|before| before != after),
        (None, Some(after)) => after != "allowed",
        (_, None) => false,
    })
}

fn expanded(fields: &BTreeSet<String>) -> BTreeSet<String> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let (of_containers, others): (Vec<_>, Vec<_>) = fields.iter().partition(|field| field.starts_with("spec.containers[*]"));
    let of_containers = of_containers.into_iter().flat_map(|field| lists.map(|list| field.replacen("containers", list, 1)));
    of_containers.chain(others.into_iter().cloned()).collect()
}

macro_rules! tables {
    ($($file:ident: $id:literal,)*) => {
        $(
            #[test]
            fn $file() {
                evaluate_table($id, include_str!(concat!("cases/", stringify!($file), ".yaml")));
            }
        )*

        #[test]
        fn every_check_has_a_table() {
            assert_eq!(CHECKS.map(|check| check.id), [$($id),*]);
        }
    };
}

tables! {
    app_armor_profile: "appArmorProfile",
    capabilities_baseline: "capabilities_baseline",
    host_namespaces: "hostNamespaces",
    host_path_volumes: "hostPathVolumes",
    host_ports: "hostPorts",
    host_probes_and_host_lifecycle: "hostProbesAndHostLifecycle",
    privileged: "privileged",
    proc_mount: "procMount",
    se_linux_options: "seLinuxOptions",
    seccomp_profile_baseline: "seccompProfile_baseline",
    sysctls: "sysctls",
    windows_host_process: "windowsHostProcess",
    allow_privilege_escalation: "allowPrivilegeEscalation",
    capabilities_restricted: "capabilities_restricted",
    proc_mount_restricted: "procMount_restricted",
    restricted_volumes: "restrictedVolumes",
    run_as_non_root: "runAsNonRoot",
    run_as_user: "runAsUser",
    seccomp_profile_restricted: "seccompProfile_restricted",
}

/// A message lists the violations of baseline before those of restricted, each sorted by the id of the check.
#[test]
fn joins_several_violations_in_one_message() {
    let table: Table = serde_norway::from_str(include_str!("cases/several_checks.yaml")).unwrap();
    for case in &table.cases {
        let json = case.json();
        let object = object(&json);
        let violations_at = |policy_text: &str| evaluate(Pod::of(&object), policy(policy_text));
        for (policy_text, expected) in case.verdicts() {
            assert_eq!(message(&violations_at(policy_text)), expected, "{}, {policy_text}", case.name);
        }
        for (policy_text, expected) in texts(&case.reasons) {
            assert_eq!(forbidden_reasons(&violations_at(policy_text)), expected, "{}, {policy_text}", case.name);
        }
        assert!(table.fields.is_empty() && case.findings.is_none());
    }
}

/// The tables have some versions only; a pod without violations is allowed at every version.
#[test]
fn allows_a_hardened_pod_at_restricted_and_a_minimal_one_at_baseline() {
    let container = json!({"name": "a", "securityContext": {
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
    }});
    let hardened = json!({"spec": {
        "initContainers": [container], "containers": [container], "ephemeralContainers": [container], "volumes": [{"name": "v", "emptyDir": {}}],
    }});
    let minimal = json!({"spec": {"containers": [{"name": "a"}]}});
    for (pod, level) in [(hardened, Level::Restricted), (minimal, Level::Baseline)] {
        let json = pod.to_string();
        let object = object(&json);
        let versions = (0..=NEWEST_MINOR + 2).map(Version::Minor).chain([Version::Latest, Version::Minor(u64::MAX)]);
        for version in versions {
            let violations = evaluate(Pod::of(&object), LevelVersion { level, version });
            assert_eq!(message(&violations), "allowed", "{level}:{version}");
        }
    }
}

#[test]
fn an_allowed_pod_has_an_empty_message() {
    assert_eq!(forbidden_details(&[]), "");
    assert_eq!(forbidden_reasons(&[]), "");
    assert!(evaluate(Pod::empty(), policy("restricted:latest")).is_empty());
}

#[test]
fn every_check_that_overrides_others_is_in_its_list() {
    let overrides = |check: &&Check| check.revisions.iter().any(|revision| !revision.overrides.is_empty());
    let ids: Vec<_> = CHECKS.into_iter().filter(overrides).map(|check| check.id).collect();
    assert_eq!(OVERRIDING.map(|check| check.id).to_vec(), ids);
}
