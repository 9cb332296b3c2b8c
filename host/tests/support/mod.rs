//! Guests for the tests, in WebAssembly's text format, with the part of waPC that they need; scratch directories;
//! running programs.

#![allow(dead_code)] // Each test file uses only some items.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The implementation of a guest's `validate`.
pub(crate) enum Guest<'a> {
    /// Rejects, with its payload as the message.
    Echo,
    /// Responds with these bytes.
    Respond(&'a str),
    /// Responds with these bytes, and traps if its instance is called again.
    RespondOnce(&'a str),
    /// Grows its memory by one MiB, and accepts.
    Grow,
    /// Makes these host calls (binding, namespace, operation, payload) and rejects, with a line for the host's
    /// response to each in the message.
    Call(&'a [[&'a str; 4]]),
    /// Fails with this message.
    Fail(&'a str),
    /// Executes `unreachable`.
    Trap,
}

/// A module of this guest, whose response to `validate_settings` is `settings`.
pub(crate) fn module_with_settings(guest: &Guest<'_>, settings: &str) -> Vec<u8> {
    wat::parse_str(text(guest, settings, None)).expect("the guest's text is WebAssembly")
}

/// A module of this guest that accepts any settings.
pub(crate) fn module(guest: &Guest<'_>) -> Vec<u8> {
    module_with_settings(guest, r#"{"valid":true}"#)
}

/// The same, with the metadata section that `kwctl annotate` adds.
pub(crate) fn annotated_module(guest: &Guest<'_>, metadata: &str) -> Vec<u8> {
    wat::parse_str(text(guest, r#"{"valid":true}"#, Some(metadata))).expect("the guest's text is WebAssembly")
}

/// Metadata that requests access to namespaces and pods.
pub(crate) const METADATA: &str = r#"{"protocolVersion":"v1","rules":[],"mutating":false,"contextAwareResources":[{"apiVersion":"v1","kind":"Namespace"},{"apiVersion":"v1","kind":"Pod"}],"executionMode":"kubewarden-wapc"}"#;

/// The layout of the memory: the operation's name, constants, the payload, and the response from 1 MiB on.
const OPERATION: u32 = 64;
const CONSTANTS: u32 = 1024;
const PAYLOAD: u32 = 0x4_0000;
const RESPONSE: u32 = 0x10_0000;

/// Constant strings in the guest's memory.
#[derive(Default)]
struct Constants {
    data: String,
    length: u32,
}

impl Constants {
    /// Adds a string and returns two operands: its address and length.
    fn add(&mut self, text: &str) -> String {
        let address = CONSTANTS + self.length;
        assert!(address + (text.len() as u32) < PAYLOAD, "the guest's constants are too long");
        self.data.push_str(&format!("(data (i32.const {address}) \"{}\")\n", escaped(text)));
        self.length += text.len() as u32;
        format!("(i32.const {address}) (i32.const {})", text.len())
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|b| format!("\\{b:02x}")).collect()
}

fn text(guest: &Guest<'_>, settings: &str, metadata: Option<&str>) -> String {
    let mut constants = Constants::default();
    let (open, close) = (constants.add(r#"{"accepted":false,"message":""#), constants.add(r#""}"#));
    let validate = match guest {
        Guest::Echo => {
            format!("(call $copy {open}) (call $quote (i32.const {PAYLOAD}) (local.get $length)) (call $copy {close}) (call $respond)")
        }
        Guest::RespondOnce(response) => format!(
            "(if (global.get $used) (then unreachable)) (global.set $used (i32.const 1)) (call $copy {}) (call $respond)",
            constants.add(response)
        ),
        Guest::Grow => {
            format!("(drop (memory.grow (i32.const 16))) (call $copy {}) (call $respond)", constants.add(r#"{"accepted":true}"#))
        }
        Guest::Respond(response) => format!("(call $copy {}) (call $respond)", constants.add(response)),
        Guest::Call(calls) => {
            let mut body = format!("(call $copy {open})");
            for (i, call) in calls.iter().enumerate() {
                if i > 0 {
                    body.push_str(&format!("(call $copy {})", constants.add("\\n")));
                }
                let operands: Vec<String> = call.iter().map(|text| constants.add(text)).collect();
                body.push_str(&format!("(call $call_host {})", operands.join(" ")));
            }
            format!("{body} (call $copy {close}) (call $respond)")
        }
        Guest::Fail(message) => format!("(call $guest_error {}) (i32.const 0)", constants.add(message)),
        Guest::Trap => "unreachable".to_owned(),
    };
    let validate_settings = format!("(call $copy {}) (call $respond)", constants.add(settings));
    let version = format!("(call $copy {}) (call $respond)", constants.add("\"v1\""));
    let (ok, err) = (constants.add("OK "), constants.add("ERR "));
    let annotation = metadata.map(|json| format!("(@custom \"io.kubewarden.metadata\" \"{}\")", escaped(json))).unwrap_or_default();
    // The three operations are distinguished by the length of their names.
    format!(
        r#"(module
  (import "wapc" "__guest_request" (func $guest_request (param i32 i32)))
  (import "wapc" "__guest_response" (func $guest_response (param i32 i32)))
  (import "wapc" "__guest_error" (func $guest_error (param i32 i32)))
  (import "wapc" "__host_call" (func $host_call (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wapc" "__host_response_len" (func $host_response_len (result i32)))
  (import "wapc" "__host_response" (func $host_response (param i32)))
  (import "wapc" "__host_error_len" (func $host_error_len (result i32)))
  (import "wapc" "__host_error" (func $host_error (param i32)))
  (memory (export "memory") 64)
  {data}
  (global $end (mut i32) (i32.const {RESPONSE}))
  (global $used (mut i32) (i32.const 0))
  (func $byte (param $b i32)
    (i32.store8 (global.get $end) (local.get $b))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))
  (func $copy (param $at i32) (param $length i32)
    (memory.copy (global.get $end) (local.get $at) (local.get $length))
    (global.set $end (i32.add (global.get $end) (local.get $length))))
  ;; Writes JSON as the content of a JSON string. Its only control characters are line ends.
  (func $quote (param $at i32) (param $length i32) (local $b i32)
    (block $done (loop $next
      (br_if $done (i32.eqz (local.get $length)))
      (local.set $b (i32.load8_u (local.get $at)))
      (if (i32.or (i32.eq (local.get $b) (i32.const 34)) (i32.eq (local.get $b) (i32.const 92)))
        (then (call $byte (i32.const 92)) (call $byte (local.get $b)))
        (else (if (i32.eq (local.get $b) (i32.const 10))
          (then (call $byte (i32.const 92)) (call $byte (i32.const 110)))
          (else (call $byte (local.get $b))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $next))))
  (func $respond (result i32)
    (call $guest_response (i32.const {RESPONSE}) (i32.sub (global.get $end) (i32.const {RESPONSE})))
    (i32.const 1))
  (func $call_host (param i32 i32 i32 i32 i32 i32 i32 i32) (local $length i32)
    (if (call $host_call (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7))
      (then
        (call $copy {ok})
        (local.set $length (call $host_response_len))
        (call $host_response (i32.const {PAYLOAD})))
      (else
        (call $copy {err})
        (local.set $length (call $host_error_len))
        (call $host_error (i32.const {PAYLOAD}))))
    (call $quote (i32.const {PAYLOAD}) (local.get $length)))
  (func (export "__guest_call") (param $operation i32) (param $length i32) (result i32)
    (global.set $end (i32.const {RESPONSE}))
    (call $guest_request (i32.const {OPERATION}) (i32.const {PAYLOAD}))
    (if (i32.eq (local.get $operation) (i32.const {validate_settings_length})) (then (return {validate_settings})))
    (if (i32.eq (local.get $operation) (i32.const {version_length})) (then (return {version})))
    {validate})
  {annotation})"#,
        data = constants.data,
        validate_settings_length = "validate_settings".len(),
        version_length = "protocol_version".len(),
    )
}

/// A minimal request.
pub(crate) const REQUEST: &str = r#"{"uid":"u1","operation":"CREATE","userInfo":{},
    "kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"}}"#;

/// A directory for a test's files, which is removed when the test ends.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pss-host-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A directory that cannot be removed stays in the system's temporary directory.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Exit code, standard output and standard error of a program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    fn from_output(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The message of the response on standard output.
    pub(crate) fn message(&self) -> String {
        let response: serde_json::Value = serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"));
        response["status"]["message"].as_str().unwrap_or_else(|| panic!("no message: {self:?}")).to_owned()
    }
}

/// Runs a program in `directory`.
pub(crate) fn run(program: &str, directory: &Path, arguments: &[&str]) -> Outcome {
    Outcome::from_output(
        Command::new(program)
            .current_dir(directory)
            .args(arguments)
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap_or_else(|e| panic!("{program}: {e}")),
    )
}

/// The path of `pss-host`.
pub(crate) const HOST: &str = env!("CARGO_BIN_EXE_pss-host");
