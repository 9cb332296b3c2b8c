//! Kernel parameters must be among those that are safe: namespaced, and isolated between pods.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.sysctls[*].name` |
//! | Allowed | the parameters in [`SAFE`], written with dots |
//! | Value | the name of the parameter |
//! | History | v1.0: introduced; v1.27, v1.29, v1.32, v1.37: allow more parameters |
//!
//! Source: `policy/check_sysctls.go` of k8s.io/pod-security-admission.

use super::Findings;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Change, Condition, Documentation, Explanation, Field, INTRODUCED, Restriction};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::spelling::SYSCTL_NAME;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "sysctls",
    level: Level::Baseline,
    reason: "forbidden sysctls",
    other_names: &[],
    revisions: &[
        Revision::since(0, run::<0>, Sentence::Values),
        Revision::since(27, run::<27>, Sentence::Values),
        Revision::since(29, run::<29>, Sentence::Values),
        Revision::since(32, run::<32>, Sentence::Values),
        Revision::since(37, run::<37>, Sentence::Values),
    ],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Kernel parameters",
    why: "Most kernel parameters apply to the whole node: a pod that sets them can slow down or stop other pods, or weaken the protection \
          of the node.",
    advice: "Remove the parameter from sysctls. If it has to be set, an administrator can set it for the whole node.",
    restrictions: &[Restriction::since(0, &[Field::Pod("securityContext.sysctls[*].name")], &[Allowed::ValuesSince(&SAFE)])],
    history: &[INTRODUCED, Change::new_values(27), Change::new_values(29), Change::new_values(32), Change::new_values(37)],
    value: "the name of the parameter",
    explanations: &[
        Explanation::new(Condition::Value(""), "{subject} sets a kernel parameter without a name."),
        Explanation::new(Condition::Always, "{subject} sets the kernel parameter {value}, which is not one of the safe parameters.")
            .with_advice(
                "Remove it from sysctls. Allowed, written with dots, are {allowed}. If it has to be set, an administrator can set it \
                 for the whole node.",
            ),
    ],
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
            findings.push(Finding { index, ..Finding::pod(SYSCTL_NAME, Value::Text(&sysctl.name)) });
        }
    }
}
