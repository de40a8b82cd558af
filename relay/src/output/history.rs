//! `GET /api/v1/streams/{name}/events`: what the ring holds of a stream, in one of the [`FORMATS`](super::FORMATS).
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
use spate_shared::wire::DataFrame;

use super::body::{self, Writer};
use super::format::{Encoder, FormatKind};
use super::query::{Query, Times};
use crate::http::ApiError;
use crate::log::{Read, Segment, Stream};
use crate::relay::Relay;

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
    let times = query.times((relay.clock)())?;
    let format = query.format(&headers)?;
    // One look, so that the schema is that of the last segment before the head.
    let info = stream.info();
    let start = query.offset.unwrap_or(info.oldest);
    if start < info.oldest {
        let error = format!("offset {start} has left the ring, the oldest is {}", info.oldest);
        let hint = "go on from the oldest; raise ring.bytes or ring.age to keep more";
        return Err(ApiError::new(StatusCode::GONE, error, hint));
    }
    let mut offsets = start.min(info.head)..info.head;
    if let Some(limit) = query.limit {
        let (stream, within) = (Arc::clone(&stream), offsets.clone());
        let end = tokio::task::spawn_blocking(move || end_of(&stream, within, times, limit)).await;
        offsets.end = end.map_err(|_| interrupted())?.ok_or_else(overtaken)?;
    }
    let encoder = (format.encoder)(&info).map_err(|_| interrupted())?;
    let (writer, body) = body::channel();
    let said = [("spate-epoch", info.epoch.to_string()), ("spate-next", offsets.end.to_string())];
    let reader = Reader { stream, offsets, times, encoder };
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

fn overtaken() -> ApiError {
    ApiError::new(
        StatusCode::GONE,
        "the events left the ring while they were counted",
        "ask for a later offset",
    )
}

/// Where `limit` events of these times end; `None` when the ring overtook the count.
fn end_of(stream: &Stream, within: Range<u64>, times: Times, limit: u64) -> Option<u64> {
    let mut cursor = within.start;
    let mut left = limit;
    while left > 0 && cursor < within.end {
        let segment = match stream.fetch_blocking(cursor) {
            Read::Segment(segment) => segment,
            Read::Hole { to } => {
                cursor = to.min(within.end);
                continue;
            }
            Read::Live | Read::Trimmed { .. } => return None,
        };
        let frame = segment.tail(cursor).ok()?;
        for time in &frame.batch.times {
            if left == 0 || cursor == within.end {
                break;
            }
            left -= u64::from(times.holds(*time));
            cursor += 1;
        }
    }
    Some(cursor)
}

/// One answer being written.
struct Reader {
    stream: Arc<Stream>,
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
            let segment = match self.stream.fetch(self.offsets.start).await {
                Read::Segment(segment) => segment,
                Read::Hole { to } => {
                    self.offsets.start = to;
                    continue;
                }
                Read::Live | Read::Trimmed { .. } => {
                    let (stream, offset) = (self.stream.name(), self.offsets.start);
                    return tracing::info!(
                        stream,
                        offset,
                        "the ring overtook a reader of history, which is cut off"
                    );
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
