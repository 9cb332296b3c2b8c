//! Helm releases that contain PodSecurityPolicies.
//!
//! Helm stores each revision of a release in a Secret or a ConfigMap. An upgrade compares the manifest of the deployed revision with
//! the new one, and fails if the cluster does not have one of its kinds any more, as PodSecurityPolicy from Kubernetes 1.25 on.
//!
//! ```text
//! Secrets, ConfigMaps --storage, encoding--> JSON --record--> manifest, hooks --removal, revision_change--> new JSON
//!     --verification, encoding--> Secrets, ConfigMaps (stored) --plan, yaml--> YAML for kubectl apply
//! ```
//!
//! [`manifests`] returns what a revision contains. [`Revisions`] collects the revisions of the input, and [`Revisions::plan`] returns the
//! objects to be applied.

mod encoding;
mod entry;
mod json_string;
mod leftover;
mod plan;
mod record;
mod removal;
mod revision_change;
mod storage;
mod stored;
mod verification;
mod yaml;

pub use plan::{ChangedRevision, Mode, Options, Plan, Revisions};
pub use revision_change::ChangedText;

use record::Record;

use crate::object::Object;
use crate::problem::Problem;

/// A revision of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The name of the release.
    pub name: String,
    /// The namespace that it is stored in.
    pub namespace: String,
    /// The number of the revision, from 1.
    pub revision: u64,
    /// The status, such as `deployed`, `superseded`, `failed`, `pending-upgrade`.
    pub status: String,
    /// The manifest, which may have many documents, and those of hooks.
    pub manifests: Vec<Manifest>,
}

/// A rendered text of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The name of the hook; `None` for the manifest of the release.
    pub hook: Option<String>,
    /// YAML or JSON.
    pub text: String,
}

/// Returns the revision that a Secret or a ConfigMap contains; `None` for other objects.
///
/// # Errors
/// The object is of Helm 2, or its data is invalid.
pub fn manifests(object: &Object<'_>) -> Option<Result<Release, Box<Problem>>> {
    storage::is_release(object).then(|| {
        let (json, _) = storage::json(object)?;
        let record = Record::parse(&json).map_err(|message| storage::error(object, "data.release", format!("data.release {message}")))?;
        let namespace = if object.namespace().is_empty() { record.namespace } else { object.namespace().to_owned() };
        let manifest = Manifest { hook: None, text: record.manifest };
        let hooks = record.hooks.into_iter().map(|hook| Manifest { hook: Some(hook.name), text: hook.manifest });
        let manifests = [manifest].into_iter().chain(hooks).collect();
        Ok(Release { name: record.name, namespace, revision: record.version, status: record.status, manifests })
    })
}

#[cfg(test)]
mod tests;
