//! The body of a message: buffers one after another, each at a multiple of eight.

use crate::batch::{Batch, Bitmap, Column, Values};

/// Buffers, and what a record batch says about them.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Length and missing values of every column.
    pub(super) nodes: Vec<(i64, i64)>,
    /// Byte offset and length of every buffer.
    pub(super) buffers: Vec<(i64, i64)>,
}

impl Body {
    /// The times and all columns of a batch.
    pub(super) fn of_batch(batch: &Batch) -> Self {
        let mut body = Self::default();
        let rows = batch.len();
        body.start_column(rows, None);
        body.buffer(batch.times.iter().flat_map(|time| time.to_le_bytes()));
        for column in &batch.columns {
            body.column(column);
        }
        body
    }

    /// The entries of a dictionary.
    pub(super) fn of_dictionary(dictionary: &[String]) -> Self {
        let mut body = Self::default();
        body.start_column(dictionary.len(), None);
        body.texts(dictionary.iter().map(String::as_str));
        body
    }

    fn column(&mut self, column: &Column) {
        self.start_column(column.values.len(), column.validity.as_ref());
        match &column.values {
            Values::F64(values) => self.buffer(values.iter().flat_map(|value| value.to_le_bytes())),
            Values::I64(values) | Values::Timestamp(values) => {
                self.buffer(values.iter().flat_map(|value| value.to_le_bytes()));
            }
            Values::Bool(bits) => self.buffer(bits.as_bytes().iter().copied()),
            Values::Category { codes, .. } => {
                self.buffer(codes.iter().flat_map(|code| code.to_le_bytes()));
            }
            Values::Text(texts) => self.texts(texts.iter()),
        }
    }

    /// The node, and the buffer of validity bits: empty when nothing is missing.
    fn start_column(&mut self, rows: usize, validity: Option<&Bitmap>) {
        let present = |bits: &Bitmap| bits.as_bytes().iter().map(|byte| u64::from(byte.count_ones())).sum();
        let present: u64 = validity.map_or(rows as u64, present);
        self.nodes.push((rows as i64, rows as i64 - present as i64));
        self.buffer(validity.map_or(&[][..], Bitmap::as_bytes).iter().copied());
    }

    /// Offsets of 32 bits, then the bytes.
    fn texts<'a>(&mut self, texts: impl Iterator<Item = &'a str> + Clone) {
        let mut end = 0i32;
        let ends = texts.clone().map(|text| {
            end += text.len() as i32;
            end
        });
        self.buffer(std::iter::once(0).chain(ends).flat_map(i32::to_le_bytes));
        self.buffer(texts.flat_map(str::bytes));
    }

    fn buffer(&mut self, bytes: impl Iterator<Item = u8>) {
        let start = self.bytes.len();
        self.bytes.extend(bytes);
        self.buffers.push((start as i64, (self.bytes.len() - start) as i64));
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }
}
