#![no_main]

#[expect(dead_code, reason = "each target runs one of the bodies")]
#[path = "../../tests/contract/bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::header(bytes));
