//! `spate tail` and `spate record` against a relay that fails on purpose.

use std::path::Path;

use serde_json::Value;
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::{Field, FieldType};
use spate_shared::wire::{GapReason, Mode, ServerMessage, Start};

use super::mock_relay::Step::{Close, Cut, Events, Say, Stay};
use super::mock_relay::{Connection, MockRelay, STREAM, Step, schema};
use super::spate::{Ran, events, open, run, run_ok};

fn started(steps: Vec<Step>) -> Connection {
    Connection { mode: Mode::Started, epoch: 1, next: 0, steps }
}

fn again(mode: Mode, epoch: u64, next: u64, steps: Vec<Step>) -> Connection {
    Connection { mode, epoch, next, steps }
}

/// Tails a scripted relay for so many events: the run and each event's epoch and offset.
fn check(script: Vec<Connection>, count: u64) -> (Ran, Vec<(u64, u64)>, MockRelay) {
    let relay = MockRelay::start(script);
    let url = relay.url();
    let count = count.to_string();
    let ran = run(&["tail", &url, "taxi", "--from", "earliest", "--count", &count, "--format", "json"]);
    let place = |line: &str| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!((&event["stream"], &event["offset"]), (&STREAM.1.into(), &event["event"]["value"]));
        (event["epoch"].as_u64().expect("an epoch"), event["offset"].as_u64().expect("an offset"))
    };
    let places = ran.stdout.lines().map(place).collect();
    (ran, places, relay)
}

fn of_epoch(epoch: u64, offsets: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
    offsets.map(|offset| (epoch, offset)).collect()
}

