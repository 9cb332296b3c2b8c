//! The guest's payload: requests and settings, parsed and serialized as the real hosts do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use pss_host::{AdmissionRequest, NoCluster, Policy, payload, settings};
use serde_json::{Value, json};
use support::{Guest, REQUEST, module};

/// The member `object` in the payload for a request with this JSON text as its object.
fn object(json: &str) -> Result<String, String> {
    let request = REQUEST.replacen('{', &format!("{{\"object\":{json},"), 1);
    let request = AdmissionRequest::parse(&request).map_err(|e| e.to_string())?;
    let text = String::from_utf8(payload(&request, &json!({}))).unwrap();
    let object = text.strip_prefix(r#"{"request":{"kind":{"group":"","kind":"Pod","version":"v1"},"#).expect(&text);
    let end = object.find(r#""operation":"CREATE""#).expect(&text);
    Ok(object.get(..end).unwrap().trim_end_matches(',').to_owned())
}

#[test]
fn serializes_json_as_the_real_hosts() {
    for (input, output) in [
        ("1e3", "1000.0"),
        ("1.0", "1.0"),
        ("-0", "-0.0"),
        ("-1e-400", "-0.0"),
        ("1e-7", "1e-7"),
        ("1e21", "1e+21"),
        ("12345678.90", "12345678.9"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
        (r#"{"b":1,"a":2,"b":3}"#, r#"{"a":2,"b":3}"#),
        (r#"{"é":1,"z":{"y":1,"x":2},"B":3}"#, r#"{"B":3,"z":{"x":2,"y":1},"é":1}"#),
        (r#"{"a":null}"#, r#"{"a":null}"#),
        ("[null,{}]", "[null,{}]"),
        (r#""\u0041\u00e9\ud83d\ude00\/\b\u001f""#, r#""Aé😀/\b\u001f""#),
        (r#""<>&""#, r#""<>&""#),
        ("true", "true"),
        (r#""""#, r#""""#),
    ] {
        assert_eq!(object(input).unwrap(), format!("\"object\":{output}"), "{input}");
    }
    assert_eq!(object("null").unwrap(), "", "a null object is absent");
}

#[test]
fn rejects_invalid_json_with_its_position() {
    for (input, error) in [
        ("1E400", "number out of range at line 1 column 15"),
        ("[1,]", "trailing comma at line 1 column 14"),
        ("01", "invalid number at line 1 column 12"),
        (r#""\ud83d""#, "unexpected end of hex escape at line 1 column 18"),
    ] {
        assert_eq!(object(input).unwrap_err(), error, "{input}");
    }
    assert!(object(&format!("{}{}", "[".repeat(126), "]".repeat(126))).is_ok());
    assert!(object(&format!("{}{}", "[".repeat(127), "]".repeat(127))).unwrap_err().starts_with("recursion limit exceeded"));
}

/// A request with every field.
fn full() -> Value {
    let kind = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
    let resource = json!({"group": "apps", "version": "v1", "resource": "deployments"});
    json!({
        "uid": "u1", "kind": kind, "resource": resource, "subResource": "scale",
        "requestKind": kind, "requestResource": resource, "requestSubResource": "scale",
        "name": "web", "namespace": "shop", "operation": "UPDATE",
        "userInfo": {"username": "alice", "uid": "1", "groups": ["b", "a"], "extra": {"z": [], "a": ["1"]}},
        "object": {"x": 1}, "oldObject": {"y": 2}, "dryRun": false, "options": {"kind": "UpdateOptions"},
    })
}

fn serialized(request: Value) -> Result<Value, String> {
    let request = AdmissionRequest::from_value(request).map_err(|e| e.to_string())?;
    let payload: Value = serde_json::from_slice(&payload(&request, &json!({}))).unwrap();
    Ok(payload["request"].clone())
}

#[test]
fn keeps_known_fields_and_drops_unknown_ones() {
    assert_eq!(serialized(full()).unwrap(), full());
    let mut extended = full();
    extended["unknown"] = json!(1);
    extended["userInfo"]["unknown"] = json!(1);
    extended["kind"]["unknown"] = json!(1);
    assert_eq!(serialized(extended).unwrap(), full());
}

#[test]
fn null_is_absent_in_optional_fields_and_an_error_in_required_ones() {
    for field in [
        "subResource",
        "requestKind",
        "requestResource",
        "requestSubResource",
        "name",
        "namespace",
        "object",
        "oldObject",
        "dryRun",
        "options",
    ] {
        let (mut null, mut absent) = (full(), full());
        null[field] = Value::Null;
        absent.as_object_mut().unwrap().remove(field);
        assert_eq!(serialized(null).unwrap(), absent, "{field}");
        assert_eq!(serialized(absent.clone()).unwrap(), absent, "{field}");
    }
    for (field, expected) in [
        ("uid", "a string"),
        ("kind", "struct GroupVersionKind"),
        ("resource", "struct GroupVersionResource"),
        ("operation", "a string"),
        ("userInfo", "UserInfo"),
    ] {
        let (mut null, mut absent) = (full(), full());
        null[field] = Value::Null;
        absent.as_object_mut().unwrap().remove(field);
        let prefix = "cannot build AdmissionRequest object from given input";
        assert_eq!(serialized(null).unwrap_err(), format!("{prefix}: invalid type: null, expected {expected}"));
        assert_eq!(serialized(absent).unwrap_err(), format!("{prefix}: missing field `{field}`"));
    }
}

#[test]
fn user_info_is_a_possibly_empty_object() {
    for (input, expected) in [
        (json!({}), Ok(json!({}))),
        (json!({"username": null, "groups": null, "extra": null, "uid": null}), Ok(json!({}))),
        (json!({"username": "", "groups": [], "extra": {}}), Ok(json!({"username": "", "groups": [], "extra": {}}))),
        (json!([]), Err("invalid type: sequence, expected UserInfo")),
        (json!({"groups": [null]}), Err("invalid type: null, expected a string")),
        (json!({"extra": {"a": null}}), Err("invalid type: null, expected a sequence")),
    ] {
        let mut request = full();
        request["userInfo"] = input.clone();
        let expected = expected.map_err(|e| format!("cannot build AdmissionRequest object from given input: {e}"));
        assert_eq!(serialized(request).map(|r| r["userInfo"].clone()), expected, "{input}");
    }
}

#[test]
fn accepts_an_admission_review() {
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": full()});
    assert_eq!(serialized(review).unwrap(), full());
    for (input, error) in [
        (json!({"kind": "AdmissionReview"}), "invalid AdmissionReview object"),
        (
            json!({"kind": "AdmissionReview", "request": null}),
            "cannot build AdmissionRequest object from given input: invalid type: null, expected struct AdmissionRequest",
        ),
        (json!([]), "Invalid request object"),
        (json!("x"), "Invalid request object"),
    ] {
        assert_eq!(serialized(input).unwrap_err(), error);
    }
}

#[test]
fn settings_are_an_object_or_null() {
    let parsed = |json: &str| settings::from_json(json).map(Value::Object).map_err(|e| e.to_string());
    assert_eq!(parsed(r#"{"b":1,"a":1e2,"b":2}"#).unwrap(), json!({"a": 100.0, "b": 2}));
    assert_eq!(parsed("null").unwrap(), json!({}));
    assert_eq!(parsed("[]").unwrap_err(), "Invalid settings in CRD, not an object");
    assert_eq!(parsed("{").unwrap_err(), "Cannot parse settings JSON: EOF while parsing an object at line 1 column 1");
}

#[test]
fn parses_yaml_settings_as_kwctl() {
    let parsed = |yaml: &str| settings::from_yaml(yaml, "s.yml").map(Value::Object).map_err(|e| e.to_string());
    for (yaml, expected) in [
        ("", json!({})),
        ("---\n", json!({})),
        ("a: 1\nb: [x, y]\n", json!({"a": 1, "b": ["x", "y"]})),
        (r#"{"a": {"c": null}}"#, json!({"a": {"c": null}})),
        ("a: 1\na: 2\n", json!({"a": 2})),
        ("1: x\ntrue: y\nnull: z\n", json!({"1": "x", "true": "y", "null": "z"})),
        ("a: &x {k: 1}\nb: *x\n", json!({"a": {"k": 1}, "b": {"k": 1}})),
        (
            "a: 0o17\nb: 0x1f\nc: 1e3\nd: yes\ne: ~\nf: 017\ng: .inf\n",
            json!({"a": 15, "b": 31, "c": 1000.0, "d": "yes", "e": null, "f": "017", "g": null}),
        ),
        (
            "a: on\nb: No\nc: TRUE\nd: +12\ne: 1_000\nf: 2001-01-01\n",
            json!({"a": "on", "b": "No", "c": true, "d": 12, "e": "1_000", "f": "2001-01-01"}),
        ),
    ] {
        assert_eq!(parsed(yaml).unwrap(), expected, "{yaml}");
    }
    for (yaml, error) in [
        ("- a\n", "Invalid settings in CRD, not an object"),
        ("a: !foo b\n", "Cannot parse settings file s.yml: a: invalid type: enum, expected any valid JSON value at line 1 column 4"),
        ("a: [", "Cannot parse settings file s.yml: did not find expected node content at line 2 column 1, while parsing a flow node"),
        (
            "a: 1\n---\nb: 2\n",
            "Cannot parse settings file s.yml: deserializing from YAML containing more than one document is not supported",
        ),
    ] {
        assert_eq!(parsed(yaml).unwrap_err(), error, "{yaml}");
    }
}

#[test]
fn the_guest_receives_exactly_the_payload() {
    let policy = Policy::load(&module(&Guest::Echo)).unwrap();
    let request = AdmissionRequest::from_value(full()).unwrap();
    let payload = payload(&request, &json!({"z": 1, "a": {"é": "\"\\\n"}}));
    let response = policy.validate(&payload, Arc::new(NoCluster)).unwrap();
    assert_eq!(response.message.unwrap(), String::from_utf8(payload).unwrap());
}
