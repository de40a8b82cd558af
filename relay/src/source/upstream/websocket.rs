//! An upstream WebSocket: every message is a text of events.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use spate_shared::text::Format;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::endpoint::Wire;
use super::{CONNECT_TIMEOUT, End, Endpoint, Feed, Sink};

/// Time between pings.
const PING_EVERY: Duration = Duration::from_secs(25);
/// This long without a byte, the connection is dead.
const SILENCE: Duration = Duration::from_mins(1);
/// Longest message.
const MAX_MESSAGE_BYTES: usize = 16 << 20;

/// What to connect to, and what to say there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketFeed {
    /// `ws://host:port/path`, or `wss://`.
    pub endpoint: Endpoint,
    /// The form of every message.
    pub format: Format,
    /// Messages that are sent first, such as a subscription.
    pub send: Vec<String>,
}

type Socket = WebSocketStream<Box<dyn Wire>>;

impl Feed for WebSocketFeed {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    async fn follow(&mut self, sink: &Sink, heard: &mut bool) -> End {
        let mut socket = match self.connect().await {
            Ok(socket) => socket,
            Err(why) => return End::Lost(why),
        };
        sink.found();
        let (mut last, mut next_ping) = (Instant::now(), Instant::now() + PING_EVERY);
        loop {
            let message = tokio::select! {
                message = socket.next() => message,
                () = sleep_until(next_ping) => {
                    if last.elapsed() >= SILENCE {
                        return End::Lost(format!("nothing came for {} s", SILENCE.as_secs()));
                    }
                    next_ping += PING_EVERY;
                    match socket.send(Message::Ping(Vec::new().into())).await {
                        Ok(()) => continue,
                        Err(error) => return End::Lost(error.to_string()),
                    }
                }
            };
            last = Instant::now();
            let text = match message {
                None => return End::Lost("the server hung up".to_owned()),
                Some(Err(error)) => return End::Lost(error.to_string()),
                Some(Ok(Message::Close(frame))) => {
                    return End::Lost(
                        frame.map_or("closed".to_owned(), |frame| format!("closed with {frame}")),
                    );
                }
                Some(Ok(Message::Text(text))) => text.as_bytes().to_vec(),
                Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
                Some(Ok(_)) => continue,
            };
            *heard = true;
            if sink.take(self.format, text).await.is_err() {
                return End::Closed;
            }
        }
    }
}

impl WebSocketFeed {
    async fn connect(&self) -> Result<Socket, String> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE_BYTES))
            .max_frame_size(Some(MAX_MESSAGE_BYTES));
        let connecting = async {
            let wire = self.endpoint.dial().await?;
            let opened = client_async_with_config(self.endpoint.url.as_str(), wire, Some(config)).await;
            opened.map_err(|error| error.to_string())
        };
        let connected = timeout(CONNECT_TIMEOUT, connecting).await;
        let (mut socket, _) =
            connected.map_err(|_| format!("no answer in {} s", CONNECT_TIMEOUT.as_secs()))??;
        for message in &self.send {
            socket.send(Message::text(message.clone())).await.map_err(|error| error.to_string())?;
        }
        Ok(socket)
    }
}
