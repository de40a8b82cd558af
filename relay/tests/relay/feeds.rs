//! Sources that the relay goes to: files that grow, WebSockets and server-sent events of other servers.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use futures_util::{SinkExt as _, StreamExt as _};
use spate_relay::config::{Config, FileConfig, SourceConfig};
use spate_relay::relay::Running;
use spate_relay::source::file::Begin;
use spate_relay::source::upstream::Endpoint;
use spate_relay::source::upstream::websocket::WebSocketFeed;
use spate_shared::text::Format;
use spate_shared::wire::{ClientMessage, ServerMessage, Start};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, PATIENCE, hello, metric, publish, start, subscribe};

pub(crate) async fn with_source(source: SourceConfig) -> Running {
    start(Config { sources: vec![source], ..Config::default() }).await
}

/// A client of the stream `s`, which is waited for.
pub(crate) async fn follow(relay: &Running) -> Client {
    let mut client = Client::hello(relay.address(), hello(vec![])).await;
    loop {
        client.send(ClientMessage::Subscribe(subscribe("s", Start::Earliest))).await;
        loop {
            match client.message().await {
                ServerMessage::Ok { .. } => return client,
                // The catalog may name it any moment.
                ServerMessage::Error { .. } => break,
                ServerMessage::Catalog { .. } => {}
                other => panic!("{other:?}"),
            }
        }
        let changed =
            async { relay.relay().streams.watch_changes().wait_for(|changes| *changes > 0).await.is_ok() };
        assert!(timeout(PATIENCE, changed).await.expect("the stream appears"));
    }
}

pub(crate) fn lines(range: std::ops::Range<u64>) -> String {
    let line = |at| format!("{{\"time\":{},\"v\":{at}}}\n", 1_000 + at);
    range.map(line).collect::<Vec<_>>().concat()
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[expect(clippy::cast_lossless, reason = "a count of a test")]
pub(crate) fn expected(range: std::ops::Range<u32>) -> Vec<f64> {
    range.map(|at| at as f64).collect()
}

fn file(path: &Path, from: Begin) -> SourceConfig {
    SourceConfig::File(FileConfig { path: path.to_owned(), stream: "s".to_owned(), from })
}

#[tokio::test]
async fn a_file_is_followed_through_rotation_and_truncation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.ndjson");
    append(&path, &lines(0..2));
    let relay = with_source(file(&path, Begin::Start)).await;
    let mut client = follow(&relay).await;
    assert_eq!(client.values(0, 2).await, expected(0..2));
    // A line in two pieces, and bad ones between.
    let text = lines(2..4);
    let (start, end) = text.split_at(30);
    append(&path, start);
    append(&path, &format!("{end}nonsense\n"));
    assert_eq!(client.values(2, 4).await, expected(2..4));
    // Rotated: the old file is read to its end, without a newline at it.
    append(&path, lines(4..5).trim_end());
    fs::rename(&path, folder.path().join("log.1")).unwrap();
    fs::write(&path, lines(5..7)).unwrap();
    assert_eq!(client.values(4, 7).await, expected(4..7));
    // Truncated, as copytruncate does.
    fs::write(&path, "").unwrap();
    append(&path, &lines(7..8));
    assert_eq!(client.values(7, 8).await, expected(7..8));
    assert_eq!(metric(relay.address(), "spate_events_rejected_total", "stream=\"s\"").await, 1.0);
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_waited_for_and_an_old_one_is_followed_from_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later.ndjson");
    let relay = with_source(file(&path, Begin::End)).await;
    // It appears after the start, so its first line is new.
    append(&path, &lines(0..1));
    let mut client = follow(&relay).await;
    assert_eq!(client.values(0, 1).await, expected(0..1));
    let relay = with_source(file(&path, Begin::End)).await;
    append(&path, "{\"time\":9,\"v\":0}\n{\"time\":10,\"v\":1}\n");
    let mut client = follow(&relay).await;
    assert_eq!(client.data().await.batch.times[0], 9_000_000_000, "not what was there before");
}

/// A WebSocket server on a free port, and its address as a feed.
async fn server(send: &[&str]) -> (TcpListener, SourceConfig) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/feed", listener.local_addr().unwrap());
    let send = send.iter().map(|text| (*text).to_owned()).collect();
    let feed = WebSocketFeed { endpoint: Endpoint::new(url), format: Format::Json, send };
    (listener, SourceConfig::WebSocket(feed, "s".to_owned()))
}

