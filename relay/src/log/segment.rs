//! A sealed batch: encoded once, shared by every reader.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use parking_lot::Mutex;
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
use spate_shared::wire::{DataFrame, DataHeader, WireError};

/// What a segment costs beside its bytes, for the ring's budget.
const OVERHEAD_BYTES: usize = 192;

/// Events `[base, base + rows)` of one stream, immutable.
pub struct Segment {
    header: DataHeader,
    schema: Arc<Schema>,
    binary: Bytes,
    json: Mutex<Option<Utf8Bytes>>,
}

impl Segment {
    /// Encodes a batch. `header.rows` equals the batch's length.
    pub(super) fn seal(header: DataHeader, schema: Arc<Schema>, batch: Batch) -> Self {
        let binary = DataFrame { header, batch }.encode().into_boxed_slice().into();
        Self { header, schema, binary, json: Mutex::new(None) }
    }

    /// Where and when: stream, epoch, offsets, seal time.
    pub fn header(&self) -> &DataHeader {
        &self.header
    }

    /// First offset after this segment.
    pub fn end(&self) -> u64 {
        self.header.base + u64::from(self.header.rows)
    }

    /// The `spate.v1` frame.
    pub fn binary(&self) -> Bytes {
        self.binary.clone()
    }

    /// The `spate.v1.json` frame; made once while the segment is among the newest, see [`Segment::forget_json`].
    ///
    /// # Errors
    /// [`WireError`] when the segment's own bytes do not decode, which would be a bug in the codec.
    pub fn json(&self, stream: &str) -> Result<Utf8Bytes, WireError> {
        let mut json = self.json.lock();
        if let Some(text) = &*json {
            return Ok(text.clone());
        }
        let text: Utf8Bytes = DataFrame::decode(&self.binary)?.to_json(stream, &self.schema).into();
        *json = Some(text.clone());
        Ok(text)
    }

    /// Drops the JSON twin, so that only the newest segments of a ring hold one.
    pub(super) fn forget_json(&self) {
        self.json.lock().take();
    }

    #[cfg(test)]
    pub(super) fn holds_json(&self) -> bool {
        self.json.lock().is_some()
    }

    /// The events from offset `from` on, as a frame of their own. `from` lies inside the segment.
    ///
    /// # Errors
    /// As [`Segment::json`].
    pub fn tail(&self, from: u64) -> Result<DataFrame, WireError> {
        let skip = from.saturating_sub(self.header.base) as usize;
        Ok(DataFrame::decode(&self.binary)?.part(skip..self.header.rows as usize))
    }

    /// The schema its columns follow.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Bytes it takes from the ring's budget.
    pub fn size_bytes(&self) -> usize {
        self.binary.len() + OVERHEAD_BYTES
    }

    /// When it was sealed.
    pub fn sealed(&self) -> Nanos {
        self.header.sealed
    }
}
