//! The evaluation of a pod by the policies of the modes: the findings that remain once rules of the settings exempt
//! some and hardening fixes others. Requests for pods and workloads, and the pods of a relabelled namespace, are
//! evaluated in the same way.

use std::cell::OnceCell;
use std::{fmt, ptr};

use super::expiry::Notices;
use super::policies::ModePolicy;
use crate::pod::{ContainerType, Pod};
use crate::settings::{AnyCheck, Circumstances, Rule, RuledPod, Set, Settings, index_of};
use crate::standards::{
    Check, Finding, LevelVersion, OS, RUN_AS_USER, Subject, Value, Violation, evaluate, forbidden_details, hardening, lacks_user,
    overridden, remedy, sentences, sorted,
};

/// Evaluates a pod by policies, each once. Violations do not include the findings that rules exempt or hardening fixes.
pub(super) struct Evaluator<'p, 's, 'c> {
    pod: Pod<'p>,
    namespace: &'p str,
    settings: &'p Settings<'s>,
    circumstances: &'c Circumstances<'c>,
    pub(super) evaluations: Vec<Evaluation<'p>>,
    /// The findings that rules exempt, in the order of the evaluations.
    pub(super) exempt: Vec<ExemptFinding<'p, 's>>,
    /// The findings that rules with an end are about.
    pub(super) notices: Notices<'p>,
    /// The fields that are set, container by container.
    pub(super) hardened: Vec<Hardening>,
    /// Whether fields are not set because the pod selects nodes with Windows, and `os.name` would satisfy their checks.
    pub(super) needs_os: bool,
}

/// The violations of a policy.
#[derive(Debug)]
pub(super) struct Evaluation<'p> {
    pub(super) policy: LevelVersion,
    pub(super) violations: Vec<Violation<'p>>,
    /// The cached message about them, because several modes may have the same policy.
    details: OnceCell<String>,
    /// The sentences of the message, if they are needed one by one.
    sentences: OnceCell<Vec<String>>,
}

impl Evaluation<'_> {
    /// Returns the message about all violations.
    pub(super) fn details(&self) -> &str {
        // A request needs the message only, in one block of memory.
        self.details.get_or_init(|| match self.sentences.get() {
            Some(sentences) => sentences.join(", "),
            None => forbidden_details(&self.violations),
        })
    }

    /// Removes the findings that do not satisfy a predicate.
    pub(super) fn retain_findings(&mut self, predicate: &dyn Fn(&Finding<'_>) -> bool) {
        keep(&mut self.violations, &|finding| predicate(finding));
        (self.details, self.sentences) = Default::default();
    }

    /// Returns the sentence of each violation.
    pub(super) fn sentences(&self) -> &[String] {
        self.sentences.get_or_init(|| sentences(&self.violations))
    }
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
    /// The value.
    pub value: FieldValue,
}

/// The value of a field that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldValue {
    /// The value of a remedy, as JSON.
    Json(&'static str),
    /// A number of the settings.
    Number(i64),
}

/// Formats the value as JSON.
impl fmt::Display for FieldValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldValue::Json(value) => out.write_str(value),
            FieldValue::Number(value) => value.fmt(out),
        }
    }
}

impl<'p, 's, 'c> Evaluator<'p, 's, 'c> {
    /// Returns an evaluator of a pod or pod template in a namespace.
    pub(super) fn new(pod: Pod<'p>, namespace: &'p str, settings: &'p Settings<'s>, circumstances: &'c Circumstances<'c>) -> Self {
        let (evaluations, exempt, hardened, notices) = Default::default();
        Evaluator { pod, namespace, settings, circumstances, evaluations, exempt, notices, hardened, needs_os: false }
    }

    /// Returns the violations of a policy, in the order of the checks.
    pub(super) fn violations(&mut self, policy: LevelVersion) -> &[Violation<'p>] {
        let known = self.evaluations.iter().position(|evaluation| evaluation.policy == policy);
        let index = known.unwrap_or_else(|| {
            let violations = self.evaluate(policy);
            self.evaluations.push(Evaluation { policy, violations, details: OnceCell::new(), sentences: OnceCell::new() });
            self.evaluations.len() - 1
        });
        self.evaluations.get(index).map_or(&[], |evaluation| &evaluation.violations)
    }

