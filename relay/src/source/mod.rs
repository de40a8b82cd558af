//! Room 1: foreign bytes in, events with an event time out, validated against the stream's schema.
//!
//! Every source publishes through [`Ingest`] (text) or [`Stream::publish`](crate::log::Stream::publish) (events that
//! have a schema already). An event that is not taken is counted and kept in the dead-letter stream with its reason.
//! To add a source: one file here, one line in [`SOURCES`], one variant of
//! [`SourceConfig`](crate::config::SourceConfig).

mod budget;
pub mod dead_letter;
pub mod file;
pub mod http;
pub mod ingest;
mod lines;
pub mod producer;
pub mod publish;
pub mod replay;
mod running;
pub mod stdin;
pub mod upstream;

pub use ingest::{Ingest, IngestError, Outcome, Taken};
pub use running::Sources;

use std::time::Duration;

/// A way in.
pub struct SourceKind {
    /// Its name in `kind = ".."`; a source that is always on has none in the configuration.
    pub kind: &'static str,
    /// One line for people.
    pub doc: &'static str,
    /// Whether it is on without a `[[source]]` entry.
    pub built_in: bool,
}

/// All sources.
pub const SOURCES: &[SourceKind] = &[
    SourceKind {
        kind: "http",
        doc: "POST /api/v1/streams/{name}/events: NDJSON, JSON or CSV",
        built_in: true,
    },
    SourceKind {
        kind: "publish",
        doc: "GET /api/v1/streams/{name}/publish: a WebSocket whose messages are answered",
        built_in: true,
    },
    SourceKind { kind: "replay", doc: "a recording, CSV or NDJSON file at a chosen speed", built_in: false },
    SourceKind { kind: "stdin", doc: "NDJSON lines from standard input", built_in: false },
    SourceKind {
        kind: "file",
        doc: "NDJSON lines appended to a file, through rotation and truncation",
        built_in: false,
    },
    SourceKind { kind: "websocket", doc: "messages of another server's WebSocket", built_in: false },
    SourceKind { kind: "sse", doc: "another server's server-sent events", built_in: false },
    SourceKind { kind: "nats", doc: "messages of a NATS JetStream consumer", built_in: false },
];

/// Why a source did not start.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file cannot be read.
    #[error("cannot read {path:?}: {error}; check source.path, which is relative to the configuration file")]
    Read {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is not what its name says.
    #[error("cannot replay {path:?}: {reason}")]
    Replay {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// The stream cannot be created.
    #[error(transparent)]
    Create(#[from] crate::log::CreateError),
    /// A thread did not start.
    #[error("cannot start reading standard input: {0}")]
    Thread(std::io::Error),
}

/// Texts longer than this are decoded on a thread of their own.
const INLINE_BYTES: usize = 64 << 10;
/// Time between two looks at a log that refuses.
const LOG_RETRY: Duration = Duration::from_millis(100);

/// Waits until the log takes a stream's events, or the way in is closed.
async fn log_takes(ingest: &Ingest, stream: &str) {
    while ingest.waits_for_log(stream) {
        tokio::time::sleep(LOG_RETRY).await;
    }
}

/// Waits until a stream may take so many bytes, and counts them.
///
/// # Errors
/// [`IngestError`] other than [`IngestError::TooFast`].
async fn admit(ingest: &Ingest, stream: &str, bytes: usize) -> Result<(), IngestError> {
    loop {
        match ingest.admit(stream, bytes) {
            Err(IngestError::TooFast { retry_seconds, .. }) => {
                tokio::time::sleep(Duration::from_secs(retry_seconds)).await;
            }
            admitted => return admitted,
        }
    }
}
