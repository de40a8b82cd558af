//! Clients behind a bad network.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use spate_relay::config::{ByteSize, Config, RingConfig};
use spate_relay::relay::Running;
use spate_relay::session::{PING_EVERY, PONG_TIMEOUT, WRITE_TIMEOUT};
use spate_shared::text::Format;
use spate_shared::wire::{Mode, Policy, ServerFrame, Start, Subscribe};
use tokio_tungstenite::tungstenite::Message;

use crate::proxy::{Fault, Proxy};
use crate::reader::{Fate, Reader};
use crate::support::{Hand, Ws, hold_time, long_lines, publish, sealed, start, start_at, subscribe};

/// Events of the streams below.
const EVENTS: u64 = 120;

/// A relay whose stream `s` has [`EVENTS`] in a dozen segments.
async fn relay() -> Running {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    for at in (0..EVENTS).step_by(10) {
        publish(&relay, "s", at, at + 10).await;
        hand.advance(20_000_000);
    }
    relay
}

fn everything() -> Subscribe {
    subscribe("s", Start::Earliest)
}

/// Waits until so many connections are open.
async fn connections(relay: &Running, count: usize) {
    let shared = relay.relay();
    let free = shared.limits.connections - count;
    while shared.connections.available_permits() != free {
        tokio::task::yield_now().await;
    }
}

/// Reads all events through the proxy, coming back whenever the line ends.
async fn read_all(reader: &mut Reader, proxy: &Proxy, events: u64) {
    loop {
        let Some(mut ws) = reader.try_connect(proxy.address).await else { continue };
        if reader.read_to(&mut ws, events).await {
            return;
        }
    }
}

/// Several hundred bytes, as far as the line lasts.
async fn say_more(ws: &mut Ws) {
    for _ in 0..4 {
        let _ = ws.send(Message::Ping(vec![0; 120].into())).await;
    }
}

fn check_all_seen(reader: &Reader, events: u64) {
    reader.check(events, |offset| offset as f64);
    assert_eq!(reader.fates.len() as u64, events);
    assert!(reader.fates.values().all(|fate| matches!(fate, Fate::Seen(_))), "nothing is missing");
}

#[tokio::test]
async fn a_line_cut_at_any_byte_loses_and_doubles_nothing() {
    let relay = relay().await;
    let proxy = Proxy::to(relay.address()).await;
    let whole = {
        let mut reader = Reader::new(everything());
        read_all(&mut reader, &proxy, EVENTS).await;
        check_all_seen(&reader, EVENTS);
        reader
    };
    assert_eq!(whole.last_mode, Some(Mode::Started));
    let mut resumed = 0;
    for after_bytes in (0..4_000).step_by(23) {
        let mut reader = Reader::new(everything());
        proxy.set(Fault::None, Fault::Cut { after_bytes });
        if let Some(mut ws) = reader.try_connect(proxy.address).await {
            reader.read_to(&mut ws, EVENTS).await;
        }
        proxy.set(Fault::None, Fault::None);
        if reader.next() < EVENTS {
            read_all(&mut reader, &proxy, EVENTS).await;
        }
        resumed += usize::from(reader.last_mode == Some(Mode::Resumed));
        check_all_seen(&reader, EVENTS);
    }
    assert!(resumed > 20, "cuts fell among the data: {resumed}");
    connections(&relay, 0).await;
}

#[tokio::test]
async fn what_a_client_says_cut_at_any_byte_leaves_no_session_behind() {
    let relay = relay().await;
    let proxy = Proxy::to(relay.address()).await;
    for after_bytes in (1..400).step_by(9) {
        proxy.set(Fault::Cut { after_bytes }, Fault::None);
        let mut reader = Reader::new(everything());
        if let Some(mut ws) = reader.try_connect(proxy.address).await {
            say_more(&mut ws).await;
            assert!(!reader.read_to(&mut ws, EVENTS + 1).await);
        }
        connections(&relay, 0).await;
    }
}

#[tokio::test]
async fn a_client_that_ends_its_half_of_the_line_is_gone() {
    let relay = relay().await;
    let proxy = Proxy::to(relay.address()).await;
    proxy.set(Fault::HalfClose { after_bytes: 350 }, Fault::None);
    let mut reader = Reader::new(everything());
    let mut ws = reader.try_connect(proxy.address).await.unwrap();
    say_more(&mut ws).await;
    assert!(!reader.read_to(&mut ws, EVENTS + 1).await);
    connections(&relay, 0).await;
}

