//! `GET /api/v1/streams/{name}/events`: what the ring and the archive hold of a stream, in one of the [`FORMATS`](super::FORMATS).
//!
//! The answer ends at the head that the stream had when the request came, or at `limit`. Its headers say `spate-epoch` and
//! `spate-next`, the `offset` from which the next request goes on.

use std::ops::Range;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::wire::{DataFrame, GapReason, Start};

use super::body::{self, Writer};
use super::format::{Encoder, FormatKind};
use super::query::{Query, Times};
use crate::http::ApiError;
use crate::log::{Read, Segment, Stream};
use crate::relay::Relay;

/// When a reader may come back whom JetStream kept waiting.
const RETRY_SECONDS: u64 = 1;

/// The handler.
pub(crate) async fn history(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    query: Result<Parameters<Query>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Parameters(query) = query.map_err(|rejection| {
        ApiError::new(rejection.status(), rejection.body_text(), "docs/relay.md lists the parameters")
    })?;
    let stream = super::stream(&relay, &name)?;
    let now = (relay.clock)();
    let times = query.times(now)?;
    let format = query.format(&headers)?;
    stream.reach(&Start::Live, now).await;
    // One look, so that the schema is that of the last segment before the head.
    let info = stream.info();
    let start = query.offset.unwrap_or(info.oldest);
    if start < info.oldest {
        let error = format!("offset {start} has left the ring, the oldest is {}", info.oldest);
        let hint = "go on from the oldest; raise ring.bytes or ring.age to keep more";
        return Err(ApiError::new(StatusCode::GONE, error, hint));
    }
    let mut offsets = start.min(info.head)..info.head;
    // Tried before the answer begins, so that a failure has a status.
    match stream.fetch(offsets.start).await {
        Read::Missing { reason: GapReason::Unreachable, .. } => return Err(missing(GapReason::Unreachable)),
        Read::Missing { to, reason: GapReason::Trimmed } if query.offset.is_none() => {
            offsets.start = to.min(info.head);
        }
        _ => {}
    }
    if let Some(limit) = query.limit {
        offsets.end = end_of(&stream, offsets.clone(), times, limit).await.map_err(missing)?;
    }
    let encoder = (format.encoder)(&info).map_err(|_| interrupted())?;
    let (writer, body) = body::channel();
    let said = [("spate-epoch", info.epoch.to_string()), ("spate-next", offsets.end.to_string())];
    let reader = Reader { stream, schema: info.schema, offsets, times, encoder };
    tokio::spawn(reader.run(writer, relay, format));
    Ok((said, [(header::CONTENT_TYPE, format.content_type)], [disposition(&name, format)], body)
        .into_response())
}

/// Browsers save what is not text to be read, under the stream's name.
fn disposition(stream: &str, format: &FormatKind) -> (header::HeaderName, String) {
    let name: String = stream.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let kind = if matches!(format.name, "arrow" | "spate") { "attachment" } else { "inline" };
    (header::CONTENT_DISPOSITION, format!("{kind}; filename=\"{name}.{}\"", format.name))
}

fn interrupted() -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made", "try again")
}

/// Events cannot be given.
fn missing(reason: GapReason) -> ApiError {
    if reason == GapReason::Unreachable {
        let (error, hint) =
            ("JetStream did not give back what left the ring", "try again; /readyz says whether it is there");
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return ApiError { retry_seconds: Some(RETRY_SECONDS), ..ApiError::new(status, error, hint) };
    }
    ApiError::new(
        StatusCode::GONE,
        "the events left the ring while they were counted",
        "ask for a later offset",
    )
}

/// Where `limit` events of these times end, or why the events before that cannot be counted.
async fn end_of(stream: &Stream, within: Range<u64>, times: Times, limit: u64) -> Result<u64, GapReason> {
    let mut cursor = within.start;
    let mut left = limit;
    while left > 0 && cursor < within.end {
        let segment = match stream.fetch(cursor).await {
            Read::Segment(segment) => segment,
            Read::Missing { to, reason: GapReason::NoEvent } => {
                cursor = to.min(within.end);
                continue;
            }
            Read::Missing { reason, .. } => return Err(reason),
            Read::Live | Read::Archived(..) => return Err(GapReason::Trimmed),
        };
        let frame = segment.tail(cursor).map_err(|_| GapReason::Damaged)?;
        for time in &frame.batch.times {
            if left == 0 || cursor == within.end {
                break;
            }
            left -= u64::from(times.holds(*time));
            cursor += 1;
        }
        // There may be many segments, and none of them to wait for.
        tokio::task::yield_now().await;
    }
    Ok(cursor)
}

