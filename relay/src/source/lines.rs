//! Bytes cut into whole NDJSON lines, holding at most one unfinished line of bounded length.

use spate_shared::text::{Format, MAX_LINE_BYTES, Rejection};

use super::{Ingest, IngestError};

/// Where a text that arrives in pieces stands.
pub(super) struct Lines {
    /// Number of the next line.
    next: u64,
    pending: Vec<u8>,
    /// Inside a line that was too long.
    skipping: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Self { next: 1, pending: Vec::new(), skipping: false }
    }
}

impl Lines {
    /// How many whole lines there were.
    pub(super) fn count(&self) -> u64 {
        self.next - 1
    }

    /// Publishes the lines that `bytes` finishes. Whether the way in is still open.
    pub(super) fn push(&mut self, mut bytes: &[u8], ingest: &Ingest, stream: &str) -> bool {
        if self.skipping {
            let Some(end) = memchr::memchr(b'\n', bytes) else { return true };
            bytes = &bytes[end + 1..];
            self.skipping = false;
        }
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        if whole > 0 {
            self.pending.extend_from_slice(&bytes[..whole]);
            if !self.publish(ingest, stream) {
                return false;
            }
        }
        self.pending.extend_from_slice(&bytes[whole..]);
        if self.pending.len() > MAX_LINE_BYTES {
            self.pending = Vec::new();
            self.skipping = true;
            let reason = format!("line is longer than {MAX_LINE_BYTES} bytes; split the event");
            ingest.refuse(stream, Rejection { line: self.next, field: None, reason });
            self.next += 1;
        }
        true
    }

    /// Publishes the last line, which no newline ends, and begins again at line 1.
    pub(super) fn finish(&mut self, ingest: &Ingest, stream: &str) -> bool {
        let mut open = true;
        if !self.pending.is_empty() {
            self.pending.push(b'\n');
            open = self.publish(ingest, stream);
        }
        self.skipping = false;
        open
    }

    fn publish(&mut self, ingest: &Ingest, stream: &str) -> bool {
        let published = ingest.publish(stream, Format::Ndjson, &self.pending, self.next);
        self.next += memchr::memchr_iter(b'\n', &self.pending).count() as u64;
        self.pending.clear();
        if let Err(error) = &published {
            tracing::error!(stream, %error, "lines are lost");
        }
        !matches!(published, Err(IngestError::Closed))
    }
}
