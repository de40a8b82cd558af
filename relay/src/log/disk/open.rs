//! What a folder holds when the relay starts: torn tails are cut and said, epochs are kept or made anew.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use spate_shared::catalog::check_stream_name;
use spate_shared::schema::Schema;
use spate_shared::wire::{DataHeader, ServerFrame, ServerMessage};

use super::epoch::{EpochFile, boot};
use super::index::Index;
use super::record::{RECORD_HEADER_BYTES, RecordError, read_record};
use super::store::{SegmentFile, Store};
use super::{DiskError, Settings};

/// What a stream's folder begins with, so that no name is `..` or hidden.
pub(super) const PREFIX: &str = "stream-";

/// A stream that was found.
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its epoch from now on.
    pub epoch: u64,
    /// Whether fields that appear in events are added to the schema.
    pub is_inferred: bool,
    /// Its last schema.
    pub schema: Schema,
    /// Offset after its last event.
    pub head: u64,
    /// Its files.
    pub store: Store,
}

/// Opens every stream of a folder, which is made if it is not there. `new_epoch` is for streams that lost something.
///
/// # Errors
/// [`DiskError`] when the folder or a file cannot be read or written.
pub fn find(settings: &Arc<Settings>, new_epoch: u64) -> Result<Vec<Found>, DiskError> {
    let root = &settings.folder;
    fs::create_dir_all(root).map_err(|error| DiskError::new("create", root, error))?;
    let mut found = Vec::new();
    for path in children(root)? {
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(PREFIX));
        let Some(name) = name.filter(|name| check_stream_name(name).is_ok()) else { continue };
        found.extend(open(name, &path, settings, new_epoch)?);
    }
    Ok(found)
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let fault = |error| DiskError::new("read", folder, error);
    let entries = fs::read_dir(folder).map_err(fault)?;
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    if let Ok(paths) = &mut paths {
        paths.sort();
    }
    paths.map_err(fault)
}

fn base_of(path: &Path) -> Option<u64> {
    let is_log = path.extension().is_some_and(|extension| extension == "log");
    path.file_stem()?.to_str()?.parse().ok().filter(|_| is_log)
}

fn open(
    name: &str,
    folder: &Path,
    settings: &Arc<Settings>,
    new_epoch: u64,
) -> Result<Option<Found>, DiskError> {
    let logs: Vec<(u64, PathBuf)> =
        children(folder)?.into_iter().filter_map(|path| Some((base_of(&path)?, path))).collect();
    let mut files = VecDeque::new();
    let mut lost = false;
    let last = logs.len().saturating_sub(1);
    for (at, (base, path)) in logs.into_iter().enumerate() {
        let (file, was_cut) =
            if at < last { (closed(base, path)?, false) } else { active(name, base, path)? };
        lost |= was_cut;
        files.extend(file);
    }
    let known = EpochFile::read(folder)?;
    let (Some(file), Some(known)) = (files.back(), known.as_ref()) else {
        if let Some(file) = files.back() {
            return make_found(name, folder, settings, file.index.end, (new_epoch, true), files).map(Some);
        }
        return Ok(None);
    };
    let head = file.index.end;
    let epoch = if lost || known.may_have_lost() {
        let epoch = new_epoch.max(known.epoch + 1);
        tracing::warn!(stream = name, head, epoch, "events that readers saw may be lost: a new epoch begins");
        epoch
    } else {
        known.epoch
    };
    make_found(name, folder, settings, head, (epoch, known.is_inferred), files).map(Some)
}

fn make_found(
    name: &str,
    folder: &Path,
    settings: &Arc<Settings>,
    head: u64,
    (epoch, is_inferred): (u64, bool),
    files: VecDeque<SegmentFile>,
) -> Result<Found, DiskError> {
    let schema = files.back().map(|file| Schema::clone(&file.schema));
    let file = EpochFile { epoch, is_inferred, boot: boot(), sync: settings.sync, is_clean: false };
    file.write(folder)?;
    let store = Store::new(name.to_owned(), folder.to_owned(), Arc::clone(settings), files, file);
    let time = spate_shared::schema::TimeField {
        name: "time".to_owned(),
        source: spate_shared::schema::TimeSource::Arrival,
    };
    let schema = schema.unwrap_or_else(|| Schema::new(time, Vec::new()));
    Ok(Found { name: name.to_owned(), epoch, is_inferred, schema, head, store })
}

