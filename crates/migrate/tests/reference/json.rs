//! Fields of JSON values as the API server decodes them: null is absent, and absent is the zero value.

use serde_json::{Map, Value};

/// The value at the path, unless a part of it is absent or null.
pub fn get<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
}

/// The elements of the list at the path; none if it is absent.
pub fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    get(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The strings of the list at the path.
pub fn strings<'v>(value: &'v Value, path: &[&str]) -> Vec<&'v str> {
    list(value, path).iter().filter_map(Value::as_str).collect()
}

/// The text at the path; empty if it is absent.
pub fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    get(value, path).and_then(Value::as_str).unwrap_or_default()
}

/// The flag at the path; false if it is absent.
pub fn flag(value: &Value, path: &[&str]) -> bool {
    optional_flag(value, path).unwrap_or_default()
}

/// The flag at the path, for fields that distinguish false from absent.
pub fn optional_flag(value: &Value, path: &[&str]) -> Option<bool> {
    get(value, path).and_then(Value::as_bool)
}

/// The number at the path.
pub fn number(value: &Value, path: &[&str]) -> Option<i64> {
    get(value, path).and_then(Value::as_i64)
}

/// Sets the value at the path, and creates the objects on the way.
pub fn set(value: &mut Value, path: &[&str], new: impl Into<Value>) {
    let mut place = value;
    for key in path {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = place.as_object_mut().unwrap().entry(*key).or_insert(Value::Null);
    }
    *place = new.into();
}
