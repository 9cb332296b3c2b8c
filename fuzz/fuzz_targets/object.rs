#![no_main]
#![allow(missing_docs, dead_code)]

use pss_testing::typed;

libfuzzer_sys::fuzz_target!(|input: &[u8]| typed::object(input));
