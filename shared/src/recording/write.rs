//! Writing a recording, one frame at a time.

use std::io::{self, Write};

use super::{
    ENTRY_HEADER_BYTES, HEADER_BYTES, IndexPoint, KIND_INDEX, MAGIC, Metadata, TRAILER_MAGIC, VERSION,
    checksum,
};
use crate::catalog::StreamInfo;
use crate::time::Nanos;
use crate::wire::{DataFrame, ServerMessage};

/// Bytes between index points.
const INDEX_EVERY_BYTES: u64 = 64 << 10;

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events in data frames.
    pub events: u64,
    /// Length of the file.
    pub bytes: u64,
}

/// Writes a `.spate` file. Readable at any moment; [`Writer::finish`] adds the index.
pub struct Writer<W: Write> {
    out: W,
    written: Summary,
    index: Vec<IndexPoint>,
    arrival: Nanos,
    event_time: Nanos,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn new(mut out: W, metadata: &Metadata) -> io::Result<Self> {
        let metadata = serde_json::to_vec(metadata)?;
        out.write_all(&MAGIC)?;
        out.write_all(&VERSION.to_le_bytes())?;
        out.write_all(&[0; 2])?;
        out.write_all(&(metadata.len() as u32).to_le_bytes())?;
        out.write_all(&crc32c::crc32c(&metadata).to_le_bytes())?;
        out.write_all(&metadata)?;
        let bytes = (HEADER_BYTES + metadata.len()) as u64;
        let written = Summary { events: 0, bytes };
        Ok(Self { out, written, index: Vec::new(), arrival: Nanos::MIN, event_time: Nanos::MIN })
    }

    /// Writes the streams, or those that are new or have a new schema.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn catalog(&mut self, arrival: Nanos, streams: &[StreamInfo]) -> io::Result<()> {
        self.arrival = self.arrival.max(arrival);
        self.entry(arrival, &ServerMessage::Catalog { streams: streams.to_vec() }.encode())
    }

    /// Writes events.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn data(&mut self, arrival: Nanos, frame: &DataFrame) -> io::Result<()> {
        self.arrival = self.arrival.max(arrival);
        let due = self.index.last().is_none_or(|last| self.written.bytes - last.byte >= INDEX_EVERY_BYTES);
        if due {
            let (arrival, event_time, byte) = (self.arrival, self.event_time, self.written.bytes);
            self.index.push(IndexPoint { arrival, event_time, byte });
        }
        self.event_time = frame.batch.times.iter().copied().fold(self.event_time, Nanos::max);
        self.written.events += u64::from(frame.header.rows);
        self.entry(arrival, &frame.encode())
    }

    /// What is written to, for what was written so far to be sent on.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes the index and gives the writer back.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn finish(mut self) -> io::Result<(W, Summary)> {
        self.end()?;
        Ok((self.out, self.written))
    }

    /// Writes the index: nothing may be written after it.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn end(&mut self) -> io::Result<()> {
        let at = self.written.bytes;
        let mut frame = vec![KIND_INDEX];
        for point in std::mem::take(&mut self.index) {
            frame.extend_from_slice(&point.arrival.to_le_bytes());
            frame.extend_from_slice(&point.event_time.to_le_bytes());
            frame.extend_from_slice(&point.byte.to_le_bytes());
        }
        self.entry(0, &frame)?;
        self.out.write_all(&at.to_le_bytes())?;
        self.out.write_all(&TRAILER_MAGIC)?;
        self.written.bytes += super::TRAILER_BYTES as u64;
        self.out.flush()
    }

    fn entry(&mut self, arrival: Nanos, frame: &[u8]) -> io::Result<()> {
        let mut head = [0; ENTRY_HEADER_BYTES];
        head[..4].copy_from_slice(&(frame.len() as u32).to_le_bytes());
        head[4..8].copy_from_slice(&checksum(arrival, frame).to_le_bytes());
        head[8..].copy_from_slice(&arrival.to_le_bytes());
        self.out.write_all(&head)?;
        self.out.write_all(frame)?;
        self.written.bytes += (ENTRY_HEADER_BYTES + frame.len()) as u64;
        Ok(())
    }
}
