//! What a panel shows, as files: the same rows as text, as Arrow, or as a page of the table.
//!
//! Of a panel over time one row per value: its time, its series, the value, the band it was expected in, and its score;
//! other kinds say in `crate::panel::twin` what a row of theirs is. Rows are a batch with a schema, so every format is
//! written from the same columns.

mod csv;
mod rows;

use serde::{Deserialize, Serialize};
use spate_shared::arrow;
use spate_shared::time::Nanos;

pub(crate) use rows::{Columns, cell, headings};
pub use rows::{Row, Rows};

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Those in the range that the panel shows.
    Visible,
    /// All that are held.
    All,
    /// Those in `[from, to)`.
    Between(Nanos, Nanos),
    /// The events that came too late for every window of the panel's query, with all their fields.
    Late,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// A line per row, with a header.
    Csv,
    /// An array of objects.
    Json,
    /// An Arrow IPC stream.
    Arrow,
}

impl Format {
    /// What the file's name ends with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Arrow => "arrows",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// The rows as a file's bytes.
    pub fn write(self, rows: &Rows) -> Vec<u8> {
        let Rows { schema, batch, .. } = rows;
        match self {
            Self::Csv => csv::write(schema, batch).into_bytes(),
            Self::Json => {
                let objects: Vec<_> = (0..batch.len()).map(|row| batch.event_json(schema, row)).collect();
                // Strings and finite numbers only: nothing here can fail to be JSON.
                serde_json::to_vec(&objects).unwrap_or_default()
            }
            Self::Arrow => {
                let written = arrow::Writer::new(Vec::new(), schema).and_then(|mut writer| {
                    writer.batch(batch.clone())?;
                    writer.finish()
                });
                // Writing to a Vec cannot fail.
                written.unwrap_or_default()
            }
        }
    }
}
