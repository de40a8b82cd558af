//! `[log]`: history kept on disk, per stream.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ByteSize, Period};
use crate::log::disk::{SEGMENT_BYTES, Settings, Sync};

/// Where and how streams are kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// The folder, which is made if it is not there.
    pub folder: PathBuf,
    /// When what was written is synced.
    #[serde(default = "sync")]
    pub sync: Sync,
    /// Time between syncs for `interval`.
    #[serde(default = "interval")]
    pub interval: Period,
    /// Most bytes per stream.
    #[serde(default = "bytes")]
    pub bytes: ByteSize,
    /// Oldest age.
    #[serde(default = "age")]
    pub age: Period,
}

fn sync() -> Sync {
    Sync::Interval
}

fn interval() -> Period {
    Period(spate_shared::time::SECOND)
}

fn bytes() -> ByteSize {
    ByteSize(1 << 30)
}

fn age() -> Period {
    Period(7 * 24 * spate_shared::time::HOUR)
}

impl LogConfig {
    /// The defaults in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder, sync: sync(), interval: interval(), bytes: bytes(), age: age() }
    }

    /// A relative folder is beside the file.
    pub(super) fn beside(self, file_folder: &Path) -> Self {
        Self { folder: file_folder.join(&self.folder), ..self }
    }

    /// For the log.
    pub fn settings(&self) -> Settings {
        Settings {
            folder: self.folder.clone(),
            sync: self.sync,
            interval: self.interval.0,
            bytes: self.bytes.0 as u64,
            age: self.age.0,
            segment_bytes: SEGMENT_BYTES.min(self.bytes.0 as u64 / 4),
        }
    }
}
