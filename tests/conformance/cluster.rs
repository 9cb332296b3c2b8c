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
            // The policy looks up an object that does not exist before it lists objects (src/host_calls.rs).
            "get_resource" if arguments["kind"] != "Namespace" => {
                let [api_version, kind, name] = ["api_version", "kind", "name"].map(|field| arguments[field].as_str().unwrap());
                return Err(format!("Callback evaluation failure: Cannot find {api_version}/{kind} named '{name}'"));
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
                let workloads = self.0.workloads.iter().filter(|object| object["kind"] == arguments["kind"]);
                let objects: Vec<&Value> = if arguments["kind"] == "Pod" { self.0.pods.iter().collect() } else { workloads.collect() };
                let items: Vec<Value> = objects.into_iter().map(|object| pruned(object, &masks)).collect();
                json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items})
            }
            other => return Err(format!("unknown operation: {other}")),
        };
        Ok(serde_json::to_vec(&response).unwrap())
    }
}
