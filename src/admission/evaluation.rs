//! Judging one pod, or template, by what all three modes ask for.

use super::decision::{AUDIT_VIOLATIONS, Changes, DETAILS, Decision, ENFORCE_POLICY, ERROR, EXEMPT_CHECKS, HARDENED, Rejection};
use super::judge::Judge;
use super::policy::{Demand, Demands, LabelError, joined};
use super::request::Workload;
use super::told;
use crate::IN_PAGE;
use crate::pod::Pod;
use crate::quote::quoted;
use crate::settings::Settings;
use crate::standards::{Finding, LevelVersion};

/// Whose pod is judged.
#[derive(Clone, Copy)]
pub(super) enum Whose<'r> {
    /// A pod itself, by its name, which may be empty.
    Pod(&'r str),
    /// The template of a workload; with its name where the workload is to be rejected.
    Template(&'static Workload, Option<&'r str>),
}

/// A pod, or template, that is to be judged.
pub(super) struct Case<'r, 'f> {
    pub(super) pod: Pod<'r>,
    pub(super) whose: Whose<'r>,
    /// The namespace that it is in.
    pub(super) namespace: &'r str,
    pub(super) demands: &'f Demands,
    pub(super) label_errors: &'f [LabelError],
    /// Whether what is missing in a container may be filled in.
    pub(super) may_fill: &'f mut dyn FnMut(&Finding<'_>) -> bool,
    /// What was there before, where only what is new is to be rejected.
    pub(super) before: Option<Pod<'r>>,
}

/// Judges a pod and puts the answer together.
pub(super) fn judge(case: Case<'_, '_>, settings: &Settings<'_>) -> Decision {
    let Case { pod, whose, namespace, demands, label_errors, may_fill, before } = case;
    if let Some(kind) = settings.exempts_pod(namespace, pod) {
        return Decision::exempt(kind);
    }
    // What was exempt was not found before.
    let before = before.filter(|before| settings.exempts_pod(namespace, *before).is_none());
    let mut decision = Decision::accepted();
    if !label_errors.is_empty() {
        decision.annotate(ERROR, format!("Failed to parse policy: {}", joined(label_errors)));
    }
    let mut judge = Judge::new(pod, namespace, settings);
    if !settings.harden.is_empty() {
        judge.fill(demands.enforce, may_fill);
    }
    let enforced = match whose {
        Whose::Pod(name) => {
            decision.annotate(ENFORCE_POLICY, judge.decisive(demands.enforce).to_string());
            Some(("pods".to_owned(), name))
        }
        Whose::Template(workload, name) => name.map(|name| (workload.to_string(), name)),
    };
    let is_enforced = enforced.is_some();
    if let Some((resource, name)) = enforced
        && let Some((policy, details)) = violated(&mut judge, demands.enforce)
        && !before.filter(|_| !IN_PAGE).is_some_and(|before| judge.brings_nothing_new(before, demands.enforce))
    {
        let whose = if name.is_empty() { resource } else { format!("{resource} {}", quoted(name)) };
        let message = format!("{whose} is forbidden: violates PodSecurity \"{policy}\": {details}");
        decision.rejection = Some(Rejection { code: 403, message });
    }
    let would_violate = |(policy, details): (LevelVersion, String)| format!("would violate PodSecurity \"{policy}\": {details}");
    if let Some(violated) = violated(&mut judge, demands.audit) {
        decision.annotate(AUDIT_VIOLATIONS, would_violate(violated));
    }
    if decision.is_accepted() {
        decision.warnings.extend(violated(&mut judge, demands.warn).map(would_violate));
    }
    let pod_path = match whose {
        Whose::Pod(_) => "",
        Whose::Template(workload, _) => workload.template.path(),
    };
    if decision.is_accepted() && !judge.filled.is_empty() {
        decision.warnings.extend(Some(told::hardened_warning(pod, &judge.filled)));
        if !IN_PAGE {
            let text = told::hardened(pod_path, &judge.filled, decision.room_for_annotation().min(LONG));
            decision.annotate(HARDENED, text);
        }
        decision.changes = Changes::Fields(pod_path, std::mem::take(&mut judge.filled));
    }
    if !IN_PAGE && !judge.covered.is_empty() {
        let text = told::exempt_checks(pod_path, &judge.covered, decision.room_for_annotation().min(LONG));
        decision.annotate(EXEMPT_CHECKS, text);
    }
    if !IN_PAGE && settings.details {
        let modes = [("enforce", demands.enforce, is_enforced), ("audit", demands.audit, true), ("warn", demands.warn, true)];
        let details = told::details(&mut judge, pod_path, &modes, decision.room_for_annotation());
        if let Some(details) = details {
            decision.annotate(DETAILS, details);
        }
    }
    decision
}

/// How long an annotation of ours may be, that of the details apart.
const LONG: usize = 64 * 1024;

/// The policy of a demand that is violated, and Kubernetes' words for how.
fn violated(judge: &mut Judge<'_, '_>, demand: Demand) -> Option<(LevelVersion, String)> {
    let policy = judge.decisive(demand);
    judge.details(policy).map(|details| (policy, details))
}
