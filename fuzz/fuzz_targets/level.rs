#![no_main]
#![allow(missing_docs, dead_code)]

use pss_testing::invariants;

libfuzzer_sys::fuzz_target!(|input: &[u8]| invariants::level(input));