#[tokio::test]
async fn an_upstream_websocket_is_followed_over_losses() {
    let (listener, source) = server(&["{\"subscribe\":\"all\"}"]).await;
    let relay = with_source(source).await;
    let accept = async || {
        let (tcp, _) = timeout(PATIENCE, listener.accept()).await.expect("the relay connects").unwrap();
        let mut ws = accept_async(tcp).await.unwrap();
        let first = timeout(PATIENCE, ws.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(first, Message::text("{\"subscribe\":\"all\"}"));
        ws
    };
    let mut ws = accept().await;
    ws.send(Message::text(lines(0..1))).await.unwrap();
    ws.send(Message::text(format!("[{}]", lines(1..3).trim().replace('\n', ",")))).await.unwrap();
    ws.send(Message::text("no event")).await.unwrap();
    let mut client = follow(&relay).await;
    assert_eq!(client.values(0, 3).await, expected(0..3));
    // Cut, then refused in the middle of the handshake, then back.
    drop(ws);
    drop(timeout(PATIENCE, listener.accept()).await.unwrap().unwrap());
    let mut ws = accept().await;
    ws.send(Message::binary(lines(3..4).into_bytes())).await.unwrap();
    assert_eq!(client.values(3, 4).await, expected(3..4));
    ws.close(None).await.unwrap();
    let mut ws = accept().await;
    ws.send(Message::text(lines(4..5))).await.unwrap();
    assert_eq!(client.values(4, 5).await, expected(4..5));
    let label = "kind=\"websocket\",stream=\"s\"";
    assert_eq!(metric(relay.address(), "spate_upstream_connects_total", label).await, 3.0);
    assert_eq!(metric(relay.address(), "spate_upstream_losses_total", label).await, 3.0);
    assert_eq!(metric(relay.address(), "spate_upstream_connected", label).await, 1.0);
}

/// Takes a request from a connection; its lines.
pub(crate) async fn accept_http<T: AsyncRead + Unpin>(connection: T) -> (T, Vec<String>) {
    let mut reader = BufReader::new(connection);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        if line.trim().is_empty() {
            return (reader.into_inner(), head);
        }
        head.push(line.trim().to_ascii_lowercase());
    }
}

#[tokio::test]
async fn upstream_server_sent_events_go_on_behind_the_last_id() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sse?x=1", listener.local_addr().unwrap());
    let relay = with_source(SourceConfig::Sse(Endpoint::new(url), "s".to_owned())).await;
    let ok = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let accept = async || {
        let (tcp, _) = timeout(PATIENCE, listener.accept()).await.expect("the relay connects").unwrap();
        accept_http(tcp).await
    };
    let (mut tcp, head) = accept().await;
    assert_eq!(head[0], "get /sse?x=1 http/1.1");
    assert!(!head.iter().any(|line| line.starts_with("last-event-id")), "{head:?}");
    let text = format!(
        "{ok}retry: 1\n\nid: a1\ndata: {}\n\nevent: ping\ndata: x\n\nid: torn\ndata: {{",
        lines(0..1).trim()
    );
    tcp.write_all(text.as_bytes()).await.unwrap();
    let mut client = follow(&relay).await;
    assert_eq!(client.values(0, 1).await, expected(0..1));
    drop(tcp);
    // An error answer and a page are tried again.
    for refusal in ["HTTP/1.1 503 Busy\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>"] {
        let (mut tcp, _) = accept().await;
        tcp.write_all(refusal.as_bytes()).await.unwrap();
    }
    let (mut tcp, head) = accept().await;
    assert!(head.contains(&"last-event-id: a1".to_owned()), "{head:?}");
    tcp.write_all(format!("{ok}data: {}\n\n", lines(1..2).trim()).as_bytes()).await.unwrap();
    assert_eq!(client.values(1, 2).await, expected(1..2));
}

#[tokio::test]
async fn one_relay_follows_another() {
    let first = start(Config::default()).await;
    publish(&first, "origin", 0, 3).await;
    let url = format!("http://{}/api/v1/streams/origin/sse?start=earliest", first.address());
    let second = with_source(SourceConfig::Sse(Endpoint::new(url), "s".to_owned())).await;
    let mut client = follow(&second).await;
    assert_eq!(client.values(0, 3).await, expected(0..3));
    publish(&first, "origin", 3, 5).await;
    assert_eq!(client.values(3, 5).await, expected(3..5));
}
