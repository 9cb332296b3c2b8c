//! The number of memory pages that a call of the module writes to. The kernel allocates each page of an instance at the first
//! write, which takes as long as the evaluation of a container, and every request gets a new instance. No other test notices
//! an additional page.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use pss_host::NoCluster;
use pss_host::memory::MemoryMeter;

fn at_root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A request, in one line as a host sends it.
fn request(path: &str) -> String {
    let path = at_root(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str::<serde_json::Value>(&text).unwrap().to_string()
}

#[test]
fn a_call_writes_to_few_pages() {
    let module = fs::read(at_root("policy.wasm")).unwrap_or_else(|error| panic!("policy.wasm: {error}; `make test` builds it"));
    let policy = MemoryMeter::load(&module).unwrap();
    let pods = Command::new(at_root("scripts/pods")).arg("1").output().unwrap();
    let small = String::from_utf8(pods.stdout).unwrap();
    // One page is the stack, and one has variables and the heap.
    for (name, request, limit) in [
        ("a small pod, accepted", small, 2),
        ("a pod, accepted", request("tests/data/accepted-pod.json"), 3),
        ("a pod, rejected", request("tests/data/rejected-pod.json"), 4),
    ] {
        let payload = format!(r#"{{"request":{request},"settings":{{"level":"restricted"}}}}"#);
        let measured = policy.measure("validate", payload.as_bytes(), Arc::new(NoCluster)).unwrap();
        println!("{name}: {} bytes, {} pages", payload.len(), measured.dirty_pages);
        assert!((1..=limit).contains(&measured.dirty_pages), "{name}: writes to {} pages, more than {limit}", measured.dirty_pages);
    }
}
