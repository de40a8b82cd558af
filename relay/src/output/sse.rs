//! `GET /api/v1/streams/{name}/sse`: the live stream as server-sent events, for `EventSource` and curl.
//!
//! Every event is a message whose id is `EPOCH-OFFSET`. A client that comes back names the last one it got, as
//! `EventSource` does by itself with the header `Last-Event-ID`, and goes on behind it. What it cannot get is a message of
//! the type `gap` or `reset`; `ok` begins every answer.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;
use spate_shared::wire::{self, GapReason};
use tokio::sync::OwnedSemaphorePermit;

use super::body::{self, Gone, Writer};
use crate::http::ApiError;
use crate::log::{Read, Segment, Stream};
use crate::metrics::OutputMeter;
use crate::relay::Relay;

/// Its media type.
const CONTENT_TYPE: &str = "text/event-stream";
/// Longest silence; a comment keeps proxies from cutting the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// When a client that met a full relay may come back.
const BUSY_RETRY_SECONDS: u64 = 5;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// Where to begin without an id.
    start: Option<Start>,
    /// As the header `Last-Event-ID`, for clients that cannot set it.
    last_event_id: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Start {
    #[default]
    Live,
    Earliest,
}

/// The handler.
pub(crate) async fn follow(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    query: Result<Parameters<Query>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Parameters(query) = query.map_err(|rejection| {
        ApiError::new(rejection.status(), rejection.body_text(), "give start=live or start=earliest")
    })?;
    let stream = super::stream(&relay, &name)?;
    let id = headers.get("last-event-id").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    let seen = id.or(query.last_event_id).filter(|id| !id.is_empty());
    let Ok(permit) = Arc::clone(&relay.connections).try_acquire_owned() else {
        let busy = ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the relay has all the connections it takes",
            "try again later",
        );
        return Err(ApiError { retry_seconds: Some(BUSY_RETRY_SECONDS), ..busy });
    };
    let resumed = seen.as_deref().and_then(position);
    let wanted =
        resumed.map(|(epoch, offset)| wire::Start::Resume { epoch, offset: offset.saturating_add(1) });
    stream.reach(&wanted.unwrap_or(wire::Start::Live), (relay.clock)()).await;
    let (cursor, greeting) = begin(&stream, query.start.unwrap_or_default(), seen.as_deref());
    let (writer, body) = body::channel();
    let meter = relay.metrics.output("sse");
    let epoch = stream.epoch();
    let follower = Follower { stream, epoch, cursor, meter, relay, _permit: permit };
    tokio::spawn(async move {
        // A reader that is gone is told nothing.
        let _ = follower.run(writer, greeting).await;
    });
    let said = [(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")];
    Ok((said, [("x-accel-buffering", "no")], body).into_response())
}

/// Where to begin, and what to say first.
fn begin(stream: &Stream, start: Start, seen: Option<&str>) -> (u64, String) {
    let info = stream.info();
    let (mode, next, note) = match seen.map(|id| (id, position(id))) {
        None => match start {
            Start::Live => ("started", info.head, String::new()),
            Start::Earliest => ("started", info.oldest, String::new()),
        },
        Some((_, Some((epoch, offset)))) if epoch == info.epoch && offset < info.head => {
            let next = offset + 1;
            if next < info.oldest {
                ("gap", info.oldest, gap(next, info.oldest, GapReason::Trimmed))
            } else {
                ("resumed", next, String::new())
            }
        }
        Some((id, _)) => {
            let reset = json!({"last_event_id": id, "epoch": info.epoch, "next": info.oldest});
            ("reset", info.oldest, format!("event: reset\ndata: {reset}\n\n"))
        }
    };
    let ok =
        json!({"stream": info.name, "epoch": info.epoch, "next": next, "mode": mode, "schema": info.schema});
    (next, format!("event: ok\ndata: {ok}\n\n{note}"))
}

/// The epoch and offset of an id.
fn position(id: &str) -> Option<(u64, u64)> {
    let (epoch, offset) = id.split_once('-')?;
    Some((epoch.parse().ok()?, offset.parse().ok()?))
}

fn gap(from: u64, to: u64, reason: GapReason) -> String {
    format!("event: gap\ndata: {}\n\n", json!({"from": from, "to": to, "reason": reason}))
}

struct Follower {
    stream: Arc<Stream>,
    epoch: u64,
    cursor: u64,
    meter: OutputMeter,
    relay: Arc<Relay>,
    _permit: OwnedSemaphorePermit,
}

impl Follower {
    async fn run(mut self, writer: Writer, greeting: String) -> Result<(), Gone> {
        let mut head = self.stream.watch();
        let mut draining = self.relay.draining.clone();
        writer.write(greeting.into_bytes()).await?;
        loop {
            head.mark_unchanged();
            while self.send_next(&writer).await? {}
            let silent = tokio::select! {
                biased;
                _ = draining.wait_for(|draining| *draining) => break,
                () = writer.closed() => return Err(Gone),
                // An error means that the stream is gone, and the relay with it.
                _ = head.changed() => false,
                () = tokio::time::sleep(KEEP_ALIVE) => true,
            };
            if silent {
                writer.write(b":\n\n".to_vec()).await?;
            }
        }
        while self.send_next(&writer).await? {}
        writer.write(format!("retry: {}\n\n", crate::session::retry_millis()).into_bytes()).await?;
        writer.finish().await
    }

    /// Sends what lies at the cursor. Whether there was anything.
    async fn send_next(&mut self, writer: &Writer) -> Result<bool, Gone> {
        if self.stream.epoch() != self.epoch {
            // The client comes back and is told that the stream began anew.
            return Err(Gone);
        }
        match self.stream.fetch(self.cursor).await {
            // What is archived was read.
            Read::Live | Read::Archived(..) => return Ok(false),
            Read::Missing { to, reason } => {
                let from = std::mem::replace(&mut self.cursor, to);
                self.relay.metrics.gap_events.increment(to - from);
                writer.write(gap(from, to, reason).into_bytes()).await?;
            }
            Read::Segment(segment) => {
                let cursor = std::mem::replace(&mut self.cursor, segment.end());
                let text = tokio::task::spawn_blocking(move || messages(&segment, cursor)).await;
                let Ok(Some((events, text))) = text else {
                    tracing::error!(stream = self.stream.name(), "a segment does not decode");
                    return Err(Gone);
                };
                self.meter.sent(events, text.len());
                writer.write(text.into_bytes()).await?;
            }
        }
        Ok(true)
    }
}

/// A message for every event of a segment from `cursor` on, and how many.
fn messages(segment: &Segment, cursor: u64) -> Option<(u64, String)> {
    let frame = segment.tail(cursor).ok()?;
    let mut text = String::new();
    for row in 0..frame.batch.len() {
        let (epoch, offset) = (frame.header.epoch, frame.header.base + row as u64);
        // JSON text has no line breaks, so one data line holds it.
        let event = frame.batch.event_json(segment.schema(), row);
        // Writing to a text cannot fail.
        let _ = write!(text, "id: {epoch}-{offset}\ndata: {event}\n\n");
    }
    Some((frame.batch.len() as u64, text))
}