    /// Returns the policy that decides for a mode: the first that is violated, or the last if none is.
    pub(super) fn decisive(&mut self, mode: ModePolicy) -> LevelVersion {
        let violated = mode.policies().find(|policy| !self.violations(*policy).is_empty());
        violated.or(mode.labels).unwrap_or(mode.policy)
    }

    /// Sets the missing fields that a mode requires for the checks of the setting `harden`, in containers that may be changed.
    pub(super) fn harden(&mut self, mode: ModePolicy, may_change: &dyn Fn(&Finding<'_>) -> bool) {
        let settings = self.settings;
        let pod = self.pod;
        for policy in mode.policies() {
            let mut hardened = std::mem::take(&mut self.hardened);
            let mut needs_os = self.needs_os;
            for violation in self.violations(policy) {
                let Violation { check, findings, .. } = violation;
                if !settings.harden.checks.keywords().any(|id| id == check.id) {
                    continue;
                }
                for finding in findings {
                    if let Subject::Container { kind, index, .. } = finding.subject
                        && let Some(value) = hardening(violation, finding, pod)
                        && may_change(finding)
                    {
                        let mut set = |field, value| hardened.push(Hardening { kind, index, field, value });
                        set(finding.field, FieldValue::Json(value));
                        if let Some(user) = settings.harden.run_as_user
                            && lacks_user(finding, pod)
                        {
                            set(RUN_AS_USER, FieldValue::Number(user));
                        }
                    }
                    needs_os |= remedy(violation, finding, pod).is_some_and(|remedy| ptr::eq(remedy, &OS)) && may_change(finding);
                }
            }
            hardened.sort_unstable();
            (self.hardened, self.needs_os) = (hardened, needs_os);
            for evaluation in &mut self.evaluations {
                keep(&mut evaluation.violations, &|finding| !is_hardened(&self.hardened, finding));
            }
        }
    }

    /// Returns whether the old pod has every finding that violates a mode: of the same check, in the same field of a subject with
    /// the same name, with the same value.
    pub(super) fn adds_nothing_to(&mut self, old: Pod<'p>, mode: ModePolicy) -> bool {
        let mut before = Evaluator::new(old, self.namespace, self.settings, self.circumstances);
        let has_all = |policy: LevelVersion| {
            let old = identities(before.pod, policy, before.violations(policy));
            identities(self.pod, policy, self.violations(policy)).iter().all(|identity| old.binary_search(identity).is_ok())
        };
        mode.policies().all(has_all)
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
            ids.filter_map(|id| index_of::<AnyCheck>(id)).for_each(|index| checks.insert(index));
        }
        let rules = settings.exemptions.checks.applicable(&checks, pod, namespace, self.circumstances);
        if rules.is_empty() {
            return;
        }
        let circumstances = self.circumstances;
        let ruled = RuledPod::new(pod);
        for violation in violations.iter_mut() {
            let check = violation.check;
            let Some(index) = index_of::<AnyCheck>(check.id) else { continue };
            // A rule for an overridden check exempts what that check would find.
            let mut overridden: Vec<_> = overridden(pod, violation.revision, policy.version)
                .into_iter()
                .filter_map(|(check, findings)| Some((index_of::<AnyCheck>(check.id)?, findings.into_iter().peekable())))
                .collect();
            let names = |rule: &Rule<'_>| rule.checks.contains(index) || overridden.iter().any(|(index, _)| rule.checks.contains(*index));
            let rules: Vec<&'p Rule<'s>> = rules.iter().copied().filter(|rule| names(rule)).collect();
            if rules.is_empty() {
                continue;
            }
            // A container without a value of its own has that of the pod, which is in the first finding.
            let of_pod = violation.findings.first().copied().filter(|first| first.subject == Subject::Pod);
            let overridden_of_pod =
                overridden.first_mut().and_then(|(index, findings)| (findings.peek()?.subject == Subject::Pod).then_some(*index));
            let (exempt, notices) = (&mut self.exempt, &mut self.notices);
            violation.findings.retain(|finding| {
                // No check overrides more than one.
                let same = overridden.iter_mut().find_map(|(index, findings)| {
                    while findings.next_if(|other| other.rank() < finding.rank()).is_some() {}
                    let same = findings.next_if(|other| other.rank() == finding.rank() && other.field == finding.field);
                    same.filter(|same| is_only_violation(same, pod)).map(|same| (*index, same))
                });
                let inherited = of_pod.filter(|of_pod| finding.is_missing() && of_pod.field == finding.field);
                let effective = Finding { value: inherited.map_or(finding.value, |of_pod| of_pod.value), ..*finding };
                let same = same.or(inherited.and(overridden_of_pod).map(|index| (index, effective)));
                let covers = |rule: &Rule<'_>| {
                    rule.covers(index, &effective, &ruled) || same.is_some_and(|(index, same)| rule.covers(index, &same, &ruled))
                };
                let rule = notices.covering(&rules, &covers, settings, circumstances, check.id, policy);
                exempt.extend(rule.map(|rule| ExemptFinding { rule, check, finding: *finding }));
                rule.is_none()
            });
        }
        violations.retain(|violation| !violation.findings.is_empty());
    }
}

