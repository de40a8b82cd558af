//! Some events of a run of offsets: what a filter let through, or what is left of a run after conflation.

use super::bytes::{Reader, put_varint};
use super::codec::{MAX_ROWS, WireError, decode_batch, encode_batch};
use super::frame::{DataHeader, SELECTED_VERSION, put_header};
use crate::batch::Batch;

const CONFLATED: u32 = 1;

/// Events of the offsets `[base, base + span)`, by their positions in it. The others do not come.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedFrame {
    /// Stream, epoch, first offset. `rows` counts the events that are here.
    pub header: DataHeader,
    /// How many offsets this frame answers for, at least one more than the last position.
    pub span: u32,
    /// Whether events are left out because a later one of the same dimensions is here; otherwise only since they do not
    /// meet the filter.
    pub is_conflated: bool,
    /// Event `i` of the batch has the offset `base + positions[i]`; ascending.
    pub positions: Vec<u32>,
    /// The events.
    pub batch: Batch,
}

impl SelectedFrame {
    /// First offset after the run.
    pub fn end(&self) -> u64 {
        self.header.base + u64::from(self.span)
    }

    /// The frame as `spate.v1` bytes. `header.rows`, the positions and the batch have the same length.
    pub fn encode(&self) -> Vec<u8> {
        debug_assert_eq!(self.header.rows as usize, self.batch.len());
        let mut out = put_header(&self.header, SELECTED_VERSION, &self.batch);
        out.extend_from_slice(&self.span.to_le_bytes());
        out.extend_from_slice(&(if self.is_conflated { CONFLATED } else { 0 }).to_le_bytes());
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        let mut next = 0;
        for position in &self.positions {
            put_varint(&mut out, u64::from(position - next));
            next = position + 1;
        }
        let length = (out.len() - length_at - 4) as u32;
        out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
        encode_batch(&mut out, 0, &self.batch);
        out
    }

    /// Reads on after the header.
    pub(super) fn read(
        header: DataHeader,
        columns: usize,
        reader: &mut Reader<'_>,
    ) -> Result<Self, WireError> {
        let at_byte = reader.at();
        let span = reader.u32("span")?;
        if span as usize > MAX_ROWS || span < header.rows {
            return Err(WireError::Invalid { what: "span", at_byte });
        }
        if header.base.checked_add(u64::from(span)).is_none() {
            return Err(WireError::Invalid { what: "base offset", at_byte: 16 });
        }
        let at_byte = reader.at();
        let flags = reader.u32("flags")?;
        if flags > CONFLATED {
            return Err(WireError::Invalid { what: "flags", at_byte });
        }
        let length = reader.u32("length of positions")? as usize;
        let mut body = reader.part(length, "positions")?;
        let rows = header.rows as usize;
        if rows > body.remaining() {
            return Err(WireError::Truncated { what: "positions", at_byte: body.at() });
        }
        let mut positions = Vec::with_capacity(rows);
        let mut next = 0;
        for _ in 0..rows {
            let at_byte = body.at();
            let position = body.varint("position")?.saturating_add(next);
            if position >= u64::from(span) {
                return Err(WireError::Invalid { what: "position", at_byte });
            }
            positions.push(position as u32);
            next = position + 1;
        }
        body.finish("length of positions")?;
        let batch = decode_batch(reader, rows, columns)?;
        reader.finish("end of frame")?;
        Ok(Self { header, span, is_conflated: flags == CONFLATED, positions, batch })
    }
}
