//! Gaining more privileges than the parent process, by set-user-ID files for example.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.allowPrivilegeEscalation`, also of init and ephemeral containers |
//! | Allowed | `false` |
//! | Value | true, or missing |
//!
//! Source: `policy/check_allowPrivilegeEscalation.go`.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Change, Field, NOT_FOR_WINDOWS, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::Value;
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{ALLOW_PRIVILEGE_ESCALATION, Action, Obstacle, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "allowPrivilegeEscalation",
    level: Level::Restricted,
    reason: "allowPrivilegeEscalation != false",
    revisions: &[Revision::since(8, run, SENTENCE), Revision::since(25, run, SENTENCE).unless_windows()],
    remedies: &[Remedy::new(ALLOW_PRIVILEGE_ESCALATION, Action::Set("false"), &[Obstacle::Windows, Obstacle::Privileges])],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Privilege escalation",
    why: "A process can gain rights that its parent does not have, by programs like sudo and su. So an attacker who runs as \
          an ordinary user becomes root in the container.",
    advice: "Set allowPrivilegeEscalation: false in the securityContext of each container. Programs that live by it, such as sudo \
             and su, stop working then: start the container as the user that it needs. A container that is privileged or adds \
             CAP_SYS_ADMIN cannot have it false, so mend that first.",
    restrictions: &[Restriction::since(8, &[Field::Containers("securityContext.allowPrivilegeEscalation")], &[Allowed::Words("false")])],
    history: &[Change::since(8, "Introduced, with the field."), Change::since(25, NOT_FOR_WINDOWS)],
    value: "true, or missing",
    told: &[
        Told::when(
            When::Missing,
            "{who} may gain more privileges than its parent process, because allowPrivilegeEscalation is not set to false.",
        ),
        Told::when(When::Always, "{who} may gain more privileges than its parent process, because allowPrivilegeEscalation is {value}."),
    ],
    source: "check_allowPrivilegeEscalation.go",
};

const SENTENCE: Sentence = Sentence::MustSet("securityContext.allowPrivilegeEscalation=false");

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, "securityContext.allowPrivilegeEscalation", &|context| match context.allow_privilege_escalation {
        Some(false) => None,
        Some(true) => Some(Value::Bool(true)),
        None => Some(Value::Missing),
    });
}
