//! The level of each namespace: the strictest that its pods and templates satisfy, and the narrowest exemptions with which they
//! satisfy a stricter one.

use std::collections::{BTreeMap, BTreeSet};

use pss_core::standards::{Level, Version};
use serde::Serialize;
use serde_json::{Value, json};

use super::exemption::{Exemption, is_selectable};
use super::level::level_name;
use super::workload::{Finding, Workload};

/// A namespace.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// The number of pods.
    pub pods: usize,
    /// The number of workloads with a pod template.
    pub templates: usize,
    /// The strictest level that all of them satisfy.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// The labels for it.
    pub labels: BTreeMap<&'static str, String>,
    /// The level of the settings: at least as strict.
    #[serde(serialize_with = "level_name")]
    pub settings_level: Level,
    /// The settings with the level and the exemptions that let all of them in.
    pub settings: Value,
    /// The exemptions of the settings.
    #[serde(skip)]
    pub exemptions: Vec<Exemption>,
    /// The pods and templates that violate the level after `level`, with the checks.
    pub obstacles: Vec<Obstacle>,
    /// The level that it enforces by label now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_level: Option<String>,
    /// The number of pods and templates that no PodSecurityPolicy admits.
    pub rejected: usize,
    /// The number of pods and templates for each chosen PodSecurityPolicy.
    pub policies: BTreeMap<String, usize>,
}

/// A pod or template, and the checks of a level that it violates.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Obstacle {
    /// Its kind and name.
    pub object: String,
    /// The violated checks.
    pub checks: BTreeSet<&'static str>,
}

/// Returns the level, the labels and the settings of a namespace. `target` is the level that its settings have at least.
pub(super) fn namespace(name: &str, workloads: &[&Workload], target: Level, version: Version) -> Namespace {
    let level = workloads.iter().map(|workload| workload.level()).min().unwrap_or(Level::Restricted);
    let settings_level = level.max(target);
    let exemptions = exemptions(name, workloads, settings_level);
    let next = Level::ALL.into_iter().find(|other| *other > level);
    let obstacles = workloads.iter().filter_map(|workload| {
        let checks: BTreeSet<&'static str> = workload.findings_of(next?).iter().map(|finding| finding.check).collect();
        (!checks.is_empty()).then(|| Obstacle { object: workload.title(), checks })
    });
    let pods = workloads.iter().filter(|workload| workload.kind == "Pod").count();
    Namespace {
        name: name.to_owned(),
        pods,
        templates: workloads.len() - pods,
        level,
        labels: labels(level, version),
        settings_level,
        settings: settings(settings_level, version, &exemptions),
        exemptions,
        obstacles: obstacles.collect(),
        existing_level: None,
        rejected: 0,
        policies: BTreeMap::new(),
    }
}

/// Returns the labels of a namespace: it enforces a level, and warns of and audits what the next one would reject.
fn labels(level: Level, version: Version) -> BTreeMap<&'static str, String> {
    let next = Level::ALL.into_iter().find(|other| *other > level).unwrap_or(level);
    let modes = [
        ("pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/enforce-version", level),
        ("pod-security.kubernetes.io/audit", "pod-security.kubernetes.io/audit-version", next),
        ("pod-security.kubernetes.io/warn", "pod-security.kubernetes.io/warn-version", next),
    ];
    modes.into_iter().flat_map(|(key, version_key, level)| [(key, level.name().to_owned()), (version_key, version.to_string())]).collect()
}

/// Returns settings with a level and exemptions.
pub(super) fn settings(level: Level, version: Version, exemptions: &[Exemption]) -> Value {
    let (level, version) = (level.name(), version.to_string());
    match exemptions {
        [] => json!({"level": level, "version": version}),
        exemptions => json!({"level": level, "version": version, "exemptions": {"checks": exemptions}}),
    }
}

/// Workloads that one rule can select: those with the same labels and service account, with the same findings.
struct Group<'w> {
    title: String,
    labels: &'w [(String, String)],
    service_account: &'w str,
    findings: &'w [Finding],
}

/// Returns the narrowest exemptions with which all workloads of a namespace satisfy a level. None can be left out.
fn exemptions(namespace: &str, workloads: &[&Workload], level: Level) -> Vec<Exemption> {
    let mut groups = BTreeMap::<(&[(String, String)], &str, &[Finding]), Group<'_>>::new();
    for workload in workloads {
        let findings = workload.findings_of(level);
        if !findings.is_empty() {
            let key = (workload.labels.as_slice(), workload.service_account.as_str(), findings);
            let group = groups.entry(key).or_insert_with(|| Group {
                title: workload.lasting_title(),
                labels: &workload.labels,
                service_account: &workload.service_account,
                findings,
            });
            // The template is the origin of the pods.
            if workload.kind != "Pod" {
                group.title = workload.title();
            }
        }
    }
    let groups: Vec<Group<'_>> = groups.into_values().collect();
    let rules: BTreeMap<Exemption, String> = groups.iter().rev().flat_map(|group| rules(namespace, group)).collect();
    necessary(rules.into_iter().map(|(rule, reason)| Exemption { reason, ..rule }).collect(), &groups)
}

