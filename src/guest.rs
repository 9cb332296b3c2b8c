//! The waPC guest: its registration with the host, the host calls and the clock, and the alignment of its memory.

use std::cell::OnceCell;
use std::sync::atomic::AtomicU8;
use std::time::Instant;

use kubewarden_policy_sdk::protocol_version_guest;
use kubewarden_policy_sdk::wapc_guest::{CallResult, host_call, register_function};
use serde::Serialize;

use pss_core::admission::{Cluster, LookupError, Workload};
use pss_core::date::Date;

use crate::host_calls::{self, Listed};

/// Registers the operations. The host calls it once for each instance; `xtask preinit` calls it when the module is built.
#[allow(unsafe_code, reason = "the guest ABI requires this exact symbol")]
#[unsafe(no_mangle)]
extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", protocol_version_guest);
}

/// A padding that aligns what follows to a page of the host: the variables that a call changes, then the heap. For a small
/// request both then fit into one page instead of two, and each page costs a page fault in each instance (1.4 to 4 us of some
/// 20 for the whole call; tests/wasm/memory_pages.rs counts them).
#[repr(align(4096))]
struct Padding(#[expect(dead_code, reason = "it only takes space; a constant would be placed elsewhere")] AtomicU8);

/// Not zero, so that it is in `.data`, which precedes `.bss` with nearly all variables.
#[used]
static PADDING: Padding = Padding(AtomicU8::new(1));

fn validate(payload: &[u8]) -> CallResult {
    Ok(crate::validate(payload, &Host::default()).to_json())
}

fn validate_settings(payload: &[u8]) -> CallResult {
    Ok(serde_json::to_vec(&crate::validate_settings(payload))?)
}

/// The cluster, by host calls.
#[derive(Default)]
struct Host {
    /// The first reading of the clock, which few requests need.
    started: OnceCell<Instant>,
}

impl Cluster for Host {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        call("get_resource", &host_calls::namespace(name)).map_err(host_calls::namespace_error)
    }

    fn pods(&self, namespace: &str) -> Result<Vec<u8>, LookupError> {
        list(&Listed::pods(), namespace)
    }

    fn workloads(&self, workload: &'static Workload, namespace: &str) -> Result<Vec<u8>, LookupError> {
        list(&Listed::workloads(workload), namespace)
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.started.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn today(&self) -> Option<Date> {
        Date::of_clock(nanoseconds()? / 1_000_000_000)
    }
}

// Called directly, because `SystemTime::now` panics where the host has no such clock.
#[allow(unsafe_code, reason = "it is a function of the host")]
#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    /// Writes the nanoseconds of a clock into `time`, and returns 0 or the number of an error.
    ///
    /// Source: <https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md>.
    fn clock_time_get(clock: i32, precision: i64, time: *mut u64) -> i32;
}

/// The clock of the time of day.
const REALTIME: i32 = 0;

/// Returns the nanoseconds since 1970-01-01T00:00:00Z; `None` without a clock. A clock that shows an earlier time fails.
#[allow(unsafe_code, reason = "the host writes the time into the memory of the guest")]
fn nanoseconds() -> Option<u64> {
    let mut time = 0;
    // SAFETY: the pointer is that of a variable with the size and the alignment of the time, which lives until the call returns. The
    // host writes nowhere else.
    let error = unsafe { clock_time_get(REALTIME, 1_000_000_000, &raw mut time) };
    (error == 0).then_some(time)
}

fn list(kind: &Listed, namespace: &str) -> Result<Vec<u8>, LookupError> {
    kind.check_probe(call("get_resource", &kind.probe(namespace)))?;
    call("list_resources_by_namespace", &kind.list(namespace)).map_err(|error| kind.list_error(error))
}

fn call(operation: &str, request: &impl Serialize) -> Result<Vec<u8>, String> {
    let request = serde_json::to_vec(request).map_err(|error| error.to_string())?;
    host_call("kubewarden", "kubernetes", operation, &request).map_err(|error| error.to_string())
}
