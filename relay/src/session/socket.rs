//! The WebSocket of one client, with a time limit on every write.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::SinkExt as _;
use spate_shared::wire::{ClientMessage, CloseCode, ServerMessage};
use tokio::time::timeout;

use super::{End, MAX_MESSAGE_BYTES, Twin, WRITE_TIMEOUT};

/// Longest wait for the other side of a close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Most bytes of a close reason.
const REASON_BYTES: usize = 120;

pub(super) struct Socket {
    inner: WebSocket,
    twin: Twin,
}

/// What came in.
pub(super) enum Inbound {
    Message(ClientMessage),
    /// A ping or pong: the client lives.
    Alive,
    /// Not a message; the reason.
    Bad(String),
    TooLong,
    Gone,
}

impl Socket {
    pub(super) fn new(inner: WebSocket, twin: Twin) -> Self {
        Self { inner, twin }
    }

    pub(super) fn twin(&self) -> Twin {
        self.twin
    }

    /// The next message. Nothing is lost when the future is dropped.
    pub(super) async fn recv(&mut self) -> Inbound {
        match self.inner.recv().await {
            None => Inbound::Gone,
            Some(Ok(Message::Close(_))) => {
                // The answer to it is queued. A client that does not take it is gone all the same.
                let _ = timeout(CLOSE_TIMEOUT, self.inner.flush()).await;
                Inbound::Gone
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Inbound::Alive,
            Some(Ok(message)) if super::twin::payload_bytes(&message) > MAX_MESSAGE_BYTES => Inbound::TooLong,
            Some(Ok(message)) => self.twin.decode(&message).map_or_else(Inbound::Bad, Inbound::Message),
            Some(Err(error)) if is_io(&error) => Inbound::Gone,
            Some(Err(error)) => Inbound::Bad(format!("not RFC 6455: {error}")),
        }
    }

    /// Gives the socket a message without flushing.
    pub(super) async fn feed(&mut self, message: Message) -> Result<(), End> {
        in_time(self.inner.feed(message)).await
    }

    /// [`Socket::send`] without flushing.
    pub(super) async fn send_later(&mut self, message: &ServerMessage) -> Result<(), End> {
        self.feed(self.twin.encode(message)).await
    }

    pub(super) async fn flush(&mut self) -> Result<(), End> {
        in_time(self.inner.flush()).await
    }

    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        in_time(self.inner.send(self.twin.encode(message))).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        in_time(self.inner.send(Message::Ping(Bytes::new()))).await
    }

    /// Sends a close and waits a moment for the answer, so that the client reads the reason and not a reset. Whether it
    /// could be sent.
    pub(super) async fn close(&mut self, code: CloseCode, reason: &str) -> bool {
        let mut end = reason.len().min(REASON_BYTES);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let frame = CloseFrame { code: code as u16, reason: reason[..end].into() };
        let sent = timeout(CLOSE_TIMEOUT, self.inner.send(Message::Close(Some(frame)))).await;
        if !matches!(sent, Ok(Ok(()))) {
            return false;
        }
        // Too late is as good as answered: the connection is dropped either way.
        let _ = timeout(CLOSE_TIMEOUT, async { while let Some(Ok(_)) = self.inner.recv().await {} }).await;
        true
    }
}

async fn in_time(write: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match timeout(WRITE_TIMEOUT, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => {
            tracing::info!(seconds = WRITE_TIMEOUT.as_secs(), "a client took nothing and is cut");
            Err(End::Gone)
        }
    }
}

fn is_io(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<std::io::Error>() {
            return true;
        }
        cause = error.source();
    }
    false
}
