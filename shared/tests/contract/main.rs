//! The contract held from outside the crate: what is written reads back, what is broken is refused, nothing panics.
#![expect(clippy::expect_used, reason = "a test's helpers fail by panicking, like the test itself")]

mod arrow;
mod batches;
mod bodies;
mod golden;
mod intake;
mod intake_oracle;
mod odd_bytes;
mod recording;
mod round_trip;
mod samples;
mod slices;

use proptest::test_runner::{Config, RngSeed};

/// As many cases each run, the same ones each run.
fn cases(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() }
}
