//! Containers that may run as root.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.runAsNonRoot`, `spec.containers[*].securityContext.runAsNonRoot`, also of init and ephemeral containers |
//! | Allowed | `true`; not set in a container if the pod sets `true` |
//! | Value | false, or missing |
//!
//! Source: `policy/check_runAsNonRoot.go`, KEP-127.

use super::{Findings, in_containers};
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Change, Field, INTRODUCED, NOT_FOR_USER_NAMESPACES, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, Obstacle, RUN_AS_NON_ROOT, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "runAsNonRoot",
    level: Level::Restricted,
    reason: "runAsNonRoot != true",
    revisions: &[Revision::since(0, run, SENTENCE), Revision::since(35, run, SENTENCE).unless_user_namespace()],
    remedies: &[Remedy::new(RUN_AS_NON_ROOT, Action::Set("true"), &[Obstacle::NonRootSet, Obstacle::Root]).pod_wide()],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Running as root",
    why: "Root in a container is root for the kernel too. If it finds a way out of the container, it is root on the node.",
    advice: "Set runAsNonRoot: true in the securityContext of the pod. The image must name a user that is not root, by its number, as \
             USER 10001 in a Dockerfile does, or runAsUser must; otherwise the container does not start. It needs to own the files that \
             it writes; for volumes fsGroup helps.",
    restrictions: &[
        Restriction::since(0, &[Field::Pod(FIELD)], &[Allowed::Words("true"), Allowed::Words("not set, if each container sets true")]),
        Restriction::since(0, &[Field::Containers(FIELD)], &[Allowed::Words("true"), Allowed::Words("not set, if the pod sets true")]),
    ],
    history: &[INTRODUCED, Change::since(35, NOT_FOR_USER_NAMESPACES)],
    value: "false, or missing",
    told: &[
        Told::when(When::Missing, "{who} may run as root, because neither it nor the pod sets runAsNonRoot to true."),
        Told::when(When::Always, "{who} may run as root, because runAsNonRoot is {value}."),
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
    in_containers(pod, findings, FIELD, &|context| match (context.run_as_non_root, of_pod) {
        (Some(false), _) => Some(Value::Bool(false)),
        (Some(true), _) | (None, Some(true)) => None,
        (None, _) => Some(Value::Missing),
    });
}
