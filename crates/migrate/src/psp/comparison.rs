//! The comparison of each field of a PodSecurityPolicy with a level of the standards.
//!
//! "Admits" is about pods as they run: what a policy sets in a pod, it requires. So `allowPrivilegeEscalation: false` is what
//! restricted requires, although pods need not set it themselves.

use std::collections::BTreeSet;

use pss_core::pod::{self, Pod};
use pss_core::standards::{Level, LevelVersion, Value, evaluate};
use pss_manifest::documents;
use serde::Serialize;

use super::admission::{Outcome, admit_field};
use super::exemption::{Exemption, is_selectable};
use super::field::Field;
use super::official::effective_host_paths;
use super::pod::PodFields;
use super::policy::{ANY, Groups, Policy, Range, SeLinux};
use super::probe::{MAX_ID, Probe, checks, probes};

/// How a field compares with a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Both admit the same.
    Equivalent,
    /// The policy admits less than the level.
    Stricter,
    /// The policy admits what the level rejects. It may also reject what the level admits.
    Looser,
    /// The policy restricts what the standards do not have.
    NoCounterpart,
}

impl Verdict {
    /// Returns its name in a sentence about the policy.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Equivalent => "equivalent",
            Verdict::Stricter => "stricter",
            Verdict::Looser => "looser",
            Verdict::NoCounterpart => "no counterpart",
        }
    }
}

/// A field of a policy, compared with a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The field.
    #[serde(skip)]
    pub field: Field,
    /// The path of the field.
    #[serde(rename = "field")]
    pub path: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// What the policy admits, and the level rejects.
    pub admits: Vec<String>,
    /// What the policy rejects, and the level admits.
    pub rejects: Vec<String>,
    /// What the level admits, and the policy changes.
    pub changes: Vec<String>,
    /// The reason for the verdict, as a sentence.
    pub reason: String,
    /// What is different from the mapping in the documentation of Kubernetes, if something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<&'static str>,
    /// The exemptions with which the level admits what the policy admits.
    pub exemptions: Vec<Exemption>,
}

impl Comparison {
    /// Returns whether the level admits pods that the policy rejects or changes.
    pub fn restricts_more(&self) -> bool {
        !self.rejects.is_empty() || !self.changes.is_empty()
    }
}

/// A policy compared with a level, field by field in the order of [`Field::ALL`]. What the policy has no field for is compared if
/// the level restricts it.
pub fn compare(policy: &Policy, level: LevelVersion) -> Vec<Comparison> {
    let fields = Field::ALL.into_iter().map(|field| compare_field(policy, field, level));
    fields.filter(|comparison| comparison.field != Field::HostHandlers || comparison.verdict != Verdict::Equivalent).collect()
}

