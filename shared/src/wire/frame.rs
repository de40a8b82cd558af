//! Frames: the binary form of both directions. `wire/json.rs` is the readable twin.

use std::ops::Range;

use serde::{Serialize, de::DeserializeOwned};

use super::bytes::Reader;
use super::codec::{MAX_ROWS, WireError, decode_batch, encode_batch};
use super::message::{ClientMessage, ServerMessage};
use crate::batch::Batch;
use crate::time::Nanos;

const KIND_CONTROL: u8 = 1;
const KIND_DATA: u8 = 2;
const BATCH_VERSION: u8 = 1;

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
    /// [`WireError`] when the bytes are not a data frame of this version.
    pub fn peek(frame: &[u8]) -> Result<Self, WireError> {
        read_header(&mut Reader::new(frame)).map(|(header, _)| header)
    }
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
        let mut out =
            Vec::with_capacity(HEADER_BYTES + self.batch.size_bytes() + 16 * self.batch.columns.len());
        out.extend_from_slice(&[KIND_DATA, BATCH_VERSION]);
        out.extend_from_slice(&self.header.schema.to_le_bytes());
        out.extend_from_slice(&self.header.stream.to_le_bytes());
        out.extend_from_slice(&self.header.epoch.to_le_bytes());
        out.extend_from_slice(&self.header.base.to_le_bytes());
        out.extend_from_slice(&self.header.rows.to_le_bytes());
        out.extend_from_slice(&(self.batch.columns.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.header.sealed.to_le_bytes());
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
        let (header, columns) = read_header(&mut reader)?;
        let batch = decode_batch(&mut reader, header.rows as usize, columns as usize)?;
        reader.finish("end of frame")?;
        Ok(Self { header, batch })
    }
}

fn read_header(reader: &mut Reader<'_>) -> Result<(DataHeader, u32), WireError> {
    match reader.u8("frame kind")? {
        KIND_DATA => {}
        kind => return Err(WireError::UnknownKind(kind)),
    }
    match reader.u8("data frame version")? {
        BATCH_VERSION => {}
        version => return Err(WireError::UnknownVersion(version)),
    }
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
    Ok((DataHeader { stream, schema, epoch, base, rows, sealed }, columns))
}

/// Anything a relay sends, and anything a recording holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerFrame {
    /// A control message.
    Message(ServerMessage),
    /// Events.
    Data(DataFrame),
}

impl ServerFrame {
    /// Reads a `spate.v1` frame.
    ///
    /// # Errors
    /// [`WireError`] naming what is wrong and at which byte.
    pub fn decode(frame: &[u8]) -> Result<Self, WireError> {
        match frame.first() {
            Some(&KIND_CONTROL) => decode_control(frame).map(Self::Message),
            _ => DataFrame::decode(frame).map(Self::Data),
        }
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
