//! Sends what lies between the cursors and the heads.

use std::sync::Arc;
use std::time::Duration;

use spate_shared::time::Nanos;
use spate_shared::wire::{CloseCode, GapReason, Policy, ServerMessage, WireError};
use tokio::time::Instant;

use super::recall::Recall;
use super::{Allowance, End, Session};
use crate::log::{Chunk, Framed, MAX_SEGMENTS, Read, SEAL_BYTES, Segment, conflate};

/// Bytes one stream may send before the next has its turn and the client is heard again.
const TURN_BYTES: usize = 256 << 10;
/// A client that has more events than this to wait for is behind.
const BEHIND_EVENTS: u64 = 10_000;
/// A client whose next event was sealed longer ago than this is behind.
const BEHIND_NANOS: Nanos = 2_000_000_000;
/// Shortest time between two lag notices of one stream.
pub(super) const NOTICE_EVERY: Duration = Duration::from_secs(1);

impl Session<'_> {
    /// One turn for every stream. Whether more could be sent at once.
    pub(super) async fn pump(&mut self) -> Result<bool, End> {
        self.announce().await?;
        let now = Instant::now();
        if let Some(allowance) = &mut self.allowance {
            allowance.refill(now);
        }
        let mut more = false;
        let mut fed = false;
        for at in 0..self.subscriptions.len() {
            let (turn_fed, turn_more) = self.turn(at, now).await?;
            self.subscriptions[at].show_cursor();
            fed |= turn_fed;
            more |= turn_more;
        }
        for at in 0..self.subscriptions.len() {
            let subscription = &mut self.subscriptions[at];
            if subscription.skipped_from.is_some() && subscription.skipped_due <= now {
                let cursor = subscription.cursor;
                self.declare_skipped(at, cursor).await?;
                fed = true;
            }
        }
        if fed {
            self.socket.flush().await?;
        }
        self.notice_lag(more, now).await?;
        Ok(more)
    }

    /// Whether anything may be sent for a subscription now.
    pub(super) fn may_send(&self, at: usize, now: Instant) -> bool {
        self.has_credit() && self.subscriptions[at].not_before <= now
    }

    pub(super) fn has_credit(&self) -> bool {
        self.credit.is_none_or(|credit| credit > 0) && self.allowance.as_ref().is_none_or(Allowance::is_some)
    }

    /// Feeds segments of one stream: whether any, and whether there are more.
    async fn turn(&mut self, at: usize, now: Instant) -> Result<(bool, bool), End> {
        let subscription = &mut self.subscriptions[at];
        subscription.head.mark_unchanged();
        if subscription.stream.epoch() != subscription.epoch {
            // Like a relay that starts again: the client comes back and is told that the stream began anew.
            return Err(End::draining());
        }
        let mut sent = 0;
        while self.may_send(at, now) {
            if sent >= TURN_BYTES {
                return Ok((true, true));
            }
            let subscription = &mut self.subscriptions[at];
            if let Some(recall) = &mut subscription.recall {
                let Some(chunk) = recall.take() else { break };
                subscription.recall = None;
                sent += self.feed_all(at, chunk).await?;
                continue;
            }
            let is_live = sent > 0 && subscription.waiting() == 0;
            let read = if is_live { Read::Live } else { subscription.stream.read(subscription.cursor) };
            match read {
                Read::Live => {
                    if sent > 0 && !self.rate.is_zero() {
                        subscription.not_before = now + self.rate;
                    }
                    break;
                }
                Read::Missing { to, reason } => self.pass_over(at, to, reason).await?,
                Read::Archived(archive, stretch) => {
                    let budget = if self.conflates(at) { TURN_BYTES } else { SEAL_BYTES };
                    let subscription = &mut self.subscriptions[at];
                    subscription.recall = Some(Recall::begin(&subscription.stream, archive, stretch, budget));
                }
                Read::Segment(_) if self.conflates(at) => {
                    let subscription = &self.subscriptions[at];
                    let segments = subscription.stream.run(subscription.cursor, MAX_SEGMENTS);
                    sent += self.conflate(at, &segments).await?;
                }
                Read::Segment(segment) => sent += self.feed(at, &segment).await?,
            }
        }
        Ok((sent > 0, false))
    }

    /// Goes on at `to`, since no event before it can be given.
    async fn pass_over(&mut self, at: usize, to: u64, reason: GapReason) -> Result<(), End> {
        let subscription = &mut self.subscriptions[at];
        let from = std::mem::replace(&mut subscription.cursor, to);
        let name = subscription.stream.name();
        let why = match reason {
            GapReason::Trimmed => format!("fell off the ring of {name:?} at offset {from}"),
            GapReason::Unreachable => format!("{name:?} cannot be read back at offset {from} now"),
            // Nor could they be given to a client that comes back.
            GapReason::NoEvent | GapReason::Damaged => String::new(),
        };
        if subscription.policy == Policy::Close && !why.is_empty() {
            return Err(End::Close(CloseCode::TooSlow, why));
        }
        let (id, epoch) = (subscription.stream.id(), subscription.epoch);
        self.declare_skipped(at, from).await?;
        self.declare_gap(id, epoch, (from, to), reason).await
    }

    /// Feeds what was read below the ring; its bytes on the wire.
    async fn feed_all(&mut self, at: usize, chunk: Chunk) -> Result<usize, End> {
        let segments = match chunk {
            Chunk::Segments(segments) => segments,
            Chunk::Missing { to, reason } => return self.pass_over(at, to, reason).await.map(|()| 0),
        };
        if self.conflates(at) {
            return self.conflate(at, &segments).await;
        }
        let mut sent = 0;
        for segment in segments {
            if !self.has_credit() {
                break;
            }
            sent += self.feed(at, &segment).await?;
        }
        Ok(sent)
    }

    fn conflates(&self, at: usize) -> bool {
        let subscription = &self.subscriptions[at];
        subscription.policy == Policy::Conflate && self.lags(at, subscription.waiting())
    }

    /// Feeds the latest events of the next segments; their bytes on the wire.
    async fn conflate(&mut self, at: usize, segments: &[Arc<Segment>]) -> Result<usize, End> {
        self.announce().await?;
        let subscription = &self.subscriptions[at];
        let cursor = subscription.cursor;
        let Some(first) = segments.first() else { return Ok(0) };
        let selection = subscription.selection.as_deref();
        let frame = match conflate(segments, cursor, selection) {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(0),
            Err(error) => return Err(undecodable(subscription.stream.name(), &error)),
        };
        let schema = selection.map(|selection| selection.schema(first.schema()));
        let schema = schema.as_ref().unwrap_or(first.schema());
        let message = self.socket.twin().selected(&frame, subscription.stream.name(), schema);
        self.subscriptions[at].cursor = frame.end();
        self.declare_skipped(at, cursor).await?;
        self.relay.metrics.conflated_events.increment(u64::from(frame.span - frame.header.rows));
        self.deliver(message, u64::from(frame.header.rows)).await
    }

    /// Feeds one segment; its bytes on the wire.
    async fn feed(&mut self, at: usize, segment: &Arc<Segment>) -> Result<usize, End> {
        // The log lists a schema among the changes before a segment that uses it can be read, so this is in time.
        self.announce().await?;
        let subscription = &mut self.subscriptions[at];
        let cursor = std::mem::replace(&mut subscription.cursor, segment.end());
        let (twin, selection) = (self.socket.twin(), subscription.selection.as_ref());
        let shown = match twin.show(segment, cursor, selection, subscription.stream.name()) {
            Ok(shown) => shown,
            Err(error) => return Err(undecodable(subscription.stream.name(), &error)),
        };
        let Some(shown) = shown else {
            if subscription.skipped_from.is_none() {
                subscription.skipped_from = Some(cursor);
                subscription.skipped_due = Instant::now() + NOTICE_EVERY;
            }
            // It costs a look at every event, so it counts against the turn.
            return Ok(segment.size_bytes() / 8);
        };
        self.declare_skipped(at, shown.base).await?;
        self.deliver(shown.message, u64::from(shown.rows)).await
    }

    /// Feeds a data frame; its bytes on the wire.
    async fn deliver(&mut self, message: Framed, events: u64) -> Result<usize, End> {
        let bytes = message.payload().len();
        let metrics = &self.relay.metrics;
        metrics.frames_sent.increment(1);
        metrics.events_sent.increment(events);
        metrics.bytes_sent.increment(bytes as u64);
        self.credit = self.credit.map(|credit| credit.saturating_sub(bytes as i64));
        if let Some(allowance) = &mut self.allowance {
            allowance.spend(bytes);
        }
        self.socket.feed(&message).await?;
        Ok(bytes)
    }

    /// Tells the client how far behind it is: at most once a second, and once when it no longer is.
    ///
    /// A client that is being sent its history (`more`, or what is read back) is told only when that takes longer than a second.
    async fn notice_lag(&mut self, more: bool, now: Instant) -> Result<(), End> {
        for at in 0..self.subscriptions.len() {
            let waiting = self.subscriptions[at].waiting();
            let lags = waiting > 0 && self.lags(at, waiting);
            let subscription = &mut self.subscriptions[at];
            let events = if lags {
                let since = *subscription.behind_since.get_or_insert(now);
                let is_under_way = more || subscription.recall.is_some();
                let patient = is_under_way && now.duration_since(since) < NOTICE_EVERY;
                let told =
                    subscription.told_behind.is_some_and(|told| now.duration_since(told) < NOTICE_EVERY);
                if patient || told {
                    continue;
                }
                subscription.told_behind = Some(now);
                waiting
            } else {
                subscription.behind_since = None;
                if waiting > 0 || subscription.told_behind.take().is_none() {
                    continue;
                }
                0
            };
            self.relay.metrics.behind.increment(1);
            let stream = subscription.stream.id();
            self.socket.send(&ServerMessage::Behind { stream, events }).await?;
        }
        Ok(())
    }

    fn lags(&self, at: usize, waiting: u64) -> bool {
        let subscription = &self.subscriptions[at];
        let patience = BEHIND_NANOS.saturating_add(self.rate.as_nanos() as Nanos);
        waiting > BEHIND_EVENTS
            || match subscription.stream.read(subscription.cursor) {
                Read::Segment(segment) => (self.relay.clock)().saturating_sub(segment.sealed()) > patience,
                Read::Archived(..) | Read::Missing { reason: GapReason::Trimmed, .. } => true,
                Read::Live | Read::Missing { .. } => false,
            }
    }
}

fn undecodable(stream: &str, error: &WireError) -> End {
    tracing::error!(stream, %error, "a segment does not decode");
    End::Gone
}