/// One answer being written.
struct Reader {
    stream: Arc<Stream>,
    /// What was said of the events.
    schema: Schema,
    /// What is left to write.
    offsets: Range<u64>,
    times: Times,
    encoder: Box<dyn Encoder>,
}

impl Reader {
    /// Writes the body, one segment at a time; a body that cannot be finished ends as an error.
    async fn run(mut self, writer: Writer, relay: Arc<Relay>, format: &'static FormatKind) {
        let meter = relay.metrics.output(format.name);
        while !self.offsets.is_empty() {
            let found = match self.stream.fetch(self.offsets.start).await {
                // What is read back may need fields that nobody knew when the answer began.
                Read::Segment(segment) if self.schema.extends(segment.schema()) => Ok(segment),
                Read::Segment(_) => Err("its schema grew"),
                Read::Missing { to, reason: GapReason::NoEvent } => {
                    self.offsets.start = to;
                    continue;
                }
                Read::Missing { reason: GapReason::Unreachable, .. } => Err("JetStream did not answer"),
                Read::Missing { reason: GapReason::Damaged, .. } => Err("events on disk cannot be read"),
                Read::Live | Read::Archived(..) | Read::Missing { .. } => Err("the ring overtook it"),
            };
            let segment = match found {
                Ok(segment) => segment,
                Err(why) => {
                    let (stream, offset) = (self.stream.name(), self.offsets.start);
                    return tracing::info!(stream, offset, why, "a reader of history is cut off");
                }
            };
            // Off the async threads: text of a segment takes milliseconds.
            let encoded = tokio::task::spawn_blocking(move || self.encode(&segment).map(|part| (self, part)));
            let Ok(Ok((reader, (events, bytes)))) = encoded.await else {
                return tracing::error!(format = format.name, "history cannot be encoded");
            };
            self = reader;
            meter.sent(events, bytes.len());
            if writer.write(bytes).await.is_err() {
                return;
            }
        }
        if self.encoder.finish().is_ok() && writer.write(self.encoder.take()).await.is_ok() {
            // A reader that is gone needs no end.
            let _ = writer.finish().await;
        }
    }

    /// The wanted events of a segment: how many, and their bytes.
    fn encode(&mut self, segment: &Segment) -> std::io::Result<(u64, Vec<u8>)> {
        let whole = segment.tail(self.offsets.start).map_err(std::io::Error::other)?;
        let rows = (self.offsets.end - self.offsets.start).min(u64::from(whole.header.rows)) as usize;
        self.offsets.start += rows as u64;
        let mut events = 0;
        for part in parts(&whole, rows, self.times) {
            events += part.batch.len() as u64;
            self.encoder.frame(part)?;
        }
        Ok((events, self.encoder.take()))
    }
}

/// The runs of wanted events among the first `rows` of a frame, each with its own offsets.
fn parts(frame: &DataFrame, rows: usize, times: Times) -> Vec<DataFrame> {
    let wanted = |row: usize| times.holds(frame.batch.times[row]);
    let mut parts = Vec::new();
    let mut at = 0;
    while at < rows {
        let start = (at..rows).find(|row| wanted(*row)).unwrap_or(rows);
        let end = (start..rows).find(|row| !wanted(*row)).unwrap_or(rows);
        if start == 0 && end == frame.batch.len() {
            return vec![DataFrame { header: frame.header, batch: Batch::clone(&frame.batch) }];
        }
        if start < end {
            parts.push(frame.part(start..end));
        }
        at = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::wire::DataHeader;

    #[test]
    fn the_wanted_runs_of_a_frame_keep_their_offsets() {
        let batch = Batch { times: vec![5, 1, 6, 7, 2, 8], columns: Vec::new() };
        let header = DataHeader { stream: 0, schema: 1, epoch: 1, base: 100, rows: 6, sealed: 0 };
        let frame = DataFrame { header, batch };
        let check = |from, to, rows, expect: &[(u64, u32)]| {
            let found = parts(&frame, rows, Times { from, to });
            let found: Vec<_> = found.iter().map(|part| (part.header.base, part.header.rows)).collect();
            assert_eq!(found, expect);
        };
        check(i64::MIN, None, 6, &[(100, 6)]);
        check(5, None, 6, &[(100, 1), (102, 2), (105, 1)]);
        check(5, Some(8), 6, &[(100, 1), (102, 2)]);
        check(i64::MIN, None, 2, &[(100, 2)]);
        check(100, None, 6, &[]);
    }
}
