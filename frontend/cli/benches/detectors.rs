//! What each detector costs, and what it finds; `cargo xtask bench --only detectors`.
//!
//! Time and bytes are of one made series. Nanoseconds in WebAssembly come from `SPATE_WASM`, `name=ns` with spaces
//! between, which xtask measures. A real isolation forest is fitted, and timed beside ours, by the scikit-learn of the
//! Python that `SPATE_PYTHON` names. What is found is `spate evaluate` over a folder of labelled series (`SPATE_NAB`, else
//! `../shared/nab-a` beside the project), and over the bundled recordings with faults in them.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

#[path = "../../analysis/benches/workload/detectors.rs"]
mod load;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use spate_analysis::detector::{Input, Rows, Settings, find};

/// The fastest of these runs counts.
const RUNS: usize = 3;
/// Rows that isolation forests are timed with, one by one and in batches of the last.
const FOREST_ROWS: usize = 20_000;
const FOREST_BATCH: usize = 1_000;

/// Fits 100 trees of 256 samples on three features, and times `predict` on rows one by one and by the thousand.
const FIT: &str = "
import sys, time, joblib, sklearn, numpy as np
from sklearn.ensemble import IsolationForest
random = np.random.default_rng(7)
model = IsolationForest(n_estimators=100, max_samples=256, random_state=3).fit(random.normal(0, 1, (5000, 3)))
joblib.dump(model, sys.argv[1])
rows = random.normal(0, 1, (1000, 3))
def best(work, events):
    times = []
    for _ in range(3):
        begun = time.perf_counter_ns()
        work()
        times.append((time.perf_counter_ns() - begun) / events)
    return min(times)
def singly():
    for at in range(20):
        model.predict(rows[at:at + 1])
print(sklearn.__version__, best(singly, 20), best(lambda: model.predict(rows), 1000))
";

fn main() {
    let (times, values) = load::series();
    let wasm = std::env::var("SPATE_WASM").unwrap_or_default();
    println!(
        "{:<20}{:>10}{:>14}   {:<20}{:>12}{:>12}",
        "detector", "ns/event", "wasm ns/event", "target", "bytes", "at most"
    );
    for kind in load::kinds() {
        let (mut fastest, mut bytes) = (f64::INFINITY, 0);
        for _ in 0..RUNS {
            let begun = Instant::now();
            bytes = load::run(kind, &times, &values);
            fastest = fastest.min(begun.elapsed().as_secs_f64() * 1e9 / load::EVENTS as f64);
        }
        let in_wasm = wasm.split(' ').find_map(|pair| pair.strip_prefix(kind.name)?.strip_prefix('='));
        let (in_wasm, target) = (in_wasm.unwrap_or("-"), load::target(kind));
        println!(
            "{:<20}{fastest:>10.0}{in_wasm:>14}   {target:<20}{bytes:>12}{:>12}",
            kind.name, kind.most_bytes
        );
    }
    println!();
    match forest() {
        Ok(lines) => println!("{lines}\n"),
        Err(why) => println!("no isolation forest beside scikit-learn: {why}\n"),
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("SPATE_NAB").map_or_else(|| project.join("../shared/nab-a"), PathBuf::from);
    let labels = folder.join("windows.json");
    if labels.is_file() {
        evaluate(&["--labels".as_ref(), &labels, &folder]);
    } else {
        println!("no labelled series: set SPATE_NAB to a folder with windows.json");
    }
    for part in ["0.05", "0.3"] {
        println!();
        let recordings = project.join("recordings");
        evaluate(&["--inject".as_ref(), "all".as_ref(), "--part".as_ref(), part.as_ref(), &recordings]);
    }
}

/// Prints what `spate evaluate` says; a failure of it is said by itself, on standard error.
fn evaluate(args: &[&Path]) {
    match Command::new(env!("CARGO_BIN_EXE_spate")).arg("evaluate").args(args).status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("spate evaluate: {status}"),
        Err(error) => println!("spate evaluate did not start: {error}"),
    }
}

/// Nanoseconds a row of a fitted isolation forest, ours and scikit-learn's.
fn forest() -> Result<String, String> {
    let python = std::env::var_os("SPATE_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let [model, exported] = ["model.joblib", "model.json"].map(|name| folder.path().join(name));
    let run = |args: &[&Path]| -> Result<String, String> {
        let output = Command::new(&python).args(args).output();
        let output = output.map_err(|error| format!("{}: {error}", python.display()))?;
        let error = String::from_utf8_lossy(&output.stderr);
        let error = error.lines().last().unwrap_or("it failed").to_owned();
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(error)
        }
    };
    let said = run(&["-c".as_ref(), FIT.as_ref(), &model])?;
    let exporter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/export_isolation_forest.py");
    run(&[&exporter, &model, &exported])?;
    let [version, singly, batched] = said.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(said);
    };
    let peer = |text: &str| text.parse::<f64>().map_err(|error| error.to_string());
    let (singly, batched) = (peer(singly)?, peer(batched)?);
    let kind = find("isolation-forest").ok_or("it is not in the table")?;
    let mut settings = Settings::new(kind);
    let text = std::fs::read_to_string(&exported).map_err(|error| error.to_string())?;
    settings.set("model", &text).map_err(|error| error.to_string())?;
    let noise = |at: usize| (at as f64 * 0.618_033_988_749_895).fract() * 4.0 - 2.0;
    let rows: Vec<f64> = (0..3 * FOREST_ROWS).map(noise).collect();
    let times: Vec<i64> = (0..FOREST_ROWS as i64).collect();
    let (mut one, mut many) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..RUNS {
        let mut detector = settings.build();
        let begun = Instant::now();
        for (time, values) in times.iter().zip(rows.chunks(3)) {
            std::hint::black_box(detector.observe(Input { time: *time, values, learns: true }));
        }
        one = one.min(begun.elapsed().as_secs_f64() * 1e9 / FOREST_ROWS as f64);
        let (mut detector, mut verdicts) = (settings.build(), Vec::new());
        let begun = Instant::now();
        for (times, values) in times.chunks(FOREST_BATCH).zip(rows.chunks(3 * FOREST_BATCH)) {
            verdicts.clear();
            detector.score(Rows { times, values, width: 3, learns: true }, &mut verdicts);
        }
        many = many.min(begun.elapsed().as_secs_f64() * 1e9 / FOREST_ROWS as f64);
    }
    let line = |name: &str, ours: f64, target: &str, peer: f64| {
        format!("{name:<34}{ours:>10.0} ns   target {target:<8}{peer:>14.0} ns{:>10.0}", peer / ours)
    };
    let header = format!(
        "{:<34}{:>13}{:<18}{:>17}{:>10}",
        "isolation forest, 100 x 256, 3",
        "spate",
        "",
        format!("predict of {version}"),
        "ratio"
    );
    let (one, many) = (
        line("a row at a time", one, "3000 ns", singly),
        line("1,000 rows at a time", many, "1500 ns", batched),
    );
    Ok([header, one, many].join("\n"))
}
