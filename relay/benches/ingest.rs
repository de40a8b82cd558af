//! HTTP ingest: events a second that one core of the relay takes, by format, and what keeping them on disk costs.
//!
//! A producer on one connection posts bodies of about a MiB to a relay of its own; what counts is the relay's processor
//! time, from `/proc`, so that the producer and a shared machine do not.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on has failed; its table is printed"
)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

/// Kernel clock ticks a second in `/proc/PID/stat`; 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
const ROWS_PER_BODY: u64 = 10_000;
const BODIES: u64 = 150;
/// Events a second a core that the relay must take as NDJSON.
const WANTED: f64 = 400_000.0;
/// Most of its throughput that syncing once a second may cost.
const DURABLE_COST: f64 = 0.15;
/// Times that each is measured with and without the disk, by turns, since a shared machine has its moods.
const TURNS: usize = 3;

fn main() {
    println!("| events as | bytes each | events/s a core | MB/s a core | events/s |");
    println!("|---|---|---|---|---|");
    let (text, kind) = (ndjson(), "application/x-ndjson");
    let mut best = [Rate::default(); 2];
    for _ in 0..TURNS {
        for (best, sync) in best.iter_mut().zip([None, Some("interval")]) {
            let name = sync.map_or("ndjson".to_owned(), |sync| format!("ndjson, on disk, synced by {sync}"));
            best.take(run(&name, kind, &text, sync));
        }
    }
    run("csv", "text/csv", &csv(), None);
    run("ndjson, on disk, every batch synced", kind, &text, Some("every-batch"));
    let [memory, disk] = best;
    let met = |is_met: bool| if is_met { "" } else { ": missed" };
    println!(
        "\nNDJSON, best of {TURNS}: {:.0} events/s a core, at least {WANTED}{}",
        memory.core,
        met(memory.core >= WANTED)
    );
    for (what, cost) in
        [("events/s", 1.0 - disk.wall / memory.wall), ("events/s a core", 1.0 - disk.core / memory.core)]
    {
        let most = 100.0 * DURABLE_COST;
        println!(
            "on disk, synced once a second: {:.0} % fewer {what}, at most {most} %{}",
            100.0 * cost,
            met(cost <= DURABLE_COST)
        );
    }
}

/// Events a second.
#[derive(Clone, Copy, Default)]
struct Rate {
    /// Of the relay's processor time.
    core: f64,
    /// Of time.
    wall: f64,
}

impl Rate {
    /// The better of both.
    fn take(&mut self, other: Self) {
        *self = Self { core: self.core.max(other.core), wall: self.wall.max(other.wall) };
    }
}

/// Values with two decimals and a key of 40, as in RELAY's measurements of formats.
fn values(row: u64) -> (u64, [f64; 3], u64) {
    let value = |salt: u64| ((row * 7_919 + salt * 104_729) % 100_000) as f64 / 100.0;
    (1_700_000_000_000 + row, [value(1), value(2), value(3)], row % 40)
}

fn ndjson() -> String {
    (0..ROWS_PER_BODY).fold(String::new(), |mut text, row| {
        let (time, [a, b, c], key) = values(row);
        writeln!(
            text,
            "{{\"time\":{time},\"load\":{a},\"latency\":{b},\"size\":{c},\"host\":\"host-{key}\"}}"
        )
        .unwrap();
        text
    })
}

fn csv() -> String {
    (0..ROWS_PER_BODY).fold(String::from("time,load,latency,size,host\n"), |mut text, row| {
        let (time, [a, b, c], key) = values(row);
        writeln!(text, "{time},{a},{b},{c},host-{key}").unwrap();
        text
    })
}

/// Posts the body again and again to a relay that keeps its streams on disk or not.
fn run(name: &str, content_type: &str, body: &str, sync: Option<&str>) -> Rate {
    let relay = Relay::start(sync);
    let mut connection = TcpStream::connect(&relay.address).unwrap();
    let head = format!(
        "POST /api/v1/streams/bench/events HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut post = || {
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(body.as_bytes()).unwrap();
        let mut answer = [0; 4096];
        let len = connection.read(&mut answer).unwrap();
        let answer = std::str::from_utf8(&answer[..len]).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    (0..10).for_each(|_| post());
    let (start, before) = (Instant::now(), relay.cpu_seconds());
    (0..BODIES).for_each(|_| post());
    let (wall, seconds) = (start.elapsed().as_secs_f64(), relay.cpu_seconds() - before);
    let events = (ROWS_PER_BODY * BODIES) as f64;
    let bytes = body.len() as f64 * BODIES as f64;
    let rate = Rate { core: events / seconds, wall: events / wall };
    let (each, megabytes) = (bytes / events, bytes / seconds / 1e6);
    println!("| {name} | {each:.0} | {:.0} | {megabytes:.0} | {:.0} |", rate.core, rate.wall);
    rate
}

struct Relay {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Relay {
    fn start(sync: Option<&str>) -> Self {
        // Beside the build, which is on a disk; the system's temporary folder may be memory.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = folder.path().join("relay.toml");
        let config =
            sync.map_or(String::new(), |sync| format!("[log]\nfolder = \"log\"\nsync = \"{sync}\"\n"));
        std::fs::write(&path, config).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_spate-relay"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--config"])
            .arg(&path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("Dashboard: http://").trim_end_matches('/').to_owned();
        Self { child, address, _folder: folder }
    }

    fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
