//! The answer to an admission request.

use super::judge::Filled;

/// The audit annotation that names the kind of an exemption.
pub(super) const EXEMPT: &str = "exempt";
/// The audit annotation that holds what went wrong without rejecting.
pub(super) const ERROR: &str = "error";
/// The audit annotation that names the policy a pod was judged by.
pub(super) const ENFORCE_POLICY: &str = "enforce-policy";
/// The audit annotation that holds what rules let through.
pub(super) const EXEMPT_CHECKS: &str = "exempt-checks";
/// The audit annotation that holds the fields that were filled in.
pub(super) const HARDENED: &str = "hardened";
/// The audit annotation that holds the labels that a namespace got.
pub(super) const LABELS_SET: &str = "labels-set";
/// The audit annotation that holds every finding.
pub(super) const DETAILS: &str = "details";
/// The audit annotation that holds what violates the audit policy.
pub(super) const AUDIT_VIOLATIONS: &str = "audit-violations";

/// The bytes that all audit annotations together may take, the one of Kubernetes' own that are sure to
/// be there apart.
const ALL_ANNOTATIONS: usize = 250 * 1024;
/// The bytes that the name of a policy takes before a key, at the most, and what else stands around.
const KEY: usize = 320;

/// The answer to an admission request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The rejection, unless the request is accepted.
    pub rejection: Option<Rejection>,
    /// What the user is told although the request is accepted.
    pub warnings: Vec<String>,
    /// What the audit log is told; each key at most once.
    pub audit_annotations: Vec<(&'static str, String)>,
    /// What is changed in the object of the request, if it is accepted.
    pub changes: Changes,
}

/// What is changed in an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Changes {
    /// Nothing.
    #[default]
    None,
    /// Fields of containers are set, in the pod that stands at a path; the empty path for a Pod.
    Fields(&'static str, Vec<Filled>),
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
    /// Accepted, without a word.
    pub fn accepted() -> Self {
        Decision::default()
    }

    /// Rejected.
    pub fn rejected(code: u16, message: String) -> Self {
        Decision { rejection: Some(Rejection { code, message }), ..Decision::default() }
    }

    /// Accepted, for it is exempt.
    pub(super) fn exempt(kind: &str) -> Self {
        Decision::accepted().annotated(EXEMPT, kind.to_owned())
    }

    /// Accepted, although something went wrong.
    pub(super) fn accepted_despite(error: String) -> Self {
        Decision::accepted().annotated(ERROR, error)
    }

    /// Rejected because something went wrong; the annotation has the details.
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

    /// How many bytes a further annotation may take: an API server takes 256 KiB for all of them.
    pub(super) fn room_for_annotation(&self) -> usize {
        let taken: usize = self.audit_annotations.iter().map(|(key, value)| KEY + key.len() + value.len()).sum();
        ALL_ANNOTATIONS.saturating_sub(taken + KEY)
    }

    pub(super) fn warning(mut self, warning: Option<String>) -> Self {
        self.warnings.extend(warning);
        self
    }

    /// The kind of the exemption by which the request was accepted, if it was.
    pub fn exemption(&self) -> Option<&str> {
        self.audit_annotations.iter().find(|(key, _)| *key == EXEMPT).map(|(_, kind)| kind.as_str())
    }

    /// Whether the request is accepted.
    pub fn is_accepted(&self) -> bool {
        self.rejection.is_none()
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
