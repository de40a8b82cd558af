//! Streams kept in a real `nats-server`, which several relays share.

use std::fs;
use std::path::Path;

use spate_relay::config::{Config, JetStreamConfig, StreamConfig};
use spate_relay::http::Assets;
use spate_relay::relay::Running;
use spate_relay::source::upstream::Endpoint;
use spate_shared::wire::{CloseCode, GapReason, Mode, ServerFrame, ServerMessage, Start};
use tokio::time::timeout;

use crate::nats_server::Nats;
use crate::reader::{Fate, Reader};
use crate::support::{Client, PATIENCE, get, metric, post, request, sealed, start, subscribe};

const NDJSON: &str = "application/x-ndjson";

async fn relay(nats: &Nats) -> Running {
    relay_with(nats, Vec::new()).await
}

async fn relay_with(nats: &Nats, streams: Vec<StreamConfig>) -> Running {
    start(Config {
        jetstream: Some(JetStreamConfig::new(Endpoint::new(nats.url()))),
        streams,
        ..Config::default()
    })
    .await
}

fn lines(from: u64, to: u64) -> Vec<u8> {
    let lines: Vec<_> = (from..to).map(|at| format!("{{\"time\":{},\"v\":{at}}}", 1_000_000 + at)).collect();
    lines.join("\n").into_bytes()
}

