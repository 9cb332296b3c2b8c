#![no_main]
#![allow(missing_docs, dead_code)]

#[path = "../../tests/common/invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|input: &[u8]| invariants::fix(input));
