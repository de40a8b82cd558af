//! Takes the messages of one stream into its log, as every other relay does.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::{Message, stream};
use futures_util::StreamExt as _;
use futures_util::stream::ReadyChunks;
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::text::{Intake, Rejection};
use spate_shared::time::{MILLISECOND, Nanos};
use tokio::sync::watch;
use tokio::time::timeout;

use super::catalog::{Entry, Known};
use super::history::History;
use super::lines::{Told, push_line, runs, type_lines};
use super::{CONNECT_TIMEOUT, JetStream, created, published_since, reading};
use crate::log::Stream;
use crate::metrics::UpstreamMeter;
use crate::ready::Beginning;
use crate::relay::Relay;
use crate::source::upstream::back_off;

/// Most messages that are taken together.
const CHUNK: usize = 512;
/// The server says that it is there this often; two missed ones are a loss.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a pull waits at the server.
const PULL_EXPIRES: Duration = Duration::from_secs(30);
/// After this long without a pull the server forgets a consumer.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);

pub(super) struct Follower {
    jetstream: Arc<JetStream>,
    relay: Arc<Relay>,
    name: String,
    known: Known,
    news: watch::Receiver<Known>,
    intake: Intake,
    /// What the log has not, and the schemas that it needs.
    history: Arc<History>,
    wanted: watch::Receiver<Option<Schema>>,
    meter: UpstreamMeter,
    /// Held until the log has what was there at the start.
    beginning: Option<Beginning>,
    /// Sequence and time of the last message taken, by which it is known again.
    last: Option<(u64, Nanos)>,
}

/// What a pull gives at a time.
type Delivered = Result<Message, pull::MessagesError>;
type Messages = Pin<Box<ReadyChunks<pull::Stream>>>;

impl Follower {
    pub(super) fn new(
        jetstream: Arc<JetStream>,
        relay: Arc<Relay>,
        name: String,
        news: watch::Receiver<Known>,
    ) -> Self {
        let known = news.borrow().clone();
        let (stream_name, past) = (jetstream.stream_name(&name), Arc::clone(&jetstream.past));
        let history = History::new(&name, stream_name, past, known.1.clone());
        Self {
            intake: known.1.intake(),
            wanted: history.wanted(),
            history: Arc::new(history),
            known,
            news,
            meter: relay.metrics.upstream("jetstream", &name),
            beginning: Some(relay.readiness.wait_for(format!("stream {name:?} in JetStream"))),
            last: None,
            name,
            jetstream,
            relay,
        }
    }

    pub(super) async fn run(mut self) {
        let mut waits = back_off();
        loop {
            let before = self.last;
            let Err(why) = self.follow().await;
            self.meter.lost();
            if self.last != before {
                waits = back_off();
            }
            let wait = waits.next().unwrap_or_default();
            let millis = wait.as_millis() as u64;
            tracing::warn!(
                stream = self.name,
                why,
                millis,
                "a stream in JetStream was lost, connecting again"
            );
            tokio::time::sleep(wait).await;
        }
    }

    /// One consumer from its beginning to its end.
    async fn follow(&mut self) -> Result<Infallible, String> {
        let opened = timeout(CONNECT_TIMEOUT, self.open()).await;
        let (stream, mut messages, mut is_past) = opened.unwrap_or_else(|_| Err("no answer".to_owned()))?;
        self.meter.found();
        let mut delivered = 0;
        loop {
            let chunk = tokio::select! {
                changed = self.news.changed() => {
                    changed.map_err(|error| error.to_string())?;
                    let known = self.news.borrow_and_update().clone();
                    self.learn(&stream, known)?;
                    continue;
                }
                wanted = self.wanted.changed() => {
                    wanted.map_err(|error| error.to_string())?;
                    let wanted = self.wanted.borrow_and_update().clone();
                    self.grow_for_history(&stream, wanted).await?;
                    continue;
                }
                chunk = messages.next() => chunk.ok_or("the consumer ended")?,
            };
            let is_last = self.take(&stream, chunk, &mut delivered, is_past).await?;
            if is_past && is_last {
                is_past = false;
                stream.caught_up(stream.next(), (self.jetstream.clock)());
                self.beginning.take();
            }
        }
    }

