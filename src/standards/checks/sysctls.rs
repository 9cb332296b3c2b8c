//! Kernel parameters that are not known to be confined to the pod.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.sysctls[*].name` |
//! | Allowed | the parameters of [`SAFE`]; written with dots |
//! | Value of a finding | the name |
//! | History | 1.0: introduced. 1.27, 1.29, 1.32, 1.37: allow more |
//!
//! Source: `policy/check_sysctls.go`.

use super::Findings;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "sysctls",
    level: Level::Baseline,
    reason: "forbidden sysctls",
    revisions: &[
        Revision::since(0, run::<0>, Sentence::Values),
        Revision::since(27, run::<27>, Sentence::Values),
        Revision::since(29, run::<29>, Sentence::Values),
        Revision::since(32, run::<32>, Sentence::Values),
        Revision::since(37, run::<37>, Sentence::Values),
    ],
};

/// The parameters that may be set, each with the minor version that allowed it.
const SAFE: [(&str, u64); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

fn run<'p, const MINOR: u64>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    for (index, sysctl) in pod.spec.security_context.sysctls.iter().enumerate() {
        if !SAFE.iter().any(|(name, since)| *since <= MINOR && *name == sysctl.name) {
            findings.push(Finding { index, ..Finding::pod("securityContext.sysctls[].name", Value::Text(&sysctl.name)) });
        }
    }
}
