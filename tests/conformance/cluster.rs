//! A simulated cluster that responds to host calls as policy-server does.

use pss_host::HostCalls;
use pss_testing::cluster::MemoryCluster;
use pss_testing::field_masks::pruned;
use serde_json::{Value, json};

/// A simulated cluster for a policy in the test host.
#[derive(Debug, Default, Clone)]
pub(crate) struct HostCluster(pub(crate) MemoryCluster);

impl HostCalls for HostCluster {
    fn call(&self, _: &str, _: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let arguments: Value = serde_json::from_slice(payload).unwrap();
        let masks: Vec<&str> = arguments["field_masks"].as_array().into_iter().flatten().map(|mask| mask.as_str().unwrap()).collect();
        let response = match operation {
            // The policy looks up a pod that does not exist before it lists pods (src/host_calls.rs).
            "get_resource" if arguments["kind"] == "Pod" => {
                return Err(format!("Callback evaluation failure: Cannot find v1/Pod named '{}'", arguments["name"].as_str().unwrap()));
            }
            "get_resource" => {
                let name = arguments["name"].as_str().unwrap();
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
        Ok(serde_json::to_vec(&response).unwrap())
    }
}
