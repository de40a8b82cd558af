//! A relay on port 0, raw HTTP, and WebSocket clients of both subprotocols.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use spate_relay::clock::{self, Clock};
use spate_relay::config::Config;
use spate_relay::http::Assets;
use spate_relay::relay::Running;
use spate_shared::time::Nanos;
use spate_shared::wire::{
    ClientMessage, DataFrame, Hello, Mode, PROTOCOL, ServerFrame, ServerMessage, Start, Subscribe,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// Far more than anything takes; only a test that would hang meets it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn start(config: Config) -> Running {
    start_at(config, clock::system()).await
}

pub(crate) async fn start_at(config: Config, clock: Clock) -> Running {
    Running::start(Config { listen: "127.0.0.1:0".to_owned(), ..config }, clock, Assets::none())
        .await
        .unwrap()
}

/// A clock that stands until it is moved.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn at(now: Nanos) -> Self {
        Self(Arc::new(AtomicI64::new(now)))
    }

    pub(crate) fn advance(&self, by: Nanos) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Arc::new(move || time.load(Ordering::SeqCst))
    }
}

/// An HTTP answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Sends one request as raw bytes; `headers` are whole lines.
pub(crate) async fn request(address: SocketAddr, line: &str, headers: &[&str], body: &[u8]) -> Answer {
    let head =
        [&format!("{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close"), headers.join("\r\n").as_str()]
            .join("\r\n");
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("{}\r\n{length}\r\n", head.trim_end());
    let mut tcp = TcpStream::connect(address).await.unwrap();
    tcp.write_all(head.as_bytes()).await.unwrap();
    // The relay may answer and close before it has read a body that is too large.
    let _ = tcp.write_all(body).await;
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, tcp.read_to_end(&mut bytes)).await.unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = bytes[end + 4..].to_vec();
    let body =
        if head.to_ascii_lowercase().contains("transfer-encoding: chunked") { unchunk(&body) } else { body };
    Answer { status, head, body }
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let len = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        whole.extend_from_slice(&body[end + 2..end + 2 + len]);
        body = &body[end + 4 + len..];
    }
    whole
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    request(address, &format!("GET {path}"), &[], &[]).await
}

pub(crate) async fn post(address: SocketAddr, stream: &str, content_type: &str, body: &[u8]) -> Answer {
    let content_type = format!("content-type: {content_type}");
    request(address, &format!("POST /api/v1/streams/{stream}/events"), &[&content_type], body).await
}

/// As [`post`], when the relay may be gone at any moment: the status, if there was an answer. `headers` are whole lines.
pub(crate) async fn try_post(
    address: SocketAddr,
    stream: &str,
    headers: &[&str],
    body: &[u8],
) -> Option<u16> {
    let mut tcp = TcpStream::connect(address).await.ok()?;
    let head = format!(
        "POST /api/v1/streams/{stream}/events HTTP/1.1\r\nhost: r\r\nconnection: close\r\ncontent-length: {}\r\n{}\r\n\r\n",
        body.len(),
        headers.join("\r\n")
    );
    tcp.write_all(&[head.as_bytes(), body].concat()).await.ok()?;
    let mut answer = Vec::new();
    // What came before the connection broke counts.
    let _ = tcp.read_to_end(&mut answer).await;
    std::str::from_utf8(&answer).ok()?.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().ok()
}

/// The header line of NDJSON.
pub(crate) const NDJSON: &str = "content-type: application/x-ndjson";

/// Publishes events `{"time": from..to, "v": same}` and waits until all are sealed.
pub(crate) async fn publish(relay: &Running, stream: &str, from: u64, to: u64) {
    let lines: Vec<_> = (from..to).map(|at| format!("{{\"time\":{},\"v\":{at}}}", 1_000_000 + at)).collect();
    let answer = post(relay.address(), stream, "application/x-ndjson", lines.join("\n").as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    sealed(relay, stream, to).await;
}

/// NDJSON whose lines are segments of half a MiB each.
pub(crate) fn long_lines(n: u64) -> Vec<u8> {
    let text = "x".repeat(512 << 10);
    let lines: Vec<_> =
        (0..n).map(|at| format!("{{\"time\":{at},\"v\":{at},\"text\":\"{at} {text}\"}}")).collect();
    lines.join("\n").into_bytes()
}

/// Waits until the stream is there and its head is `head`.
pub(crate) async fn sealed(relay: &Running, stream: &str, head: u64) {
    let streams = &relay.relay().streams;
    let mut changes = streams.watch_changes();
    let there = async {
        while streams.get(stream).is_none() {
            changes.changed().await.unwrap();
        }
        let mut heads = streams.get(stream).unwrap().watch();
        heads.wait_for(|at| *at >= head).await.unwrap();
    };
    timeout(PATIENCE, there).await.unwrap();
}

pub(crate) fn subscribe(stream: &str, start: Start) -> Subscribe {
    Subscribe::new(stream, start)
}

pub(crate) fn hello(streams: Vec<Subscribe>) -> Hello {
    Hello { protocol: PROTOCOL, build: "test".to_owned(), credit_bytes: None, streams }
}

pub(crate) type Ws = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a WebSocket that offers `subprotocol`.
pub(crate) async fn open(address: SocketAddr, subprotocol: &str) -> Ws {
    try_open(address, subprotocol).await.expect("a connection")
}

/// As [`open`]; `None` when the connection ends before it is one.
pub(crate) async fn try_open(address: SocketAddr, subprotocol: &str) -> Option<Ws> {
    let mut request = format!("ws://{address}/api/v1/ws").into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", subprotocol.parse().unwrap());
    let (ws, response) = connect_async_with_config(request, None, true).await.ok()?;
    assert_eq!(response.headers()["sec-websocket-protocol"], subprotocol);
    Some(ws)
}

/// Keeps paused time from moving by itself while the sockets are waited for, until dropped.
pub(crate) fn hold_time() -> std::sync::mpsc::Sender<()> {
    let (held, released) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || released.recv());
    held
}

