//! Containers that run as user 0.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.runAsUser`, `spec.containers[*].securityContext.runAsUser`, also of init and ephemeral containers |
//! | Allowed | anything but 0, not set |
//! | Value | 0 |
//!
//! Source: `policy/check_runAsUser.go`, KEP-127.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Change, Field, NOT_FOR_USER_NAMESPACES, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "runAsUser",
    level: Level::Restricted,
    reason: "runAsUser=0",
    revisions: &[Revision::since(23, run, SENTENCE), Revision::since(35, run, SENTENCE).unless_user_namespace()],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "User 0",
    why: "User 0 is root, for the kernel too. If it finds a way out of the container, it is root on the node.",
    advice: "Remove runAsUser, so that the user of the image counts, or set another number. That user needs to own the files that the \
             program writes; for volumes fsGroup helps.",
    restrictions: &[Restriction::since(23, &[Field::Both(FIELD)], &[NOT_SET, Allowed::Words("any number but 0")])],
    history: &[Change::since(23, "Introduced."), Change::since(35, NOT_FOR_USER_NAMESPACES)],
    value: "0",
    told: &[Told::when(When::Always, "{who} runs as root, because runAsUser is {value}.")],
    source: "check_runAsUser.go",
};

const FIELD: &str = "securityContext.runAsUser";

const SENTENCE: Sentence = Sentence::MustNotSet("runAsUser=0");

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let root = |user: Option<i64>| (user == Some(0)).then_some(Value::Number(0));
    findings.extend(root(pod.spec.security_context.run_as_user).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, &|context| root(context.run_as_user));
}