#[tokio::test]
async fn frames_that_come_in_pieces_of_any_size_are_whole() {
    let relay = relay().await;
    let proxy = Proxy::to(relay.address()).await;
    for bytes in [1, 2, 3, 7, 64, 1_000] {
        let trickle = Fault::Trickle { after_bytes: 1_000, bytes, wait: Duration::ZERO };
        proxy.set(Fault::Trickle { after_bytes: 0, bytes, wait: Duration::ZERO }, trickle);
        let mut reader = Reader::new(everything());
        read_all(&mut reader, &proxy, EVENTS).await;
        check_all_seen(&reader, EVENTS);
        assert_eq!(reader.last_mode, Some(Mode::Started), "in one connection");
    }
}

#[tokio::test]
async fn a_slow_line_gets_everything_while_others_do_not_wait_for_it() {
    let relay = relay().await;
    let proxy = Proxy::to(relay.address()).await;
    let slow = Fault::Trickle { after_bytes: 1_000, bytes: 200, wait: Duration::from_millis(2) };
    proxy.set(slow, slow);
    let mut slow = Reader::new(everything());
    let mut slow_ws = slow.try_connect(proxy.address).await.unwrap();
    let mut fast = Reader::new(everything());
    let mut fast_ws = fast.connect(relay.address()).await;
    assert!(fast.read_to(&mut fast_ws, EVENTS).await);
    assert!(slow.read_to(&mut slow_ws, EVENTS).await);
    check_all_seen(&slow, EVENTS);
    check_all_seen(&fast, EVENTS);
}

#[tokio::test(start_paused = true)]
async fn a_half_open_line_is_given_up_and_its_client_resumes_beside_it() {
    let _time_stands = hold_time();
    let relay = relay().await;
    let proxy = Proxy::to(relay.address()).await;
    // After the handshake nothing comes back any more, and neither side is told.
    proxy.set(Fault::Swallow { after_bytes: 400 }, Fault::None);
    let mut reader = Reader::new(everything());
    let mut dead = reader.connect(proxy.address).await;
    assert!(reader.read_to(&mut dead, EVENTS).await);
    connections(&relay, 1).await;
    proxy.set(Fault::None, Fault::None);
    let mut ws = reader.connect(proxy.address).await;
    publish(&relay, "s", EVENTS, EVENTS + 5).await;
    assert!(reader.read_to(&mut ws, EVENTS + 5).await);
    assert_eq!(reader.last_mode, Some(Mode::Resumed));
    check_all_seen(&reader, EVENTS + 5);
    connections(&relay, 2).await;
    // Pings are answered by the client when it reads; those of the dead line do not arrive.
    tokio::time::advance(PING_EVERY + Duration::from_millis(100)).await;
    let answered = async {
        loop {
            ws.next().await;
        }
    };
    let given_up = async {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        tokio::time::advance(PONG_TIMEOUT + Duration::from_millis(100)).await;
        connections(&relay, 1).await;
    };
    tokio::select! {
        () = given_up => {}
        () = answered => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_takes_nothing_is_cut_in_time_and_its_client_is_told_what_it_missed() {
    let _time_stands = hold_time();
    for policy in [Policy::Gap, Policy::Close] {
        let ring = RingConfig { bytes: ByteSize(17 << 20), ..RingConfig::default() };
        let relay = start(Config { ring, ..Config::default() }).await;
        let ingest = std::sync::Arc::clone(&relay.relay().ingest);
        ingest.publish("s", Format::Ndjson, &long_lines(1), 1).unwrap();
        relay.relay().streams.seal_all();
        sealed(&relay, "s", 1).await;
        let proxy = Proxy::to(relay.address()).await;
        proxy.set(Fault::None, Fault::Stall { after_bytes: 2_000 });
        let mut reader = Reader::new(Subscribe { policy, ..subscribe("s", Start::Live) });
        let mut stalled = reader.connect(proxy.address).await;
        // The welcome and the answer fit.
        while reader.position.is_none() {
            let Some(Ok(message)) = stalled.next().await else { panic!("ended") };
            reader.take(ServerFrame::decode(&message.into_data()).unwrap());
        }
        // More than the sockets hold, so that the relay waits in the middle of a frame; then more than the ring holds.
        for _ in 0..2 {
            ingest.publish("s", Format::Ndjson, &long_lines(32), 1).unwrap();
            relay.relay().streams.seal_all();
            for _ in 0..500 {
                tokio::task::yield_now().await;
            }
        }
        tokio::time::advance(WRITE_TIMEOUT + Duration::from_millis(100)).await;
        connections(&relay, 0).await;
        let oldest = relay.relay().streams.get("s").unwrap().info().oldest;
        assert!(oldest > 1, "the ring has moved on");
        let mut ws = reader.connect(relay.address()).await;
        assert!(reader.read_to(&mut ws, 65).await);
        assert_eq!(reader.last_mode, Some(Mode::Gap));
        let missing = reader.fates.values().filter(|fate| **fate == Fate::Missing).count() as u64;
        assert_eq!(missing, oldest - 1, "exactly what is gone");
        assert_eq!(reader.fates.len(), 64);
    }
}