    /// The log, a consumer behind what it has, and whether there is anything that it has not.
    async fn open(&mut self) -> Result<(Arc<Stream>, Messages, bool), String> {
        let jetstream = Arc::clone(&self.jetstream);
        let found = jetstream.context.get_stream(jetstream.stream_name(&self.name)).await;
        let found = found.map_err(|error| error.to_string())?;
        let info = found.cached_info();
        self.agree(&found, info).await?;
        let stream = self.log(info)?;
        let next = stream.next();
        let is_empty = stream.with_log(|log| log.size_bytes() == 0 && log.open_bytes() == 0);
        let deliver_policy = if is_empty {
            let since = (jetstream.clock)().saturating_sub(jetstream.settings.ring_age);
            published_since(since)?
        } else {
            DeliverPolicy::ByStartSequence { start_sequence: next }
        };
        let wanted = reading(deliver_policy, FORGOTTEN_AFTER);
        let consumer: PullConsumer =
            found.create_consumer(wanted).await.map_err(|error| error.to_string())?;
        let pending = consumer.cached_info().num_pending;
        if pending == 0 {
            stream.caught_up((info.state.last_sequence + 1).max(next), (jetstream.clock)());
            self.beginning.take();
        }
        let pulling =
            consumer.stream().max_messages_per_batch(CHUNK).heartbeat(HEARTBEAT).expires(PULL_EXPIRES);
        let messages = pulling.messages().await.map_err(|error| error.to_string())?;
        Ok((stream, Box::pin(messages.ready_chunks(CHUNK)), pending > 0))
    }

    /// Settles the epoch with the other relays: another one when the stream is not the one that was followed.
    async fn agree(&mut self, found: &stream::Stream, info: &stream::Info) -> Result<(), String> {
        let created = created(info);
        let has_lost = match self.last {
            Some((sequence, _)) if sequence > info.state.last_sequence => true,
            Some((sequence, published)) => match found.get_raw_message(sequence).await {
                Ok(message) => message.time.unix_timestamp_nanos() as Nanos != published,
                // Retention took it, or a person.
                Err(_) => false,
            },
            None => false,
        };
        loop {
            let known = self.jetstream.catalog.get(&self.name).await?;
            let (revision, entry) = known.ok_or("its entry in the bucket is gone")?;
            let is_ours = entry.epoch == self.known.1.epoch;
            let is_another = entry.created != created;
            self.known = (revision, entry);
            if !(is_another || has_lost && is_ours) {
                break;
            }
            let now = ((self.jetstream.clock)().max(0) / MILLISECOND) as u64;
            let epoch = if is_another { created } else { now }.max(self.known.1.epoch + 1);
            let entry = Entry { created, epoch, ..self.known.1.clone() };
            tracing::warn!(
                stream = self.name,
                epoch,
                "JetStream has another stream than before: a new epoch"
            );
            if let Some(revision) = self.jetstream.catalog.put(&self.name, &entry, Some(self.known.0)).await?
            {
                self.known = (revision, entry);
                break;
            }
        }
        self.intake = self.known.1.intake();
        self.jetstream.learn(&self.name, &self.known.1);
        Ok(())
    }

    /// The log of the epoch that was agreed on.
    fn log(&mut self, info: &stream::Info) -> Result<Arc<Stream>, String> {
        let Entry { epoch, schema, .. } = &self.known.1;
        let first = info.state.first_sequence.max(1);
        self.history.see(info);
        let Some(stream) = self.jetstream.streams.get(&self.name) else {
            let (streams, archive) = (&self.jetstream.streams, Arc::clone(&self.history));
            let made = streams.number_elsewhere(&self.name, *epoch, schema.clone(), first, archive);
            self.history.learn(&self.known.1);
            return made.map_err(|error| error.to_string());
        };
        if !stream.is_numbered_elsewhere() {
            return Err("the relay has a stream of its own of this name: rename its source".to_owned());
        }
        if stream.epoch() == *epoch {
            stream.follow(schema, (self.jetstream.clock)());
        } else {
            self.last = None;
            stream.begin_anew(*epoch, schema, first);
        }
        self.history.learn(&self.known.1);
        Ok(stream)
    }