fn compare_field(policy: &Policy, field: Field, level: LevelVersion) -> Comparison {
    let (mut admits, mut rejects, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let mut findings = Vec::new();
    for probe in probes(policy, field) {
        let of_level = violations(&probe, field, level);
        let Some(outcome) = outcome(policy, field, &probe) else { continue };
        match (outcome, of_level.is_empty()) {
            (Outcome::Unchanged, false) => {
                admits.push(probe.value);
                findings.extend(of_level);
            }
            (Outcome::Rejected, true) => rejects.push(probe.value),
            (Outcome::Changed, true) => changes.push(probe.value),
            _ => {}
        }
    }
    if field == Field::HostPorts {
        // In place of the ports at the ends of the ranges.
        admits = if admits.is_empty() { admits } else { host_ports(policy) };
        rejects = if rejects.is_empty() { rejects } else { vec!["other host ports".to_owned()] };
    }
    for values in [&mut admits, &mut rejects, &mut changes] {
        values.sort_by_key(|value| value.starts_with("other "));
    }
    let (rejected, changed) = restriction(policy, field, level);
    rejects.extend(rejected);
    changes.extend(changed.map(str::to_owned));
    let has_counterpart = !checks(field).is_empty();
    let restricts_more = !rejects.is_empty() || !changes.is_empty();
    let verdict = match (admits.is_empty(), restricts_more) {
        (false, _) => Verdict::Looser,
        (true, true) if has_counterpart => Verdict::Stricter,
        (true, true) => Verdict::NoCounterpart,
        (true, false) => Verdict::Equivalent,
    };
    let reason = match verdict {
        Verdict::NoCounterpart => format!("{}, of which the standards say nothing", effects(&rejects, &changes)),
        Verdict::Equivalent if !has_counterpart => "restricts nothing that this level admits".to_owned(),
        Verdict::Equivalent => format!("admits what {level} admits"),
        _ => reason(&admits, &rejects, &changes, level),
    };
    let exemptions = if admits.is_empty() { Vec::new() } else { exemptions(policy, field, &findings) };
    Comparison {
        field,
        path: field.path(),
        verdict,
        admits,
        rejects,
        changes,
        reason,
        difference: difference(policy, field, level),
        exemptions,
    }
}

/// Returns what the policy does with a pod by a field; `None` if another field is about it.
fn outcome(policy: &Policy, field: Field, probe: &Probe) -> Option<Outcome> {
    if matches!(field, Field::DefaultAddCapabilities | Field::DefaultAllowPrivilegeEscalation) {
        // The pod has the value that the policy sets.
        return Some(Outcome::Unchanged);
    }
    let documents = documents(&probe.pod);
    let tree = documents.first().and_then(|document| document.content.as_ref().ok())?;
    let pod = PodFields::of(tree.root());
    let [outcome, allowed, forbidden] =
        [field, Field::AllowedUnsafeSysctls, Field::ForbiddenSysctls].map(|field| admit_field(policy, field, &pod));
    let belongs_elsewhere = match field {
        // The field that decides about a sysctl: what is not allowed need not be forbidden.
        Field::AllowedUnsafeSysctls => forbidden == Outcome::Rejected && allowed != Outcome::Rejected,
        Field::ForbiddenSysctls => forbidden != Outcome::Rejected || allowed == Outcome::Rejected,
        _ => false,
    };
    (!belongs_elsewhere).then_some(outcome)
}

/// Returns the checks that a pod violates among those for a field, each with the value of the finding; `None` if a value is missing.
fn violations(probe: &Probe, field: Field, level: LevelVersion) -> Vec<(&'static str, Option<String>)> {
    let Ok(object) = pod::read(&probe.pod) else { return Vec::new() };
    let mut found = Vec::new();
    for violation in evaluate(Pod::of(&object), level) {
        // The pods drop ALL only where this is what a probe is about.
        let is_about = |value: Value<'_>| match field {
            Field::RequiredDropCapabilities => value == Value::Missing,
            Field::AllowedCapabilities | Field::DefaultAddCapabilities => value != Value::Missing,
            _ => true,
        };
        if checks(field).contains(&violation.check.id) {
            let findings = violation.findings.iter().filter(|finding| is_about(finding.value));
            found.extend(findings.map(|finding| (violation.check.id, text_of(finding.field, finding.value))));
        }
    }
    found
}

/// Returns the value of a finding as `values` of the settings have it.
pub(super) fn text_of(field: &str, value: Value<'_>) -> Option<String> {
    match value {
        Value::Missing => None,
        Value::Bool(_) => Some(field.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Text(text) => Some(text.to_owned()),
    }
}

/// Returns what a policy rejects and changes by a field that the standards do not restrict, if the level admits it.
fn restriction(policy: &Policy, field: Field, level: LevelVersion) -> (Option<String>, Option<&'static str>) {
    let admits_volume = |kind: &str| {
        let volume = probes(policy, Field::Volumes).into_iter().find(|probe| probe.value.split(' ').next() == Some(kind));
        policy.allows_volume(kind) && volume.is_some_and(|probe| violations(&probe, Field::Volumes, level).is_empty())
    };
    let drivers = |kind: &str, name: &str, drivers: &[String]| {
        let restricts = !drivers.is_empty() && admits_volume(kind);
        restricts.then(|| format!("{name} other than {}", drivers.join(", ")))
    };
    let groups = |groups: &Groups, unset: &'static str| {
        let ranges = groups.ranges();
        let is_restricted = *groups != Groups::RunAsAny && !includes_all_ids(ranges);
        let rejected = is_restricted.then(|| format!("{} outside of {}", field.path(), list_of(ranges)));
        (rejected, matches!(groups, Groups::MustRunAs(_)).then_some(unset))
    };
    match field {
        Field::AllowedHostPaths if !policy.allowed_host_paths.is_empty() && admits_volume("hostPath") => {
            let paths = policy
                .allowed_host_paths
                .iter()
                .map(|path| format!("{}{}", path.path_prefix, if path.read_only { " (read-only)" } else { "" }));
            (Some(format!("paths of the node outside of {}", paths.collect::<Vec<_>>().join(", "))), None)
        }
        Field::AllowedFlexVolumes => (drivers("flexVolume", "flexVolume drivers", &policy.allowed_flex_volumes), None),
        Field::AllowedCsiDrivers => (drivers("csi", "inline CSI drivers", &policy.allowed_csi_drivers), None),
        Field::RunAsGroup => groups(&policy.run_as_group, "containers without runAsGroup"),
        Field::SupplementalGroups => groups(&policy.supplemental_groups, "pods without supplementalGroups"),
        Field::FsGroup => groups(&policy.fs_group, "pods without fsGroup"),
        Field::ReadOnlyRootFilesystem if policy.read_only_root_filesystem => {
            (Some("readOnlyRootFilesystem false".to_owned()), Some("containers without readOnlyRootFilesystem"))
        }
        Field::RuntimeClass => {
            let Some(class) = &policy.runtime_class else { return (None, None) };
            let rejected = match class.allowed.as_slice() {
                [] => Some("every runtimeClassName".to_owned()),
                names if names.iter().any(|name| name == ANY) => None,
                names => Some(format!("runtime classes other than {}", names.join(", "))),
            };
            (rejected, class.default.as_ref().map(|_| "pods without runtimeClassName"))
        }
        _ => (None, None),
    }
}

