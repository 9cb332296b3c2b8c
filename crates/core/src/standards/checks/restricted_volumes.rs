//! Volumes must be of one of the allowed types: configuration, scratch space, an image or a claim.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.volumes[*]`: the source of the volume |
//! | Allowed | `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, `projected`, `secret`; one of several sources is enough |
//! | Value | the type of the volume; unknown where it has none |
//! | History | v1.0: introduced, in place of `hostPathVolumes`; since Kubernetes v1.33 `image` is allowed at every version |
//!
//! Source: `policy/check_restrictedVolumes.go` of k8s.io/pod-security-admission.

use super::Findings;
use super::shared::HOST_PATH_ADVICE;
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Change, Condition, Documentation, Explanation, Field, Restriction};
use crate::standards::finding::{Finding, Subject, Value};
use crate::standards::level::Level;
use crate::standards::message::{Sentence, UNKNOWN_SOURCE};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "restrictedVolumes",
    level: Level::Restricted,
    reason: "restricted volume types",
    other_names: &["Volume Types"],
    revisions: &[Revision::since(0, run, Sentence::VolumeTypes).overriding(&["hostPathVolumes"])],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Types of volumes",
    why: "Volumes of other types give a pod access to the node, or make its kubelet and kernel connect to servers that the author of the \
          pod chooses. For a PersistentVolume, an administrator chooses them.",
    advice: "Use configMap, secret, projected or downwardAPI for configuration, emptyDir for scratch space, image for the files of an \
             image, and persistentVolumeClaim, ephemeral or csi for storage.",
    restrictions: &[Restriction::since(0, &[Field::Pod("volumes[*]")], &[Allowed::Values(ALLOWED_SOURCES)])],
    history: &[
        Change::since(0, "Introduced, in place of hostPathVolumes."),
        Change::all_versions(33, "volumes of type image are allowed."),
    ],
    value: "the type of the volume; unknown where it has none",
    explanations: &[
        Explanation::new(Condition::Value("hostPath"), "{subject} mounts a directory of the node.").with_advice(HOST_PATH_ADVICE),
        Explanation::new(
            Condition::Value("gitRepo"),
            "{subject} is of type {value}: the node runs git on a repository that may contain malicious code.",
        )
        .with_advice("Use an emptyDir, and an init container that clones the repository into it."),
        Explanation::new(Condition::Value("unknown"), "{subject} has no known type.")
            .with_advice("Give the volume one of these types: {allowed}."),
        Explanation::new(Condition::Always, "{subject} is of type {value}, which restricted does not allow.").with_advice(
            "Have an administrator provide this storage as a PersistentVolume, preferably with a CSI driver, and use a \
             persistentVolumeClaim. Allowed types are {allowed}.",
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
