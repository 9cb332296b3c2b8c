//! Probes and hooks that make the kubelet connect to a host of the pod's choice.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].livenessProbe`, `readinessProbe`, `startupProbe`, `lifecycle.postStart`, `lifecycle.preStop`: `httpGet.host` and `tcpSocket.host`, also of init and ephemeral containers |
//! | Allowed | not set, empty |
//! | Value of a finding | the host |
//! | History | 1.34: introduced |
//!
//! Source: `policy/check_hostProbesAndhostLifecycle.go`, KEP-4940.

use super::{Findings, each_container};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostProbesAndHostLifecycle",
    level: Level::Baseline,
    reason: "probe or lifecycle host",
    revisions: &[Revision::since(34, run, Sentence::Hosts)],
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, |container, place| {
        let lifecycle = &container.lifecycle;
        let handlers = [
            (&container.liveness_probe, "livenessProbe.httpGet.host", "livenessProbe.tcpSocket.host"),
            (&container.readiness_probe, "readinessProbe.httpGet.host", "readinessProbe.tcpSocket.host"),
            (&container.startup_probe, "startupProbe.httpGet.host", "startupProbe.tcpSocket.host"),
            (&lifecycle.post_start, "lifecycle.postStart.httpGet.host", "lifecycle.postStart.tcpSocket.host"),
            (&lifecycle.pre_stop, "lifecycle.preStop.httpGet.host", "lifecycle.preStop.tcpSocket.host"),
        ];
        for (handler, http_get, tcp_socket) in handlers {
            for (action, field) in [(&handler.http_get, http_get), (&handler.tcp_socket, tcp_socket)] {
                if !action.host.is_empty() {
                    findings.push(Finding { place, field, index: 0, value: Value::Text(&action.host) });
                }
            }
        }
    });
}