/// Returns the rules for the findings of a group, each with its reason apart, so that rules that differ in nothing else are equal.
fn rules(namespace: &str, group: &Group<'_>) -> Vec<(Exemption, String)> {
    // The values of the findings of each check in each container, and whether they are read-only; `None` if the rule cannot select
    // them.
    let mut values = BTreeMap::<(&'static str, Option<&str>, bool), Option<BTreeSet<&str>>>::new();
    for finding in group.findings {
        let value = finding.value.as_deref().filter(|value| is_selectable(finding.check, value));
        let values =
            values.entry((finding.check, finding.container.as_deref(), finding.read_only)).or_insert_with(|| Some(BTreeSet::new()));
        match (values.as_mut(), value) {
            (Some(set), Some(value)) => {
                set.insert(value);
            }
            _ => *values = None,
        }
    }
    // Containers with the same values share a rule.
    let mut containers = BTreeMap::<(&'static str, bool, bool, Option<BTreeSet<&str>>), BTreeSet<String>>::new();
    for ((check, container, read_only), values) in values {
        containers.entry((check, container.is_some(), read_only, values)).or_default().extend(container.map(str::to_owned));
    }
    let owned = |values: BTreeSet<&str>| values.into_iter().map(str::to_owned).collect();
    containers
        .into_iter()
        .map(|((check, _, read_only, values), containers)| {
            let values: BTreeSet<String> = values.map(owned).unwrap_or_default();
            let rule = Exemption {
                check,
                namespace: namespace.to_owned(),
                labels: group.labels.to_vec(),
                service_account: format!("{namespace}/{}", group.service_account),
                containers,
                values,
                read_only,
                ..Exemption::default()
            };
            let reason = format!("{} needed it when PodSecurityPolicies were replaced", group.title);
            (rule.valid(), reason)
        })
        .collect()
}

/// Removes rules without which all findings are still exempt: a rule for fewer labels can include that for more.
fn necessary(mut rules: Vec<Exemption>, groups: &[Group<'_>]) -> Vec<Exemption> {
    // Only rules that overlap with another one can be superfluous, and most do not.
    let mut index = 0;
    while let Some(rule) = rules.get(index) {
        let covered = || {
            groups
                .iter()
                .flat_map(|group| group.findings.iter().filter(|finding| covers(rule, group, finding)).map(move |finding| (group, finding)))
        };
        let is_covered_by_another = |(group, finding): (&Group<'_>, &Finding)| {
            rules.iter().enumerate().any(|(other, rule)| other != index && covers(rule, group, finding))
        };
        let overlaps =
            rules.iter().enumerate().any(|(other, another)| other != index && another.check == rule.check && may_overlap(rule, another));
        if overlaps && covered().all(is_covered_by_another) {
            rules.remove(index);
        } else {
            index += 1;
        }
    }
    rules
}

/// Returns whether two rules may select the same pods: no label or service account tells them apart.
fn may_overlap(one: &Exemption, other: &Exemption) -> bool {
    let differ = |(key, value): &(String, String)| other.labels.iter().any(|(own, text)| own == key && text != value);
    let accounts = [&one.service_account, &other.service_account];
    !one.labels.iter().any(differ) && (one.service_account == other.service_account || accounts.iter().any(|account| account.is_empty()))
}

/// Returns whether a rule exempts a finding in a pod of a group, as [`pss_core::settings::Rule`] does.
fn covers(rule: &Exemption, group: &Group<'_>, finding: &Finding) -> bool {
    let account = rule.service_account.rsplit_once('/').map(|(_, name)| name);
    let containers: Vec<&String> = finding.container.iter().chain(&finding.heirs).collect();
    rule.check == finding.check
        && rule.labels.iter().all(|label| group.labels.contains(label))
        && account.is_none_or(|account| account == group.service_account)
        && (rule.containers.is_empty() || !containers.is_empty() && containers.iter().all(|container| rule.containers.contains(*container)))
        && (rule.values.is_empty() || [&finding.value, &finding.inherited].into_iter().flatten().any(|value| rule.values.contains(value)))
        && (!rule.read_only || finding.read_only)
}
