//! The `.spate` file: a header, then the wire's own frames with their arrival times, then an index.
//!
//! ```text
//! magic "\x89SPATE\r\n"   version u16   0 u16   metadata length u32   metadata crc32c u32   metadata (JSON)
//! entry*:  length u32     crc32c u32 of what follows     arrival i64     frame (length bytes)
//! index:   an entry whose frame is kind 3: (arrival i64, latest event time i64, byte u64)*
//! trailer: byte of the index entry u64, "SPATEIDX"
//! ```
//!
//! All integers are little-endian. The first frame is a `catalog` message; another follows before any data that needs a
//! newer schema. A file without index and trailer is a recording still being written, or cut off: every whole entry
//! before the cut is read, and what was cut is said.

mod read;
mod write;

pub use read::{Cut, Entry, Recording, RecordingError};
pub use write::{Summary, Writer};

use serde::{Deserialize, Serialize};

/// The file's first bytes.
pub const MAGIC: [u8; 8] = *b"\x89SPATE\r\n";
/// The version this build writes and reads.
pub const VERSION: u16 = 1;

const TRAILER_MAGIC: [u8; 8] = *b"SPATEIDX";
const HEADER_BYTES: usize = 20;
const ENTRY_HEADER_BYTES: usize = 16;
const TRAILER_BYTES: usize = 16;
const KIND_INDEX: u8 = 3;
const INDEX_POINT_BYTES: usize = 24;

/// What a recording says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// For people.
    #[serde(default)]
    pub title: String,
    /// Where the events come from.
    #[serde(default)]
    pub source: String,
    /// Under which licence.
    #[serde(default)]
    pub licence: String,
}

/// One entry of the index: all entries before `byte` arrived at or before `arrival`, also where arrivals go backward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexPoint {
    /// Latest arrival up to and with the entry at `byte`.
    pub arrival: i64,
    /// Latest event time before `byte`.
    pub event_time: i64,
    /// Where an entry starts.
    pub byte: u64,
}

fn checksum(arrival: i64, frame: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&arrival.to_le_bytes()), frame)
}
