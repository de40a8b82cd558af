//! The segment files of one stream: one thread appends, any number read.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
use spate_shared::wire::{GapReason, ServerMessage};

use super::epoch::{EpochFile, sync_folder};
use super::index::Index;
use super::record::{RECORD_HEADER_BYTES, encode_record, read_record};
use super::{DiskError, SYNC, Settings, Sync};
use crate::log::{Chunk, Segment};

/// One stream on disk.
pub struct Store {
    name: String,
    folder: PathBuf,
    settings: Arc<Settings>,
    /// Ascending, the last is the one that is written.
    files: RwLock<VecDeque<SegmentFile>>,
    /// The last file, open for writing.
    active: Mutex<Option<Arc<File>>>,
    epoch: Mutex<EpochFile>,
    is_dirty: AtomicBool,
}

/// A file and the schema of all its events.
pub(super) struct SegmentFile {
    pub(super) base: u64,
    pub(super) path: PathBuf,
    pub(super) schema: Arc<Schema>,
    pub(super) index: Index,
}

impl Store {
    pub(super) fn new(
        name: String,
        folder: PathBuf,
        settings: Arc<Settings>,
        files: VecDeque<SegmentFile>,
        epoch: EpochFile,
    ) -> Self {
        let (files, active, epoch) = (RwLock::new(files), Mutex::default(), Mutex::new(epoch));
        Self { name, folder, settings, files, active, epoch, is_dirty: AtomicBool::new(false) }
    }

    /// The folder of a new stream.
    ///
    /// # Errors
    /// [`DiskError`] when it cannot be made.
    pub fn create(
        name: &str,
        epoch: u64,
        is_inferred: bool,
        settings: &Arc<Settings>,
    ) -> Result<Self, DiskError> {
        let folder = settings.folder.join(format!("{}{name}", super::open::PREFIX));
        fs::create_dir_all(&folder).map_err(|error| DiskError::new("create", &folder, error))?;
        let epoch = EpochFile {
            epoch,
            is_inferred,
            boot: super::epoch::boot(),
            sync: settings.sync,
            is_clean: false,
        };
        epoch.write(&folder)?;
        sync_folder(&settings.folder)?;
        Ok(Self::new(name.to_owned(), folder, Arc::clone(settings), VecDeque::new(), epoch))
    }

    /// When it is synced.
    pub fn sync_policy(&self) -> Sync {
        self.settings.sync
    }

    /// Lowest offset on disk.
    pub fn oldest(&self) -> Option<u64> {
        self.files.read().front().map(|file| file.base)
    }

    /// Offset after the last event on disk.
    pub fn end(&self) -> Option<u64> {
        self.files.read().back().map(|file| file.index.end)
    }

    /// Bytes of its segment files.
    pub fn size_bytes(&self) -> u64 {
        self.files.read().iter().map(|file| file.index.bytes).sum()
    }

    /// An offset at or shortly before the first event that was sealed at `since` or later.
    pub fn sealed_since(&self, since: Nanos) -> Option<u64> {
        let files = self.files.read();
        let file = files.iter().find(|file| file.index.last_sealed >= since)?;
        let before = file.index.points.iter().take_while(|point| point.sealed < since).last();
        Some(before.map_or(file.base, |point| point.base))
    }

    /// Writes segments that follow the last one. After an error some may be there; the next try passes those over.
    pub(super) fn append(&self, segments: &[Arc<Segment>]) -> Result<(), DiskError> {
        let end = self.end().unwrap_or(0);
        let mut rest = &segments[segments.partition_point(|segment| segment.end() <= end)..];
        while let Some(first) = rest.first() {
            self.roll_for(first)?;
            let version = first.header().schema;
            let room = self.settings.segment_bytes;
            let written = self.files.read().back().map_or(0, |file| file.index.bytes);
            let mut buffer = Vec::new();
            let mut count = 0;
            for segment in rest.iter().take_while(|segment| segment.header().schema == version) {
                if count > 0 && written + buffer.len() as u64 >= room {
                    break;
                }
                encode_record(&mut buffer, segment.binary().payload());
                count += 1;
            }
            self.write(&buffer)?;
            let mut files = self.files.write();
            if let Some(file) = files.back_mut() {
                for segment in &rest[..count] {
                    let header = segment.header();
                    file.index.note(header.base, header.rows, header.sealed, file.index.bytes);
                    file.index.bytes += (RECORD_HEADER_BYTES + segment.binary().payload().len()) as u64;
                }
            }
            rest = &rest[count..];
        }
        Ok(())
    }

