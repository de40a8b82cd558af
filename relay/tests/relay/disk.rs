//! The log on disk: what the next process finds there, and what happens when a disk refuses or gives back damage.

use std::path::{Path, PathBuf};

use spate_relay::config::{ByteSize, Config, LogConfig, Period, RingConfig};
use spate_relay::relay::Running;
use spate_shared::time::HOUR;
use spate_shared::wire::{GapReason, Mode, ServerMessage, Start};

use crate::support::{Client, Hand, metric, post, publish, sealed, start, start_at, subscribe};

/// Rows whose segment is larger than a file of [`small`] may be, so that each gets its own.
const FILE_ROWS: u64 = 4_000;

fn numbers(from: u64, to: u64) -> Vec<f64> {
    (from..to).map(|at| at as f64).collect()
}

/// A log in `folder`, behind a ring that holds the newest segment alone.
fn kept(folder: &Path) -> Config {
    let ring = RingConfig { bytes: ByteSize(0), ..RingConfig::default() };
    Config { log: Some(LogConfig::new(folder)), ring, ..Config::default() }
}

/// Files of 20 kB, of which each stream keeps 80 kB.
fn small(folder: &Path) -> Config {
    let log = LogConfig { bytes: ByteSize(80_000), age: Period(HOUR), ..LogConfig::new(folder) };
    Config { log: Some(log), ..kept(folder) }
}

/// The segment files of stream `s`, oldest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join("stream-s")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    files.sort();
    files
}

fn bases(folder: &Path) -> Vec<u64> {
    let base = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    files(folder).iter().map(base).collect()
}

fn damage_middle(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(path, bytes).unwrap();
}

fn epoch(relay: &Running) -> u64 {
    relay.relay().streams.get("s").unwrap().info().epoch
}

/// Resumes: the epoch, offset and mode that are answered, and a client that goes on.
async fn resume(relay: &Running, epoch: u64, offset: u64) -> (Client, (u64, u64, Mode)) {
    Client::subscribed(relay.address(), subscribe("s", Start::Resume { epoch, offset })).await
}

async fn gap(client: &mut Client) -> (u64, u64, GapReason) {
    match client.message().await {
        ServerMessage::Gap { from, to, reason, .. } => (from, to, reason),
        other => panic!("expected a gap, got {other:?}"),
    }
}

#[tokio::test]
async fn a_restart_with_a_log_resumes_every_client_exactly_and_goes_on_counting() {
    let folder = tempfile::tempdir().unwrap();
    let relay = start(kept(folder.path())).await;
    publish(&relay, "s", 0, 50).await;
    publish(&relay, "s", 50, 100).await;
    let seen = epoch(&relay);
    relay.drain().await;
    let relay = start(kept(folder.path())).await;
    for offset in [0, 1, 49, 50, 99] {
        let (mut client, ok) = resume(&relay, seen, offset).await;
        assert_eq!(ok, (seen, offset, Mode::Resumed));
        assert_eq!(client.values(offset, 100).await, numbers(offset, 100));
    }
    let (mut live, ok) = resume(&relay, seen, 100).await;
    assert_eq!(ok, (seen, 100, Mode::Resumed));
    publish(&relay, "s", 100, 110).await;
    assert_eq!(live.values(100, 110).await, numbers(100, 110));
    for (epoch, offset) in [(seen, 111), (seen - 1, 5)] {
        let (mut client, ok) = resume(&relay, epoch, offset).await;
        assert_eq!(ok, (seen, 0, Mode::Reset), "epoch {epoch} offset {offset}");
        assert_eq!(client.values(0, 110).await, numbers(0, 110));
    }
}

#[tokio::test]
async fn a_stream_that_is_found_takes_new_fields_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let relay = start(kept(folder.path())).await;
    publish(&relay, "s", 0, 10).await;
    relay.drain().await;
    let relay = start(kept(folder.path())).await;
    let answer = post(relay.address(), "s", "application/json", b"{\"time\":9,\"v\":10,\"w\":1}").await;
    assert_eq!((answer.status, answer.json()["accepted"].as_u64()), (200, Some(1)));
    sealed(&relay, "s", 11).await;
    let info = relay.relay().streams.get("s").unwrap().info();
    assert_eq!(info.schema.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["v", "w"]);
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    assert_eq!(client.values(0, 11).await, numbers(0, 11));
}

