//! Publishing over a WebSocket, and texts that are sent again.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use spate_relay::config::{ByteSize, Config, Limits};
use spate_relay::relay::Running;
use spate_shared::wire::{CloseCode, Start};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::support::{Answer, Client, PATIENCE, Ws, closed, request, start, subscribe};

async fn open(relay: &Running, query: &str) -> Ws {
    let url = format!("ws://{}/api/v1/streams/s/publish{query}", relay.address());
    connect_async(url).await.unwrap().0
}

async fn answer(ws: &mut Ws) -> Value {
    match timeout(PATIENCE, ws.next()).await.expect("an answer in time") {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("expected an answer, got {other:?}"),
    }
}

/// Sends a message; the answer's sequence, accepted, rejected and whether it is a duplicate.
async fn check(ws: &mut Ws, message: &str, expect: (u64, u64, u64, bool)) -> Value {
    ws.send(Message::text(message)).await.unwrap();
    let said = answer(ws).await;
    let number = |key: &str| said[key].as_u64().unwrap();
    let got = (number("sequence"), number("accepted"), number("rejected_total"), said["duplicate"] == true);
    assert_eq!(got, expect, "{said}");
    said
}

async fn values(relay: &Running, end: u64) -> Vec<f64> {
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    client.values(0, end).await
}

#[tokio::test]
async fn every_message_is_answered_in_order() {
    let relay = start(Config::default()).await;
    let mut ws = open(&relay, "").await;
    check(&mut ws, "{\"time\":1,\"v\":1}\n{\"time\":2,\"v\":2}", (1, 2, 0, false)).await;
    let said = check(&mut ws, "{\"time\":3,\"v\":\"x\"}\n{\"time\":4,\"v\":4}", (2, 1, 1, false)).await;
    assert_eq!((&said["rejected"][0]["line"], &said["rejected"][0]["field"]), (&1.into(), &"v".into()));
    check(&mut ws, "", (3, 0, 0, false)).await;
    ws.send(Message::binary(b"{\"time\":5,\"v\":5}".to_vec())).await.unwrap();
    assert_eq!(answer(&mut ws).await["accepted"], 1);
    let mut array = open(&relay, "?format=json").await;
    check(&mut array, "[{\"time\":6,\"v\":6}]", (1, 1, 0, false)).await;
    let mut csv = open(&relay, "?format=csv&producer=p").await;
    check(&mut csv, "{\"sequence\":9}\ntime,v\n7,7\n", (9, 1, 0, false)).await;
    assert_eq!(values(&relay, 6).await, [1.0, 2.0, 4.0, 5.0, 6.0, 7.0]);
}

#[tokio::test]
async fn a_producer_may_ask_to_hear_of_losses_alone() {
    let relay = start(Config::default()).await;
    let mut ws = open(&relay, "?answers=losses").await;
    for message in ["{\"time\":1,\"v\":1}", "{\"time\":2,\"v\":2}"] {
        ws.send(Message::text(message)).await.unwrap();
    }
    check(&mut ws, "{\"time\":3,\"v\":\"x\"}\n{\"time\":4,\"v\":4}", (3, 1, 1, false)).await;
    assert_eq!(values(&relay, 3).await, [1.0, 2.0, 4.0]);
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_taken_once_also_over_another_connection() {
    let relay = start(Config::default()).await;
    let mut ws = open(&relay, "?producer=p").await;
    let first = "{\"sequence\":1}\n{\"time\":1,\"v\":1}\nnonsense\n{\"time\":2,\"v\":2}";
    let said = check(&mut ws, first, (1, 2, 1, false)).await;
    assert_eq!(said["rejected"][0]["line"], 3, "lines are those of the message");
    check(&mut ws, first, (1, 2, 1, true)).await;
    drop(ws);
    let mut ws = open(&relay, "?producer=p").await;
    check(&mut ws, first, (1, 2, 1, true)).await;
    check(&mut ws, "{\"sequence\":5}\n{\"time\":3,\"v\":3}", (5, 1, 0, false)).await;
    ws.send(Message::text("{\"sequence\":2}\n{\"time\":9,\"v\":9}")).await.unwrap();
    assert!(answer(&mut ws).await["error"].as_str().unwrap().contains("older"));
    let mut other = open(&relay, "?producer=q").await;
    check(&mut other, "{\"sequence\":1}\n{\"time\":4,\"v\":4}", (1, 1, 0, false)).await;
    assert_eq!(values(&relay, 4).await, [1.0, 2.0, 3.0, 4.0]);
}

async fn post(relay: &Running, headers: &[&str], body: &[u8]) -> Answer {
    let headers = [&["content-type: application/x-ndjson"], headers].concat();
    request(relay.address(), "POST /api/v1/streams/s/events", &headers, body).await
}

#[tokio::test]
async fn a_body_that_is_posted_again_is_taken_once_and_answered_the_same() {
    let relay = start(Config::default()).await;
    let ticket = ["spate-producer: p", "spate-sequence: 1"];
    let body = b"{\"time\":1,\"v\":1}\nnonsense";
    let first = post(&relay, &ticket, body).await;
    let again = post(&relay, &ticket, body).await;
    assert_eq!((first.status, again.status), (207, 207));
    let mut same = first.json();
    same["duplicate"] = true.into();
    assert_eq!(again.json(), same);
    // Both ways in know the same producers.
    let mut ws = open(&relay, "?producer=p").await;
    check(&mut ws, "{\"sequence\":1}\n{\"time\":1,\"v\":1}", (1, 1, 1, true)).await;
    for (headers, part) in [
        (vec!["spate-producer: p"], "missing"),
        (vec!["spate-sequence: 1"], "missing"),
        (vec!["spate-producer: p", "spate-sequence: x"], "no whole number"),
        (vec!["spate-producer: a b", "spate-sequence: 1"], "not valid"),
    ] {
        let answer = post(&relay, &headers, body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.json()["error"].as_str().unwrap().contains(part), "{}", answer.json());
    }
    post(&relay, &["spate-producer: p", "spate-sequence: 7"], body).await;
    assert_eq!(post(&relay, &["spate-producer: p", "spate-sequence: 3"], body).await.status, 409);
    assert_eq!(values(&relay, 2).await, [1.0, 1.0]);
}

#[tokio::test]
async fn the_same_body_sent_at_once_by_many_is_taken_once() {
    let relay = start(Config::default()).await;
    let address = relay.address();
    let posts: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn(async move {
                let headers =
                    ["content-type: application/x-ndjson", "spate-producer: p", "spate-sequence: 1"];
                let lines = "{\"time\":1,\"v\":1}\n".repeat(5_000);
                request(address, "POST /api/v1/streams/s/events", &headers, lines.as_bytes()).await.json()
            })
        })
        .collect();
    let mut duplicates = 0;
    for post in posts {
        let said = post.await.unwrap();
        assert_eq!(said["accepted"], 5_000);
        duplicates += u64::from(said["duplicate"] == json!(true));
    }
    assert_eq!(duplicates, 15);
    relay.relay().streams.seal_all();
    assert_eq!(relay.relay().streams.get("s").unwrap().info().head, 5_000);
}

