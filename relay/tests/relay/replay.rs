//! The replay source, from files to sockets.

use std::io::Write as _;
use std::path::Path;

use spate_relay::config::{Config, ReplayConfig, SourceConfig};
use spate_relay::http::Assets;
use spate_relay::relay::{Running, StartError};
use spate_relay::source::replay::{Playback, Speed, Times};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{Metadata, Writer};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{MINUTE, Nanos, SECOND};
use spate_shared::wire::{DataFrame, DataHeader, Start};

use crate::support::{Client, Hand, metric, sealed, start, start_at, subscribe};

const MAX_ONCE: Playback = Playback { speed: Speed::Max, repeat: false, times: Times::Kept, backfill: 0.0 };

fn replay(path: &Path, playback: Playback) -> Config {
    let source = ReplayConfig { path: path.to_owned(), stream: None, playback };
    Config { sources: vec![SourceConfig::Replay(source)], ..Config::default() }
}

/// `n` rows a minute apart, from minute 0, in a file with this name.
fn csv(folder: &Path, name: &str, n: i64) -> std::path::PathBuf {
    let path = folder.join(name);
    let mut file = std::fs::File::create(&path).unwrap();
    writeln!(file, "timestamp,v").unwrap();
    (0..n).for_each(|at| writeln!(file, "1970-01-01 {:02}:{:02}:00,{at}", at / 60, at % 60).unwrap());
    path
}

async fn times(relay: &Running, stream: &str, count: u64) -> Vec<Nanos> {
    sealed(relay, stream, count).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe(stream, Start::Earliest)).await;
    let mut times = Vec::new();
    while (times.len() as u64) < count {
        times.extend(client.data().await.batch.times);
    }
    times.truncate(count as usize);
    times
}

#[tokio::test]
async fn a_csv_file_replays_once_as_fast_as_possible_with_its_own_times() {
    let folder = tempfile::tempdir().unwrap();
    let relay = start(replay(&csv(folder.path(), "taxi.csv", 1_000), MAX_ONCE)).await;
    let expected: Vec<_> = (0..1_000).map(|at| at * MINUTE).collect();
    assert_eq!(times(&relay, "taxi", 1_000).await, expected);
    assert_eq!(metric(relay.address(), "spate_events_accepted_total", "stream=\"taxi\"").await, 1_000.0);
}

#[tokio::test]
async fn kept_times_go_on_over_laps_by_span_and_step() {
    let folder = tempfile::tempdir().unwrap();
    let playback = Playback { repeat: true, ..MAX_ONCE };
    let relay = start(replay(&csv(folder.path(), "taxi.csv", 10), playback)).await;
    let expected: Vec<_> = (0..35).map(|at| at * MINUTE).collect();
    assert_eq!(times(&relay, "taxi", 35).await, expected);
}

#[tokio::test]
async fn the_backfill_is_there_at_once_and_ends_now() {
    let folder = tempfile::tempdir().unwrap();
    let now = 1_700_000_000 * SECOND;
    let hand = Hand::at(now);
    let playback = Playback { speed: Speed::Factor(60.0), repeat: false, times: Times::Now, backfill: 0.5 };
    let relay = start_at(replay(&csv(folder.path(), "taxi.csv", 101), playback), hand.clock()).await;
    let backfilled: Vec<_> = (0..51).map(|at| now - (50 - at) * SECOND).collect();
    assert_eq!(times(&relay, "taxi", 51).await, backfilled);
    hand.advance(10 * SECOND);
    let all = times(&relay, "taxi", 61).await;
    assert_eq!(all.last(), Some(&(now + 10 * SECOND)));
    let head = relay.relay().streams.get("taxi").unwrap().info().head;
    assert_eq!(head, 61, "nothing comes before its time");
}

/// A recording of two streams, the second with a field that appears later.
fn recording(path: &Path) {
    let field = |name: &str, ty| Field::new(name, ty);
    let time = || TimeField { name: "time".into(), source: TimeSource::Event };
    let info =
        |name: &str, id, schema| StreamInfo { name: name.into(), id, epoch: 1, oldest: 0, head: 0, schema };
    let narrow = Schema::new(time(), vec![field("v", FieldType::I64)]);
    let wide = Schema {
        version: 2,
        ..Schema::new(time(), vec![field("v", FieldType::F64), field("w", FieldType::F64)])
    };
    let header = |stream, schema, base, rows| DataHeader { stream, schema, epoch: 1, base, rows, sealed: 0 };
    let column = |values| Column { values, validity: None };
    let mut writer = Writer::new(std::fs::File::create(path).unwrap(), &Metadata::default()).unwrap();
    writer.catalog(0, &[info("a", 4, narrow.clone()), info("b", 9, narrow)]).unwrap();
    let early = |times: Vec<Nanos>| Batch { columns: vec![column(Values::I64(vec![1; times.len()]))], times };
    let (a, b) = (early(vec![10, 30]), early(vec![20]));
    writer.data(0, &DataFrame { header: header(4, 1, 0, 2), batch: a }).unwrap();
    writer.data(0, &DataFrame { header: header(9, 1, 0, 1), batch: b }).unwrap();
    writer.catalog(0, &[info("b", 9, wide)]).unwrap();
    let late = Batch {
        times: vec![40],
        columns: vec![column(Values::F64(vec![2.5])), column(Values::F64(vec![3.5]))],
    };
    writer.data(0, &DataFrame { header: header(9, 2, 1, 1), batch: late }).unwrap();
    writer.finish().unwrap();
}

#[tokio::test]
async fn a_recording_replays_every_stream_under_its_last_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.spate");
    recording(&path);
    let relay = start(replay(&path, MAX_ONCE)).await;
    assert_eq!(times(&relay, "a", 2).await, [10, 30]);
    sealed(&relay, "b", 2).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("b", Start::Earliest)).await;
    let mut rows = Vec::new();
    while rows.len() < 2 {
        let frame = client.data().await;
        let value = |column: usize, row| frame.batch.columns[column].number(row);
        rows.extend((0..frame.batch.len()).map(|row| (frame.batch.times[row], value(0, row), value(1, row))));
    }
    assert_eq!(rows, [(20, Some(1.0), None), (40, Some(2.5), Some(3.5))]);
}

/// The error of a relay that cannot start.
async fn check_refused(config: Config, parts: &[&str]) {
    let clock = spate_relay::clock::system();
    let config = Config { listen: "127.0.0.1:0".into(), ..config };
    let error: StartError = Running::start(config, clock, Assets::none()).await.err().expect("no start");
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn files_that_cannot_be_replayed_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    check_refused(replay(&folder.path().join("none.csv"), MAX_ONCE), &["none.csv", "source.path"]).await;
    check_refused(replay(&write("a.csv", b""), MAX_ONCE), &["a.csv", "no rows"]).await;
    check_refused(replay(&write("b.csv", b"x\n1\n"), MAX_ONCE), &["b.csv", "line 2"]).await;
    check_refused(replay(&write("c.spate", b""), MAX_ONCE), &["c.spate", "empty"]).await;
    check_refused(replay(&write("d.spate", b"PK\x03\x04"), MAX_ONCE), &["d.spate", "not a .spate recording"])
        .await;
    check_refused(replay(&write("bad name.csv", b"t,v\n1,1\n"), MAX_ONCE), &["bad name", "not valid"]).await;
    let twice = csv(folder.path(), "taxi.csv", 3);
    let mut config = replay(&twice, MAX_ONCE);
    config.sources.push(config.sources[0].clone());
    check_refused(config, &["\"taxi\" exists already"]).await;
}
