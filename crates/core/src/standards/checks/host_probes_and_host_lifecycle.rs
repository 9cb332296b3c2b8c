//! Probes and hooks that make the kubelet connect to a host of the pod's choice.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].livenessProbe`, `readinessProbe`, `startupProbe`, `lifecycle.postStart`, `lifecycle.preStop`: `httpGet.host` and `tcpSocket.host`, also of init and ephemeral containers |
//! | Allowed | not set, empty |
//! | Value | the host |
//!
//! Source: `policy/check_hostProbesAndhostLifecycle.go`, KEP-4940.

use super::{Findings, each_container};
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Change, Field, NOT_SET, Restriction, Told, When};
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
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Hosts of probes and hooks",
    why: "The kubelet connects to the host that a probe or a hook names, from the node's own network. So a pod can make it call \
          addresses that the pod cannot reach, and learn whether they answer.",
    advice: "Remove host: the kubelet then asks the pod itself. For a server that wants to be called by a name, set the header Host \
             in httpGet.httpHeaders. What is outside of the pod an exec probe can ask.",
    restrictions: &[Restriction::since(
        34,
        &[
            Field::Containers("livenessProbe.httpGet.host"),
            Field::Containers("livenessProbe.tcpSocket.host"),
            Field::Containers("readinessProbe.httpGet.host"),
            Field::Containers("readinessProbe.tcpSocket.host"),
            Field::Containers("startupProbe.httpGet.host"),
            Field::Containers("startupProbe.tcpSocket.host"),
            Field::Containers("lifecycle.postStart.httpGet.host"),
            Field::Containers("lifecycle.postStart.tcpSocket.host"),
            Field::Containers("lifecycle.preStop.httpGet.host"),
            Field::Containers("lifecycle.preStop.tcpSocket.host"),
        ],
        &[NOT_SET, Allowed::Words("empty")],
    )],
    history: &[Change::since(34, "Introduced.")],
    value: "the host",
    told: &[Told::when(When::Always, "{who} makes the kubelet connect to {value}, by {field}.")],
    source: "check_hostProbesAndhostLifecycle.go",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, &mut |container, subject| {
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
                    findings.push(Finding { subject, field, index: 0, value: Value::Text(&action.host) });
                }
            }
        }
    });
}
