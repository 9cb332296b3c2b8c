//! A cluster made up for a case: its namespaces and pods, asked natively or by host calls.

#[path = "../common/field_masks.rs"]
mod field_masks;

use field_masks::pruned;
use pod_security_standards::admission::{Cluster, LookupError};
use pss_host::HostCalls;
use serde_json::{Map, Value, json};

/// Namespaces with their labels, and the pods that are there.
#[derive(Debug, Default, Clone)]
pub(crate) struct World {
    pub(crate) namespaces: Map<String, Value>,
    pub(crate) pods: Vec<Value>,
}

impl World {
    fn labels(&self, name: &str) -> Result<&Value, String> {
        self.namespaces.get(name).ok_or_else(|| format!("namespaces {name:?} not found"))
    }
}

impl Cluster for World {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        let labels = self.labels(name).map_err(|error| LookupError::from(error.as_str()))?;
        Ok(serde_json::to_vec(&json!({"metadata": {"name": name, "labels": labels}})).unwrap())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(serde_json::to_vec(&json!({"items": self.pods})).unwrap())
    }

    fn millis(&self) -> u64 {
        0
    }
}

impl HostCalls for World {
    fn call(&self, _: &str, _: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let asked: Value = serde_json::from_slice(payload).unwrap();
        let masks: Vec<&str> = asked["field_masks"].as_array().into_iter().flatten().map(|mask| mask.as_str().unwrap()).collect();
        let answer = match operation {
            // The look before a list: there is no such pod.
            "get_resource" if asked["kind"] == "Pod" => {
                return Err(format!("Callback evaluation failure: Cannot find v1/Pod named '{}'", asked["name"].as_str().unwrap()));
            }
            "get_resource" => {
                let name = asked["name"].as_str().unwrap();
                let labels = self.labels(name).map_err(|error| format!("Callback evaluation failure: {error}"))?;
                let namespace = json!({
                    "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}, "spec": {"finalizers": []},
                });
                pruned(&namespace, &masks)
            }
            "list_resources_by_namespace" => {
                json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": self.pods.iter().map(|pod| pruned(pod, &masks)).collect::<Vec<_>>()})
            }
            other => return Err(format!("unknown operation: {other}")),
        };
        Ok(serde_json::to_vec(&answer).unwrap())
    }
}
