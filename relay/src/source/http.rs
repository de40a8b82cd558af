//! `POST /api/v1/streams/{name}/events`: NDJSON, a JSON array or object, or CSV; plain or gzip.
//!
//! Answers `{"accepted": n, "rejected": [{"line", "field", "reason"}..], "rejected_total": n}` with 200 when all events
//! were taken, 207 when some were, 400 when none were. A producer that numbers its bodies with the headers `spate-producer`
//! and `spate-sequence` may send one again: it is taken once, and its answer given again with `"duplicate": true`.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::MultiGzDecoder;
use serde_json::json;
use spate_shared::text::Format;
use tokio::time::timeout;

use super::producer::{Ticket, is_producer_name};
use super::{INLINE_BYTES, IngestError, Taken};
use crate::config::ByteSize;
use crate::http::ApiError;
use crate::jetstream::JetStreamFault;
use crate::log::CreateError;
use crate::relay::Relay;

/// Longest time a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// When a producer that met the drain may come back.
const CLOSED_RETRY_SECONDS: u64 = 1;

/// The handler.
pub async fn publish(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let answer = match take(&relay, name.clone(), request).await {
        Ok(taken) => match relay.ingest.settled(&name).await {
            Ok(()) => answer(&taken),
            Err(error) => ApiError::from(error).into_response(),
        },
        Err(error) => error.into_response(),
    };
    relay.metrics.ingest_answered(answer.status().as_u16());
    answer
}

async fn take(relay: &Arc<Relay>, stream: String, request: Request) -> Result<Taken, ApiError> {
    relay.ingest.admit(&stream, 0)?;
    let format = format(request.headers())?;
    let gzip = is_gzip(request.headers())?;
    let ticket = ticket(request.headers())?;
    let limit = relay.limits.body_bytes;
    let body = match timeout(BODY_TIMEOUT, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(too_large(limit));
        }
        Ok(Err(rejection)) => {
            return Err(ApiError::new(rejection.status(), rejection.body_text(), "send the body again"));
        }
        Err(_) => {
            let error = format!("the body did not arrive within {} s", BODY_TIMEOUT.as_secs());
            return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, error, "send smaller bodies"));
        }
    };
    let ingest = Arc::clone(&relay.ingest);
    // Compressed or not, a stream is charged for its text.
    let publish = move |text: &[u8]| {
        ingest.admit(&stream, text.len())?;
        Ok(ingest.publish_once(ticket.as_ref(), &stream, format, text, 1)?)
    };
    if body.len() <= INLINE_BYTES && !gzip {
        return publish(&body);
    }
    let Ok(_turn) = relay.decoders.acquire().await else { return Err(interrupted()) };
    let decode = move || if gzip { publish(&gunzip(&body, limit)?) } else { publish(&body) };
    tokio::task::spawn_blocking(decode).await.unwrap_or_else(|_| Err(interrupted()))
}

fn answer(Taken { outcome, is_duplicate }: &Taken) -> Response {
    let status = match (outcome.accepted, outcome.rejected_total) {
        (1.., 0) => StatusCode::OK,
        (1.., _) => StatusCode::MULTI_STATUS,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut body = json!({
        "accepted": outcome.accepted,
        "rejected": outcome.rejected,
        "rejected_total": outcome.rejected_total,
    });
    if *is_duplicate {
        body["duplicate"] = true.into();
    }
    if outcome.accepted == 0 {
        let (error, hint) = match outcome.rejected_total {
            0 => {
                ("the body holds no events", "send at least one event; CSV needs a header row and a data row")
            }
            _ => ("no event was taken", "see `rejected` for the reasons"),
        };
        body["error"] = error.into();
        body["hint"] = hint.into();
    }
    (status, Json(body)).into_response()
}

fn format(headers: &HeaderMap) -> Result<Format, ApiError> {
    let content_type =
        headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let hint = "set the header content-type to application/x-ndjson, application/json or text/csv \
                (curl: -H 'content-type: application/x-ndjson')";
    let unsupported = |error: String| ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error, hint);
    let Some(content_type) = content_type else {
        return Err(unsupported("the request has no content type".to_owned()));
    };
    let charset = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    if let Some(charset) =
        charset.filter(|name| !name.eq_ignore_ascii_case("utf-8") && !name.eq_ignore_ascii_case("utf8"))
    {
        let error = format!("charset {charset:?} is not taken");
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error, "send UTF-8"));
    }
    Format::from_content_type(&content_type)
        .ok_or_else(|| unsupported(format!("content type {content_type:?} is not taken")))
}

