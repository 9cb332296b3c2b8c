//! Volumes that are a directory of the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.volumes[*].hostPath` |
//! | Allowed | not set |
//! | Value | the path on the node |
//!
//! Source: `policy/check_hostPathVolumes.go`.

use super::Findings;
use super::alike::HOST_PATH_ADVICE;
use crate::pod::Pod;
use crate::standards::about::{About, Field, INTRODUCED, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostPathVolumes",
    level: Level::Baseline,
    reason: "hostPath volumes",
    revisions: &[Revision::since(0, run, Sentence::Volumes)],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Directories of the node",
    why: "In the directories of a node lie the secrets of the kubelet and of other pods. A pod that can write there can often \
          take over the node.",
    advice: HOST_PATH_ADVICE,
    restrictions: &[Restriction::since(0, &[Field::Pod("volumes[*].hostPath")], &[NOT_SET])],
    history: &[INTRODUCED],
    value: "the path on the node",
    told: &[
        Told::when(When::Value(""), "{who} mounts a directory of the node."),
        Told::when(When::Always, "{who} mounts {value} from the node."),
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
