//! The configurations in docs/editors.md.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Client, usual_capabilities};
use crate::texts::DEPLOYMENT;

const PAGE: &str = include_str!("../../../docs/editors.md");

const README: &str = include_str!("../../../README.md");

/// The configurations in a page by their languages.
fn blocks(page: &str) -> BTreeMap<&str, &str> {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.split_once(" test: editor\n")).collect()
}

/// Starts a server with options, which must be valid: it shows no message.
fn check_options(options: Value) {
    let (mut client, _) = Client::start(usual_capabilities(), options);
    assert_eq!(client.opened("web.yaml", DEPLOYMENT).len(), 4);
    assert!(client.messages().iter().all(|message| message["method"] != "window/showMessage"));
}

/// Asserts that the configurations in a page start `pss lsp`. Returns the parsed JSON and TOML.
fn check_commands(blocks: &BTreeMap<&str, &str>) -> (Value, toml::Table) {
    assert_eq!(blocks.keys().copied().collect::<Vec<_>>(), ["json", "lua", "toml"]);
    let code: Value = serde_json::from_str(blocks["json"]).unwrap();
    assert_eq!((&code["glspc.server.command"], &code["glspc.server.commandArguments"]), (&json!("pss"), &json!(["lsp"])));
    let helix: toml::Table = blocks["toml"].parse().unwrap();
    let server = &helix["language-server"]["pss"];
    assert_eq!((server["command"].as_str(), server["args"][0].as_str()), (Some("pss"), Some("lsp")));
    let lua = blocks["lua"];
    assert!(lua.contains("cmd = { 'pss', 'lsp' }"), "{lua}");
    (code, helix)
}

#[test]
fn the_configurations_in_the_readme_start_the_server() {
    check_commands(&blocks(README));
}

#[test]
fn the_configurations_of_editors_start_the_server_with_valid_settings() {
    let blocks = blocks(PAGE);
    let (code, helix) = check_commands(&blocks);
    check_options(code["glspc.server.initializationOptions"].clone());
    let server = &helix["language-server"]["pss"];
    check_options(serde_json::to_value(&server["config"]).unwrap());
    let lua = blocks["lua"];
    let (_, options) = lua.split_once("init_options = ").unwrap();
    let options = options.split(',').next().unwrap().replace(" =", "\" :").replace("{ ", "{ \"").replace('\'', "\"");
    check_options(serde_json::from_str(&options).unwrap());
}

#[test]
fn the_page_lists_the_settings() {
    let names: Vec<&str> = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let all: serde_json::Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), json!({ "not": "valid" }))).collect();
    // Each value is invalid, but none of the names is unknown.
    let (mut client, _) = Client::start(usual_capabilities(), Value::Object(all));
    client.open("web.yaml", DEPLOYMENT);
    client.diagnostics("web.yaml", 1);
    let messages: Vec<String> = client.messages().iter().map(ToString::to_string).collect();
    for name in names {
        let of_name: Vec<&String> = messages.iter().filter(|message| message.contains(&format!("pss: {name}: "))).collect();
        assert!(!of_name.iter().any(|message| message.contains("there is no such setting")), "{name}: {of_name:?}");
        // An object can be labels.
        assert_eq!(of_name.len(), usize::from(name != "namespaceLabels"), "{name}: {messages:?}");
    }
}
