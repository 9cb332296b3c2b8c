//! A module that need not be started any more: what its start leaves in memory becomes part of it.
//!
//! policy-server makes an instance for each request, and each instance registers the same functions under the
//! same names: a hash table, a lock and a few strings, for which the host has to find four pages of memory. That is
//! a third of what making an instance costs.

use wasmtime::{Caller, Engine, Linker, Module, Store};
use wasmtime_wizer::{WasmtimeWizer, Wizer};

use crate::error::Error;

/// What the host calls once for each instance.
const START: &str = "wapc_init";

/// The module after its start.
///
/// The start may ask for random bytes and gets zeros, so that the same module comes out each time: they are the seed
/// of a hash table whose keys are the names of functions. It may ask for nothing else.
///
/// # Errors
///
/// [`Error::Start`] if this is no module, or its start does not work without a host.
pub fn started(module: &[u8]) -> Result<Vec<u8>, Error> {
    pollster::block_on(start(module)).map_err(|error| Error::Start(format!("{error:#}")))
}

async fn start(module: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let mut wizer = Wizer::new();
    wizer.init_func(START);
    let (context, instrumented) = wizer.instrument(module)?;
    let engine = Engine::default();
    let instrumented = Module::new(&engine, instrumented)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("wasi_snapshot_preview1", "random_get", |mut caller: Caller<'_, ()>, at: u32, length: u32| -> u32 {
        let memory = caller.get_export("memory").and_then(wasmtime::Extern::into_memory);
        let bytes = memory.and_then(|memory| {
            let start = usize::try_from(at).ok()?;
            memory.data_mut(&mut caller).get_mut(start..start.checked_add(usize::try_from(length).ok()?)?)
        });
        match bytes {
            Some(bytes) => {
                bytes.fill(0);
                0
            }
            // EFAULT.
            None => 21,
        }
    })?;
    linker.define_unknown_imports_as_traps(&instrumented)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &instrumented)?;
    instance.get_typed_func::<(), ()>(&mut store, START)?.call(&mut store, ())?;
    wizer.snapshot(context, &mut WasmtimeWizer { store: &mut store, instance }).await
}
