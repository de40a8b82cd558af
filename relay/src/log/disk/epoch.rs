//! `epoch.json`: what a stream's next process must know of its last.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{DiskError, Sync};

const FILE: &str = "epoch.json";

/// A stream's epoch and how it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochFile {
    /// The stream's epoch.
    pub epoch: u64,
    /// Whether fields that appear in events are added to the schema.
    pub is_inferred: bool,
    /// Which run of the machine wrote it; a crash of the process alone loses nothing that was written.
    pub boot: String,
    /// How it was synced.
    pub sync: Sync,
    /// Whether the process ended in order, with everything synced.
    pub is_clean: bool,
}

/// Tells one run of the machine from another; empty where the system does not say, which is like no other.
pub(super) fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

impl EpochFile {
    /// Whether what its process wrote may be gone in part, though readers saw it.
    pub(super) fn may_have_lost(&self) -> bool {
        let same_run = !self.boot.is_empty() && self.boot == boot();
        !self.is_clean && !same_run && self.sync != Sync::EveryBatch
    }

    /// `None` when the folder has none.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, DiskError> {
        let path = folder.join(FILE);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(DiskError::new("read", path, error)),
        };
        serde_json::from_slice(&text).map(Some).or_else(|error| {
            // Written whole or not at all, so something else wrote it: the epoch cannot be known.
            tracing::warn!(path = %path.display(), %error, "the epoch file is damaged: the stream gets a new epoch");
            Ok(None)
        })
    }

    /// Replaces the folder's file, synced, whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> Result<(), DiskError> {
        let (path, draft) = (folder.join(FILE), folder.join("epoch.draft"));
        let fault = |error| DiskError::new("write", &path, error);
        let text = serde_json::to_vec_pretty(self).map_err(|error| fault(error.into()))?;
        let mut file = fs::File::create(&draft).map_err(fault)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(fault)?;
        fs::rename(&draft, &path).map_err(fault)?;
        sync_folder(folder)
    }
}

/// Makes names created in a folder last.
pub(super) fn sync_folder(folder: &Path) -> Result<(), DiskError> {
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| DiskError::new("sync", folder, error))
}
