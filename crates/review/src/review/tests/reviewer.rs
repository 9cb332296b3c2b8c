//! A reviewer returns what a review of the same texts returns, whatever it reviewed before.

use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::testing::{options, source};
use crate::{FindingKey, Options, Report, Reviewer, Source, fix_texts, review};

/// Documents that depend on others, that have errors with line numbers, or that end a file.
const DOCUMENTS: [&str; 16] = [
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: c # ä\n      image: i\n",
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: b\n  namespace: team\nspec:\n  hostNetwork: true\n  containers:\n    - name: c\n",
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n  labels:\n    pod-security.kubernetes.io/enforce: baseline\n",
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n",
    "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n  labels:\n    pod-security.kubernetes.io/warn: nothing\n",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  name: e\nspec:\n  template:\n    spec:\n      hostPID: true\n",
    "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nmetadata:\n  name: w\nspec:\n  group: x.io\n  names:\n    kind: Widget\n",
    "apiVersion: x.io/v1\nkind: Widget\nmetadata:\n  name: w\n",
    "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Pod, metadata: {name: f}, spec: {hostIPC: true}}\n  - {apiVersion: v1, kind: Pod}\n",
    "apiVersion: v1\nkind: Pod\nspec: {hostPID: 7}\n",
    "a: [b\n",
    "- 1\n",
    "",
    "# nothing\n",
    "apiVersion: v1\rkind: Pod\rmetadata: {name: r}\rspec: {hostPID: true}\r\n",
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"j\"}} {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"hostPID\":true}}\n",
];

fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = vec((select(&DOCUMENTS), select(&["---\n", "---\n\n\n", "--- # next\n", "--- x\n"])), 0..5)
        .prop_map(|documents| documents.iter().map(|(document, separator)| format!("{document}{separator}")).collect());
    vec(text, 1..3)
}

fn sources(texts: &[String]) -> Vec<Source<'_>> {
    let named = |(index, text)| Source { name: if index == 0 { "a.yaml" } else { "b.yaml" }, ..source(text) };
    texts.iter().map(String::as_str).enumerate().map(named).collect()
}

fn restricted() -> Options<'static> {
    options(&json!({"settings": {"level": "restricted", "namespaceLabels": "honor"}}))
}

proptest! {
    #[test]
    fn returns_the_report_of_a_review(states in vec(texts(), 1..6)) {
        let options = restricted();
        let mut reviewer = Reviewer::default();
        for texts in states {
            let sources = sources(&texts);
            prop_assert_eq!(Report::from(reviewer.review(&sources, &options)), review(&sources, &options));
        }
    }
}

#[test]
fn keeps_the_reviews_of_unchanged_documents() {
    let pod = DOCUMENTS[0];
    let options = restricted();
    let mut reviewer = Reviewer::default();
    let mut documents = |text: &str| reviewer.review(&[source(text)], &options).documents;
    let before = documents(&format!("{pod}---\n{pod}---\n{}", DOCUMENTS[5]));
    let after = documents(&format!("# a line\n{pod}---\n{pod}---\n{}", DOCUMENTS[5]));
    let is_kept = |index: usize| Rc::ptr_eq(&before[index].review, &after[index].review);
    // The last document has a warning with a line number.
    assert_eq!([0, 1, 2].map(is_kept), [false, true, false]);
    assert_eq!(after[1].start.line, before[1].start.line + 1);
    // Every document depends on the namespaces before it.
    let after = documents(&format!("{}---\n{pod}---\n{pod}", DOCUMENTS[3]));
    assert!(!Rc::ptr_eq(&before[1].review, &after[1].review));
}

/// Two pods with two findings each, in a file for each.
const TWO: [&str; 2] = [
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: c\n      securityContext:\n        capabilities:\n          \
     add: [NET_RAW, KILL, SYS_TIME]\n",
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: b\nspec:\n  containers:\n    - name: c\n      securityContext:\n        capabilities:\n          \
     add: [NET_RAW, KILL, SYS_TIME]\n",
];

#[test]
fn fixes_the_selected_findings_of_each_text() {
    let options = options(&json!({"settings": {"level": "baseline"}}));
    let texts = TWO.map(str::to_owned);
    let sources = sources(&texts);
    let fixed = |selection: Option<&[FindingKey]>| fix_texts(&sources, &options, selection);
    let key = |source: usize, index: usize, capability: &str| FindingKey {
        source,
        index: 0,
        item: None,
        check: "capabilities_baseline".to_owned(),
        path: format!("spec.containers[0].securityContext.capabilities.add[{index}]"),
        value: Some(capability.to_owned()),
    };
    let [first, second] = [TWO[0], TWO[1]];
    let with = |text: &str, list: &str| text.replace("[NET_RAW, KILL, SYS_TIME]", list);
    for (selection, expected) in [
        (None, [with(first, "[KILL]"), with(second, "[KILL]")]),
        (Some(vec![key(1, 2, "SYS_TIME")]), [first.to_owned(), with(second, "[NET_RAW, KILL]")]),
        (Some(vec![key(0, 0, "NET_RAW"), key(0, 2, "SYS_TIME")]), [with(first, "[KILL]"), second.to_owned()]),
        (Some(vec![]), TWO.map(str::to_owned)),
    ] {
        assert_eq!(fixed(selection.as_deref()), expected, "{selection:?}");
    }
}

#[test]
fn fixes_errors_about_fields_before_findings() {
    let options = Options { schema: Some(crate::fields::kubernetes()), ..options(&json!({"settings": {"level": "baseline"}})) };
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: c\n      env:\n        - name: PORT\n          \
                value: 8080\n      securtyContext:\n        capabilities:\n          add: [SYS_TIME, KILL]\n";
    let expected = text.replace("8080", "\"8080\"").replace("securtyContext", "securityContext").replace("[SYS_TIME, KILL]", "[KILL]");
    assert_eq!(fix_texts(&[source(text)], &options, None), [expected]);
    // One error only.
    let report = review(&[source(text)], &options);
    for (name, expected) in [("securtyContext", text.replace("securty", "security")), ("value", text.replace("8080", "\"8080\""))] {
        let error = report.documents[0].diagnostics.iter().find(|error| error.message.contains(name)).unwrap();
        let key = FindingKey { source: 0, index: 0, item: None, check: String::new(), path: error.message.clone(), value: None };
        assert_eq!(fix_texts(&[source(text)], &options, Some(&[key])), [expected], "{name}");
    }
}
