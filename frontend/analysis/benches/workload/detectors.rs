//! What detectors are timed with, natively and in WebAssembly: one made series, a daily rhythm with noise, five minutes
//! apart.

use spate_analysis::detector::{DETECTORS, DetectorKind, Rows, Settings};
use spate_shared::time::{DAY, MINUTE, Nanos};

/// Events of a run.
pub(crate) const EVENTS: usize = 100_000;
/// Events of a call, as in a batch from the relay.
const BATCH: usize = 512;

/// Detectors that need no model.
pub(crate) fn kinds() -> impl Iterator<Item = &'static DetectorKind> {
    DETECTORS.iter().filter(|kind| Settings::new(kind).check().is_ok())
}

/// What an event may cost in nanoseconds, natively and, where that is said, in WebAssembly.
#[cfg_attr(
    target_arch = "wasm32",
    expect(dead_code, reason = "a module that can only say bytes names nothing")
)]
pub(crate) fn target(kind: &DetectorKind) -> &'static str {
    match kind.name {
        "record-light" => "400 ns, wasm 800",
        "record-heavy" => "2000 ns, wasm 6000",
        _ => "3000 ns",
    }
}

/// Event times and values.
pub(crate) fn series() -> (Vec<Nanos>, Vec<f64>) {
    let times: Vec<Nanos> = (0..EVENTS as Nanos).map(|event| event * 5 * MINUTE).collect();
    let values = times.iter().map(|time| value(*time)).collect();
    (times, values)
}

/// A day's rhythm and noise without a generator: the golden ratio's multiples fill the unit interval evenly.
fn value(time: Nanos) -> f64 {
    let day = (time % DAY) as f64 / DAY as f64;
    let noise = ((time / MINUTE) as f64 * 0.618_033_988_749_895).fract();
    100.0 + 20.0 * (day * std::f64::consts::TAU).sin() + 4.0 * noise
}

/// Scores a series batch by batch; bytes that the detector holds in the end.
pub(crate) fn run(kind: &'static DetectorKind, times: &[Nanos], values: &[f64]) -> usize {
    let (mut detector, mut verdicts) = (Settings::new(kind).build(), Vec::with_capacity(BATCH));
    for (times, values) in times.chunks(BATCH).zip(values.chunks(BATCH)) {
        verdicts.clear();
        detector.score(Rows::of(times, values), &mut verdicts);
    }
    detector.state_bytes()
}
