//! Replacing indirect calls does not change a module's behaviour.

#![allow(clippy::unwrap_used)]

use wasmparser::{Operator, Parser, Payload};
use xtask::direct_calls::direct_calls;

/// A module with a table that has gaps and duplicates, and exports that call a table index with each function type. Two
/// of the types are equal.
const MODULE: &str = r#"(module
    (type $one (func (param i32) (result i32)))
    (type $same (func (param i32) (result i32)))
    (type $two (func (param i64 f32) (result i64)))
    (type $none (func))
    (import "env" "imported" (func $imported (type $one)))
    (global $called (mut i32) (i32.const 0))
    (table 12 funcref)
    (elem (i32.const 2) $double $increment $double $wide $imported)
    (elem (i32.const 9) $note $same)
    (func $double (type $one) (i32.mul (local.get 0) (i32.const 2)))
    (func $increment (type $one) (i32.add (local.get 0) (i32.const 1)))
    (func $same (type $same) (local.get 0))
    (func $wide (type $two) (i64.add (local.get 0) (i64.trunc_f32_s (local.get 1))))
    (func $note (type $none) (global.set $called (i32.const 7)))
    (func (export "one") (param i32 i32) (result i32) (call_indirect (type $one) (local.get 0) (local.get 1)))
    (func (export "two") (param i32 i32) (result i32)
        (i32.wrap_i64 (call_indirect (type $two) (i64.extend_i32_s (local.get 0)) (f32.const 3.5) (local.get 1))))
    (func (export "none") (param i32 i32) (result i32) (call_indirect (type $none) (local.get 1)) (global.get $called))
    (func (export "never") (param i32 i32) (result i32) (call_indirect (param f64) (f64.const 0) (local.get 1)) (i32.const 0)))"#;

/// The result of each export for each table index, and for some that are out of bounds; `None` if the call traps.
fn results(module: &[u8]) -> Vec<(&'static str, i32, Option<i32>)> {
    let engine = wasmtime::Engine::default();
    let module = wasmtime::Module::new(&engine, module).unwrap();
    let mut linker = wasmtime::Linker::new(&engine);
    linker.func_wrap("env", "imported", |value: i32| value - 1).unwrap();
    let mut results = Vec::new();
    for name in ["one", "two", "none", "never"] {
        for index in (-1..=13).chain([i32::MIN, i32::MAX]) {
            let mut store = wasmtime::Store::new(&engine, ());
            let instance = linker.instantiate(&mut store, &module).unwrap();
            let function = instance.get_typed_func::<(i32, i32), i32>(&mut store, name).unwrap();
            results.push((name, index, function.call(&mut store, (40, index)).ok()));
        }
    }
    results
}

fn has_indirect_calls(module: &[u8]) -> bool {
    Parser::new(0).parse_all(module).any(|payload| match payload.unwrap() {
        Payload::CodeSectionEntry(body) => {
            let mut operators = body.get_operators_reader().unwrap();
            std::iter::from_fn(|| (!operators.eof()).then(|| operators.read().unwrap()))
                .any(|operator| matches!(operator, Operator::CallIndirect { .. }))
        }
        _ => false,
    })
}

#[test]
fn replaces_every_indirect_call_and_keeps_its_result() {
    let module = wat::parse_str(MODULE).unwrap();
    let rewritten = direct_calls(&module).unwrap();
    assert!(has_indirect_calls(&module) && !has_indirect_calls(&rewritten));
    let before = results(&module);
    assert_eq!(results(&rewritten), before);
    let returned: Vec<_> = before.into_iter().filter_map(|(name, index, result)| Some((name, index, result?))).collect();
    let expected = [("one", 2, 80), ("one", 3, 41), ("one", 4, 80), ("one", 6, 39), ("one", 10, 40), ("two", 5, 43), ("none", 9, 7)];
    assert_eq!(returned, expected);
}

#[test]
fn a_module_without_a_table_is_unchanged() {
    let module = wat::parse_str(r#"(module (memory 1) (func (export "f") (result i32) (i32.const 1)) (data (i32.const 0) "a"))"#).unwrap();
    assert_eq!(direct_calls(&module).unwrap(), module);
}

#[test]
fn rejects_tables_that_may_change() {
    let call = "(type $t (func)) (func $f (call_indirect (type $t) (i32.const 0)))";
    for (module, expected) in [
        (format!(r#"(module (table (export "t") 1 funcref) {call})"#), "exported"),
        (format!(r#"(module (import "env" "t" (table 1 funcref)) {call})"#), "imported"),
        (format!("(module (table 1 funcref) (table 1 funcref) {call})"), "more than one table"),
        (format!("(module (table 1 funcref) {call} (func (table.set (i32.const 0) (ref.null func))))"), "an instruction other than a call"),
        (
            format!("(module (table 1 funcref) {call} (func (drop (table.grow (ref.null func) (i32.const 1)))))"),
            "an instruction other than a call",
        ),
        (format!("(module (table 1 funcref (ref.func $f)) {call})"), "unsupported way"),
        (format!("(module (table 1 funcref) {call} (elem funcref (ref.func $f)))"), "unsupported way"),
        (format!(r#"(module (import "env" "g" (global i32)) (table 1 funcref) {call} (elem (global.get 0) $f))"#), "not a constant"),
    ] {
        let error = direct_calls(&wat::parse_str(&module).unwrap()).unwrap_err().to_string();
        assert!(error.starts_with("cannot replace the module's indirect calls: ") && error.contains(expected), "{module}: {error}");
    }
    assert!(direct_calls(b"no module").is_err());
}
