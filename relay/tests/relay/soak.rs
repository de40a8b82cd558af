//! Many clients of the program through a drain, a kill and the starts after them: each log equals what was published.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use spate_shared::wire::{CloseCode, Mode, ServerFrame, ServerMessage, Start};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::process::Program;
use crate::reader::Reader;
use crate::support::{NDJSON, Ws, get, metric, subscribe, try_post};

/// Events of one body.
const BODY: u64 = 100;
/// Longest silence before a client, or the producer, tries again by itself.
const SILENCE: Duration = Duration::from_secs(5);

struct Size {
    clients: usize,
    events: u64,
    /// Longest time for all of it.
    patience: Duration,
}

/// What there is of the stream at a relay; 0 before its first event.
async fn head(address: SocketAddr) -> u64 {
    let catalog = get(address, "/api/v1/streams").await.json();
    let streams = catalog["streams"].as_array().unwrap();
    streams.iter().find(|stream| stream["name"] == "s").map_or(0, |stream| stream["head"].as_u64().unwrap())
}

/// Publishes events whose `v` is their offset; after every loss it goes on where the relay's log ends.
async fn produce(mut address: watch::Receiver<SocketAddr>, published: watch::Sender<u64>, events: u64) {
    let mut next = 0;
    while next < events {
        let to = events.min(next + BODY);
        let lines: Vec<_> = (next..to).map(|at| format!("{{\"time\":{at},\"v\":{at}}}")).collect();
        let now = *address.borrow_and_update();
        if try_post(now, "s", &[NDJSON], lines.join("\n").as_bytes()).await != Some(200) {
            // The relay that drains or is gone is followed by another.
            if timeout(SILENCE, address.changed()).await.is_ok() {
                let moved = *address.borrow();
                next = head(moved).await;
            }
            continue;
        }
        next = to;
        published.send_replace(next);
    }
}

/// One client, which checks every event as it comes and keeps none.
struct Listener {
    position: Option<(u64, u64)>,
    resumed: u64,
}

impl Listener {
    fn next(&self) -> u64 {
        self.position.map_or(0, |(_, next)| next)
    }

    /// Reads all events, over as many connections as it takes.
    async fn listen(
        mut self,
        mut address: watch::Receiver<SocketAddr>,
        events: u64,
        done: Arc<AtomicUsize>,
    ) -> Self {
        while self.next() < events {
            let now = *address.borrow_and_update();
            let mut reader = Reader::new(subscribe("s", Start::Earliest));
            reader.position = self.position;
            if let Some(mut ws) = reader.try_connect(now).await {
                self.read(&mut ws, events).await;
            }
            if self.next() < events {
                let _ = timeout(SILENCE, address.changed()).await;
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
        self
    }

    async fn read(&mut self, ws: &mut Ws, events: u64) {
        while self.next() < events {
            match ws.next().await {
                Some(Ok(Message::Binary(bytes))) => self.take(ServerFrame::decode(&bytes).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(Some(close)))) => {
                    assert_eq!(u16::from(close.code), CloseCode::Draining as u16, "{}", close.reason);
                    return;
                }
                _ => return,
            }
        }
    }

    fn take(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Message(ServerMessage::Ok { epoch, next, mode, .. }) => match self.position {
                None => self.position = Some((epoch, next)),
                Some(position) => {
                    assert_eq!((position, mode), ((epoch, next), Mode::Resumed));
                    self.resumed += 1;
                }
            },
            ServerFrame::Data(frame) => {
                let header = frame.header;
                assert_eq!(self.position, Some((header.epoch, header.base)), "no hole and no overlap");
                for row in 0..frame.batch.len() {
                    let value = frame.batch.columns[0].number(row).unwrap();
                    assert_eq!(value, (header.base + row as u64) as f64);
                }
                self.position = Some((header.epoch, header.base + u64::from(header.rows)));
            }
            ServerFrame::Message(ServerMessage::Gap { from, to, .. }) => panic!("{from}..{to} is missing"),
            ServerFrame::Message(ServerMessage::Error { code, message, .. }) => panic!("{code:?}: {message}"),
            ServerFrame::Message(_) | ServerFrame::Selected(_) => {}
        }
    }
}

async fn soak(size: Size) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("relay.toml");
    std::fs::write(&config, "[log]\nfolder = 'log'\n[[stream]]\nname = 's'\ntime = 'time'\nfields = [{ name = 'v', type = 'f64' }]\n").unwrap();
    let args = ["--config", config.to_str().unwrap()];
    let mut program = Program::start(&args);
    let (moved, address) = watch::channel(program.address);
    let (counted, mut published) = watch::channel(0);
    let producer = tokio::spawn(produce(address.clone(), counted, size.events));
    let done = Arc::new(AtomicUsize::new(0));
    let listen = |_| {
        let listener = Listener { position: None, resumed: 0 };
        tokio::spawn(listener.listen(address.clone(), size.events, Arc::clone(&done)))
    };
    let listeners: Vec<_> = (0..size.clients).map(listen).collect();
    for signal in ["TERM", "KILL"] {
        let third = *published.borrow() + size.events / 3;
        published.wait_for(|count| *count >= third).await.unwrap();
        let pid = program.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success());
        let ended = tokio::task::spawn_blocking(move || program.child.wait().unwrap()).await.unwrap();
        assert_eq!(ended.success(), signal == "TERM", "{ended}");
        program = Program::start(&args);
        moved.send_replace(program.address);
    }
    producer.await.unwrap();
    let mut resumed = 0;
    for listener in listeners {
        resumed += listener.await.unwrap().resumed;
    }
    assert_eq!(done.load(Ordering::Relaxed), size.clients);
    assert!(resumed >= size.clients as u64, "clients were moved: {resumed}");
    assert_eq!(head(program.address).await, size.events, "nothing twice");
    assert_eq!(metric(program.address, "spate_events_rejected_total", "").await, 0.0);
}

async fn in_time(size: Size) {
    let patience = size.patience;
    timeout(patience, soak(size)).await.expect("all of it in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_go_through_a_drain_and_a_kill_without_a_hole() {
    in_time(Size { clients: 40, events: 6_000, patience: Duration::from_mins(2) }).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes: cargo xtask test --only soak"]
async fn soak_a_thousand_clients_go_through_a_drain_and_a_kill_without_a_hole() {
    in_time(Size { clients: 1_000, events: 60_000, patience: Duration::from_mins(15) }).await;
}
