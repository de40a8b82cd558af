//! Shutting down.

use std::io::{self, Read};

use spate_relay::config::Config;
use spate_relay::source::{Ingest, stdin};
use spate_shared::text::Format;
use spate_shared::wire::{ClientMessage, CloseCode, Start};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Client, PATIENCE, closed, get, long_lines, metric, open, publish, start, subscribe};

#[tokio::test]
async fn a_drain_delivers_what_is_sealed_and_closes_with_1012_and_a_retry_hint() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 5).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    // A connection that has not said hello is closed in the same way.
    let mut silent = open(relay.address(), "spate.v1").await;
    assert_eq!(get(relay.address(), "/readyz").await.status, 200);
    let draining = tokio::spawn(relay.drain());
    assert_eq!(client.values(0, 5).await.len(), 5);
    for (code, reason) in [client.closed().await, closed(&mut silent).await] {
        assert_eq!(code, CloseCode::Draining as u16);
        let millis: u64 = reason.strip_prefix("retry ").unwrap().parse().unwrap();
        assert!((500..3_000).contains(&millis), "{millis}");
    }
    draining.await.unwrap();
}

#[tokio::test]
async fn a_drain_delivers_everything_that_is_held_not_one_turn_of_it() {
    let relay = start(Config::default()).await;
    relay.relay().ingest.publish("s", Format::Ndjson, &long_lines(48), 1).unwrap();
    relay.relay().streams.seal_all();
    // More than the sockets hold, so the relay is in the middle of it when the drain begins.
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    let mut flag = relay.relay().draining.clone();
    let draining = tokio::spawn(relay.drain());
    flag.wait_for(|draining| *draining).await.unwrap();
    let mut next = 0;
    while next < 48 {
        let header = client.data().await.header;
        assert_eq!(header.base, next);
        next += u64::from(header.rows);
    }
    assert_eq!(client.closed().await.0, CloseCode::Draining as u16);
    draining.await.unwrap();
}

#[tokio::test]
async fn a_drain_does_not_wait_for_the_rate_that_a_client_asked_for() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 1).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Live)).await;
    client.send(ClientMessage::Rate { millis: 60_000 }).await;
    // The answer to a later message says that the rate has been heard.
    client.send(ClientMessage::Subscribe(subscribe("nowhere", Start::Live))).await;
    client.message().await;
    publish(&relay, "s", 1, 2).await;
    client.values(1, 2).await;
    publish(&relay, "s", 2, 3).await;
    let draining = tokio::spawn(relay.drain());
    client.values(2, 3).await;
    assert_eq!(client.closed().await.0, CloseCode::Draining as u16);
    draining.await.unwrap();
}

#[tokio::test]
async fn a_body_that_arrives_during_the_drain_is_refused_with_503_and_a_time_to_retry() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 1).await;
    let shared = std::sync::Arc::clone(relay.relay());
    let mut producer = TcpStream::connect(relay.address()).await.unwrap();
    let event = b"{\"time\":2,\"v\":2}";
    let head = format!(
        "POST /api/v1/streams/s/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        event.len()
    );
    producer.write_all(head.as_bytes()).await.unwrap();
    // The relay asks for the body: the request has been admitted.
    let mut go_on = [0; 25];
    timeout(PATIENCE, producer.read_exact(&mut go_on)).await.unwrap().unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let draining = tokio::spawn(relay.drain());
    shared.draining.clone().wait_for(|draining| *draining).await.unwrap();
    producer.write_all(event).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, producer.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    assert_eq!(shared.streams.get("s").unwrap().info().head, 1, "what was refused has no offset");
    draining.await.unwrap();
}

/// Gives one line, has the relay close the way in, then gives another; must not be asked again.
struct TwoLines<'a> {
    ingest: &'a Ingest,
    asked: usize,
}

impl Read for TwoLines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.asked += 1;
        assert!(self.asked < 3, "read on after the way in was closed");
        if self.asked == 2 {
            self.ingest.close();
        }
        let line = format!("{{\"time\":{0},\"v\":{0}}}\n", self.asked);
        buffer[..line.len()].copy_from_slice(line.as_bytes());
        Ok(line.len())
    }
}

#[tokio::test]
async fn standard_input_stops_when_the_way_in_is_closed_and_its_last_lines_are_counted() {
    let relay = start(Config::default()).await;
    let ingest = &relay.relay().ingest;
    let mut lines = TwoLines { ingest, asked: 0 };
    stdin::read_lines(&mut lines, ingest, "s").unwrap();
    assert_eq!(lines.asked, 2);
    let count = async |name: &str| metric(relay.address(), name, "stream=\"s\"").await;
    assert_eq!(count("spate_events_received_total").await, 2.0);
    assert_eq!(count("spate_events_accepted_total").await, 1.0);
    assert_eq!(count("spate_events_rejected_total").await, 1.0);
}