/// A `spate.v1` client.
pub(crate) struct Client {
    pub(crate) ws: Ws,
}

impl Client {
    /// Says hello and takes the welcome.
    pub(crate) async fn hello(address: SocketAddr, hello: Hello) -> Self {
        let mut client = Self { ws: open(address, "spate.v1").await };
        client.send(ClientMessage::Hello(hello)).await;
        let welcome = client.message().await;
        assert!(matches!(welcome, ServerMessage::Welcome { protocol: PROTOCOL, .. }), "{welcome:?}");
        client
    }

    /// Subscribes to one stream; the `ok` as epoch, next and mode.
    pub(crate) async fn subscribed(address: SocketAddr, subscribe: Subscribe) -> (Self, (u64, u64, Mode)) {
        let mut client = Self::hello(address, hello(vec![subscribe])).await;
        let ok = client.ok().await;
        (client, ok)
    }

    pub(crate) async fn send(&mut self, message: ClientMessage) {
        self.ws.send(Message::Binary(message.encode().into())).await.unwrap();
    }

    /// The next frame, decoded.
    pub(crate) async fn frame(&mut self) -> ServerFrame {
        loop {
            match timeout(PATIENCE, self.ws.next()).await.expect("a frame in time") {
                Some(Ok(Message::Binary(bytes))) => return ServerFrame::decode(&bytes).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected a frame, got {other:?}"),
            }
        }
    }

    pub(crate) async fn message(&mut self) -> ServerMessage {
        match self.frame().await {
            ServerFrame::Message(message) => message,
            other => panic!("expected a message, got {other:?}"),
        }
    }

    pub(crate) async fn ok(&mut self) -> (u64, u64, Mode) {
        match self.message().await {
            ServerMessage::Ok { epoch, next, mode, .. } => (epoch, next, mode),
            other => panic!("expected ok, got {other:?}"),
        }
    }

    /// The next data frame; catalog messages before it are passed over.
    pub(crate) async fn data(&mut self) -> DataFrame {
        loop {
            match self.frame().await {
                ServerFrame::Data(frame) => return frame,
                ServerFrame::Message(ServerMessage::Catalog { .. }) => {}
                other => panic!("expected data, got {other:?}"),
            }
        }
    }

    /// Reads data until offset `end`, which must follow `from` without hole or overlap; the `v` of every event.
    pub(crate) async fn values(&mut self, from: u64, end: u64) -> Vec<f64> {
        let mut next = from;
        let mut values = Vec::new();
        while next < end {
            let frame = self.data().await;
            assert_eq!(frame.header.base, next, "no hole and no overlap");
            next += u64::from(frame.header.rows);
            values.extend((0..frame.batch.len()).map(|row| frame.batch.columns[0].number(row).unwrap()));
        }
        assert_eq!(next, end);
        values
    }

    /// Reads until the relay closes; frames on the way are passed over.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        closed(&mut self.ws).await
    }
}

pub(crate) async fn closed(ws: &mut Ws) -> (u16, String) {
    loop {
        match timeout(PATIENCE, ws.next()).await.expect("a close in time") {
            Some(Ok(Message::Close(Some(CloseFrame { code, reason })))) => {
                return (code.into(), reason.to_string());
            }
            Some(Ok(_)) => {}
            other => panic!("expected a close, got {other:?}"),
        }
    }
}

/// The sum of a metric's samples whose line contains `label`.
pub(crate) async fn metric(address: SocketAddr, name: &str, label: &str) -> f64 {
    let text = String::from_utf8(get(address, "/metrics").await.body).unwrap();
    let samples = text.lines().filter(|line| line.starts_with(name) && line.contains(label));
    samples.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}
