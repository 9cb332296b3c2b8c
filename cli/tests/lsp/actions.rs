//! Code actions: quick fixes, and the one that fixes a document.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, usual_capabilities};
use crate::texts::{DEPLOYMENT, POD, applied};

fn everything() -> Value {
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99_999, "character": 0 } })
}

/// Returns what `pss fix` makes of a file.
fn fixed(client: &Client, name: &str, text: &str) -> String {
    let path = client.write(name, text);
    let output = Command::new(env!("CARGO_BIN_EXE_pss")).args(["fix", "--write"]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn fixing_all_gives_the_text_of_pss_fix() {
    let mut client = Client::usual();
    let two = format!("{POD}---\n{DEPLOYMENT}");
    let json =
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"containers\": [{\"name\": \"ü😀\"}]}}";
    let dos = two.replace('\n', "\r\n");
    for (name, text) in [("pod.yaml", POD), ("web.yaml", DEPLOYMENT), ("two.yaml", &two), ("dos.yaml", &dos), ("pod.json", json)] {
        client.opened(name, text);
        for kind in ["source", "source.fixAll", "source.fixAll.pss"] {
            let actions = client.actions(name, &everything(), Some(kind));
            assert_eq!(actions.len(), 1, "{actions:?}");
            assert_eq!(actions[0]["kind"], "source.fixAll.pss");
            assert_eq!(applied(text, &actions[0]), fixed(&client, &format!("fixed/{name}"), text), "{name}");
        }
    }
}

#[test]
fn each_quick_fix_removes_its_finding() {
    let mut client = Client::usual();
    let before = client.opened("web.yaml", DEPLOYMENT);
    let actions = client.actions("web.yaml", &everything(), Some("quickfix"));
    assert!(actions.len() >= 4, "{actions:?}");
    for (index, action) in actions.iter().enumerate() {
        assert_eq!((&action["kind"], &action["isPreferred"]), (&json!("quickfix"), &json!(true)));
        let document = &action["edit"]["documentChanges"][0]["textDocument"];
        assert_eq!((&document["version"], &document["uri"]), (&json!(1), &json!(client.uri("web.yaml"))));
        let name = format!("fixed{index}.yaml");
        let text = applied(DEPLOYMENT, action);
        let after = client.opened(&name, &text);
        assert!(after.len() < before.len(), "{action}: {after:?}");
        let diagnostic = &action["diagnostics"][0];
        assert!(before.contains(diagnostic) && after.iter().all(|one| one["message"] != diagnostic["message"]), "{action}");
    }
    assert!(actions.iter().any(|action| action["title"] == "Set allowPrivilegeEscalation: false"), "{actions:?}");
}

#[test]
fn actions_are_those_of_the_range_and_the_kind() {
    let mut client = Client::usual();
    let diagnostics = client.opened("web.yaml", DEPLOYMENT);
    let at_start = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    let kinds = |actions: &[Value]| -> Vec<String> { actions.iter().map(|action| action["kind"].as_str().unwrap().to_owned()).collect() };
    assert_eq!(kinds(&client.actions("web.yaml", &at_start, None)), ["source.fixAll.pss"]);
    let at_finding = diagnostics.iter().find(|one| one["code"] == "allowPrivilegeEscalation").unwrap()["range"].clone();
    let actions = kinds(&client.actions("web.yaml", &at_finding, None));
    assert!(actions.contains(&"quickfix".to_owned()) && actions.contains(&"source.fixAll.pss".to_owned()), "{actions:?}");
    for kind in ["refactor", "source.organizeImports", "source.fixAll.eslint", "quick"] {
        assert_eq!(client.actions("web.yaml", &everything(), Some(kind)), Vec::<Value>::new(), "{kind}");
    }
}

#[test]
fn edits_depend_on_the_capabilities() {
    let mut capabilities = usual_capabilities();
    capabilities["workspace"]["workspaceEdit"] = json!({});
    let (mut client, _) = Client::start(capabilities.clone(), Value::Null);
    client.opened("web.yaml", DEPLOYMENT);
    for action in client.actions("web.yaml", &everything(), None) {
        assert!(action["edit"]["changes"][client.uri("web.yaml")].is_array(), "{action}");
    }
    // The edits of the action that fixes all are computed when it is selected.
    capabilities["textDocument"]["codeAction"]["dataSupport"] = json!(true);
    capabilities["textDocument"]["codeAction"]["resolveSupport"] = json!({ "properties": ["edit"] });
    let (mut client, result) = Client::start(capabilities, Value::Null);
    assert_eq!(result["capabilities"]["codeActionProvider"]["resolveProvider"], true);
    client.opened("web.yaml", DEPLOYMENT);
    let actions = client.actions("web.yaml", &everything(), Some("source.fixAll"));
    assert_eq!(actions[0].get("edit"), None);
    let resolved = client.request("codeAction/resolve", actions[0].clone()).unwrap();
    assert_eq!(applied(DEPLOYMENT, &resolved), fixed(&client, "fixed.yaml", DEPLOYMENT));
}

#[test]
fn a_document_that_cannot_be_parsed_is_not_fixed_as_a_whole() {
    let mut client = Client::usual();
    client.opened("two.yaml", &format!("{DEPLOYMENT}---\napiVersion: v1\nkind: [\n"));
    let actions = client.actions("two.yaml", &everything(), None);
    assert!(!actions.is_empty() && actions.iter().all(|action| action["kind"] == "quickfix"), "{actions:?}");
}

#[test]
fn errors_about_fields_have_quick_fixes() {
    const TEXT: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    a: true\nspec:\n  hostnetwork: false\n";
    let mut client = Client::usual();
    client.opened("fields.yaml", TEXT);
    let actions = client.actions("fields.yaml", &everything(), Some("quickfix"));
    let texts: Vec<_> = actions.iter().map(|action| (action["title"].as_str().unwrap().to_owned(), applied(TEXT, action))).collect();
    for (title, before, after) in
        [("Put the value in quotes", "a: true", "a: \"true\""), ("Rename hostnetwork to hostNetwork", "hostnetwork", "hostNetwork")]
    {
        assert!(texts.contains(&(title.to_owned(), TEXT.replace(before, after))), "{texts:?}");
    }
}
