//! Field masks as Kubewarden applies them to responses of a cluster.

use serde_json::{Map, Value};

/// Returns the fields of an object that field masks select, with `apiVersion`, `kind` and `metadata`.
pub fn pruned(object: &Value, masks: &[&str]) -> Value {
    let mut kept = Map::new();
    for (key, value) in object.as_object().unwrap() {
        if ["apiVersion", "kind", "metadata"].contains(&key.as_str()) {
            kept.insert(key.clone(), value.clone());
        } else if let Some(value) = masked(value, masks.iter().filter_map(|mask| mask_after(mask, key)).collect()) {
            kept.insert(key.clone(), value);
        }
    }
    Value::Object(kept)
}

/// Returns the rest of a mask after a key, which is empty at the end of the mask; `None` if the mask does not start with the key.
fn mask_after<'m>(mask: &'m str, key: &str) -> Option<&'m str> {
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
                let masks = masks.iter().filter_map(|mask| mask_after(mask, key)).collect();
                masked(value, masks).map(|value| (key.clone(), value))
            });
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(Value::Array(items.iter().filter_map(|item| masked(item, masks.clone())).collect())),
        other => Some(other.clone()),
    }
}
