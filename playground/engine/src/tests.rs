//! Tests of the functions of the module.

use pss_manifest::{Limits, documents_iter};
use pss_review::fields::kubernetes;
use pss_review::objects_of;
use pss_review::schema::Schema;

use crate::api;

const LIST: &str = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: \"ü😀\", labels: {a: 1}}\n  spec:\n    \
                    hostnetwork: true\n    containers:\n    - name: web\n      command: sh -c\n- apiVersion: v1\n  kind: Service\n  spec: {foo: 1, \
                    ports: {port: 80}}\n";
const POD: &str =
    "apiVersion: v1\nkind: Pod\nspec:\n  securityContext:\n    capabilities:\n      drop: [ALL]\n  containers:\n  - name: a\n";
const RESTRICTED: &str = r#"{"level": "restricted", "version": "latest"}"#;

/// The number of errors about fields in a text.
fn errors(text: &str) -> usize {
    let mut count = 0;
    for document in documents_iter(text, Limits::default()) {
        let Ok(tree) = &document.content else { continue };
        for (node, api_version, kind) in objects_of(tree.root()) {
            count += kubernetes().errors(node, api_version, kind).len();
        }
    }
    count
}

/// Returns the text without `|`, and the line and column of it in UTF-16 units.
fn at_mark(text: &str) -> (String, usize, usize) {
    let before = text.split('|').next().unwrap();
    let line = before.matches('\n').count() + 1;
    (text.replacen('|', "", 1), line, before.rsplit('\n').next().unwrap().encode_utf16().count() + 1)
}

#[test]
fn completes_at_a_position() {
    let (text, line, column) = at_mark("# 😀\nkind: Pod\napiVersion: v1\nspec:\n  hostN|: true # ü\n");
    let report = api::complete(&text, line, column, RESTRICTED).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["range"]["start"], serde_json::json!({"line": 5, "column": 3, "offset": 38}));
    assert_eq!(json["range"]["end"]["column"], 8);
    let network = json["candidates"].as_array().unwrap().iter().find(|candidate| candidate["label"] == "hostNetwork").unwrap();
    assert_eq!((&network["text"], &network["kind"], &network["detail"]), (&"hostNetwork".into(), &"field".into(), &"bool".into()));
    assert_eq!(network["checks"], serde_json::json!(["hostNamespaces"]));
    assert!(network["documentation"].as_str().unwrap().starts_with("hostNamespaces: "), "{network}");
    let (text, line, column) = at_mark("kind: Pod\nspec: {|\n");
    assert!(api::complete(&text, line, column, RESTRICTED).is_none());
}

