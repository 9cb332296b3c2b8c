//! Ports on the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].ports[*].hostPort`, also of init and ephemeral containers |
//! | Allowed | 0, not set |
//! | Value | the port |
//!
//! Source: `policy/check_hostPorts.go`.

use super::{Findings, each_container};
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Field, INTRODUCED, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, Obstacle, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostPorts",
    level: Level::Baseline,
    reason: "hostPort",
    revisions: &[Revision::since(0, run, Sentence::HostPorts)],
    remedies: &[Remedy::new("ports[].hostPort", Action::Remove, &[Obstacle::HostNetwork])],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Ports of the node",
    why: "A port of the node goes past Services and often past network policies: a pod can stand in for a program of the node, \
          and be reached from outside of the cluster.",
    advice: "Remove hostPort, and reach the pod by a Service: one of type NodePort or LoadBalancer from outside of the cluster. With \
             hostNetwork: true Kubernetes gives each containerPort an equal hostPort; remove hostNetwork then.",
    restrictions: &[Restriction::since(0, &[Field::Containers("ports[*].hostPort")], &[NOT_SET, Allowed::Words("0")])],
    history: &[INTRODUCED],
    value: "the port",
    told: &[Told::when(When::Always, "{who} takes port {value} of the node: whoever reaches the node reaches it there.")],
    source: "check_hostPorts.go",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, &mut |container, subject| {
        findings.extend(container.host_ports.0.iter().map(|(index, port)| Finding {
            subject,
            field: "ports[].hostPort",
            index: *index,
            value: Value::Number((*port).into()),
        }));
    });
}
