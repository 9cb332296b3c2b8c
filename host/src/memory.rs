//! How much memory a guest takes: its linear memory after a call, which grows and never shrinks, and the pages of it
//! that the call wrote to.
//!
//! The engine provider that runs policies keeps their instances to itself. So here is a smaller one on the
//! same engine, which lets the memory be looked at: what waPC's functions do stays with [`ModuleState`].

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
use crate::host_calls::{HostCalls, answer};
use crate::policy::{chain, guest_error};

/// What a guest answered, and the memory that it had then.
#[derive(Debug)]
pub struct Weighed {
    /// The bytes that the guest answered with.
    pub answer: Vec<u8>,
    /// The guest's linear memory, in bytes.
    pub memory: usize,
    /// How many pages of the processor ([`PAGE`]) differ from what they were before the call.
    pub pages: usize,
}

/// The bytes of a page, which the system brings when it is first written to.
pub const PAGE: usize = 4096;

/// A compiled module whose instances are looked at.
pub struct Scales {
    engine: Engine,
    module: Module,
    linker: Linker<State>,
}

impl Scales {
    /// Compiles a module.
    ///
    /// # Errors
    /// [`Error::Load`] where the bytes are no module or import what no host gives.
    pub fn load(module: &[u8]) -> Result<Self, Error> {
        let engine = Engine::default();
        let load = |e: wasmtime_provider::wasmtime::Error| Error::Load(chain(e.as_ref()));
        let module = Module::new(&engine, module).map_err(load)?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(load)?;
        Ok(Self { engine, module, linker })
    }

    /// Calls a function of a fresh instance, and looks at the instance's memory afterwards.
    ///
    /// # Errors
    /// [`Error::Guest`] where the guest fails.
    pub fn weigh(&self, operation: &str, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Result<Weighed, Error> {
        let Self { engine, module, linker } = self;
        let taken = Arc::new(Taken::default());
        let provider =
            Provider { engine: engine.clone(), module: module.clone(), linker: linker.clone(), running: None, taken: Arc::clone(&taken) };
        let guest = WapcHost::new(
            Box::new(provider),
            Some(Box::new(move |_id, binding, namespace, operation, payload| {
                answer(&*host_calls, binding, namespace, operation, payload).map_err(Into::into)
            })),
        )
        .map_err(guest_error)?;
        let answer = guest.call(operation, payload).map_err(guest_error)?;
        Ok(Weighed { answer, memory: taken.memory.load(Ordering::Relaxed), pages: taken.pages.load(Ordering::Relaxed) })
    }
}

/// What the functions that a guest imports work on.
struct State {
    wapc: Arc<ModuleState>,
    wasi: WasiCtx,
}

struct Provider {
    engine: Engine,
    module: Module,
    linker: Linker<State>,
    running: Option<(Store<State>, Instance)>,
    taken: Arc<Taken>,
}

/// What the last call left: the guest's memory in bytes, and the pages that it wrote to.
#[derive(Default)]
struct Taken {
    memory: AtomicUsize,
    pages: AtomicUsize,
}

type Outcome<T> = Result<T, Box<dyn StdError + Send + Sync>>;

impl WebAssemblyEngineProvider for Provider {
    fn init(&mut self, wapc: Arc<ModuleState>) -> Outcome<()> {
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

    fn call(&mut self, operation: i32, message: i32) -> Outcome<i32> {
        let (store, instance) = self.running.as_mut().ok_or("the guest was not set up")?;
        let memory = instance.get_memory(&mut *store, MEMORY).ok_or(NO_MEMORY)?;
        let before = memory.data(&*store).to_vec();
        let answered =
            instance.get_typed_func::<(i32, i32), i32>(&mut *store, names::GUEST_CALL)?.call(&mut *store, (operation, message))?;
        let after = memory.data(&*store);
        // What came after is zero where nobody wrote.
        let before = before.chunks(PAGE).chain(std::iter::repeat([0; PAGE].as_slice()));
        self.taken.memory.store(after.len(), Ordering::Relaxed);
        self.taken.pages.store(after.chunks(PAGE).zip(before).filter(|(after, before)| after != before).count(), Ordering::Relaxed);
        Ok(answered)
    }

    fn replace(&mut self, _module: &[u8]) -> Outcome<()> {
        Err("a module that is weighed stays the same".into())
    }
}

const MEMORY: &str = "memory";
const NO_MEMORY: &str = "the guest exports no memory";

/// The functions of waPC and WASI, which a guest imports.
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
    Ok(bytes.ok_or_else(|| format_err!("the guest points behind its memory"))?.to_vec())
}

fn text(guest: &mut Caller<'_, State>, at: u32, length: u32) -> Wasm<String> {
    Ok(String::from_utf8(read(guest, at, length)?)?)
}

fn length(bytes: Option<impl AsRef<[u8]>>) -> Wasm<u32> {
    Ok(u32::try_from(bytes.map_or(0, |bytes| bytes.as_ref().len()))?)
}
