//! Tests of the removal.

use proptest::prelude::*;

use super::*;
use crate::helm_release::json_string;

const PSP: &str = "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}\n";
const OTHER: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";

/// Returns a manifest without its policies, and their names.
fn removed(text: &str) -> (String, Vec<String>) {
    let removal = removal(text).unwrap();
    let changed = json_string::apply(text, &removal.changes).unwrap();
    assert!(have_same_objects(text, &changed), "{text}");
    (changed, removal.policies)
}

#[test]
fn removes_documents_in_every_notation() {
    let policies = [
        PSP,
        "kind: PodSecurityPolicy\napiVersion: policy/v1beta1\nmetadata: {name: p}\n",
        "metadata:\n  name: p\nspec: {}\nkind: PodSecurityPolicy\napiVersion: extensions/v1beta1\n",
        "\"kind\": 'PodSecurityPolicy' # comment\n'apiVersion': \"policy/v1beta1\"\nmetadata: {name: p}\n",
        "# Source: chart/templates/psp.yaml\n# kind: ConfigMap\nkind: PodSecurityPolicy\nmetadata: {name: p}\n\n\napiVersion: policy/v1beta1\n",
        "{\"kind\": \"PodSecurityPolicy\", \"apiVersion\": \"policy/v1beta1\", \"metadata\": {\"name\": \"p\"}}\n",
        "kind: &kind PodSecurityPolicy\napiVersion: !!str policy/v1beta1\nmetadata: {name: p, labels: {a: *kind}}\n",
        "kind: \"Pod\\x53ecurity\\\n  Policy\"\napiVersion: policy/v1beta1\nmetadata: {name: p}\n",
        "kind: >-\n  PodSecurityPolicy\napiVersion: policy/v1beta1\nmetadata: {name: p}\n",
        "kind: PodSecurityPolicyList\napiVersion: policy/v1beta1\nitems:\n- metadata: {name: p}\n",
        "kind: List\napiVersion: v1\nitems:\n- {kind: PodSecurityPolicy, apiVersion: policy/v1beta1, metadata: {name: p}}\n",
    ];
    for policy in policies {
        for policy in [policy.to_owned(), policy.replace('\n', "\r\n")] {
            for separator in ["---\n", "---\r\n", "--- # comment\n", "---  \n"] {
                let others = format!("# first\n{separator}{OTHER}");
                for (text, rest) in [
                    (format!("{separator}{policy}"), String::new()),
                    (policy.clone(), String::new()),
                    (format!("{others}{separator}{policy}"), others.clone()),
                    (format!("{others}{separator}{policy}{separator}{OTHER}"), format!("{others}{separator}{OTHER}")),
                    (format!("{policy}{others}"), format!("{separator}{OTHER}")),
                ] {
                    assert_eq!(removed(&text), (rest, vec!["p".to_owned()]), "{text}");
                }
            }
        }
    }
}

#[test]
fn a_document_may_begin_on_the_line_of_its_separator() {
    for separator in ["---", "--- ", "---\t"] {
        let (psp, other) = (format!("{separator}{PSP}"), format!("{separator}{OTHER}"));
        assert_eq!(removed(&format!("{other}{psp}{other}")), (format!("{other}{other}"), vec!["p".to_owned()]), "{separator:?}");
    }
}

#[test]
fn keeps_everything_else() {
    let policies_of_others = "apiVersion: example.com/v1\nkind: PodSecurityPolicy\nmetadata: {name: p}\n";
    // A sequence is no object.
    let sequence = "- kind: PodSecurityPolicy\n  apiVersion: policy/v1beta1\n";
    let deep = "[".repeat(900) + &"]".repeat(900) + "\n";
    let text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    apiVersion: policy/v1beta1\n    kind: PodSecurityPolicy\n";
    let budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: b}\n";
    for kept in [
        OTHER,
        sequence,
        &deep,
        policies_of_others,
        text,
        budget,
        "",
        "\n\n",
        "# kind: PodSecurityPolicy\n",
        "a: [\n",
        "{{ x }}\n",
        "---\n---\n",
        "%YAML 1.1\n",
    ] {
        assert_eq!(removed(kept), (kept.to_owned(), vec![]), "{kept}");
        let both = format!("---\n{kept}---\n{PSP}---\n{kept}");
        assert_eq!(removed(&both), (format!("---\n{kept}---\n{kept}"), vec!["p".to_owned()]), "{both}");
    }
}

