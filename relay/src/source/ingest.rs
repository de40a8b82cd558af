//! Text into streams: the path that HTTP and standard input share.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use spate_shared::catalog::check_stream_name;
use spate_shared::text::{Chunk, Format, Intake, Rejection, TextReader};

use super::budget::Budget;
use super::dead_letter::{DeadLetters, RawLines};
use super::producer::{Producers, REMEMBERED, Seen, Ticket};
use crate::clock::Clock;
use crate::jetstream::{JetStream, JetStreamFault};
use crate::log::disk::DiskFault;
use crate::log::{CreateError, Stream, Streams};
use crate::metrics::Metrics;

/// Rows that are typed and appended together.
const CHUNK_ROWS: usize = 4_096;
/// Most rejections an answer lists.
pub const LISTED_REJECTIONS: usize = 100;
/// Streams with this prefix are written by the relay alone.
const RESERVED_PREFIX: &str = "spate.";

/// What became of the events of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Events that got an offset.
    pub accepted: u64,
    /// Events that did not.
    pub rejected_total: u64,
    /// The first [`LISTED_REJECTIONS`] of them.
    pub rejected: Vec<Rejection>,
}

/// A text that was looked at, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What became of its events.
    pub outcome: Outcome,
    /// Whether that was before: nothing was published now.
    pub is_duplicate: bool,
}

