//! The merge: always the earliest event of all inputs next.

use std::io::Write;

use spate_shared::recording::Writer;
use spate_shared::time::Nanos;

use super::{Feed, Rejections, StreamOut};
use crate::failure::Failure;

/// A batch is sealed at this many bytes whatever its rows.
const BATCH_BYTES: usize = 64 << 10;
/// Events moved between two looks at the batch's size: with rows of at most a mebibyte, a frame stays below its limit.
const STRIDE: usize = 8;

/// An import under way.
pub(crate) struct Merge<W: Write> {
    pub(crate) writer: Writer<W>,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) streams: Vec<StreamOut>,
    pub(crate) rejections: Rejections,
    /// Events of one batch at most.
    pub(crate) batch_rows: usize,
    /// Whether events of different inputs at one time become one event.
    pub(crate) joins: bool,
    /// For errors: where the recording goes.
    pub(crate) output: String,
}

/// What an import came to.
pub(crate) struct Merged<W: Write> {
    pub(crate) writer: Writer<W>,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) streams: Vec<StreamOut>,
    pub(crate) rejected: u64,
}

impl<W: Write> Merge<W> {
    /// Reads all inputs to their ends.
    pub(crate) fn run(mut self) -> Result<Merged<W>, Failure> {
        let mut arrival = Nanos::MIN;
        for index in 0..self.feeds.len() {
            self.fill(index)?;
        }
        while let Some((index, until)) = self.next_run() {
            self.move_run(index, until);
            let is_full = |stream: &StreamOut| {
                let waiting = stream.waiting();
                waiting.len() >= self.batch_rows || waiting.size_bytes() >= BATCH_BYTES
            };
            if self.streams.iter().any(is_full) {
                self.seal(&mut arrival)?;
            }
            self.fill(index)?;
        }
        self.streams.iter_mut().for_each(StreamOut::release);
        self.seal(&mut arrival)?;
        let rejected = self.rejections.finish();
        Ok(Merged { writer: self.writer, feeds: self.feeds, streams: self.streams, rejected })
    }

    fn fill(&mut self, index: usize) -> Result<(), Failure> {
        let feed = &mut self.feeds[index];
        let stream = &mut self.streams[feed.stream];
        feed.fill(&mut stream.intake, &mut self.rejections)?;
        stream.follow_schema();
        Ok(())
    }

    /// The input with the earliest next event, and the next event of the others; inputs at one time go in order.
    fn next_run(&self) -> Option<(usize, Option<(Nanos, usize)>)> {
        let mut first: Option<(Nanos, usize)> = None;
        let mut second = None;
        for (index, feed) in self.feeds.iter().enumerate() {
            let Some(next) = feed.next_time().map(|time| (time, index)) else { continue };
            if first.is_none_or(|first| next < first) {
                (first, second) = (Some(next), first);
            } else if second.is_none_or(|second| next < second) {
                second = Some(next);
            }
        }
        first.map(|(_, index)| (index, second))
    }

    /// Moves events of an input to its stream up to the next event of another, a full batch or a stride.
    fn move_run(&mut self, index: usize, until: Option<(Nanos, usize)>) {
        let feed = &mut self.feeds[index];
        let stream = &mut self.streams[feed.stream];
        let room = self.batch_rows.saturating_sub(stream.waiting().len()).clamp(1, STRIDE);
        for _ in 0..room {
            if self.joins {
                stream.push_joining(index, &feed.batch, feed.at);
            } else {
                stream.push(&feed.batch, feed.at);
            }
            feed.at += 1;
            let next = feed.next_time().map(|time| (time, index));
            if next.is_none_or(|next| until.is_some_and(|until| next > until)) {
                break;
            }
        }
    }

    /// Seals the batches of all streams, the one that ends first first.
    fn seal(&mut self, arrival: &mut Nanos) -> Result<(), Failure> {
        let latest = |(index, stream): (usize, &StreamOut)| stream.latest_waiting().map(|time| (time, index));
        let mut order: Vec<(Nanos, usize)> = self.streams.iter().enumerate().filter_map(latest).collect();
        order.sort_unstable();
        for (time, index) in order {
            *arrival = time.max(*arrival);
            self.streams[index]
                .seal(&mut self.writer, *arrival)
                .map_err(|error| Failure::file("write", &self.output, &error))?;
        }
        Ok(())
    }
}
