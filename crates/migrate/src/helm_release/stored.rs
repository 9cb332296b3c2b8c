//! The revisions that are stored in the objects of the input.

use serde_json::Value;

use super::encoding::{Encoding, decode, encode};
use super::record::Record;
use super::removal::{InvalidManifest, invalid_documents};
use super::revision_change::{ChangedText, NewFields, Removals, changed_json};
use super::storage::{self, error, object_name};
use super::verification::verify;
use crate::object::Object;
use crate::problem::{Problem, Severity};

/// A stored revision.
#[derive(Debug)]
pub(super) struct Revision {
    /// The kind of the object: Secret or ConfigMap.
    pub(super) kind: String,
    /// The namespace of the object; empty if it is missing.
    pub(super) namespace: String,
    /// The name of the release.
    pub(super) release: String,
    /// Its number.
    pub(super) revision: u64,
    /// Its status.
    pub(super) status: String,
    /// The names of the PodSecurityPolicies in it.
    pub(super) policies: Vec<String>,
    /// Sentences about other objects in it.
    pub(super) notes: Vec<String>,
    /// The object.
    object: Value,
    /// The path of the release in the object, as a JSON pointer.
    pointer: String,
    encoding: Encoding,
    /// A problem at the place of the object.
    problem: Problem,
}

/// An object to be applied, and the changes of the release in it.
#[derive(Debug)]
pub(super) struct ChangedObject {
    pub(super) object: Value,
    /// The changed texts of the release.
    pub(super) texts: Vec<ChangedText>,
    /// The size of the release in bytes, as the API server counts it.
    pub(super) size: usize,
}

