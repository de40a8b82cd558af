//! The log of one stream, without locks or timers: time is an argument.

use std::collections::VecDeque;
use std::sync::Arc;

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
use spate_shared::wire::{DataHeader, GapReason};

use super::disk::Store;
use super::pace::Cadence;
use super::{Archive, Pace, Segment, Stretch};

/// Value bytes at which a batch is sealed.
pub const SEAL_BYTES: usize = 64 << 10;
/// Events at which a batch is sealed.
pub const SEAL_ROWS: usize = 4_096;

/// How many of the newest segments keep their JSON twin.
const JSON_SEGMENTS: usize = 16;

/// How much history a stream keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ring {
    /// Most bytes of sealed segments. The newest segment is kept whatever its size.
    pub bytes: usize,
    /// Oldest age of a segment, counted from its seal; applied whenever a segment is sealed.
    pub age: Nanos,
}

/// What lies at a cursor.
#[derive(Clone)]
pub enum Read {
    /// The segment that holds the cursor's event.
    Segment(Arc<Segment>),
    /// Nothing yet: the cursor is the head.
    Live,
    /// The event is not in the ring; this has it, as far as is known.
    Archived(Arc<dyn Archive>, Stretch),
    /// No event before `to` can be given.
    Missing {
        /// The next offset that may be read.
        to: u64,
        /// Why.
        reason: GapReason,
    },
}

/// Sequencer, open batch and ring of one stream.
pub struct Log {
    stream: u32,
    epoch: u64,
    ring: Ring,
    schema: Arc<Schema>,
    open: Batch,
    open_bytes: usize,
    segments: VecDeque<Arc<Segment>>,
    bytes: usize,
    /// Offset after the last event that readers see.
    head: u64,
    /// Offset after the last sealed event.
    sealed: u64,
    /// What has the events that the ring no longer has.
    archive: Option<Arc<dyn Archive>>,
    /// Whether segments have to be written before readers see them.
    is_written_first: bool,
    /// Sealed and not written yet.
    unwritten: VecDeque<Arc<Segment>>,
    unwritten_bytes: usize,
    cadence: Cadence,
    sealed_segments: u64,
    trimmed_events: u64,
}

impl Log {
    /// An empty log.
    pub fn new(stream: u32, epoch: u64, schema: Schema, ring: Ring) -> Self {
        let open = Batch::empty(&schema);
        Self {
            stream,
            epoch,
            ring,
            schema: Arc::new(schema),
            open,
            open_bytes: 0,
            segments: VecDeque::new(),
            bytes: 0,
            head: 0,
            sealed: 0,
            archive: None,
            is_written_first: false,
            unwritten: VecDeque::new(),
            unwritten_bytes: 0,
            cadence: Cadence::new(Pace::default()),
            sealed_segments: 0,
            trimmed_events: 0,
        }
    }

    /// Goes on at offset `head` of a log on disk.
    #[must_use]
    pub fn on_disk(self, store: Arc<Store>, head: u64) -> Self {
        Self { archive: Some(store), is_written_first: true, head, sealed: head, ..self }
    }

    /// An empty log of another epoch, kept as this one is.
    pub(super) fn anew(&self, epoch: u64, schema: Schema) -> Self {
        let log = Self::new(self.stream, epoch, schema, self.ring).paced(self.cadence.pace());
        Self { archive: self.archive.clone(), ..log }
    }

    /// Begins at an offset that another sequencer gives.
    #[must_use]
    pub fn starting_at(self, offset: u64) -> Self {
        Self { head: offset, sealed: offset, ..self }
    }

    /// Has this for what the ring no longer has.
    #[must_use]
    pub fn behind(self, archive: Arc<dyn Archive>) -> Self {
        Self { archive: Some(archive), ..self }
    }

    /// Goes on at a later offset: those up to it are of no event. What is open is sealed first.
    pub fn pass(&mut self, offset: u64, now: Nanos) {
        if offset <= self.appended() {
            return;
        }
        self.seal(now);
        self.sealed = offset;
        // Nobody has read anything here, so there is nothing to miss.
        if self.segments.is_empty() {
            self.head = offset;
        }
    }

