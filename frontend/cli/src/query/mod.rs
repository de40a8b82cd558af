//! `spate query`: batches of an input through a windowed query to rows of text.

mod fast_csv;
mod number;
mod recording;
mod text;
mod writer;

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;

use crate::failure::Failure;

pub(crate) use recording::RecordingSource;
pub(crate) use text::{Fields, TextSource};
pub(crate) use writer::{QueryFormat, Writer};

/// The first bytes of a recording.
pub(crate) const RECORDING_MAGIC: &[u8] = b"\x89SPATE";

/// An input as batches.
pub(crate) enum Source {
    Text(Box<TextSource>),
    Recording(Box<RecordingSource>),
}

impl Source {
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
