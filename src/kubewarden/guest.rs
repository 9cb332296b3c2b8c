//! What exists only inside of WebAssembly: the registration with the host, its calls, and where memory begins.

use std::cell::OnceCell;
use std::sync::atomic::AtomicU8;
use std::time::Instant;

use kubewarden_policy_sdk::protocol_version_guest;
use kubewarden_policy_sdk::wapc_guest::{CallResult, host_call, register_function};
use serde::Serialize;

use super::asking::{self, unanswered};
use crate::admission::{Cluster, LookupError};

/// Called by the host once for each instance.
#[allow(unsafe_code, reason = "the guest ABI wants this very name")]
#[unsafe(no_mangle)]
extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", protocol_version_guest);
}

/// A page of memory that nobody uses. What comes behind it begins with a page: the variables that a call changes, then
/// the heap. For a small request both have room in one page, which the host has to find for each call; from anywhere in
/// a page they would take two.
#[repr(align(4096))]
struct Page(#[expect(dead_code, reason = "a constant would stand elsewhere")] AtomicU8);

/// Not zero: what is not comes first (`.data`), then what is (`.bss`), which is nearly all.
#[used]
static PAGE: Page = Page(AtomicU8::new(1));

fn validate(payload: &[u8]) -> CallResult {
    Ok(serde_json::to_vec(&super::validate(payload, &Host::default()))?)
}

fn validate_settings(payload: &[u8]) -> CallResult {
    Ok(serde_json::to_vec(&super::validate_settings(payload))?)
}

/// The cluster, as the host lets it be asked.
#[derive(Default)]
struct Host {
    /// When the clock was first looked at, which few requests need.
    started: OnceCell<Instant>,
}

impl Cluster for Host {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        call("get_resource", &asking::namespace(name)).map_err(|error| unanswered(error, "get namespaces"))
    }

    fn pods(&self, namespace: &str) -> Result<Vec<u8>, LookupError> {
        asking::seen(call("get_resource", &asking::look(namespace)))?;
        call("list_resources_by_namespace", &asking::pods(namespace)).map_err(|error| unanswered(error, "list and watch pods"))
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.started.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn call(operation: &str, request: &impl Serialize) -> Result<Vec<u8>, String> {
    let request = serde_json::to_vec(request).map_err(|error| error.to_string())?;
    host_call("kubewarden", "kubernetes", operation, &request).map_err(|error| error.to_string())
}
