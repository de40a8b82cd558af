//! Reads back what the ring of a stream no longer has, or never had since the relay started late.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
use spate_shared::wire::GapReason;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep, timeout};

use super::catalog::Entry;
use super::lines::{Told, push_line, type_lines};
use super::past::{Away, Past};
use super::pieces::{Piece, Typed, answer};
use super::{created, published_since, reading};
use crate::log::{Archive, Chunk, Stretch};

/// Most messages of one request.
const MESSAGES: u64 = 4_096;
/// Most bytes of one request, but for a message that is longer.
const BYTES: usize = 1 << 20;
/// What a message's subject and headers may add to what it may hold.
const ENVELOPE_BYTES: usize = 8 << 10;
/// Longest wait for events: long enough for a server that is started again.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for what a client may begin without.
const ASK_TIMEOUT: Duration = Duration::from_secs(1);
/// Wait after a request that failed.
const RETRY: Duration = Duration::from_millis(100);
/// The server forgets a consumer that is neither used nor deleted.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(10);

/// The archive of one stream.
pub(super) struct History {
    name: String,
    stream_name: String,
    past: Arc<Past>,
    /// What gives messages their types. Readers of the stream know its schema.
    known: watch::Sender<Entry>,
    /// A schema with fields that only old messages have; the follower adds them for all relays.
    wanted: watch::Sender<Option<Schema>>,
    /// The first sequence that JetStream holds, when it was last asked.
    oldest: AtomicU64,
    /// Requests one at a time, so that readers who come together share one.
    reading: Mutex<()>,
    /// When it was last asked.
    asked: Mutex<Option<Instant>>,
    /// This stream is not given back, whatever becomes of others.
    away: Away,
}

/// Messages as they came, and how far that looked.
struct Pulled {
    lines: Vec<u8>,
    told: Vec<Told>,
    looked_at: Range<u64>,
}

impl History {
    pub(super) fn new(name: &str, stream_name: String, past: Arc<Past>, entry: Entry) -> Self {
        Self {
            name: name.to_owned(),
            stream_name,
            past,
            known: watch::Sender::new(entry),
            wanted: watch::Sender::new(None),
            oldest: AtomicU64::new(1),
            reading: Mutex::default(),
            asked: Mutex::default(),
            away: Away::default(),
        }
    }

    /// Types by this from now on.
    pub(super) fn learn(&self, entry: &Entry) {
        self.known.send_replace(entry.clone());
    }

    /// What JetStream says that it holds.
    pub(super) fn see(&self, info: &stream::Info) {
        self.oldest.store(info.state.first_sequence.max(1), Ordering::Relaxed);
    }

    /// Follows the schemas that old messages need.
    pub(super) fn wanted(&self) -> watch::Receiver<Option<Schema>> {
        self.wanted.subscribe()
    }

    /// What JetStream says of the stream, if it is still the one that is known.
    async fn ask(&self) -> Result<stream::Info, String> {
        let found = self.past.context.get_stream(&self.stream_name).await;
        let info = found.map_err(|error| error.to_string())?.cached_info().clone();
        if created(&info) != self.known.borrow().created {
            return Err("the stream began anew".to_owned());
        }
        self.see(&info);
        Ok(info)
    }

    /// A consumer for one reading.
    async fn consume(&self, deliver_policy: DeliverPolicy) -> Result<PullConsumer, String> {
        let wanted = reading(deliver_policy, FORGOTTEN_AFTER);
        let made = self.past.context.create_consumer_on_stream(wanted, &self.stream_name).await;
        made.map_err(|error| error.to_string())
    }

    /// Deletes a consumer, without waiting for it.
    fn forget(&self, consumer: &Consumer<pull::Config>) {
        let (context, stream_name) = (self.past.context.clone(), self.stream_name.clone());
        let name = consumer.cached_info().name.clone();
        tokio::spawn(async move {
            // Else it is forgotten later.
            let _ = context.delete_consumer_from_stream(name, stream_name).await;
        });
    }

    /// The next messages of a stretch.
    async fn pull(&self, offsets: &Range<u64>) -> Result<Pulled, String> {
        let consumer = self.consume(DeliverPolicy::ByStartSequence { start_sequence: offsets.start }).await?;
        let pending = consumer.cached_info().num_pending;
        let (mut lines, mut told) = (Vec::new(), Vec::<Told>::new());
        // Whether all that the stretch has is there.
        let mut is_all = pending == 0;
        if pending > 0 {
            let most = MESSAGES.min(offsets.end - offsets.start) as usize;
            let longest = self.past.context.client().server_info().max_payload + ENVELOPE_BYTES;
            let fetch = consumer.fetch().max_messages(most).max_bytes(BYTES.max(longest));
            let mut messages = fetch.messages().await.map_err(|error| error.to_string())?;
            // After an error, as that there is no room for more, what came before counts.
            while let Some(Ok(message)) = messages.next().await {
                let info = message.info().map_err(|error| error.to_string())?;
                if info.consumer_sequence != told.len() as u64 + 1 {
                    break;
                }
                is_all = info.stream_sequence >= offsets.end || info.pending == 0;
                if info.stream_sequence >= offsets.end {
                    break;
                }
                let published = info.published.unix_timestamp_nanos() as Nanos;
                told.push(Told { sequence: info.stream_sequence, published });
                push_line(&mut lines, &message.payload);
            }
        }
        self.forget(&consumer);
        let end = told.last().map_or(offsets.start, |last| last.sequence + 1);
        let looked_at = offsets.start..if is_all { offsets.end } else { end };
        if looked_at.is_empty() {
            Err("no message came".to_owned())
        } else {
            Ok(Pulled { lines, told, looked_at })
        }
    }

