//! Judging one pod, or template, by the policies of all three modes.

use super::decision::{AUDIT_VIOLATIONS, Decision, ENFORCE_POLICY, ERROR};
use super::policy::{LabelError, joined};
use super::request::Workload;
use crate::pod::Pod;
use crate::quote::quoted;
use crate::settings::{Policy, Settings};
use crate::standards::{LevelVersion, evaluate, forbidden_details};

/// Whose pod is judged.
pub(super) enum Whose<'r> {
    /// A pod itself, by its name, which may be empty.
    Pod(&'r str),
    /// The template of a workload; with its name where the workload is to be rejected.
    Template(&'static Workload, Option<&'r str>),
}

/// Judges a pod by a policy and puts the answer together.
pub(super) fn judge(pod: Pod<'_>, policy: &Policy, label_errors: &[LabelError], whose: &Whose<'_>, settings: &Settings<'_>) -> Decision {
    if settings.exempts_runtime_class(&pod.spec.runtime_class_name) {
        return Decision::exempt("runtimeClass");
    }
    let mut decision = Decision::accepted();
    if !label_errors.is_empty() {
        decision = decision.annotated(ERROR, format!("Failed to parse policy: {}", joined(label_errors)));
    }
    let mut details = Details { pod, known: Default::default() };
    let enforced = match whose {
        Whose::Pod(name) => {
            decision = decision.annotated(ENFORCE_POLICY, policy.enforce.to_string());
            Some(("pods".to_owned(), *name))
        }
        Whose::Template(workload, name) => name.map(|name| (workload.to_string(), name)),
    };
    if let Some((resource, name)) = enforced
        && let Some(details) = details.by(policy.enforce)
    {
        let whose = if name.is_empty() { resource } else { format!("{resource} {}", quoted(name)) };
        let message = format!("{whose} is forbidden: violates PodSecurity \"{}\": {details}", policy.enforce);
        decision = Decision { rejection: Decision::rejected(403, message).rejection, ..decision };
    }
    let would_violate = |policy: LevelVersion, details: String| format!("would violate PodSecurity \"{policy}\": {details}");
    if let Some(details) = details.by(policy.audit) {
        decision = decision.annotated(AUDIT_VIOLATIONS, would_violate(policy.audit, details));
    }
    if decision.is_accepted() {
        decision = decision.warning(details.by(policy.warn).map(|details| would_violate(policy.warn, details)));
    }
    decision
}

/// What violates which policy; each is evaluated once.
struct Details<'p> {
    pod: Pod<'p>,
    /// One place for each mode.
    known: [Option<(LevelVersion, Option<String>)>; 3],
}

impl Details<'_> {
    /// What violates a policy, or nothing.
    fn by(&mut self, policy: LevelVersion) -> Option<String> {
        if let Some((_, details)) = self.known.iter().flatten().find(|(known, _)| *known == policy) {
            return details.clone();
        }
        let violations = evaluate(self.pod, policy);
        let details = (!violations.is_empty()).then(|| forbidden_details(&violations));
        if let Some(place) = self.known.iter_mut().find(|place| place.is_none()) {
            *place = Some((policy, details.clone()));
        }
        details
    }
}
