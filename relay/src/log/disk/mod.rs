//! A stream's log on disk: a folder of segment files, an epoch file, and two threads that write and sync for all streams.
//!
//! ```text
//! DIR/stream-NAME/epoch.json            epoch, schema kind, and what is needed to know whether history was lost
//! DIR/stream-NAME/00000000000000000000.log   records from that offset on, at most 64 MiB and one record
//! DIR/stream-NAME/00000000000000000000.idx   where to find an offset in it, written when it is full
//! record: length u32 · crc32c u32 of the payload · payload
//! ```
//!
//! A payload is a frame of `spate.v1`: a `catalog` message with the stream's schema, first in every file and before a
//! data frame of a newer one, or a data frame. Numbers of streams and epochs in it are those of the process that wrote
//! it; a reader gets the present ones.
//!
//! **Invariant**: readers see an event only after it was written, and with [`Sync::EveryBatch`] only after it was
//! synced. So a process that is killed has shown nothing that its successor does not have, and keeps its epoch. After a
//! crash of the machine that may have lost what was shown, or when a file is damaged, the epoch is a new one.

mod archive;
mod epoch;
mod index;
mod open;
mod record;
mod store;
mod writer;

pub use epoch::EpochFile;
pub use open::{Found, find};
pub use record::{MAX_RECORD_BYTES, RECORD_HEADER_BYTES, RecordError, encode_record, read_record};
pub use store::Store;
pub(crate) use writer::MAX_UNWRITTEN_BYTES;
pub use writer::{DiskFault, Syncing, Writer};

use std::path::PathBuf;

use spate_shared::time::Nanos;

/// When what was written is synced to the disk itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sync {
    /// When the system likes: a crash of the machine may lose more than a crash of the process.
    None,
    /// Once per interval: a crash of the machine loses at most that much.
    Interval,
    /// Before readers see it and before a producer is answered.
    EveryBatch,
}

/// Where and how streams are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The folder that holds a folder per stream.
    pub folder: PathBuf,
    /// When it is synced.
    pub sync: Sync,
    /// Time between syncs for [`Sync::Interval`].
    pub interval: Nanos,
    /// Most bytes of segment files per stream; the newest file is kept.
    pub bytes: u64,
    /// Oldest age of a segment file, by the seal of its last event.
    pub age: Nanos,
    /// Bytes at which a segment file is full.
    pub segment_bytes: u64,
}

/// Bytes at which a segment file is full.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// What a failed sync is called: what the disk has is not known after it.
const SYNC: &str = "sync";

/// What could not be done with which file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} {path:?}: {error}; {advice}")]
pub struct DiskError {
    /// A verb.
    pub what: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub error: std::io::Error,
    /// What to do about it.
    pub advice: &'static str,
}

impl DiskError {
    fn new(what: &'static str, path: impl Into<PathBuf>, error: std::io::Error) -> Self {
        use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let advice = match error.kind() {
            StorageFull | QuotaExceeded => "free some space, or lower log.bytes",
            ReadOnlyFilesystem => "mount it writable, or choose another log.folder",
            PermissionDenied => "let the relay's user write there, or choose another log.folder",
            _ => "check the disk, or choose another log.folder",
        };
        Self { what, path: path.into(), error, advice }
    }
}
