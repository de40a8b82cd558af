//! What an operator sees: readiness, queues, the pace of batches.

use std::sync::Arc;

use spate_relay::config::{BatchConfig, Config, SourceConfig};
use spate_relay::log::{Log, Pace};
use spate_relay::source::upstream::Endpoint;
use spate_relay::source::upstream::websocket::WebSocketFeed;
use spate_shared::text::Format;
use spate_shared::time::MILLISECOND;
use spate_shared::wire::{ClientMessage, Start};
use tokio::net::TcpListener;

use crate::support::{Client, Hand, get, hello, metric, publish, start, start_at, subscribe};

#[tokio::test]
async fn a_relay_is_ready_when_its_sources_have_begun_or_have_tried_to() {
    let away = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", away.local_addr().unwrap());
    let feed = WebSocketFeed { endpoint: Endpoint::new(url.clone()), format: Format::Json, send: Vec::new() };
    let sources = vec![SourceConfig::WebSocket(feed, "s".to_owned())];
    let relay = start(Config { sources, ..Config::default() }).await;
    // It is connected to, and never answered.
    let (silent, _) = away.accept().await.unwrap();
    let answer = get(relay.address(), "/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body, format!("source websocket {url} has not begun\n").into_bytes());
    assert_eq!(get(relay.address(), "/healthz").await.status, 200);
    drop((silent, away));
    while get(relay.address(), "/readyz").await.status != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_relay_that_drains_is_not_ready_from_the_first_moment_on() {
    let relay = start(Config::default()).await;
    let _client = Client::hello(relay.address(), hello(vec![])).await;
    let shared = Arc::clone(relay.relay());
    assert!(shared.readiness.obstacles(&shared.streams, None).is_empty());
    let mut draining = Box::pin(relay.drain());
    tokio::select! {
        biased;
        () = &mut draining => panic!("it has a session to end"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(shared.readiness.obstacles(&shared.streams, None), ["draining"]);
    draining.await;
}

#[tokio::test]
async fn every_queue_has_its_depth_and_its_capacity_and_a_reader_that_lags_is_seen() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let ring =
        spate_relay::config::RingConfig { bytes: spate_relay::config::ByteSize(0), ..Default::default() };
    let relay = start_at(Config { ring, ..Config::default() }, hand.clock()).await;
    publish(&relay, "s", 0, 10).await;
    let opening = hello(vec![subscribe("s", Start::Live)]);
    let mut client =
        Client::hello(relay.address(), spate_shared::wire::Hello { credit_bytes: Some(0), ..opening }).await;
    client.ok().await;
    hand.advance(20 * MILLISECOND);
    publish(&relay, "s", 10, 25).await;
    // Within the interval: it waits to be sealed.
    relay.relay().ingest.publish("s", Format::Ndjson, b"{\"time\":1,\"v\":1}", 1).unwrap();
    let of = async |name: &str, label: &str| metric(relay.address(), name, label).await;
    let queue = |name: &str| format!("queue=\"{name}\",stream=\"s\"");
    assert!(of("spate_queue_depth", &queue("open")).await > 0.0);
    assert_eq!(of("spate_queue_capacity", &queue("open")).await, f64::from(64 << 10));
    assert!(of("spate_queue_depth", &queue("ring")).await > 0.0);
    assert_eq!(of("spate_queue_capacity", &queue("ring")).await, 0.0);
    assert_eq!(of("spate_queue_dropped_total", &queue("ring")).await, 10.0);
    assert_eq!(of("spate_queue_depth", "queue=\"connections\"").await, 1.0);
    assert_eq!(of("spate_queue_capacity", "queue=\"connections\"").await, 20_000.0);
    assert_eq!(of("spate_queue_depth", "queue=\"decoders\"").await, 0.0);
    assert!(of("spate_queue_capacity", "queue=\"decoders\"").await > 0.0);
    assert_eq!(of("spate_lag_events", "stream=\"s\"").await, 15.0);
    client.send(ClientMessage::Credit { bytes: 1 << 20 }).await;
    client.values(10, 25).await;
    relay.relay().streams.seal_all();
    client.values(25, 26).await;
    // The answer to a later message says that the turn is over.
    client.send(ClientMessage::Subscribe(subscribe("nowhere", Start::Live))).await;
    client.message().await;
    assert_eq!(of("spate_lag_events", "stream=\"s\"").await, 0.0);
}

#[tokio::test]
async fn a_busy_stream_with_many_readers_is_sealed_less_often() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    publish(&relay, "s", 0, 1).await;
    let stream = relay.relay().streams.get("s").unwrap();
    let due = || {
        let publish = relay.relay().ingest.publish("s", Format::Ndjson, b"{\"time\":1,\"v\":1}", 1);
        assert_eq!(publish.unwrap().accepted, 1);
        stream.with_log(Log::due).map(|due| (due - (relay.relay().clock)()) / MILLISECOND)
    };
    assert_eq!(due(), Some(16));
    let readers: Vec<_> = (0..700).map(|_| stream.watch()).collect();
    assert_eq!(due(), Some(33));
    drop(readers);
    assert_eq!(due(), Some(16));
}

#[tokio::test]
async fn in_immediate_mode_nothing_waits() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let batch = BatchConfig { interval: Pace::Immediate };
    let relay = start_at(Config { batch, ..Config::default() }, hand.clock()).await;
    for at in 0..20 {
        publish(&relay, "s", at, at + 1).await;
    }
    let stream = relay.relay().streams.get("s").unwrap();
    assert_eq!(stream.with_log(Log::sealed_segments), 20);
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    assert_eq!(client.values(0, 20).await.len(), 20);
}
