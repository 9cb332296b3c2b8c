//! A policy module, compiled once. Every call gets a fresh instance, as in policy-server.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use wapc::WapcHost;
use wasmtime_provider::{WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

use crate::error::Error;
use crate::host_calls::{HostCalls, NoCluster, dispatch};
use crate::metadata::{self, Metadata};
use crate::request::to_sorted_json;
use crate::response::ValidationResponse;

/// A policy module, compiled and linked, ready to make instances.
pub struct Policy {
    pre: WasmtimeEngineProviderPre,
    metadata: Option<Metadata>,
    size: usize,
}

/// The guest's response to `validate_settings`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(expecting = "struct SettingsValidationResponse")]
pub struct SettingsResponse {
    /// Whether the settings are valid.
    pub valid: bool,
    /// Why they are not.
    pub message: Option<String>,
}

/// One call into a fresh instance: the guest's response, and the time of each step.
#[derive(Debug)]
pub struct Call {
    /// The bytes of the guest's response.
    pub response: Result<Vec<u8>, Error>,
    /// Time to create the instance and run its initializers.
    pub instantiation: Duration,
    /// Time from the call into the guest to its response, host calls included.
    pub call: Duration,
    /// Time to drop the instance and unmap its memory.
    pub teardown: Duration,
}

impl Policy {
    /// Compiles a WebAssembly module (annotated or not) and links it to the waPC host functions.
    ///
    /// # Errors
    /// [`Error::Load`] if the bytes are not a module or it imports functions that the host does not have,
    /// [`Error::Metadata`] if its metadata cannot be parsed.
    pub fn load(module: &[u8]) -> Result<Self, Error> {
        if !module.starts_with(b"\0asm") {
            return Err(Error::Load(
                "this is not a WebAssembly module (it does not start with the bytes 00 61 73 6d); build one with `make policy.wasm`"
                    .to_owned(),
            ));
        }
        let metadata = metadata::read(module)?;
        let pre = WasmtimeEngineProviderBuilder::new().module_bytes(module).build_pre().map_err(|e| Error::Load(error_chain(&e)))?;
        Ok(Self { pre, metadata, size: module.len() })
    }

    /// The module's size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The metadata of the module; `None` if `kwctl annotate` has not been run on it.
    #[must_use]
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// Has the guest validate these settings.
    ///
    /// # Errors
    /// [`Error::Guest`] if the guest fails, [`Error::SettingsResponse`] if its response cannot be parsed.
    pub fn validate_settings(&self, settings: &impl Serialize) -> Result<SettingsResponse, Error> {
        let call = self.call("validate_settings", to_sorted_json(settings).as_bytes(), Arc::new(NoCluster));
        serde_json::from_slice(&call.response?).map_err(Error::SettingsResponse)
    }

    /// Has the guest validate a request. The payload is `{"request": …, "settings": …}`, from
    /// [`payload`](crate::request::payload).
    ///
    /// # Errors
    /// [`Error::Guest`] if the guest fails, [`Error::Response`] if its response cannot be parsed.
    pub fn validate(&self, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Result<ValidationResponse, Error> {
        let call = self.call("validate", payload, host_calls);
        serde_json::from_slice(&call.response?).map_err(Error::Response)
    }

    /// Creates an instance and calls one of its operations, such as `validate`.
    pub fn call(&self, operation: &str, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Call {
        let start = Instant::now();
        let instance = self.instantiate(host_calls);
        let instantiation = start.elapsed();
        let start = Instant::now();
        let guest = match instance {
            Ok(guest) => guest,
            Err(error) => return Call { response: Err(error), instantiation, call: Duration::ZERO, teardown: Duration::ZERO },
        };
        let response = guest.call(operation, payload).map_err(guest_error);
        let call = start.elapsed();
        let start = Instant::now();
        drop(guest);
        Call { response, instantiation, call, teardown: start.elapsed() }
    }

    /// Creates an instance for several calls.
    ///
    /// # Errors
    /// [`Error::Guest`] if its initializers fail.
    pub fn instance(&self, host_calls: Arc<dyn HostCalls>) -> Result<Instance, Error> {
        Ok(Instance { guest: self.instantiate(host_calls)? })
    }

    fn instantiate(&self, host_calls: Arc<dyn HostCalls>) -> Result<WapcHost, Error> {
        let engine = self.pre.rehydrate(None).map_err(|e| Error::Guest(e.to_string()))?;
        WapcHost::new(
            Box::new(engine),
            Some(Box::new(move |_id, binding, namespace, operation, payload| {
                dispatch(&*host_calls, binding, namespace, operation, payload).map_err(Into::into)
            })),
        )
        .map_err(guest_error)
    }
}

/// An instance of a policy that answers several calls, unlike those of policy-server: its memory has been accessed, and its code is in
/// the processor's caches.
pub struct Instance {
    guest: WapcHost,
}

impl Instance {
    /// Calls an operation of the guest, such as `validate`.
    ///
    /// # Errors
    /// [`Error::Guest`] if the guest fails.
    pub fn call(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, Error> {
        self.guest.call(operation, payload).map_err(guest_error)
    }
}

/// Converts a waPC error, without the prefix that [`Error::Guest`] adds itself.
pub(crate) fn guest_error(e: wapc::errors::Error) -> Error {
    match e {
        wapc::errors::Error::GuestCallFailure(text) => Error::Guest(text),
        other => Error::Guest(other.to_string()),
    }
}

/// An error and its causes on one line. The last cause is the specific one in wasmtime's errors.
pub(crate) fn error_chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(e) = cause {
        let next = e.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = e.source();
    }
    text
}
