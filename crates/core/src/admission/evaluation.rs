//! The evaluation of a pod by the policies of the modes: the findings that remain once rules of the settings exempt
//! some and hardening fixes others. Requests for pods and workloads, and the pods of a relabelled namespace, are
//! evaluated alike.

use std::cell::OnceCell;

use super::policies::ModePolicy;
use crate::pod::{ContainerType, Pod};
use crate::settings::{AnyCheck, Rule, Set, Settings, index_of};
use crate::standards::{Check, Finding, LevelVersion, Subject, Value, Violation, evaluate, hardening, overridden, sorted};

/// Evaluates a pod by policies: what violates each, without the findings that rules exempt and those that hardening
/// fixes. Each policy is evaluated once.
pub(super) struct Evaluator<'p, 's> {
    pod: Pod<'p>,
    namespace: &'p str,
    settings: &'p Settings<'s>,
    pub(super) evaluations: Vec<Evaluation<'p>>,
    /// The findings that rules exempt, in the order of the evaluations.
    pub(super) exempt: Vec<ExemptFinding<'p, 's>>,
    /// The fields that are set, container by container.
    pub(super) hardened: Vec<Hardening>,
}

/// The violations of a policy.
#[derive(Debug)]
pub(super) struct Evaluation<'p> {
    pub(super) policy: LevelVersion,
    pub(super) violations: Vec<Violation<'p>>,
    /// Kubernetes' sentence about them, once it was needed: several modes may have the same policy.
    pub(super) details: OnceCell<String>,
}

/// A finding that a rule of the settings exempts.
#[derive(Debug)]
pub struct ExemptFinding<'p, 's> {
    /// The rule.
    pub rule: &'p Rule<'s>,
    /// The check that found it.
    pub check: &'static Check,
    /// The finding.
    pub finding: Finding<'p>,
}

/// A field of a container that is set because it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hardening {
    /// The list of the container.
    pub kind: ContainerType,
    /// Its index there.
    pub index: usize,
    /// The path of the field in the container.
    pub field: &'static str,
    /// The value, as JSON.
    pub value: &'static str,
}

impl<'p, 's> Evaluator<'p, 's> {
    /// For a pod, or template, in a namespace.
    pub(super) fn new(pod: Pod<'p>, namespace: &'p str, settings: &'p Settings<'s>) -> Self {
        Evaluator { pod, namespace, settings, evaluations: Vec::new(), exempt: Vec::new(), hardened: Vec::new() }
    }

    /// The violations of a policy, in the order of the checks.
    pub(super) fn violations(&mut self, policy: LevelVersion) -> &[Violation<'p>] {
        let known = self.evaluations.iter().position(|evaluation| evaluation.policy == policy);
        let index = known.unwrap_or_else(|| {
            let violations = self.evaluate(policy);
            self.evaluations.push(Evaluation { policy, violations, details: OnceCell::new() });
            self.evaluations.len() - 1
        });
        self.evaluations.get(index).map_or(&[], |evaluation| &evaluation.violations)
    }

    /// The policy that decides for a mode: the first one that is violated, or else the last one.
    pub(super) fn decisive(&mut self, mode: ModePolicy) -> LevelVersion {
        let violated = mode.policies().find(|policy| !self.violations(*policy).is_empty());
        violated.or(mode.labels).unwrap_or(mode.policy)
    }

    /// Sets the fields that the settings name, that a mode requires and that are missing, in the containers that may
    /// be changed.
    pub(super) fn harden(&mut self, mode: ModePolicy, may_change: &dyn Fn(&Finding<'_>) -> bool) {
        let settings = self.settings;
        let pod = self.pod;
        for policy in mode.policies() {
            let mut hardened = std::mem::take(&mut self.hardened);
            for Violation { check, findings, .. } in self.violations(policy) {
                if !settings.harden.keywords().any(|id| id == check.id) {
                    continue;
                }
                for finding in findings {
                    if let Subject::Container { kind, index, .. } = finding.subject
                        && let Some(value) = hardening(check, finding, pod)
                        && may_change(finding)
                    {
                        hardened.push(Hardening { kind, index, field: finding.field, value });
                    }
                }
            }
            hardened.sort_unstable();
            self.hardened = hardened;
            for evaluation in &mut self.evaluations {
                keep(&mut evaluation.violations, &|finding| !is_hardened(&self.hardened, finding));
            }
        }
    }

    /// Whether the old pod has every finding that violates a mode too: of the same check, on the same field of the
    /// subject with the same name, with the same value.
    pub(super) fn adds_nothing_to(&mut self, old: Pod<'p>, mode: ModePolicy) -> bool {
        let mut before = Evaluator::new(old, self.namespace, self.settings);
        let has_been_there = |policy: LevelVersion| {
            let known = traits(before.pod, policy, before.violations(policy));
            traits(self.pod, policy, self.violations(policy)).iter().all(|found| known.binary_search(found).is_ok())
        };
        mode.policies().all(has_been_there)
    }

    /// The violations of a policy, without the findings that rules exempt and those that hardening fixes.
    fn evaluate(&mut self, policy: LevelVersion) -> Vec<Violation<'p>> {
        let mut violations = evaluate(self.pod, policy);
        if !self.hardened.is_empty() {
            keep(&mut violations, &|finding| !is_hardened(&self.hardened, finding));
        }
        if !violations.is_empty() {
            self.exempt_findings(&mut violations, policy);
        }
        violations
    }

