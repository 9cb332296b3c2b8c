//! Containers must not use ports of the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].ports[*].hostPort`, also of init and ephemeral containers |
//! | Allowed | `0`, not set |
//! | Value | the port |
//! | History | v1.0: introduced |
//!
//! Source: `policy/check_hostPorts.go` of k8s.io/pod-security-admission.

use super::{Findings, each_container};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Condition, Documentation, Explanation, Field, INTRODUCED, NOT_SET, Restriction};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, Obstacle, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostPorts",
    level: Level::Baseline,
    reason: "hostPort",
    other_names: &[],
    revisions: &[Revision::since(0, run, Sentence::HostPorts)],
    remedies: &[Remedy::new("ports[].hostPort", Action::Remove, &[Obstacle::HostNetwork])],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Ports of the node",
    why: "A port of the node bypasses Services and often network policies: a pod can take the place of a program of the node, and is \
          reachable from outside the cluster.",
    advice: "Remove hostPort, and use a Service: from outside the cluster, one of type NodePort or LoadBalancer. With hostNetwork: true, \
             Kubernetes sets the hostPort of each port to its containerPort; in this case remove hostNetwork.",
    restrictions: &[Restriction::since(0, &[Field::Containers("ports[*].hostPort")], &[NOT_SET, Allowed::Description("0")])],
    history: &[INTRODUCED],
    value: "the port",
    explanations: &[Explanation::new(
        Condition::Always,
        "{subject} uses port {value} of the node: every client that reaches the node can connect to it.",
    )],
    source: "check_hostPorts.go",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, |container, subject| {
        findings.extend(container.host_ports.0.iter().map(|(index, port)| Finding {
            subject,
            field: "ports[].hostPort",
            index: *index,
            value: Value::Number((*port).into()),
        }));
    });
}
