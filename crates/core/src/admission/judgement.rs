//! The judgement of a pod or pod template by the policies of the three modes. The decision on an admission request
//! ([`Judgement::decision`]) and the report of a review are rendered from it.

use super::evaluation::{Evaluation, Evaluator, ExemptFinding, Hardening};
use super::expiry::Notices;
use super::policies::{LabelError, Mode, ModePolicies};
use super::request::Workload;
use crate::pod::Pod;
use crate::quote::quoted;
use crate::settings::{Circumstances, Exemption, Rules, Settings};
use crate::standards::{FURTHER_CHECKS, Finding, FurtherCheck, LevelVersion, Violation};

/// The object of a pod or pod template.
#[derive(Debug, Clone, Copy)]
pub enum Holder<'p> {
    /// A Pod, with its name, which may be empty.
    Pod(&'p str),
    /// A workload with its name.
    Workload(&'static Workload, &'p str),
}

impl Holder<'_> {
    /// Returns the path of the pod in the object; empty for a Pod.
    pub const fn pod_path(self) -> &'static str {
        match self {
            Holder::Pod(_) => "",
            Holder::Workload(workload, _) => workload.template.path(),
        }
    }

    /// Returns the object as in messages: `pods "web"`, `deployments.apps "web"`.
    fn description(self) -> String {
        let (resource, name) = match self {
            Holder::Pod(name) => ("pods".to_owned(), name),
            Holder::Workload(workload, name) => (workload.to_string(), name),
        };
        if name.is_empty() { resource } else { [&resource, " ", &quoted(name)].concat() }
    }
}

/// The extent of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The policies that the decision on an admission request depends on.
    Decision,
    /// Every policy of every mode.
    Review,
}

/// The input of a judgement.
pub(super) struct Case<'p, 's, 'c> {
    pub(super) pod: Pod<'p>,
    pub(super) holder: Holder<'p>,
    /// The namespace of the pod.
    pub(super) namespace: &'p str,
    pub(super) settings: &'p Settings<'s>,
    /// What rules depend on besides the pod.
    pub(super) circumstances: &'c Circumstances<'c>,
    pub(super) policies: &'c ModePolicies,
    pub(super) label_errors: Vec<LabelError>,
    /// Whether violations of the enforced policies reject the object; otherwise they reject the pods that it creates.
    pub(super) enforces: bool,
    /// Whether a missing field of a container may be set.
    pub(super) may_harden: &'c dyn Fn(&Finding<'_>) -> bool,
    /// The pod before an update, if only findings that the update adds reject the object.
    pub(super) old: Option<Pod<'p>>,
    pub(super) scope: Scope,
}

/// The judgement of a pod.
#[derive(Debug)]
pub struct Judgement<'p, 's> {
    /// The exemption of the pod. An exempt pod has no verdicts.
    pub exemption: Option<Exemption>,
    /// The findings that rules of the settings exempt, in the order of the evaluations.
    pub exempt_findings: Vec<ExemptFinding<'p, 's>>,
    /// The fields that are set, container by container.
    pub hardened: Vec<Hardening>,
    /// Whether fields are not set because the pod selects nodes with Windows, and `os.name` would satisfy their checks.
    pub(super) needs_os: bool,
    /// The errors in the labels of the namespace.
    pub label_errors: Vec<LabelError>,
    /// The rules of the settings; `None` if the pod is exempt.
    pub(super) rules: Option<&'p Rules<'s>>,
    verdicts: [Option<Verdict>; 3],
    evaluations: Vec<Evaluation<'p>>,
    /// The number of exempt findings of the policies that decide.
    pub(super) decisive_exempt_findings: usize,
    notices: Notices<'p>,
    /// The number of notices of the policies that decide.
    decisive_notices: usize,
    /// Where users get help, for messages; empty if it is not set.
    help: &'p str,
    /// Whether the audit annotations include every finding.
    pub(super) wants_details: bool,
    /// The evaluated pod; `None` if it is exempt.
    pub(super) subject: Option<Subject<'p>>,
}

/// The subject of a judgement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'p> {
    pub(super) pod: Pod<'p>,
    pub(super) holder: Holder<'p>,
    policies: ModePolicies,
}

/// The verdict of one mode.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// The mode.
    pub mode: Mode,
    /// The policy that decides: the first policy of the mode that is violated, or the last if none is.
    pub policy: LevelVersion,
    /// The effect.
    pub effect: Effect,
}

/// The effect of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// None: the policies are satisfied.
    None,
    /// The object is rejected.
    Rejected,
    /// The object is accepted, because the update adds no violation.
    Tolerated,
    /// The object is accepted, and the pods that it creates will be rejected.
    PodsRejected,
    /// The violations are recorded in the audit log.
    Audited,
    /// The user is warned.
    Warned,
    /// The user is not warned, because the object is rejected.
    Suppressed,
}

