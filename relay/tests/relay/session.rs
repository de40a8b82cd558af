//! Conversations: hello, errors, credit, rate, the catalog, the JSON twin.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use spate_relay::config::{Config, Limits};
use spate_relay::session::{PING_EVERY, PONG_TIMEOUT};
use spate_shared::text::Format;
use spate_shared::wire::{ClientMessage, CloseCode, ErrorCode, PROTOCOL, ServerFrame, ServerMessage, Start};
use tokio::io::AsyncReadExt as _;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    Client, Hand, PATIENCE, Ws, closed, hello, hold_time, long_lines, open, post, publish, request, sealed,
    start, start_at, subscribe,
};

#[tokio::test]
async fn a_handshake_without_a_known_subprotocol_is_a_400_that_names_them() {
    let relay = start(Config::default()).await;
    let upgrade =
        ["upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="];
    for offer in
        [None, Some("sec-websocket-protocol: spate.v2"), Some("sec-websocket-protocol: graphql-ws, x")]
    {
        let mut lines = vec!["GET /api/v1/ws HTTP/1.1", "host: x", "connection: upgrade"];
        lines.extend(upgrade.iter().copied().chain(offer));
        let answer = raw(relay.address(), &format!("{}\r\n\r\n", lines.join("\r\n"))).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("spate.v1.json"), "{answer}");
    }
    let plain = request(relay.address(), "GET /api/v1/ws", &[], &[]).await;
    assert_eq!(plain.status, 400);
    assert!(plain.json()["hint"].as_str().unwrap().contains("WebSocket client"));
}

async fn raw(address: std::net::SocketAddr, text: &str) -> String {
    use tokio::io::AsyncWriteExt as _;
    let mut tcp = tokio::net::TcpStream::connect(address).await.unwrap();
    tcp.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        assert_ne!(tokio::time::timeout(PATIENCE, tcp.read_buf(&mut answer)).await.unwrap().unwrap(), 0);
    }
    String::from_utf8(answer).unwrap()
}

/// Sends one message and expects an error and a close.
async fn check_refused(first: Message, subprotocol: &str, expect: CloseCode) {
    let relay = start(Config::default()).await;
    let mut ws = open(relay.address(), subprotocol).await;
    ws.send(first).await.unwrap();
    let (code, reason) = closed(&mut ws).await;
    assert_eq!(code, expect as u16, "{reason}");
    assert!(!reason.is_empty());
}

#[tokio::test]
async fn messages_that_are_not_understood_close_with_a_code_that_says_not_to_retry() {
    let binary = |bytes: &[u8]| Message::Binary(bytes.to_vec().into());
    check_refused(binary(b""), "spate.v1", CloseCode::BadMessage).await;
    check_refused(binary(b"\x01\xff\xff\xff"), "spate.v1", CloseCode::BadMessage).await;
    check_refused(binary(b"\x63"), "spate.v1", CloseCode::BadMessage).await;
    check_refused(Message::Text("{}".into()), "spate.v1", CloseCode::BadMessage).await;
    check_refused(binary(b"{}"), "spate.v1.json", CloseCode::BadMessage).await;
    check_refused(Message::Text("{\"hello\":".into()), "spate.v1.json", CloseCode::BadMessage).await;
    check_refused(Message::Text("{\"credit\":{\"bytes\":1}}".into()), "spate.v1.json", CloseCode::BadMessage)
        .await;
    let other = json!({"hello": {"protocol": PROTOCOL + 1}}).to_string();
    check_refused(Message::Text(other.into()), "spate.v1.json", CloseCode::WrongProtocol).await;
    check_refused(binary(&vec![1; 65_537]), "spate.v1", CloseCode::LimitExceeded).await;
    check_refused(binary(&vec![1; 200_000]), "spate.v1", CloseCode::BadMessage).await;
}

#[tokio::test]
async fn an_unknown_stream_is_an_error_and_the_session_goes_on() {
    let relay = start(Config::default()).await;
    let mut client = Client::hello(relay.address(), hello(vec![subscribe("later", Start::Live)])).await;
    let ServerMessage::Error { stream, code, .. } = client.message().await else { panic!("no error") };
    assert_eq!((stream.as_deref(), code), (Some("later"), ErrorCode::UnknownStream));
    publish(&relay, "later", 0, 1).await;
    let ServerMessage::Catalog { streams } = client.message().await else { panic!("no catalog") };
    assert_eq!(streams[0].name, "later");
    client.send(ClientMessage::Subscribe(subscribe("later", Start::Earliest))).await;
    client.ok().await;
    assert_eq!(client.values(0, 1).await, [0.0]);
    client.send(ClientMessage::Unsubscribe { stream: "later".to_owned() }).await;
    client.send(ClientMessage::Subscribe(subscribe("nowhere", Start::Live))).await;
    assert!(matches!(client.message().await, ServerMessage::Error { .. }));
    publish(&relay, "later", 1, 2).await;
    publish(&relay, "other", 0, 1).await;
    // Had the stream still been subscribed, its data would come before the catalog that names the other.
    assert!(matches!(client.message().await, ServerMessage::Catalog { .. }));
}

