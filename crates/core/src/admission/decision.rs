//! The decision on an admission request, and its rendering from a judgement.

use super::annotations;
use super::evaluation::Hardening;
use super::judgement::{Effect, Holder, Judgement, Subject, add_help};
use super::policies::{Mode, joined};
use crate::settings::Rules;

/// The audit annotation with the kind of an exemption.
pub(super) const EXEMPT: &str = "exempt";
/// The audit annotation with an error that does not reject the request.
pub(super) const ERROR: &str = "error";
/// The audit annotation with the enforced policy.
pub(super) const ENFORCE_POLICY: &str = "enforce-policy";
/// The audit annotation with the findings that rules exempt.
pub(super) const EXEMPT_CHECKS: &str = "exempt-checks";
/// The audit annotation with the fields that were set.
pub(super) const HARDENED: &str = "hardened";
/// The audit annotation with the labels that were set on a namespace.
pub(super) const LABELS_SET: &str = "labels-set";
/// The audit annotation with every finding.
pub(super) const DETAILS: &str = "details";
/// The audit annotation with the violations of the audit policy.
pub const AUDIT_VIOLATIONS: &str = "audit-violations";

/// The maximum size of all audit annotations of a request in bytes, less a reserve for those of Kubernetes.
const MAX_ANNOTATIONS: usize = 250 * 1024;
/// The maximum number of bytes that Kubewarden adds to a key: the name of the policy and separators.
const KEY_PREFIX: usize = 320;

/// The decision on an admission request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The rejection, unless the request is accepted.
    pub rejection: Option<Rejection>,
    /// The warnings for the user.
    pub warnings: Vec<String>,
    /// The audit annotations; each key at most once.
    pub audit_annotations: Vec<(&'static str, String)>,
    /// The change of the object of the request, if it is accepted.
    pub mutation: Mutation,
}