    /// Moves the findings that rules exempt out of the violations.
    fn exempt_findings(&mut self, violations: &mut Vec<Violation<'p>>, policy: LevelVersion) {
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
            // A rule for an overridden check exempts what that check would find.
            let mut overridden: Vec<_> = overridden(pod, violation.revision, policy.version)
                .into_iter()
                .filter_map(|(check, findings)| Some((index_of::<AnyCheck>(check.id)?, findings.into_iter().peekable())))
                .collect();
            let names = |rule: &Rule<'_>| rule.checks.contains(place) || overridden.iter().any(|(place, _)| rule.checks.contains(*place));
            let rules: Vec<&'p Rule<'s>> = rules.iter().copied().filter(|rule| names(rule)).collect();
            if rules.is_empty() {
                continue;
            }
            let exempt = &mut self.exempt;
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
                exempt.extend(rule.map(|rule| ExemptFinding { rule, check, finding: *finding }));
                rule.is_none()
            });
        }
        violations.retain(|violation| !violation.findings.is_empty());
    }
}

/// What identifies a finding, wherever in its pod its subject stands.
type Trait<'p> = (&'static str, Option<ContainerType>, &'p str, &'static str, Value<'p>);

/// The identities of the findings of violations, sorted and without duplicates. The findings of overridden checks are
/// among them, because they can be more specific: hostPathVolumes has the path on the node, restrictedVolumes the type only.
fn traits<'p>(pod: Pod<'p>, policy: LevelVersion, violations: &[Violation<'p>]) -> Vec<Trait<'p>> {
    let mut traits = Vec::new();
    for violation in violations {
        let overridden = overridden(pod, violation.revision, policy.version);
        // Those that a rule exempts are left out.
        let left = sorted(violation.findings.iter().map(|finding| (finding.rank(), finding.field)).collect());
        let findings = overridden.iter().flat_map(|(check, findings)| findings.iter().map(|finding| (check.id, finding)));
        let findings = findings.filter(|(_, finding)| left.binary_search(&(finding.rank(), finding.field)).is_ok());
        for (id, finding) in violation.findings.iter().map(|finding| (violation.check.id, finding)).chain(findings) {
            let (kind, name) = match finding.subject {
                Subject::Pod => (None, ""),
                Subject::Container { kind, name, .. } => (Some(kind), name),
                Subject::Volume { name, .. } => (None, name),
                Subject::Annotation { key } => (None, key),
            };
            traits.push((id, kind, name, finding.field, finding.value));
        }
    }
    sorted(traits)
}

/// Whether a finding of an overridden check is all that violates the overriding one: a volume with a second source beside
/// its hostPath, which an API server rejects, must not be exempt by a rule for hostPath.
fn is_all_there_is(finding: &Finding<'_>, pod: Pod<'_>) -> bool {
    let Subject::Volume { index, .. } = finding.subject else { return true };
    pod.spec.volumes.get(index).is_some_and(|volume| volume.sources().nth(1).is_none())
}

/// Keeps the findings that satisfy a predicate, and the violations that have some left.
fn keep<'p>(violations: &mut Vec<Violation<'p>>, wanted: &dyn Fn(&Finding<'p>) -> bool) {
    for Violation { findings, .. } in violations.iter_mut() {
        findings.retain(|finding| wanted(finding));
    }
    violations.retain(|violation| !violation.findings.is_empty());
}

fn is_hardened(hardened: &[Hardening], finding: &Finding<'_>) -> bool {
    let Subject::Container { kind, index, .. } = finding.subject else { return false };
    let field = |hardening: &Hardening| (hardening.kind, hardening.index, hardening.field);
    finding.is_missing() && hardened.binary_search_by_key(&(kind, index, finding.field), field).is_ok()
}
