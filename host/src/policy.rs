//! A policy module, compiled once; every call gets a fresh instance, as in policy-server.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use wapc::WapcHost;
use wasmtime_provider::{WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

use crate::error::Error;
use crate::host_calls::{HostCalls, NoCluster, answer};
use crate::metadata::{self, Metadata};
use crate::request::in_byte_order;
use crate::response::ValidationResponse;

/// A policy module, compiled and linked, ready to make instances.
pub struct Policy {
    pre: WasmtimeEngineProviderPre,
    metadata: Option<Metadata>,
    size: usize,
}

/// The guest's answer to `validate_settings`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(expecting = "struct SettingsValidationResponse")]
pub struct SettingsResponse {
    /// Whether the policy can work with these settings.
    pub valid: bool,
    /// What is wrong with them.
    pub message: Option<String>,
}

/// One call into a fresh instance: what the guest answered, and what it cost.
#[derive(Debug)]
pub struct Call {
    /// The bytes that the guest answered with, or why there are none.
    pub answer: Result<Vec<u8>, Error>,
    /// Time to make the instance and run its initialisers.
    pub set_up: Duration,
    /// Time from the call into the guest to its answer, host calls included.
    pub call: Duration,
    /// Time to give the instance and its memory back.
    pub end: Duration,
}

impl Policy {
    /// Compiles a WebAssembly module (annotated or not) and links it to the waPC host functions.
    ///
    /// # Errors
    /// [`Error::Load`] where the bytes are no module or import what no host gives,
    /// [`Error::Metadata`] where the module is annotated and the annotation is damaged.
    pub fn load(module: &[u8]) -> Result<Self, Error> {
        if !module.starts_with(b"\0asm") {
            return Err(Error::Load(
                "this is no WebAssembly module (it does not start with the bytes 00 61 73 6d); build one with `make policy.wasm`"
                    .to_owned(),
            ));
        }
        let metadata = metadata::read(module)?;
        let pre = WasmtimeEngineProviderBuilder::new().module_bytes(module).build_pre().map_err(|e| Error::Load(chain(&e)))?;
        Ok(Self { pre, metadata, size: module.len() })
    }

    /// The module's size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// What `kwctl annotate` wrote into the module; `None` for a module as built.
    #[must_use]
    pub fn metadata(&self) -> Option<&Metadata> {
        self.metadata.as_ref()
    }

    /// Asks the guest whether it can work with these settings.
    ///
    /// # Errors
    /// [`Error::Guest`] where the guest fails, [`Error::SettingsResponse`] where its answer is none.
    pub fn validate_settings(&self, settings: &impl Serialize) -> Result<SettingsResponse, Error> {
        let call = self.call("validate_settings", in_byte_order(settings).as_bytes(), Arc::new(NoCluster));
        serde_json::from_slice(&call.answer?).map_err(Error::SettingsResponse)
    }

    /// Gives the guest one request to judge. The payload is `{"request": …, "settings": …}`, as
    /// [`payload`](crate::request::payload) writes it.
    ///
    /// # Errors
    /// [`Error::Guest`] where the guest fails, [`Error::Response`] where its answer is none.
    pub fn validate(&self, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Result<ValidationResponse, Error> {
        let call = self.call("validate", payload, host_calls);
        serde_json::from_slice(&call.answer?).map_err(Error::Response)
    }

    /// Makes a fresh instance and calls one of its functions.
    pub fn call(&self, operation: &str, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Call {
        let start = Instant::now();
        let instance = self.instance(host_calls);
        let set_up = start.elapsed();
        let start = Instant::now();
        let guest = match instance {
            Ok(guest) => guest,
            Err(error) => return Call { answer: Err(error), set_up, call: Duration::ZERO, end: Duration::ZERO },
        };
        let answer = guest.call(operation, payload).map_err(guest_error);
        let call = start.elapsed();
        let start = Instant::now();
        drop(guest);
        Call { answer, set_up, call, end: start.elapsed() }
    }

    fn instance(&self, host_calls: Arc<dyn HostCalls>) -> Result<WapcHost, Error> {
        let engine = self.pre.rehydrate(None).map_err(|e| Error::Guest(e.to_string()))?;
        WapcHost::new(
            Box::new(engine),
            Some(Box::new(move |_id, binding, namespace, operation, payload| {
                answer(&*host_calls, binding, namespace, operation, payload).map_err(Into::into)
            })),
        )
        .map_err(guest_error)
    }
}

/// The text without waPC's own prefix, which the error's own Display writes.
pub(crate) fn guest_error(e: wapc::errors::Error) -> Error {
    match e {
        wapc::errors::Error::GuestCallFailure(text) => Error::Guest(text),
        other => Error::Guest(other.to_string()),
    }
}

/// An error and its causes on one line: wasmtime puts what matters into the last of them.
pub(crate) fn chain(error: &dyn StdError) -> String {
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
