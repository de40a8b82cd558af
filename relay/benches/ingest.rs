//! HTTP ingest: events a second that one core of the relay takes, by format.
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

/// Kernel clock ticks a second in `/proc/PID/stat`; 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;
const ROWS_PER_BODY: u64 = 10_000;
const BODIES: u64 = 150;
/// Events a second a core that the relay must take as NDJSON.
const WANTED: f64 = 400_000.0;

fn main() {
    println!("| events as | bytes each | events/s a core | MB/s a core |");
    println!("|---|---|---|---|");
    let ndjson = run("ndjson: time, 3 numbers, 1 key", "application/x-ndjson", &ndjson());
    run("csv: the same", "text/csv", &csv());
    println!("\nNDJSON: {:.2} of the {WANTED} wanted", ndjson / WANTED);
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

/// Posts the body again and again; events a second of processor time.
fn run(name: &str, content_type: &str, body: &str) -> f64 {
    let relay = Relay::start();
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
    let before = relay.cpu_seconds();
    (0..BODIES).for_each(|_| post());
    let seconds = relay.cpu_seconds() - before;
    let events = (ROWS_PER_BODY * BODIES) as f64;
    let bytes = body.len() as f64 * BODIES as f64;
    println!("| {name} | {:.0} | {:.0} | {:.0} |", bytes / events, events / seconds, bytes / seconds / 1e6);
    events / seconds
}

struct Relay {
    child: Child,
    address: String,
}

impl Relay {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_spate-relay"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("Dashboard: http://").trim_end_matches('/').to_owned();
        Self { child, address }
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
