//! The settings of the editor, and `pss.toml`.

use serde_json::{Value, json};

use crate::client::{Client, usual_capabilities};
use crate::texts::{DEPLOYMENT, POD};

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics.iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[test]
fn the_editor_selects_the_level() {
    let (mut client, _) = Client::start(usual_capabilities(), json!({ "level": "baseline" }));
    assert_eq!(client.opened("web.yaml", DEPLOYMENT), Vec::<Value>::new());
    // The settings of VS Code are in an object with the name of their section.
    for (version, settings, count) in [
        (1, json!({ "pss": { "level": "restricted" } }), 4),
        (1, json!({ "level": "privileged" }), 0),
        (1, json!({ "settings": { "level": "restricted" } }), 4),
    ] {
        client.notify("workspace/didChangeConfiguration", json!({ "settings": settings }));
        assert_eq!(client.diagnostics("web.yaml", version).len(), count, "{settings}");
    }
    // Editors without settings send none.
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": {} }));
    assert!(!client.opened("other.yaml", DEPLOYMENT).is_empty());
}

#[test]
fn findings_of_other_modes_are_warnings() {
    let settings = json!({ "settings": { "defaults": { "enforce": "baseline", "warn": "restricted" } } });
    let (mut client, _) = Client::start(usual_capabilities(), settings);
    let diagnostics = client.opened("web.yaml", DEPLOYMENT);
    assert!(!diagnostics.is_empty() && diagnostics.iter().all(|one| one["severity"] == 2), "{diagnostics:?}");
}

#[test]
fn invalid_settings_are_shown_and_ignored() {
    let (mut client, _) = Client::start(usual_capabilities(), json!({ "levl": "baseline", "namespace": 1, "level": "baseline" }));
    let mut messages = [0, 1].map(|_| client.notification("window/showMessage")["message"].as_str().unwrap().to_owned());
    messages.sort();
    assert_eq!(messages[0], "pss: levl: there is no such setting; did you mean \"level\"?");
    assert_eq!(messages[1], "pss: namespace: expected a text, not 1");
    assert_eq!(client.opened("web.yaml", DEPLOYMENT), Vec::<Value>::new());
}

#[test]
fn the_nearest_configuration_file_applies() {
    let mut client = Client::usual();
    client.write("pss.toml", "level = \"restricted\"\nexclude = [\"other/\"]\n[[paths]]\npaths = [\"infra/\"]\nlevel = \"privileged\"\n");
    client.write("app/pss.toml", "level = \"baseline\"\n");
    for (name, count) in [("web.yaml", 4), ("app/web.yaml", 0), ("app/deep/web.yaml", 0), ("infra/web.yaml", 0), ("other/web.yaml", 0)] {
        assert_eq!(client.opened(name, DEPLOYMENT).len(), count, "{name}");
    }
}

#[test]
fn the_configuration_file_overrides_the_editor() {
    let (mut client, _) = Client::start(usual_capabilities(), json!({ "level": "privileged", "namespace": "web" }));
    client.write("pss.toml", "level = \"restricted\"\n");
    assert_eq!(client.opened("web.yaml", DEPLOYMENT).len(), 4);
}

#[test]
fn excepted_findings_are_hints() {
    let mut client = Client::usual();
    client.write(
        "pss.toml",
        "[[exceptions]]\nchecks = [\"hostNamespaces\"]\nobjects = [\"Pod/web\"]\nreason = \"It is a network agent.\"\n\
         [[exceptions]]\nchecks = [\"runAsNonRoot\"]\nreason = \"The image is fixed.\"\n",
    );
    let diagnostics = client.opened("pod.yaml", POD);
    let one = diagnostics.iter().find(|one| one["code"] == "hostNamespaces").unwrap();
    assert_eq!(one["severity"], 4);
    assert!(one["message"].as_str().unwrap().ends_with("\nExcepted: It is a network agent."), "{one}");
    let everything = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let actions = client.actions("pod.yaml", &everything, None);
    assert!(!actions.is_empty() && !actions.iter().any(|action| action.to_string().contains("runAsNonRoot")), "{actions:?}");
}

#[test]
fn a_changed_configuration_file_is_read_again() {
    let mut client = Client::usual();
    let registration = client.wait(&|message| message["method"] == "client/registerCapability");
    assert_eq!(registration["params"]["registrations"][0]["registerOptions"]["watchers"][0]["globPattern"], "**/pss.toml");
    client.send(&json!({ "jsonrpc": "2.0", "id": registration["id"], "result": null }));
    assert_eq!(client.opened("web.yaml", DEPLOYMENT).len(), 4);
    client.write("pss.toml", "level = \"baseline\"\n");
    let uri = client.uri("pss.toml");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": 1 }] }));
    assert_eq!(client.diagnostics("web.yaml", 1), Vec::<Value>::new());
    client.write("pss.toml", "level = \"restricted\"\n");
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(client.diagnostics("web.yaml", 1).len(), 4);
}

#[test]
fn the_server_notices_a_change_if_the_client_does_not_watch_files() {
    let mut capabilities = usual_capabilities();
    capabilities["workspace"]["didChangeWatchedFiles"] = json!({});
    let (mut client, _) = Client::start(capabilities, Value::Null);
    assert_eq!(client.opened("web.yaml", DEPLOYMENT).len(), 4);
    client.write("policy.yaml", "level: baseline\n");
    client.write("pss.toml", "settings = \"policy.yaml\"\n");
    assert_eq!(client.diagnostics("web.yaml", 1), Vec::<Value>::new());
    client.write("policy.yaml", "level: restricted\n");
    assert_eq!(client.diagnostics("web.yaml", 1).len(), 4);
    std::fs::remove_file(client.path("pss.toml")).unwrap();
    client.write("policy.yaml", "level: baseline\n");
    assert_eq!(client.diagnostics("web.yaml", 1).len(), 4);
}

#[test]
fn an_invalid_configuration_file_is_reported_where_it_is_and_where_it_applies() {
    let mut client = Client::usual();
    client.write("pss.toml", "level = \"baseline\"\nversion = \"1.30\"\n");
    let diagnostics = client.opened("web.yaml", DEPLOYMENT);
    assert_eq!(codes(&diagnostics), ["configuration"]);
    let message = diagnostics[0]["message"].as_str().unwrap();
    assert!(message.starts_with("This file is not judged") && message.contains("pss.toml"), "{message}");
    let in_file = client.diagnostics_without_version("pss.toml");
    assert_eq!(codes(&in_file), ["configuration"]);
    assert_eq!(in_file[0]["range"]["start"], json!({ "line": 1, "character": 10 }), "{in_file:?}");
    client.write("pss.toml", "level = \"baseline\"\n");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    assert_eq!(client.diagnostics("web.yaml", 1), Vec::<Value>::new());
    assert_eq!(client.diagnostics_without_version("pss.toml"), Vec::<Value>::new());
}

#[test]
fn labels_of_the_namespace_apply() {
    let options =
        json!({ "namespaceLabels": { "pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/warn": "wrong" } });
    let (mut client, _) = Client::start(usual_capabilities(), options);
    client.open("web.yaml", DEPLOYMENT);
    let message = client.notification("window/showMessage")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("namespaceLabels[pod-security.kubernetes.io/warn]"), "{message}");
    assert!(client.diagnostics("web.yaml", 1).iter().all(|one| one["severity"] != 1));
}
