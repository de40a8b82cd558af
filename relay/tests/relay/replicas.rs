//! Three relays on one JetStream, killed by turns while clients move between them and sleep past the relays' tiny rings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use spate_shared::wire::{Mode, Start};
use tokio::time::timeout;

use crate::nats_server::Nats;
use crate::process::Program;
use crate::reader::{Fate, Reader};
use crate::support::{NDJSON, PATIENCE, get, subscribe, try_post};

const RELAYS: usize = 3;
const CLIENTS: u64 = 6;
const EVENTS: u64 = 3_000;
/// Events of one body.
const BODY: u64 = 10;
/// Events that a client sleeps through now and then: many times what a ring holds, which is the newest body or two.
const SLEEP: u64 = 500;
/// Relays that are killed.
const KILLS: u64 = 6;

/// Where the relays are that are ready.
type Addresses = Arc<Mutex<[SocketAddr; RELAYS]>>;

fn any(addresses: &Addresses) -> SocketAddr {
    addresses.lock()[fastrand::usize(..RELAYS)]
}

/// A relay that is ready.
async fn start(config: &str) -> Program {
    let program = Program::start(&["--config", config]);
    let ready = async { while get(program.address, "/readyz").await.status != 200 {} };
    timeout(PATIENCE, ready).await.expect("a relay that is ready");
    program
}

/// Publishes events whose `v` is their offset, each body until some relay has taken it.
async fn produce(addresses: Addresses, published: Arc<AtomicU64>) {
    for from in (1..=EVENTS).step_by(BODY as usize) {
        let lines: Vec<_> = (from..from + BODY).map(|at| format!("{{\"time\":{at},\"v\":{at}}}")).collect();
        let sequence = format!("spate-sequence: {from}");
        let headers = [NDJSON, "spate-producer: p", &sequence];
        while try_post(any(&addresses), "s", &headers, lines.join("\n").as_bytes()).await != Some(200) {
            tokio::task::yield_now().await;
        }
        published.store(from + BODY - 1, Ordering::Relaxed);
    }
}

/// Waits until so many events are published.
async fn until(published: &AtomicU64, events: u64) {
    let progress = async {
        while published.load(Ordering::Relaxed) < events {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, progress).await.unwrap();
}

/// Reads everything, some events at a relay and then, often much later, some at another; how often it was moved in the
/// middle.
async fn read(addresses: Addresses, published: Arc<AtomicU64>) -> usize {
    let mut reader = Reader::new(subscribe("s", Start::Earliest));
    let mut moves = 0;
    while reader.next() <= EVENTS {
        let Some(mut ws) = reader.try_connect(any(&addresses)).await else { continue };
        let before = reader.next();
        let some = (before + fastrand::u64(1..200)).min(EVENTS + 1);
        reader.read_to(&mut ws, some).await;
        moves += usize::from(reader.last_mode == Some(Mode::Resumed) && reader.next() > before);
        if fastrand::u8(..4) == 0 {
            until(&published, (reader.next() + SLEEP).min(EVENTS)).await;
        }
    }
    assert_eq!(reader.resets, 0, "one epoch");
    assert_eq!(reader.fates.len() as u64, EVENTS);
    let is_whole = reader.fates.iter().all(|(offset, fate)| *fate == Fate::Seen(*offset as f64));
    assert!(is_whole, "every event under its offset, none missing: {:?}", reader.fates);
    moves
}

#[tokio::test(flavor = "multi_thread")]
async fn every_clients_log_is_the_published_one_though_relays_are_killed() {
    let nats = Nats::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("relay.toml");
    let stream = "[[stream]]\nname = 's'\ntime = 'time'\nfields = [{ name = 'v', type = 'f64' }]";
    std::fs::write(&path, format!("{stream}\n[ring]\nbytes = '0 B'\n[jetstream]\nurl = '{}'\n", nats.url()))
        .unwrap();
    let config = path.to_str().unwrap();
    let mut programs = Vec::new();
    while programs.len() < RELAYS {
        programs.push(start(config).await);
    }
    let addresses: [SocketAddr; RELAYS] = std::array::from_fn(|at| programs[at].address);
    let (addresses, published) = (Arc::new(Mutex::new(addresses)), Arc::new(AtomicU64::new(0)));
    let producer = tokio::spawn(produce(Arc::clone(&addresses), Arc::clone(&published)));
    let client = |_| tokio::spawn(read(Arc::clone(&addresses), Arc::clone(&published)));
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    for kill in 1..=KILLS {
        until(&published, kill * EVENTS / (KILLS + 2)).await;
        let at = kill as usize % RELAYS;
        programs[at].child.kill().unwrap();
        programs[at].child.wait().unwrap();
        programs[at] = start(config).await;
        addresses.lock()[at] = programs[at].address;
    }
    timeout(PATIENCE, producer).await.unwrap().unwrap();
    let mut moves = 0;
    for client in clients {
        moves += timeout(PATIENCE, client).await.unwrap().unwrap();
    }
    assert!(moves > 20, "clients moved: {moves}");
}