#[tokio::test]
async fn one_connection_too_many_is_closed_with_1013() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    let _first = Client::hello(relay.address(), hello(vec![])).await;
    let mut second = open(relay.address(), "spate.v1").await;
    assert_eq!(closed(&mut second).await.0, CloseCode::Busy as u16);
}

#[tokio::test]
async fn one_subscription_too_many_is_an_error_of_that_stream_and_the_session_goes_on() {
    let limits = Limits { streams_per_client: 1, ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    publish(&relay, "a", 0, 1).await;
    publish(&relay, "b", 0, 1).await;
    let both = ["a", "b"].map(|name| subscribe(name, Start::Earliest));
    let mut client = Client::hello(relay.address(), hello(both.to_vec())).await;
    client.ok().await;
    let ServerMessage::Error { stream, code, message } = client.message().await else { panic!("no error") };
    assert_eq!((stream.as_deref(), code), (Some("b"), ErrorCode::LimitExceeded));
    assert!(message.contains("limits.streams_per_client"), "{message}");
    assert_eq!(client.values(0, 1).await, [0.0]);
    // A subscription given up makes room.
    client.send(ClientMessage::Unsubscribe { stream: "a".to_owned() }).await;
    client.send(ClientMessage::Subscribe(subscribe("b", Start::Earliest))).await;
    client.ok().await;
    assert_eq!(client.values(0, 1).await, [0.0]);
}

/// Timers are due at whole milliseconds.
const A_LITTLE: Duration = Duration::from_millis(100);

#[tokio::test(start_paused = true)]
async fn a_pong_that_lies_unread_behind_a_long_write_is_in_time() {
    let _time_stands = hold_time();
    let relay = start(Config::default()).await;
    let ingest = &relay.relay().ingest;
    ingest.publish("s", Format::Ndjson, b"{\"time\":0,\"v\":0,\"text\":\"x\"}", 1).unwrap();
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    client.values(0, 1).await;
    tokio::time::advance(PING_EVERY + A_LITTLE).await;
    let MaybeTlsStream::Plain(tcp) = client.ws.get_ref() else { panic!("not plain") };
    tcp.peek(&mut [0]).await.unwrap();
    // The ping is there. Now the relay writes more than the sockets hold, and cannot read meanwhile.
    ingest.publish("s", Format::Ndjson, &long_lines(48), 1).unwrap();
    relay.relay().streams.seal_all();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    client.ws.send(Message::Pong(Vec::new().into())).await.unwrap();
    // A relay that is not held by its write hears it now.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tokio::time::advance(PONG_TIMEOUT + A_LITTLE).await;
    assert_eq!(client.values(1, 49).await.len(), 48);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_answer_pings_is_cut() {
    let _time_stands = hold_time();
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 1).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    client.values(0, 1).await;
    tokio::time::advance(PING_EVERY + A_LITTLE).await;
    let MaybeTlsStream::Plain(tcp) = client.ws.get_mut() else { panic!("not plain") };
    tcp.peek(&mut [0]).await.unwrap();
    tokio::time::advance(PONG_TIMEOUT + A_LITTLE).await;
    let mut rest = Vec::new();
    // A ping and the end of the connection, without a close.
    tcp.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, [0x89, 0]);
}

#[tokio::test]
async fn a_schema_is_announced_before_the_first_data_that_uses_it() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 1).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    let wider = b"{\"time\":1000001,\"v\":1.5,\"extra\":\"x\"}";
    assert_eq!(post(relay.address(), "s", "application/x-ndjson", wider).await.status, 200);
    sealed(&relay, "s", 2).await;
    let mut version = 1;
    let mut seen = Vec::new();
    while seen.len() < 2 {
        match client.frame().await {
            ServerFrame::Message(ServerMessage::Catalog { streams }) => version = streams[0].schema.version,
            ServerFrame::Data(frame) => {
                assert!(
                    frame.header.schema <= version,
                    "schema {} before it was announced",
                    frame.header.schema
                );
                seen.push((frame.header.base, frame.header.schema, frame.batch.columns.len()));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, [(0, 1, 1), (1, 2, 2)]);
}

#[tokio::test]
async fn data_stops_without_credit_and_the_lag_is_told_until_it_is_gone() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 1).await;
    let mut opening = hello(vec![subscribe("s", Start::Earliest)]);
    opening.credit_bytes = Some(1);
    let mut client = Client::hello(relay.address(), opening).await;
    client.ok().await;
    client.values(0, 1).await;
    publish(&relay, "s", 1, 12_001).await;
    let ServerMessage::Behind { events, .. } = client.message().await else { panic!("no notice") };
    assert_eq!(events, 12_000);
    client.send(ClientMessage::Credit { bytes: u64::MAX }).await;
    assert_eq!(client.values(1, 12_001).await.len(), 12_000);
    let ServerMessage::Behind { events, .. } = client.message().await else { panic!("no notice") };
    assert_eq!(events, 0);
}

