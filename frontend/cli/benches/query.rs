//! `spate query` over CSV from start to end, against a loop over the csv crate with a map in the same run:
//! `cargo bench -p spate-cli --bench query`. 1,000 keys, 1-minute tumbling windows, count, sum, mean, min and max;
//! 1,000,000 and 10,000,000 rows, so that memory that grows with the input shows.
#![expect(clippy::print_stdout, reason = "a bench reports on stdout")]
#![expect(clippy::expect_used, reason = "a bench stops at the first thing that is wrong")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const KEYS: u64 = 1_000;
const ROUNDS: usize = 3;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    println!("{:>10} {:<12} {:>12} {:>8} {:>12}   target", "rows", "", "M rows/s", "ratio", "peak MB");
    for rows in [1_000_000u64, 10_000_000] {
        let path = folder.path().join("rows.csv");
        write_rows(&path, rows);
        let rate = |seconds: f64| rows as f64 / seconds / 1e6;
        let (ours, peak) = (rate(best(|| spate(&path))), peak_megabytes(&path));
        let naive = rate(best(|| naive(&path)));
        let peak = peak.map_or_else(|| "unknown".to_owned(), |peak| format!("{peak:.1}"));
        println!(
            "{rows:>10} {:<12} {ours:>12.1} {:>8.1} {peak:>12}   6 M rows/s",
            "spate query",
            ours / naive
        );
        println!("{rows:>10} {:<12} {naive:>12.1} {:>8.1} {:>12}", "csv and map", 1.0, "");
    }
}

fn best(mut work: impl FnMut()) -> f64 {
    let seconds = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        work();
        begin.elapsed().as_secs_f64()
    });
    seconds.fold(f64::INFINITY, f64::min)
}

fn write_rows(path: &Path, rows: u64) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    writeln!(file, "t,key,v").expect("it is written");
    let mut state = 1u64;
    for row in 0..rows {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (time, value) = (1_700_000_000_000 + row * 3 / 5, (state >> 20) % 100_000);
        writeln!(file, "{time},key{},{}.{:02}", (state >> 33) % KEYS, value / 100, value % 100)
            .expect("it is written");
    }
}

fn spate_query(path: &Path) -> Vec<String> {
    let path = path.to_str().expect("UTF-8");
    let options = ["query", path, "--time", "t", "--by", "key", "--window", "tumbling 1m"];
    options.into_iter().chain(["--agg", "count,sum(v),mean(v),min(v),max(v)"]).map(str::to_owned).collect()
}

fn spate(path: &Path) {
    let spate = env!("CARGO_BIN_EXE_spate");
    let status =
        Command::new(spate).args(spate_query(path)).stdout(Stdio::null()).status().expect("spate starts");
    assert!(status.success());
}

/// Peak resident memory, where there is GNU time to tell it.
fn peak_megabytes(path: &Path) -> Option<f64> {
    let mut time = Command::new("/usr/bin/time");
    time.args(["-f", "%M", env!("CARGO_BIN_EXE_spate")]).args(spate_query(path)).stdout(Stdio::null());
    let output = time.stderr(Stdio::piped()).output().ok()?;
    let kilobytes: f64 = String::from_utf8(output.stderr).ok()?.lines().last()?.trim().parse().ok()?;
    Some(kilobytes / 1e3)
}

/// What one writes first.
fn naive(path: &Path) {
    let mut windows: BTreeMap<(i64, String), (u64, f64, f64, f64)> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(path).expect("a file");
    for row in reader.deserialize() {
        let (time, key, value): (i64, String, f64) = row.expect("a row");
        let (count, sum, min, max) =
            windows.entry((time / 60_000, key)).or_insert((0, 0.0, f64::INFINITY, f64::NEG_INFINITY));
        *count += 1;
        *sum += value;
        *min = min.min(value);
        *max = max.max(value);
    }
    let mut out = csv::Writer::from_writer(std::io::sink());
    for ((minute, key), (count, sum, min, max)) in windows {
        out.serialize((minute, key, count, sum, sum / count as f64, min, max)).expect("it is written");
    }
}
