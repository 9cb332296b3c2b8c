//! A cluster in memory that answers host calls, as policy-server's do.

use pss_host::HostCalls;
use pss_testing::cluster::MemoryCluster;
use pss_testing::field_masks::pruned;
use serde_json::{Value, json};

/// A cluster in memory that answers host calls.
#[derive(Debug, Default, Clone)]
pub(crate) struct World(pub(crate) MemoryCluster);

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
                let labels = self.0.labels_of(name).map_err(|error| format!("Callback evaluation failure: {error}"))?;
                let namespace = json!({
                    "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}, "spec": {"finalizers": []},
                });
                pruned(&namespace, &masks)
            }
            "list_resources_by_namespace" => {
                json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": self.0.pods.iter().map(|pod| pruned(pod, &masks)).collect::<Vec<_>>()})
            }
            other => return Err(format!("unknown operation: {other}")),
        };
        Ok(serde_json::to_vec(&answer).unwrap())
    }
}
