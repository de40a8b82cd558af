//! What is ingested here and not in JetStream yet, of one stream.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use bytes::Bytes;
use parking_lot::Mutex;
use spate_shared::text::{Chunk, Intake, Rejection};
use spate_shared::time::Nanos;
use tokio::sync::{Notify, watch};

use super::catalog::Entry;
use super::{JetStream, JetStreamFault};
use crate::metrics::StreamMeters;
use crate::source::producer::Ticket;

/// Most bytes of events that wait.
pub(crate) const MAX_WAITING_BYTES: usize = 32 << 20;
/// Messages that are on their way together.
const CHUNK: usize = 1_024;
/// First wait after a refusal; doubled up to [`RETRY_LIMIT`].
const RETRY: Duration = Duration::from_millis(100);
/// Longest wait.
const RETRY_LIMIT: Duration = Duration::from_secs(2);
/// Room that a message's headers take from what one may hold.
const HEADER_BYTES: usize = 1 << 10;

/// One event on its way.
struct Outgoing {
    id: String,
    event: Bytes,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<Outgoing>,
    bytes: usize,
    /// Events that were ever queued.
    queued: u64,
}

pub(super) struct Outlet {
    name: String,
    /// Numbers the events of producers that do not: unlike any other outlet's.
    run: u64,
    intake: Mutex<Intake>,
    queue: Mutex<Queue>,
    woken: Notify,
    /// Events that JetStream ever acknowledged.
    stored: watch::Sender<u64>,
    fault: watch::Sender<Option<JetStreamFault>>,
    meters: StreamMeters,
    max_event_bytes: usize,
}

impl Outlet {
    pub(super) fn new(jetstream: &JetStream, name: &str) -> Self {
        let intake = jetstream.known.read().get(name).map_or_else(Intake::inferred, Entry::intake);
        let max_payload = jetstream.context.client().server_info().max_payload;
        Self {
            name: name.to_owned(),
            run: fastrand::u64(..),
            intake: Mutex::new(intake),
            queue: Mutex::default(),
            woken: Notify::new(),
            stored: watch::Sender::new(0),
            fault: watch::Sender::new(None),
            meters: jetstream.metrics.stream(name),
            max_event_bytes: max_payload.saturating_sub(HEADER_BYTES),
        }
    }

    /// Goes on from what all relays know, unless more was seen here.
    pub(super) fn learn(&self, entry: &Entry) {
        let mut intake = self.intake.lock();
        if !entry.is_inferred || intake.schema().is_none_or(|schema| entry.schema.extends(schema)) {
            *intake = entry.intake();
        }
    }

    /// Queues the events of a chunk: how many, and what was not taken.
    pub(super) fn take(
        &self,
        chunk: Chunk,
        ticket: Option<&Ticket>,
        sent: &mut u64,
        now: Nanos,
    ) -> (u64, Vec<Rejection>) {
        let lines: Vec<u64> = chunk.rows.iter().map(|row| row.line).collect();
        // One text after the other, so that events stay in order.
        let mut intake = self.intake.lock();
        let taken = intake.take(chunk, Some(now));
        let (batch, mut rejected) = (taken.batch, taken.rejected);
        let is_taken = |line: &u64| rejected.binary_search_by_key(line, |rejection| rejection.line).is_err();
        let lines: Vec<u64> = lines.into_iter().filter(is_taken).collect();
        let mut accepted = 0;
        if let Some(schema) = intake.schema() {
            let mut queue = self.queue.lock();
            for (row, line) in lines.into_iter().enumerate() {
                let event = batch.event_json(schema, row).to_string();
                if event.len() > self.max_event_bytes {
                    let (len, most) = (event.len(), self.max_event_bytes);
                    let reason = format!("an event of {len} bytes is more than JetStream takes, {most}");
                    rejected.push(Rejection { line, field: None, reason });
                    continue;
                }
                let id = match ticket {
                    Some(Ticket { producer, sequence }) => format!("{producer}/{sequence}/{sent}"),
                    None => format!("{:x}/{}", self.run, queue.queued),
                };
                *sent += 1;
                accepted += 1;
                queue.queued += 1;
                queue.bytes += event.len();
                queue.events.push_back(Outgoing { id, event: event.into() });
            }
        }
        self.woken.notify_one();
        self.meters.count(accepted, rejected.len() as u64);
        (accepted, rejected)
    }