/// The change of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Mutation {
    /// No change.
    #[default]
    None,
    /// Fields of containers that are set. The first value is the path of the pod in the object, empty for a Pod.
    Fields(&'static str, Vec<Hardening>),
    /// Labels of a namespace that are set, with their values.
    Labels(Vec<(&'static str, String)>),
}

/// The rejection of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status: 400 for an object that cannot be decoded, 403 for violations, 422 for invalid labels, 500 for a namespace
    /// that cannot be looked up.
    pub code: u16,
    /// The message.
    pub message: String,
}

impl Decision {
    /// Returns the decision to accept, without warnings and annotations.
    pub fn accepted() -> Self {
        Decision::default()
    }

    /// Returns the decision to reject with a status and message.
    pub fn rejected(code: u16, message: String) -> Self {
        Decision { rejection: Some(Rejection { code, message }), ..Decision::default() }
    }

    /// Returns the decision to accept, with an error in the annotations.
    pub(super) fn accepted_despite(error: String) -> Self {
        Decision::accepted().annotated(ERROR, error)
    }

    /// Returns the decision to reject because of an error. Only the annotation has the details.
    pub(super) fn failed(code: u16, message: String, details: Option<String>) -> Self {
        let error = match details {
            Some(details) => format!("{message}: {details}"),
            None => message.clone(),
        };
        Decision::rejected(code, message).annotated(ERROR, error)
    }

    pub(super) fn annotated(mut self, key: &'static str, value: String) -> Self {
        self.annotate(key, value);
        self
    }

    pub(super) fn annotate(&mut self, key: &'static str, value: String) {
        self.audit_annotations.push((key, value));
    }

    /// Returns the maximum size of another annotation in bytes. An API server accepts 256 KiB for all annotations.
    pub(super) fn room_for_annotation(&self) -> usize {
        let used: usize = self.audit_annotations.iter().map(|(key, value)| KEY_PREFIX + key.len() + value.len()).sum();
        MAX_ANNOTATIONS.saturating_sub(used + KEY_PREFIX)
    }

    pub(super) fn warning(mut self, warning: Option<String>) -> Self {
        self.warnings.extend(warning);
        self
    }

    /// Appends the setting `help` to a rejection for the labels of a namespace, or because of a failed lookup. An error in the object of
    /// a request is that of a client, and [`Judgement::message`] has `help` already.
    pub(super) fn with_help(mut self, help: &str) -> Self {
        if let Some(Rejection { code: 422 | 500, message }) = &mut self.rejection {
            add_help(message, help);
        }
        self
    }

    /// Returns whether the request is accepted.
    pub fn is_accepted(&self) -> bool {
        self.rejection.is_none()
    }
}

/// The maximum size of an annotation in bytes, except [`DETAILS`].
const MAX_ANNOTATION: usize = 64 * 1024;

impl Judgement<'_, '_> {
    /// Returns the decision on the request.
    pub fn decision(&self) -> Decision {
        let mut decision = self.user_decision();
        self.annotate(&mut decision);
        decision
    }

    /// Returns the decision without audit annotations, which the user does not receive.
    pub fn user_decision(&self) -> Decision {
        let mut decision = Decision::accepted();
        let Some(subject) = &self.subject else { return decision };
        for verdict in self.verdicts() {
            match verdict.effect {
                Effect::Rejected => decision.rejection = self.message(verdict).map(|message| Rejection { code: 403, message }),
                Effect::Warned => decision.warnings.extend(self.message(verdict)),
                _ => {}
            }
        }
        if self.needs_os {
            decision.warnings.push(annotations::os_warning(subject.holder.pod_path()));
        }
        if decision.is_accepted() {
            decision.warnings.append(&mut self.expiry_warnings());
        }
        if decision.is_accepted() && !self.hardened.is_empty() {
            decision.warnings.push(annotations::hardened_warning(subject.pod, &self.hardened));
            decision.mutation = Mutation::Fields(subject.holder.pod_path(), self.hardened.clone());
        }
        decision
    }

    /// Adds the audit annotations to the decision.
    fn annotate(&self, decision: &mut Decision) {
        if let Some(exemption) = self.exemption {
            return decision.annotate(EXEMPT, exemption.name().to_owned());
        }
        let label_error = (!self.label_errors.is_empty()).then(|| format!("Failed to parse policy: {}", joined(&self.label_errors)));
        match (label_error, self.rules.and_then(Rules::error)) {
            (Some(labels), Some(rule)) => decision.annotate(ERROR, format!("{labels}; {rule}")),
            (labels, rule) => decision.audit_annotations.extend(labels.or(rule).map(|error| (ERROR, error))),
        }
        let Some(Subject { pod, holder, .. }) = self.subject else { return };
        for verdict in self.verdicts() {
            if verdict.mode == Mode::Enforce && matches!(holder, Holder::Pod(_)) {
                decision.annotate(ENFORCE_POLICY, verdict.policy.name());
            }
            if verdict.effect == Effect::Audited
                && let Some(message) = self.message(verdict)
            {
                decision.annotate(AUDIT_VIOLATIONS, message);
            }
        }
        let pod_path = holder.pod_path();
        if let Mutation::Fields(_, hardened) = &decision.mutation {
            let room = decision.room_for_annotation().min(MAX_ANNOTATION);
            let hardened = annotations::hardened(pod_path, hardened, room);
            decision.annotate(HARDENED, hardened);
        }
        let exempt_findings = self.exempt_findings.get(..self.decisive_exempt_findings).unwrap_or(&self.exempt_findings);
        if !exempt_findings.is_empty() {
            let room = decision.room_for_annotation().min(MAX_ANNOTATION);
            decision.annotate(EXEMPT_CHECKS, annotations::exempt_checks(pod_path, exempt_findings, room));
        }
        if self.wants_details
            && let Some(details) = annotations::details(self, pod, pod_path, decision.room_for_annotation())
        {
            decision.annotate(DETAILS, details);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_count_with_their_key_value_and_prefix() {
        let max = 250 * 1024;
        let none = Decision::accepted();
        assert_eq!(none.room_for_annotation(), max - KEY_PREFIX);
        let one = none.annotated(EXEMPT, "user".to_owned());
        assert_eq!(one.room_for_annotation(), max - KEY_PREFIX - (KEY_PREFIX + "exempt".len() + "user".len()));
        let two = one.annotated(DETAILS, "x".repeat(1000));
        assert_eq!(
            two.room_for_annotation(),
            max - KEY_PREFIX - (KEY_PREFIX + "exempt".len() + "user".len()) - (KEY_PREFIX + "details".len() + 1000)
        );
        assert_eq!(two.annotated(ERROR, "x".repeat(max)).room_for_annotation(), 0);
    }
}
