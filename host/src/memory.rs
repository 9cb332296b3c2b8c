//! How much memory a guest uses: the size of its linear memory after a call, and the pages that the call changed.
//!
//! wasmtime-provider, which runs policies otherwise, gives no access to its instances. This is a smaller engine
//! provider on the same engine that does; waPC's own logic stays in [`ModuleState`].

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wapc::wapc_functions as names;
use wapc::{HOST_NAMESPACE, ModuleState, WapcHost, WebAssemblyEngineProvider};
use wasi_common::WasiCtx;
use wasi_common::sync::WasiCtxBuilder;
use wasmtime_provider::wasmtime::error::format_err;
use wasmtime_provider::wasmtime::{Caller, Engine, Instance, Linker, Memory, Module, Result as Wasm, Store};

use crate::error::Error;
use crate::host_calls::{HostCalls, dispatch};
use crate::policy::{error_chain, guest_error};

/// The response of a guest, and its memory after the call.
#[derive(Debug)]
pub struct Measurement {
    /// The bytes of the guest's response.
    pub response: Vec<u8>,
    /// The size of the guest's linear memory, in bytes.
    pub memory: usize,
    /// How many pages of [`PAGE`] bytes the call changed.
    pub dirty_pages: usize,
}

/// The size of the host's memory pages in bytes. The first write to a page is a page fault.
pub const PAGE: usize = 4096;

/// A compiled module whose calls are measured.
pub struct MemoryMeter {
    engine: Engine,
    module: Module,
    linker: Linker<State>,
}

impl MemoryMeter {
    /// Compiles a module.
    ///
    /// # Errors
    /// [`Error::Load`] if the bytes are not a module or it imports functions that the host does not have.
    pub fn load(module: &[u8]) -> Result<Self, Error> {
        let engine = Engine::default();
        let load = |e: wasmtime_provider::wasmtime::Error| Error::Load(error_chain(e.as_ref()));
        let module = Module::new(&engine, module).map_err(load)?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(load)?;
        Ok(Self { engine, module, linker })
    }

    /// Creates an instance, calls one of its operations and measures its memory.
    ///
    /// # Errors
    /// [`Error::Guest`] if the guest fails.
    pub fn measure(&self, operation: &str, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Result<Measurement, Error> {
        let Self { engine, module, linker } = self;
        let usage = Arc::new(Usage::default());
        let provider =
            Provider { engine: engine.clone(), module: module.clone(), linker: linker.clone(), running: None, usage: Arc::clone(&usage) };
        let guest = WapcHost::new(
            Box::new(provider),
            Some(Box::new(move |_id, binding, namespace, operation, payload| {
                dispatch(&*host_calls, binding, namespace, operation, payload).map_err(Into::into)
            })),
        )
        .map_err(guest_error)?;
        let response = guest.call(operation, payload).map_err(guest_error)?;
        Ok(Measurement { response, memory: usage.memory.load(Ordering::Relaxed), dirty_pages: usage.dirty_pages.load(Ordering::Relaxed) })
    }
}

/// The state of the functions that a guest imports.
struct State {
    wapc: Arc<ModuleState>,
    wasi: WasiCtx,
}

struct Provider {
    engine: Engine,
    module: Module,
    linker: Linker<State>,
    running: Option<(Store<State>, Instance)>,
    usage: Arc<Usage>,
}

/// The guest's memory after the last call, in bytes, and the number of pages that the call changed.
#[derive(Default)]
struct Usage {
    memory: AtomicUsize,
    dirty_pages: AtomicUsize,
}

type BoxResult<T> = Result<T, Box<dyn StdError + Send + Sync>>;

impl WebAssemblyEngineProvider for Provider {
    fn init(&mut self, wapc: Arc<ModuleState>) -> BoxResult<()> {
        let mut store = Store::new(&self.engine, State { wapc, wasi: WasiCtxBuilder::new().build() });
        let instance = self.linker.instantiate(&mut store, &self.module)?;
        for start in names::REQUIRED_STARTS {
            if let Ok(start) = instance.get_typed_func::<(), ()>(&mut store, start) {
                start.call(&mut store, ())?;
            }
        }
        self.running = Some((store, instance));
        Ok(())
    }

    fn call(&mut self, operation: i32, message: i32) -> BoxResult<i32> {
        let (store, instance) = self.running.as_mut().ok_or("the guest is not instantiated")?;
        let memory = instance.get_memory(&mut *store, MEMORY).ok_or(NO_MEMORY)?;
        let before = memory.data(&*store).to_vec();
        let result = instance.get_typed_func::<(i32, i32), i32>(&mut *store, names::GUEST_CALL)?.call(&mut *store, (operation, message))?;
        let after = memory.data(&*store);
        // Memory that was added during the call is zero until it is written to.
        let before = before.chunks(PAGE).chain(std::iter::repeat([0; PAGE].as_slice()));
        self.usage.memory.store(after.len(), Ordering::Relaxed);
        self.usage.dirty_pages.store(after.chunks(PAGE).zip(before).filter(|(after, before)| after != before).count(), Ordering::Relaxed);
        Ok(result)
    }

