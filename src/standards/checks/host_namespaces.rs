//! Sharing the node's namespaces.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.hostNetwork`, `spec.hostPID`, `spec.hostIPC` |
//! | Allowed | `false`, not set |
//! | Value of a finding | `true` |
//! | History | 1.0: introduced |
//!
//! Source: `policy/check_hostNamespaces.go`.

use super::Findings;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostNamespaces",
    level: Level::Baseline,
    reason: "host namespaces",
    revisions: &[Revision::since(0, run, Sentence::Fields)],
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let spec = pod.spec;
    for (field, shared) in [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)] {
        if shared {
            findings.push(Finding::pod(field, Value::Bool(true)));
        }
    }
}
