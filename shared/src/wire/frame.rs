//! Frames: the binary form of both directions. `wire/json.rs` is the readable twin.

use std::ops::Range;

use serde::{Serialize, de::DeserializeOwned};

use super::bytes::Reader;
use super::codec::{MAX_ROWS, WireError, decode_batch, encode_batch};
use super::message::{ClientMessage, ServerMessage};
use super::selected::SelectedFrame;
use crate::batch::Batch;
use crate::time::Nanos;

const KIND_CONTROL: u8 = 1;
const KIND_DATA: u8 = 2;
const BATCH_VERSION: u8 = 1;
/// Layout of a [`SelectedFrame`].
pub(super) const SELECTED_VERSION: u8 = 2;

/// Bytes before the body of a data frame.
pub const HEADER_BYTES: usize = 40;

/// What a data frame says before its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataHeader {
    /// The stream's number.
    pub stream: u32,
    /// Version of the schema that the columns follow.
    pub schema: u16,
    /// The stream's epoch.
    pub epoch: u64,
    /// Offset of the first event; event `i` has offset `base + i`.
    pub base: u64,
    /// How many events.
    pub rows: u32,
    /// When the relay sealed the batch, by its own clock.
    pub sealed: Nanos,
}

impl DataHeader {
    /// Reads the header alone, without touching the columns.
    ///
    /// # Errors
    /// [`WireError`] when the bytes are not the frame of a [`DataFrame`].
    pub fn peek(frame: &[u8]) -> Result<Self, WireError> {
        whole(read_header(&mut Reader::new(frame))?).map(|(header, _)| header)
    }
}

impl DataHeader {
    /// Writes this header's stream number and epoch over those of an encoded frame.
    pub fn renumber(&self, frame: &mut [u8]) {
        if let Some(numbers) = frame.get_mut(4..16) {
            numbers[..4].copy_from_slice(&self.stream.to_le_bytes());
            numbers[4..].copy_from_slice(&self.epoch.to_le_bytes());
        }
    }
}

/// The start of a frame that holds `batch`, with room for all of it.
pub(super) fn put_header(header: &DataHeader, version: u8, batch: &Batch) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES + batch.size_bytes() + 16 * batch.columns.len());
    out.extend_from_slice(&[KIND_DATA, version]);
    out.extend_from_slice(&header.schema.to_le_bytes());
    out.extend_from_slice(&header.stream.to_le_bytes());
    out.extend_from_slice(&header.epoch.to_le_bytes());
    out.extend_from_slice(&header.base.to_le_bytes());
    out.extend_from_slice(&header.rows.to_le_bytes());
    out.extend_from_slice(&(batch.columns.len() as u32).to_le_bytes());
    out.extend_from_slice(&header.sealed.to_le_bytes());
    out
}

/// Events with their place in the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct DataFrame {
    /// Stream, epoch, offsets.
    pub header: DataHeader,
    /// The events.
    pub batch: Batch,
}

impl DataFrame {
    /// The frame as `spate.v1` bytes. `header.rows` must equal the batch's length.
    pub fn encode(&self) -> Vec<u8> {
        debug_assert_eq!(self.header.rows as usize, self.batch.len());
        let mut out = put_header(&self.header, BATCH_VERSION, &self.batch);
        encode_batch(&mut out, 0, &self.batch);
        out
    }

    /// The events `rows` as a frame of their own; rows past the end are left out.
    #[must_use]
    pub fn part(&self, rows: Range<usize>) -> Self {
        let start = rows.start.min(self.batch.len());
        let batch = self.batch.slice(rows);
        let (base, rows) = (self.header.base + start as u64, batch.len() as u32);
        Self { header: DataHeader { base, rows, ..self.header }, batch }
    }

    /// Reads a `spate.v1` data frame.
    ///
    /// # Errors
    /// [`WireError`] naming what is wrong and at which byte.
    pub fn decode(frame: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(frame);
        let (header, columns) = whole(read_header(&mut reader)?)?;
        Self::read(header, columns, &mut reader)
    }