    /// Starts a file when there is none, it is full, or the schema is another.
    fn roll_for(&self, segment: &Segment) -> Result<(), DiskError> {
        let goes_on = self.files.read().back().is_some_and(|file| {
            file.index.bytes < self.settings.segment_bytes && *file.schema == *segment.schema()
        });
        if goes_on {
            return Ok(());
        }
        if self.settings.sync != Sync::None {
            self.sync()?;
        }
        if let Some(file) = self.files.read().back() {
            file.index.write(&file.path);
        }
        let base = segment.header().base;
        let path = self.folder.join(format!("{base:020}.log"));
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path);
        let file = file.map_err(|error| DiskError::new("create", &path, error))?;
        let info = StreamInfo {
            name: self.name.clone(),
            id: 0,
            epoch: segment.header().epoch,
            oldest: base,
            head: base,
            schema: segment.schema().clone(),
        };
        let mut head = Vec::new();
        encode_record(&mut head, &ServerMessage::Catalog { streams: vec![info] }.encode());
        let write = (&file).write_all(&head).and_then(|()| sync_if(self.settings.sync, &file));
        if let Err(error) = write {
            // Never a file without its head: the next try starts anew.
            let _ = fs::remove_file(&path);
            return Err(DiskError::new("write", path, error));
        }
        if self.settings.sync != Sync::None {
            sync_folder(&self.folder)?;
        }
        *self.active.lock() = Some(Arc::new(file));
        let mut index = Index::new(base);
        index.bytes = head.len() as u64;
        let schema = Arc::new(segment.schema().clone());
        self.files.write().push_back(SegmentFile { base, path, schema, index });
        Ok(())
    }

    fn write(&self, bytes: &[u8]) -> Result<(), DiskError> {
        let (path, end) = match self.files.read().back() {
            Some(file) => (file.path.clone(), file.index.bytes),
            None => return Ok(()),
        };
        let fault = |what, error| DiskError::new(what, &path, error);
        let file = self.open_active(&path)?;
        let mut at = &*file;
        let written = at.seek(SeekFrom::Start(end)).and_then(|_| at.write_all(bytes));
        if let Err(error) = written {
            // What was written in part is cut off; if not now, then by the next write or at the next start.
            let _ = file.set_len(end);
            return Err(fault("write", error));
        }
        self.is_dirty.store(true, Ordering::Release);
        Ok(())
    }

    fn open_active(&self, path: &Path) -> Result<Arc<File>, DiskError> {
        let mut active = self.active.lock();
        if let Some(file) = &*active {
            return Ok(Arc::clone(file));
        }
        let file = OpenOptions::new().write(true).open(path);
        let file = Arc::new(file.map_err(|error| DiskError::new("open", path, error))?);
        *active = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Brings what was written to the disk itself. Whether there was anything.
    pub(super) fn sync(&self) -> Result<bool, DiskError> {
        if !self.is_dirty.swap(false, Ordering::AcqRel) {
            return Ok(false);
        }
        let Some(file) = self.active.lock().clone() else { return Ok(false) };
        file.sync_data().map(|()| true).map_err(|error| DiskError::new(SYNC, &self.folder, error))
    }

    /// Removes the oldest files while there is too much, or they are too old. The last one stays.
    pub(super) fn trim(&self, now: Nanos) {
        let oldest_seal = now.saturating_sub(self.settings.age);
        loop {
            let bytes = self.size_bytes();
            let mut files = self.files.write();
            let goes =
                |file: &SegmentFile| bytes > self.settings.bytes || file.index.last_sealed < oldest_seal;
            if files.len() < 2 || !files.front().is_some_and(goes) {
                return;
            }
            let Some(file) = files.pop_front() else { return };
            drop(files);
            Index::remove(&file.path);
            if let Err(error) = fs::remove_file(&file.path) {
                tracing::warn!(path = %file.path.display(), %error, "an old segment file stays");
            }
        }
    }

    /// Syncs every file, and notes that nothing is missing.
    pub(super) fn leave_clean(&self) -> Result<(), DiskError> {
        for file in self.files.read().iter() {
            let synced = File::open(&file.path).and_then(|file| file.sync_all());
            synced.map_err(|error| DiskError::new(SYNC, &file.path, error))?;
        }
        sync_folder(&self.folder)?;
        let mut epoch = self.epoch.lock();
        epoch.is_clean = true;
        epoch.write(&self.folder)
    }

    /// Reads from `cursor` on, which is on disk: about `budget` bytes, at least one segment. Blocks.
    ///
    /// The segments get this process's `stream` number and `epoch`.
    pub fn read(&self, cursor: u64, budget: usize, stream: u32, epoch: u64) -> Chunk {
        let place = {
            let files = self.files.read();
            let at = files.partition_point(|file| file.base <= cursor).checked_sub(1);
            let found = at.and_then(|at| Some((at, files.get(at)?)));
            let next = at.map_or_else(|| files.front(), |at| files.get(at + 1)).map(|file| file.base);
            match found {
                Some((_, file)) if cursor < file.index.end => Ok(Place {
                    path: file.path.clone(),
                    schema: Arc::clone(&file.schema),
                    byte: file.index.at(cursor).map_or(0, |point| point.byte),
                    bytes: file.index.bytes,
                    end: file.index.end,
                }),
                // Between two files, or trimmed meanwhile.
                _ => Err(next.unwrap_or(cursor + 1)),
            }
        };
        let place = match place {
            Ok(place) => place,
            Err(to) => return damaged(to),
        };
        match Self::read_at(&place, cursor, budget, stream, epoch) {
            Ok(segments) => Chunk::Segments(segments),
            Err((byte, reason)) => {
                let to = {
                    let files = self.files.read();
                    let file = files.iter().find(|file| file.path == place.path);
                    let next = file.and_then(|file| file.index.after(byte));
                    next.map_or(place.end, |point| point.base).max(cursor + 1)
                };
                let path = place.path.display();
                tracing::error!(%path, byte, reason, from = cursor, to, "events on disk cannot be read");
                damaged(to)
            }
        }
    }

    fn read_at(
        place: &Place,
        cursor: u64,
        budget: usize,
        stream: u32,
        epoch: u64,
    ) -> Result<Vec<Arc<Segment>>, (u64, String)> {
        let mut at = place.byte;
        let fail = |at: u64, error: &dyn std::fmt::Display| (at, error.to_string());
        let mut file = File::open(&place.path).map_err(|error| fail(at, &error))?;
        file.seek(SeekFrom::Start(at)).map_err(|error| fail(at, &error))?;
        let mut segments = Vec::new();
        let mut taken = 0;
        let mut bytes = Vec::new();
        while taken < budget && at < place.bytes {
            let mut head = [0; RECORD_HEADER_BYTES];
            let read = file.read_exact(&mut head).and_then(|()| {
                let length = u64::from(u32::from_le_bytes([head[0], head[1], head[2], head[3]]));
                bytes.clear();
                bytes.extend_from_slice(&head);
                // A length that is wrong ends at the end of the file, and then the checksum says so.
                (&mut file).take(length.min(place.bytes - at)).read_to_end(&mut bytes)
            });
            let record = read.map_err(|error| error.to_string()).and_then(|_| {
                let payload = read_record(&bytes).map_err(|error| error.to_string())?;
                Segment::from_disk(payload, &place.schema, stream, epoch).map_err(|error| error.to_string())
            });
            match record {
                Ok(Some(segment)) if segment.end() > cursor => {
                    taken += segment.size_bytes();
                    segments.push(Arc::new(segment));
                }
                Ok(_) => {}
                Err(_) if !segments.is_empty() => break,
                Err(reason) => return Err((at, reason)),
            }
            at += bytes.len() as u64;
        }
        match segments.first() {
            Some(first) if first.header().base <= cursor => Ok(segments),
            _ => Err((at, format!("offset {cursor} is not where the index has it"))),
        }
    }
}

struct Place {
    path: PathBuf,
    schema: Arc<Schema>,
    byte: u64,
    bytes: u64,
    end: u64,
}

fn damaged(to: u64) -> Chunk {
    Chunk::Missing { to, reason: GapReason::Damaged }
}

fn sync_if(policy: Sync, file: &File) -> std::io::Result<()> {
    if policy == Sync::None { Ok(()) } else { file.sync_data() }
}
