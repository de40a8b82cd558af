//! `docs/examples/client.py` and `spate tail` against the real relay, over a cable that is cut.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::real_relay::{Cable, RealRelay, binary, skip};
use super::spate;

const STREAM: &str = "load";

/// A client that prints a line of JSON per event, ended when dropped.
struct Client {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the client starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, lines }
    }

    /// The next events' offsets, each equal to its value.
    fn offsets(&mut self, count: usize) -> Vec<u64> {
        let offset = |line: std::io::Result<String>| {
            let said: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
            let (offset, event) = (said["offset"].as_u64().expect("an offset"), &said["event"]);
            assert_eq!((said["stream"].as_str(), event["value"].as_u64()), (Some(STREAM), Some(offset)));
            assert_eq!(event["level"], ["low", "high"][offset as usize % 2]);
            let load = (offset % 3 != 0).then_some(offset as f64 + 0.5);
            assert_eq!(event.get("load").and_then(Value::as_f64), load);
            offset
        };
        self.lines.by_ref().take(count).map(offset).collect()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Publishes before, between and after two cuts; every event must be printed once.
fn check(relay: &Path, client: impl FnOnce(&Cable) -> Command) {
    let relay = RealRelay::start(&relay.to_owned());
    relay.publish(STREAM, 0..100);
    let cable = Cable::to(relay.address);
    let mut client = Client::start(&mut client(&cable));
    let mut offsets = client.offsets(100);
    cable.cut();
    relay.publish(STREAM, 100..150);
    offsets.extend(client.offsets(50));
    cable.cut();
    relay.publish(STREAM, 150..200);
    offsets.extend(client.offsets(50));
    assert!(offsets.into_iter().eq(0..200));
}

/// A Python with `websockets`: that of `SPATE_PYTHON`, else `python3`.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("SPATE_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let asked =
        Command::new(&python).args(["-c", "import websockets.asyncio.client"]).stderr(Stdio::null()).status();
    if asked.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    skip("no Python with `websockets` 13 or newer: set SPATE_PYTHON to one that has it");
    None
}

fn check_python(options: &[&str]) {
    let (Some(relay), Some(python)) = (binary(), python()) else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/client.py");
    check(&relay, |cable| {
        let mut command = Command::new(python);
        let url = format!("ws://{}/api/v1/ws", cable.address);
        command.arg(script).args(options).args([&url, STREAM]).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    });
}

#[test]
fn the_python_client_prints_every_event_once_over_cut_cables_in_json() {
    check_python(&[]);
}

#[test]
fn the_python_client_prints_every_event_once_over_cut_cables_in_bytes() {
    check_python(&["--binary"]);
}

#[test]
fn spate_tail_prints_every_event_of_a_real_relay_once_over_cut_cables() {
    let Some(relay) = binary() else { return };
    check(&relay, |cable| {
        let mut command = spate::command();
        let url = cable.address.to_string();
        command.args(["tail", &url, STREAM, "--from", "earliest", "--format", "json"]);
        command
    });
}