#[tokio::test]
async fn a_producer_that_is_too_fast_waits_for_its_answer() {
    let limits = Limits { ingest_bytes_per_second: Some(ByteSize(100)), ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    let mut ws = open(&relay, "").await;
    let line = format!("{{\"time\":1,\"v\":1}}{}", " ".repeat(120));
    // The third has to wait for the debt of the second; nothing is refused.
    for at in 1..=3 {
        check(&mut ws, &line, (at, 1, 0, false)).await;
    }
    assert_eq!(values(&relay, 3).await.len(), 3);
}

#[tokio::test]
async fn unfriendly_producers_are_told_and_closed() {
    let limits = Limits { body_bytes: ByteSize(1_000), connections: 2, ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    let mut headless = open(&relay, "?producer=p").await;
    headless.send(Message::text("{\"time\":1,\"v\":1}")).await.unwrap();
    let (code, reason) = closed(&mut headless).await;
    assert_eq!(code, CloseCode::BadMessage as u16);
    assert!(reason.contains("sequence"), "{reason}");
    let mut large = open(&relay, "").await;
    large.send(Message::text(" ".repeat(2_000))).await.unwrap();
    assert_eq!(closed(&mut large).await.0, 1009);
    for query in ["?format=xml", "?producer=", "?producer=a%20b", "?prod=x"] {
        let url = format!("ws://{}/api/v1/streams/s/publish{query}", relay.address());
        assert!(
            matches!(connect_async(url).await, Err(Error::Http(response)) if response.status() == 400),
            "{query}"
        );
    }
    let reserved = format!("ws://{}/api/v1/streams/spate.x/publish", relay.address());
    assert!(matches!(connect_async(reserved).await, Err(Error::Http(response)) if response.status() == 403));
    let mut foreign =
        format!("ws://{}/api/v1/streams/s/publish", relay.address()).into_client_request().unwrap();
    foreign.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    assert!(matches!(connect_async(foreign).await, Err(Error::Http(response)) if response.status() == 403));
    assert!(relay.relay().streams.get("s").is_none());
}

#[tokio::test]
async fn a_drain_closes_producers_with_1012_and_what_was_answered_is_kept() {
    let relay = start(Config::default()).await;
    let mut ws = open(&relay, "?producer=p").await;
    check(&mut ws, "{\"sequence\":1}\n{\"time\":1,\"v\":1}", (1, 1, 0, false)).await;
    let shared = std::sync::Arc::clone(relay.relay());
    let draining = tokio::spawn(relay.drain());
    let (code, reason) = closed(&mut ws).await;
    assert_eq!(code, CloseCode::Draining as u16);
    assert!(reason.starts_with("retry "), "{reason}");
    draining.await.unwrap();
    assert_eq!(shared.streams.get("s").unwrap().info().head, 1);
}
