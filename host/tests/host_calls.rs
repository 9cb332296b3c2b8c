//! What a guest asks its host, and what comes back: recorded sessions, and what is not granted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use pss_host::{AdmissionRequest, Granted, HostCalls, NoCluster, NotConnected, Policy, Recorded, payload};
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
const GOT: &str = r#"OK {"kind":"Namespace"}"#;
const LISTED: &str = r#"OK {"items":[1,2]}"#;
const GET_SHOWN: &str = r#"KubernetesGetResource { api_version: "v1", kind: "Namespace", name: "team-a", namespace: None, disable_cache: false, field_masks: Some({"metadata.labels"}) }"#;
const LIST_SHOWN: &str = r#"KubernetesListResourceNamespace { api_version: "v1", kind: "Pod", namespace: "team-a", label_selector: None, field_selector: None, field_masks: Some({"metadata.labels", "spec.a"}) }"#;

/// What a guest that makes these calls is answered, a line for each.
fn answers(calls: &[[&str; 4]], host_calls: Arc<dyn HostCalls>) -> Vec<String> {
    let policy = Policy::load(&module(&Guest::Ask(calls))).unwrap();
    let request = AdmissionRequest::parse(REQUEST).unwrap();
    let response = policy.validate(&payload(&request, &json!({})), host_calls).unwrap();
    response.message.unwrap().lines().map(str::to_owned).collect()
}

fn session(exchanges: &[&str]) -> Arc<Recorded> {
    Arc::new(Recorded::parse(&exchanges.concat()).unwrap())
}