    /// Seals at another pace.
    #[must_use]
    pub fn paced(self, pace: Pace) -> Self {
        Self { cadence: Cadence::new(pace), ..self }
    }

    /// Seals as often as so many readers call for.
    pub fn follow_readers(&mut self, readers: usize) {
        self.cadence.follow_readers(readers);
    }

    /// Shortest time between two seals of a busy stream.
    pub fn interval(&self) -> Nanos {
        self.cadence.interval()
    }

    /// Follows a new schema: what was appended under the old one is sealed first. Whether it was new.
    pub fn set_schema(&mut self, schema: &Schema, now: Nanos) -> bool {
        if *self.schema == *schema {
            return false;
        }
        self.seal(now);
        self.schema = Arc::new(schema.clone());
        self.open = Batch::empty(schema);
        true
    }

    /// Gives the events their offsets. The batch follows the current schema.
    ///
    /// Returns when [`Log::seal`] is due; `None` when nothing is left open.
    pub fn append(&mut self, batch: Batch, now: Nanos) -> Option<Nanos> {
        let idle = self.open.is_empty() && self.cadence.due() <= now;
        self.fill(batch, now);
        if idle {
            self.seal(now);
        }
        self.due()
    }

    /// When [`Log::seal`] is due, see [`Cadence::due`]; `None` when nothing is open.
    pub fn due(&self) -> Option<Nanos> {
        (!self.open.is_empty()).then(|| self.cadence.due())
    }

    fn fill(&mut self, batch: Batch, now: Nanos) {
        let rows = batch.len();
        let row_bytes = (batch.size_bytes() / rows.max(1)).max(1);
        if self.open.is_empty() && rows <= SEAL_ROWS && rows * row_bytes <= SEAL_BYTES {
            self.open_bytes = rows * row_bytes;
            self.open = batch;
            return;
        }
        let mut at = 0;
        while at < rows {
            let by_bytes = SEAL_BYTES.saturating_sub(self.open_bytes) / row_bytes;
            let room = (SEAL_ROWS - self.open.len()).min(by_bytes.max(usize::from(self.open.is_empty())));
            if room == 0 {
                self.seal(now);
                continue;
            }
            let end = rows.min(at + room);
            self.open.extend_from(&batch, at..end);
            self.open_bytes += (end - at) * row_bytes;
            at = end;
        }
    }

    /// Seals the open batch, if it holds anything, and trims the ring. Whether there was anything.
    pub fn seal(&mut self, now: Nanos) -> bool {
        if self.open.is_empty() {
            return false;
        }
        let batch = std::mem::replace(&mut self.open, Batch::empty(&self.schema));
        self.open_bytes = 0;
        let header = DataHeader {
            stream: self.stream,
            schema: self.schema.version,
            epoch: self.epoch,
            base: self.sealed,
            rows: batch.len() as u32,
            sealed: now,
        };
        let segment = Arc::new(Segment::seal(header, Arc::clone(&self.schema), batch));
        self.sealed = segment.end();
        self.cadence.sealed(now);
        self.sealed_segments += 1;
        if self.is_written_first {
            self.unwritten_bytes += segment.size_bytes();
            self.unwritten.push_back(segment);
        } else {
            self.show(segment, now);
        }
        true
    }

    /// Shows readers the segments before offset `end`, which are on disk.
    pub fn written(&mut self, end: u64, now: Nanos) {
        while let Some(segment) = self.unwritten.pop_front_if(|first| first.end() <= end) {
            self.unwritten_bytes -= segment.size_bytes();
            self.show(segment, now);
        }
    }

    fn show(&mut self, segment: Arc<Segment>, now: Nanos) {
        self.head = segment.end();
        self.bytes += segment.size_bytes();
        self.segments.push_back(segment);
        if let Some(old) = self.segments.len().checked_sub(JSON_SEGMENTS + 1) {
            self.segments[old].forget_forms();
        }
        self.trim(now);
    }

    /// Segments that are sealed and not written yet, in order.
    pub fn unwritten(&self) -> Vec<Arc<Segment>> {
        self.unwritten.iter().cloned().collect()
    }

    /// Their bytes.
    pub fn unwritten_bytes(&self) -> usize {
        self.unwritten_bytes
    }

    /// Offset after the last event that was appended, sealed or not.
    pub fn appended(&self) -> u64 {
        self.sealed + self.open.len() as u64
    }