/// Why a text was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// No stream of this name can be published to.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// The relay's own stream.
    #[error("stream {0:?} is written by the relay: publish to a name that does not start with \"spate.\"")]
    Reserved(String),
    /// Too many bytes in a short time.
    #[error(
        "stream {stream:?} takes {limit} bytes a second: send again in {retry_seconds} s, or raise limits.ingest_bytes_per_second"
    )]
    TooFast {
        /// The stream.
        stream: String,
        /// Bytes a second.
        limit: u64,
        /// When to try again.
        retry_seconds: u64,
    },
    /// A text that was sent again too late to know what became of it.
    #[error(
        "text {sequence} of producer {producer:?} is older than the {REMEMBERED} that are remembered: it was taken or passed over, so go on"
    )]
    Forgotten {
        /// Who sent it.
        producer: String,
        /// Its number.
        sequence: u64,
    },
    /// The disk does not take events.
    #[error(transparent)]
    Disk(#[from] DiskFault),
    /// JetStream does not take events.
    #[error(transparent)]
    JetStream(#[from] JetStreamFault),
    /// The drain has begun.
    #[error("the relay is shutting down: send it again")]
    Closed,
}

/// The way in for text.
pub struct Ingest {
    streams: Arc<Streams>,
    /// Where events go instead of the relay's own logs.
    jetstream: Option<Arc<JetStream>>,
    dead_letters: DeadLetters,
    metrics: Arc<Metrics>,
    clock: Clock,
    bytes_per_second: Mutex<Option<u64>>,
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
    /// Held while the first events of a new stream decide its schema.
    birth: Mutex<()>,
    /// Bytes published to streams that do not exist yet.
    unborn: Mutex<Budget>,
    /// What was taken of producers that number their texts.
    producers: Producers,
    /// Whether the drain has begun. Held for reading while a text is published, so that who writes it waits for those.
    closed: RwLock<bool>,
}

/// What ingest keeps for one stream: its lock puts typing and appending in one order.
struct Lane {
    stream: Arc<Stream>,
    intake: Mutex<Intake>,
    budget: Mutex<Budget>,
}

impl Ingest {
    /// A way into `streams`. `bytes_per_second` is per stream.
    pub fn new(
        streams: Arc<Streams>,
        jetstream: Option<Arc<JetStream>>,
        metrics: Arc<Metrics>,
        clock: Clock,
        bytes_per_second: Option<u64>,
    ) -> Self {
        Self {
            dead_letters: DeadLetters::new(Arc::clone(&streams)),
            streams,
            jetstream,
            metrics,
            clock,
            bytes_per_second: Mutex::new(bytes_per_second),
            lanes: Mutex::default(),
            birth: Mutex::default(),
            unborn: Mutex::default(),
            producers: Producers::default(),
            closed: RwLock::default(),
        }
    }

    /// Refuses every text from now on, and waits for those that are being published.
    pub fn close(&self) {
        *self.closed.write() = true;
    }

    /// Takes so many bytes a second per stream from now on; `None` is no limit.
    pub fn limit(&self, bytes_per_second: Option<u64>) {
        *self.bytes_per_second.lock() = bytes_per_second;
    }

    /// Whether a text may be published to a stream now; counts its bytes against the stream's limit.
    ///
    /// # Errors
    /// [`IngestError`] when the way in is closed, the name is bad or reserved, or the stream has had too many bytes.
    pub fn admit(&self, stream: &str, bytes: usize) -> Result<(), IngestError> {
        if *self.closed.read_recursive() {
            return Err(IngestError::Closed);
        }
        check_stream_name(stream).map_err(CreateError::from)?;
        if stream.starts_with(RESERVED_PREFIX) {
            return Err(IngestError::Reserved(stream.to_owned()));
        }
        let Some(limit) = *self.bytes_per_second.lock() else { return Ok(()) };
        let now = (self.clock)();
        let taken = match self.lane(stream) {
            Some(lane) => lane.budget.lock().take(bytes, limit, now),
            None => self.unborn.lock().take(bytes, limit, now),
        };
        taken.map_err(|retry_seconds| IngestError::TooFast {
            stream: stream.to_owned(),
            limit,
            retry_seconds,
        })
    }

    /// Waits until what was published to a stream may be acknowledged, as its log promises.
    ///
    /// # Errors
    /// [`IngestError::Disk`] or [`IngestError::JetStream`] when that does not take it.
    pub async fn settled(&self, stream: &str) -> Result<(), IngestError> {
        if let Some(jetstream) = &self.jetstream {
            return Ok(jetstream.settled(stream).await?);
        }
        match self.streams.get(stream) {
            Some(stream) => Ok(stream.settled().await?),
            None => Ok(()),
        }
    }

    /// Waits until what was published to a stream is in its log, on disk or in JetStream if it has one there.
    ///
    /// # Errors
    /// As [`Ingest::settled`].
    pub async fn logged(&self, stream: &str) -> Result<(), IngestError> {
        if let Some(jetstream) = &self.jetstream {
            return Ok(jetstream.settled(stream).await?);
        }
        match self.streams.get(stream) {
            Some(stream) => Ok(stream.logged().await?),
            None => Ok(()),
        }
    }

    /// Whether the log is what a stream waits for, so that a source is better not read.
    pub fn waits_for_log(&self, stream: &str) -> bool {
        self.usable(stream).is_err() && !*self.closed.read_recursive()
    }

    /// Whether the log takes what is published to a stream.
    fn usable(&self, stream: &str) -> Result<(), IngestError> {
        if let Some(jetstream) = &self.jetstream {
            return Ok(jetstream.usable(stream)?);
        }
        Ok(self.streams.get(stream).map_or(Ok(()), |stream| stream.usable())?)
    }

    /// Publishes the events of a text; the first accepted ones create the stream.
    ///
    /// # Errors
    /// [`IngestError::Create`] when the stream does not exist and cannot be created, [`IngestError::Closed`] after
    /// [`Ingest::close`], [`IngestError::Disk`]; nothing was published then, and what the text holds is counted as
    /// rejected. A disk that begins to refuse within a text of several chunks leaves those before.
    pub fn publish(
        &self,
        stream: &str,
        format: Format,
        text: &[u8],
        first_line: u64,
    ) -> Result<Outcome, IngestError> {
        self.publish_as(None, stream, format, text, first_line)
    }

    fn publish_as(
        &self,
        ticket: Option<&Ticket>,
        stream: &str,
        format: Format,
        text: &[u8],
        first_line: u64,
    ) -> Result<Outcome, IngestError> {
        // Does not queue behind a closer that waits, which a handler would spend on a worker thread.
        let closed = self.closed.read_recursive();
        let mut outcome = Outcome::default();
        let mut raw = RawLines::new(format, text);
        let mut reader = TextReader::new(format, text);
        // Once for the whole text, so that a disk that is slow takes it or not.
        if let Err(fault) = self.usable(stream) {
            self.count_lost(stream, 0, reader);
            return Err(fault);
        }
        let mut sent = 0;
        // Reading a slice cannot fail, so an error would be a reader that ended: the same as `None`.
        while let Ok(Some(chunk)) = reader.next_chunk(CHUNK_ROWS) {
            let events = (chunk.rows.len() + chunk.rejected.len()) as u64;
            let taken = match &self.jetstream {
                _ if *closed => Err(IngestError::Closed),
                Some(jetstream) => jetstream.take(stream, chunk, ticket, &mut sent).map_err(Into::into),
                None => self.take(stream, chunk),
            };
            let (accepted, mut rejected) = match taken {
                Ok(taken) => taken,
                Err(error) => {
                    self.count_lost(stream, events, reader);
                    return Err(error);
                }
            };
            outcome.accepted += accepted;
            outcome.rejected_total += rejected.len() as u64;
            let raws: Vec<_> = rejected.iter().map(|rejection| raw.line(rejection.line)).collect();
            for rejection in &mut rejected {
                rejection.line += first_line - 1;
            }
            self.dead_letters.keep(stream, &rejected, &raws, (self.clock)());
            let room = LISTED_REJECTIONS - outcome.rejected.len();
            outcome.rejected.extend(rejected.into_iter().take(room));
        }
        Ok(outcome)
    }

    /// As [`Ingest::publish`], but a text that its producer has numbered is published once, however often it is sent.
    ///
    /// # Errors
    /// As [`Ingest::publish`], which leaves the number free, and [`IngestError::Forgotten`].
    pub fn publish_once(
        &self,
        ticket: Option<&Ticket>,
        stream: &str,
        format: Format,
        text: &[u8],
        first_line: u64,
    ) -> Result<Taken, IngestError> {
        let Some(numbered @ Ticket { producer, sequence }) = ticket else {
            let outcome = self.publish(stream, format, text, first_line)?;
            return Ok(Taken { outcome, is_duplicate: false });
        };
        let texts = self.producers.get(stream, producer);
        // Held while the text is published: the same text sent twice at once waits for its own outcome.
        let mut texts = texts.lock();
        match texts.look(*sequence) {
            Seen::Done(outcome) => return Ok(Taken { outcome, is_duplicate: true }),
            Seen::Forgotten => {
                return Err(IngestError::Forgotten { producer: producer.clone(), sequence: *sequence });
            }
            Seen::New => {}
        }
        let outcome = self.publish_as(Some(numbered), stream, format, text, first_line)?;
        texts.done(*sequence, &outcome);
        Ok(Taken { outcome, is_duplicate: false })
    }

    /// Counts the events of a text that is given up: `first`, and what its reader still holds.
    fn count_lost(&self, stream: &str, first: u64, mut reader: TextReader<&[u8]>) {
        let mut events = first;
        while let Ok(Some(chunk)) = reader.next_chunk(CHUNK_ROWS) {
            events += (chunk.rows.len() + chunk.rejected.len()) as u64;
        }
        self.count_rejected(stream, events);
    }

    fn count_rejected(&self, stream: &str, events: u64) {
        let lane = self.lane(stream);
        lane.as_ref().map_or(&self.metrics.no_stream, |lane| lane.stream.meters()).count(0, events);
    }

    /// Counts and keeps rows that were refused before they could be read.
    pub fn refuse(&self, stream: &str, rejection: Rejection) {
        let closed = self.closed.read_recursive();
        self.count_rejected(stream, 1);
        if !*closed {
            self.dead_letters.keep(stream, &[rejection], &[None], (self.clock)());
        }
    }

    fn take(&self, stream: &str, chunk: Chunk) -> Result<(u64, Vec<Rejection>), IngestError> {
        if let Some(lane) = self.lane(stream) {
            return self.take_into(&lane, chunk);
        }
        let _birth = self.birth.lock();
        if let Some(lane) = self.lane(stream) {
            return self.take_into(&lane, chunk);
        }
        self.bear(stream, chunk)
    }

    /// The lane of a stream that exists.
    fn lane(&self, name: &str) -> Option<Arc<Lane>> {
        let mut lanes = self.lanes.lock();
        if let Some(lane) = lanes.get(name) {
            return Some(Arc::clone(lane));
        }
        let stream = self.streams.get(name)?;
        let schema = stream.with_log(|log| log.schema().as_ref().clone());
        let intake = if stream.goes_on_inferring() {
            Intake::going_on(schema)
        } else {
            // Made by a declaration or a recording: its schema is fixed.
            Intake::with_schema(schema)
        };
        let lane = Arc::new(Lane { stream, intake: Mutex::new(intake), budget: Mutex::default() });
        lanes.insert(name.to_owned(), Arc::clone(&lane));
        Some(lane)
    }

    fn take_into(&self, lane: &Lane, chunk: Chunk) -> Result<(u64, Vec<Rejection>), IngestError> {
        let now = (self.clock)();
        let mut intake = lane.intake.lock();
        let taken = intake.take(chunk, Some(now));
        let accepted = taken.batch.len() as u64;
        if let Some(schema) = intake.schema() {
            lane.stream.publish(schema, taken.batch, now)?;
        }
        lane.stream.meters().count(accepted, taken.rejected.len() as u64);
        Ok((accepted, taken.rejected))
    }

    /// The first events of a new stream. Called under the birth lock.
    fn bear(&self, name: &str, chunk: Chunk) -> Result<(u64, Vec<Rejection>), IngestError> {
        let now = (self.clock)();
        let mut intake = Intake::inferred();
        let taken = intake.take(chunk, Some(now));
        let (accepted, rejected) = (taken.batch.len() as u64, taken.rejected);
        let schema = match intake.schema() {
            Some(schema) if accepted > 0 => schema.clone(),
            _ => {
                self.metrics.no_stream.count(0, rejected.len() as u64);
                return Ok((0, rejected));
            }
        };
        // Under the lanes' lock, so that nobody makes a lane of a fixed schema in between.
        let mut lanes = self.lanes.lock();
        let stream = self.streams.create(name, schema.clone())?;
        let lane = Lane { stream: Arc::clone(&stream), intake: Mutex::new(intake), budget: Mutex::default() };
        lanes.insert(name.to_owned(), Arc::new(lane));
        // Still under that lock, so that these events come first.
        stream.publish(&schema, taken.batch, now)?;
        stream.meters().count(accepted, rejected.len() as u64);
        Ok((accepted, rejected))
    }
}
