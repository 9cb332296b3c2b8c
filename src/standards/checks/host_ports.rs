//! Ports on the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].ports[*].hostPort`, also of init and ephemeral containers |
//! | Allowed | 0, not set |
//! | Value of a finding | the port |
//! | History | 1.0: introduced |
//!
//! Source: `policy/check_hostPorts.go`.

use super::{Findings, each_container};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check =
    Check { id: "hostPorts", level: Level::Baseline, reason: "hostPort", revisions: &[Revision::since(0, run, Sentence::HostPorts)] };

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, |container, place| {
        findings.extend(container.host_ports.0.iter().map(|(index, port)| Finding {
            place,
            field: "ports[].hostPort",
            index: *index,
            value: Value::Number((*port).into()),
        }));
    });
}