#[test]
fn removes_items_of_lists() {
    let psp = "{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: p}}";
    let other = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}";
    let list = "apiVersion: v1\nkind: List\nitems:\n";
    for (text, rest) in [
        (format!("{list}- {psp}\n- {other} # c\n- {psp}\n"), format!("{list}- {other} # c\n")),
        (
            format!("{list}- apiVersion: policy/v1beta1\n  kind: PodSecurityPolicy\n  metadata:\n    name: p\n- {other}\n- {psp}\n"),
            format!("{list}- {other}\n"),
        ),
        (
            format!("{{apiVersion: v1, kind: List, items: [{psp}, {other}, {psp}]}}"),
            format!("{{apiVersion: v1, kind: List, items: [{other}]}}"),
        ),
        // A List in a List, of which nothing remains.
        (format!("{list}- {{apiVersion: v1, kind: List, items: [{psp}, {psp}]}}\n- {other}\n"), format!("{list}- {other}\n")),
        (
            format!("{list}- {{apiVersion: v1, kind: List, items: [{psp}, {other}, {psp}]}}\n"),
            format!("{list}- {{apiVersion: v1, kind: List, items: [{other}]}}\n"),
        ),
    ] {
        assert_eq!(removed(&text), (rest, vec!["p".to_owned(), "p".to_owned()]), "{text}");
    }
}

#[test]
fn removes_json_objects() {
    let psp = r#"{"kind":"PodSecurityPolicy","apiVersion":"policy/v1beta1","metadata":{"name":"p"}}"#;
    let other = r#"{"kind":"ConfigMap","apiVersion":"v1"}"#;
    for (text, rest) in [
        (format!("{other}\n{psp}\n{other}\n"), format!("{other}\n{other}\n")),
        (format!("{other}{psp}{other}"), format!("{other}{other}")),
        (psp.to_owned(), String::new()),
    ] {
        let (changed, names) = removed(&text);
        assert_eq!((changed.replace("\n\n", "\n"), names), (rest, vec!["p".to_owned()]), "{text}");
    }
}

#[test]
fn reports_what_remains() {
    for (text, is_complete) in [("", false), (PSP, true), (OTHER, false), ("---\n# a\n---\n", false)] {
        assert_eq!(removal(text).unwrap().is_complete, is_complete, "{text}");
    }
    assert!(removal(&format!("# a\n---\n{PSP}---\n# b\n---\n{PSP}")).unwrap().is_complete);
    assert!(!removal(&format!("{PSP}---\n{OTHER}")).unwrap().is_complete);
    let role =
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\nrules: [{resources: [podsecuritypolicies]}]\n";
    let budget = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: b}\n";
    let removal = removal(&format!("{role}---\n{budget}---\n{PSP}---\n{}", role.replace("podsecuritypolicies", "pods"))).unwrap();
    assert_eq!(removal.roles, ["ClusterRole r"]);
    assert_eq!(
        removal.notes,
        [
            "PodDisruptionBudget b remains, whose policy/v1beta1 Kubernetes 1.25 removed too (policy/v1 replaces it): it also blocks upgrades",
        ]
    );
}

