//! SELinux labels that leave the confinement of containers.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.seLinuxOptions.type`, `spec.containers[*].securityContext.seLinuxOptions.type`, also of init and ephemeral containers |
//! | Allowed | not set, empty, `container_t`, `container_init_t`, `container_kvm_t`; from 1.31 on `container_engine_t` |
//! | Fields | `seLinuxOptions.user` and `.role` in the same places |
//! | Allowed | not set, empty |
//! | Value | the type, the user or the role |
//!
//! Source: `policy/check_seLinuxOptions.go`.

use super::{Findings, each_container};
use crate::pod::{Pod, SeLinuxOptions};
use crate::standards::about::{About, Allowed, Change, Field, INTRODUCED, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seLinuxOptions",
    level: Level::Baseline,
    reason: "seLinuxOptions",
    revisions: &[Revision::since(0, run::<0>, Sentence::SeLinux), Revision::since(31, run::<31>, Sentence::SeLinux)],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "SELinux labels",
    why: "On nodes with SELinux the label of a process decides what it can reach. A label that is not for containers can reach the \
          node, and the other pods.",
    advice: "Remove type, user and role from seLinuxOptions: the runtime chooses a label that keeps pods apart. If the type matters, \
             choose one of those for containers.",
    restrictions: &[
        Restriction::since(0, &[Field::Both(TYPE)], &[NOT_SET, Allowed::Since(&TYPES)]),
        Restriction::since(0, &[Field::Both(USER), Field::Both(ROLE)], &[NOT_SET, Allowed::Words("empty")]),
    ],
    history: &[INTRODUCED, Change::allows(31)],
    value: "the type, the user or the role",
    told: &[
        Told::when(When::Field(TYPE), "{who} runs with the SELinux type {value}, which is not one of those for containers.")
            .advising("Remove type from seLinuxOptions, or set it to {allowed}."),
        Told::when(When::Field(USER), "{who} sets the SELinux user {value}; a pod may not choose one.")
            .advising("Remove user from seLinuxOptions."),
        Told::when(When::Field(ROLE), "{who} sets the SELinux role {value}; a pod may not choose one.")
            .advising("Remove role from seLinuxOptions."),
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
    each_container(pod, &mut |container, subject| find(&container.security_context.se_linux_options, subject));
}