/// The headers `spate-producer` and `spate-sequence`: both, or none.
fn ticket(headers: &HeaderMap) -> Result<Option<Ticket>, ApiError> {
    let text =
        |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let bad = |error: &str| {
        let hint = "spate-producer is 1 to 128 printable ASCII characters, spate-sequence a rising number";
        ApiError::new(StatusCode::BAD_REQUEST, error, hint)
    };
    match (text("spate-producer"), text("spate-sequence")) {
        (None, None) => Ok(None),
        (Some(producer), Some(sequence)) => {
            let sequence = sequence.trim().parse().map_err(|_| bad("spate-sequence is no whole number"))?;
            if !is_producer_name(&producer) {
                return Err(bad("spate-producer is not valid"));
            }
            Ok(Some(Ticket { producer, sequence }))
        }
        _ => Err(bad("of spate-producer and spate-sequence one is missing")),
    }
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, ApiError> {
    match headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase()).as_deref()
    {
        None | Some(b"identity") => Ok(false),
        Some(b"gzip" | b"x-gzip") => Ok(true),
        Some(other) => {
            let error = format!("content encoding {:?} is not taken", String::from_utf8_lossy(other));
            Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error, "send plain bytes or gzip"))
        }
    }
}

/// Decompresses at most `limit` bytes, so that a small body cannot fill the memory.
fn gunzip(body: &[u8], limit: ByteSize) -> Result<Vec<u8>, ApiError> {
    let mut text = Vec::new();
    let read = MultiGzDecoder::new(body).take(limit.0 as u64 + 1).read_to_end(&mut text);
    match read {
        Ok(len) if len > limit.0 => Err(too_large(limit)),
        Ok(_) => Ok(text),
        Err(error) => {
            let error = format!("the body is not gzip: {error}");
            Err(ApiError::new(StatusCode::BAD_REQUEST, error, "compress it again, or send plain bytes"))
        }
    }
}

fn too_large(limit: ByteSize) -> ApiError {
    let error = format!("the body is larger than {limit}, before or after decompression");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, error, "send it in parts, or raise limits.body_bytes")
}

/// The runtime is shutting down.
fn interrupted() -> ApiError {
    IngestError::Closed.into()
}

impl From<IngestError> for ApiError {
    fn from(error: IngestError) -> Self {
        let (status, retry_seconds) = match &error {
            IngestError::Create(CreateError::TooMany { .. })
            | IngestError::JetStream(JetStreamFault::TooMany(_))
            | IngestError::Reserved(_) => (StatusCode::FORBIDDEN, None),
            IngestError::Create(CreateError::Disk(_)) | IngestError::Disk(_) | IngestError::JetStream(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, Some(CLOSED_RETRY_SECONDS))
            }
            IngestError::Create(_) => (StatusCode::BAD_REQUEST, None),
            IngestError::TooFast { retry_seconds, .. } => {
                (StatusCode::TOO_MANY_REQUESTS, Some(*retry_seconds))
            }
            IngestError::Forgotten { .. } => (StatusCode::CONFLICT, None),
            IngestError::Closed => (StatusCode::SERVICE_UNAVAILABLE, Some(CLOSED_RETRY_SECONDS)),
        };
        let message = error.to_string();
        let (error, hint) = message.split_once(": ").unwrap_or((&message, "see docs/relay.md"));
        Self { retry_seconds, ..Self::new(status, error, hint) }
    }
}