/// The identity of a finding, independent of the index of its subject.
type Identity<'p> = (&'static str, Option<ContainerType>, &'p str, &'static str, Value<'p>);

/// The identities of the findings of violations, sorted and without duplicates. The findings of overridden checks are
/// among them, because they can be more specific: hostPathVolumes has the path on the node, restrictedVolumes the type only.
fn identities<'p>(pod: Pod<'p>, policy: LevelVersion, violations: &[Violation<'p>]) -> Vec<Identity<'p>> {
    let mut identities = Vec::new();
    for violation in violations {
        let overridden = overridden(pod, violation.revision, policy.version);
        // Exempt findings are omitted.
        let remaining = sorted(violation.findings.iter().map(|finding| (finding.rank(), finding.field)).collect());
        let findings = overridden.iter().flat_map(|(check, findings)| findings.iter().map(|finding| (check.id, finding)));
        let findings = findings.filter(|(_, finding)| remaining.binary_search(&(finding.rank(), finding.field)).is_ok());
        for (id, finding) in violation.findings.iter().map(|finding| (violation.check.id, finding)).chain(findings) {
            let (kind, name) = match finding.subject {
                Subject::Pod => (None, ""),
                Subject::Container { kind, name, .. } => (Some(kind), name),
                Subject::Volume { name, .. } => (None, name),
                Subject::Annotation { key } => (None, key),
            };
            identities.push((id, kind, name, finding.field, finding.value));
        }
    }
    sorted(identities)
}

/// Returns whether a finding of an overridden check is the only violation of the overriding one: a rule for hostPath must not exempt
/// a volume with a second source, which an API server rejects.
fn is_only_violation(finding: &Finding<'_>, pod: Pod<'_>) -> bool {
    let Subject::Volume { index, .. } = finding.subject else { return true };
    pod.spec.volumes.get(index).is_some_and(|volume| volume.sources().nth(1).is_none())
}

/// Keeps the findings that satisfy a predicate, and the violations with such findings.
fn keep<'p>(violations: &mut Vec<Violation<'p>>, predicate: &dyn Fn(&Finding<'p>) -> bool) {
    for Violation { findings, .. } in violations.iter_mut() {
        findings.retain(|finding| predicate(finding));
    }
    violations.retain(|violation| !violation.findings.is_empty());
}

fn is_hardened(hardened: &[Hardening], finding: &Finding<'_>) -> bool {
    let Subject::Container { kind, index, .. } = finding.subject else { return false };
    let field = |hardening: &Hardening| (hardening.kind, hardening.index, hardening.field);
    finding.is_missing() && hardened.binary_search_by_key(&(kind, index, finding.field), field).is_ok()
}
