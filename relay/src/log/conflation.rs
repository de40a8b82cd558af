//! What is left of a run of events when only the latest of every combination of dimensions counts.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use spate_shared::batch::Batch;
use spate_shared::schema::{Role, Schema};
use spate_shared::wire::{DataHeader, MAX_ROWS, SelectedFrame, WireError};

use super::selection::pick;
use super::{Segment, Selection};

/// Most segments that are conflated into one frame, so that a turn stays short.
pub const MAX_SEGMENTS: usize = 64;

/// Conflates segments of one schema that follow each other, from offset `from` on, which lies inside the first.
///
/// The frame ends where the last segment that fits a frame does.
///
/// # Errors
/// [`WireError`] when a segment does not decode, which would be a bug in the codec.
pub fn conflate(
    segments: &[Arc<Segment>],
    from: u64,
    selection: Option<&Selection>,
) -> Result<Option<SelectedFrame>, WireError> {
    let Some(first) = segments.first() else { return Ok(None) };
    let schema = first.schema();
    let mut batches: Vec<Batch> = Vec::new();
    let mut latest: HashMap<String, (usize, u32)> = HashMap::new();
    let mut places = Vec::new();
    let mut header = DataHeader { base: from.max(first.header().base), ..*first.header() };
    let mut end = header.base;
    for segment in segments {
        let tail = segment.tail(end)?;
        if segment.end() - header.base > MAX_ROWS as u64 && end > header.base {
            break;
        }
        let rows = match selection {
            Some(selection) => selection.rows(&tail.batch),
            None => (0..tail.batch.len() as u32).collect(),
        };
        for row in rows {
            latest.insert(key(schema, &tail.batch, row as usize), (batches.len(), row));
        }
        places.push(tail.header.base - header.base);
        batches.push(tail.batch);
        (end, header.sealed) = (segment.end(), segment.sealed());
    }
    let mut kept: Vec<(usize, u32)> = latest.into_values().collect();
    kept.sort_unstable();
    let mut whole = Batch::empty(schema);
    let mut positions = Vec::with_capacity(kept.len());
    for rows in kept.chunk_by(|(one, _), (other, _)| one == other) {
        let (at, _) = rows[0];
        let rows: Vec<u32> = rows.iter().map(|(_, row)| *row).collect();
        positions.extend(rows.iter().map(|row| places[at] as u32 + row));
        let picked = pick(&batches[at], &rows);
        whole.extend_from(&picked, 0..picked.len());
    }
    let batch = match selection {
        Some(selection) => selection.project(whole),
        None => whole,
    };
    header.rows = batch.len() as u32;
    let span = (end - header.base) as u32;
    Ok(Some(SelectedFrame { header, span, is_conflated: true, positions, batch }))
}

/// The dimensions of an event, written out; what is missing differs from every text.
fn key(schema: &Schema, batch: &Batch, row: usize) -> String {
    let mut key = String::new();
    for field in schema.with_role(Role::Dimension) {
        let Some(column) = batch.columns.get(field) else { continue };
        match (column.text(row), column.number(row)) {
            // Writing to a String cannot fail.
            (Some(text), _) => drop(write!(key, "{}:{text}", text.len())),
            (None, Some(number)) => drop(write!(key, "#{number}")),
            (None, None) => {}
        }
        key.push('\0');
    }
    key
}
