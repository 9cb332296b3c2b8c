//! Volumes that are a directory of the node.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.volumes[*].hostPath` |
//! | Allowed | not set |
//! | Value of a finding | the path on the node |
//! | History | 1.0: introduced. At restricted, restrictedVolumes finds it instead |
//!
//! Source: `policy/check_hostPathVolumes.go`.

use super::Findings;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Place, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "hostPathVolumes",
    level: Level::Baseline,
    reason: "hostPath volumes",
    revisions: &[Revision::since(0, run, Sentence::Volumes)],
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    for volume in &pod.spec.volumes.0 {
        if let Some(path) = &volume.host_path {
            let place = Place::Volume { index: volume.index, name: &volume.name };
            findings.push(Finding { place, field: "hostPath", index: 0, value: Value::Text(path) });
        }
    }
}