    /// Pieces of a stretch from its beginning on.
    async fn pieces(&self, stretch: &Stretch) -> Result<Vec<Piece>, String> {
        let pulled = Arc::new(self.pull(&stretch.offsets).await?);
        // Asked after the messages came: what was missing among them was gone by then.
        let state = self.ask().await?.state;
        if state.last_sequence + 1 < stretch.offsets.end {
            return Err("it has lost events that were given out".to_owned());
        }
        let mut known = self.known.subscribe();
        loop {
            let entry = known.borrow_and_update().clone();
            if entry.epoch != stretch.epoch {
                return Err("the stream began anew".to_owned());
            }
            let (pulled, stretch) = (Arc::clone(&pulled), stretch.clone());
            let typing = tokio::task::spawn_blocking(move || {
                let mut intake = entry.intake();
                let (batch, rejected) = type_lines(&mut intake, &pulled.lines, &pulled.told);
                let grown = intake.schema().filter(|schema| **schema != entry.schema).cloned();
                let looked_at = Stretch { offsets: pulled.looked_at.clone(), ..stretch };
                let (told, schema) = (&pulled.told, &Arc::new(entry.schema));
                let oldest = state.first_sequence;
                let typed =
                    Typed { told, schema, batch: &batch, rejected: &rejected, looked_at: &looked_at, oldest };
                grown.map_or_else(|| Ok(typed.pieces()), Err)
            });
            match typing.await.map_err(|error| error.to_string())? {
                Ok(pieces) => return Ok(pieces),
                Err(grown) => {
                    self.wanted.send_replace(Some(grown));
                    known.changed().await.map_err(|error| error.to_string())?;
                }
            }
        }
    }

    fn is_away(&self) -> bool {
        self.away.is_now() || self.past.away.is_now()
    }

    /// Tries until there are pieces; what it was told instead stays in `why`.
    async fn insist(&self, stretch: &Stretch, why: &mut Option<String>) -> Vec<Piece> {
        loop {
            match self.pieces(stretch).await {
                Ok(pieces) => return pieces,
                Err(error) => *why = Some(error),
            }
            sleep(RETRY).await;
        }
    }

    async fn read_at(&self, stretch: &Stretch, budget: usize) -> Chunk {
        if let Some(chunk) = self.past.find(stretch, budget) {
            return chunk;
        }
        let _turn = self.reading.lock().await;
        // Perhaps by the one before.
        if let Some(chunk) = self.past.find(stretch, budget) {
            return chunk;
        }
        let unreachable = Chunk::Missing { to: stretch.offsets.end, reason: GapReason::Unreachable };
        if self.is_away() {
            return unreachable;
        }
        let mut why = None;
        let Ok(pieces) = timeout(READ_TIMEOUT, self.insist(stretch, &mut why)).await else {
            if why.is_none() { &self.past.away } else { &self.away }.note();
            let why = why.as_deref().unwrap_or("no answer");
            let Range { start, end } = stretch.offsets;
            let stream = &self.name;
            tracing::warn!(stream, start, end, why, "what left the ring cannot be read back from JetStream");
            return unreachable;
        };
        let chunk = answer(&pieces, stretch.offsets.start, budget);
        self.past.keep(stretch, pieces);
        chunk.unwrap_or(unreachable)
    }

    /// The answer to a question that may go without one.
    async fn try_ask<T>(&self, asking: impl Future<Output = Result<T, String>>) -> Option<T> {
        let is_there = self.past.context.client().connection_state() == State::Connected;
        if !is_there || self.is_away() {
            return None;
        }
        let answer = timeout(ASK_TIMEOUT, asking).await.unwrap_or_else(|_| Err("no answer".to_owned()));
        if let Err(why) = &answer {
            tracing::debug!(stream = self.name, why, "JetStream does not say what it holds");
        }
        answer.ok()
    }
}

impl Archive for History {
    fn oldest(&self) -> Option<u64> {
        Some(self.oldest.load(Ordering::Relaxed))
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let wanted = Instant::now();
            let mut asked = self.asked.lock().await;
            // Those who wait together share one answer, or that there is none.
            if asked.is_none_or(|asked| asked < wanted) {
                *asked = Some(Instant::now());
                self.try_ask(self.ask()).await;
            }
        })
    }

    fn sealed_since(&self, since: Nanos) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async move {
            let asking = async {
                let consumer = self.consume(published_since(since)?).await?;
                let fetch = consumer.fetch().max_messages(1).messages().await;
                let first = fetch.map_err(|error| error.to_string())?.next().await;
                self.forget(&consumer);
                let Some(first) = first else { return Ok(None) };
                let first = first.map_err(|error| error.to_string())?;
                let info = first.info().map_err(|error| error.to_string())?;
                Ok(Some(info.stream_sequence))
            };
            self.try_ask(asking).await.flatten()
        })
    }

    fn read(self: Arc<Self>, stretch: Stretch, budget: usize) -> BoxFuture<'static, Chunk> {
        Box::pin(async move { self.read_at(&stretch, budget).await })
    }
}
