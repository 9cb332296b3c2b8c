//! The protocol: its states, errors and exit statuses, and the robustness of the server.

use serde_json::{Value, json};

use crate::client::{Client, usual_capabilities};
use crate::texts::{DEPLOYMENT, POD};

#[test]
fn reports_its_capabilities() {
    let (client, result) = Client::start(usual_capabilities(), Value::Null);
    let capabilities = &result["capabilities"];
    assert_eq!(capabilities["textDocumentSync"], json!({ "openClose": true, "change": 2, "save": true }));
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    assert_eq!(capabilities["codeActionProvider"]["codeActionKinds"], json!(["quickfix", "source.fixAll.pss"]));
    assert_eq!(capabilities["hoverProvider"], true);
    assert!(capabilities["completionProvider"].is_object());
    assert_eq!(result["serverInfo"]["name"], "pss");
    assert_eq!(client.end(), Some(0));
}

#[test]
fn the_exit_status_is_that_of_the_protocol() {
    let mut client = Client::usual();
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_status(), Some(1));
    assert_eq!(Client::usual().disconnect(), Some(1));
    let mut client = Client::spawn();
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_status(), Some(1));
    assert_eq!(Client::usual().end(), Some(0));
}

#[test]
fn requests_in_other_states_are_errors() {
    let mut client = Client::spawn();
    let error = |result: Result<Value, Value>| result.unwrap_err()["code"].as_i64();
    assert_eq!(error(client.request("textDocument/hover", json!({}))), Some(-32002));
    assert_eq!(error(client.request("initialize", Value::Null)), Some(-32602));
    // Minimal parameters, without capabilities.
    assert!(client.request("initialize", json!({ "processId": null, "rootUri": null, "capabilities": {} })).is_ok());
    assert_eq!(error(client.request("initialize", json!({ "capabilities": {} }))), Some(-32600));
    client.notify("initialized", json!({}));
    assert_eq!(client.request("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(error(client.request("textDocument/hover", json!({}))), Some(-32600));
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_status(), Some(0));
}

#[test]
fn invalid_messages_are_errors_and_end_nothing() {
    let mut client = Client::usual();
    let error = |result: Result<Value, Value>| result.unwrap_err()["code"].as_i64();
    assert_eq!(error(client.request("textDocument/rename", json!({}))), Some(-32601));
    for method in ["textDocument/hover", "textDocument/completion", "textDocument/codeAction", "codeAction/resolve"] {
        for params in [Value::Null, json!([]), json!({ "textDocument": 1, "position": { "line": -1 } })] {
            assert_eq!(error(client.request(method, params.clone())), Some(-32602), "{method} {params}");
        }
    }
    for method in [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "workspace/didChangeConfiguration",
        "$/cancelRequest",
        "x/y",
    ] {
        client.notify(method, json!({ "textDocument": [], "id": {} }));
    }
    // Requests about documents that are not open have no result.
    let unknown = client.at("unknown.yaml", (0, 0));
    assert_eq!(client.request("textDocument/hover", unknown), Ok(Value::Null));
    for text in ["{", "[]", "{\"jsonrpc\": \"2.0\"}", "\u{fffd}"] {
        client.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
        assert_eq!(error(client.response(&Value::Null)), Some(-32700), "{text}");
    }
    client.send_raw(b"Content-Length: 2\r\n\r\n\xff\xff");
    assert_eq!(error(client.response(&Value::Null)), Some(-32700));
    // A header of another charset, and unknown headers, are ignored.
    let text = json!({ "jsonrpc": "2.0", "id": "x", "method": "none" }).to_string();
    client.send_raw(
        format!("Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: {}\r\n\r\n{text}", text.len()).as_bytes(),
    );
    assert_eq!(error(client.response(&json!("x"))), Some(-32601));
    assert!(!client.opened("pod.yaml", POD).is_empty());
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_cancelled_request_has_a_response() {
    let mut client = Client::usual();
    let long = format!("{DEPLOYMENT}---\n").repeat(200);
    client.open("long.yaml", &long);
    let params = client.at("long.yaml", (0, 0));
    let id = client.send_request("textDocument/hover", params);
    client.notify("$/cancelRequest", json!({ "id": id }));
    if let Err(error) = client.response(&json!(id)) {
        assert_eq!(error["code"], -32800);
    }
    // Cancelling again, or what is unknown, has no effect.
    client.notify("$/cancelRequest", json!({ "id": id }));
    assert_eq!(client.end(), Some(0));
}

#[test]
fn survives_the_typing_of_a_manifest() {
    let mut client = Client::usual();
    client.opened("web.yaml", "");
    let text = format!(
        "{}      securityContext:\n        seccompProfile: {{type: RuntimeDefault}}\n# Grüße 😀\n",
        DEPLOYMENT.replace("image: nginx", "image: \"nginx\"")
    );
    let (mut line, mut column, mut version) = (0, 0, 1);
    for (offset, character) in text.char_indices() {
        version += 1;
        let at = json!({ "line": line, "character": column });
        client.change("web.yaml", version, json!([{ "range": { "start": at, "end": at }, "text": character.to_string() }]));
        (line, column) = if character == '\n' { (line + 1, 0) } else { (line, column + character.len_utf16() as u64) };
        let params = client.at("web.yaml", (line, column));
        let completions = client.request("textDocument/completion", params.clone()).unwrap();
        assert!(completions.is_array(), "{}", &text[..offset]);
        if offset % 16 == 0 {
            client.request("textDocument/hover", params).unwrap();
            let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": line, "character": column } });
            client.actions("web.yaml", &range, None);
        }
    }
    assert!(client.diagnostics("web.yaml", version).iter().any(|one| one["code"] == "runAsNonRoot"));
    assert_eq!(client.end(), Some(0));
}

/// The resident memory of a process in KiB, where the system has it in a file.
fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[test]
fn memory_does_not_grow_with_edits() {
    let mut client = Client::usual();
    client.write("pss.toml", &format!("level = \"restricted\"\n# {}\n", "x".repeat(100_000)));
    let text = format!("{DEPLOYMENT}---\n").repeat(20);
    client.opened("web.yaml", &text);
    let mut version = 1;
    let mut edit = |client: &mut Client, count: usize| {
        for _ in 0..count {
            version += 1;
            client.change("web.yaml", version, json!([{ "text": text }]));
            client.notify("workspace/didChangeConfiguration", json!({ "settings": { "settings": { "level": "restricted" } } }));
            client.diagnostics("web.yaml", version);
        }
    };
    edit(&mut client, 50);
    let Some(before) = memory(client.process_id()) else { return };
    edit(&mut client, 200);
    let after = memory(client.process_id()).unwrap();
    assert!(after < before + 8_000, "{before} KiB, then {after} KiB");
}