async fn send(relay: &Running, from: u64, to: u64) {
    let answer = post(relay.address(), "a.b", NDJSON, &lines(from, to)).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

async fn arrived(relay: &Running, head: u64) {
    sealed(relay, "a.b", head).await;
}

fn numbers(from: u64, to: u64) -> Vec<f64> {
    (from..to).map(|at| at as f64).collect()
}

#[tokio::test]
async fn what_one_relay_takes_all_give_under_the_same_offsets() {
    let nats = Nats::start().await;
    let [one, other] = [relay(&nats).await, relay(&nats).await];
    send(&one, 0, 100).await;
    arrived(&one, 101).await;
    arrived(&other, 101).await;
    send(&other, 100, 200).await;
    arrived(&one, 201).await;
    let (mut client, (epoch, next, mode)) =
        Client::subscribed(one.address(), subscribe("a.b", Start::Earliest)).await;
    assert_eq!((next, mode), (1, Mode::Started), "an offset is a sequence, which begins with 1");
    assert_eq!(client.values(1, 201).await, numbers(0, 200));
    // A relay that starts later has the same history, and answers a resume.
    let late = relay(&nats).await;
    arrived(&late, 201).await;
    for relay in [&other, &late] {
        for offset in [1, 77, 150, 201] {
            let resume = subscribe("a.b", Start::Resume { epoch, offset });
            let (mut client, ok) = Client::subscribed(relay.address(), resume).await;
            assert_eq!(ok, (epoch, offset, Mode::Resumed));
            assert_eq!(client.values(offset, 201).await, numbers(offset - 1, 200));
        }
    }
    assert_eq!(get(late.address(), "/readyz").await.status, 200);
    for relay in [one, other, late] {
        relay.drain().await;
    }
}

#[tokio::test]
async fn a_text_that_is_sent_again_to_another_relay_is_stored_once() {
    let nats = Nats::start().await;
    let [one, other] = [relay(&nats).await, relay(&nats).await];
    let numbered = ["content-type: application/x-ndjson", "spate-producer: p", "spate-sequence: 7"];
    for relay in [&one, &other] {
        let line = "POST /api/v1/streams/a.b/events";
        assert_eq!(request(relay.address(), line, &numbered, &lines(0, 50)).await.status, 200);
    }
    send(&other, 50, 51).await;
    arrived(&one, 52).await;
    let (mut client, _) = Client::subscribed(one.address(), subscribe("a.b", Start::Earliest)).await;
    assert_eq!(client.values(1, 52).await, numbers(0, 51));
    one.drain().await;
    other.drain().await;
}

#[tokio::test]
async fn messages_that_are_no_events_are_declared_missing_and_kept_with_their_reason() {
    let nats = Nats::start().await;
    let relay = relay(&nats).await;
    send(&relay, 0, 3).await;
    let context = nats.context().await;
    for payload in ["no event", "", "{\"time\":5,\"v\":3}"] {
        context.publish("spate.a=b", payload.into()).await.unwrap().await.unwrap();
    }
    arrived(&relay, 7).await;
    let mut reader = Reader::new(subscribe("a.b", Start::Earliest));
    let mut ws = reader.connect(relay.address()).await;
    assert!(reader.read_to(&mut ws, 7).await);
    let fates: Vec<_> = reader.fates.values().copied().collect();
    let seen = |v: f64| Fate::Seen(v);
    assert_eq!(fates, [seen(0.0), seen(1.0), seen(2.0), Fate::Missing, Fate::Missing, seen(3.0)]);
    assert_eq!(metric(relay.address(), "spate_events_rejected_total", "stream=\"a.b\"").await, 2.0);
    sealed(&relay, "spate.rejected", 2).await;
    let kept = get(relay.address(), "/api/v1/streams/spate.rejected/events").await;
    let kept = String::from_utf8(kept.body).unwrap();
    assert!(kept.contains("message 4 in JetStream") && kept.contains("message 5"), "{kept}");
    let history = get(relay.address(), "/api/v1/streams/a.b/events?format=csv").await;
    assert_eq!(String::from_utf8(history.body).unwrap().lines().count(), 5, "a header and four events");
    relay.drain().await;
}

#[tokio::test]
async fn relays_agree_on_a_schema_that_grows_at_several_of_them() {
    let nats = Nats::start().await;
    let [one, other] = [relay(&nats).await, relay(&nats).await];
    for round in 0..5 {
        let send = async |relay: &Running, field: &str| {
            let event = format!("{{\"time\":1,\"v\":1,\"{field}{round}\":0.5}}");
            assert_eq!(post(relay.address(), "a.b", NDJSON, event.as_bytes()).await.status, 200);
        };
        tokio::join!(send(&one, "x"), send(&other, "y"));
    }
    for relay in [&one, &other] {
        arrived(relay, 11).await;
    }
    let schema = |relay: &Running| relay.relay().streams.get("a.b").unwrap().info().schema;
    assert_eq!(schema(&one), schema(&other));
    assert_eq!(schema(&one).fields.len(), 11);
    one.drain().await;
    other.drain().await;
}

#[tokio::test]
async fn while_jetstream_is_away_producers_are_refused_and_readers_go_on() {
    let mut nats = Nats::start().await;
    let relay = relay(&nats).await;
    send(&relay, 0, 50).await;
    arrived(&relay, 51).await;
    nats.kill();
    let refused = loop {
        let answer = post(relay.address(), "a.b", NDJSON, &lines(50, 51)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
        if answer.json()["error"].as_str().unwrap().contains("JetStream does not take events") {
            break answer;
        }
    };
    assert!(refused.json()["hint"].as_str().unwrap().contains("send again"));
    let obstacles = get(relay.address(), "/readyz").await;
    assert_eq!(obstacles.status, 503);
    assert!(String::from_utf8(obstacles.body).unwrap().contains("JetStream"));
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("a.b", Start::Earliest)).await;
    assert_eq!(client.values(1, 51).await, numbers(0, 50));
    nats.restart().await;
    let taken = async { while get(relay.address(), "/readyz").await.status != 200 {} };
    timeout(PATIENCE, taken).await.unwrap();
    // What was on its way is stored now, once: its producer was told to send it again.
    assert_eq!(client.values(51, 52).await, numbers(50, 51));
    send(&relay, 51, 60).await;
    assert_eq!(client.values(52, 61).await, numbers(51, 60));
    relay.drain().await;
}

/// Reads until the relay sends the client away, and what it is told when it comes back.
async fn begun_anew(relay: &Running, mut client: Client, epoch: u64, offset: u64) -> (Client, u64) {
    assert_eq!(client.closed().await.0, CloseCode::Draining as u16);
    let resume = subscribe("a.b", Start::Resume { epoch, offset });
    let (client, (new, next, mode)) = Client::subscribed(relay.address(), resume).await;
    assert_eq!((next, mode), (1, Mode::Reset));
    assert!(new > epoch);
    (client, new)
}

#[tokio::test]
async fn a_stream_that_somebody_deleted_begins_anew() {
    let nats = Nats::start().await;
    let relay = relay(&nats).await;
    send(&relay, 0, 50).await;
    arrived(&relay, 51).await;
    let (mut client, (epoch, ..)) =
        Client::subscribed(relay.address(), subscribe("a.b", Start::Earliest)).await;
    client.values(1, 51).await;
    nats.context().await.delete_stream("spate-a=b").await.unwrap();
    send(&relay, 50, 60).await;
    let (mut client, _) = begun_anew(&relay, client, epoch, 51).await;
    assert_eq!(client.values(1, 11).await, numbers(50, 60));
    relay.drain().await;
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

#[tokio::test]
async fn a_server_that_lost_what_was_given_out_makes_a_new_epoch_for_all_relays() {
    let mut nats = Nats::start().await;
    let [one, other] = [relay(&nats).await, relay(&nats).await];
    send(&one, 0, 50).await;
    arrived(&other, 51).await;
    nats.kill();
    let backup = tempfile::tempdir().unwrap();
    copy(nats.data(), backup.path());
    nats.restart().await;
    let ready = async { while get(one.address(), "/readyz").await.status != 200 {} };
    timeout(PATIENCE, ready).await.unwrap();
    send(&one, 50, 60).await;
    for relay in [&one, &other] {
        arrived(relay, 61).await;
    }
    let (mut client, (epoch, ..)) =
        Client::subscribed(other.address(), subscribe("a.b", Start::Earliest)).await;
    client.values(1, 61).await;
    nats.kill();
    fs::remove_dir_all(nats.data()).unwrap();
    copy(backup.path(), nats.data());
    nats.restart().await;
    let (mut client, new) = begun_anew(&other, client, epoch, 61).await;
    assert_eq!(client.values(1, 51).await, numbers(0, 50));
    let agrees = async {
        while one.relay().streams.get("a.b").unwrap().epoch() != new {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, agrees).await.unwrap();
    one.drain().await;
    other.drain().await;
}

#[tokio::test]
async fn a_declared_schema_is_held_to_and_one_that_contradicts_it_is_refused() {
    let nats = Nats::start().await;
    let declare = |fields: &str| {
        let text = format!("name = 'a.b'\ntime = 'time'\nfields = [{fields}]");
        toml::from_str::<StreamConfig>(&text).unwrap()
    };
    let one = relay_with(&nats, vec![declare("{ name = 'v', type = 'f64' }")]).await;
    let bad = post(one.address(), "a.b", NDJSON, b"{\"time\":1,\"w\":1}").await;
    assert_eq!(bad.status, 400);
    send(&one, 0, 3).await;
    let more = declare("{ name = 'v', type = 'f64' }, { name = 'k', type = 'category' }");
    let other = relay_with(&nats, vec![more]).await;
    arrived(&other, 4).await;
    let event = b"{\"time\":1,\"v\":3,\"k\":\"x\"}";
    assert_eq!(post(other.address(), "a.b", NDJSON, event).await.status, 200);
    for relay in [&one, &other] {
        arrived(relay, 5).await;
        assert_eq!(relay.relay().streams.get("a.b").unwrap().info().schema.fields.len(), 2);
    }
    let config = Config {
        listen: "127.0.0.1:0".to_owned(),
        jetstream: Some(JetStreamConfig::new(Endpoint::new(nats.url()))),
        streams: vec![declare("{ name = 'v', type = 'bool' }")],
        ..Config::default()
    };
    let refused =
        Running::start(config, spate_relay::clock::system(), Assets::none()).await.err().unwrap().to_string();
    assert!(refused.contains("another schema in JetStream"), "{refused}");
    one.drain().await;
    other.drain().await;
}

#[tokio::test]
async fn a_stream_that_is_declared_later_needs_no_restart() {
    let nats = Nats::start().await;
    let mut relay = relay(&nats).await;
    let declared = toml::from_str("name = 'a.b'\ntime = 'time'\nfields = [{ name = 'v', type = 'f64' }]");
    let jetstream = Some(JetStreamConfig::new(Endpoint::new(nats.url())));
    let config = Config { jetstream, streams: vec![declared.unwrap()], ..Config::default() };
    relay.reload(Ok(config)).await;
    arrived(&relay, 0).await;
    let bad = post(relay.address(), "a.b", NDJSON, b"{\"time\":1,\"w\":1}").await;
    assert_eq!(bad.status, 400, "its fields are the declared ones");
    send(&relay, 0, 3).await;
    arrived(&relay, 4).await;
    relay.drain().await;
}

#[tokio::test]
async fn a_message_that_was_deleted_is_a_hole_of_its_own_reason() {
    let nats = Nats::start().await;
    let one = relay(&nats).await;
    send(&one, 0, 10).await;
    let stream = nats.context().await.get_stream("spate-a=b").await.unwrap();
    stream.delete_message(5).await.unwrap();
    let late = relay(&nats).await;
    arrived(&late, 11).await;
    let (mut client, _) = Client::subscribed(late.address(), subscribe("a.b", Start::Earliest)).await;
    assert_eq!(client.values(1, 5).await, numbers(0, 4));
    match client.frame().await {
        ServerFrame::Message(ServerMessage::Gap { from: 5, to: 6, reason: GapReason::NoEvent, .. }) => {}
        other => panic!("expected a gap, got {other:?}"),
    }
    assert_eq!(client.values(6, 11).await, numbers(5, 10));
    one.drain().await;
    late.drain().await;
}
