//! Foreign text into rows of cells, a bounded chunk at a time.

use std::io::{self, BufRead};

use super::objects::{Document, Lines};
use super::records::CsvRows;
use super::{Chunk, Format};

/// Longest CSV row or NDJSON line in bytes; a longer one is rejected and skipped.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// Reads rows from text in one of the [`Format`]s.
///
/// Memory is bounded by the chunk asked for and [`MAX_LINE_BYTES`], except for [`Format::Json`], which is read whole.
pub struct TextReader<R: BufRead> {
    source: Source<R>,
}

enum Source<R: BufRead> {
    Csv(CsvRows<R>),
    Ndjson(Lines<R>),
    Json(Document<R>),
}

impl<R: BufRead> TextReader<R> {
    /// A reader at the start of a text.
    pub fn new(format: Format, read: R) -> Self {
        let source = match format {
            Format::Csv => Source::Csv(CsvRows::new(read)),
            Format::Ndjson => Source::Ndjson(Lines::new(read)),
            Format::Json => Source::Json(Document::new(read)),
        };
        Self { source }
    }

    /// The next rows, at most `max_rows` of them and at least one, the rejected ones included; `None` at the end of the
    /// text.
    ///
    /// # Errors
    /// Only what the underlying reader gives; text that is wrong becomes a [`super::Rejection`].
    pub fn next_chunk(&mut self, max_rows: usize) -> io::Result<Option<Chunk>> {
        let mut chunk = Chunk::default();
        let max_rows = max_rows.max(1);
        match &mut self.source {
            Source::Csv(rows) => rows.read(max_rows, &mut chunk)?,
            Source::Ndjson(lines) => lines.read(max_rows, &mut chunk)?,
            Source::Json(document) => document.read(max_rows, &mut chunk)?,
        }
        Ok((chunk.len() > 0).then_some(chunk))
    }
}
