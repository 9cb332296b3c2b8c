//! Capabilities beyond those that container runtimes give by default.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.capabilities.add`, also of init and ephemeral containers |
//! | Allowed | nothing, or any of the default set (see [`ALLOWED`]) |
//! | Value of a finding | the capability, as written |
//! | History | 1.0: introduced. From 1.22 on restricted has a check of its own instead |
//!
//! Source: `policy/check_capabilities_baseline.go`.

use super::{Findings, added_capabilities};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "capabilities_baseline",
    level: Level::Baseline,
    reason: "non-default capabilities",
    revisions: &[Revision::since(0, run, Sentence::Capabilities)],
};

/// The capabilities that may be added. `NET_RAW` is a default of many runtimes and yet not among
/// them: it lets a pod forge packets of its neighbours.
const ALLOWED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    super::each_container(pod, |container, place| {
        findings.extend(added_capabilities(container, place, &ALLOWED));
    });
}
