//! Volumes other than those that hold configuration, scratch space, an image or a claim.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.volumes[*]`: its source |
//! | Allowed | `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, `projected`, `secret`; one of them is enough |
//! | Value of a finding | the name of the source, `unknown` where there is none |
//! | History | 1.0: introduced, in place of hostPathVolumes; since Kubernetes 1.33 it allows `image`, at every version |
//!
//! Source: `policy/check_restrictedVolumes.go`.

use super::Findings;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Place, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "restrictedVolumes",
    level: Level::Restricted,
    reason: "restricted volume types",
    revisions: &[Revision::since(0, run, Sentence::VolumeTypes).overriding(&["hostPathVolumes"])],
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    for volume in pod.spec.volumes.0.iter().filter(|volume| !volume.has_allowed_source()) {
        let source = volume.sources().next();
        findings.push(Finding {
            place: Place::Volume { index: volume.index, name: &volume.name },
            field: source.unwrap_or_default(),
            index: 0,
            value: Value::Text(source.unwrap_or("unknown")),
        });
    }
}