    fn trim(&mut self, now: Nanos) {
        let oldest_seal = now.saturating_sub(self.ring.age);
        while self.segments.len() > 1
            && let Some(first) = self.segments.front()
            && (self.bytes > self.ring.bytes || first.sealed() < oldest_seal)
        {
            self.bytes -= first.size_bytes();
            self.trimmed_events += u64::from(first.header().rows);
            self.segments.pop_front();
        }
    }

    /// What lies at `cursor`, which is at most the head.
    pub fn read(&self, cursor: u64) -> Read {
        let in_ring = self.ring_oldest();
        if cursor < in_ring {
            return match self.archive_from().filter(|(_, oldest)| *oldest <= cursor) {
                Some((archive, _)) => {
                    let (stream, epoch, offsets) = (self.stream, self.epoch, cursor..in_ring);
                    Read::Archived(Arc::clone(archive), Stretch { stream, epoch, offsets })
                }
                None => Read::Missing { to: self.oldest(), reason: GapReason::Trimmed },
            };
        }
        // Nearly every reader is at the newest segment, or behind it.
        let at = match self.segments.back() {
            Some(last) if last.end() <= cursor => return Read::Live,
            Some(last) if last.header().base <= cursor => self.segments.len() - 1,
            _ => self.segments.partition_point(|segment| segment.end() <= cursor),
        };
        match self.segments.get(at) {
            None => Read::Live,
            Some(segment) if segment.header().base > cursor => {
                Read::Missing { to: segment.header().base, reason: GapReason::NoEvent }
            }
            Some(segment) => Read::Segment(Arc::clone(segment)),
        }
    }

    /// The segments of one schema that follow each other from the one at `cursor` on, at most `most`; none when that one has
    /// left the ring.
    pub fn run(&self, cursor: u64, most: usize) -> Vec<Arc<Segment>> {
        let at = self.segments.partition_point(|segment| segment.end() <= cursor);
        let Some(first) = self.segments.get(at).filter(|first| first.header().base <= cursor) else {
            return Vec::new();
        };
        let mut end = first.header().base;
        let follows = |segment: &&Arc<Segment>| {
            let header = segment.header();
            header.schema == first.header().schema
                && std::mem::replace(&mut end, segment.end()) == header.base
        };
        self.segments.range(at..).take(most).take_while(follows).cloned().collect()
    }

    /// Whether what was sealed at `since` or later is in the ring.
    pub(super) fn holds_since(&self, since: Nanos) -> bool {
        self.segments.front().is_some_and(|first| first.sealed() < since)
    }

    /// Its archive.
    pub(super) fn archive(&self) -> Option<Arc<dyn Archive>> {
        self.archive.clone()
    }

    /// First offset in the ring that was sealed at `since` or later; the head when none was.
    pub fn sealed_since(&self, since: Nanos) -> u64 {
        // A clock may have stepped back between two seals, so this is a search and not a bisection.
        let first = self.segments.iter().find(|segment| segment.sealed() >= since);
        first.map_or(self.head, |segment| segment.header().base)
    }

    fn ring_oldest(&self) -> u64 {
        self.segments.front().map_or(self.head, |first| first.header().base)
    }

    /// Lowest offset held, in memory or in the archive; the head when nothing is.
    pub fn oldest(&self) -> u64 {
        let in_ring = self.ring_oldest();
        self.archive_from().map_or(in_ring, |(_, archived)| archived.min(in_ring))
    }

    fn archive_from(&self) -> Option<(&Arc<dyn Archive>, u64)> {
        let archive = self.archive.as_ref()?;
        Some((archive, archive.oldest()?))
    }

    /// Offset after the last sealed event.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// The stream's epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The current schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Value bytes that wait to be sealed.
    pub fn open_bytes(&self) -> usize {
        self.open_bytes
    }

    /// Bytes in the ring.
    pub fn size_bytes(&self) -> usize {
        self.bytes
    }

    /// Segments sealed since the start.
    pub fn sealed_segments(&self) -> u64 {
        self.sealed_segments
    }

    /// Events that have left the ring.
    pub fn trimmed_events(&self) -> u64 {
        self.trimmed_events
    }
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
