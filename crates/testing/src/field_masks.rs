//! Field masks as Kubewarden applies them to what a cluster answers.

use serde_json::{Map, Value};

/// What field masks leave of an object: `apiVersion`, `kind`, `metadata` and the fields they name.
pub fn pruned(object: &Value, masks: &[&str]) -> Value {
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