impl<'p> Judgement<'p, '_> {
    /// Returns the judgement of an exempt pod.
    pub(super) fn exempt(exemption: Exemption) -> Self {
        Judgement {
            exemption: Some(exemption),
            exempt_findings: Vec::new(),
            hardened: Vec::new(),
            needs_os: false,
            label_errors: Vec::new(),
            rules: None,
            verdicts: [None; 3],
            evaluations: Vec::new(),
            decisive_exempt_findings: 0,
            notices: Notices::default(),
            decisive_notices: 0,
            help: "",
            wants_details: false,
            subject: None,
        }
    }

    /// Returns the verdicts of enforce, audit and warn, without those that the decision does not depend on.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().flatten()
    }

    /// Returns the policies of a mode, in the order in which they are evaluated.
    pub fn policies(&self, mode: Mode) -> impl Iterator<Item = LevelVersion> {
        self.subject.iter().flat_map(move |subject| subject.policies.of_mode(mode).policies())
    }

    /// Removes the findings that do not satisfy a predicate. Verdicts, messages and violations are then those of the others.
    pub fn retain_findings(&mut self, predicate: &dyn Fn(&Finding<'_>) -> bool) {
        self.evaluations.iter_mut().for_each(|evaluation| evaluation.retain_findings(predicate));
        let mut verdicts = self.verdicts;
        let mut is_rejected = false;
        for Verdict { mode, policy, effect } in verdicts.iter_mut().flatten() {
            let violated = self.policies(*mode).find(|policy| !self.violations(*policy).is_empty());
            *policy = violated.or_else(|| self.policies(*mode).last()).unwrap_or(*policy);
            *effect = match *effect {
                _ if violated.is_none() => Effect::None,
                Effect::Suppressed if !is_rejected => Effect::Warned,
                other => other,
            };
            is_rejected |= *effect == Effect::Rejected;
        }
        self.verdicts = verdicts;
    }

    /// Returns the violations of a policy, in the order of the checks.
    pub fn violations(&self, policy: LevelVersion) -> &[Violation<'p>] {
        self.evaluation(policy).map_or(&[], |evaluation| &evaluation.violations)
    }

    /// Returns the sentence of each violation of a policy in Kubernetes' messages, in the order of the checks.
    pub fn sentences(&self, policy: LevelVersion) -> &[String] {
        self.evaluation(policy).map_or(&[], Evaluation::sentences)
    }

    /// Returns the message of Kubernetes for a verdict; `None` if its policies are satisfied.
    ///
    /// - Rejected: `pods "web" is forbidden: violates PodSecurity "baseline:latest": privileged (…)`.
    /// - The pods of a workload will be rejected: the same without the name, which they do not have yet.
    ///
    /// If rules exempt findings, and the pod cannot satisfy a check beside them, a clause with this check follows.
    /// - Audited and warned: `would violate PodSecurity "restricted:latest": …`.
    ///
    /// Except for audit, the rules that have ended and would cover a violation follow, and then the setting `help` in parentheses.
    pub fn message(&self, verdict: &Verdict) -> Option<String> {
        let details = self.details(verdict.policy)?;
        let policy = verdict.policy;
        let mut message = match (verdict.effect, self.subject) {
            (Effect::Rejected, Some(Subject { holder, .. })) => {
                let further_checks = self.further_checks(policy);
                [&holder.description(), " is forbidden: violates PodSecurity \"", &policy.name(), "\": ", details, &further_checks].concat()
            }
            _ if verdict.mode == Mode::Enforce => {
                ["violates PodSecurity \"", &policy.name(), "\": ", details, &self.further_checks(policy)].concat()
            }
            _ => ["would violate PodSecurity \"", &policy.name(), "\": ", details].concat(),
        };
        if verdict.mode == Mode::Audit {
            return Some(message);
        }
        let is_violated = |id: &str| self.violations(policy).iter().any(|violation| violation.check.id == id);
        self.notices.add_lapses(&mut message, policy, &is_violated);
        add_help(&mut message, self.help);
        Some(message)
    }

    /// Returns the warnings of rules that exempt findings here and end soon.
    pub(super) fn expiry_warnings(&self) -> Vec<String> {
        self.notices.warnings(self.decisive_notices)
    }

    /// Returns whether an update is accepted despite its violations, because it adds none.
    pub(super) fn is_tolerated(&self) -> bool {
        self.verdicts().any(|verdict| verdict.effect == Effect::Tolerated)
    }

    /// Returns the warning that the pods of such an update will be rejected, with their violations, unless the user is warned of
    /// these anyway.
    pub(super) fn tolerance_warning(&self) -> Option<String> {
        let verdict = self.verdicts().find(|verdict| verdict.effect == Effect::Tolerated)?;
        let is_warned = |other: &Verdict| other.effect == Effect::Warned && other.policy == verdict.policy;
        let mut text = format!(
            "this update is accepted because it adds no violation, but new pods will be rejected: they violate PodSecurity \"{}\"",
            verdict.policy
        );
        if !self.verdicts().any(is_warned) {
            text = [&text, ": ", self.details(verdict.policy)?].concat();
            add_help(&mut text, self.help);
        }
        Some(text)
    }

    /// Returns the further checks that the rules for exempt findings need, as clauses that follow the message of a policy.
    fn further_checks(&self, policy: LevelVersion) -> String {
        let mut text = String::new();
        let Some(Subject { pod, .. }) = self.subject.filter(|_| !self.exempt_findings.is_empty()) else { return text };
        for further_check in &FURTHER_CHECKS {
            let FurtherCheck { checks, further, reason, .. } = further_check;
            let remaining = self.violations(policy).iter().find(|violation| violation.check.id == *further);
            let exempt = self.exempt_findings.iter().find(|ExemptFinding { check, finding, .. }| {
                remaining.is_some_and(|violation| further_check.is_needed(check, finding, &violation.findings, pod))
            });
            if let Some(ExemptFinding { rule, check, .. }) = exempt {
                // A rule for a check of baseline applies to the check that takes its place.
                let named = rule.checks.keywords().find(|id| checks.contains(id)).unwrap_or(check.id);
                text += &format!("; the exemption of {named} also needs that of {further}, because {reason}");
            }
        }
        text
    }

    /// Returns the reasons and details of the violations of a policy; `None` if there are none.
    fn details(&self, policy: LevelVersion) -> Option<&str> {
        self.evaluation(policy).filter(|evaluation| !evaluation.violations.is_empty()).map(Evaluation::details)
    }

    fn evaluation(&self, policy: LevelVersion) -> Option<&Evaluation<'p>> {
        self.evaluations.iter().find(|evaluation| evaluation.policy == policy)
    }
}

