//! Volumes must not be directories of the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.volumes[*].hostPath` |
//! | Allowed | not set |
//! | Value | the path on the node |
//! | History | v1.0: introduced |
//!
//! Source: `policy/check_hostPathVolumes.go` of k8s.io/pod-security-admission.

use super::Findings;
use super::shared::HOST_PATH_ADVICE;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Condition, Documentation, Explanation, Field, INTRODUCED, NOT_SET, Restriction};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostPathVolumes",
    level: Level::Baseline,
    reason: "hostPath volumes",
    other_names: &["hostPath"],
    revisions: &[Revision::since(0, run, Sentence::Volumes)],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Directories of the node",
    why: "The directories of a node contain the secrets of the kubelet and of other pods. A pod that can write to them can often take over \
          the node.",
    advice: HOST_PATH_ADVICE,
    restrictions: &[Restriction::since(0, &[Field::Pod("volumes[*].hostPath")], &[NOT_SET])],
    history: &[INTRODUCED],
    value: "the path on the node",
    explanations: &[
        Explanation::new(Condition::Value(""), "{subject} mounts a directory of the node."),
        Explanation::new(Condition::Always, "{subject} mounts {value} of the node."),
    ],
    source: "check_hostPathVolumes.go",
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    for (index, volume) in pod.spec.volumes.iter().enumerate() {
        if let Some(path) = &volume.host_path {
            let subject = Subject::Volume { index, name: &volume.name };
            findings.push(Finding { subject, field: "hostPath", index: 0, value: Value::Text(path) });
        }
    }
}
