//! The standards' own tests: they need nothing but this repository.
//!
//! - `cases/CHECK.yaml`: for each check pods, and what it says of them at which level and version.
//! - `cases/together.yaml`: pods that several checks object to, and the whole message.
//! - [`catalogue`]: what is said of the checks is what they do.
//! - [`properties`]: what holds for every pod.

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
    /// Every path at which the cases make the check find something. `containers[*]` stands for the
    /// three lists of containers.
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
    /// What is found wherever something is: `path = value`.
    findings: Option<Vec<String>>,
    /// By level and version: the reasons alone.
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

/// The pod of a JSON document that has no fault.
pub(crate) fn object(json: &str) -> Object<'_> {
    let object = read(json).unwrap();
    assert_eq!(object.errors, [], "{json}");
    object
}

fn message(violations: &[Violation<'_>]) -> String {
    if violations.is_empty() { "allowed".to_owned() } else { forbidden_details(violations) }
}

fn told(finding: &Finding<'_>) -> String {
    let value = match finding.value {
        Value::Missing => "missing".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Text(value) => format!("{value:?}"),
    };
    format!("{} = {value}", finding.path())
}

/// The path of a finding without its indices, and of an annotation without the container's name.
fn field_path(finding: &Finding<'_>) -> String {
    let path = finding.path().to_string();
    if let Some((prefix, _)) = path.split_once('/') {
        return format!("{prefix}/*]");
    }
    let mut parts = path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest));
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |path, part| path + "[*]" + part)
}

/// Tries the cases of a check.
fn try_table(id: &str, yaml: &str) {
    let check = CHECKS.into_iter().find(|check| check.id == id).unwrap();
    let table: Table = serde_norway::from_str(yaml).unwrap();
    let mut fields = BTreeSet::new();
    for case in &table.cases {
        let json = case.json();
        let object = object(&json);
        assert!(case.reasons.is_empty());
        for (at, expected) in case.verdicts() {
            let context = format!("{id}, {}, {at}: {json}", case.name);
            let all = evaluate(Pod::of(&object), policy(at));
            let of_check: Vec<_> = all.iter().filter(|violation| violation.check.id == id).cloned().collect();
            assert_eq!(message(&of_check), expected, "{context}");
            if policy(at).level == Level::Baseline {
                assert_eq!(message(&all), message(&of_check), "another check objects too: {context}");
            }
            for violation in of_check {
                assert_eq!(forbidden_reasons(std::slice::from_ref(&violation)), expected.split(" (").next().unwrap(), "{context}");
                fields.extend(violation.findings.iter().map(field_path));
                if let Some(expected) = &case.findings {
                    assert_eq!(violation.findings.iter().map(told).collect::<Vec<_>>(), *expected, "{context}");
                }
            }
        }
    }
    assert_eq!(fields, expanded(&table.fields), "{id}: the fields that the cases reach");
    assert_eq!(
        fields.iter().map(|field| catalogue::told_as(field)).collect::<BTreeSet<_>>(),
        catalogue::fields(check),
        "{id}: the fields that are told of"
    );
    for revision in check.revisions {
        assert!(is_told_apart(check, revision.since, &table.cases), "{id}: no case changes its verdict at 1.{}", revision.since);
    }
    let tries = |at: &str| table.cases.iter().any(|case| case.verdict(at).is_some());
    assert!(tries(&format!("{}:latest", check.level)) && tries("privileged:latest"), "{id}");
    assert!(check.level == Level::Baseline || tries("baseline:latest") || id == "procMount_restricted", "{id}");
}

/// Whether a pod has one verdict at a version and another at the version before it.
fn is_told_apart(check: &Check, since: u64, cases: &[Case]) -> bool {
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
                try_table($id, include_str!(concat!("cases/", stringify!($file), ".yaml")));
            }
        )*

        #[test]
        fn every_check_has_its_table() {
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

/// Several violations in one message: baseline before restricted, each by the check's id.
#[test]
fn together() {
    let table: Table = serde_norway::from_str(include_str!("cases/together.yaml")).unwrap();
    for case in &table.cases {
        let json = case.json();
        let object = object(&json);
        let judged = |at: &str| evaluate(Pod::of(&object), policy(at));
        for (at, expected) in case.verdicts() {
            assert_eq!(message(&judged(at)), expected, "{}, {at}", case.name);
        }
        for (at, expected) in texts(&case.reasons) {
            assert_eq!(forbidden_reasons(&judged(at)), expected, "{}, {at}", case.name);
        }
        assert!(table.fields.is_empty() && case.findings.is_none());
    }
}

/// The pod that is violated by nothing is allowed at each version, not only at those of the tables.
#[test]
fn a_hardened_pod_is_allowed_everywhere_and_a_bare_one_at_baseline() {
    let container = json!({"name": "a", "securityContext": {
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
    }});
    let hardened = json!({"spec": {
        "initContainers": [container], "containers": [container], "ephemeralContainers": [container], "volumes": [{"name": "v", "emptyDir": {}}],
    }});
    let bare = json!({"spec": {"containers": [{"name": "a"}]}});
    for (pod, level) in [(hardened, Level::Restricted), (bare, Level::Baseline)] {
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
fn what_is_allowed_is_told_by_nothing() {
    assert_eq!(forbidden_details(&[]), "");
    assert_eq!(forbidden_reasons(&[]), "");
    assert!(evaluate(Pod::empty(), policy("restricted:latest")).is_empty());
}