#[test]
fn a_tail_over_a_cut_cable_loses_and_doubles_nothing() {
    let script = vec![
        started(vec![Events(0..10), Events(10..25), Cut]),
        again(Mode::Resumed, 1, 25, vec![Events(20..30), Events(25..30), Events(30..41), Close(1012)]),
        again(Mode::Resumed, 1, 41, vec![Events(41..60), Stay]),
    ];
    let (ran, places, relay) = check(script, 50);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(places, of_epoch(1, 0..50));
    let starts: Vec<Start> = relay.hellos().iter().map(|hello| hello.streams[0].start.clone()).collect();
    let resume = |offset| Start::Resume { epoch: 1, offset };
    assert_eq!(starts, [Start::Earliest, resume(25), resume(41)]);
    assert!(
        ran.stderr.contains("connection lost") && ran.stderr.contains("connected again"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_gap_is_said_with_its_offsets() {
    let reason = GapReason::Trimmed;
    let gap = Say(ServerMessage::Gap { stream: STREAM.0, epoch: 1, from: 10, to: 40, reason });
    let script = vec![
        started(vec![Events(0..10), Close(1012)]),
        again(Mode::Gap, 1, 40, vec![gap, Events(40..50), Stay]),
    ];
    let (ran, places, _relay) = check(script, 20);
    assert_eq!(places, of_epoch(1, (0..10).chain(40..50)));
    assert!(ran.stderr.contains("taxi: gap, 30 events lost: offsets 10 to 39"), "{}", ran.stderr);
}

#[test]
fn a_hole_that_no_gap_declared_is_said_too() {
    let (ran, places, _relay) = check(vec![started(vec![Events(0..3), Events(5..8), Stay])], 6);
    assert_eq!(places, of_epoch(1, (0..3).chain(5..8)));
    assert!(ran.stderr.contains("gap, 2 events lost"), "{}", ran.stderr);
}

#[test]
fn another_epoch_is_a_reset_and_its_events_count_anew() {
    let script = vec![started(vec![Events(0..5), Cut]), again(Mode::Reset, 2, 0, vec![Events(0..5), Stay])];
    let (ran, places, _relay) = check(script, 10);
    assert_eq!(places, [of_epoch(1, 0..5), of_epoch(2, 0..5)].concat());
    assert!(ran.stderr.contains("taxi: reset"), "{}", ran.stderr);
}

#[test]
fn a_close_that_says_do_not_retry_ends_the_tail() {
    let (ran, places, _relay) = check(vec![started(vec![Events(0..5), Close(4429)])], 10);
    assert_eq!((ran.code, places.len()), (1, 5), "{ran:?}");
    assert!(ran.stderr.contains("4429: scripted"), "{}", ran.stderr);
}

#[test]
fn a_relay_out_of_reach_is_one_line_that_names_it() {
    let ran = run(&["tail", "http://127.0.0.1:1/"]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.stderr.contains("ws://127.0.0.1:1/api/v1/ws"), "{}", ran.stderr);
    assert_eq!(run(&["tail", "https://127.0.0.1/"]).code, 2);
}

#[test]
fn without_names_every_stream_of_the_catalog_is_followed() {
    let relay = MockRelay::start(vec![started(vec![Events(0..5), Stay])]);
    let ran = run_ok(&["tail", &relay.url(), "--count", "5"]);
    let last = ran.stdout.lines().last();
    assert_eq!((ran.stdout.lines().count(), last), (5, Some("1970-01-01T00:00:04Z  taxi  value=4")));
}

fn record(script: Vec<Connection>, output: &Path, options: &[&str]) -> Ran {
    let relay = MockRelay::start(script);
    let url = relay.url();
    let output = output.to_str().expect("UTF-8");
    run(&[&["record", &url, "-o", output], options].concat())
}

#[test]
fn a_recording_over_a_cut_cable_holds_every_event_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("live.spate");
    let script =
        vec![started(vec![Events(0..10), Cut]), again(Mode::Resumed, 1, 10, vec![Events(8..30), Stay])];
    let ran = record(script, &output, &["taxi", "--count", "25"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let recording = open(&output);
    let events = events(&recording);
    assert!(
        events
            .iter()
            .map(|(_, offset, event)| (*offset, event["value"].as_u64()))
            .eq((0..25).map(|n| (n, Some(n))))
    );
    assert_eq!(recording.index().len(), 1);
    run_ok(&["inspect", output.to_str().expect("UTF-8"), "--verify"]);
}

#[test]
fn a_last_frame_cut_short_keeps_the_columns_it_has_when_the_schema_is_newer() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("live.spate");
    let mut newer = schema();
    newer.version = 2;
    newer.fields[0].ty = FieldType::F64;
    newer.fields.push(Field::new("zone", FieldType::Category));
    let info =
        StreamInfo { name: STREAM.1.into(), id: STREAM.0, epoch: 1, oldest: 0, head: 9, schema: newer };
    let changed = Say(ServerMessage::Catalog { streams: vec![info.clone()] });
    let script = vec![started(vec![changed, Events(0..9), Stay])];
    let ran = record(script, &output, &["taxi", "--count", "5"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let recording = open(&output);
    assert_eq!(recording.streams()[0].schema, info.schema);
    let values = events(&recording).into_iter().map(|(_, offset, event)| (offset, event["value"].as_u64()));
    assert!(values.eq((0..5).map(|n| (n, Some(n)))));
    run_ok(&["inspect", output.to_str().expect("UTF-8"), "--verify"]);
}

#[test]
fn a_duration_ends_a_recording_and_an_existing_file_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("live.spate");
    let script = || vec![started(vec![Events(0..10), Stay])];
    assert_eq!(record(script(), &output, &["--for", "2s"]).code, 0);
    assert_eq!(events(&open(&output)).len(), 10);
    let ran = record(script(), &output, &["--for", "2s"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
}

#[test]
fn nothing_recorded_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("live.spate");
    let ran = record(vec![started(vec![Close(4400)])], &output, &[]);
    assert_eq!((ran.code, output.exists()), (1, false), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_finishes_a_recording_that_could_be_opened_while_it_grew() {
    use spate_shared::recording::Recording;
    use std::io::{BufRead, BufReader};

    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("live.spate");
    let behind = Say(ServerMessage::Behind { stream: STREAM.0, events: 3 });
    let relay = MockRelay::start(vec![started(vec![Events(0..10), behind, Stay])]);
    let mut child = super::spate::command()
        .args(["record", &relay.url(), "-o"])
        .arg(&output)
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("spate starts");
    // What is said on standard error comes after the events before it were written.
    let mut said = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut said).expect("a line");
    assert!(said.contains("behind by 3 events"), "{said}");
    let growing = Recording::open(std::fs::read(&output).expect("a file")).expect("a recording");
    assert_eq!((growing.events(), growing.cut().map(|cut| cut.bytes_lost)), (10, Some(0)));
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert!(child.wait().expect("an end").success());
    assert_eq!(events(&open(&output)).len(), 10);
}
