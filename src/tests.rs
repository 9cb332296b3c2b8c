//! Responses to valid and invalid payloads of the host, compared as JSON.

use serde_json::{Value, json};

use pss_core::admission::NoCluster;

use super::*;

fn response(payload: &str) -> Value {
    serde_json::from_slice(&validate(payload.as_bytes(), &NoCluster).to_json()).unwrap()
}

fn payload(object: &str) -> String {
    format!(
        r#"{{"request":{{"uid":"u","resource":{{"group":"","version":"v1","resource":"pods"}},"name":"p","operation":"CREATE","object":{object}}},
            "settings":{{"level":"baseline"}}}}"#
    )
}

#[test]
fn a_response_has_null_for_every_absent_field() {
    let accepted =
        json!({"accepted": true, "message": null, "code": null, "mutated_object": null, "audit_annotations": null, "warnings": null});
    let deletion = payload("null").replace("CREATE", "DELETE");
    assert_eq!(response(&deletion), accepted);
    let with_warning = payload(r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true}}"#)
        .replace(r#""level":"baseline""#, r#""defaults":{"warn":"baseline"}"#);
    assert_eq!(
        response(&with_warning),
        json!({
            "accepted": true, "message": null, "code": null, "mutated_object": null,
            "audit_annotations": {"enforce-policy": "privileged:latest"},
            "warnings": ["would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"],
        })
    );
}

#[test]
fn rejects_invalid_payloads_with_the_position_of_the_error() {
    let table = [
        ("", 400, "the admission request cannot be read: EOF while parsing a value at line 1 column 0"),
        ("[]", 400, "the admission request cannot be read: must be an object, not an array"),
        (
            r#"{"request":{"operation":"DELETE"},"request":{"operation":"CREATE"},"settings":{"level":"baseline"}}"#,
            400,
            "the admission request cannot be read: request: stands here a second time",
        ),
        (
            r#"{"request":{},"settings":{"level":"restricted"},"settings":{"level":"privileged"}}"#,
            400,
            "the admission request cannot be read: settings: stands here a second time",
        ),
        ("{}", 500, "the policy's settings are invalid: settings.level: missing; set level to"),
        (r#"{"request":{},"settings":{"level":"x"}}"#, 500, "the policy's settings are invalid: settings.level: must be one of"),
        (r#"{"settings":{"level":"baseline"}}"#, 400, "the admission request cannot be read: request.operation: missing"),
        (
            r#"{"request":7,"settings":{"level":"baseline"}}"#,
            400,
            "the admission request cannot be read: request: must be an object, not 7",
        ),
        (
            r#"{"request":{"operation":["CREATE"]},"settings":{"level":"baseline"}}"#,
            400,
            "the admission request cannot be read: request.operation: must be a string, not an array",
        ),
        (
            r#"{"request":{"operation":"CREATE","resource":"pods"},"settings":{"level":"baseline"}}"#,
            400,
            "the admission request cannot be read: request.resource: must be an object, not \"pods\"",
        ),
        (
            r#"{"request":{"operation":"CREATE","resource":{"group":""}},"settings":{"level":"baseline"}}"#,
            400,
            "the admission request cannot be read: request.resource.resource: missing",
        ),
        (
            r#"{"request":{"object":{"spec":{"containers":[{"name":"a"},{"name":}]}}}}"#,
            400,
            "the admission request cannot be read: request.object.spec.containers[1].name: expected value at line 1 column 66",
        ),
        (
            r#"{"request":{"operation":"CREATE","operation":"DELETE","resource":{"resource":"pods"}},"settings":{"level":"baseline"}}"#,
            400,
            "the admission request cannot be read: request.operation: stands here a second time",
        ),
    ];
    for (payload, code, message) in table {
        let response = response(payload);
        assert_eq!((&response["accepted"], &response["code"]), (&json!(false), &json!(code)), "{payload}");
        assert!(response["message"].as_str().unwrap().starts_with(message), "{payload}: {response}");
    }
    let not_utf8 = validate(b"{\"request\": \"\xff\"}", &NoCluster);
    assert_eq!(not_utf8.message.as_deref(), Some("the admission request cannot be read: not UTF-8 from byte 13 on"));
}

#[test]
fn rejects_duplicate_keys() {
    for object in [
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true},"spec":{}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true,"hostPID":false}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"hostPath":{"path":"/"},"hostPath":null}]}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":"unconfined","container.apparmor.security.beta.kubernetes.io/a":""}}}"#,
    ] {
        let response = response(&payload(object));
        assert_eq!(response["message"], "failed to decode object", "{object}");
        assert!(response["audit_annotations"]["error"].as_str().unwrap().contains("stands here a second time"), "{object}");
    }
}

