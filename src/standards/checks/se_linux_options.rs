//! SELinux labels that leave the confinement of containers.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.seLinuxOptions.type`, `spec.containers[*].securityContext.seLinuxOptions.type`, also of init and ephemeral containers |
//! | Allowed | not set, empty, `container_t`, `container_init_t`, `container_kvm_t`; from 1.31 on `container_engine_t` |
//! | Fields | `seLinuxOptions.user` and `.role` in the same places |
//! | Allowed | not set, empty |
//! | Value of a finding | the type, the user or the role |
//! | History | 1.0: introduced. 1.31: allows `container_engine_t` |
//!
//! Source: `policy/check_seLinuxOptions.go`.

use super::{Findings, each_container};
use crate::pod::{Pod, SeLinuxOptions};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Place, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "seLinuxOptions",
    level: Level::Baseline,
    reason: "seLinuxOptions",
    revisions: &[Revision::since(0, run::<0>, Sentence::SeLinux), Revision::since(31, run::<31>, Sentence::SeLinux)],
};

/// The types that may be set, each with the minor version that allowed it.
const TYPES: [(&str, u64); 5] = [("", 0), ("container_t", 0), ("container_init_t", 0), ("container_kvm_t", 0), ("container_engine_t", 31)];

fn run<'p, const MINOR: u64>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let mut find = |options: &'p SeLinuxOptions<'p>, place: Place<'p>| {
        let mut report = |field, value| findings.push(Finding { place, field, index: 0, value: Value::Text(value) });
        if !TYPES.iter().any(|(label, since)| *since <= MINOR && *label == options.label) {
            report("securityContext.seLinuxOptions.type", &options.label);
        }
        if !options.user.is_empty() {
            report("securityContext.seLinuxOptions.user", &options.user);
        }
        if !options.role.is_empty() {
            report("securityContext.seLinuxOptions.role", &options.role);
        }
    };
    find(&pod.spec.security_context.se_linux_options, Place::Pod);
    each_container(pod, |container, place| find(&container.security_context.se_linux_options, place));
}