#[tokio::test]
async fn an_event_that_waits_for_two_seconds_is_a_lag_too() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    publish(&relay, "s", 0, 1).await;
    let mut opening = hello(vec![subscribe("s", Start::Earliest)]);
    opening.credit_bytes = Some(1);
    let mut client = Client::hello(relay.address(), opening).await;
    client.ok().await;
    client.values(0, 1).await;
    hand.advance(20_000_000);
    publish(&relay, "s", 1, 2).await;
    hand.advance(2_100_000_000);
    assert!(matches!(client.message().await, ServerMessage::Behind { events: 1, .. }));
    client.send(ClientMessage::Credit { bytes: 1_000 }).await;
    client.values(1, 2).await;
    assert!(matches!(client.message().await, ServerMessage::Behind { events: 0, .. }));
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed_with_4001() {
    let relay = start(Config::default()).await;
    let mut ws = open(relay.address(), "spate.v1").await;
    assert_eq!(closed(&mut ws).await.0, CloseCode::HandshakeTimeout as u16);
}

#[tokio::test]
async fn a_slower_rate_still_delivers_everything() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 1).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    client.send(ClientMessage::Rate { millis: 50 }).await;
    client.values(0, 1).await;
    for at in 1..40 {
        publish(&relay, "s", at, at + 1).await;
    }
    assert_eq!(client.values(1, 40).await.len(), 39);
}

async fn text(ws: &mut Ws) -> Value {
    match tokio::time::timeout(PATIENCE, ws.next()).await.unwrap() {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("expected text, got {other:?}"),
    }
}

#[tokio::test]
async fn the_json_twin_says_the_same_in_text_and_cuts_exactly() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 10).await;
    let mut ws = open(relay.address(), "spate.v1.json").await;
    let opening = json!({"hello": {"protocol": 1, "streams": [{"stream": "s", "start": {"last": 2}}]}});
    ws.send(Message::Text(opening.to_string().into())).await.unwrap();
    let welcome = text(&mut ws).await;
    assert_eq!(welcome["welcome"]["catalog"][0]["name"], "s");
    let ok = text(&mut ws).await;
    assert_eq!((&ok["ok"]["next"], &ok["ok"]["mode"]), (&json!(8), &json!("started")));
    let data = text(&mut ws).await;
    assert_eq!(data["data"]["offset"], 8);
    let values: Vec<_> =
        data["data"]["events"].as_array().unwrap().iter().map(|event| event["v"].clone()).collect();
    assert_eq!(values, [json!(8), json!(9)]);
    publish(&relay, "s", 10, 11).await;
    assert_eq!(text(&mut ws).await["data"]["offset"], 10);
}

#[tokio::test]
async fn many_streams_share_one_socket() {
    let relay = start(Config::default()).await;
    let names: Vec<String> = (0..8).map(|at| format!("s{at}")).collect();
    for name in &names {
        publish(&relay, name, 0, 10).await;
    }
    let subscriptions = names.iter().map(|name| subscribe(name, Start::Earliest)).collect();
    let mut client = Client::hello(relay.address(), hello(subscriptions)).await;
    for _ in &names {
        client.ok().await;
    }
    for name in &names {
        publish(&relay, name, 10, 20).await;
    }
    let mut next = [0u64; 8];
    while next != [20; 8] {
        let header = client.data().await.header;
        let at = header.stream as usize;
        assert_eq!(header.base, next[at]);
        next[at] += u64::from(header.rows);
    }
}

#[tokio::test]
async fn a_reader_that_takes_nothing_costs_no_memory_and_does_not_hold_the_others() {
    let ring = spate_relay::config::RingConfig {
        bytes: spate_relay::config::ByteSize(256 << 10),
        ..Default::default()
    };
    let relay = start(Config { ring, ..Config::default() }).await;
    publish(&relay, "s", 0, 1).await;
    let (slow, _) = Client::subscribed(relay.address(), subscribe("s", Start::Live)).await;
    let (mut fast, _) = Client::subscribed(relay.address(), subscribe("s", Start::Live)).await;
    let mut next = 1;
    for at in 0..50 {
        publish(&relay, "s", 1 + at * 4_000, 1 + (at + 1) * 4_000).await;
        fast.values(next, 1 + (at + 1) * 4_000).await;
        next = 1 + (at + 1) * 4_000;
    }
    let held = relay.relay().streams.get("s").unwrap().with_log(spate_relay::log::Log::size_bytes);
    assert!(held <= (256 << 10) + (64 << 10), "{held}");
    drop(slow);
}
