//! A client of the language server, which speaks the protocol with the program.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The time after which a missing message fails a test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a running server, whose workspace is a temporary folder.
pub(crate) struct Client {
    process: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that were received while another was awaited.
    waiting: VecDeque<Value>,
    next_id: i64,
    folder: tempfile::TempDir,
}

impl Client {
    /// Starts the program without a message.
    pub(crate) fn spawn() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_pss"))
            .args(["lsp", "--stdio"])
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Client { input: process.stdin.take(), process, messages, waiting: VecDeque::new(), next_id: 1, folder }
    }

    /// Starts the program and initializes it with capabilities and options. Returns the result of `initialize` besides.
    pub(crate) fn start(capabilities: Value, options: Value) -> (Self, Value) {
        let mut client = Client::spawn();
        let root = client.uri("");
        let params = json!({
            "processId": null, "rootUri": root, "capabilities": capabilities, "initializationOptions": options,
        });
        let result = client.request("initialize", params).unwrap();
        client.notify("initialized", json!({}));
        (client, result)
    }

    /// A client with the capabilities of a usual editor, and no options.
    pub(crate) fn usual() -> Self {
        Self::start(usual_capabilities(), Value::Null).0
    }

    /// The path of a file in the workspace.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URI of a file in the workspace.
    pub(crate) fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display())
    }

    /// Writes a file to the workspace, in one step: the server may read it at any time.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        let mut file = tempfile::NamedTempFile::new_in(self.folder.path()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.persist(&path).unwrap();
        path
    }

    /// Writes bytes to the server.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request. Returns its result, or the error.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send_request(method, params);
        self.response(&json!(id))
    }

    /// Sends a request, and returns its id.
    pub(crate) fn send_request(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for the response to a request.
    pub(crate) fn response(&mut self, id: &Value) -> Result<Value, Value> {
        let response = self.wait(&|message| message.get("method").is_none() && message["id"] == *id);
        match response.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(response["result"].clone()),
        }
    }

    /// Waits for a message.
    pub(crate) fn wait(&mut self, is_wanted: &dyn Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.waiting.iter().position(is_wanted) {
            return self.waiting.remove(index).unwrap();
        }
        loop {
            match self.messages.recv_timeout(PATIENCE) {
                Ok(message) if is_wanted(&message) => return message,
                Ok(message) => self.waiting.push_back(message),
                Err(RecvTimeoutError::Timeout) => panic!("no such message; waiting: {:?}", self.waiting),
                Err(RecvTimeoutError::Disconnected) => panic!("the server ended; waiting: {:?}", self.waiting),
            }
        }
    }

    /// Waits for a message with a method. Returns its parameters.
    pub(crate) fn notification(&mut self, method: &str) -> Value {
        self.wait(&|message| message["method"] == method)["params"].clone()
    }

    /// Waits for the diagnostics of a file at a version.
    pub(crate) fn diagnostics(&mut self, name: &str, version: i64) -> Vec<Value> {
        let uri = self.uri(name);
        let message = self.wait(&|message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics" && params["uri"] == *uri && params["version"] == version
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// Waits for diagnostics of a file that is not open, or was closed.
    pub(crate) fn diagnostics_without_version(&mut self, name: &str) -> Vec<Value> {
        let uri = self.uri(name);
        let message = self.wait(&|message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics" && params["uri"] == *uri && params.get("version").is_none()
        });
        message["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// The messages that were received while others were awaited.
    pub(crate) fn messages(&self) -> Vec<Value> {
        self.waiting.iter().cloned().collect()
    }

    /// Opens a document at version 1.
    pub(crate) fn open(&mut self, name: &str, text: &str) {
        let language = if name.ends_with(".json") { "json" } else { "yaml" };
        let document = json!({ "uri": self.uri(name), "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Opens a document, and returns its diagnostics.
    pub(crate) fn opened(&mut self, name: &str, text: &str) -> Vec<Value> {
        self.open(name, text);
        self.diagnostics(name, 1)
    }

    /// Changes a document: `changes` are those of the protocol.
    pub(crate) fn change(&mut self, name: &str, version: i64, changes: Value) {
        let document = json!({ "uri": self.uri(name), "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Returns the parameters of a request about a position.
    pub(crate) fn at(&self, name: &str, (line, character): (u64, u64)) -> Value {
        json!({ "textDocument": { "uri": self.uri(name) }, "position": { "line": line, "character": character } })
    }

    /// Requests the code actions of a kind for a range.
    pub(crate) fn actions(&mut self, name: &str, range: &Value, only: Option<&str>) -> Vec<Value> {
        let mut context = json!({ "diagnostics": [] });
        if let Some(kind) = only {
            context["only"] = json!([kind]);
        }
        let params = json!({ "textDocument": { "uri": self.uri(name) }, "range": range, "context": context });
        self.request("textDocument/codeAction", params).unwrap().as_array().unwrap().clone()
    }

    /// Ends the server as the protocol requires. Returns its exit status.
    pub(crate) fn end(mut self) -> Option<i32> {
        assert_eq!(self.request("shutdown", Value::Null), Ok(Value::Null));
        self.notify("exit", Value::Null);
        self.process.wait().unwrap().code()
    }

    /// Closes the input, and returns the exit status.
    pub(crate) fn disconnect(mut self) -> Option<i32> {
        self.input = None;
        self.process.wait().unwrap().code()
    }

    /// Waits for the end of the server. Returns its exit status.
    pub(crate) fn exit_status(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }

    /// The id of the process.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The capabilities of a usual editor.
pub(crate) fn usual_capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "workspace": {
            "workspaceEdit": { "documentChanges": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
        },
        "textDocument": {
            "hover": { "contentFormat": ["markdown", "plaintext"] },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix", "source.fixAll"] } } },
        },
    })
}

/// Reads a message; `None` at the end.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut header = String::new();
        if output.read_line(&mut header).ok()? == 0 {
            return None;
        }
        match header.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok(),
            Some(_) => {}
            // Anything else on standard output than messages is an error of the server.
            None => {
                assert_eq!(header, "\r\n");
                break;
            }
        }
    }
    let mut text = vec![0; length?];
    output.read_exact(&mut text).ok()?;
    Some(serde_json::from_slice(&text).unwrap())
}
