//! One stream of a recording as batches.

use spate_shared::batch::{Batch, Column};
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::Recording;
use spate_shared::schema::Schema;
use spate_shared::wire::ServerFrame;

use crate::failure::Failure;
use crate::progress::Progress;

/// A recording held in memory, and where reading it is.
pub(crate) struct RecordingSource {
    recording: Recording<Vec<u8>>,
    stream: StreamInfo,
    /// Byte of the next entry.
    at: u64,
    /// Epoch and offset of the next event: what is before was seen.
    position: (u64, u64),
    progress: Progress,
    batch: Batch,
}

impl RecordingSource {
    /// Opens a recording and finds the stream.
    ///
    /// # Errors
    /// [`Failure::Data`] when it is no recording, [`Failure::Usage`] naming the streams when it is not clear which.
    pub(crate) fn new(
        name: &str,
        bytes: Vec<u8>,
        stream: Option<&str>,
        progress: &Progress,
    ) -> Result<Self, Failure> {
        let recording =
            Recording::open(bytes).map_err(|error| Failure::Data(format!("{error}: {name:?}")))?;
        if let Some(cut) = recording.cut() {
            progress.say(&format!("{name}: {cut}"));
        }
        let streams = recording.streams();
        let found = match (stream, streams) {
            (None, [one]) => Some(one),
            (None, _) => None,
            (Some(wanted), _) => streams.iter().find(|info| info.name == wanted),
        };
        let stream = found.cloned().ok_or_else(|| {
            let names = streams.iter().map(|info| info.name.as_str()).collect::<Vec<_>>().join(", ");
            Failure::Usage(format!("--stream: choose one of {names}: {name:?}"))
        })?;
        let at = recording.entries().next().map_or(0, |entry| entry.byte);
        Ok(Self {
            recording,
            stream,
            at,
            position: (0, 0),
            progress: progress.clone(),
            batch: Batch::default(),
        })
    }

    pub(super) fn stream(&self) -> &str {
        &self.stream.name
    }

    pub(super) fn schema(&self) -> Schema {
        self.stream.schema.clone()
    }

    pub(super) fn batch(&self) -> &Batch {
        &self.batch
    }

    pub(super) fn read_on(&mut self) -> Result<bool, Failure> {
        loop {
            let mut entries = self.recording.entries_from(self.at);
            let Some(entry) = entries.next() else { return Ok(false) };
            let next = entries.next().map_or(u64::MAX, |next| next.byte);
            self.progress.advance(next.min(entry.byte + entry.frame.len() as u64) - self.at.min(entry.byte));
            self.at = next;
            let frame = entry.decode().map_err(|error| Failure::Data(error.to_string()))?;
            let ServerFrame::Data(frame) = frame else { continue };
            if frame.header.stream != self.stream.id {
                continue;
            }
            let (epoch, base, end) =
                (frame.header.epoch, frame.header.base, frame.header.base + frame.batch.len() as u64);
            let seen = if epoch == self.position.0 { self.position.1.saturating_sub(base) } else { 0 };
            if base + seen >= end {
                continue;
            }
            self.position = (epoch, end);
            self.batch = frame.batch;
            if seen > 0 {
                let columns = self.batch.columns.iter().map(|column| Column::empty(column.values.ty()));
                let mut unseen = Batch { times: Vec::new(), columns: columns.collect() };
                unseen.extend_from(&self.batch, seen as usize..self.batch.len());
                self.batch = unseen;
            }
            return Ok(true);
        }
    }
}
