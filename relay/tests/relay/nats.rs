//! The source `nats` against a real `nats-server` with JetStream.

use std::time::Duration;

use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::stream::Stream as JetStream;
use async_nats::jetstream::{self, Context};
use spate_relay::config::{Config, LogConfig, SourceConfig};
use spate_relay::relay::Running;
use spate_relay::source::upstream::Endpoint;
use spate_relay::source::upstream::nats::NatsConfig;
use spate_shared::text::Format;
use spate_shared::wire::Start;

use crate::nats_server::Nats;
use crate::support::{Client, PATIENCE, get, metric, sealed, start, subscribe};

/// The stream `ORDERS` of all subjects `orders.*`, made if need be.
async fn orders(nats: &Nats) -> (Context, JetStream) {
    let context = nats.context().await;
    let config = jetstream::stream::Config {
        name: "ORDERS".to_owned(),
        subjects: vec!["orders.*".to_owned()],
        ..Default::default()
    };
    let stream = context.get_or_create_stream(config).await.unwrap();
    (context, stream)
}

/// Publishes an event `{"time", "v"}` for every number, and waits until JetStream has them.
async fn send(context: &Context, subject: &'static str, numbers: std::ops::Range<u64>) {
    for at in numbers {
        let event = format!("{{\"time\":{},\"v\":{at}}}", 1_000_000 + at);
        context.publish(subject, event.into()).await.unwrap().await.unwrap();
    }
}

fn source(nats: &Nats) -> SourceConfig {
    let config = NatsConfig {
        endpoint: Endpoint::new(nats.url()),
        jetstream: "ORDERS".to_owned(),
        consumer: "relay".to_owned(),
        subject: Some("orders.new".to_owned()),
        format: Format::Json,
    };
    SourceConfig::Nats(config, "s".to_owned())
}

async fn relay(nats: &Nats, log: Option<LogConfig>) -> Running {
    start(Config { log, sources: vec![source(nats)], ..Config::default() }).await
}

/// Waits until the stream is there and its head is `head`.
async fn arrived(relay: &Running, head: u64) {
    let mut changes = relay.relay().streams.watch_changes();
    while relay.relay().streams.get("s").is_none() {
        tokio::time::timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();
    }
    sealed(relay, "s", head).await;
}

/// Waits until all that was delivered is acknowledged, up to a sequence.
async fn acknowledged(stream: &JetStream, sequence: u64) {
    let mut consumer: PullConsumer = stream.get_consumer("relay").await.unwrap();
    let done = async {
        loop {
            let info = consumer.info().await.unwrap();
            if info.num_ack_pending == 0 && info.ack_floor.stream_sequence >= sequence {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.unwrap();
}

async fn values(relay: &Running, end: u64) -> Vec<f64> {
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    client.values(0, end).await
}

fn numbers(to: u64) -> Vec<f64> {
    (0..to).map(|at| at as f64).collect()
}

#[tokio::test]
async fn messages_of_a_subject_become_events_in_order_and_are_acknowledged() {
    let nats = Nats::start().await;
    let (context, stream) = orders(&nats).await;
    send(&context, "orders.new", 0..200).await;
    send(&context, "orders.other", 0..3).await;
    let relay = relay(&nats, None).await;
    arrived(&relay, 200).await;
    send(&context, "orders.new", 200..300).await;
    context.publish("orders.new", "no event".into()).await.unwrap().await.unwrap();
    send(&context, "orders.new", 300..301).await;
    arrived(&relay, 301).await;
    assert_eq!(values(&relay, 301).await, numbers(301));
    acknowledged(&stream, 305).await;
    assert_eq!(metric(relay.address(), "spate_events_rejected_total", "stream=\"s\"").await, 1.0);
    assert_eq!(metric(relay.address(), "spate_upstream_connected", "kind=\"nats\"").await, 1.0);
    assert_eq!(get(relay.address(), "/readyz").await.status, 200);
    relay.drain().await;
}

#[tokio::test]
async fn messages_that_are_delivered_again_are_dropped_and_counted() {
    let nats = Nats::start().await;
    let (context, stream) = orders(&nats).await;
    send(&context, "orders.new", 0..200).await;
    let relay = relay(&nats, None).await;
    arrived(&relay, 200).await;
    acknowledged(&stream, 200).await;
    // A consumer that is gone has forgotten what was acknowledged: the one made instead delivers everything.
    stream.delete_consumer("relay").await.unwrap();
    send(&context, "orders.new", 200..205).await;
    arrived(&relay, 205).await;
    assert_eq!(values(&relay, 205).await, numbers(205));
    assert_eq!(metric(relay.address(), "spate_upstream_redelivered_total", "kind=\"nats\"").await, 200.0);
    acknowledged(&stream, 205).await;
    relay.drain().await;
}

#[tokio::test]
async fn a_relay_that_is_away_finds_what_came_meanwhile_and_nothing_twice() {
    let nats = Nats::start().await;
    let (context, stream) = orders(&nats).await;
    // What was on its way when a relay stopped comes again after a second, behind what is newer.
    let consumer = pull::Config {
        durable_name: Some("relay".to_owned()),
        filter_subject: "orders.new".to_owned(),
        ack_wait: Duration::from_secs(1),
        ..pull::Config::default()
    };
    stream.create_consumer(consumer).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut sent = 0;
    for round in 0..3 {
        send(&context, "orders.new", sent..sent + 150).await;
        sent += 150;
        let relay = relay(&nats, Some(LogConfig::new(folder.path()))).await;
        arrived(&relay, sent).await;
        // More are on their way while it drains.
        send(&context, "orders.new", sent..sent + 20).await;
        sent += 20;
        let head = {
            let streams = std::sync::Arc::clone(relay.relay());
            relay.drain().await;
            streams.streams.get("s").unwrap().info().head
        };
        assert!(head <= sent, "round {round}: {head} of {sent}, none twice");
    }
    let relay = relay(&nats, Some(LogConfig::new(folder.path()))).await;
    arrived(&relay, sent).await;
    let mut values = values(&relay, sent).await;
    values.sort_by(f64::total_cmp);
    assert_eq!(values, numbers(sent), "all of them, once");
    acknowledged(&stream, sent).await;
    relay.drain().await;
}

#[tokio::test]
async fn a_server_that_dies_is_found_again_and_goes_on_where_it_was() {
    let mut nats = Nats::start().await;
    let (context, _) = orders(&nats).await;
    send(&context, "orders.new", 0..50).await;
    let relay = relay(&nats, None).await;
    arrived(&relay, 50).await;
    nats.kill();
    nats.restart().await;
    let (context, _) = orders(&nats).await;
    send(&context, "orders.new", 50..100).await;
    arrived(&relay, 100).await;
    assert_eq!(values(&relay, 100).await, numbers(100));
    relay.drain().await;
}
