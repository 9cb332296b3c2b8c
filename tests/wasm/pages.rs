//! How many pages of its memory a call writes to. The host's kernel brings each one when it is first touched, in each
//! instance anew, which takes as long as judging a container; so a page more is slower, and nothing else would tell.

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
    // One page is stack; the rest begins with a page.
    for (what, request, most) in [
        ("a small pod, accepted", small, 2),
        ("a pod, accepted", request("tests/data/accepted-pod.json"), 3),
        ("a pod, rejected", request("tests/data/rejected-pod.json"), 4),
    ] {
        let payload = format!(r#"{{"request":{request},"settings":{{"level":"restricted"}}}}"#);
        let weighed = policy.measure("validate", payload.as_bytes(), Arc::new(NoCluster)).unwrap();
        println!("{what}: {} bytes, {} pages", payload.len(), weighed.dirty_pages);
        assert!((1..=most).contains(&weighed.dirty_pages), "{what}: writes to {} pages, more than {most}", weighed.dirty_pages);
    }
}