/// Appends the setting `help` to a message.
pub(super) fn add_help(message: &mut String, help: &str) {
    if !help.is_empty() {
        [" (", help, ")"].iter().for_each(|part| message.push_str(part));
    }
}

/// Judges a pod.
pub(super) fn judge<'p, 's>(case: Case<'p, 's, '_>) -> Judgement<'p, 's> {
    let Case { pod, holder, namespace, settings, circumstances, policies, label_errors, enforces, may_harden, old, scope } = case;
    if let Some(exemption) = settings.exempts_pod(namespace, pod) {
        return Judgement::exempt(exemption);
    }
    // The findings of a pod that was exempt are new.
    let old = old.filter(|old| settings.exempts_pod(namespace, *old).is_none());
    let mut evaluator = Evaluator::new(pod, namespace, settings, circumstances);
    if !settings.harden.is_empty() {
        evaluator.harden(policies.enforce, may_harden);
    }
    let mut verdicts = [None; 3];
    let mut is_rejected = false;
    let (mut decisive_exempt_findings, mut decisive_notices) = (0, 0);
    for (verdict, mode) in verdicts.iter_mut().zip(Mode::ALL) {
        let is_decisive = match mode {
            Mode::Enforce => enforces,
            Mode::Audit => true,
            Mode::Warn => !is_rejected,
        };
        let is_needed = is_decisive || scope == Scope::Review || settings.details && mode == Mode::Warn;
        if !is_needed {
            continue;
        }
        let mode_policies = policies.of_mode(mode);
        let policy = evaluator.decisive(mode_policies);
        let effect = match mode {
            _ if evaluator.violations(policy).is_empty() => Effect::None,
            Mode::Enforce if !enforces => Effect::PodsRejected,
            Mode::Enforce if old.is_some_and(|old| evaluator.adds_nothing_to(old, mode_policies)) => Effect::Tolerated,
            Mode::Enforce => Effect::Rejected,
            Mode::Audit => Effect::Audited,
            Mode::Warn if is_rejected => Effect::Suppressed,
            Mode::Warn => Effect::Warned,
        };
        is_rejected |= effect == Effect::Rejected;
        if is_decisive {
            (decisive_exempt_findings, decisive_notices) = (evaluator.exempt.len(), evaluator.notices.len());
        }
        *verdict = Some(Verdict { mode, policy, effect });
    }
    if scope == Scope::Review || settings.details {
        for verdict in verdicts.iter().flatten() {
            for policy in policies.of_mode(verdict.mode).policies() {
                evaluator.violations(policy);
            }
        }
    }
    let Evaluator { evaluations, exempt: exempt_findings, hardened, notices, needs_os, .. } = evaluator;
    Judgement {
        exemption: None,
        exempt_findings,
        hardened,
        needs_os,
        label_errors,
        rules: Some(&settings.exemptions.checks),
        verdicts,
        evaluations,
        decisive_exempt_findings,
        notices,
        decisive_notices,
        help: &settings.help,
        wants_details: settings.details,
        subject: Some(Subject { pod, holder, policies: *policies }),
    }
}
