//! Tests of the functions of the module.

use pss_core::standards::{Level, LevelVersion, Version};
use pss_manifest::{Limits, sections};
use pss_review::fields::kubernetes;
use pss_review::schema::{ForeignErrors, Schema};
use pss_review::{Options, Reviewer, Source, objects_of};

use crate::api;

const LIST: &str = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: \"ü😀\", labels: {a: 1}}\n  spec:\n    \
                    hostnetwork: true\n    containers:\n    - name: web\n      command: sh -c\n- apiVersion: v1\n  kind: Service\n  spec: {foo: 1, \
                    ports: {port: 80}}\n";
const POD: &str =
    "apiVersion: v1\nkind: Pod\nspec:\n  securityContext:\n    capabilities:\n      drop: [ALL]\n  containers:\n  - name: a\n";

#[test]
fn errors_are_the_same_in_the_core() {
    let texts = [
        format!("# ä\n{POD}---\n{LIST}---\n{POD}"),
        LIST.replace('\n', "\r\n"),
        format!(
            "{}\n{}\n",
            r#"{"apiVersion": "v1", "kind": "Pod", "foo": 1}"#, r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"hostPID": 5}}"#
        ),
        "a: [\n---\na: b\n".to_owned(),
        String::new(),
    ];
    for text in texts {
        for section in sections(&text, Limits::default()) {
            let json = api::errors(section.text());
            let foreign = ForeignErrors::parse(&json, &section);
            let Ok(tree) = section.parse().content else {
                assert_eq!(json, "[]");
                continue;
            };
            for (node, api_version, kind) in objects_of(tree.root()) {
                let mut expected = kubernetes().errors(node, api_version, kind);
                for error in &mut expected {
                    error.path.clear();
                    error.suggestion = None;
                }
                assert_eq!(foreign.errors(node, api_version, kind), expected, "{text}");
            }
        }
    }
}

#[test]
fn a_review_with_the_errors_of_the_module_is_that_with_the_table() {
    let text = format!("{POD}---\n{LIST}---\n{POD}");
    let sources = [Source { name: "manifest.yaml", text: &text }];
    let policy = LevelVersion { level: Level::Restricted, version: Version::Latest };
    let expected = pss_review::review(&sources, &Options { schema: Some(kubernetes()), ..Options::of(policy) });
    let schema = |section: &pss_manifest::Section<'_>| -> Option<Box<dyn Schema>> {
        Some(Box::new(ForeignErrors::parse(&api::errors(section.text()), section)))
    };
    let report = pss_review::Report::from(Reviewer::default().review(&sources, &Options::of(policy), Some(&schema)));
    assert_eq!(report, expected);
    assert!(report.documents.iter().all(|document| document.diagnostics.iter().any(|diagnostic| diagnostic.fix.is_some())));
}

#[test]
fn malformed_errors_are_none() {
    let section = || sections("a: b\n", Limits::default()).next().unwrap();
    for json in ["", "[", "{}", "5", "[{}]", "[{\"offset\": -1, \"errors\": 5}]", "\u{0}"] {
        assert_eq!(ForeignErrors::parse(json, &section()), ForeignErrors::default(), "{json}");
    }
}
