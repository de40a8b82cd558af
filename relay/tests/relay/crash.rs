//! The program killed while it writes, started again on what it left, and on a disk that is full.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use spate_relay::config::{Config, LogConfig};
use spate_relay::log::disk::Sync;
use spate_shared::wire::{Mode, Start};
use tokio::time::timeout;

use crate::process::Program;
use crate::support::{Client, NDJSON, PATIENCE, get, metric, post, start, subscribe, try_post};

/// Producers that write at the same time.
const PRODUCERS: u64 = 4;

/// A configuration file whose log is beside it, synced before every answer.
fn configure(folder: &Path) -> String {
    let path = folder.join("relay.toml");
    std::fs::write(&path, "[log]\nfolder = 'log'\nsync = 'every-batch'\n").unwrap();
    path.to_str().unwrap().to_owned()
}

fn lines(from: u64, to: u64) -> Vec<u8> {
    let lines: Vec<_> = (from..to).map(|at| format!("{{\"time\":{at},\"v\":{at}}}")).collect();
    lines.join("\n").into_bytes()
}

/// Publishes bodies of distinct values until one is not answered; notes those that were.
async fn produce(address: std::net::SocketAddr, next: Arc<AtomicU64>, taken: Arc<Mutex<HashSet<u64>>>) {
    loop {
        let from = next.fetch_add(20, Ordering::SeqCst);
        if try_post(address, "s", &[NDJSON], &lines(from, from + 20)).await != Some(200) {
            return;
        }
        taken.lock().extend(from..from + 20);
    }
}

/// Kills so many processes while they write.
async fn kill(kills: u64) {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path());
    let (next, taken) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(HashSet::new())));
    let mut before: Option<(u64, Vec<f64>)> = None;
    for kill in 0..kills {
        let mut program = Program::start(&["--config", &config]);
        let enough = taken.lock().len() + 20 * (1 + 7 * (kill % 10) as usize);
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|_| tokio::spawn(produce(program.address, Arc::clone(&next), Arc::clone(&taken))))
            .collect();
        let progress = async {
            while taken.lock().len() < enough {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, progress).await.unwrap();
        program.child.kill().unwrap();
        program.child.wait().unwrap();
        for producer in producers {
            producer.await.unwrap();
        }
        let log = LogConfig { sync: Sync::EveryBatch, ..LogConfig::new(folder.path().join("log")) };
        let relay = start(Config { log: Some(log), ..Config::default() }).await;
        let info = relay.relay().streams.get("s").unwrap().info();
        let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
        let values = client.values(0, info.head).await;
        let there: HashSet<u64> = values.iter().map(|value| *value as u64).collect();
        assert_eq!(there.len(), values.len(), "nothing twice");
        let lost: Vec<_> = taken.lock().difference(&there).copied().collect();
        assert!(lost.is_empty(), "kill {kill}: {lost:?} were acknowledged and are lost");
        if let Some((epoch, values_before)) = &before {
            assert_eq!(*epoch, info.epoch, "nothing is lost, so the epoch stays");
            assert_eq!(values[..values_before.len()], values_before[..], "what was there has its offsets");
        }
        before = Some((info.epoch, values));
        relay.drain().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_by_a_kill() {
    kill(10).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes: cargo xtask test --only soak"]
async fn soak_nothing_that_was_acknowledged_is_lost_by_200_kills() {
    kill(200).await;
}

#[tokio::test]
async fn a_record_that_was_being_written_is_cut_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path());
    let mut program = Program::start(&["--config", &config]);
    let answer = post(program.address, "s", "application/x-ndjson", &lines(0, 10)).await;
    assert_eq!(answer.status, 200);
    let (_, (epoch, ..)) = Client::subscribed(program.address, subscribe("s", Start::Earliest)).await;
    program.child.kill().unwrap();
    program.child.wait().unwrap();
    let path = folder.path().join("log/stream-s/00000000000000000000.log");
    let whole = std::fs::read(&path).unwrap();
    for torn in [&[200_u8, 0, 0][..], &[200, 0, 0, 0, 1, 2, 3, 4, 5], &[0; 4096]] {
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(torn).unwrap();
        let mut program = Program::start(&["--config", &config]);
        let resume = subscribe("s", Start::Resume { epoch, offset: 4 });
        let (mut client, ok) = Client::subscribed(program.address, resume).await;
        assert_eq!(ok, (epoch, 4, Mode::Resumed));
        assert_eq!(client.values(4, 10).await, (4..10).map(f64::from).collect::<Vec<_>>());
        assert!(std::fs::read(&path).unwrap() == whole, "cut to what was whole");
        let said = program.kill_and_read_log();
        assert!(said.contains("the end of a segment file is cut"), "{said}");
        assert!(said.contains(&format!("cut_bytes={}", torn.len())), "{said}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_events_and_readers_go_on_until_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path());
    // A limit on the size of files is a disk that is full, for one process.
    let program = Program::start_limited(64 << 10, &["--config", &config]);
    let send =
        async |from| post(program.address, "s", "application/x-ndjson", &lines(from, from + 2_000)).await;
    let mut head = 0;
    let refused = loop {
        let answer = send(head).await;
        if answer.status != 200 {
            break answer;
        }
        head += 2_000;
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    let said = refused.json().to_string();
    assert!(said.contains("cannot write") && said.contains("stream-s"), "{said}");
    assert!(head > 0, "some had room");
    assert_eq!(send(head).await.status, 503);
    assert_eq!(metric(program.address, "spate_disk_fault", "stream=\"s\"").await, 1.0);
    let obstacle = get(program.address, "/readyz").await;
    assert_eq!(obstacle.status, 503);
    assert!(String::from_utf8(obstacle.body).unwrap().contains("stream \"s\""), "it says what refuses");
    assert_eq!(get(program.address, "/api/v1/streams/s/events?limit=5").await.status, 200);
    let (mut client, _) = Client::subscribed(program.address, subscribe("s", Start::Earliest)).await;
    let numbers = |from: u64, to: u64| (from..to).map(|at| at as f64).collect::<Vec<_>>();
    assert_eq!(client.values(0, head).await, numbers(0, head));
    let pid = program.child.id().to_string();
    let raise = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap();
    assert!(raise.success());
    // What was refused while it was being written is written now: its producer was told to send it again.
    assert_eq!(client.values(head, head + 2_000).await, numbers(head, head + 2_000));
    assert_eq!(metric(program.address, "spate_disk_fault", "stream=\"s\"").await, 0.0);
    assert_eq!(get(program.address, "/readyz").await.status, 200);
    assert_eq!(send(head + 2_000).await.status, 200);
    assert_eq!(client.values(head + 2_000, head + 4_000).await, numbers(head + 2_000, head + 4_000));
}
