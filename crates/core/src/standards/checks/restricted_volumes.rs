//! Volumes other than those that hold configuration, scratch space, an image or a claim.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.volumes[*]`: its source |
//! | Allowed | `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, `projected`, `secret`; one of them is enough |
//! | Value | the type of the volume; unknown where it has none |
//!
//! Source: `policy/check_restrictedVolumes.go`.

use super::Findings;
use super::alike::HOST_PATH_ADVICE;
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Change, Field, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::{Sentence, UNKNOWN_SOURCE};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "restrictedVolumes",
    level: Level::Restricted,
    reason: "restricted volume types",
    revisions: &[Revision::since(0, run, Sentence::VolumeTypes).overriding(&["hostPathVolumes"])],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Types of volumes",
    why: "Volumes of other types open the node to a pod, or have its kubelet and kernel speak to servers that the pod's author \
          chooses. For a PersistentVolume an administrator chooses them.",
    advice: "Use configMap, secret, projected or downwardAPI for configuration, emptyDir for scratch space, image for the files of an \
             image, and persistentVolumeClaim, ephemeral or csi for storage.",
    restrictions: &[Restriction::since(0, &[Field::Pod("volumes[*]")], &[Allowed::Names(ALLOWED_SOURCES)])],
    history: &[Change::since(0, "Introduced, in place of hostPathVolumes."), Change::everywhere(33, "volumes of type image are allowed.")],
    value: "the type of the volume; unknown where it has none",
    told: &[
        Told::when(When::Value("hostPath"), "{who} mounts a directory of the node.").advising(HOST_PATH_ADVICE),
        Told::when(
            When::Value("gitRepo"),
            "{who} is of type {value}: it has the node run git, on a repository that anyone may have written.",
        )
        .advising("Use an emptyDir, and an init container that clones the repository into it."),
        Told::when(When::Value("unknown"), "{who} has no type that is known.").advising("Give the volume one of these types: {allowed}."),
        Told::when(When::Always, "{who} is of type {value}, which restricted does not allow.").advising(
            "Let an administrator offer this storage as a PersistentVolume, best by a CSI driver, and use a persistentVolumeClaim. Allowed \
             are {allowed}.",
        ),
    ],
    source: "check_restrictedVolumes.go",
};

/// The allowed types since version 1.0. `image` was not known before 1.33, but is allowed at every version of the
/// standards.
pub(crate) const ALLOWED_SOURCES: &[&str] =
    &["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    for (index, volume) in pod.spec.volumes.iter().enumerate() {
        if volume.sources().any(|source| ALLOWED_SOURCES.contains(&source)) {
            continue;
        }
        let source = volume.sources().next();
        findings.push(Finding {
            subject: Subject::Volume { index, name: &volume.name },
            field: source.unwrap_or_default(),
            index: 0,
            value: Value::Text(source.unwrap_or(UNKNOWN_SOURCE)),
        });
    }
}
