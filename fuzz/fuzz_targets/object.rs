#![no_main]
#![allow(missing_docs, dead_code)]

#[path = "../../tests/common/typed.rs"]
mod typed;

libfuzzer_sys::fuzz_target!(|input: &[u8]| typed::object(input));
