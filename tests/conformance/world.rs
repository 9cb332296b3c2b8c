//! A cluster made up for a case: its namespaces and pods, asked natively or by host calls.

use pod_security_standards::admission::Cluster;
use pss_host::HostCalls;
use serde_json::{Map, Value, json};

/// Namespaces with their labels, and the pods that are there.
#[derive(Debug, Default, Clone)]
pub struct World {
    pub namespaces: Map<String, Value>,
    pub pods: Vec<Value>,
}

impl World {
    fn labels(&self, name: &str) -> Result<&Value, String> {
        self.namespaces.get(name).ok_or_else(|| format!("namespaces {name:?} not found"))
    }
}

impl Cluster for World {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, String> {
        let labels = self.labels(name)?;
        Ok(serde_json::to_vec(&json!({"metadata": {"name": name, "labels": labels}})).unwrap())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, String> {
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

/// What field masks leave of an object: `apiVersion`, `kind`, `metadata` and the fields they name.
fn pruned(object: &Value, masks: &[&str]) -> Value {
    let mut kept = Map::new();
    for (key, value) in object.as_object().unwrap() {
        if ["apiVersion", "kind", "metadata"].contains(&key.as_str()) {
            kept.insert(key.clone(), value.clone());
        } else if let Some(value) = masked(value, masks.iter().filter_map(|mask| below(mask, key)).collect()) {
            kept.insert(key.clone(), value);
        }
    }
    Value::Object(kept)
}

/// The rest of a mask below a key; empty where the mask ends there.
fn below<'m>(mask: &'m str, key: &str) -> Option<&'m str> {
    let rest = mask.strip_prefix(key)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
}

fn masked(value: &Value, masks: Vec<&str>) -> Option<Value> {
    if masks.is_empty() {
        return None;
    }
    if masks.contains(&"") {
        return Some(value.clone());
    }
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(key, value)| {
                let masks = masks.iter().filter_map(|mask| below(mask, key)).collect();
                masked(value, masks).map(|value| (key.clone(), value))
            });
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(Value::Array(items.iter().filter_map(|item| masked(item, masks.clone())).collect())),
        other => Some(other.clone()),
    }
}
