//! The checks whose exemption is of no use without that of another check: Kubernetes accepts or starts no pod with the exempt value
//! that also satisfies the other check. The rejection of such a pod, docs/beyond-built-in.md and the page name the further check.
//!
//! Source: `ValidateSecurityContext` and `validateWindowsHostProcessPod` in `pkg/apis/core/validation/validation.go`, and
//! `verifyRunAsNonRoot` in `pkg/kubelet/kuberuntime/security_context_others.go` of Kubernetes.

use super::check::Check;
use super::finding::{Finding, Subject};
use crate::pod::Pod;

/// A further check that rules must exempt.
#[derive(Debug)]
pub struct FurtherCheck {
    /// The ids of the checks whose exemption needs it.
    pub checks: &'static [&'static str],
    /// The value of their findings; `None` for each.
    pub value: Option<&'static str>,
    /// The id of the further check.
    pub further: &'static str,
    /// The field of its finding, which is the value of rules for it; `None` for each.
    pub further_value: Option<&'static str>,
    /// The reason, as a clause that follows "because".
    pub reason: &'static str,
}

/// All further checks.
pub static FURTHER_CHECKS: [FurtherCheck; 4] = [
    FurtherCheck {
        checks: &["privileged"],
        value: None,
        further: "allowPrivilegeEscalation",
        further_value: None,
        reason: "the API server rejects allowPrivilegeEscalation=false in a privileged container",
    },
    FurtherCheck {
        checks: &["capabilities_baseline", "capabilities_restricted"],
        value: Some("CAP_SYS_ADMIN"),
        further: "allowPrivilegeEscalation",
        further_value: None,
        reason: "the API server rejects allowPrivilegeEscalation=false in a container that adds CAP_SYS_ADMIN",
    },
    FurtherCheck {
        checks: &["windowsHostProcess"],
        value: None,
        further: "hostNamespaces",
        further_value: Some("hostNetwork"),
        reason: "the API server rejects hostProcess=true without hostNetwork=true",
    },
    FurtherCheck {
        checks: &["runAsUser"],
        value: None,
        further: "runAsNonRoot",
        further_value: None,
        reason: "the kubelet starts no container as user 0 with runAsNonRoot=true",
    },
];

impl FurtherCheck {
    /// Returns whether the exemption of a finding needs that of one of `remaining`, the findings of the further check in the same pod.
    pub fn is_needed(&self, check: &Check, exempt: &Finding<'_>, remaining: &[Finding<'_>], pod: Pod<'_>) -> bool {
        // Here the spelling matters: the API server treats CAP_SYS_ADMIN in a special way, and SYS_ADMIN not.
        if !self.checks.contains(&check.id) || self.value.is_some() && exempt.text() != self.value {
            return false;
        }
        let (part, index, _) = exempt.rank();
        match (self.further_value, exempt.subject) {
            // The findings are sorted by their places.
            (None, Subject::Container { .. }) => {
                remaining.binary_search_by_key(&(part, index), |finding| (finding.rank().0, finding.rank().1)).is_ok()
            }
            (None, _) => remaining.iter().any(|finding| {
                let Subject::Container { kind, index, .. } = finding.subject else { return false };
                pod.container(kind, index).is_some_and(|container| exempt.is_inherited_by(&container.security_context))
            }),
            // A field of the pod, which all containers share.
            (Some(field), _) => remaining.iter().any(|finding| finding.field == field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::CHECKS;

    #[test]
    fn names_checks_and_values_that_exist() {
        let check = |id: &str| CHECKS.iter().find(|check| check.id == id).unwrap_or_else(|| panic!("{id}"));
        let may_have = |id: &str, value: &str| check(id).revisions.iter().all(|revision| revision.sentence.is_possible_value(value));
        for FurtherCheck { checks, value, further, further_value, reason } in &FURTHER_CHECKS {
            assert!(value.is_none_or(|value| checks.iter().all(|id| may_have(id, value))), "{checks:?} {value:?}");
            assert!(further_value.is_none_or(|value| may_have(further, value)), "{further} {further_value:?}");
            // The page finds checks in messages after colons and commas.
            assert!(checks.iter().all(|id| check(id).id != *further) && !reason.contains([':', ',']), "{checks:?}");
            // A revision of another check never replaces it.
            assert!(!CHECKS.iter().flat_map(|check| check.revisions).any(|revision| revision.overrides.contains(further)), "{further}");
        }
    }
}