    /// Takes over what another relay changed.
    fn learn(&mut self, stream: &Arc<Stream>, known: Known) -> Result<(), String> {
        if known.0 <= self.known.0 {
            return Ok(());
        }
        if known.1.epoch != self.known.1.epoch {
            return Err("another relay found that the stream began anew".to_owned());
        }
        self.adopt(stream, known);
        Ok(())
    }

    /// Takes messages into the log. Whether JetStream has no more for now.
    async fn take(
        &mut self,
        stream: &Arc<Stream>,
        chunk: Vec<Delivered>,
        delivered: &mut u64,
        is_past: bool,
    ) -> Result<bool, String> {
        let (mut lines, mut told, mut pending) = (Vec::new(), Vec::with_capacity(chunk.len()), 0);
        for message in chunk {
            let message = message.map_err(|error| error.to_string())?;
            let info = message.info().map_err(|error| error.to_string())?;
            *delivered += 1;
            if info.consumer_sequence != *delivered {
                return Err("a message did not arrive".to_owned());
            }
            pending = info.pending;
            let published = info.published.unix_timestamp_nanos() as Nanos;
            told.push(Told { sequence: info.stream_sequence, published });
            push_line(&mut lines, &message.payload);
        }
        let (batch, rejected) = self.type_all(stream, &lines, &told).await?;
        let schema = self.known.1.schema.clone();
        let runs = runs(&told, &rejected);
        for mut rejection in rejected {
            let sequence = told[rejection.line as usize - 1].sequence;
            rejection.reason =
                format!("message {sequence} in JetStream is no event of the stream: {}", rejection.reason);
            self.relay.ingest.refuse(&self.name, rejection);
        }
        let mut row = 0;
        for run in runs {
            let rows = row..row + run.len();
            row = rows.end;
            self.put(stream, &schema, &batch.slice(rows), &told[run], is_past);
        }
        self.last = told.last().map(|last| (last.sequence, last.published)).or(self.last);
        Ok(pending == 0)
    }

    /// Gives the log messages that follow each other.
    fn put(&self, stream: &Arc<Stream>, schema: &Schema, batch: &Batch, run: &[Told], is_past: bool) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
        let now = if is_past { last.published } else { (self.jetstream.clock)() };
        stream.take_over(schema, batch, first.sequence, now, is_past);
    }

    /// Gives messages the types of the schema, which grows for all relays before an event uses what is new.
    async fn type_all(
        &mut self,
        stream: &Arc<Stream>,
        lines: &[u8],
        told: &[Told],
    ) -> Result<(Batch, Vec<Rejection>), String> {
        loop {
            let mut intake = self.intake.clone();
            let typed = type_lines(&mut intake, lines, told);
            let grown = intake.schema().filter(|schema| **schema != self.known.1.schema);
            let Some(schema) = grown.cloned() else { return Ok(typed) };
            self.grow(stream, schema).await?;
        }
    }

    /// Makes a schema that goes on from the known one known to all relays; or learns what another one did meanwhile.
    async fn grow(&mut self, stream: &Arc<Stream>, schema: Schema) -> Result<(), String> {
        let entry = Entry { schema, ..self.known.1.clone() };
        let revision = self.jetstream.catalog.put(&self.name, &entry, Some(self.known.0)).await?;
        if let Some(revision) = revision {
            self.adopt(stream, (revision, entry));
            return Ok(());
        }
        let known = self.jetstream.catalog.get(&self.name).await?;
        self.learn(stream, known.ok_or("its entry in the bucket is gone")?)
    }

    /// Adds fields that only messages below the ring have.
    async fn grow_for_history(&mut self, stream: &Arc<Stream>, wanted: Option<Schema>) -> Result<(), String> {
        let known = &self.known.1.schema;
        if let Some(wanted) = wanted.filter(|wanted| wanted != known && wanted.extends(known)) {
            return self.grow(stream, wanted).await;
        }
        // The messages were typed by an older one, and are again by this.
        self.history.learn(&self.known.1);
        Ok(())
    }

    /// Goes on by what is known now; readers are told of a schema before there are events of it.
    fn adopt(&mut self, stream: &Arc<Stream>, known: Known) {
        self.intake = known.1.intake();
        self.jetstream.learn(&self.name, &known.1);
        stream.follow(&known.1.schema, (self.jetstream.clock)());
        self.history.learn(&known.1);
        self.known = known;
    }
}
