//! Kernel parameters that are not known to be confined to the pod.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.sysctls[*].name` |
//! | Allowed | the parameters of [`SAFE`]; written with dots |
//! | Value | the name of the parameter |
//!
//! Source: `policy/check_sysctls.go`.

use super::Findings;
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Change, Field, INTRODUCED, Restriction, Told, When};
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
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Kernel parameters",
    why: "Most kernel parameters hold for the whole node: a pod that sets them can slow down or stop its neighbours, or weaken what \
          protects the node.",
    advice: "Remove the parameter from sysctls. If it has to be set, an administrator can set it for the whole node.",
    restrictions: &[Restriction::since(0, &[Field::Pod("securityContext.sysctls[*].name")], &[Allowed::Since(&SAFE)])],
    history: &[INTRODUCED, Change::allows(27), Change::allows(29), Change::allows(32), Change::allows(37)],
    value: "the name of the parameter",
    told: &[Told::when(When::Value(""), "{who} sets a kernel parameter without a name."), Told::when(When::Always, "{who} sets the kernel parameter {value}, which is not known to concern the pod alone.").advising(
        "Remove it from sysctls; these may be set, written with dots: {allowed}. If it has to be set, an administrator can set it for the \
         whole node.",
    )],
    source: "check_sysctls.go",
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
