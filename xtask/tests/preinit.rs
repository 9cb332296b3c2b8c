//! Modules whose initialization runs at build time.

#![allow(clippy::unwrap_used)]

use xtask::preinit::preinit;

/// A module whose initialization is `body`. Its memory is zero except for four bytes of 7.
fn module(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
            (import "wapc" "__host_call" (func $host_call))
            (memory (export "memory") 1)
            (data (i32.const 64) "\07\07\07\07")
            (func (export "wapc_init") {body})
            (func (export "__guest_call") (param i32 i32) (result i32) (i32.load (i32.const 8))))"#
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn keeps_the_initialized_memory_and_removes_the_initialization() {
    let module = preinit(&module("(i32.store (i32.const 8) (i32.const 42))")).unwrap();
    let engine = wasmtime::Engine::default();
    let module = wasmtime::Module::new(&engine, module).unwrap();
    assert!(module.get_export("wapc_init").is_none());
    let mut linker = wasmtime::Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&module).unwrap();
    let mut store = wasmtime::Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let call = instance.get_typed_func::<(i32, i32), i32>(&mut store, "__guest_call").unwrap();
    assert_eq!(call.call(&mut store, (0, 0)).unwrap(), 42);
}

#[test]
fn random_bytes_are_zero_so_that_builds_are_reproducible() {
    let body = "(i32.store (i32.const 8) (call $random (i32.const 64) (i32.const 4)))";
    let zeroed = preinit(&module(body)).unwrap();
    assert_eq!(zeroed, preinit(&module(body)).unwrap());
    assert!(!zeroed.windows(4).any(|bytes| bytes == [7; 4]));
}

#[test]
fn rejects_an_initialization_that_calls_the_host() {
    for (module, expected) in [
        (module("(call $host_call)"), "unknown import"),
        (module("unreachable"), "unreachable"),
        (b"no module".to_vec(), ""),
        (wat::parse_str("(module)").unwrap(), "wapc_init"),
    ] {
        let error = preinit(&module).unwrap_err().to_string();
        assert!(error.starts_with("cannot initialize the module: ") && error.contains(expected), "{error}");
    }
}