/// The labels with which Helm finds a revision, with the values that it must have.
fn labels(release: &str, revision: u64, status: &str) -> [(&'static str, String); 4] {
    [("owner", "helm".to_owned()), ("name", release.to_owned()), ("version", revision.to_string()), ("status", status.to_owned())]
}

impl Revision {
    /// Reads the revision in an object.
    ///
    /// # Errors
    /// The data is invalid, or disagrees with the name or the labels of the object.
    pub(super) fn of(object: &Object<'_>) -> Result<Self, Box<Problem>> {
        let (json, encoding) = storage::json(object)?;
        let (path, _) = storage::field(object).unwrap_or_default();
        let record = Record::parse(&json).map_err(|message| error(object, path, format!("{path} {message}")))?;
        for (label, value) in labels(&record.name, record.version, &record.status) {
            let field = format!("metadata.labels.{label}");
            if object.node.at(&field).exists && object.text(&field) != value {
                return Err(error(object, &field, format!("the label {label} must be {value}, as in the release")));
            }
        }
        let name = object_name(&record.name, record.version);
        if object.name() != name {
            return Err(error(object, "metadata.name", format!("the name must be {name}, under which Helm looks for this revision")));
        }
        let removals = Removals::of(&record).map_err(|(name, invalid)| {
            let id = id(object.namespace(), &record.name);
            let message = format!("{id}: revision {}: line {} of the {name}: {}", record.version, invalid.line, invalid.message);
            let help = format!("leave all revisions of {id} out of the input to change the other releases");
            Box::new(Problem { help: Some(help), ..*error(object, path, message) })
        })?;
        let mut roles: Vec<_> = removals.all().flat_map(|removal| removal.roles.clone()).collect();
        roles.dedup();
        let roles = (!roles.is_empty())
            .then(|| format!("rules about PodSecurityPolicies, which have no effect any more, remain in {}", roles.join(", ")));
        Ok(Revision {
            kind: object.kind.to_owned(),
            namespace: object.namespace().to_owned(),
            policies: removals.all().flat_map(|removal| removal.policies.clone()).collect(),
            notes: roles.into_iter().chain(removals.all().flat_map(|removal| removal.notes.clone())).collect(),
            release: record.name,
            revision: record.version,
            status: record.status,
            object: typed(object),
            pointer: format!("/{}", path.replace('.', "/")),
            encoding,
            problem: object.problem(Severity::Error, "metadata.name", ""),
        })
    }

    /// Returns the name of the release in the output: `NAMESPACE/NAME`.
    pub(super) fn id(&self) -> String {
        id(&self.namespace, &self.release)
    }

    /// Returns sentences about the documents of its manifests that cannot be parsed. There is no PodSecurityPolicy in them.
    ///
    /// # Errors
    /// None in practice, because the revision was decoded before.
    pub(super) fn invalid_documents(&self) -> Result<Vec<String>, String> {
        let (json, _) = decode(self.encoded(), self.encoding.layers)?;
        let record = Record::parse(&json)?;
        let hooks = record.hooks.iter().map(|hook| (format!("hook {}", hook.name), &hook.manifest));
        let manifests = [("manifest".to_owned(), &record.manifest)].into_iter().chain(hooks);
        let notes = manifests.flat_map(|(name, manifest)| {
            invalid_documents(manifest).into_iter().map(move |InvalidManifest { line, message }| {
                format!("line {line} of the {name}: the document cannot be parsed, and remains as it is: {message}")
            })
        });
        Ok(notes.collect())
    }

    fn encoded(&self) -> &str {
        self.object.pointer(&self.pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns the command that prints all revisions of the release.
    pub(super) fn selection(&self) -> String {
        let namespace = if self.namespace.is_empty() { String::new() } else { format!("-n {} ", self.namespace) };
        format!("kubectl get {} {namespace}-l owner=helm,name={} -o yaml", self.kind.to_lowercase(), self.release)
    }

    /// Returns whether a Helm operation is in progress, or was interrupted.
    pub(super) fn is_pending(&self) -> bool {
        self.status.starts_with("pending-")
    }

    /// Returns an error about this revision.
    pub(super) fn error(&self, message: impl Into<String>, help: impl Into<String>) -> Box<Problem> {
        Box::new(Problem { message: format!("{}: {}", self.id(), message.into()), help: Some(help.into()), ..self.problem.clone() })
    }

    /// Returns the object with other fields, and without PodSecurityPolicies if `is_cleaned`.
    ///
    /// # Errors
    /// The object is immutable, or the result differs in more than what is intended.
    pub(super) fn change(&self, fields: NewFields<'_>, is_cleaned: bool, time: u64) -> Result<ChangedObject, Box<Problem>> {
        let is_new = fields.version.is_some();
        if !is_new && self.object.get("immutable") == Some(&Value::Bool(true)) {
            return Err(self.error(
                format!("revision {} is in an immutable {}, so that neither kubectl nor Helm can change it", self.revision, self.kind),
                format!("replace the {} by one without immutable, then pass that", self.kind),
            ));
        }
        let failure = |message: String| self.error(format!("revision {}: {message}", self.revision), "nothing is changed");
        let (json, _) = decode(self.encoded(), self.encoding.layers).map_err(failure)?;
        let record = Record::parse(&json).map_err(failure)?;
        let removals =
            if is_cleaned { Removals::of(&record).map_err(|(_, error)| failure(error.message))? } else { Removals::none(&record) };
        let changed = changed_json(&record, &removals, fields).ok_or_else(|| failure("a field has no place in the text".to_owned()))?;
        let new = encode(&changed, self.encoding).map_err(failure)?;
        let (decoded, encoding) = decode(&new, self.encoding.layers).map_err(failure)?;
        if decoded != changed || encoding != self.encoding {
            return Err(failure("the result has another encoding".to_owned()));
        }
        verify(&record, &decoded, &removals, fields)
            .map_err(|part| failure(format!("the result would differ from the original in {part}")))?;
        let size = if self.encoding.layers == 2 { new.len() / 4 * 3 } else { new.len() };
        let mut object = self.object.clone();
        if let Some(value) = object.pointer_mut(&self.pointer) {
            *value = new.into();
        }
        let revision = fields.version.unwrap_or(self.revision);
        set_metadata(&mut object, &labels(&self.release, revision, fields.status.unwrap_or(&self.status)), is_new, time);
        if is_new && let Some(name) = object.pointer_mut("/metadata/name") {
            *name = object_name(&self.release, revision).into();
        }
        Ok(ChangedObject { object, texts: removals.texts(&record), size })
    }
}

/// Returns the name of a release in the output.
fn id(namespace: &str, release: &str) -> String {
    let slash = if namespace.is_empty() { "" } else { "/" };
    [namespace, slash, release].concat()
}

/// Returns an object as JSON with its type, which an item of a typed list may lack.
fn typed(object: &Object<'_>) -> Value {
    let mut json = object.node.to_json();
    if let Some(fields) = json.as_object_mut() {
        fields.insert("apiVersion".to_owned(), object.api_version.into());
        fields.insert("kind".to_owned(), object.kind.into());
    }
    json
}

/// The annotation that kubectl adds when it applies an object: a copy of the object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Sets the labels, as Helm does, and removes the metadata that an API server sets. An existing object keeps its resourceVersion,
/// with which the API server rejects the change if the object was changed in the meantime.
fn set_metadata(object: &mut Value, labels: &[(&str, String)], is_new: bool, time: u64) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    metadata.retain(|key, _| match &**key {
        "name" | "namespace" | "labels" | "annotations" | "ownerReferences" => true,
        "resourceVersion" | "finalizers" => !is_new,
        _ => false,
    });
    if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    let entry = metadata.entry("labels").or_insert_with(|| Value::Object(serde_json::Map::new()));
    if !entry.is_object() {
        *entry = Value::Object(serde_json::Map::new());
    }
    let Some(map) = entry.as_object_mut() else { return };
    for (label, value) in labels {
        map.insert((*label).to_owned(), value.clone().into());
    }
    let (set, unset) = if is_new { ("createdAt", Some("modifiedAt")) } else { ("modifiedAt", None) };
    map.insert(set.to_owned(), time.to_string().into());
    unset.and_then(|label| map.remove(label));
    if is_new && let Some(fields) = object.as_object_mut() {
        fields.remove("immutable");
    }
}
