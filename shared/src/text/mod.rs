//! CSV, NDJSON and JSON into batches.
//!
//! Two steps: a [`TextReader`] cuts foreign text into rows of named cells, an [`Intake`] gives them types, a time and
//! a place in the schema. A row that cannot be taken becomes a [`Rejection`] with its line, field and reason; nothing
//! is dropped without one.

mod cell;
mod intake;
mod names;
mod object;
mod objects;
mod reader;
mod records;

pub use cell::{Cell, Chunk, Row};
pub use intake::{Intake, TIME_NAMES, Taken};
pub use reader::{MAX_LINE_BYTES, TextReader};

use serde::{Deserialize, Serialize};

/// Most fields a stream may grow to.
const MAX_FIELDS: usize = 1_024;
/// Longest field name in bytes.
const MAX_NAME_BYTES: usize = 256;

fn trim_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// A field name as a rejection quotes it.
fn clip_name(name: &str) -> String {
    name[..name.floor_char_boundary(MAX_NAME_BYTES)].to_owned()
}

/// A text form of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header row.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects, or one object.
    Json,
}

impl Format {
    /// The format of a media type such as `text/csv; charset=utf-8`.
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Ndjson),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The format of a file by its extension.
    pub fn from_file_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Why a row was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Line in the text, from 1; for a JSON array the element, from 1.
    pub line: u64,
    /// The field at fault, if it is one.
    pub field: Option<String>,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, "line {}, field {field:?}: {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}
