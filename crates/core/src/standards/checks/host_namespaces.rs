//! Pods must not share the namespaces of the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.hostNetwork`, `spec.hostPID`, `spec.hostIPC` |
//! | Allowed | `false`, not set |
//! | Value | true; in a rule's values it is the name of the field |
//! | History | v1.0: introduced |
//!
//! Source: `policy/check_hostNamespaces.go` of k8s.io/pod-security-admission.

use super::Findings;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Condition, Documentation, Explanation, FALSE, Field, INTRODUCED, Restriction};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostNamespaces",
    level: Level::Baseline,
    reason: "host namespaces",
    other_names: &["hostNetwork", "hostPID", "hostIPC"],
    revisions: &[Revision::since(0, run, Sentence::Fields(&FIELDS))],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Namespaces of the node",
    why: "A pod in the namespaces of its node has access to the local ports, the processes and the shared memory of the node and of other \
          pods.",
    advice: "Remove the field. To make the pod reachable from outside the cluster, use a Service or an Ingress. To share processes between \
             the containers of the pod, set shareProcessNamespace. Run agents that monitor the node in a namespace with the privileged \
             level.",
    restrictions: &[Restriction::since(0, &[Field::Pod("hostNetwork"), Field::Pod("hostPID"), Field::Pod("hostIPC")], FALSE)],
    history: &[INTRODUCED],
    value: "true; in a rule's values it is the name of the field",
    explanations: &[
        Explanation::new(
            Condition::Field("hostNetwork"),
            "{subject} uses the network of the node: it reaches ports on the node's localhost, and most network policies do not apply to \
             it.",
        ),
        Explanation::new(
            Condition::Field("hostPID"),
            "{subject} can list every process of the node, and may be able to stop it or to read its secrets.",
        ),
        Explanation::new(
            Condition::Field("hostIPC"),
            "{subject} has access to the shared memory and the message queues of programs on the node.",
        ),
    ],
    source: "check_hostNamespaces.go",
};

const FIELDS: [&str; 3] = ["hostNetwork", "hostPID", "hostIPC"];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let spec = pod.spec;
    for (field, shared) in FIELDS.into_iter().zip([spec.host_network, spec.host_pid, spec.host_ipc]) {
        if shared {
            findings.push(Finding::pod(field, Value::Bool(true)));
        }
    }
}
