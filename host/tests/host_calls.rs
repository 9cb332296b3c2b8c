//! Host calls: recorded sessions, grants, and errors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use pss_host::{AdmissionRequest, GrantFilter, HostCalls, NoCluster, NotConnected, Policy, RecordedSession, payload};
use serde_json::json;
use support::{Guest, METADATA, REQUEST, annotated_module, module};

const GET: [&str; 4] = [
    "kubewarden",
    "kubernetes",
    "get_resource",
    r#"{"api_version":"v1","kind":"Namespace","name":"team-a","disable_cache":false,"field_masks":["metadata.labels"]}"#,
];
const LIST: [&str; 4] = [
    "kubewarden",
    "kubernetes",
    "list_resources_by_namespace",
    r#"{"api_version":"v1","kind":"Pod","namespace":"team-a","field_masks":["spec.a","metadata.labels"]}"#,
];
const GET_EXCHANGE: &str = r#"
- type: Exchange
  request: |
    !KubernetesGetResource
    api_version: v1
    kind: Namespace
    name: team-a
    namespace: null
    disable_cache: false
    field_masks:
    - metadata.labels
  response:
    type: Success
    payload: '{"kind":"Namespace"}'
"#;
const LIST_EXCHANGE: &str = r#"
- type: Exchange
  request: |
    !KubernetesListResourceNamespace
    api_version: v1
    kind: Pod
    namespace: team-a
    label_selector: null
    field_selector: null
    field_masks:
    - metadata.labels
    - spec.a
  response:
    type: Success
    payload: '{"items":[1,2]}'
"#;
const GET_RESPONSE: &str = r#"OK {"kind":"Namespace"}"#;
const LIST_RESPONSE: &str = r#"OK {"items":[1,2]}"#;
const GET_DEBUG: &str = r#"KubernetesGetResource { api_version: "v1", kind: "Namespace", name: "team-a", namespace: None, disable_cache: false, field_masks: Some({"metadata.labels"}) }"#;
const LIST_DEBUG: &str = r#"KubernetesListResourceNamespace { api_version: "v1", kind: "Pod", namespace: "team-a", label_selector: None, field_selector: None, field_masks: Some({"metadata.labels", "spec.a"}) }"#;

/// The responses that a guest gets to these calls.
fn responses(calls: &[[&str; 4]], host_calls: Arc<dyn HostCalls>) -> Vec<String> {
    let policy = Policy::load(&module(&Guest::Call(calls))).unwrap();
    let request = AdmissionRequest::parse(REQUEST).unwrap();
    let response = policy.validate(&payload(&request, &json!({})), host_calls).unwrap();
    response.message.unwrap().lines().map(str::to_owned).collect()
}

fn session(exchanges: &[&str]) -> Arc<RecordedSession> {
    Arc::new(RecordedSession::parse(&exchanges.concat()).unwrap())
}

