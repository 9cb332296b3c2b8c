//! What is left of the findings on a pod once exemptions for single checks are made and missing fields
//! are filled in. All modes, and the pods of a namespace that is relabelled, see the same.

use std::collections::BinaryHeap;

use super::policy::Demand;
use crate::pod::{ContainerType, Pod};
use crate::settings::{AnyCheck, Rule, Set, Settings, index_of};
use crate::standards::{Check, Finding, LevelVersion, Place, Value, Violation, evaluate, filling, forbidden_details, overridden, sorted};

/// A pod that is judged, with what is known of it so far.
pub(crate) struct Judge<'p, 's> {
    pod: Pod<'p>,
    namespace: &'p str,
    settings: &'p Settings<'s>,
    /// What violates the policy that was asked for last, and those before; each is evaluated once. The
    /// first one is privileged, which nothing violates.
    known: Known<'p>,
    others: Vec<Known<'p>>,
    /// What rules let through.
    pub(super) covered: Vec<Covered<'p, 's>>,
    /// The fields that are filled in, container by container.
    pub(super) filled: Vec<Filled>,
}

/// What violates a policy.
#[derive(Default)]
struct Known<'p> {
    policy: LevelVersion,
    violations: Vec<Violation<'p>>,
    /// Kubernetes' words for it, once they were asked for.
    details: Option<String>,
}

/// A finding that a rule covers.
pub(super) struct Covered<'p, 's> {
    pub(super) rule: &'p Rule<'s>,
    pub(super) check: &'static Check,
    pub(super) finding: Finding<'p>,
}

/// A field of a container that is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filled {
    /// The list of the container.
    pub kind: ContainerType,
    /// Its place there.
    pub index: usize,
    /// The path of the field in the container.
    pub field: &'static str,
    /// Its value, as JSON.
    pub value: &'static str,
}

impl<'p, 's> Judge<'p, 's> {
    /// For a pod, or template, in a namespace.
    pub(crate) fn new(pod: Pod<'p>, namespace: &'p str, settings: &'p Settings<'s>) -> Self {
        Judge { pod, namespace, settings, known: Known::default(), others: Vec::new(), covered: Vec::new(), filled: Vec::new() }
    }

    pub(super) fn pod(&self) -> Pod<'p> {
        self.pod
    }

    /// What violates a policy.
    pub(crate) fn violations(&mut self, policy: LevelVersion) -> &[Violation<'p>] {
        &self.known(policy).violations
    }

    /// What rules let through: the check, the finding, and why. What several policies find is there for each.
    #[cfg(not(target_os = "wasi"))]
    pub(crate) fn covered(&self) -> impl Iterator<Item = (&'static Check, &Finding<'p>, &str)> {
        self.covered.iter().map(|covered| (covered.check, &covered.finding, covered.rule.reason.as_ref()))
    }

    /// Kubernetes' words for what violates a policy, if anything does.
    pub(super) fn details(&mut self, policy: LevelVersion) -> Option<String> {
        let Known { violations, details, .. } = self.known(policy);
        if violations.is_empty() {
            return None;
        }
        Some(details.get_or_insert_with(|| forbidden_details(violations)).clone())
    }

    /// The first policy of a demand that is violated, or else the last one: that which decides.
    pub(crate) fn decisive(&mut self, demand: Demand) -> LevelVersion {
        let violated = demand.policies().find(|policy| !self.violations(*policy).is_empty());
        violated.or(demand.labels).unwrap_or(demand.policy)
    }

    /// Fills in the fields that the settings name, that a demand asks for and that are not set, in the
    /// containers that may be changed.
    pub(crate) fn fill(&mut self, demand: Demand, may_change: &mut dyn FnMut(&Finding<'_>) -> bool) {
        let settings = self.settings;
        let pod = self.pod;
        for policy in demand.policies() {
            let mut filled = BinaryHeap::from(std::mem::take(&mut self.filled));
            for Violation { check, findings, .. } in self.violations(policy) {
                if !settings.harden.keywords().any(|id| id == check.id) {
                    continue;
                }
                for finding in findings {
                    if let Place::Container { kind, index, .. } = finding.place
                        && let Some(value) = filling(check, finding, pod)
                        && may_change(finding)
                    {
                        filled.push(Filled { kind, index, field: finding.field, value });
                    }
                }
            }
            self.filled = filled.into_sorted_vec();
            for known in self.others.iter_mut().chain([&mut self.known]) {
                known.details = None;
                keep(&mut known.violations, &|finding| !is_filled(&self.filled, finding));
            }
        }
    }

    /// Whether everything that violates a demand was found in another pod too: the same check, on the
    /// same field of what has the same name, with the same value.
    pub(super) fn brings_nothing_new(&mut self, before: Pod<'p>, demand: Demand) -> bool {
        let mut before = Judge::new(before, self.namespace, self.settings);
        let has_been_there = |policy: LevelVersion| {
            let known = traits(before.pod, policy, before.violations(policy));
            traits(self.pod, policy, self.violations(policy)).iter().all(|found| known.binary_search(found).is_ok())
        };
        demand.policies().all(has_been_there)
    }

    fn known(&mut self, policy: LevelVersion) -> &mut Known<'p> {
        if self.known.policy != policy {
            let before = self.others.iter().position(|known| known.policy == policy).map(|place| self.others.swap_remove(place));
            let known = before.unwrap_or_else(|| Known { policy, violations: self.judged(policy), details: None });
            let last = std::mem::replace(&mut self.known, known);
            self.others.push(last);
        }
        &mut self.known
    }

    /// What violates a policy, without what rules cover and what has been filled in.
    fn judged(&mut self, policy: LevelVersion) -> Vec<Violation<'p>> {
        let mut violations = evaluate(self.pod, policy);
        if !self.filled.is_empty() {
            keep(&mut violations, &|finding| !is_filled(&self.filled, finding));
        }
        if !violations.is_empty() {
            self.cover(&mut violations, policy);
        }
        violations
    }

    /// Takes out of the violations what rules cover.
    fn cover(&mut self, violations: &mut Vec<Violation<'p>>, policy: LevelVersion) {
        let (pod, namespace, settings) = (self.pod, self.namespace, self.settings);
        if settings.exemptions.checks.is_empty() {
            return;
        }
        let mut checks = Set::default();
        for violation in violations.iter() {
            let ids = violation.revision.overrides.iter().chain([&violation.check.id]);
            ids.filter_map(|id| index_of::<AnyCheck>(id)).for_each(|place| checks.insert(place));
        }
        let rules: Vec<&'p Rule<'s>> = settings.exemptions.checks.applicable(&checks, pod, namespace);
        if rules.is_empty() {
            return;
        }
        for violation in violations.iter_mut() {
            let check = violation.check;
            let Some(place) = index_of::<AnyCheck>(check.id) else { continue };
            // What the overridden checks would find too, their rules cover too.
            let mut overridden: Vec<_> = overridden(pod, violation.revision, policy.version)
                .into_iter()
                .filter_map(|(check, findings)| Some((index_of::<AnyCheck>(check.id)?, findings.into_iter().peekable())))
                .collect();
            let names = |rule: &Rule<'_>| rule.checks.contains(place) || overridden.iter().any(|(place, _)| rule.checks.contains(*place));
            let rules: Vec<&'p Rule<'s>> = rules.iter().copied().filter(|rule| names(rule)).collect();
            if rules.is_empty() {
                continue;
            }
            let covered = &mut self.covered;
            violation.findings.retain(|finding| {
                // No check overrides more than one.
                let same = overridden.iter_mut().find_map(|(place, findings)| {
                    while findings.next_if(|other| other.rank() < finding.rank()).is_some() {}
                    let same = findings.next_if(|other| other.rank() == finding.rank() && other.field == finding.field);
                    same.filter(|same| is_all_there_is(same, pod)).map(|same| (*place, same))
                });
                let rule = rules
                    .iter()
                    .find(|rule| rule.covers(place, finding, pod) || same.is_some_and(|(place, same)| rule.covers(place, &same, pod)));
                covered.extend(rule.map(|rule| Covered { rule, check, finding: *finding }));
                rule.is_none()
            });
        }
        violations.retain(|violation| !violation.findings.is_empty());
    }
}

