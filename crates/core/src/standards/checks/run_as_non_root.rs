//! Containers must run as a user other than root.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.runAsNonRoot`, `spec.containers[*].securityContext.runAsNonRoot`, also of init and ephemeral containers |
//! | Allowed | `true`; not set in a container if the pod sets `true` |
//! | Value | false, or missing |
//! | History | v1.0: introduced; v1.35: does not apply to pods in a user namespace |
//!
//! Source: `policy/check_runAsNonRoot.go` of k8s.io/pod-security-admission, KEP-127.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{
    Allowed, Change, Condition, Documentation, EXCEPT_USER_NAMESPACES, Explanation, Field, INTRODUCED, Restriction,
};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, Obstacle, RUN_AS_NON_ROOT, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "runAsNonRoot",
    level: Level::Restricted,
    reason: "runAsNonRoot != true",
    other_names: &["Running as Non-root"],
    revisions: &[Revision::since(0, run, SENTENCE), Revision::since(35, run, SENTENCE).unless_user_namespace()],
    remedies: &[Remedy::new(RUN_AS_NON_ROOT, Action::Set("true"), &[Obstacle::NonRootSet, Obstacle::Root]).pod_wide()],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Running as root",
    why: "Root in a container is root for the kernel too. A process that escapes from the container is then root on the node.",
    advice: "Set runAsNonRoot: true in the securityContext of the pod. The image must specify a user other than root by number, such as \
             USER 10001 in a Dockerfile, or runAsUser must; otherwise the container does not start. This user must own the files that it \
             writes; for volumes, set fsGroup.",
    restrictions: &[
        Restriction::since(
            0,
            &[Field::Pod(FIELD)],
            &[Allowed::Description("true"), Allowed::Description("not set, if each container sets true")],
        ),
        Restriction::since(
            0,
            &[Field::Containers(FIELD)],
            &[Allowed::Description("true"), Allowed::Description("not set, if the pod sets true")],
        ),
    ],
    history: &[INTRODUCED, Change::since(35, EXCEPT_USER_NAMESPACES)],
    value: "false, or missing",
    explanations: &[
        Explanation::new(Condition::Missing, "{subject} may run as root, because neither it nor the pod sets runAsNonRoot to true."),
        Explanation::new(Condition::Always, "{subject} may run as root, because runAsNonRoot is {value}."),
    ],
    source: "check_runAsNonRoot.go",
};

const FIELD: &str = "securityContext.runAsNonRoot";

const SENTENCE: Sentence = Sentence::WrongOrMissing {
    wrong: &Sentence::MustNotSet("securityContext.runAsNonRoot=false"),
    required: "securityContext.runAsNonRoot=true",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let of_pod = pod.spec.security_context.run_as_non_root;
    if of_pod == Some(false) {
        findings.push(Finding::pod(FIELD, Value::Bool(false)));
    }
    in_containers(pod, findings, FIELD, |context| match (context.run_as_non_root, of_pod) {
        (Some(false), _) => Some(Value::Bool(false)),
        (Some(true), _) | (None, Some(true)) => None,
        (None, _) => Some(Value::Missing),
    });
}
