//! Sharing the node's namespaces.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.hostNetwork`, `spec.hostPID`, `spec.hostIPC` |
//! | Allowed | `false`, not set |
//! | Value | true; in a rule's values it is the name of the field |
//!
//! Source: `policy/check_hostNamespaces.go`.

use super::Findings;
use crate::pod::Pod;
use crate::standards::about::{About, Field, INTRODUCED, OFF, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostNamespaces",
    level: Level::Baseline,
    reason: "host namespaces",
    revisions: &[Revision::since(0, run, Sentence::Fields(&FIELDS))],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Namespaces of the node",
    why: "A pod in the namespaces of its node sees what other pods and the node itself do: their local ports, their processes, \
          their shared memory.",
    advice: "Remove the field. To be reached from outside of the cluster, use a Service or an Ingress. To see the processes of the \
             pod's other containers, set shareProcessNamespace. Agents that watch the node belong in a namespace of the privileged \
             level.",
    restrictions: &[Restriction::since(0, &[Field::Pod("hostNetwork"), Field::Pod("hostPID"), Field::Pod("hostIPC")], OFF)],
    history: &[INTRODUCED],
    value: "true; in a rule's values it is the name of the field",
    told: &[
        Told::when(
            When::Field("hostNetwork"),
            "{who} uses the network of the node: it reaches what listens on the node's localhost, and most network policies do not \
             hold for it.",
        ),
        Told::when(When::Field("hostPID"), "{who} sees every process of the node, and may be able to stop it or to read its secrets."),
        Told::when(When::Field("hostIPC"), "{who} shares the memory and the message queues by which programs on the node talk."),
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
