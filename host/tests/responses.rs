//! The AdmissionResponse for a guest's response, or for its failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pss_host::{AdmissionRequest, AdmissionResponse, Error, NoCluster, Policy, payload};
use serde_json::{Value, json};
use support::{Guest, REQUEST, module, module_with_settings};

/// The AdmissionResponse of a guest for a request, as JSON.
fn printed(guest: &Guest<'_>, request: &AdmissionRequest) -> String {
    let policy = Policy::load(&module(guest)).unwrap();
    let response = policy.validate(&payload(request, &json!({})), Arc::new(NoCluster));
    serde_json::to_string(&AdmissionResponse::new(request, response)).unwrap()
}

fn printed_for(response: &str) -> String {
    printed(&Guest::Respond(response), &AdmissionRequest::parse(REQUEST).unwrap())
}

#[test]
fn prints_responses_as_kwctl() {
    for (response, rest) in [
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
        assert_eq!(printed_for(response), format!("{{\"uid\":\"u1\",{rest}}}"), "{response}");
    }
}

#[test]
fn an_invalid_response_is_an_internal_error() {
    for (response, error) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("null", "invalid type: null, expected struct ValidationResponse at line 1 column 4"),
        ("{}", "missing field `accepted` at line 1 column 2"),
        (r#"{"accepted":true} x"#, "trailing characters at line 1 column 19"),
        (r#"{"accepted":true,"code":70000}"#, "invalid value: integer `70000`, expected u16 at line 1 column 29"),
    ] {
        let printed: Value = serde_json::from_str(&printed_for(response)).unwrap();
        assert_eq!(printed["allowed"], false);
        assert_eq!(
            printed["status"],
            json!({"message": format!("internal server error: invalid response from policy: {error}"), "code": 500})
        );
    }
}

#[test]
fn a_failing_guest_is_an_internal_error() {
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
fn each_call_gets_a_fresh_instance() {
    let policy = Policy::load(&module(&Guest::RespondOnce(r#"{"accepted":true}"#))).unwrap();
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
        let response = json!({"accepted": true, "mutated_object": mutated}).to_string();
        let printed: Value = serde_json::from_str(&printed(&Guest::Respond(&response), &request)).unwrap();
        match patch {
            None => assert!(printed.get("patch").is_none() && printed.get("patchType").is_none(), "{printed}"),
            Some(patch) => {
                assert_eq!(printed["patchType"], "JSONPatch");
                let decoded = STANDARD.decode(printed["patch"].as_str().unwrap()).unwrap();
                assert_eq!(serde_json::from_slice::<Value>(&decoded).unwrap(), patch);
            }
        }
    }
}

#[test]
fn a_mutation_without_an_object_is_an_error() {
    assert_eq!(
        printed_for(r#"{"accepted":true,"mutated_object":{}}"#),
        r#"{"uid":"u1","allowed":false,"status":{"message":"Incoming object is null, which happens only with DELETE operations, but the policy is attempting a mutation. This is not allowed"},"auditAnnotations":null,"warnings":null}"#
    );
}

#[test]
fn parses_the_response_to_settings_validation() {
    let validated =
        |response: &str| Policy::load(&module_with_settings(&Guest::Trap, response)).unwrap().validate_settings(&json!({"a": 1}));
    assert!(validated(r#"{"valid":true}"#).unwrap().valid);
    let rejected = validated(r#"{"valid":false,"message":"no"}"#).unwrap();
    assert_eq!((rejected.valid, rejected.message.as_deref()), (false, Some("no")));
    assert_eq!(
        validated("null").unwrap_err().settings_message(),
        r#"error: InvalidResponseWithError(Error("invalid type: null, expected struct SettingsValidationResponse", line: 1, column: 4))"#
    );
    assert_eq!(
        Error::Guest("no \"idea\"".to_owned()).settings_message(),
        r#"Error invoking settings validation callback: GuestCallFailure("no \"idea\"")"#
    );
}

#[test]
fn rejects_invalid_modules() {
    let error = |bytes: &[u8]| Policy::load(bytes).err().unwrap().to_string();
    assert!(error(b"(module)").contains("does not start with the bytes 00 61 73 6d"));
    assert!(error(b"\0asm").starts_with("cannot load the policy: "));
    let unknown_import = wat::parse_str(r#"(module (import "env" "unknown" (func)))"#).unwrap();
    let message = error(&unknown_import);
    assert!(message.contains("unknown"), "{message}");
    let no_guest = wat::parse_str("(module)").unwrap();
    let error = Policy::load(&no_guest).unwrap().validate(b"{}", Arc::new(NoCluster)).unwrap_err().to_string();
    assert!(error.contains("__guest_call"), "{error}");
}
