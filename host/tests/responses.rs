//! What becomes of a guest's answer, or of its failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pss_host::{AdmissionRequest, AdmissionResponse, Error, NoCluster, Policy, payload};
use serde_json::{Value, json};
use support::{Guest, REQUEST, module, module_with_settings};

/// The line that is printed for a guest on a request.
fn printed(guest: &Guest<'_>, request: &AdmissionRequest) -> String {
    let policy = Policy::load(&module(guest)).unwrap();
    let answer = policy.validate(&payload(request, &json!({})), Arc::new(NoCluster));
    serde_json::to_string(&AdmissionResponse::new(request, answer)).unwrap()
}

fn answered(answer: &str) -> String {
    printed(&Guest::Answer(answer), &AdmissionRequest::parse(REQUEST).unwrap())
}

#[test]
fn an_answer_is_printed_as_kwctl_prints_it() {
    for (answer, rest) in [
        (r#"{"accepted":true}"#, r#""allowed":true,"auditAnnotations":null,"warnings":null"#),
        (r#"{"accepted":true,"zz":1}"#, r#""allowed":true,"auditAnnotations":null,"warnings":null"#),
        (r#"{"accepted":false}"#, r#""allowed":false,"auditAnnotations":null,"warnings":null"#),
        (r#"{"accepted":true,"message":"hi"}"#, r#""allowed":true,"status":{"message":"hi"},"auditAnnotations":null,"warnings":null"#),
        (r#"{"accepted":false,"code":403}"#, r#""allowed":false,"status":{"code":403},"auditAnnotations":null,"warnings":null"#),
        (r#"{"accepted":true,"warnings":[],"audit_annotations":{}}"#, r#""allowed":true,"auditAnnotations":{},"warnings":[]"#),
        (
            r#"{"accepted":false,"message":"é\n<>","code":422,"warnings":["b","a"],"audit_annotations":{"k":"v"}}"#,
            r#""allowed":false,"status":{"message":"é\n<>","code":422},"auditAnnotations":{"k":"v"},"warnings":["b","a"]"#,
        ),
    ] {
        assert_eq!(answered(answer), format!("{{\"uid\":\"u1\",{rest}}}"), "{answer}");
    }
}

#[test]
fn what_is_no_answer_is_an_internal_error() {
    for (answer, error) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("null", "invalid type: null, expected struct ValidationResponse at line 1 column 4"),
        ("{}", "missing field `accepted` at line 1 column 2"),
        (r#"{"accepted":true} x"#, "trailing characters at line 1 column 19"),
        (r#"{"accepted":true,"code":70000}"#, "invalid value: integer `70000`, expected u16 at line 1 column 29"),
    ] {
        let response: Value = serde_json::from_str(&answered(answer)).unwrap();
        assert_eq!(response["allowed"], false);
        assert_eq!(
            response["status"],
            json!({"message": format!("internal server error: invalid response from policy: {error}"), "code": 500})
        );
    }
}

#[test]
fn a_guest_that_fails_is_an_internal_error() {
    let request = AdmissionRequest::parse(REQUEST).unwrap();
    assert_eq!(
        printed(&Guest::Fail("no idea"), &request),
        r#"{"uid":"u1","allowed":false,"status":{"message":"internal server error: Guest call failure: no idea","code":500},"auditAnnotations":null,"warnings":null}"#
    );
    let trapped = printed(&Guest::Trap, &request);
    assert!(
        trapped.contains(r#""message":"internal server error: Guest call failure: error while executing at wasm backtrace:"#),
        "{trapped}"
    );
}

#[test]
fn each_call_has_an_instance_of_its_own() {
    let policy = Policy::load(&module(&Guest::AnswerOnce(r#"{"accepted":true}"#))).unwrap();
    for _ in 0..3 {
        assert!(policy.validate(b"{}", Arc::new(NoCluster)).unwrap().accepted);
    }
}

#[test]
fn a_changed_object_becomes_a_patch() {
    let object = json!({"metadata": {"labels": {"x": "1"}}, "spec": {"containers": [{"name": "a"}, {"name": "b"}]}});
    let mut request = AdmissionRequest::parse(REQUEST).unwrap();
    request.object = Some(object.clone());
    for (mutated, patch) in [
        (object.clone(), None),
        (
            json!({"metadata": {"labels": {"x": "1", "y/z~": "2"}}, "spec": {"containers": [{"name": "a"}, {"name": "b"}]}}),
            Some(json!([{"op": "add", "path": "/metadata/labels/y~1z~0", "value": "2"}])),
        ),
        (
            json!({"spec": {"containers": [{"name": "b"}]}}),
            Some(json!([
                {"op": "replace", "path": "/spec/containers/0/name", "value": "b"},
                {"op": "remove", "path": "/spec/containers/1"},
                {"op": "remove", "path": "/metadata"},
            ])),
        ),
    ] {
        let answer = json!({"accepted": true, "mutated_object": mutated}).to_string();
        let response: Value = serde_json::from_str(&printed(&Guest::Answer(&answer), &request)).unwrap();
        match patch {
            None => assert!(response.get("patch").is_none() && response.get("patchType").is_none(), "{response}"),
            Some(patch) => {
                assert_eq!(response["patchType"], "JSONPatch");
                let decoded = STANDARD.decode(response["patch"].as_str().unwrap()).unwrap();
                assert_eq!(serde_json::from_slice::<Value>(&decoded).unwrap(), patch);
            }
        }
    }
}

#[test]
fn there_is_nothing_to_change_where_there_is_no_object() {
    assert_eq!(
        answered(r#"{"accepted":true,"mutated_object":{}}"#),
        r#"{"uid":"u1","allowed":false,"status":{"message":"Incoming object is null, which happens only with DELETE operations, but the policy is attempting a mutation. This is not allowed"},"auditAnnotations":null,"warnings":null}"#
    );
}

#[test]
fn settings_are_valid_or_say_why_not() {
    let validated = |answer: &str| Policy::load(&module_with_settings(&Guest::Trap, answer)).unwrap().validate_settings(&json!({"a": 1}));
    assert!(validated(r#"{"valid":true}"#).unwrap().valid);
    let refused = validated(r#"{"valid":false,"message":"because"}"#).unwrap();
    assert_eq!((refused.valid, refused.message.as_deref()), (false, Some("because")));
    assert_eq!(
        validated("null").unwrap_err().of_settings(),
        r#"error: InvalidResponseWithError(Error("invalid type: null, expected struct SettingsValidationResponse", line: 1, column: 4))"#
    );
    assert_eq!(
        Error::Guest("no \"idea\"".to_owned()).of_settings(),
        r#"Error invoking settings validation callback: GuestCallFailure("no \"idea\"")"#
    );
}

#[test]
fn what_is_no_module_is_refused() {
    let refused = |bytes: &[u8]| Policy::load(bytes).err().unwrap().to_string();
    assert!(refused(b"(module)").contains("does not start with the bytes 00 61 73 6d"));
    assert!(refused(b"\0asm").starts_with("cannot load the policy: "));
    let foreign = wat::parse_str(r#"(module (import "env" "mystery" (func)))"#).unwrap();
    let message = refused(&foreign);
    assert!(message.contains("mystery"), "{message}");
    let no_guest = wat::parse_str("(module)").unwrap();
    let error = Policy::load(&no_guest).unwrap().validate(b"{}", Arc::new(NoCluster)).unwrap_err().to_string();
    assert!(error.contains("__guest_call"), "{error}");
}