/// Returns the ranges of host ports that a policy admits, in words.
fn host_ports(policy: &Policy) -> Vec<String> {
    let ranges = policy.host_ports.iter().map(|range| Range { min: range.min.max(1), max: range.max.min(65_535) });
    let text = |range: Range| format!("host {} {range}", if range.min == range.max { "port" } else { "ports" });
    ranges.filter(|range| range.min <= range.max).map(text).collect()
}

/// The number of ports up to which an exemption lists them.
const MAX_PORTS: usize = 20;

/// Returns the exemptions for findings in what a policy admits.
fn exemptions(policy: &Policy, field: Field, findings: &[(&'static str, Option<String>)]) -> Vec<Exemption> {
    let ids: BTreeSet<&'static str> = findings.iter().map(|(id, _)| *id).collect();
    let reason = format!("PodSecurityPolicy {} admits it: {}", policy.name, field.path());
    ids.into_iter()
        .map(|check| {
            let values = findings.iter().filter(|(id, _)| *id == check).map(|(_, value)| value.clone());
            let values: Option<BTreeSet<String>> = values.collect();
            let are_selectable = |values: &BTreeSet<String>| values.iter().all(|value| is_selectable(check, value));
            let values = values.filter(are_selectable).and_then(|values| bounded(policy, field, check, values));
            Exemption { check, values: values.unwrap_or_default(), reason: reason.clone(), ..Exemption::default() }
        })
        .flat_map(|exemption| if field == Field::Volumes { with_host_paths(policy, exemption) } else { vec![exemption] })
        .collect()
}

/// Returns an exemption for volumes, with rules for the allowed paths in place of hostPath volumes.
fn with_host_paths(policy: &Policy, mut exemption: Exemption) -> Vec<Exemption> {
    if policy.allowed_host_paths.is_empty() || exemption.check != "hostPathVolumes" && !exemption.values.remove("hostPath") {
        return vec![exemption];
    }
    let rule = |read_only: bool| {
        let paths = effective_host_paths(&policy.allowed_host_paths).into_iter().filter(|path| path.read_only == read_only);
        let paths: BTreeSet<String> = paths.map(|path| path.path_prefix).collect();
        let reason = format!("PodSecurityPolicy {} admits it: {}", policy.name, Field::AllowedHostPaths.path());
        let all = Exemption { check: "hostPathVolumes", read_only, reason, ..Exemption::default() };
        // The root has all paths in it, and so has what rules cannot express.
        let some = Exemption { path_prefixes: paths.clone(), ..all.clone() };
        (!paths.is_empty()).then(|| if some.is_valid() { some } else { all })
    };
    let others = (!exemption.values.is_empty()).then_some(exemption);
    others.into_iter().chain(rule(false)).chain(rule(true)).collect()
}

/// Returns the values that an exemption lists; `None` if the policy admits more than can be listed.
fn bounded(policy: &Policy, field: Field, check: &str, values: BTreeSet<String>) -> Option<BTreeSet<String>> {
    let is_bounded = match field {
        Field::HostPorts => {
            let ports = policy.host_ports.iter().flat_map(|range| range.min.max(1)..=range.max.min(65_535));
            let ports: BTreeSet<i64> = ports.take(MAX_PORTS + 1).collect();
            return (ports.len() <= MAX_PORTS).then(|| ports.iter().map(i64::to_string).collect());
        }
        Field::AllowedCapabilities => !policy.allows_all_capabilities(),
        Field::SeLinux => policy.se_linux != SeLinux::RunAsAny,
        Field::AllowedUnsafeSysctls => !policy.allowed_unsafe_sysctls.iter().any(|sysctl| sysctl.ends_with('*')),
        Field::Volumes => check != "hostPathVolumes",
        Field::AppArmor => policy.app_armor.allowed.is_some(),
        // The host of the probe stands for all.
        Field::HostHandlers => false,
        _ => true,
    };
    is_bounded.then_some(values)
}

/// Returns the reason for a verdict on a field that the standards restrict.
fn reason(admits: &[String], rejects: &[String], changes: &[String], level: LevelVersion) -> String {
    let admitted = (!admits.is_empty()).then(|| format!("admits {}, which {level} rejects", list(admits)));
    let restricts_more = !rejects.is_empty() || !changes.is_empty();
    let restricted = restricts_more.then(|| format!("{}, which {level} admits", effects(rejects, changes)));
    admitted.into_iter().chain(restricted).collect::<Vec<_>>().join("; ")
}

/// Returns what a policy rejects and changes, in words.
fn effects(rejects: &[String], changes: &[String]) -> String {
    let clauses = [("rejects", rejects), ("changes", changes)].into_iter().filter(|(_, values)| !values.is_empty());
    // A list ends with "and", too.
    clauses.map(|(verb, values)| format!("{verb} {}", list(values))).collect::<Vec<_>>().join(", and ")
}

/// The number of values that a reason lists.
const MAX_LISTED: usize = 4;

/// Returns a list of values in words, of which there may be many.
pub(super) fn list(values: &[String]) -> String {
    let further = values.len().saturating_sub(MAX_LISTED);
    let listed: Vec<&str> = values.iter().take(MAX_LISTED).map(String::as_str).collect();
    match (listed.as_slice(), further) {
        ([first @ .., last], 0) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (listed, 0) => listed.concat(),
        (listed, further) => format!("{} and {further} more", listed.join(", ")),
    }
}

/// Returns whether ranges include all ids of users and groups that an API server accepts.
fn includes_all_ids(ranges: &[Range]) -> bool {
    let mut ranges: Vec<&Range> = ranges.iter().collect();
    ranges.sort_by_key(|range| range.min);
    // The first id that is not included.
    let next = ranges
        .into_iter()
        .filter(|range| range.max >= range.min)
        .fold(0, |next, range| if range.min <= next { next.max(range.max.saturating_add(1)) } else { next });
    next > MAX_ID
}

fn list_of(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns what is different from the mapping of PodSecurityPolicies to the standards in the documentation of Kubernetes.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/psp-to-pod-security-standards/>.
fn difference(policy: &Policy, field: Field, LevelVersion { level, .. }: LevelVersion) -> Option<&'static str> {
    use super::policy::RunAsUser;
    if level == Level::Privileged {
        return None;
    }
    let is_restricted = level == Level::Restricted;
    match field {
        Field::RunAsUser if is_restricted && policy.run_as_user == RunAsUser::MustRunAsNonRoot => Some(
            "The mapping has MustRunAsNonRoot as equivalent. A pod with runAsUser and without runAsNonRoot passes the policy unchanged, \
             and restricted rejects it: add runAsNonRoot: true",
        ),
        Field::RunAsUser if is_restricted && matches!(policy.run_as_user, RunAsUser::MustRunAs(_)) => {
            Some("MustRunAs never sets runAsNonRoot, which restricted requires: add runAsNonRoot: true")
        }
        Field::AppArmor if policy.app_armor.allowed.is_none() => {
            Some("Without the annotation a PodSecurityPolicy allows all AppArmor profiles, unconfined too; the mapping does not say so")
        }
        Field::AppArmor if is_restricted => {
            Some("The mapping has other values for restricted. AppArmor is a check of baseline, and restricted allows the same, unset too")
        }
        Field::Seccomp if policy.seccomp.allowed.is_none() => Some(
            "Without the annotation a PodSecurityPolicy rejects every pod that sets a profile, RuntimeDefault too; the mapping does not \
             say so",
        ),
        Field::Seccomp if policy.seccomp.lists("") => {
            Some("The mapping proposes a comma at the end, to allow pods without a profile. API servers rejected such a PodSecurityPolicy")
        }
        Field::AllowedUnsafeSysctls if !policy.allowed_unsafe_sysctls.is_empty() => {
            Some("The mapping wants no allowedUnsafeSysctls. The standards allow some of them in newer versions")
        }
        _ => None,
    }
}
