//! `GET /api/v1/streams/{name}/publish`: events over a WebSocket, every message answered unless that is not wanted.
//!
//! A message is a text in the form that `?format=` names: `ndjson` (default), `json` or `csv`. With `?producer=ID` its first
//! line is `{"sequence": N}`, and a text that is sent again under its number is not taken again; without it messages are
//! counted from 1. The answer is `{"sequence", "accepted", "rejected", "rejected_total", "duplicate"}`, or
//! `{"sequence", "error", "hint"}` when nothing was looked at. With `?answers=losses` only those messages are answered of
//! which something was not taken.
//!
//! Back-pressure: messages are taken one after the other, and none is read while the stream has had too many bytes.
//! What was not answered when the connection ended is to be sent again.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use axum::extract::{Path, Query, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use futures_util::SinkExt as _;
use serde::{Deserialize, Serialize};
use spate_shared::text::Format;
use spate_shared::text::Rejection;
use spate_shared::wire::CloseCode;
use tokio::time::{Instant, sleep_until, timeout};

use super::producer::{Ticket, is_producer_name};
use super::{INLINE_BYTES, IngestError, Outcome, Taken, admit};
use crate::http::ApiError;
use crate::relay::Relay;
use crate::session::{PING_EVERY, WRITE_TIMEOUT, retry_millis};

/// Inbound buffer of a connection, which is cleared at every read.
const READ_BUFFER_BYTES: usize = 16 << 10;
/// This long without a byte, the producer is gone.
const SILENCE: Duration = Duration::from_mins(1);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    producer: Option<String>,
    format: Option<String>,
    answers: Option<String>,
}

/// The first line of a message of a producer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    sequence: u64,
}

/// What became of a message.
#[derive(Serialize)]
struct Answer {
    sequence: u64,
    accepted: u64,
    rejected: Vec<Rejection>,
    rejected_total: u64,
    duplicate: bool,
}

/// Why a message was not looked at.
#[derive(Serialize)]
struct Refusal {
    sequence: u64,
    error: String,
    hint: String,
}

/// An answer as it is sent. Numbers and texts can always be written.
fn json(answer: &impl Serialize) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

/// The handler.
pub(crate) async fn upgrade(
    State(relay): State<Arc<Relay>>,
    Path(stream): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let Query(asked) = asked.map_err(|rejection| bad(&rejection.body_text()))?;
    let upgrade = upgrade.map_err(|rejection| {
        ApiError::new(rejection.status(), rejection.body_text(), "open this address with a WebSocket client")
    })?;
    if !is_same_origin(&headers) {
        let error = "a page of another origin may not publish here";
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            error,
            "publish from a page of this relay, or from a program",
        ));
    }
    let format = match asked.format.as_deref() {
        None | Some("ndjson") => Format::Ndjson,
        Some("json") => Format::Json,
        Some("csv") => Format::Csv,
        Some(other) => return Err(bad(&format!("`format`: {other:?} is none of ndjson, json, csv"))),
    };
    let only_losses = match asked.answers.as_deref() {
        None | Some("all") => false,
        Some("losses") => true,
        Some(other) => return Err(bad(&format!("`answers`: {other:?} is neither all nor losses"))),
    };
    if asked.producer.as_deref().is_some_and(|name| !is_producer_name(name)) {
        return Err(bad("`producer`: use 1 to 128 printable ASCII characters"));
    }
    match relay.ingest.admit(&stream, 0) {
        Ok(()) | Err(IngestError::TooFast { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let limit = relay.limits.body_bytes.0;
    let upgrade = upgrade.read_buffer_size(READ_BUFFER_BYTES).max_message_size(limit).max_frame_size(limit);
    let producer = asked.producer;
    let serve =
        move |socket| Publisher { socket, relay, stream, format, producer, only_losses, count: 0 }.run();
    Ok(upgrade.on_upgrade(serve))
}

fn bad(error: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, error, "docs/relay.md lists the parameters")
}

/// Browsers let any page open a WebSocket anywhere, and name it; other clients name none.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin.is_some_and(|(_, origin)| host.is_some_and(|host| host.eq_ignore_ascii_case(origin)))
}

struct Publisher {
    socket: WebSocket,
    relay: Arc<Relay>,
    stream: String,
    format: Format,
    producer: Option<String>,
    /// Whether a message that was taken whole is not answered.
    only_losses: bool,
    /// Messages so far.
    count: u64,
}

/// The connection ends, with this close if it still can be said.
struct End(Option<(u16, String)>);

impl Publisher {
    async fn run(mut self) {
        let Ok(_permit) = Arc::clone(&self.relay.connections).try_acquire_owned() else {
            return self
                .close(CloseCode::Busy as u16, "the relay has all the connections it takes".to_owned())
                .await;
        };
        let Err(End(close)) = self.serve().await;
        if let Some((code, reason)) = close {
            self.close(code, reason).await;
        }
    }