#[test]
fn a_session_answers_in_order() {
    let session = session(&[GET_EXCHANGE, LIST_EXCHANGE]);
    assert_eq!(session.lines(), [r#"get Namespace "team-a": found"#, r#"list Pods in namespace "team-a": 2 found"#]);
    assert_eq!(answers(&[GET, LIST], session.clone()), [GOT, LISTED]);
    assert_eq!(session.remaining(), 0);
    assert_eq!(session.trouble(), None);
}

#[test]
fn a_call_that_is_not_the_next_one_uses_the_next_one_up() {
    let session = session(&[GET_EXCHANGE, LIST_EXCHANGE]);
    let unexpected = |expected: &str, got: &str| {
        format!("ERR Callback evaluation failure: Replay error: unexpected request. Was expecting {expected}, got {got} instead")
    };
    assert_eq!(
        answers(&[LIST, GET, LIST], session.clone()),
        [
            unexpected(GET_SHOWN, LIST_SHOWN),
            unexpected(LIST_SHOWN, GET_SHOWN),
            "ERR Callback evaluation failure: the list of recorded responses is empty".to_owned(),
        ]
    );
    assert!(session.trouble().unwrap().contains("unexpected request"));
}

#[test]
fn every_field_of_a_call_is_compared() {
    for (written, other) in [
        ("name: team-a", "name: team-b"),
        ("api_version: v1", "api_version: v2"),
        ("kind: Namespace", "kind: Pod"),
        ("namespace: null", "namespace: x"),
        ("disable_cache: false", "disable_cache: true"),
        ("metadata.labels", "metadata"),
        ("    field_masks:\n    - metadata.labels\n", ""),
    ] {
        let exchange = GET_EXCHANGE.replace(written, other);
        assert_ne!(exchange, GET_EXCHANGE);
        let answer = answers(&[GET], session(&[&exchange])).concat();
        assert!(answer.contains("unexpected request"), "{other}: {answer}");
    }
}

#[test]
fn a_session_that_is_used_up_is_an_error() {
    for empty in ["", "[]\n"] {
        let answer = answers(&[GET], session(&[empty])).concat();
        assert_eq!(answer, "ERR Callback evaluation failure: the list of recorded responses is empty");
    }
}

#[test]
fn an_error_is_played_back_with_the_words_of_the_real_host() {
    let recorded = GET_EXCHANGE
        .replace("type: Success", "type: Error")
        .replace("payload:", "message:")
        .replace(r#"{"kind":"Namespace"}"#, "ApiError: no");
    let session = session(&[&recorded, LIST_EXCHANGE]);
    assert_eq!(session.lines().first().unwrap(), r#"get Namespace "team-a": failed: ApiError: no"#);
    assert_eq!(answers(&[GET, LIST], session.clone()), ["ERR Callback evaluation failure: ApiError: no", LISTED]);
    assert_eq!(session.trouble(), None, "a recorded error is no trouble with the session");
}

#[test]
fn a_session_can_be_played_again() {
    let session = session(&[GET_EXCHANGE]);
    for _ in 0..2 {
        assert_eq!(answers(&[GET], Arc::new(session.from_here())), [GOT]);
    }
}

#[test]
fn a_damaged_session_is_refused_with_its_place() {
    let refused = |yaml: &str| Recorded::parse(yaml).unwrap_err().to_string();
    for (written, other, error) in [
        ("!KubernetesGetResource", "!KubernetesGet", "exchange 2 cannot be read: unknown variant `KubernetesGet`, expected one of"),
        ("!KubernetesGetResource", "", "exchange 2 cannot be read: invalid type: map, expected a YAML tag starting with '!'"),
        ("    disable_cache: false\n", "", "exchange 2 cannot be read: missing field `disable_cache`"),
        ("type: Success", "type: Succes", "unknown variant `Succes`, expected `Success` or `Error` at line"),
        ("    payload: '{\"kind\":\"Namespace\"}'\n", "", "missing field `payload` at line"),
    ] {
        let damaged = GET_EXCHANGE.replace(written, other);
        assert_ne!(damaged, GET_EXCHANGE);
        let message = refused(&[LIST_EXCHANGE, &damaged].concat());
        assert!(message.contains(error), "{message}");
    }
    assert!(refused("a: b").contains("a session is a list of exchanges"));
}

#[test]
fn what_was_not_granted_is_refused() {
    let of =
        |kind: &str| format!("ERR Policy has not been granted access to Kubernetes v1/{kind} resources. The violation has been reported.");
    assert_eq!(answers(&[GET, LIST], Arc::new(NoCluster)), [of("Namespace"), of("Pod")]);
    let pods = Granted::new([("v1".to_owned(), "Pod".to_owned())], Recorded::parse(LIST_EXCHANGE).unwrap());
    assert_eq!(answers(&[GET, LIST], Arc::new(pods)), [of("Namespace"), LISTED.to_owned()]);
}

#[test]
fn capabilities_are_granted_by_name_and_by_group() {
    for (granted, allowed) in [
        ("*", true),
        ("kubernetes/*", true),
        ("kubernetes/get_resource", true),
        ("kubernetes/can_i", false),
        ("oci/*", false),
        ("kubernetes", false),
    ] {
        let host = Granted::everything(Recorded::parse(GET_EXCHANGE).unwrap()).only_capabilities(vec![granted.to_owned()]);
        let answer = answers(&[GET], Arc::new(host)).concat();
        if allowed {
            assert_eq!(answer, GOT, "{granted}");
        } else {
            assert_eq!(
                answer,
                "ERR Policy has not been granted access to the 'kubernetes/get_resource' host capability. The violation has been reported.",
                "{granted}"
            );
        }
    }
}

#[test]
fn calls_that_mean_nothing_are_refused_with_the_words_of_the_real_host() {
    let bad = |namespace, operation, payload| ["kubewarden", namespace, operation, payload];
    assert_eq!(
        answers(
            &[
                ["other", "kubernetes", "get_resource", "{}"],
                bad("kubernetes", "zz", "{}"),
                bad("zz", "zz", "{}"),
                bad("tracing", "zz", "{}"),
                bad("kubernetes", "get_resource", "zz"),
                bad("kubernetes", "get_resource", r#"{"api_version":"v1","kind":"Pod","name":"x"}"#),
                bad("kubernetes", "list_resources_by_namespace", r#"{"api_version":"v1","kind":"Pod"}"#),
                bad("kubernetes", "can_i", "{}"),
                bad("tracing", "log", "{}"),
            ],
            Arc::new(Granted::everything(NotConnected)),
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
fn an_annotated_module_says_what_it_asks_for() {
    let asked_for = |metadata: &str| Policy::load(&annotated_module(&Guest::Trap, metadata)).map(|p| p.metadata().cloned());
    let resources = asked_for(METADATA).unwrap().unwrap().context_aware_resources;
    let kinds: Vec<&str> = resources.iter().map(|r| r.kind.as_str()).collect();
    assert_eq!(kinds, ["Namespace", "Pod"]);
    assert!(asked_for("{}").unwrap().unwrap().context_aware_resources.is_empty());
    assert!(Policy::load(&module(&Guest::Trap)).unwrap().metadata().is_none());
    let error = asked_for("{").err().unwrap().to_string();
    assert!(error.starts_with("the module's metadata (section io.kubewarden.metadata) cannot be read: EOF"), "{error}");
}
