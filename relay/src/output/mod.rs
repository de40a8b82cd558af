//! Ways out beside the WebSocket: history in [`FORMATS`], and server-sent events.
//!
//! Each reader is a cursor into the log and holds one encoded segment at most, however slow it is. One that takes nothing
//! for [`TAKE_TIMEOUT`] is given up. A body that could not be finished ends as a broken connection, never as if it were
//! whole.

mod body;
mod format;
mod history;
mod query;
mod sse;

pub use format::{FORMATS, FormatKind};
pub(crate) use history::history;
pub(crate) use sse::follow;

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use spate_shared::catalog::check_stream_name;

use crate::http::ApiError;
use crate::log::Stream;
use crate::relay::Relay;

/// Longest wait for a reader to take what it was sent.
pub const TAKE_TIMEOUT: Duration = Duration::from_secs(10);

fn stream(relay: &Relay, name: &str) -> Result<Arc<Stream>, ApiError> {
    relay.streams.get(name).ok_or_else(|| match check_stream_name(name) {
        Ok(()) => {
            let hint = "GET /api/v1/streams lists them; a stream exists from its first event on";
            ApiError::new(StatusCode::NOT_FOUND, format!("no stream {name:?}"), hint)
        }
        Err(error) => ApiError::new(StatusCode::BAD_REQUEST, error.to_string(), "see GET /api/v1/streams"),
    })
}