    fn replace(&mut self, _module: &[u8]) -> BoxResult<()> {
        Err("the module of a measured guest cannot be replaced".into())
    }
}

const MEMORY: &str = "memory";
const NO_MEMORY: &str = "the guest exports no memory";

/// Defines the functions of waPC and WASI, which a guest imports.
fn link(linker: &mut Linker<State>) -> Wasm<()> {
    wasi_common::sync::add_to_linker(linker, |state: &mut State| &mut state.wasi)?;
    linker.func_wrap(HOST_NAMESPACE, names::GUEST_REQUEST_FN, |mut guest: Caller<'_, State>, operation: u32, message: u32| match guest
        .data()
        .wapc
        .get_guest_request()
    {
        None => Ok(()),
        Some(request) => {
            write(&mut guest, message, &request.msg)?;
            write(&mut guest, operation, request.operation.as_bytes())
        }
    })?;
    linker.func_wrap(HOST_NAMESPACE, names::GUEST_RESPONSE_FN, |mut guest: Caller<'_, State>, at: u32, length: u32| -> Wasm<()> {
        let response = read(&mut guest, at, length)?;
        guest.data().wapc.set_guest_response(response);
        Ok(())
    })?;
    linker.func_wrap(HOST_NAMESPACE, names::GUEST_ERROR_FN, |mut guest: Caller<'_, State>, at: u32, length: u32| -> Wasm<()> {
        let error = text(&mut guest, at, length)?;
        guest.data().wapc.set_guest_error(error);
        Ok(())
    })?;
    linker.func_wrap(HOST_NAMESPACE, names::HOST_CONSOLE_LOG, |mut guest: Caller<'_, State>, at: u32, length: u32| -> Wasm<()> {
        let line = text(&mut guest, at, length)?;
        guest.data().wapc.do_console_log(&line);
        Ok(())
    })?;
    linker.func_wrap(
        HOST_NAMESPACE,
        names::HOST_CALL,
        |mut guest: Caller<'_, State>, b: u32, b_len: u32, n: u32, n_len: u32, o: u32, o_len: u32, at: u32, length: u32| -> Wasm<i32> {
            let binding = text(&mut guest, b, b_len)?;
            let namespace = text(&mut guest, n, n_len)?;
            let operation = text(&mut guest, o, o_len)?;
            let payload = read(&mut guest, at, length)?;
            Ok(guest.data().wapc.do_host_call(&binding, &namespace, &operation, &payload).unwrap_or(0))
        },
    )?;
    linker
        .func_wrap(HOST_NAMESPACE, names::HOST_RESPONSE_LEN_FN, |guest: Caller<'_, State>| length(guest.data().wapc.get_host_response()))?;
    linker.func_wrap(HOST_NAMESPACE, names::HOST_RESPONSE_FN, |mut guest: Caller<'_, State>, at: u32| {
        let response = guest.data().wapc.get_host_response().unwrap_or_default();
        write(&mut guest, at, &response)
    })?;
    linker.func_wrap(HOST_NAMESPACE, names::HOST_ERROR_LEN_FN, |guest: Caller<'_, State>| length(guest.data().wapc.get_host_error()))?;
    linker.func_wrap(HOST_NAMESPACE, names::HOST_ERROR_FN, |mut guest: Caller<'_, State>, at: u32| {
        let error = guest.data().wapc.get_host_error().unwrap_or_default();
        write(&mut guest, at, error.as_bytes())
    })?;
    Ok(())
}

fn memory(guest: &mut Caller<'_, State>) -> Wasm<Memory> {
    guest.get_export(MEMORY).and_then(|export| export.into_memory()).ok_or_else(|| format_err!("{NO_MEMORY}"))
}

fn write(guest: &mut Caller<'_, State>, at: u32, bytes: &[u8]) -> Wasm<()> {
    Ok(memory(guest)?.write(guest, at as usize, bytes)?)
}

fn read(guest: &mut Caller<'_, State>, at: u32, length: u32) -> Wasm<Vec<u8>> {
    let (at, length) = (at as usize, length as usize);
    let memory = memory(guest)?;
    let bytes = memory.data(guest).get(at..).and_then(|rest| rest.get(..length));
    Ok(bytes.ok_or_else(|| format_err!("the guest's pointer is out of bounds"))?.to_vec())
}

fn text(guest: &mut Caller<'_, State>, at: u32, length: u32) -> Wasm<String> {
    Ok(String::from_utf8(read(guest, at, length)?)?)
}

fn length(bytes: Option<impl AsRef<[u8]>>) -> Wasm<u32> {
    Ok(u32::try_from(bytes.map_or(0, |bytes| bytes.as_ref().len()))?)
}
