//! Forecasts over the bundled recordings and a folder of series: coverage of the 90 % interval, and errors against the
//! last value and the value a day before.
//!
//! The folder is `SPATE_NAB`, else `../shared/nab-a` beside the project, when there is one; what is made up there
//! (`artificial*`) is left out. A target that is missed fails the bench.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use spate_analysis::forecast::{Forecaster, MODELS, Record};
use spate_shared::recording::Recording;
use spate_shared::schema::Role;
use spate_shared::time::{self, Nanos};
use spate_shared::wire::ServerFrame;

const HORIZONS: [u32; 2] = [1, 12];
/// Forecasts that must have come true for a series to count.
const ENOUGH: u64 = 500;

type Series = BTreeMap<String, Vec<(Nanos, f64)>>;

fn main() -> ExitCode {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut is_good = over("bundled recordings", &recorded(&project.join("recordings")));
    let folder = std::env::var_os("SPATE_NAB").map_or_else(|| project.join("../shared/nab-a"), PathBuf::from);
    if folder.is_dir() {
        is_good &= over(&folder.display().to_string(), &labelled(&folder));
    } else {
        println!("no folder of series: set SPATE_NAB to one");
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every series of every recording in a folder.
fn recorded(folder: &Path) -> Series {
    let mut all = Series::new();
    for path in files(folder, "spate") {
        let Ok(recording) = Recording::open(fs::read(&path).unwrap_or_default()) else { continue };
        for entry in recording.entries() {
            let Ok(ServerFrame::Data(frame)) = entry.decode() else { continue };
            let Some(info) = recording.streams().iter().find(|info| info.id == frame.header.stream) else {
                continue;
            };
            let (schema, batch) = (&info.schema, &frame.batch);
            for (row, time) in batch.times.iter().enumerate() {
                let group: String =
                    schema.with_role(Role::Dimension).filter_map(|at| batch.columns[at].text(row)).collect();
                for at in schema.with_role(Role::Measure) {
                    if let Some(value) = batch.columns[at].number(row) {
                        let name = format!("{} {} {group}", info.name, schema.fields[at].name);
                        all.entry(name).or_default().push((*time, value));
                    }
                }
            }
        }
    }
    all
}

/// Every `timestamp,value` below a folder.
fn labelled(folder: &Path) -> Series {
    let mut all = Series::new();
    for below in files(folder, "").into_iter().filter(|path| path.is_dir()) {
        if below.file_name().is_some_and(|name| name.to_string_lossy().starts_with("artificial")) {
            continue;
        }
        for path in files(&below, "csv") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let row = |line: &str| {
                let (at, value) = line.split_once(',')?;
                Some((time::parse(at).ok()?, value.trim().parse().ok()?))
            };
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            all.insert(name, text.lines().skip(1).filter_map(row).collect());
        }
    }
    all
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().unwrap_or_default() == extension).collect();
    files.sort();
    files
}

fn against(record: &Record, model: &str) -> f64 {
    let at = MODELS.iter().position(|known| known.name == model).unwrap_or(0);
    record.error / record.model_errors[at]
}

/// Prints one line for each horizon; whether every target is met.
fn over(name: &str, all: &Series) -> bool {
    let mut by_horizon: Vec<Vec<Record>> = vec![Vec::new(); HORIZONS.len()];
    let (mut events, mut nanos) = (0usize, 0.0);
    for values in all.values() {
        let mut forecaster = Forecaster::new(&HORIZONS);
        let begun = Instant::now();
        for (time, value) in values {
            forecaster.observe(*time, *value);
        }
        nanos += begun.elapsed().as_secs_f64() * 1e9;
        events += values.len();
        for (records, record) in by_horizon.iter_mut().zip(forecaster.records()) {
            if record.matured >= ENOUGH {
                records.push(record);
            }
        }
    }
    println!(
        "{name}: {} series, {events} events, {:.0} ns/event for both horizons",
        all.len(),
        nanos / events as f64
    );
    println!(
        "{:>8}{:>8}{:>10}{:>10}{:>12}{:>12}{:>16}{:>16}",
        "ahead", "series", "coverage", "worst", "vs last", "vs day", "below last", "below day"
    );
    let mut is_good = true;
    for (horizon, records) in HORIZONS.iter().zip(&by_horizon) {
        let count = records.len() as f64;
        let coverage = records.iter().map(|record| record.coverage).sum::<f64>() / count;
        let worst = records.iter().map(|record| record.coverage).fold(1.0, f64::min);
        let [last, day] = ["last value", "a day before"].map(|model| {
            let ratios: Vec<f64> = records.iter().map(|record| against(record, model)).collect();
            let below = ratios.iter().filter(|ratio| **ratio < 1.0).count() as f64 / count;
            // Half and twice cancel out.
            let mean = (ratios.iter().map(|ratio| ratio.max(1e-9).ln()).sum::<f64>() / count).exp();
            (mean, below)
        });
        println!(
            "{horizon:>8}{count:>8}{coverage:>10.3}{worst:>10.3}{:>12.3}{:>12.3}{:>14.0} %{:>14.0} %",
            last.0,
            day.0,
            last.1 * 100.0,
            day.1 * 100.0
        );
        is_good &= (0.87..=0.93).contains(&coverage) && worst >= 0.85 && last.1 >= 0.7 && day.1 >= 0.7;
    }
    println!("  target: coverage 0.87 to 0.93, worst 0.85 or more; below both on 70 % of series or more\n");
    is_good
}
