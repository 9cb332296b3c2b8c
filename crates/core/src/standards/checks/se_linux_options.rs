//! The SELinux type must be one of those for containers, and no user or role may be set.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.seLinuxOptions.type`, `spec.containers[*].securityContext.seLinuxOptions.type`, also of init and ephemeral containers |
//! | Allowed | not set, empty, `container_t`, `container_init_t`, `container_kvm_t`; from v1.31 on `container_engine_t` |
//! | Fields | `seLinuxOptions.user` and `.role` in the same places |
//! | Allowed | not set, empty |
//! | Value | the type, the user or the role |
//! | History | v1.0: introduced; v1.31: allows `container_engine_t` |
//!
//! Source: `policy/check_seLinuxOptions.go` of k8s.io/pod-security-admission.

use super::{Findings, each_container};
use crate::pod::{Pod, SeLinuxOptions};
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Change, Condition, Documentation, Explanation, Field, INTRODUCED, NOT_SET, Restriction};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seLinuxOptions",
    level: Level::Baseline,
    reason: "seLinuxOptions",
    other_names: &["SELinux"],
    revisions: &[Revision::since(0, run::<0>, Sentence::SeLinux), Revision::since(31, run::<31>, Sentence::SeLinux)],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "SELinux labels",
    why: "On nodes with SELinux, the label of a process determines its access rights. A label that is not for containers can give access \
          to the node and to other pods.",
    advice: "Remove type, user and role from seLinuxOptions: the runtime then chooses a label that isolates pods. If a type is required, \
             set one of those for containers.",
    restrictions: &[
        Restriction::since(0, &[Field::Both(TYPE)], &[NOT_SET, Allowed::ValuesSince(&TYPES)]),
        Restriction::since(0, &[Field::Both(USER), Field::Both(ROLE)], &[NOT_SET, Allowed::Description("empty")]),
    ],
    history: &[INTRODUCED, Change::new_values(31)],
    value: "the type, the user or the role",
    explanations: &[
        Explanation::new(Condition::Field(TYPE), "{subject} runs with the SELinux type {value}, which is not one of those for containers.")
            .with_advice("Remove type from seLinuxOptions, or set it to {allowed}."),
        Explanation::new(Condition::Field(USER), "{subject} sets the SELinux user {value}, which a pod must not set.")
            .with_advice("Remove user from seLinuxOptions."),
        Explanation::new(Condition::Field(ROLE), "{subject} sets the SELinux role {value}, which a pod must not set.")
            .with_advice("Remove role from seLinuxOptions."),
    ],
    source: "check_seLinuxOptions.go",
};

/// The types that may be set, each with the minor version that allowed it.
const TYPES: [(&str, u64); 5] = [("", 0), ("container_t", 0), ("container_init_t", 0), ("container_kvm_t", 0), ("container_engine_t", 31)];

const TYPE: &str = "securityContext.seLinuxOptions.type";
const USER: &str = "securityContext.seLinuxOptions.user";
const ROLE: &str = "securityContext.seLinuxOptions.role";

fn run<'p, const MINOR: u64>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let mut find = |options: &'p SeLinuxOptions<'p>, subject: Subject<'p>| {
        let mut report = |field, value| findings.push(Finding { subject, field, index: 0, value: Value::Text(value) });
        if !TYPES.iter().any(|(label, since)| *since <= MINOR && *label == options.label) {
            report(TYPE, &options.label);
        }
        if !options.user.is_empty() {
            report(USER, &options.user);
        }
        if !options.role.is_empty() {
            report(ROLE, &options.role);
        }
    };
    find(&pod.spec.security_context.se_linux_options, Subject::Pod);
    each_container(pod, |container, subject| find(&container.security_context.se_linux_options, subject));
}
