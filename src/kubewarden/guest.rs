//! What exists only inside of WebAssembly: the registration with the host, and its calls.

use std::cell::OnceCell;
use std::time::Instant;

use kubewarden_policy_sdk::host_capabilities::kubernetes::{GetResourceRequest, ListResourcesByNamespaceRequest};
use kubewarden_policy_sdk::protocol_version_guest;
use kubewarden_policy_sdk::wapc_guest::{CallResult, host_call, register_function};
use serde::Serialize;

use crate::admission::Cluster;
use crate::pod::FIELD_MASKS;

/// Called by the host once for each instance.
#[allow(unsafe_code, reason = "the guest ABI wants this very name")]
#[unsafe(no_mangle)]
extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", protocol_version_guest);
}

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
    fn namespace(&self, name: &str) -> Result<Vec<u8>, String> {
        call(
            "get_resource",
            &GetResourceRequest {
                api_version: "v1".to_owned(),
                kind: "Namespace".to_owned(),
                name: name.to_owned(),
                namespace: None,
                disable_cache: false,
                // With a mask on metadata, the host leaves out spec and status.
                field_masks: Some(["metadata.labels".to_owned()].into()),
            },
        )
    }

    fn pods(&self, namespace: &str) -> Result<Vec<u8>, String> {
        call(
            "list_resources_by_namespace",
            &ListResourcesByNamespaceRequest {
                api_version: "v1".to_owned(),
                kind: "Pod".to_owned(),
                namespace: namespace.to_owned(),
                label_selector: None,
                field_selector: None,
                field_masks: Some(FIELD_MASKS.iter().map(|mask| (*mask).to_owned()).collect()),
            },
        )
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.started.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn call(operation: &str, request: &impl Serialize) -> Result<Vec<u8>, String> {
    let request = serde_json::to_vec(request).map_err(|error| error.to_string())?;
    host_call("kubewarden", "kubernetes", operation, &request).map_err(|error| error.to_string())
}
