//! Probes and lifecycle hooks must not set the host that the kubelet connects to.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].livenessProbe`, `readinessProbe`, `startupProbe`, `lifecycle.postStart`, `lifecycle.preStop`: `httpGet.host` and `tcpSocket.host`, also of init and ephemeral containers |
//! | Allowed | not set, empty |
//! | Value | the host |
//! | History | v1.34: introduced |
//!
//! Source: `policy/check_hostProbesAndhostLifecycle.go` of k8s.io/pod-security-admission, KEP-4940.

use super::{Findings, each_container};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Change, Condition, Documentation, Explanation, Field, NOT_SET, Restriction};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostProbesAndHostLifecycle",
    level: Level::Baseline,
    reason: "probe or lifecycle host",
    other_names: &["Host Probes / Lifecycle Hooks"],
    revisions: &[Revision::since(34, run, Sentence::Hosts)],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Hosts of probes and hooks",
    why: "The kubelet connects to the host of a probe or hook from the network of the node. So a pod can have it connect to addresses that \
          the pod itself cannot reach, and find out whether they respond.",
    advice: "Remove host: the kubelet then connects to the pod. For a server that requires a host name, set the header Host in \
             httpGet.httpHeaders. To check a server outside the pod, use an exec probe.",
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
        &[NOT_SET, Allowed::Description("empty")],
    )],
    history: &[Change::since(34, "Introduced.")],
    value: "the host",
    explanations: &[Explanation::new(Condition::Always, "{subject} makes the kubelet connect to {value}, with {field}.")],
    source: "check_hostProbesAndhostLifecycle.go",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, |container, subject| {
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
