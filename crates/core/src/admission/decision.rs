//! The answer to an admission request, and how it is rendered from a judgement.

use super::annotations;
use super::evaluation::Hardening;
use super::judgement::{Effect, Holder, Judgement, Subject};
use super::policies::{Mode, joined};

/// The audit annotation that names the kind of an exemption.
pub(super) const EXEMPT: &str = "exempt";
/// The audit annotation with an error that does not reject the request.
pub(super) const ERROR: &str = "error";
/// The audit annotation that names the policy a pod was judged by.
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
pub(super) const AUDIT_VIOLATIONS: &str = "audit-violations";

/// The bytes that all audit annotations of a request may take together, less a reserve for Kubernetes' own.
const ALL_ANNOTATIONS: usize = 250 * 1024;
/// The bytes that Kubewarden adds to a key at most: the name of the policy and separators.
const KEY: usize = 320;

/// The answer to an admission request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The rejection, unless the request is accepted.
    pub rejection: Option<Rejection>,
    /// The warnings to the user.
    pub warnings: Vec<String>,
    /// The audit annotations; each key at most once.
    pub audit_annotations: Vec<(&'static str, String)>,
    /// The change of the object of the request, if it is accepted.
    pub mutation: Mutation,
}

/// The change of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Mutation {
    /// None.
    #[default]
    None,
    /// Fields of containers are set, in the pod at a path of the object; the empty path for a Pod.
    Fields(&'static str, Vec<Hardening>),
    /// Labels of a namespace are set to values.
    Labels(Vec<(&'static str, String)>),
}

/// Why a request is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The HTTP status: 400 undecodable, 403 forbidden, 422 invalid labels, 500 unknown namespace.
    pub code: u16,
    /// The message.
    pub message: String,
}

impl Decision {
    /// Accepted, without warnings and annotations.
    pub fn accepted() -> Self {
        Decision::default()
    }

    /// Rejected.
    pub fn rejected(code: u16, message: String) -> Self {
        Decision { rejection: Some(Rejection { code, message }), ..Decision::default() }
    }

    /// Accepted despite an error.
    pub(super) fn accepted_despite(error: String) -> Self {
        Decision::accepted().annotated(ERROR, error)
    }

    /// Rejected because of an error, of which the annotation has the details.
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

    /// The bytes that a further annotation may take: an API server accepts 256 KiB for all of them.
    pub(super) fn room_for_annotation(&self) -> usize {
        let taken: usize = self.audit_annotations.iter().map(|(key, value)| KEY + key.len() + value.len()).sum();
        ALL_ANNOTATIONS.saturating_sub(taken + KEY)
    }

    pub(super) fn warning(mut self, warning: Option<String>) -> Self {
        self.warnings.extend(warning);
        self
    }

    /// Whether the request is accepted.
    pub fn is_accepted(&self) -> bool {
        self.rejection.is_none()
    }
}

/// The bytes of an annotation of this policy at most, except that of the details.
const MAX_ANNOTATION: usize = 64 * 1024;

impl Judgement<'_, '_> {
    /// The answer to the request that the pod was judged for.
    pub fn decision(&self) -> Decision {
        let mut decision = self.user_decision();
        self.annotate(&mut decision);
        decision
    }

    /// The part of the answer that the user gets: all but the audit annotations.
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
        if decision.is_accepted() && !self.hardened.is_empty() {
            decision.warnings.push(annotations::hardened_warning(subject.pod, &self.hardened));
            decision.mutation = Mutation::Fields(subject.holder.pod_path(), self.hardened.clone());
        }
        decision
    }

    /// Adds the audit annotations to the answer.
    fn annotate(&self, decision: &mut Decision) {
        if let Some(exemption) = self.exemption {
            return decision.annotate(EXEMPT, exemption.name().to_owned());
        }
        if !self.label_errors.is_empty() {
            decision.annotate(ERROR, format!("Failed to parse policy: {}", joined(&self.label_errors)));
        }
        let Some(Subject { pod, holder, .. }) = self.subject else { return };
        for verdict in self.verdicts() {
            if verdict.mode == Mode::Enforce && matches!(holder, Holder::Pod(_)) {
                decision.annotate(ENFORCE_POLICY, verdict.policy.to_string());
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
    fn each_annotation_takes_its_key_its_value_and_the_name_of_the_policy_before_them() {
        let all = 250 * 1024;
        let none = Decision::accepted();
        assert_eq!(none.room_for_annotation(), all - KEY);
        let one = none.annotated(EXEMPT, "user".to_owned());
        assert_eq!(one.room_for_annotation(), all - KEY - (KEY + "exempt".len() + "user".len()));
        let two = one.annotated(DETAILS, "x".repeat(1000));
        assert_eq!(two.room_for_annotation(), all - KEY - (KEY + "exempt".len() + "user".len()) - (KEY + "details".len() + 1000));
        assert_eq!(two.annotated(ERROR, "x".repeat(all)).room_for_annotation(), 0);
    }
}
