//! The Secrets and ConfigMaps that Helm stores revisions of releases in.
//!
//! Source: `pkg/storage/driver/secrets.go` and `cfgmaps.go` of Helm 3 and 4.

use super::encoding::{Encoding, decode};
use crate::object::Object;
use crate::problem::{Problem, Severity};

/// The type of the Secrets.
const TYPE: &str = "helm.sh/release.v1";

/// The start of the names of the objects, before `NAME.vREVISION`.
const PREFIX: &str = "sh.helm.release.v1.";

/// The help for a release of Helm 2.
const HELM_2: &str = "its data is Protobuf, and no supported Kubernetes has an API that Helm 2 needs: convert it with the plugin \
                      helm-2to3, then pass the Secret that this makes";

/// Returns whether an object is a revision of a release: by its type or its name, or by the label and the data that Helm looks for.
pub(super) fn is_release(object: &Object<'_>) -> bool {
    let is_stored = object.api_version == "v1" && matches!(object.kind, "Secret" | "ConfigMap");
    let has_data = field(object).is_some();
    is_stored
        && (object.text("type") == TYPE
            || object.name().starts_with(PREFIX)
            || has_data && object.text("metadata.labels.owner") == "helm"
            || is_helm_2(object))
}

fn is_helm_2(object: &Object<'_>) -> bool {
    object.text("metadata.labels.OWNER") == "TILLER"
}

/// Returns the path of the field with the release, and how often it is encoded with base64.
pub(super) fn field(object: &Object<'_>) -> Option<(&'static str, usize)> {
    let paths: &[_] = match object.kind {
        // The API server encodes `stringData`, and then it replaces `data`.
        "Secret" => &[("stringData.release", 1), ("data.release", 2)],
        _ => &[("data.release", 1)],
    };
    paths.iter().find(|(path, _)| object.node.at(path).exists).copied()
}

/// Returns the name of the object of a revision.
pub(super) fn object_name(release: &str, revision: u64) -> String {
    format!("{PREFIX}{release}.v{revision}")
}

/// Returns the JSON of a release with its encoding.
///
/// # Errors
/// The object is of Helm 2, or its data cannot be decoded.
pub(super) fn json(object: &Object<'_>) -> Result<(String, Encoding), Box<Problem>> {
    if is_helm_2(object) {
        let problem = object.problem(Severity::Error, "metadata.labels.OWNER", "a release of Helm 2 cannot be migrated");
        return Err(Box::new(Problem { help: Some(HELM_2.to_owned()), ..problem }));
    }
    let Some((path, layers)) = field(object) else {
        return Err(error(object, "data.release", "data.release is missing, in which Helm stores a release"));
    };
    let text = object.node.at(path).node.text().ok_or_else(|| error(object, path, format!("{path} is not a string")))?;
    decode(text, layers).map_err(|message| error(object, path, format!("{path} {message}")))
}

/// Returns an error in a field.
pub(super) fn error(object: &Object<'_>, path: &str, message: impl Into<String>) -> Box<Problem> {
    Box::new(object.problem(Severity::Error, path, message))
}
