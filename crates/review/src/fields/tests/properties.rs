//! Invariants of every fix of an error about a field: it removes its error, adds none, and keeps the rest of the text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use pss_manifest::documents;
use serde_json::{Value, json};

use super::{POD_KINDS, joined, kubernetes, nested};
use crate::fixes::apply;
use crate::fixes::tests::properties::layout::{Choices, lay_out};
use crate::schema::{Schema, SchemaError, Suggestion};

/// The errors of an object that can occur more than once: without paths, in which a move changes nothing else.
fn messages(errors: &[SchemaError]) -> Vec<&str> {
    let mut messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    messages.sort_unstable();
    messages
}

/// Returns the errors of the first object of a text; `None` if it cannot be parsed.
fn errors(text: &str) -> Option<Vec<SchemaError>> {
    let documents = documents(text);
    let object = documents.first()?.content.as_ref().ok()?.root();
    let field = |field| object.get(field).and_then(|entry| entry.value.text()).unwrap_or_default();
    Some(kubernetes().errors(object, field("apiVersion"), field("kind")))
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once("# ").map(|(_, comment)| comment.trim())).collect()
}

/// The scalars and empty collections of a value, each with its path.
fn leaves(value: &Value, path: &str, all: &mut Vec<(String, String)>) {
    match value {
        Value::Array(elements) if !elements.is_empty() => {
            elements.iter().enumerate().for_each(|(index, element)| leaves(element, &format!("{path}[{index}]"), all));
        }
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(key, member)| leaves(member, &joined(path, key), all));
        }
        // Empty parents of moved fields are removed.
        Value::Null | Value::Object(_) => {}
        other => all.push((path.to_owned(), other.to_string())),
    }
}

/// Asserts that only a field and its new places differ in the values of two texts.
fn assert_change(before: &str, after: &str, error: &SchemaError, context: &dyn Fn() -> String) {
    let [old, new] = [before, after].map(|text| {
        let mut all = Vec::new();
        leaves(&documents(text)[0].content.as_ref().unwrap().to_json(), "", &mut all);
        all
    });
    let old_place = error.path.replace("[example.com/a]", ".example.com/a");
    let new_place = match &error.suggestion {
        Some(Suggestion::Rename { to }) => joined(old_place.rsplit_once('.').map_or("", |(parent, _)| parent), to),
        Some(Suggestion::Move { to }) => to.clone(),
        None => old_place.clone(),
    };
    // A path without indices and kinds of containers.
    let plain = |path: &str| {
        path.split(']').map(|part| part.split('[').next().unwrap()).collect::<String>().replace("initContainers", "containers")
    };
    for (path, _) in old.iter().filter(|leaf| !new.contains(leaf)) {
        assert!(path.starts_with(&old_place), "{path}\n{}", context());
    }
    for (path, value) in new.iter().filter(|leaf| !old.contains(leaf)) {
        assert!(plain(path).starts_with(&plain(&new_place)), "{path}\n{}", context());
        // The value is the old one, in the new place.
        let is_same = |(_, other): &(String, String)| value.trim_matches('"').eq_ignore_ascii_case(other.trim_matches('"'));
        assert!(error.suggestion.is_none() || old.iter().any(is_same), "{value}\n{}", context());
    }
}

fn assert_fixes(text: &str) {
    let Some(found) = errors(text) else { return };
    let before = documents(text).len();
    for error in &found {
        let Some(fix) = &error.fix else { continue };
        assert!(fix.edits.windows(2).all(|pair| pair[0].span.end.offset < pair[1].span.start.offset), "{fix:?}");
        let fixed = apply(text, fix.edits.iter().collect());
        let context = || format!("{}\n{}\n--- became\n{fixed}", error.message, fix.title);
        let after = errors(&fixed).unwrap_or_else(|| panic!("{text}\n{}", context()));
        let mut expected = messages(&found);
        let index = expected.iter().position(|message| *message == error.message).unwrap();
        expected.remove(index);
        assert_eq!(messages(&after), expected, "{text}\n{}", context());
        assert_eq!(documents(&fixed).len(), before, "{text}\n{}", context());
        // Comments remain; a move can copy them.
        for comment in comments(text) {
            assert!(fixed.contains(comment) || fix.title.starts_with("Remove "), "{comment}: {text}\n{}", context());
        }
        assert_change(text, &fixed, error, &|| format!("{text}\n{}", context()));
    }
}

