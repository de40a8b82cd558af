//! A relay, its clients, and what was published: the model is a list.

use std::fmt::Write as _;
use std::time::Duration;

use spate_relay::config::{ByteSize, Config, FieldConfig, LogConfig, Period, RingConfig, StreamConfig};
use spate_relay::log::disk::Sync;
use spate_relay::relay::Running;
use spate_shared::schema::{FieldType, Role};
use spate_shared::text::Format;
use spate_shared::wire::ClientMessage;
use tempfile::TempDir;

use super::Act;
use super::subscriber::{Subscriber, Wish};
use crate::support::{Hand, sealed, start_at};

/// What dimension an event may have.
pub(super) const KEYS: [&str; 3] = ["a", "b", "c"];

/// A published event; its place in the list is its offset.
pub(super) struct Event {
    pub(super) value: f64,
    /// Index into [`KEYS`].
    pub(super) key: usize,
}

/// How much a relay keeps.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) ring_bytes: usize,
    pub(super) ring_millis: i64,
    pub(super) on_disk: bool,
}

pub(super) struct World {
    config: Config,
    hand: Hand,
    relay: Option<Running>,
    /// Of the current epoch.
    published: Vec<Event>,
    /// Of all epochs.
    values: u64,
    clients: Vec<Subscriber>,
    /// Gap events and conflated events that relays before this one have counted.
    counted: [f64; 2],
    folder: TempDir,
}

impl World {
    pub(super) async fn new(kept: Kept, wishes: Vec<Wish>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let field = |name: &str, ty, role| FieldConfig { name: name.to_owned(), ty, role, unit: None };
        let fields =
            vec![field("v", FieldType::F64, None), field("key", FieldType::Category, Some(Role::Dimension))];
        let stream = StreamConfig { name: "s".to_owned(), time: Some("time".to_owned()), fields };
        let log = LogConfig { sync: Sync::None, ..LogConfig::new(folder.path()) };
        let ring = RingConfig { bytes: ByteSize(kept.ring_bytes), age: Period(kept.ring_millis * 1_000_000) };
        let log = kept.on_disk.then_some(log);
        let config = Config { ring, log, streams: vec![stream], ..Config::default() };
        let hand = Hand::at(1_700_000_000_000_000_000);
        let relay = Some(start_at(config.clone(), hand.clock()).await);
        let clients = wishes.into_iter().map(Subscriber::new).collect();
        Self { config, hand, relay, published: Vec::new(), values: 0, clients, counted: [0.0; 2], folder }
    }

    fn relay(&self) -> &Running {
        self.relay.as_ref().unwrap()
    }

    pub(super) async fn act(&mut self, act: &Act) {
        match *act {
            Act::Publish { events, first_key } => self.publish(events, first_key),
            Act::Seal => self.relay().relay().streams.seal_all(),
            Act::Advance { millis } => self.advance(millis).await,
            Act::Connect(at) => {
                let address = self.relay().address();
                self.clients[at].connect(address).await;
            }
            Act::Read(at) => self.clients[at].read().await,
            Act::Credit(at, bytes) => self.clients[at].send(ClientMessage::Credit { bytes }).await,
            Act::Rate(at, millis) => self.clients[at].send(ClientMessage::Rate { millis }).await,
            Act::Cut(at) => self.clients[at].cut(),
            Act::Resubscribe(at) => self.clients[at].resubscribe().await,
            Act::Restart => self.restart().await,
        }
    }

    fn publish(&mut self, events: u64, first_key: usize) {
        let mut text = String::new();
        for _ in 0..events {
            let event = Event { value: self.values as f64, key: (first_key + self.published.len()) % 3 };
            let (value, key) = (event.value, KEYS[event.key]);
            let time = 1_000_000 + self.values;
            writeln!(text, "{{\"time\":{time},\"v\":{value},\"key\":\"{key}\"}}").unwrap();
            self.values += 1;
            self.published.push(event);
        }
        let taken = self.relay().relay().ingest.publish("s", Format::Ndjson, text.as_bytes(), 1).unwrap();
        assert_eq!(taken.accepted, events);
    }

    async fn advance(&self, millis: u64) {
        self.hand.advance(millis as i64 * 1_000_000);
        tokio::time::advance(Duration::from_millis(millis)).await;
    }

    async fn restart(&mut self) {
        self.clients.iter_mut().for_each(Subscriber::cut);
        self.counted = self.counted();
        self.relay.take().unwrap().drain().await;
        // The epoch is the time.
        self.advance(1).await;
        if self.config.log.is_none() {
            self.published.clear();
        }
        self.relay = Some(start_at(self.config.clone(), self.hand.clock()).await);
    }

    /// Lets every client read to the end.
    pub(super) async fn settle(&mut self) {
        self.relay().relay().streams.seal_all();
        let (address, end) = (self.relay().address(), self.published.len() as u64);
        sealed(self.relay(), "s", end).await;
        for at in 0..self.clients.len() {
            // Rates, and what was skipped and has to be told, take time.
            let mut idle_rounds = 0;
            let mut position = None;
            while idle_rounds < 20 && position != Some(end) {
                self.clients[at].connect(address).await;
                self.clients[at].send(ClientMessage::Credit { bytes: 1 << 40 }).await;
                self.clients[at].read().await;
                let next = self.clients[at].reader.position.map(|(_, next)| next);
                idle_rounds = if next == position { idle_rounds + 1 } else { 0 };
                position = next;
                // What is read from disk comes when it is read.
                while self.relay().relay().streams.archive_readers() > 0 {
                    tokio::task::yield_now().await;
                }
                self.advance(1_100).await;
            }
            assert_eq!(position, Some(end), "client {at} reaches the end");
        }
    }

    /// Gap events and conflated events that were counted.
    fn counted(&self) -> [f64; 2] {
        let relay = self.relay().relay();
        let text = relay.metrics.render(relay);
        let value = |name: &str| -> f64 {
            text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().parse().unwrap()
        };
        let now = ["spate_gap_events_total ", "spate_conflated_events_total "].map(value);
        [self.counted[0] + now[0], self.counted[1] + now[1]]
    }

    pub(super) fn check(&self, acts: &[Act]) {
        let info = self.relay().relay().streams.get("s").unwrap().info();
        assert_eq!(info.head, self.published.len() as u64);
        let keeps_all = self.config.log.is_some() || self.config.ring.bytes.0 > 1 << 20;
        if keeps_all && self.config.ring.age.0 > 1_000_000_000_000 {
            assert_eq!(info.oldest, 0);
        }
        for client in &self.clients {
            client.check(&self.published, info.oldest);
        }
        let sum = |of: fn(&Subscriber) -> u64| self.clients.iter().map(of).sum::<u64>() as f64;
        let told = [sum(|client| client.missing), sum(|client| client.conflated)];
        let counted = self.counted();
        let loses_frames = |act: &Act| matches!(act, Act::Cut(_) | Act::Resubscribe(_) | Act::Restart);
        let was_cut = self.clients.iter().any(|client| client.was_cut);
        if was_cut || acts.iter().any(loses_frames) {
            assert!(told[0] <= counted[0] && told[1] <= counted[1], "told {told:?}, counted {counted:?}");
        } else {
            assert_eq!(told, counted);
        }
    }

    pub(super) async fn end(mut self) {
        self.clients.clear();
        self.relay.take().unwrap().drain().await;
        drop(self.folder);
    }
}
