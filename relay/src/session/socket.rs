//! The WebSocket of one client, with a time limit on every write.
//!
//! What the relay says is framed already, mostly long ago and for all clients, so it is written straight to the
//! connection and copied nowhere. The protocol's own frames (pings, pongs, closes) and all that comes in are
//! tungstenite's.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use spate_shared::wire::{ClientMessage, CloseCode, ServerMessage};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::line::{Line, LineEnd};
use super::{End, MAX_MESSAGE_BYTES, Twin, WRITE_TIMEOUT};
use crate::log::Framed;

/// Longest message that tungstenite hands over; one over the session's own limit is refused with a reason.
const MAX_SOCKET_MESSAGE: usize = 2 * MAX_MESSAGE_BYTES;
/// Inbound buffer of a connection: clients say little.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// Outbound bytes that are gathered before they are written, of what is not data.
const WRITE_BUFFER_BYTES: usize = 4 << 10;
/// Most such bytes that a client may leave unread, answers to its pings mostly, before it is cut.
const MAX_UNWRITTEN_BYTES: usize = 16 << 10;
/// Longest wait for the other side of a close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Most bytes of a close reason.
const REASON_BYTES: usize = 120;
/// Bytes of messages that are gathered before they are written.
const GATHERED_BYTES: usize = 64 << 10;
/// Messages shorter than this are put together for one write.
const SHORT_BYTES: usize = 4 << 10;

pub(super) struct Socket {
    inner: WebSocketStream<LineEnd>,
    line: Arc<Line>,
    /// Messages that are not written yet.
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
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
    /// Over a connection of which `read` was read already.
    pub(super) async fn new(tcp: TcpStream, read: Vec<u8>, twin: Twin) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(WRITE_BUFFER_BYTES)
            .max_write_buffer_size(MAX_UNWRITTEN_BYTES)
            .max_message_size(Some(MAX_SOCKET_MESSAGE))
            .max_frame_size(Some(MAX_SOCKET_MESSAGE));
        let line = Line::new(tcp, twin);
        let end = LineEnd(Arc::clone(&line));
        let inner = WebSocketStream::from_partially_read(end, read, Role::Server, Some(config)).await;
        Self { inner, line, waiting: VecDeque::new(), waiting_bytes: 0 }
    }

    pub(super) fn twin(&self) -> Twin {
        self.line.twin()
    }

    pub(super) fn line(&self) -> &Arc<Line> {
        &self.line
    }

    /// The next message. When the future is dropped nothing is lost, except that a client's close may become a loss of its
    /// connection.
    pub(super) async fn recv(&mut self) -> Inbound {
        match self.inner.next().await {
            None
            | Some(Err(
                Error::ConnectionClosed
                | Error::AlreadyClosed
                | Error::Io(_)
                | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake),
            )) => Inbound::Gone,
            Some(Ok(Message::Close(_))) => {
                // The answer to it is queued. A client that does not take it is gone all the same.
                let _ = timeout(CLOSE_TIMEOUT, self.inner.flush()).await;
                Inbound::Gone
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Inbound::Alive,
            Some(Ok(message)) if message.len() > MAX_MESSAGE_BYTES => Inbound::TooLong,
            Some(Ok(message)) => self.twin().decode(&message).map_or_else(Inbound::Bad, Inbound::Message),
            Some(Err(error)) => Inbound::Bad(format!("not RFC 6455: {error}")),
        }
    }

    /// Gives the socket a message, which is written with those that follow.
    pub(super) async fn feed(&mut self, message: &Framed) -> Result<(), End> {
        let bytes = message.bytes();
        if self.waiting_bytes + bytes.len() > GATHERED_BYTES {
            self.flush().await?;
        }
        self.waiting_bytes += bytes.len();
        self.waiting.push_back(bytes);
        Ok(())
    }

    /// [`Socket::send`] with what follows.
    pub(super) async fn send_later(&mut self, message: &ServerMessage) -> Result<(), End> {
        self.feed(&self.twin().encode(message)).await
    }

    /// Writes what was given.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        in_time(self.write_waiting()).await
    }

    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        self.send_later(message).await?;
        self.flush().await
    }

    pub(super) async fn ping(&mut self) -> Result<(), End> {
        in_time(async {
            self.write_waiting().await?;
            self.inner.send(Message::Ping(Bytes::new())).await
        })
        .await
    }

    /// Writes what waits. What is left when the future is dropped is written the next time.
    async fn write_waiting(&mut self) -> Result<(), Error> {
        while let Some(bytes) = self.next_write() {
            self.line.write(&bytes).await?;
            self.waiting_bytes -= bytes.len();
            self.waiting.pop_front();
        }
        Ok(self.line.flush().await?)
    }

    /// The first message that waits, with the short ones behind it.
    fn next_write(&mut self) -> Option<Bytes> {
        if self.waiting.len() > 1 && self.waiting[0].len() + self.waiting[1].len() <= SHORT_BYTES {
            let mut together = Vec::with_capacity(SHORT_BYTES);
            while let Some(next) =
                self.waiting.pop_front_if(|next| together.len() + next.len() <= SHORT_BYTES)
            {
                together.extend_from_slice(&next);
            }
            self.waiting.push_front(together.into());
        }
        self.waiting.front().cloned()
    }

    /// Sends a close and waits a moment for the answer, so that the client reads the reason and not a reset. Whether it
    /// could be sent.
    pub(super) async fn close(&mut self, code: CloseCode, reason: &str) -> bool {
        let mut end = reason.len().min(REASON_BYTES);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        let frame = CloseFrame { code: (code as u16).into(), reason: reason[..end].into() };
        let closing = async {
            self.write_waiting().await?;
            self.inner.send(Message::Close(Some(frame))).await
        };
        let sent = timeout(CLOSE_TIMEOUT, closing).await;
        if !matches!(sent, Ok(Ok(()))) {
            return false;
        }
        // Too late is as good as answered: the connection is dropped either way.
        let _ = timeout(CLOSE_TIMEOUT, async { while let Some(Ok(_)) = self.inner.next().await {} }).await;
        true
    }
}

async fn in_time(write: impl Future<Output = Result<(), Error>>) -> Result<(), End> {
    match timeout(WRITE_TIMEOUT, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => {
            tracing::info!(seconds = WRITE_TIMEOUT.as_secs(), "a client took nothing and is cut");
            Err(End::Gone)
        }
    }
}