    async fn close(mut self, code: u16, reason: String) {
        let frame = CloseFrame { code, reason: reason.into() };
        let closing = async {
            let sent = self.socket.send(Message::Close(Some(frame))).await;
            // Reads what the producer has sent meanwhile, so that it sees the reason and not a reset.
            while sent.is_ok() && matches!(self.socket.recv().await, Some(Ok(_))) {}
        };
        // A producer that does not answer is cut.
        let _ = timeout(Duration::from_secs(1), closing).await;
    }

    async fn serve(&mut self) -> Result<std::convert::Infallible, End> {
        let mut draining = self.relay.draining.clone();
        let (mut last, mut next_ping) = (Instant::now(), Instant::now() + PING_EVERY);
        loop {
            let woken = tokio::select! {
                biased;
                _ = draining.wait_for(|draining| *draining) => return Err(End::draining()),
                message = self.socket.recv() => Some(message),
                () = sleep_until(next_ping) => None,
            };
            let Some(message) = woken else {
                if last.elapsed() >= SILENCE {
                    return Err(End(None));
                }
                next_ping += PING_EVERY;
                self.send(Message::Ping(Vec::new().into())).await?;
                continue;
            };
            last = Instant::now();
            match message {
                None => return Err(End(None)),
                Some(Ok(Message::Close(_))) => {
                    // The answer to it is queued.
                    let _ = timeout(WRITE_TIMEOUT, self.socket.flush()).await;
                    return Err(End(None));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(text))) => self.take(text.as_bytes()).await?,
                Some(Ok(Message::Binary(bytes))) => self.take(&bytes).await?,
                // A producer that is gone reads no reason.
                Some(Err(error)) => return Err(End(Some((1009, format!("{error}; send smaller messages"))))),
            }
        }
    }

    async fn take(&mut self, message: &[u8]) -> Result<(), End> {
        self.count += 1;
        let (ticket, text) = match &self.producer {
            None => (None, message),
            Some(producer) => {
                let end = memchr::memchr(b'\n', message).unwrap_or(message.len());
                let (first, rest) = message.split_at(end);
                let head: Head = serde_json::from_slice(first).map_err(|error| {
                    let reason = format!("the first line of a message is {{\"sequence\": N}}: {error}");
                    End(Some((CloseCode::BadMessage as u16, reason)))
                })?;
                (Some(Ticket { producer: producer.clone(), sequence: head.sequence }), rest)
            }
        };
        let sequence = ticket.as_ref().map_or(self.count, |ticket| ticket.sequence);
        // So that its last line ends like the others, which are read fastest.
        let text = [text, b"\n"].concat();
        let answer =
            match publish(Arc::clone(&self.relay), self.stream.clone(), self.format, ticket, text).await {
                Ok(taken) if self.only_losses && taken.outcome.rejected_total == 0 => return Ok(()),
                Ok(Taken { outcome: Outcome { accepted, rejected, rejected_total }, is_duplicate }) => {
                    json(&Answer { sequence, accepted, rejected, rejected_total, duplicate: is_duplicate })
                }
                Err(IngestError::Closed) => return Err(End::draining()),
                Err(error) => {
                    let ApiError { error, hint, .. } = error.into();
                    json(&Refusal { sequence, error, hint })
                }
            };
        self.send(Message::Text(answer.into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(WRITE_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End(None)),
        }
    }
}

/// Publishes a message once its stream may take it.
async fn publish(
    relay: Arc<Relay>,
    stream: String,
    format: Format,
    ticket: Option<Ticket>,
    text: Vec<u8>,
) -> Result<Taken, IngestError> {
    admit(&relay.ingest, &stream, text.len()).await?;
    let ingest = Arc::clone(&relay.ingest);
    let name = stream.clone();
    let is_short = text.len() <= INLINE_BYTES;
    let publish = move || ingest.publish_once(ticket.as_ref(), &name, format, &text, 1);
    let taken = if is_short {
        publish()?
    } else {
        let Ok(_turn) = relay.decoders.acquire().await else { return Err(IngestError::Closed) };
        tokio::task::spawn_blocking(publish).await.unwrap_or(Err(IngestError::Closed))?
    };
    relay.ingest.settled(&stream).await?;
    Ok(taken)
}

impl End {
    fn draining() -> Self {
        Self(Some((CloseCode::Draining as u16, format!("retry {}", retry_millis()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_pages_of_the_relay_itself_may_publish() {
        let check = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("relay:8080"))]);
            headers.extend(origin.map(|origin| (header::ORIGIN, HeaderValue::from_static(origin))));
            is_same_origin(&headers)
        };
        assert!(check(None) && check(Some("http://relay:8080")) && check(Some("https://RELAY:8080")));
        assert!(
            !check(Some("http://evil:8080")) && !check(Some("null")) && !check(Some("http://relay:8081"))
        );
    }
}