#[test]
fn replays_a_session_in_order() {
    let session = session(&[GET_EXCHANGE, LIST_EXCHANGE]);
    assert_eq!(session.summaries(), [r#"get Namespace "team-a": found"#, r#"list Pods in namespace "team-a": 2 found"#]);
    assert_eq!(responses(&[GET, LIST], session.clone()), [GET_RESPONSE, LIST_RESPONSE]);
    assert_eq!(session.remaining(), 0);
    assert_eq!(session.mismatch(), None);
}

#[test]
fn an_unexpected_call_consumes_the_next_exchange() {
    let session = session(&[GET_EXCHANGE, LIST_EXCHANGE]);
    let unexpected = |expected: &str, got: &str| {
        format!("ERR Callback evaluation failure: Replay error: unexpected request. Was expecting {expected}, got {got} instead")
    };
    assert_eq!(
        responses(&[LIST, GET, LIST], session.clone()),
        [
            unexpected(GET_DEBUG, LIST_DEBUG),
            unexpected(LIST_DEBUG, GET_DEBUG),
            "ERR Callback evaluation failure: the list of recorded responses is empty".to_owned(),
        ]
    );
    assert!(session.mismatch().unwrap().contains("unexpected request"));
}

#[test]
fn compares_every_field_of_a_call() {
    for (text, replacement) in [
        ("name: team-a", "name: team-b"),
        ("api_version: v1", "api_version: v2"),
        ("kind: Namespace", "kind: Pod"),
        ("namespace: null", "namespace: x"),
        ("disable_cache: false", "disable_cache: true"),
        ("metadata.labels", "metadata"),
        ("    field_masks:\n    - metadata.labels\n", ""),
    ] {
        let exchange = GET_EXCHANGE.replace(text, replacement);
        assert_ne!(exchange, GET_EXCHANGE);
        let response = responses(&[GET], session(&[&exchange])).concat();
        assert!(response.contains("unexpected request"), "{replacement}: {response}");
    }
}

#[test]
fn a_call_after_the_last_exchange_is_an_error() {
    for empty in ["", "[]\n"] {
        let response = responses(&[GET], session(&[empty])).concat();
        assert_eq!(response, "ERR Callback evaluation failure: the list of recorded responses is empty");
    }
}

#[test]
fn replays_errors_with_the_messages_of_kwctl() {
    let recorded = GET_EXCHANGE
        .replace("type: Success", "type: Error")
        .replace("payload:", "message:")
        .replace(r#"{"kind":"Namespace"}"#, "ApiError: no");
    let session = session(&[&recorded, LIST_EXCHANGE]);
    assert_eq!(session.summaries().first().unwrap(), r#"get Namespace "team-a": failed: ApiError: no"#);
    assert_eq!(responses(&[GET, LIST], session.clone()), ["ERR Callback evaluation failure: ApiError: no", LIST_RESPONSE]);
    assert_eq!(session.mismatch(), None, "a recorded error is not a mismatch");
}

#[test]
fn a_session_can_be_replayed_again() {
    let session = session(&[GET_EXCHANGE]);
    for _ in 0..2 {
        assert_eq!(responses(&[GET], Arc::new(session.remaining_session())), [GET_RESPONSE]);
    }
}

#[test]
fn rejects_an_invalid_session_with_its_position() {
    let error_of = |yaml: &str| RecordedSession::parse(yaml).unwrap_err().to_string();
    for (text, replacement, error) in [
        ("!KubernetesGetResource", "!KubernetesGet", "exchange 2 cannot be parsed: unknown variant `KubernetesGet`, expected one of"),
        ("!KubernetesGetResource", "", "exchange 2 cannot be parsed: invalid type: map, expected a YAML tag starting with '!'"),
        ("    disable_cache: false\n", "", "exchange 2 cannot be parsed: missing field `disable_cache`"),
        ("type: Success", "type: Succes", "unknown variant `Succes`, expected `Success` or `Error` at line"),
        ("    payload: '{\"kind\":\"Namespace\"}'\n", "", "missing field `payload` at line"),
    ] {
        let invalid = GET_EXCHANGE.replace(text, replacement);
        assert_ne!(invalid, GET_EXCHANGE);
        let message = error_of(&[LIST_EXCHANGE, &invalid].concat());
        assert!(message.contains(error), "{message}");
    }
    assert!(error_of("a: b").contains("a session is a list of exchanges"));
}

#[test]
fn denies_resources_that_are_not_granted() {
    let denial =
        |kind: &str| format!("ERR Policy has not been granted access to Kubernetes v1/{kind} resources. The violation has been reported.");
    assert_eq!(responses(&[GET, LIST], Arc::new(NoCluster)), [denial("Namespace"), denial("Pod")]);
    let pods = GrantFilter::new([("v1".to_owned(), "Pod".to_owned())], RecordedSession::parse(LIST_EXCHANGE).unwrap());
    assert_eq!(responses(&[GET, LIST], Arc::new(pods)), [denial("Namespace"), LIST_RESPONSE.to_owned()]);
}

#[test]
fn grants_capabilities_by_name_and_by_group() {
    for (granted, allowed) in [
        ("*", true),
        ("kubernetes/*", true),
        ("kubernetes/get_resource", true),
        ("kubernetes/can_i", false),
        ("oci/*", false),
        ("kubernetes", false),
    ] {
        let host =
            GrantFilter::with_all_resources(RecordedSession::parse(GET_EXCHANGE).unwrap()).limit_capabilities(vec![granted.to_owned()]);
        let response = responses(&[GET], Arc::new(host)).concat();
        if allowed {
            assert_eq!(response, GET_RESPONSE, "{granted}");
        } else {
            assert_eq!(
                response,
                "ERR Policy has not been granted access to the 'kubernetes/get_resource' host capability. The violation has been reported.",
                "{granted}"
            );
        }
    }
}

#[test]
fn rejects_invalid_calls_with_the_messages_of_kwctl() {
    let call = |namespace, operation, payload| ["kubewarden", namespace, operation, payload];
    assert_eq!(
        responses(
            &[
                ["other", "kubernetes", "get_resource", "{}"],
                call("kubernetes", "zz", "{}"),
                call("zz", "zz", "{}"),
                call("tracing", "zz", "{}"),
                call("kubernetes", "get_resource", "zz"),
                call("kubernetes", "get_resource", r#"{"api_version":"v1","kind":"Pod","name":"x"}"#),
                call("kubernetes", "list_resources_by_namespace", r#"{"api_version":"v1","kind":"Pod"}"#),
                call("kubernetes", "can_i", "{}"),
                call("tracing", "log", "{}"),
            ],
            Arc::new(GrantFilter::with_all_resources(NotConnected)),
        ),
        [
            "ERR unknown binding: other",
            "ERR unknown operation: zz",
            "ERR unknown namespace: zz",
            "ERR unknown operation: zz",
            "ERR expected value at line 1 column 1",
            "ERR missing field `disable_cache` at line 1 column 44",
            "ERR missing field `namespace` at line 1 column 33",
            "ERR missing field `subject_access_review` at line 1 column 2",
            "OK ",
        ]
    );
}

#[test]
fn parses_the_metadata_of_an_annotated_module() {
    let metadata_of = |metadata: &str| Policy::load(&annotated_module(&Guest::Trap, metadata)).map(|p| p.metadata().cloned());
    let resources = metadata_of(METADATA).unwrap().unwrap().context_aware_resources;
    let kinds: Vec<&str> = resources.iter().map(|r| r.kind.as_str()).collect();
    assert_eq!(kinds, ["Namespace", "Pod"]);
    assert!(metadata_of("{}").unwrap().unwrap().context_aware_resources.is_empty());
    assert!(Policy::load(&module(&Guest::Trap)).unwrap().metadata().is_none());
    let error = metadata_of("{").err().unwrap().to_string();
    assert!(error.starts_with("the module's metadata (section io.kubewarden.metadata) cannot be parsed: EOF"), "{error}");
}