/// What tells a finding from others, wherever in its pod it stands.
type Trait<'p> = (&'static str, Option<ContainerType>, &'p str, &'static str, Value<'p>);

/// What tells the findings of violations from others, each once and in their order. What an overridden check would find is among
/// them, for it may tell more: the path on the node, where the type of the volume is all that is wrong.
fn traits<'p>(pod: Pod<'p>, policy: LevelVersion, violations: &[Violation<'p>]) -> Vec<Trait<'p>> {
    let mut traits = Vec::new();
    for violation in violations {
        let overridden = overridden(pod, violation.revision, policy.version);
        // But not where a rule covers it.
        let left = sorted(violation.findings.iter().map(|finding| (finding.rank(), finding.field)).collect());
        let findings = overridden.iter().flat_map(|(check, findings)| findings.iter().map(|finding| (check.id, finding)));
        let findings = findings.filter(|(_, finding)| left.binary_search(&(finding.rank(), finding.field)).is_ok());
        for (id, finding) in violation.findings.iter().map(|finding| (violation.check.id, finding)).chain(findings) {
            let (kind, name) = match finding.place {
                Place::Pod => (None, ""),
                Place::Container { kind, name, .. } => (Some(kind), name),
                Place::Volume { name, .. } => (None, name),
                Place::Annotation { key } => (None, key),
            };
            traits.push((id, kind, name, finding.field, finding.value));
        }
    }
    sorted(traits)
}

/// Whether what an overridden check finds is all that is wrong there: a volume with another source beside
/// its hostPath, which no API server takes, would come through with it.
fn is_all_there_is(finding: &Finding<'_>, pod: Pod<'_>) -> bool {
    let Place::Volume { index, .. } = finding.place else { return true };
    pod.spec.volumes.get(index).is_some_and(|volume| volume.sources().nth(1).is_none())
}

/// Keeps the findings that are wanted, and the violations that have some left.
fn keep<'p>(violations: &mut Vec<Violation<'p>>, wanted: &dyn Fn(&Finding<'p>) -> bool) {
    for Violation { findings, .. } in violations.iter_mut() {
        findings.retain(|finding| wanted(finding));
    }
    violations.retain(|violation| !violation.findings.is_empty());
}

fn is_filled(filled: &[Filled], finding: &Finding<'_>) -> bool {
    let Place::Container { kind, index, .. } = finding.place else { return false };
    let field = |filled: &Filled| (filled.kind, filled.index, filled.field);
    finding.is_missing() && filled.binary_search_by_key(&(kind, index, finding.field), field).is_ok()
}
