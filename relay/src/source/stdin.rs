//! NDJSON lines from standard input into one stream, until the input ends or the relay drains.

use std::io::{self, Read};
use std::sync::Arc;

use spate_shared::text::{Format, MAX_LINE_BYTES, Rejection};

use super::{Ingest, IngestError, SourceError};

/// Starts reading. The thread ends with the input, or with the process: a blocked read cannot be interrupted.
///
/// # Errors
/// [`SourceError::Thread`].
pub fn start(ingest: Arc<Ingest>, stream: String) -> Result<(), SourceError> {
    let read = move || match read_lines(&mut io::stdin().lock(), &ingest, &stream) {
        Ok(lines) => tracing::info!(stream, lines, "standard input ended"),
        Err(error) => tracing::error!(stream, %error, "standard input failed"),
    };
    std::thread::Builder::new().name("stdin".to_owned()).spawn(read).map_err(SourceError::Thread)?;
    Ok(())
}

/// Publishes whatever lines a read gives, at once; how many lines there were.
///
/// # Errors
/// What the reader gives.
pub fn read_lines(read: &mut impl Read, ingest: &Ingest, stream: &str) -> io::Result<u64> {
    let mut lines = Lines { ingest, stream, next: 1, pending: Vec::new(), skipping: false };
    let mut buffer = vec![0; 64 << 10];
    loop {
        let open = match read.read(&mut buffer) {
            Ok(0) => {
                lines.finish();
                false
            }
            Ok(len) => lines.push(&buffer[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error) => return Err(error),
        };
        if !open {
            return Ok(lines.next - 1);
        }
    }
}

/// Cuts bytes into whole lines, holding at most one unfinished line of bounded length.
struct Lines<'a> {
    ingest: &'a Ingest,
    stream: &'a str,
    /// Number of the next line.
    next: u64,
    pending: Vec<u8>,
    /// Inside a line that was too long.
    skipping: bool,
}

impl Lines<'_> {
    /// Whether the way in is still open.
    fn push(&mut self, mut bytes: &[u8]) -> bool {
        if self.skipping {
            let Some(end) = memchr::memchr(b'\n', bytes) else { return true };
            bytes = &bytes[end + 1..];
            self.skipping = false;
        }
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        if whole > 0 {
            self.pending.extend_from_slice(&bytes[..whole]);
            if !self.publish() {
                return false;
            }
        }
        self.pending.extend_from_slice(&bytes[whole..]);
        if self.pending.len() > MAX_LINE_BYTES {
            self.pending = Vec::new();
            self.skipping = true;
            let reason = format!("line is longer than {MAX_LINE_BYTES} bytes; split the event");
            self.ingest.refuse(self.stream, Rejection { line: self.next, field: None, reason });
            self.next += 1;
        }
        true
    }

    fn finish(&mut self) {
        if !self.pending.is_empty() {
            self.pending.push(b'\n');
            self.publish();
        }
    }

    /// Publishes the lines at hand. Whether the way in is still open.
    fn publish(&mut self) -> bool {
        let published = self.ingest.publish(self.stream, Format::Ndjson, &self.pending, self.next);
        self.next += memchr::memchr_iter(b'\n', &self.pending).count() as u64;
        self.pending.clear();
        if let Err(error) = &published {
            tracing::error!(stream = self.stream, %error, "lines of standard input are lost");
        }
        !matches!(published, Err(IngestError::Closed))
    }
}
