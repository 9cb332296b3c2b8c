//! The payloads of the host, valid and invalid ones.

use serde_json::{Value, json};

use pss_core::admission::NoCluster;

use super::*;

fn answer(payload: &str) -> Value {
    serde_json::to_value(validate(payload.as_bytes(), &NoCluster)).unwrap()
}

fn payload(object: &str) -> String {
    format!(
        r#"{{"request":{{"uid":"u","resource":{{"group":"","version":"v1","resource":"pods"}},"name":"p","operation":"CREATE","object":{object}}},
            "settings":{{"level":"baseline"}}}}"#
    )
}

#[test]
fn a_response_says_no_more_than_there_is_to_say() {
    let nothing =
        json!({"accepted": true, "message": null, "code": null, "mutated_object": null, "audit_annotations": null, "warnings": null});
    let deletion = payload("null").replace("CREATE", "DELETE");
    assert_eq!(answer(&deletion), nothing);
    let warned = payload(r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true}}"#)
        .replace(r#""level":"baseline""#, r#""defaults":{"warn":"baseline"}"#);
    assert_eq!(
        answer(&warned),
        json!({
            "accepted": true, "message": null, "code": null, "mutated_object": null,
            "audit_annotations": {"enforce-policy": "privileged:latest"},
            "warnings": ["would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"],
        })
    );
}

#[test]
fn what_cannot_be_read_is_rejected_and_says_where() {
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
        let answer = answer(payload);
        assert_eq!((&answer["accepted"], &answer["code"]), (&json!(false), &json!(code)), "{payload}");
        assert!(answer["message"].as_str().unwrap().starts_with(message), "{payload}: {answer}");
    }
    let not_utf8 = validate(b"{\"request\": \"\xff\"}", &NoCluster);
    assert_eq!(not_utf8.message.as_deref(), Some("the admission request cannot be read: not UTF-8 from byte 13 on"));
}

#[test]
fn a_key_that_stands_twice_does_not_win_in_silence() {
    for object in [
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true},"spec":{}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"hostPID":true,"hostPID":false}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"hostPath":{"path":"/"},"hostPath":null}]}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":"unconfined","container.apparmor.security.beta.kubernetes.io/a":""}}}"#,
    ] {
        let answer = answer(&payload(object));
        assert_eq!(answer["message"], "failed to decode object", "{object}");
        assert!(answer["audit_annotations"]["error"].as_str().unwrap().contains("stands here a second time"), "{object}");
    }
}

#[test]
fn half_a_surrogate_pair_is_read_as_go_reads_it() {
    let named = |name: &str| {
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
    for (written, read) in table {
        let expected = format!(
            "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": privileged (container \"{read}\" must not set securityContext.privileged=true)"
        );
        assert_eq!(answer(&named(written))["message"], expected, "{written}");
    }
    // A broken escape stays broken.
    assert_eq!(answer(&named(r"\ud83d\u00"))["code"], 400);
}

#[test]
fn settings_are_answered_with_what_is_wrong() {
    let good = validate_settings(br#"{"level": "baseline"}"#);
    assert_eq!((good.valid, good.message), (true, None));
    let bad = validate_settings(br#"{"level": "base"}"#);
    assert_eq!((bad.valid, bad.message.as_deref()), (false, Some("level: must be one of privileged, baseline, restricted, not \"base\"")));
    assert!(!validate_settings(b"").valid);
}

/// Labels wait until somebody asks for them, and somebody does where they set a policy.
#[test]
fn labels_of_a_namespace_that_cannot_be_read_are_rejected() {
    let payload = |old: &str, new: &str| {
        format!(
            r#"{{"request":{{"uid":"u","resource":{{"group":"","version":"v1","resource":"namespaces"}},"name":"n","operation":"UPDATE",
                "object":{{"apiVersion":"v1","kind":"Namespace","metadata":{{"labels":{new}}}}},
                "oldObject":{{"apiVersion":"v1","kind":"Namespace","metadata":{{"labels":{old}}}}}}},
                "settings":{{"level":"baseline","namespaceLabels":"honor"}}}}"#
        )
    };
    let told = |old: &str, new: &str| answer(&payload(old, new))["audit_annotations"]["error"].clone();
    assert_eq!(told("{}", "{}"), Value::Null);
    assert_eq!(told("{}", r#"{"a":1}"#), "failed to decode object: request.object.metadata.labels.a: must be a string, not 1");
    assert_eq!(told("7", "{}"), "failed to decode  old object: request.oldObject.metadata.labels: must be an object, not 7");
}