/// A file that is not written any more. What is damaged in it stays, and is told to who reads it.
fn closed(base: u64, path: PathBuf) -> Result<Option<SegmentFile>, DiskError> {
    let bytes = fs::metadata(&path).map_err(|error| DiskError::new("read", &path, error))?.len();
    if let Some(index) = Index::read(&path, bytes)
        && let Some(schema) = read_schema(&path)
    {
        return Ok(Some(SegmentFile { base, path, schema: Arc::new(schema), index }));
    }
    let scan = Scan::of(base, &path)?;
    if let Some((reason, _)) = scan.stop {
        tracing::error!(path = %path.display(), byte = scan.index.bytes, %reason, "a segment file is damaged");
    } else {
        scan.index.write(&path);
    }
    Ok(scan.schema.map(|schema| SegmentFile { base, path, schema: Arc::new(schema), index: scan.index }))
}

/// The file that was being written: what does not check at its end is cut. Whether that was more than a torn record.
fn active(name: &str, base: u64, path: PathBuf) -> Result<(Option<SegmentFile>, bool), DiskError> {
    let scan = Scan::of(base, &path)?;
    let mut damaged = false;
    if let Some((reason, bytes)) = scan.stop {
        damaged = reason != RecordError::Torn;
        tracing::warn!(
            stream = name,
            path = %path.display(),
            byte = scan.index.bytes,
            cut_bytes = bytes,
            %reason,
            "the end of a segment file is cut"
        );
        let file = fs::OpenOptions::new().write(true).open(&path);
        file.and_then(|file| file.set_len(scan.index.bytes).and_then(|()| file.sync_all()))
            .map_err(|error| DiskError::new("cut", &path, error))?;
    }
    let Some(schema) = scan.schema else {
        fs::remove_file(&path).map_err(|error| DiskError::new("remove", &path, error))?;
        return Ok((None, damaged));
    };
    Ok((Some(SegmentFile { base, path, schema: Arc::new(schema), index: scan.index }), damaged))
}

fn read_schema(path: &Path) -> Option<Schema> {
    use std::io::Read as _;
    let mut head = Vec::new();
    fs::File::open(path).ok()?.take(1 << 20).read_to_end(&mut head).ok()?;
    schema_of(read_record(&head).ok()?)
}

fn schema_of(payload: &[u8]) -> Option<Schema> {
    match ServerFrame::decode(payload) {
        Ok(ServerFrame::Message(ServerMessage::Catalog { streams })) => {
            streams.into_iter().next().map(|stream| stream.schema)
        }
        _ => None,
    }
}

/// A file read from its start, record by record.
pub(super) struct Scan {
    pub(super) index: Index,
    pub(super) schema: Option<Schema>,
    /// Why it stopped before the end, and how many bytes follow.
    pub(super) stop: Option<(RecordError, u64)>,
}

impl Scan {
    fn of(base: u64, path: &Path) -> Result<Self, DiskError> {
        let bytes = fs::read(path).map_err(|error| DiskError::new("read", path, error))?;
        Ok(Self::bytes(base, &bytes))
    }

    /// Reads the bytes of a file whose first event has the offset `base`.
    pub(super) fn bytes(base: u64, bytes: &[u8]) -> Self {
        let mut scan = Self { index: Index::new(base), schema: None, stop: None };
        let mut at = 0;
        while at < bytes.len() {
            let payload =
                read_record(&bytes[at..]).and_then(|payload| scan.take(payload, at).map(|()| payload));
            match payload {
                Ok(payload) => at += RECORD_HEADER_BYTES + payload.len(),
                Err(reason) => {
                    // Zeros to the end are what some file systems leave of a write that a crash cut short.
                    let is_blank = bytes[at..].iter().all(|byte| *byte == 0);
                    let reason = if is_blank { RecordError::Torn } else { reason };
                    scan.stop = Some((reason, (bytes.len() - at) as u64));
                    break;
                }
            }
        }
        scan.index.bytes = at as u64;
        scan
    }

    fn take(&mut self, payload: &[u8], byte: usize) -> Result<(), RecordError> {
        if self.schema.is_none() {
            self.schema = schema_of(payload);
            return self.schema.as_ref().map(|_| ()).ok_or(RecordError::Checksum);
        }
        match DataHeader::peek(payload) {
            Ok(header) if header.base == self.index.end && header.rows > 0 => {
                self.index.note(header.base, header.rows, header.sealed, byte as u64);
                Ok(())
            }
            _ => Err(RecordError::Checksum),
        }
    }
}