    /// Reads on after the header.
    fn read(header: DataHeader, columns: usize, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let batch = decode_batch(reader, header.rows as usize, columns)?;
        reader.finish("end of frame")?;
        Ok(Self { header, batch })
    }
}

/// A header, its layout and how many columns follow.
#[derive(Clone, Copy)]
struct Head {
    header: DataHeader,
    version: u8,
    columns: usize,
}

/// Refuses the layout of a [`SelectedFrame`].
fn whole(head: Head) -> Result<(DataHeader, usize), WireError> {
    match head.version {
        BATCH_VERSION => Ok((head.header, head.columns)),
        version => Err(WireError::UnknownVersion(version)),
    }
}

fn read_header(reader: &mut Reader<'_>) -> Result<Head, WireError> {
    match reader.u8("frame kind")? {
        KIND_DATA => {}
        kind => return Err(WireError::UnknownKind(kind)),
    }
    let version = match reader.u8("data frame version")? {
        version @ (BATCH_VERSION | SELECTED_VERSION) => version,
        version => return Err(WireError::UnknownVersion(version)),
    };
    let schema = reader.u16("schema version")?;
    let stream = reader.u32("stream number")?;
    let epoch = reader.u64("epoch")?;
    let base = reader.u64("base offset")?;
    let rows = reader.u32("event count")?;
    let columns = reader.u32("column count")?;
    let sealed = reader.i64("seal time")?;
    if rows as usize > MAX_ROWS {
        return Err(WireError::TooManyRows(u64::from(rows)));
    }
    if base.checked_add(u64::from(rows)).is_none() {
        return Err(WireError::Invalid { what: "base offset", at_byte: 16 });
    }
    let header = DataHeader { stream, schema, epoch, base, rows, sealed };
    Ok(Head { header, version, columns: columns as usize })
}

/// Anything a relay sends, and anything a recording holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerFrame {
    /// A control message.
    Message(ServerMessage),
    /// Events.
    Data(DataFrame),
    /// Some events of a run; only for a subscription with a filter, or one that is conflated.
    Selected(SelectedFrame),
}

impl ServerFrame {
    /// Reads a `spate.v1` frame.
    ///
    /// # Errors
    /// [`WireError`] naming what is wrong and at which byte.
    pub fn decode(frame: &[u8]) -> Result<Self, WireError> {
        if frame.first() == Some(&KIND_CONTROL) {
            return decode_control(frame).map(Self::Message);
        }
        let mut reader = Reader::new(frame);
        let Head { header, version, columns } = read_header(&mut reader)?;
        if version == SELECTED_VERSION {
            return SelectedFrame::read(header, columns, &mut reader).map(Self::Selected);
        }
        DataFrame::read(header, columns, &mut reader).map(Self::Data)
    }
}

impl ServerMessage {
    /// The message as `spate.v1` bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode_control(self)
    }
}

impl ClientMessage {
    /// The message as `spate.v1` bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode_control(self)
    }

    /// Reads a `spate.v1` message.
    ///
    /// # Errors
    /// [`WireError`] when the bytes are not one control message.
    pub fn decode(frame: &[u8]) -> Result<Self, WireError> {
        decode_control(frame)
    }
}

fn encode_control(message: &impl Serialize) -> Vec<u8> {
    // Writing to a Vec cannot run out of room, and the message types hold nothing postcard refuses.
    postcard::to_extend(message, vec![KIND_CONTROL]).unwrap_or_default()
}

fn decode_control<T: DeserializeOwned>(frame: &[u8]) -> Result<T, WireError> {
    match frame.split_first() {
        Some((&KIND_CONTROL, body)) => match postcard::take_from_bytes(body) {
            Ok((message, [])) => Ok(message),
            Ok((_, rest)) => {
                Err(WireError::Invalid { what: "end of message", at_byte: frame.len() - rest.len() })
            }
            Err(error) => Err(WireError::Control(error.to_string())),
        },
        Some((kind, _)) => Err(WireError::UnknownKind(*kind)),
        None => Err(WireError::Truncated { what: "frame kind", at_byte: 0 }),
    }
}