#[test]
fn replaces_unpaired_surrogates_as_go_does() {
    let pod_with_container = |name: &str| {
        payload(&format!(
            r#"{{"apiVersion":"v1","kind":"Pod","spec":{{"containers":[{{"name":"{name}","securityContext":{{"privileged":true}}}}]}}}}"#
        ))
    };
    let table = [
        (r"\ud83d\ude00", "\u{1f600}"),
        (r"a\ud83d", "a\u{fffd}"),
        (r"\ude00b", "\u{fffd}b"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
        (r"\uDE00\uD83D\u0041", "\u{fffd}\u{fffd}A"),
        (r"\\ud83d", "\\ud83d"),
        (r"\\\ud83d", "\\\u{fffd}"),
        (r"\\\ud83dx\ud83d\n", "\\\u{fffd}x\u{fffd}\n"),
    ];
    for (escaped, unescaped) in table {
        let expected = format!(
            "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": privileged (container \"{unescaped}\" must not set securityContext.privileged=true)"
        );
        assert_eq!(response(&pod_with_container(escaped))["message"], expected, "{escaped}");
    }
    // An incomplete escape sequence remains an error.
    assert_eq!(response(&pod_with_container(r"\ud83d\u00"))["code"], 400);
}

#[test]
fn reports_errors_in_the_settings() {
    let valid = validate_settings(br#"{"level": "baseline"}"#);
    assert_eq!((valid.valid, valid.message), (true, None));
    let invalid = validate_settings(br#"{"level": "base"}"#);
    assert_eq!(
        (invalid.valid, invalid.message.as_deref()),
        (false, Some("level: must be one of privileged, baseline, restricted, not \"base\"; did you mean \"baseline\"?"))
    );
    assert!(!validate_settings(b"").valid);
}

/// A host validates the settings before it evaluates requests. Otherwise an invalid rule exempts nothing, and is reported.
#[test]
fn reports_an_invalid_rule_that_might_exempt_a_finding() {
    let error = |object: &str, rules: &str| {
        let rules = format!(r#""level":"baseline","exemptions":{{"checks":[{rules}]}}"#);
        let response = response(&payload(object).replace(r#""level":"baseline""#, &rules));
        (response["code"].clone(), response["audit_annotations"]["error"].clone())
    };
    let pod = r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true}}"#;
    let valid = r#"{"checks":["hostNamespaces"],"namespaces":["other"],"reason":"r"}"#;
    let without_reason = r#"{"checks":["hostNamespaces"]}"#;
    let misspelt = r#"{"checks":["hostPID"],"reason":"r"}"#;
    let table = [
        (valid, Value::Null),
        (
            without_reason,
            json!("the rule settings.exemptions.checks[0] exempts nothing: reason: missing; say why, for who reads the audit log"),
        ),
        (
            misspelt,
            json!(
                "the rule settings.exemptions.checks[0] exempts nothing: checks[0]: there is no check \"hostPID\"; did you mean \"hostNamespaces\"?"
            ),
        ),
        ("7", json!("the rule settings.exemptions.checks[0] exempts nothing: must be an object, not 7")),
        (
            "null",
            json!(
                "the rule settings.exemptions.checks[0] exempts nothing: checks: missing; name the checks that the rule is about, such as hostPathVolumes"
            ),
        ),
    ];
    for (rule, expected) in table {
        assert_eq!(error(pod, rule), (json!(403), expected), "{rule}");
        // Without a finding no rule is needed, and a rule for other checks is not either.
        assert_eq!(error(r#"{"apiVersion":"v1","kind":"Pod","spec":{}}"#, rule), (Value::Null, Value::Null), "{rule}");
    }
    assert_eq!(error(pod, r#"{"checks":["hostPorts"]}"#), (json!(403), Value::Null));
    let (_, several) = error(pod, &[valid, without_reason, misspelt, misspelt].join(","));
    assert!(
        several.as_str().is_some_and(|text| text.starts_with("the rule settings.exemptions.checks[1]") && text.ends_with("(and 2 more)"))
    );
}

/// Labels are deserialized only if the settings use them.
#[test]
fn rejects_namespaces_with_labels_that_are_not_strings() {
    let payload = |old: &str, new: &str| {
        format!(
            r#"{{"request":{{"uid":"u","resource":{{"group":"","version":"v1","resource":"namespaces"}},"name":"n","operation":"UPDATE",
                "object":{{"apiVersion":"v1","kind":"Namespace","metadata":{{"labels":{new}}}}},
                "oldObject":{{"apiVersion":"v1","kind":"Namespace","metadata":{{"labels":{old}}}}}}},
                "settings":{{"level":"baseline","namespaceLabels":"honor"}}}}"#
        )
    };
    let error = |old: &str, new: &str| response(&payload(old, new))["audit_annotations"]["error"].clone();
    assert_eq!(error("{}", "{}"), Value::Null);
    assert_eq!(error("{}", r#"{"a":1}"#), "failed to decode object: request.object.metadata.labels.a: must be a string, not 1");
    assert_eq!(error("7", "{}"), "failed to decode  old object: request.oldObject.metadata.labels: must be an object, not 7");
}
