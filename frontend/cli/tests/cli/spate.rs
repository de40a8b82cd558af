//! Running the binary, and reading the recordings it wrote.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use spate_shared::recording::Recording;
use spate_shared::wire::ServerFrame;

/// What a run of `spate` came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `spate`, ready for arguments.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spate"));
    command.stdin(Stdio::null());
    command
}

/// Runs `spate` to its end.
pub(crate) fn run(args: &[&str]) -> Ran {
    let output = command().args(args).output().expect("spate starts");
    Ran {
        code: output.status.code().expect("no signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Runs `spate`, which must succeed.
pub(crate) fn run_ok(args: &[&str]) -> Ran {
    let ran = run(args);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

/// Opens a recording that must be whole.
pub(crate) fn open(path: &Path) -> Recording<Vec<u8>> {
    let recording = Recording::open(std::fs::read(path).expect("a file")).expect("a recording");
    assert_eq!(recording.cut(), None);
    recording
}

/// Every event of a recording: its stream, offset and JSON.
pub(crate) fn events(recording: &Recording<Vec<u8>>) -> Vec<(String, u64, Value)> {
    let mut events = Vec::new();
    for entry in recording.entries() {
        if let ServerFrame::Data(frame) = entry.decode().expect("a frame") {
            let stream = recording.streams().iter().find(|stream| stream.id == frame.header.stream);
            let stream = stream.expect("a stream of the catalog");
            let event = |row: usize| {
                let json = frame.batch.event_json(&stream.schema, row);
                (stream.name.clone(), frame.header.base + row as u64, json)
            };
            events.extend((0..frame.batch.len()).map(event));
        }
    }
    events
}
