//! Follows a growing NDJSON file, as `tail -F` does.
//!
//! A file that shrank was truncated: it is read from its start. A path that names another file was rotated: the old one is
//! read to its end first. What is not there yet is waited for. Back-pressure: the file is read no further while its stream
//! has had too many bytes.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::lines::Lines;
use super::{Ingest, admit, log_takes};
use crate::ready::Beginning;

/// Time between two looks at the file.
const POLL: Duration = Duration::from_millis(200);
/// Bytes that are read together.
const READ_BYTES: usize = 256 << 10;

/// Where following begins in a file that is there at the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begin {
    /// With its first line.
    Start,
    /// With what is appended from now on.
    #[default]
    End,
}

/// A file being followed.
pub struct Tail {
    path: PathBuf,
    stream: String,
    open: Option<Open>,
    lines: Lines,
    /// Whether the last look failed, so that a fault is told once.
    failed: bool,
}

struct Open {
    file: File,
    inode: u64,
    position: u64,
}

/// What a look at the file gave.
enum Look {
    Bytes(Vec<u8>),
    /// The file ends here and another begins; an unfinished line is finished.
    Ended,
    Nothing,
}

impl Tail {
    /// Follows a file into a stream. What is in it by now is read or not, as `from` says.
    pub fn new(path: PathBuf, stream: String, from: Begin) -> Self {
        // A fault is told by the first look, which tries again.
        let open = open(&path, from).ok().flatten();
        Self { path, stream, open, lines: Lines::default(), failed: false }
    }

    /// Publishes what is appended until the way in is closed. It has begun when it has read what was there.
    pub async fn run(mut self, ingest: Arc<Ingest>, beginning: Beginning) {
        let mut beginning = Some(beginning);
        loop {
            // A file system may be slow, or far away.
            let looked = tokio::task::spawn_blocking(move || {
                let look = self.look();
                (self, look)
            });
            let Ok((tail, look)) = looked.await else { return };
            self = tail;
            let look = match look {
                Ok(look) => {
                    self.failed = false;
                    look
                }
                Err(error) => {
                    if !std::mem::replace(&mut self.failed, true) {
                        tracing::warn!(path = %self.path.display(), %error, "the file cannot be read, trying again");
                    }
                    self.open = None;
                    Look::Nothing
                }
            };
            match look {
                Look::Nothing => {
                    drop(beginning.take());
                    tokio::time::sleep(POLL).await;
                }
                Look::Bytes(bytes) => {
                    if admit(&ingest, &self.stream, bytes.len()).await.is_err() {
                        return;
                    }
                    log_takes(&ingest, &self.stream).await;
                    match self.publish(&ingest, Some(bytes)).await {
                        Ok(tail) => self = tail,
                        Err(IngestStopped) => return,
                    }
                }
                Look::Ended => match self.publish(&ingest, None).await {
                    Ok(tail) => self = tail,
                    Err(IngestStopped) => return,
                },
            }
        }
    }

    /// Publishes bytes, or the unfinished line at the end of a file.
    async fn publish(mut self, ingest: &Arc<Ingest>, bytes: Option<Vec<u8>>) -> Result<Self, IngestStopped> {
        let ingest = Arc::clone(ingest);
        let published = tokio::task::spawn_blocking(move || {
            let open = match bytes {
                Some(bytes) => self.lines.push(&bytes, &ingest, &self.stream),
                None => self.lines.finish(&ingest, &self.stream),
            };
            (self, open)
        });
        match published.await {
            Ok((tail, true)) => Ok(tail),
            _ => Err(IngestStopped),
        }
    }

    fn look(&mut self) -> io::Result<Look> {
        if self.open.is_none() {
            self.open = open(&self.path, Begin::Start)?;
        }
        let Some(open) = &mut self.open else { return Ok(Look::Nothing) };
        let length = open.file.metadata()?.len();
        if length < open.position {
            tracing::info!(path = %self.path.display(), "the file was truncated, reading from its start");
            open.position = open.file.seek(SeekFrom::Start(0))?;
            return Ok(Look::Ended);
        }
        let mut bytes = vec![0; READ_BYTES];
        let read = open.file.read(&mut bytes)?;
        if read > 0 {
            open.position += read as u64;
            bytes.truncate(read);
            return Ok(Look::Bytes(bytes));
        }
        let inode = open.inode;
        if is_another(&self.path, inode)? {
            tracing::info!(path = %self.path.display(), "the file was rotated");
            self.open = None;
            return Ok(Look::Ended);
        }
        Ok(Look::Nothing)
    }
}

/// The way in is closed.
struct IngestStopped;

/// `None` when there is no such file yet.
fn open(path: &Path, from: Begin) -> io::Result<Option<Open>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let position = match from {
        Begin::Start => 0,
        Begin::End => file.seek(SeekFrom::End(0))?,
    };
    let inode = file.metadata()?.ino();
    Ok(Some(Open { file, inode, position }))
}

/// Whether the path names another file by now. While it names none, the old one may still grow.
fn is_another(path: &Path, inode: u64) -> io::Result<bool> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.ino() != inode),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
