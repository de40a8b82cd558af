//! Every detector: time per event, bytes per series, and what it finds.
//!
//! Time and bytes are of one made series: two weeks of a daily rhythm with noise, five minutes apart, over and over. What
//! is found is `spate evaluate` over a folder of labelled series (`SPATE_NAB`, else `../shared/nab-a` beside the project),
//! when there is one.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use spate_analysis::detector::{DETECTORS, DetectorKind, Rows, Settings};
use spate_shared::time::{DAY, MINUTE, Nanos};

/// Events in a run; the fastest of [`RUNS`] counts.
const EVENTS: i64 = 200_000;
const RUNS: usize = 5;
/// Events in a call, as in a batch from the relay.
const BATCH: usize = 512;

fn main() {
    let times: Vec<Nanos> = (0..EVENTS).map(|event| event * 5 * MINUTE).collect();
    let values: Vec<f64> = times.iter().map(|time| value(*time)).collect();
    println!("{:<14}{:>10}{:>16}{:>12}", "detector", "ns/event", "bytes/series", "at most");
    for kind in DETECTORS {
        let (nanos, bytes) = measure(kind, &times, &values);
        println!("{:<14}{nanos:>10.0}{bytes:>16}{:>12}", kind.name, kind.most_bytes);
    }
    println!();
    match labelled() {
        Some(folder) => evaluate(&folder),
        None => println!("no labelled series: set SPATE_NAB to a folder with windows.json"),
    }
}

/// A day's rhythm and noise without a generator: the golden ratio's multiples fill the unit interval evenly.
fn value(time: Nanos) -> f64 {
    let day = (time % DAY) as f64 / DAY as f64;
    let noise = ((time / MINUTE) as f64 * 0.618_033_988_749_895).fract();
    100.0 + 20.0 * (day * std::f64::consts::TAU).sin() + 4.0 * noise
}

/// Nanoseconds per event of the fastest run, and bytes in the end.
fn measure(kind: &'static DetectorKind, times: &[Nanos], values: &[f64]) -> (f64, usize) {
    let (mut fastest, mut bytes) = (f64::INFINITY, 0);
    let mut verdicts = Vec::new();
    for _ in 0..RUNS {
        let mut detector = Settings::new(kind).build();
        let begun = Instant::now();
        for (times, values) in times.chunks(BATCH).zip(values.chunks(BATCH)) {
            verdicts.clear();
            detector.score(Rows::of(times, values), &mut verdicts);
        }
        fastest = fastest.min(begun.elapsed().as_secs_f64() * 1e9 / times.len() as f64);
        bytes = detector.state_bytes();
    }
    (fastest, bytes)
}

/// The folder of labelled series.
fn labelled() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/nab-a");
    let folder = std::env::var_os("SPATE_NAB").map_or_else(beside, PathBuf::from);
    folder.join("windows.json").is_file().then_some(folder)
}

/// Prints what `spate evaluate` says; a failure of it is said by itself, on standard error.
fn evaluate(folder: &Path) {
    let mut spate = Command::new(env!("CARGO_BIN_EXE_spate"));
    spate.arg("evaluate").arg("--labels").arg(folder.join("windows.json")).arg(folder);
    match spate.status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("spate evaluate: {status}"),
        Err(error) => println!("spate evaluate did not start: {error}"),
    }
}
