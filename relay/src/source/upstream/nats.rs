//! A consumer of NATS JetStream: its messages into a stream, each acknowledged once the stream's log has it.
//!
//! JetStream delivers in order, and again what was not acknowledged in time or when the connection was lost. A message is
//! known by its sequence in JetStream: one that comes again is dropped and counted, while the relay runs; one that comes
//! for the first time is taken, also behind later ones, as what was on its way when a connection ended does. A chunk of
//! messages that was begun is acknowledged before the source stops, so a drain doubles nothing; a kill between log and
//! acknowledgement may. Back-pressure: what is not acknowledged bounds what JetStream delivers.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::{self, Message};
use futures_util::StreamExt as _;
use futures_util::stream::ReadyChunks;
use spate_shared::text::Format;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{CONNECT_TIMEOUT, End, Endpoint, Feed, Sink};
use crate::source::IngestError;

/// Most messages that are published and acknowledged together.
const CHUNK: usize = 256;
/// The server says that it is there this often; two missed ones are a loss.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a pull waits at the server.
const PULL_EXPIRES: Duration = Duration::from_secs(30);
/// After this long without an acknowledgement JetStream delivers a message again.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// What to consume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsConfig {
    /// `nats://host:port` or `tls://host:port`, with `user:password@` before the host if need be.
    pub endpoint: Endpoint,
    /// The JetStream stream.
    pub jetstream: String,
    /// The durable consumer, which is made when it is not there.
    pub consumer: String,
    /// The subjects that a consumer which is made takes; `None` is all of the stream's.
    pub subject: Option<String>,
    /// The form of every message.
    pub format: Format,
}

/// A consumer that can be connected to again and again.
pub struct NatsFeed {
    config: NatsConfig,
    seen: Seen,
    settling: Arc<Mutex<()>>,
}

impl NatsFeed {
    /// A feed of a consumer's messages.
    pub fn new(config: NatsConfig) -> Self {
        Self { config, seen: Seen::default(), settling: Arc::default() }
    }

    /// Held between the publication of a message and its acknowledgement: who holds it stops the feed without doubling.
    pub fn settling(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.settling)
    }

    async fn connect(&self) -> Result<Line, String> {
        let NatsConfig { endpoint, jetstream, consumer, subject, format } = &self.config;
        let client = endpoint.dial_nats().await?;
        let stream = jetstream::new(client.clone()).get_stream(jetstream).await;
        let stream = stream.map_err(|error| format!("JetStream stream {jetstream:?}: {error}"))?;
        let wanted = pull::Config {
            durable_name: Some(consumer.clone()),
            filter_subject: subject.clone().unwrap_or_default(),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_ack_pending: 4 * CHUNK as i64,
            ..pull::Config::default()
        };
        let made = stream.get_or_create_consumer(consumer, wanted).await;
        let made = made.map_err(|error| format!("JetStream consumer {consumer:?}: {error}"))?;
        let pulling = made.stream().max_messages_per_batch(CHUNK).heartbeat(HEARTBEAT).expires(PULL_EXPIRES);
        let messages = pulling.messages().await.map_err(|error| error.to_string())?;
        let created = stream.cached_info().created.unix_timestamp_nanos();
        Ok(Line { client, messages: Box::pin(messages.ready_chunks(CHUNK)), created, format: *format })
    }
}

impl Feed for NatsFeed {
    fn endpoint(&self) -> &Endpoint {
        &self.config.endpoint
    }

    async fn follow(&mut self, sink: &Sink, heard: &mut bool) -> End {
        let mut line = match timeout(CONNECT_TIMEOUT, self.connect()).await {
            Ok(Ok(line)) => line,
            Ok(Err(why)) => return End::Lost(why),
            Err(_) => return End::Lost(format!("no answer in {} s", CONNECT_TIMEOUT.as_secs())),
        };
        sink.found();
        self.seen.of(line.created);
        while let Some(chunk) = line.messages.next().await {
            let _settling = self.settling.lock().await;
            *heard = true;
            if let Err(end) = line.take(chunk, sink, &mut self.seen).await {
                return end;
            }
        }
        End::Lost("the consumer ended".to_owned())
    }
}

/// What a pull gives at a time.
type Delivered = Result<Message, pull::MessagesError>;

/// One connection.
struct Line {
    client: async_nats::Client,
    messages: Pin<Box<ReadyChunks<pull::Stream>>>,
    /// When the JetStream stream was made.
    created: i128,
    format: Format,
}

impl Line {
    /// Publishes a chunk, waits for the log, acknowledges. What was published before something failed is acknowledged too.
    async fn take(&self, chunk: Vec<Delivered>, sink: &Sink, seen: &mut Seen) -> Result<(), End> {
        let mut taken = Vec::with_capacity(chunk.len());
        let mut end = Ok(());
        for delivered in chunk {
            match self.publish(delivered, sink, seen).await {
                Ok(message) => taken.push(message),
                Err(fault) => {
                    end = Err(fault);
                    break;
                }
            }
        }
        let lost = |error: String| End::Lost(error);
        sink.ingest.logged(&sink.stream).await.map_err(|error| lost(error.to_string()))?;
        for message in taken {
            message.ack().await.map_err(|error| lost(error.to_string()))?;
        }
        self.client.flush().await.map_err(|error| lost(error.to_string()))?;
        end
    }

    async fn publish(&self, delivered: Delivered, sink: &Sink, seen: &mut Seen) -> Result<Message, End> {
        let message = delivered.map_err(|error| End::Lost(error.to_string()))?;
        let sequence = message.info().map_err(|error| End::Lost(error.to_string()))?.stream_sequence;
        if seen.has(sequence) {
            sink.meter.came_again();
            return Ok(message);
        }
        match sink.publish(self.format, message.payload.to_vec()).await {
            Ok(_) => seen.add(sequence),
            Err(IngestError::Closed) => return Err(End::Closed),
            // It is not acknowledged, so it comes again.
            Err(error) => return Err(End::Lost(error.to_string())),
        }
        Ok(message)
    }
}

/// Most sequences that are remembered: many times what may be unacknowledged.
const SEEN: usize = 1 << 16;

/// Sequences that were published.
#[derive(Default)]
struct Seen {
    created: i128,
    sequences: BTreeSet<u64>,
}

impl Seen {
    /// They are those of the JetStream stream made at this time: one that is made anew begins anew.
    fn of(&mut self, created: i128) {
        if std::mem::replace(&mut self.created, created) != created {
            self.sequences.clear();
        }
    }

    fn has(&self, sequence: u64) -> bool {
        self.sequences.contains(&sequence)
    }

    fn add(&mut self, sequence: u64) {
        self.sequences.insert(sequence);
        if self.sequences.len() > SEEN {
            self.sequences.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_known_once_it_was_published_and_until_the_stream_is_made_anew() {
        let mut seen = Seen::default();
        seen.of(7);
        seen.add(5);
        assert!(seen.has(5) && !seen.has(4), "an earlier one may still be on its way");
        seen.of(7);
        assert!(seen.has(5));
        seen.of(8);
        assert!(!seen.has(5));
        (0..2 * SEEN as u64).for_each(|sequence| seen.add(sequence));
        assert_eq!(seen.sequences.len(), SEEN);
        assert!(seen.has(2 * SEEN as u64 - 1) && !seen.has(0));
    }
}