    pub(super) fn usable(&self) -> Result<(), JetStreamFault> {
        if let Some(fault) = self.fault.borrow().clone() {
            return Err(fault);
        }
        if self.waiting_bytes() > MAX_WAITING_BYTES { Err(JetStreamFault::Slow) } else { Ok(()) }
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.queue.lock().bytes
    }

    /// Waits until JetStream has what was queued before.
    pub(super) async fn settled(&self) -> Result<(), JetStreamFault> {
        let end = self.queue.lock().queued;
        let (mut stored, mut fault) = (self.stored.subscribe(), self.fault.subscribe());
        loop {
            if *stored.borrow_and_update() >= end {
                return Ok(());
            }
            if let Some(fault) = fault.borrow_and_update().clone() {
                return Err(fault);
            }
            // Both live as long as this outlet.
            tokio::select! {
                _ = stored.changed() => {}
                _ = fault.changed() => {}
            }
        }
    }

    /// Publishes what is queued, in order, each chunk until JetStream has all of it.
    pub(super) async fn run(self: Arc<Self>, jetstream: Arc<JetStream>) {
        let mut is_made = false;
        loop {
            let chunk: Vec<_> = {
                let queue = self.queue.lock();
                let outgoing = queue.events.iter().take(CHUNK);
                outgoing.map(|outgoing| (outgoing.id.clone(), outgoing.event.clone())).collect()
            };
            if chunk.is_empty() {
                self.woken.notified().await;
                continue;
            }
            let mut wait = RETRY;
            while let Err(why) = self.publish(&jetstream, &chunk, &mut is_made).await {
                let fault = JetStreamFault::Refused(why);
                if self.fault.borrow().is_none() {
                    tracing::error!(stream = self.name, %fault, "events are refused until JetStream takes them");
                }
                self.fault.send_replace(Some(fault));
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(RETRY_LIMIT);
            }
            {
                let mut queue = self.queue.lock();
                for (_, event) in &chunk {
                    queue.bytes -= event.len();
                    queue.events.pop_front();
                }
            }
            self.stored.send_modify(|stored| *stored += chunk.len() as u64);
            if self.fault.send_if_modified(|fault| fault.take().is_some()) {
                tracing::info!(stream = self.name, "JetStream takes events again");
            }
        }
    }

    /// Publishes a chunk; a stream that is not there is made first.
    async fn publish(
        &self,
        jetstream: &JetStream,
        chunk: &[(String, Bytes)],
        is_made: &mut bool,
    ) -> Result<(), String> {
        if *is_made {
            match self.send(jetstream, chunk).await {
                Err(error) if error.kind() == PublishErrorKind::StreamNotFound => {}
                sent => return sent.map_err(|error| error.to_string()),
            }
        }
        self.make(jetstream).await?;
        *is_made = true;
        self.send(jetstream, chunk).await.map_err(|error| error.to_string())
    }

    /// Sends a chunk and waits for all acknowledgements. What is sent again is known by its id.
    async fn send(&self, jetstream: &JetStream, chunk: &[(String, Bytes)]) -> Result<(), PublishError> {
        let subject = jetstream.subject(&self.name);
        let mut acknowledgements = Vec::with_capacity(chunk.len());
        for (id, event) in chunk {
            let message = PublishMessage::build().payload(event.clone()).message_id(id);
            acknowledgements.push(jetstream.context.send_publish(subject.clone(), message).await?);
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await?;
        }
        Ok(())
    }

    /// Makes the stream, and says so to all relays.
    async fn make(&self, jetstream: &JetStream) -> Result<(), String> {
        let created = jetstream.make(&self.name).await?;
        if jetstream.catalog.get(&self.name).await?.is_some() {
            return Ok(());
        }
        let schema = self.intake.lock().schema().cloned();
        let Some(schema) = schema else { return Ok(()) };
        // Whoever is first says what the stream is; its followers add what is missing.
        jetstream.catalog.put(&self.name, &Entry::new(created, true, schema), None).await.map(|_| ())
    }
}