#[test]
fn errors_have_a_line() {
    let multi_line = "kind: List\napiVersion: v1\nitems:\n- kind: PodSecurityPolicy\n  apiVersion: policy/v1beta1\n  metadata:\n    name: p\n    \
                      annotations:\n      a: |\n        b\n        c\n- {apiVersion: v1, kind: ConfigMap}\n";
    for (text, line, message) in [
        (format!("{OTHER}---\nkind: PodSecurityPolicy\na: [\n"), 6, "the document cannot be parsed: "),
        (format!("{OTHER}---\n{multi_line}"), 8, "a PodSecurityPolicy of a List cannot be removed"),
    ] {
        let error = removal(&text).unwrap_err();
        assert!(error.line == line && error.message.starts_with(message), "{error:?}");
    }
}

/// Also those that no policy can be in.
#[test]
fn names_documents_that_cannot_be_parsed() {
    let lines = |text: &str| invalid_documents(text).iter().map(|invalid| invalid.line).collect::<Vec<_>>();
    for (text, expected) in
        [("", vec![]), (OTHER, vec![]), ("a: [\n", vec![1]), ("---\na: b\n---\nb: {\n---\n# c\n--- a: 'd\n", vec![4, 7])]
    {
        assert_eq!(lines(text), expected, "{text}");
    }
}

/// A document of a manifest, and whether it is a policy.
fn document() -> impl Strategy<Value = (String, bool)> {
    let types = prop_oneof![
        Just(("policy/v1beta1", "PodSecurityPolicy", true)),
        Just(("extensions/v1beta1", "PodSecurityPolicy", true)),
        Just(("policy/v1beta1", "PodDisruptionBudget", false)),
        Just(("v1", "ConfigMap", false)),
        Just(("example.com/v1", "PodSecurityPolicy", false)),
    ];
    let quotes = prop_oneof![Just(""), Just("'"), Just("\"")];
    let metadata = prop_oneof![
        Just("metadata: {name: a}\n"),
        Just("metadata:\n  name: a # kind: PodSecurityPolicy\n"),
        Just("data: |\n  kind: PodSecurityPolicy\n  ---\n  apiVersion: policy/v1beta1\n"),
        Just("\n# apiVersion: policy/v1beta1\n\n"),
        Just(""),
    ];
    (types, quotes, metadata, 0..6_usize, any::<bool>()).prop_map(|((api_version, kind, is_policy), quote, metadata, order, has_source)| {
        let fields = [format!("apiVersion: {quote}{api_version}{quote}\n"), format!("kind: {quote}{kind}{quote}\n"), metadata.to_owned()];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let source = if has_source { "# Source: chart/templates/a.yaml\n" } else { "" };
        (source.to_owned() + &orders[order].map(|index| fields[index].clone()).concat(), is_policy)
    })
}

proptest! {
    #[test]
    fn removes_the_policies_and_nothing_else(documents in prop::collection::vec(document(), 0..8), has_returns: bool, separator in "---[ \t]{0,2}(# a)?\n") {
        let join = |documents: Vec<&str>| {
            let text: String = documents.iter().flat_map(|document| [&separator, *document]).collect();
            if has_returns { text.replace('\n', "\r\n") } else { text }
        };
        let text = join(documents.iter().map(|(document, _)| &**document).collect());
        let others = join(documents.iter().filter(|(_, is_policy)| !is_policy).map(|(document, _)| &**document).collect());
        let policies = documents.iter().filter(|(_, is_policy)| *is_policy).count();
        let (changed, names) = removed(&text);
        prop_assert_eq!(changed, others);
        prop_assert_eq!(names.len(), policies);
    }

    #[test]
    fn no_manifest_causes_a_panic(text in "(---|\n|\r\n| |- |kind: |PodSecurityPolicy|List|items:|apiVersion: |policy/v1beta1|[{}\\[\\],:\"'a|&*]){0,40}") {
        if let Ok(removal) = removal(&text) {
            let changed = json_string::apply(&text, &removal.changes).unwrap();
            prop_assert!(have_same_objects(&text, &changed));
            prop_assert_eq!(super::removal(&changed).map(|removal| removal.policies), Ok(vec![]));
        }
    }
}
