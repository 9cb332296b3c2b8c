//! Privilege escalation must be disabled, for example by set-user-ID files.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.allowPrivilegeEscalation`, also of init and ephemeral containers |
//! | Allowed | `false` |
//! | Value | true, or missing |
//! | History | v1.8: introduced, with the field; v1.25: does not apply to pods for Windows |
//!
//! Source: `policy/check_allowPrivilegeEscalation.go` of k8s.io/pod-security-admission.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Change, Condition, Documentation, EXCEPT_WINDOWS, Explanation, Field, Restriction};
use crate::standards::finding::Value;
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{ALLOW_PRIVILEGE_ESCALATION, Action, Obstacle, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "allowPrivilegeEscalation",
    level: Level::Restricted,
    reason: "allowPrivilegeEscalation != false",
    other_names: &["Privilege Escalation"],
    revisions: &[Revision::since(8, run, SENTENCE), Revision::since(25, run, SENTENCE).unless_windows()],
    remedies: &[Remedy::new(ALLOW_PRIVILEGE_ESCALATION, Action::Set("false"), &[Obstacle::Windows, Obstacle::Privileges])],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Privilege escalation",
    why: "With programs such as sudo and su, a process gains privileges that its parent process does not have. So an attacker who runs as \
          an ordinary user can become root in the container.",
    advice: "Set allowPrivilegeEscalation: false in the securityContext of each container. Programs that depend on it, such as sudo and \
             su, then stop working: start the container as the user that it needs. The API server rejects false for a container that is \
             privileged or adds CAP_SYS_ADMIN, so fix that first.",
    restrictions: &[Restriction::since(
        8,
        &[Field::Containers("securityContext.allowPrivilegeEscalation")],
        &[Allowed::Description("false")],
    )],
    history: &[Change::since(8, "Introduced, with the field."), Change::since(25, EXCEPT_WINDOWS)],
    value: "true, or missing",
    explanations: &[
        Explanation::new(
            Condition::Missing,
            "{subject} may gain more privileges than its parent process, because allowPrivilegeEscalation is not set to false.",
        ),
        Explanation::new(
            Condition::Always,
            "{subject} may gain more privileges than its parent process, because allowPrivilegeEscalation is {value}.",
        ),
    ],
    source: "check_allowPrivilegeEscalation.go",
};

const SENTENCE: Sentence = Sentence::MustSet("securityContext.allowPrivilegeEscalation=false");

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, "securityContext.allowPrivilegeEscalation", |context| match context.allow_privilege_escalation {
        Some(false) => None,
        Some(true) => Some(Value::Bool(true)),
        None => Some(Value::Missing),
    });
}