#[test]
fn candidates_of_checks_depend_on_the_policy() {
    let (text, line, column) = at_mark("kind: Pod\napiVersion: v1\nspec:\n  securityContext:\n    runAsNonRoot: |\n");
    for (target, labels) in
        [(RESTRICTED, "true false"), (r#"{"level": "baseline", "version": "v1.30"}"#, "true false"), ("not JSON", "true false")]
    {
        let report = api::complete(&text, line, column, target).unwrap();
        let found: Vec<&str> = report.candidates.iter().map(|candidate| candidate.label.as_str()).collect();
        assert_eq!(found.join(" "), labels, "{target}");
        let is_of_check = !report.candidates[0].checks.is_empty();
        assert_eq!(is_of_check, !target.contains("baseline"), "{target}");
    }
}

#[test]
fn hovers_have_the_type_and_the_checks_of_a_field() {
    let hover = |text: &str, target: &str| {
        let (text, line, column) = at_mark(text);
        api::hover(&text, line, column, target)
    };
    let report =
        hover("a: 1\n---\napiVersion: v1\nkind: Pod\nspec:\n  securityContext:\n    seccompProfile: {ty|pe: Unconfined}\n", RESTRICTED)
            .unwrap();
    assert_eq!((report.path.as_str(), report.type_name.as_str()), ("spec.securityContext.seccompProfile.type", "string"));
    assert_eq!(report.values, ["Unconfined", "RuntimeDefault", "Localhost"]);
    let check = &report.checks[0];
    assert_eq!((check.id, check.checked, check.since.as_str()), ("seccompProfile_restricted", true, "v1.19"));
    assert_eq!(check.allowed, ["RuntimeDefault", "Localhost", "no profile, if each container sets one of them"]);
    // A field that the level does not check.
    let report =
        hover("apiVersion: v1\nkind: Pod\nspec:\n  hostNet|work: true\n", r#"{"level": "privileged", "version": "latest"}"#).unwrap();
    assert_eq!((report.checks[0].id, report.checks[0].checked), ("hostNamespaces", false));
    // A field that no check reads, in an item of a List.
    let report = hover(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  spec:\n    ports:\n    - targetPort: 8|0\n",
        RESTRICTED,
    )
    .unwrap();
    assert_eq!(
        (report.path.as_str(), report.type_name.as_str(), report.checks.len()),
        ("spec.ports[0].targetPort", "integer or string", 0)
    );
    assert_eq!((report.range.start.line, report.range.start.column, report.range.end.column), (8, 19, 21));
    for text in ["apiVersion: v1\nkind: Pod\nfo|o: 1\n", "a: [|\n", "|", "apiVersion: v1\nkind: Pod\nspec:\n | containers: []\n"] {
        assert!(hover(text, RESTRICTED).is_none(), "{text}");
    }
}

#[test]
fn the_outline_lists_objects_with_containers() {
    let json = serde_json::to_value(api::outline(&format!("# 😀\n{POD}---\n{LIST}"))).unwrap();
    let kinds: Vec<_> = json.as_array().unwrap().iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Pod", "Pod", "Service"]);
    assert_eq!((&json[0]["containers"][0]["name"], &json[0]["containers"][0]["list"]), (&"a".into(), &"containers".into()));
    assert_eq!(json[1]["name"], "ü😀");
    assert_eq!(json[1]["range"]["start"]["line"], 14);
}

#[test]
fn lists_checks_and_finds_those_of_a_message() {
    let checks = serde_json::to_value(api::checks()).unwrap();
    assert_eq!(checks.as_array().unwrap().len(), pss_core::standards::CHECKS.len());
    for field in ["id", "title", "level", "reason", "why", "advice", "value", "restrictions", "overrides", "history", "source"] {
        assert!(!checks[0][field].is_null(), "{field}");
    }
    let message = "violates PodSecurity \"restricted:latest\": host namespaces (hostNetwork=true), runAsNonRoot != true (pod must not)";
    assert_eq!(api::checks_in_message(message), ["hostNamespaces", "runAsNonRoot"]);
}

/// The functions return within a bounded time for large texts, and for texts of many errors. Quadratic time would exceed it by far.
#[test]
fn large_texts_take_a_bounded_time() {
    let containers = "  - name: a\n    imag: b\n    env: [{name: a, value: 1}]\n".repeat(4_000);
    let misplaced = format!("{POD}{}", "  - name: b\n".repeat(20_000));
    let annotations: String = (0..20_000).map(|index| format!("    a{index}: 1\n")).collect();
    let nested = format!("apiVersion: v1\nkind: Pod\nspec: {}{}", "{a: ".repeat(2_000), "}".repeat(2_000));
    let lists = format!("{}{}", "{apiVersion: v1, kind: List, items: [".repeat(40), "]}".repeat(40));
    let list =
        format!("apiVersion: v1\nkind: List\nitems:\n{}", "- {apiVersion: v1, kind: Pod, spec: {foo: 1, hostPID: 5}}\n".repeat(1_000));
    for text in [
        format!("{POD}{containers}"),
        misplaced,
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n{annotations}"),
        nested,
        lists,
        list,
        "- ".repeat(20_000),
        "a: b: c\n".repeat(20_000),
        "---\n".repeat(20_000),
        "x".repeat(1_000_000),
    ] {
        let started = std::time::Instant::now();
        let start = text.get(..40).unwrap_or(&text);
        errors(&text);
        api::outline(&text);
        for line in [1, 5, 5_000, usize::MAX] {
            api::complete(&text, line, 3, RESTRICTED);
            api::hover(&text, line, 8, RESTRICTED);
        }
        assert!(started.elapsed().as_secs() < 60, "{start}: {:?}", started.elapsed());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_has_results(text in "(\\PC|[-a-z:{}\\[\\] \n\r\t&*!|>'\"#]){0,80}", line in 0_usize..6, column in 0_usize..20) {
        for text in [text.clone(), format!("{POD}{text}"), format!("apiVersion: v1\nkind: Pod\nspec:\n{text}")] {
            errors(&text);
            api::outline(&text);
            api::complete(&text, line, column, RESTRICTED);
            api::hover(&text, line, column, RESTRICTED);
            api::checks_in_message(&text);
        }
    }
}
