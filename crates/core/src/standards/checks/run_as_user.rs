//! Containers must not run as user 0.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.runAsUser`, `spec.containers[*].securityContext.runAsUser`, also of init and ephemeral containers |
//! | Allowed | any number but 0, not set |
//! | Value | 0 |
//! | History | v1.23: introduced; v1.35: does not apply to pods in a user namespace |
//!
//! Source: `policy/check_runAsUser.go` of k8s.io/pod-security-admission, KEP-127.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{
    Allowed, Change, Condition, Documentation, EXCEPT_USER_NAMESPACES, Explanation, Field, NOT_SET, Restriction,
};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "runAsUser",
    level: Level::Restricted,
    reason: "runAsUser=0",
    other_names: &["Running as Non-root user"],
    revisions: &[Revision::since(23, run, SENTENCE), Revision::since(35, run, SENTENCE).unless_user_namespace()],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "User 0",
    why: "User 0 is root, for the kernel too. A process that escapes from the container is then root on the node.",
    advice: "Remove runAsUser, so that the user of the image applies, or set another number. This user must own the files that it writes; \
             for volumes, set fsGroup.",
    restrictions: &[Restriction::since(23, &[Field::Both(FIELD)], &[NOT_SET, Allowed::Description("any number but 0")])],
    history: &[Change::since(23, "Introduced."), Change::since(35, EXCEPT_USER_NAMESPACES)],
    value: "0",
    explanations: &[Explanation::new(Condition::Always, "{subject} runs as root, because runAsUser is {value}.")],
    source: "check_runAsUser.go",
};

const FIELD: &str = "securityContext.runAsUser";

const SENTENCE: Sentence = Sentence::MustNotSet("runAsUser=0");

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let root = |user: Option<i64>| (user == Some(0)).then_some(Value::Number(0));
    findings.extend(root(pod.spec.security_context.run_as_user).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, |context| root(context.run_as_user));
}