/// Fields with the path of their mapping in a pod, and values of many types.
fn field() -> impl Strategy<Value = (&'static str, &'static str)> {
    let places = [
        "",
        "spec",
        "spec.securityContext",
        "spec.containers[0]",
        "spec.containers[0].securityContext",
        "spec.containers[0].ports[0]",
        "spec.volumes[0]",
        "metadata",
        "metadata.annotations",
    ];
    let names = [
        "capabilities",
        "privileged",
        "hostNetwork",
        "hostnetwork",
        "runAsNonRoot",
        "runasnonroot",
        "drop",
        "securityContext",
        "securitycontext",
        "seccompProfile",
        "replicas",
        "restartPolicy",
        "command",
        "args",
        "env",
        "ports",
        "containerPort",
        "hostPort",
        "labels",
        "name",
        "volumes",
        "emptyDir",
        "hostPath",
        "fsGroup",
        "sysctls",
        "readOnlyRootFileSystem",
        "example.com/a",
    ];
    (select(places.to_vec()), select(names.to_vec()))
}

fn value() -> impl Strategy<Value = Value> {
    let values = vec![
        json!(true),
        json!(false),
        json!(8080),
        json!(1.5),
        json!("true"),
        json!("8080"),
        json!("no"),
        json!("a b: c"),
        json!("text"),
        json!({"drop": ["ALL"]}),
        json!({"add": ["NET_RAW"], "drop": ["ALL"]}),
        json!([{"name": "a"}]),
        json!({"name": "a", "value": "b"}),
        json!({"type": "RuntimeDefault"}),
        json!(["a", "b"]),
        json!([1, true]),
        json!({"containerPort": 80}),
        json!([{"runAsUser": 1}]),
        json!({"runAsUser": 1, "capabilities": {"drop": ["ALL"]}}),
        json!({}),
        json!([]),
        json!(["multi\nline\n"]),
        json!("multi\nline\n"),
        json!({"a": "b"}),
        json!(null),
    ];
    select(values)
}

/// Sets a field of a pod, in which missing parents are inserted.
fn set(pod: &mut Value, path: &str, name: &str, value: Value) {
    let mut node = pod;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (key, is_list) = step.strip_suffix("[0]").map_or((step, false), |key| (key, true));
        let Value::Object(members) = node else { return };
        node = members.entry(key).or_insert(if is_list { json!([{}]) } else { json!({}) });
        if is_list {
            let Some(first) = node.get_mut(0) else { return };
            node = first;
        }
    }
    if let Value::Object(members) = node {
        members.insert(name.to_owned(), value);
    }
}

proptest! {
    #[test]
    fn fixes_remove_their_errors_and_keep_the_rest(
        kind in select(POD_KINDS.to_vec()),
        fields in vec((field(), value()), 1..6),
        containers in vec(select(vec![json!({"name": "a"}), json!({"name": "b", "securityContext": {"runAsUser": 1}}), json!({"securityContext": {"capabilities": {"drop": ["ALL"]}}})]), 0..4),
        choices in vec(any::<u8>(), 8..64),
    ) {
        let (api_version, kind, spec) = kind;
        let mut pod = json!({"metadata": {"annotations": {"text": "a"}}, "spec": {"containers": containers}});
        for ((path, name), value) in fields {
            set(&mut pod, path, name, value);
        }
        let mut object = match spec.strip_suffix("spec").unwrap().trim_end_matches('.') {
            "" => pod,
            template => nested(template, pod),
        };
        object["apiVersion"] = api_version.into();
        object["kind"] = kind.into();
        assert_fixes(&lay_out(&[object], Choices::new(choices)));
    }
}
