//! The simulated cluster: its objects, in a file between commands.

use std::fs;
use std::path::Path;

use pss_manifest::documents;
use pss_review::objects_of;
use serde_json::{Value, json};

/// The environment variable with the path of the file.
pub(crate) const STATE: &str = "PSS_TEST_CLUSTER";
/// The environment variable with the version of the cluster.
pub(crate) const VERSION: &str = "PSS_TEST_CLUSTER_VERSION";

/// The objects of a cluster.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    pub(crate) objects: Vec<Value>,
}

/// Returns the objects of a text.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    let documents = documents(text);
    let trees = documents.iter().map(|document| document.content.as_ref().unwrap_or_else(|error| panic!("{}", error.message)));
    let objects = trees.flat_map(|tree| objects_of(tree.root()));
    objects.map(|(node, ..)| node.to_json()).filter(|object| !object.is_null()).collect()
}

impl Cluster {
    pub(crate) fn load(state: &Path) -> Self {
        Cluster { objects: serde_json::from_str(&fs::read_to_string(state).unwrap()).unwrap() }
    }

    /// Loads the cluster of the current command.
    pub(crate) fn current() -> Self {
        Cluster::load(Path::new(&std::env::var_os(STATE).unwrap()))
    }

    pub(crate) fn save(&self, state: &Path) {
        fs::write(state, json!(self.objects).to_string()).unwrap();
    }

    pub(crate) fn save_current(&self) {
        self.save(Path::new(&std::env::var_os(STATE).unwrap()));
    }

    /// Adds the objects of a text.
    pub(crate) fn add(&mut self, text: &str) {
        for object in objects(text) {
            self.put(object);
        }
    }

    /// Creates or replaces an object. Returns whether it existed. The labels of a namespace are merged.
    pub(crate) fn put(&mut self, mut object: Value) -> bool {
        let existing = self.objects.iter_mut().find(|existing| identity(existing) == identity(&object));
        let Some(existing) = existing else {
            self.objects.push(object);
            return false;
        };
        let labels = existing["metadata"]["labels"].as_object().cloned().unwrap_or_default();
        for (key, value) in labels {
            if object["metadata"]["labels"].get(&key).is_none() {
                object["metadata"]["labels"][key] = value;
            }
        }
        *existing = object;
        true
    }

    /// The objects of a kind, given as the plural that kubectl accepts.
    pub(crate) fn of_kind(&self, plural: &str) -> Vec<Value> {
        self.objects.iter().filter(|object| plural_of(object) == plural).cloned().collect()
    }
}

/// Returns whether a cluster of a version has a kind.
pub(crate) fn has_kind(object: &Value, version: &str) -> bool {
    let minor: u32 = version.strip_prefix("v1.").unwrap().parse().unwrap();
    object["kind"] != "PodSecurityPolicy" || minor < 25
}

/// The kind, namespace and name of an object.
fn identity(object: &Value) -> [&Value; 3] {
    [&object["kind"], &object["metadata"]["namespace"], &object["metadata"]["name"]]
}

fn plural_of(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap().to_lowercase();
    kind.strip_suffix('y').map_or_else(|| format!("{kind}s"), |stem| format!("{stem}ies"))
}

/// Returns the name of an object in the output of kubectl: `deployment.apps/web`.
pub(crate) fn kubectl_name(object: &Value) -> String {
    let group = object["apiVersion"].as_str().unwrap().split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
    format!("{}{group}/{}", object["kind"].as_str().unwrap().to_lowercase(), object["metadata"]["name"].as_str().unwrap())
}
