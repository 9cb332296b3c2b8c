//! Generated policies, pods and RBAC objects, as JSON. Their values come from tables that share names, so that they meet.

mod pods;
mod policies;
mod rbac;

pub use pods::pods;
pub use policies::{POLICY_NAMES, policy_sets, psps};
pub use rbac::{NAMESPACES, SERVICE_ACCOUNTS, rbac, subjects};

use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

/// One of the elements of a JSON array.
fn one_of(values: Value) -> BoxedStrategy<Value> {
    select(values.as_array().unwrap().clone()).boxed()
}

/// One of the elements of a JSON array, often the first one.
fn mostly_first(values: Value) -> BoxedStrategy<Value> {
    let values = values.as_array().unwrap().clone();
    prop_oneof![1 => Just(values[0].clone()), 1 => select(values)].boxed()
}

/// An object with some of the fields, each with its probability.
fn some_of(fields: Vec<(&'static str, f64, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let sometimes = |probability: f64, value: BoxedStrategy<Value>| {
        if probability >= 1.0 { value.prop_map(Some).boxed() } else { weighted(probability, value).boxed() }
    };
    let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().map(|(key, weight, value)| (key, sometimes(weight, value))).unzip();
    values
        .prop_map(move |values| keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?))).collect::<Value>())
        .boxed()
}

/// The fields of several objects in one.
fn merged(objects: Vec<BoxedStrategy<Value>>) -> BoxedStrategy<Value> {
    objects.prop_map(|objects| objects.into_iter().fold(Value::Object(Map::new()), merged_object)).boxed()
}

/// The first object with the fields of the second.
fn merged_object(mut object: Value, fields: Value) -> Value {
    if let (Value::Object(object), Value::Object(fields)) = (&mut object, fields) {
        object.extend(fields);
    }
    object
}

/// The object without the fields that are null.
fn without_nulls(mut object: Value) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|_, value| !value.is_null());
    }
    object
}
