//! Where a subscription begins, over the wire, and gaps.

use spate_relay::config::{ByteSize, Config, RingConfig};
use spate_shared::wire::{CloseCode, GapReason, Mode, Policy, ServerMessage, Start};

use crate::support::{Client, Hand, hello, publish, start, start_at, subscribe};

fn numbers(from: u64, to: u64) -> Vec<f64> {
    (from..to).map(|at| at as f64).collect()
}

#[tokio::test]
async fn a_resume_goes_on_exactly_where_the_client_stopped() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 50).await;
    publish(&relay, "s", 50, 100).await;
    let (mut first, (epoch, next, mode)) =
        Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    assert_eq!((next, mode), (0, Mode::Started));
    assert_eq!(first.values(0, 100).await, numbers(0, 100));
    for offset in [0, 1, 49, 50, 73, 99] {
        let resume = subscribe("s", Start::Resume { epoch, offset });
        let (mut client, ok) = Client::subscribed(relay.address(), resume).await;
        assert_eq!(ok, (epoch, offset, Mode::Resumed));
        assert_eq!(client.values(offset, 100).await, numbers(offset, 100));
    }
}

#[tokio::test]
async fn a_resume_at_the_head_gets_only_what_comes() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 10).await;
    let epoch = relay.relay().streams.get("s").unwrap().info().epoch;
    let resume = subscribe("s", Start::Resume { epoch, offset: 10 });
    let (mut client, ok) = Client::subscribed(relay.address(), resume).await;
    assert_eq!(ok, (epoch, 10, Mode::Resumed));
    publish(&relay, "s", 10, 13).await;
    assert_eq!(client.values(10, 13).await, numbers(10, 13));
}

#[tokio::test]
async fn another_epoch_or_a_future_offset_is_a_reset_to_the_oldest() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 10).await;
    let epoch = relay.relay().streams.get("s").unwrap().info().epoch;
    for (seen, offset) in [(epoch - 1, 5), (epoch + 1, 0), (epoch, 11), (epoch, u64::MAX)] {
        let resume = subscribe("s", Start::Resume { epoch: seen, offset });
        let (mut client, ok) = Client::subscribed(relay.address(), resume).await;
        assert_eq!(ok, (epoch, 0, Mode::Reset), "epoch {seen} offset {offset}");
        assert_eq!(client.values(0, 10).await, numbers(0, 10));
    }
}

#[tokio::test]
async fn the_last_n_begin_inside_a_segment() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 100).await;
    let (mut client, (_, next, mode)) =
        Client::subscribed(relay.address(), subscribe("s", Start::Last(7))).await;
    assert_eq!((next, mode), (93, Mode::Started));
    assert_eq!(client.values(93, 100).await, numbers(93, 100));
}

/// A ring that holds the newest segment alone.
fn tiny_ring() -> Config {
    Config { ring: RingConfig { bytes: ByteSize(0), ..RingConfig::default() }, ..Config::default() }
}

#[tokio::test]
async fn a_resume_before_the_ring_names_exactly_what_is_missing() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(tiny_ring(), hand.clock()).await;
    for at in 0..3 {
        publish(&relay, "s", at * 10, at * 10 + 10).await;
        hand.advance(20_000_000);
    }
    let epoch = relay.relay().streams.get("s").unwrap().info().epoch;
    for offset in [0, 5, 19] {
        let resume = subscribe("s", Start::Resume { epoch, offset });
        let (mut client, ok) = Client::subscribed(relay.address(), resume).await;
        assert_eq!(ok, (epoch, 20, Mode::Gap));
        let ServerMessage::Gap { epoch: e, from, to, reason, .. } = client.message().await else {
            panic!("no gap")
        };
        assert_eq!((e, from, to, reason), (epoch, offset, 20, GapReason::Trimmed));
        assert_eq!(client.values(20, 30).await, numbers(20, 30));
    }
}

#[tokio::test]
async fn a_reader_without_credit_falls_off_the_ring_and_is_told_exactly() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(tiny_ring(), hand.clock()).await;
    publish(&relay, "s", 0, 10).await;
    let mut opening = hello(vec![subscribe("s", Start::Earliest)]);
    opening.credit_bytes = Some(1);
    let mut client = Client::hello(relay.address(), opening).await;
    let (epoch, ..) = client.ok().await;
    // One frame may overdraw the credit; then nothing until there is more.
    assert_eq!(client.values(0, 10).await, numbers(0, 10));
    for at in 1..4 {
        hand.advance(20_000_000);
        publish(&relay, "s", at * 10, at * 10 + 10).await;
    }
    client.send(spate_shared::wire::ClientMessage::Credit { bytes: 1 << 20 }).await;
    let gap = loop {
        match client.message().await {
            ServerMessage::Behind { .. } => {}
            other => break other,
        }
    };
    let ServerMessage::Gap { epoch: e, from, to, .. } = gap else { panic!("expected a gap, got {gap:?}") };
    assert_eq!((e, from, to), (epoch, 10, 30));
    assert_eq!(client.values(30, 40).await, numbers(30, 40));
}

#[tokio::test]
async fn under_the_close_policy_falling_off_closes_with_4000() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(tiny_ring(), hand.clock()).await;
    publish(&relay, "s", 0, 10).await;
    let mut opening = hello(vec![subscribe("s", Start::Earliest)]);
    opening.credit_bytes = Some(1);
    opening.streams[0].policy = Policy::Close;
    let mut client = Client::hello(relay.address(), opening).await;
    client.ok().await;
    client.values(0, 10).await;
    for at in 1..4 {
        hand.advance(20_000_000);
        publish(&relay, "s", at * 10, at * 10 + 10).await;
    }
    client.send(spate_shared::wire::ClientMessage::Credit { bytes: 1 << 20 }).await;
    let (code, reason) = client.closed().await;
    assert_eq!(code, CloseCode::TooSlow as u16);
    assert!(reason.contains("offset 10"), "{reason}");
}
