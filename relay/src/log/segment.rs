//! A sealed batch: encoded once, shared by every reader.

use std::sync::Arc;

use parking_lot::Mutex;
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
use spate_shared::wire::{DataFrame, DataHeader, ServerFrame, WireError};

use super::{Framed, Selection};

/// What a segment costs beside its bytes, for the ring's budget.
const OVERHEAD_BYTES: usize = 192;

/// Events `[base, base + rows)` of one stream, immutable.
pub struct Segment {
    header: DataHeader,
    schema: Arc<Schema>,
    binary: Framed,
    json: Mutex<Option<Framed>>,
    /// What subscriptions that choose fields or rows were sent of it, for others that choose the same.
    shown: Mutex<Vec<Showing>>,
}

/// What one selection shows of a whole segment in one form.
struct Showing {
    selection: Arc<Selection>,
    is_json: bool,
    shown: Option<Shown>,
}

/// A message with some of a segment's events.
#[derive(Clone)]
pub struct Shown {
    /// First offset it answers for.
    pub base: u64,
    /// How many events it holds.
    pub rows: u32,
    /// What to send.
    pub message: Framed,
}

/// Most selections whose frames a segment keeps.
const MAX_SHOWINGS: usize = 8;

impl Segment {
    /// Encodes a batch. `header.rows` equals the batch's length.
    pub(crate) fn seal(header: DataHeader, schema: Arc<Schema>, batch: Batch) -> Self {
        let binary = Framed::binary(&DataFrame { header, batch }.encode());
        Self { header, schema, binary, json: Mutex::new(None), shown: Mutex::default() }
    }

    /// A segment as it was written, with the numbers of this process; `None` for a record that holds no events.
    ///
    /// # Errors
    /// [`WireError`] when the bytes are not a frame.
    pub(super) fn from_disk(
        payload: &[u8],
        schema: &Arc<Schema>,
        stream: u32,
        epoch: u64,
    ) -> Result<Option<Self>, WireError> {
        let Ok(header) = DataHeader::peek(payload) else {
            return ServerFrame::decode(payload).map(|_| None);
        };
        let header = DataHeader { stream, epoch, ..header };
        let mut bytes = payload.to_vec();
        header.renumber(&mut bytes);
        let (schema, binary) = (Arc::clone(schema), Framed::binary(&bytes));
        Ok(Some(Self { header, schema, binary, json: Mutex::new(None), shown: Mutex::default() }))
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
    pub fn binary(&self) -> &Framed {
        &self.binary
    }

    /// The `spate.v1.json` frame; made once while the segment is among the newest, see [`Segment::forget_forms`].
    ///
    /// # Errors
    /// [`WireError`] when the segment's own bytes do not decode, which would be a bug in the codec.
    pub fn json(&self, stream: &str) -> Result<Framed, WireError> {
        let mut json = self.json.lock();
        if let Some(text) = &*json {
            return Ok(text.clone());
        }
        let text = Framed::text(&DataFrame::decode(self.binary.payload())?.to_json(stream, &self.schema));
        *json = Some(text.clone());
        Ok(text)
    }

    /// What a selection shows of the events from `cursor` on; `None` when none of them is wanted. Encoded once for all
    /// subscriptions that choose the same, while the segment is among the newest.
    ///
    /// # Errors
    /// As [`Segment::json`].
    pub fn show(
        &self,
        cursor: u64,
        selection: &Arc<Selection>,
        json: Option<&str>,
    ) -> Result<Option<Shown>, WireError> {
        if cursor > self.header.base {
            return Ok(self.encode(self.tail(cursor)?, selection, json));
        }
        let is_same = |showing: &&Showing| {
            Arc::ptr_eq(&showing.selection, selection) && showing.is_json == json.is_some()
        };
        let mut showings = self.shown.lock();
        if let Some(showing) = showings.iter().find(is_same) {
            return Ok(showing.shown.clone());
        }
        let shown = self.encode(DataFrame::decode(self.binary.payload())?, selection, json);
        if showings.len() < MAX_SHOWINGS {
            let (selection, is_json) = (Arc::clone(selection), json.is_some());
            showings.push(Showing { selection, is_json, shown: shown.clone() });
        }
        Ok(shown)
    }

    fn encode(&self, frame: DataFrame, selection: &Selection, json: Option<&str>) -> Option<Shown> {
        let schema = json.map(|name| (name, selection.schema(&self.schema)));
        let shown =
            |header: &DataHeader, message| Some(Shown { base: header.base, rows: header.rows, message });
        match (selection.show(frame), schema) {
            (Some(ServerFrame::Data(frame)), None) => shown(&frame.header, Framed::binary(&frame.encode())),
            (Some(ServerFrame::Data(frame)), Some((name, schema))) => {
                shown(&frame.header, Framed::text(&frame.to_json(name, &schema)))
            }
            (Some(ServerFrame::Selected(frame)), None) => {
                shown(&frame.header, Framed::binary(&frame.encode()))
            }
            (Some(ServerFrame::Selected(frame)), Some((name, schema))) => {
                shown(&frame.header, Framed::text(&frame.to_json(name, &schema)))
            }
            (Some(ServerFrame::Message(_)) | None, _) => None,
        }
    }

    /// Drops the other forms, so that only the newest segments of a ring hold any.
    pub(super) fn forget_forms(&self) {
        self.json.lock().take();
        self.shown.lock().clear();
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
        Ok(DataFrame::decode(self.binary.payload())?.part(skip..self.header.rows as usize))
    }

    /// The schema its columns follow.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Bytes it takes from the ring's budget.
    pub fn size_bytes(&self) -> usize {
        self.binary.payload().len() + OVERHEAD_BYTES
    }

    /// When it was sealed.
    pub fn sealed(&self) -> Nanos {
        self.header.sealed
    }
}
