//! Runs a module's initialization at build time and makes the resulting memory part of the module.
//!
//! policy-server creates an instance for each request, and each instance registers the same functions under the same
//! names: in a hash table, behind a lock, with a few strings. That causes four page faults and takes a third of the
//! time to create an instance.

use wasmtime::{Caller, Engine, Linker, Module, Store};
use wasmtime_wizer::{WasmtimeWizer, Wizer};

use crate::Error;

/// The initialization function, which the host calls once for each instance.
const INITIALIZATION: &str = "wapc_init";

/// Returns the module with the state after its initialization.
///
/// The initialization may request random bytes. It gets zeros, so that the build is reproducible. They seed a hash table
/// whose keys are the names of functions. Any other import traps.
///
/// # Errors
///
/// [`Error::Preinit`] if the bytes are not a module, or its initialization traps or calls the host.
pub fn preinit(module: &[u8]) -> Result<Vec<u8>, Error> {
    pollster::block_on(snapshot(module)).map_err(|error| Error::Preinit(format!("{error:#}")))
}

async fn snapshot(module: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let mut wizer = Wizer::new();
    wizer.init_func(INITIALIZATION);
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
    instance.get_typed_func::<(), ()>(&mut store, INITIALIZATION)?.call(&mut store, ())?;
    wizer.snapshot(context, &mut WasmtimeWizer { store: &mut store, instance }).await
}
