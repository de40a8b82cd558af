//! Inputs as batches, and what `spate query` makes of them: rows of text.

mod fast_csv;
mod number;
mod recording;
mod text;
mod writer;

use std::io::{BufRead, Read};

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;

use crate::failure::Failure;
use crate::input::{Input, InputFormat};
use crate::progress::Progress;

use recording::RecordingSource;
pub(crate) use text::Fields;
use text::TextSource;
pub(crate) use writer::{QueryFormat, Writer};

/// The first bytes of a recording.
const RECORDING_MAGIC: &[u8] = b"\x89SPATE";

/// An input as batches.
pub(crate) enum Source {
    Text(Box<TextSource>),
    Recording(Box<RecordingSource>),
}

impl Source {
    /// Opens a recording, CSV, NDJSON or JSON; of a recording with several streams the one named, of a text these fields.
    ///
    /// # Errors
    /// [`Failure`] naming the input.
    pub(crate) fn open(
        name: &str,
        format: Option<InputFormat>,
        stream: Option<&str>,
        fields: Fields,
    ) -> Result<(Self, Progress), Failure> {
        let mut input = Input::open(name, format)?;
        let progress = Progress::bytes(input.bytes);
        let unreadable = |error: std::io::Error| Failure::file("read", name, &error);
        let source = if input.read.fill_buf().map_err(unreadable)?.starts_with(RECORDING_MAGIC) {
            let mut bytes = Vec::new();
            input.read.read_to_end(&mut bytes).map_err(unreadable)?;
            Self::Recording(Box::new(RecordingSource::new(name, bytes, stream, &progress)?))
        } else {
            Self::Text(Box::new(TextSource::new(input, fields, &progress)?))
        };
        Ok((source, progress))
    }

    /// The stream's name, if it has one.
    pub(crate) fn stream(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Recording(recording) => Some(recording.stream()),
        }
    }

    /// Reads the next events; false at the end.
    ///
    /// # Errors
    /// [`Failure::Data`] naming the input.
    pub(crate) fn read_on(&mut self) -> Result<bool, Failure> {
        match self {
            Self::Text(text) => text.read_on(),
            Self::Recording(recording) => recording.read_on(),
        }
    }

    /// The events read last, which follow [`Source::schema`] as it is then.
    pub(crate) fn batch(&self) -> &Batch {
        match self {
            Self::Text(text) => text.batch(),
            Self::Recording(recording) => recording.batch(),
        }
    }

    /// The schema so far. Fields that have had no value are told last, as text.
    pub(crate) fn schema(&self) -> Schema {
        match self {
            Self::Text(text) => text.schema(),
            Self::Recording(recording) => recording.schema(),
        }
    }

    /// Says how many more rows could not be read; gives how many in all.
    pub(crate) fn finish(&self) -> u64 {
        match self {
            Self::Text(text) => text.finish(),
            Self::Recording(_) => 0,
        }
    }
}