#[tokio::test]
async fn a_restart_without_a_log_resets_every_client() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    publish(&relay, "s", 0, 10).await;
    let seen = epoch(&relay);
    relay.drain().await;
    hand.advance(1_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    publish(&relay, "s", 0, 5).await;
    for offset in [0, 3, 5, 10] {
        let (mut client, ok) = resume(&relay, seen, offset).await;
        assert_eq!(ok, (seen + 1, 0, Mode::Reset), "offset {offset}");
        assert_eq!(client.values(0, 5).await, numbers(0, 5));
    }
}

#[tokio::test]
async fn damage_in_a_full_file_is_a_declared_gap_and_the_rest_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let relay = start(small(folder.path())).await;
    publish(&relay, "s", 0, FILE_ROWS).await;
    publish(&relay, "s", FILE_ROWS, 2 * FILE_ROWS).await;
    publish(&relay, "s", 2 * FILE_ROWS, 2 * FILE_ROWS + 10).await;
    assert_eq!(bases(folder.path()), [0, FILE_ROWS, 2 * FILE_ROWS]);
    let seen = epoch(&relay);
    relay.drain().await;
    damage_middle(&files(folder.path())[0]);
    let relay = start(small(folder.path())).await;
    for offset in [0, 1_000] {
        let (mut client, ok) = resume(&relay, seen, offset).await;
        assert_eq!(ok, (seen, offset, Mode::Resumed));
        assert_eq!(gap(&mut client).await, (offset, FILE_ROWS, GapReason::Damaged));
        let end = 2 * FILE_ROWS + 10;
        assert_eq!(client.values(FILE_ROWS, end).await, numbers(FILE_ROWS, end));
    }
    publish(&relay, "s", 2 * FILE_ROWS + 10, 2 * FILE_ROWS + 20).await;
}

#[tokio::test]
async fn damage_in_the_newest_file_begins_a_new_epoch_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(small(folder.path()), hand.clock()).await;
    publish(&relay, "s", 0, 10).await;
    hand.advance(20_000_000);
    publish(&relay, "s", 10, FILE_ROWS).await;
    let seen = epoch(&relay);
    relay.drain().await;
    damage_middle(&files(folder.path())[0]);
    let relay = start_at(small(folder.path()), hand.clock()).await;
    let now = epoch(&relay);
    assert!(now > seen);
    let (mut client, ok) = resume(&relay, seen, 5).await;
    assert_eq!(ok, (now, 0, Mode::Reset));
    assert_eq!(client.values(0, 10).await, numbers(0, 10));
    publish(&relay, "s", 10, 20).await;
    assert_eq!(client.values(10, 20).await, numbers(10, 20));
}

#[tokio::test]
async fn old_files_go_by_size_and_what_went_is_named_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(small(folder.path()), hand.clock()).await;
    for at in 0..8 {
        publish(&relay, "s", at * FILE_ROWS, (at + 1) * FILE_ROWS).await;
        hand.advance(20_000_000);
    }
    let seen = epoch(&relay);
    relay.drain().await;
    let size: u64 = files(folder.path()).iter().map(|path| path.metadata().unwrap().len()).sum();
    let (left, end) = (bases(folder.path()), 8 * FILE_ROWS);
    assert!(size <= 80_000 && left.len() >= 2 && left[0] > 0, "{size} {left:?}");
    let relay = start_at(small(folder.path()), hand.clock()).await;
    let (mut client, ok) = resume(&relay, seen, 7).await;
    assert_eq!(ok, (seen, left[0], Mode::Gap));
    assert_eq!(gap(&mut client).await, (7, left[0], GapReason::Trimmed));
    assert_eq!(client.values(left[0], end).await, numbers(left[0], end));
}

#[tokio::test]
async fn old_files_go_by_age() {
    let folder = tempfile::tempdir().unwrap();
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(small(folder.path()), hand.clock()).await;
    publish(&relay, "s", 0, FILE_ROWS).await;
    hand.advance(2 * HOUR);
    publish(&relay, "s", FILE_ROWS, FILE_ROWS + 10).await;
    relay.drain().await;
    assert_eq!(bases(folder.path()), [FILE_ROWS]);
}

#[tokio::test]
async fn a_stream_whose_folder_cannot_be_made_is_503_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let relay = start(kept(folder.path())).await;
    std::fs::write(folder.path().join("stream-taken"), "").unwrap();
    let answer = post(relay.address(), "taken", "application/json", b"{\"time\":1,\"v\":1}").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    let said = answer.json().to_string();
    assert!(said.contains("stream-taken") && said.contains("log.folder"), "{said}");
    publish(&relay, "s", 0, 10).await;
    assert_eq!(metric(relay.address(), "spate_disk_fault", "stream=\"s\"").await, 0.0);
}
