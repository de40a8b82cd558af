//! What a relay's ring no longer has, or never had, read back from a real `nats-server`.

use std::sync::Arc;

use spate_relay::clock::{self, Clock};
use spate_relay::config::{ByteSize, Config, JetStreamConfig, RingConfig};
use spate_relay::log::{Log, Read};
use spate_relay::relay::Running;
use spate_relay::source::upstream::Endpoint;
use spate_shared::recording::Recording;
use spate_shared::time::{HOUR, Nanos, SECOND};
use spate_shared::wire::{
    ClientMessage, CloseCode, GapReason, Hello, Mode, Policy, ServerFrame, ServerMessage, Start, Subscribe,
};

use crate::nats_server::Nats;
use crate::reader::{Fate, Reader};
use crate::sse::Source;
use crate::support::{Client, Hand, get, hello, long_lines, metric, post, sealed, start_at, subscribe};

/// More than JetStream is asked for at once.
const EVENTS: u64 = 10_000;
/// Events of one body.
const BODY: u64 = 1_000;

/// A relay whose ring holds the newest segment alone.
async fn tiny(nats: &Nats) -> Running {
    at(nats, clock::system()).await
}

async fn at(nats: &Nats, clock: Clock) -> Running {
    let ring = RingConfig { bytes: ByteSize(0), ..RingConfig::default() };
    let jetstream = Some(JetStreamConfig::new(Endpoint::new(nats.url())));
    start_at(Config { jetstream, ring, ..Config::default() }, clock).await
}

/// A relay to which everything that JetStream holds is too old for its ring: the ring is empty.
async fn late(nats: &Nats, head: u64) -> Running {
    let system = clock::system();
    let relay = at(nats, Arc::new(move || system() + 2 * HOUR)).await;
    sealed(&relay, "s", head).await;
    assert_eq!(relay.relay().streams.get("s").unwrap().with_log(Log::size_bytes), 0);
    relay
}

/// Publishes events whose `v` is their offset.
async fn send(relay: &Running, from: u64, to: u64) {
    for from in (from..to).step_by(BODY as usize) {
        let to = to.min(from + BODY);
        let lines: Vec<_> = (from..to).map(|at| format!("{{\"time\":{at},\"v\":{at}}}")).collect();
        let answer = post(relay.address(), "s", "application/x-ndjson", lines.join("\n").as_bytes()).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }
    sealed(relay, "s", to).await;
}

fn epoch(relay: &Running) -> u64 {
    relay.relay().streams.get("s").unwrap().epoch()
}

fn ring_oldest(relay: &Running) -> u64 {
    let stream = relay.relay().streams.get("s").unwrap();
    (1..stream.next()).find(|at| matches!(stream.read(*at), Read::Segment(_))).unwrap()
}

/// Reads from a start to `end`.
async fn read(relay: &Running, wanted: Subscribe, end: u64) -> Reader {
    let mut reader = Reader::new(wanted);
    if let Start::Resume { epoch, offset } = reader.subscription().start {
        reader.position = Some((epoch, offset));
    }
    let mut ws = reader.connect(relay.address()).await;
    assert!(reader.read_to(&mut ws, end).await);
    reader
}

/// Offsets `missing` are declared so, and all others from the first one to `end` are events.
fn check(reader: &Reader, from: u64, missing: std::ops::Range<u64>, end: u64) {
    let expect = |at: u64| if missing.contains(&at) { Fate::Missing } else { Fate::Seen(at as f64) };
    assert!(reader.fates.iter().map(|(at, fate)| (*at, *fate)).eq((from..end).map(|at| (at, expect(at)))));
}

#[tokio::test]
async fn a_relay_that_started_late_with_a_tiny_ring_answers_every_resume_exactly() {
    let nats = Nats::start().await;
    let one = tiny(&nats).await;
    send(&one, 1, EVENTS + 1).await;
    let (other, late) = (tiny(&nats).await, late(&nats, EVENTS + 1).await);
    sealed(&other, "s", EVENTS + 1).await;
    for relay in [&one, &other, &late] {
        for offset in [1, 2, 4_096, 4_097, 5_000, EVENTS, EVENTS + 1] {
            let resume = subscribe("s", Start::Resume { epoch: epoch(&one), offset });
            let reader = read(relay, resume, EVENTS + 1).await;
            assert_eq!(reader.last_mode, if offset <= EVENTS { Some(Mode::Resumed) } else { None });
            check(&reader, offset, 0..0, EVENTS + 1);
        }
    }
    // What is live follows without a seam.
    let mut reader = Reader::new(subscribe("s", Start::Earliest));
    let mut ws = reader.connect(late.address()).await;
    send(&one, EVENTS + 1, EVENTS + 101).await;
    assert!(reader.read_to(&mut ws, EVENTS + 101).await);
    check(&reader, 1, 0..0, EVENTS + 101);
    assert!(metric(late.address(), "spate_archive_reads_total", "stream=\"s\"").await > 0.0);
    assert_eq!(metric(late.address(), "spate_archive_read_failures_total", "stream=\"s\"").await, 0.0);
    assert!(metric(late.address(), "spate_queue_depth", "jetstream_past").await > 0.0);
}

#[tokio::test]
async fn every_start_and_every_way_out_reaches_below_the_ring() {
    let nats = Nats::start().await;
    let one = tiny(&nats).await;
    send(&one, 1, EVENTS + 1).await;
    let late = late(&nats, EVENTS + 1).await;
    for (start, first) in
        [(Start::Earliest, 1), (Start::Last(1_000), EVENTS - 999), (Start::Last(u64::MAX), 1)]
    {
        check(&read(&late, subscribe("s", start), EVENTS + 1).await, first, 0..0, EVENTS + 1);
    }
    let path = "/api/v1/streams/s/events";
    for (query, range) in [
        ("", 1..EVENTS + 1),
        ("?limit=4500", 1..4_501),
        ("?offset=4000&limit=1000", 4_000..5_000),
        ("?from=7000&to=7010", 7_000..7_010),
    ] {
        let answer = get(late.address(), &format!("{path}{query}")).await;
        let expect: Vec<_> = range.map(|at| format!("{at}")).collect();
        let text = String::from_utf8(answer.body).unwrap();
        let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["v"].to_string();
        assert!(text.lines().map(value).eq(expect), "{query}");
    }
    let recording = get(late.address(), &format!("{path}?format=spate")).await.body;
    assert_eq!(Recording::open(recording).unwrap().events(), EVENTS);
    let (mut source, ok) = Source::open(&late, "", &format!("{}-4", epoch(&one))).await;
    assert_eq!(ok["mode"], "resumed");
    source.events(epoch(&one), 5, EVENTS + 1).await;
}

#[tokio::test]
async fn a_start_within_a_time_begins_with_the_message_of_that_time() {
    let nats = Nats::start().await;
    let one = tiny(&nats).await;
    send(&one, 1, 101).await;
    send(&one, 101, 201).await;
    let stored = nats.context().await.get_stream("spate-s").await.unwrap();
    let since = stored.get_raw_message(150).await.unwrap().time.unix_timestamp_nanos() as Nanos;
    let hand = Hand::at(since + SECOND);
    let relay = at(&nats, hand.clock()).await;
    sealed(&relay, "s", 201).await;
    // Its ring holds the newest segment, and not the one that the start names.
    let reader = read(&relay, subscribe("s", Start::Within(1_000)), 201).await;
    let first = *reader.fates.keys().next().unwrap();
    let before = stored.get_raw_message(first - 1).await.unwrap().time.unix_timestamp_nanos() as Nanos;
    assert!(first <= 150 && before < since, "{first}");
    check(&reader, first, 0..0, 201);
}

/// Lets JetStream hold the newest `most` messages alone.
async fn keep(nats: &Nats, most: i64) {
    let context = nats.context().await;
    let mut config = context.get_stream("spate-s").await.unwrap().cached_info().config.clone();
    config.max_messages = most;
    context.update_stream(config).await.unwrap();
}

#[tokio::test]
async fn what_jetstream_has_let_go_is_a_gap_of_exactly_that() {
    let nats = Nats::start().await;
    let relay = tiny(&nats).await;
    send(&relay, 1, EVENTS + 1).await;
    keep(&nats, 3_000).await;
    let (oldest, epoch) = (EVENTS - 2_999, epoch(&relay));
    for (offset, mode) in [(1, Mode::Gap), (oldest - 1, Mode::Gap), (oldest, Mode::Resumed)] {
        let reader = read(&relay, subscribe("s", Start::Resume { epoch, offset }), EVENTS + 1).await;
        assert_eq!(reader.last_mode, Some(mode));
        check(&reader, offset, offset..oldest, EVENTS + 1);
    }
    check(&read(&relay, subscribe("s", Start::Earliest), EVENTS + 1).await, oldest, 0..0, EVENTS + 1);
    let history = get(relay.address(), "/api/v1/streams/s/events").await;
    assert_eq!(String::from_utf8(history.body).unwrap().lines().count(), 3_000);
    assert_eq!(get(relay.address(), "/api/v1/streams/s/events?offset=1").await.status, 410);
}

#[tokio::test]
async fn what_jetstream_lets_go_while_a_slow_client_reads_is_a_gap_of_exactly_that() {
    let nats = Nats::start().await;
    let relay = tiny(&nats).await;
    send(&relay, 1, EVENTS + 1).await;
    let wanted = subscribe("s", Start::Earliest);
    let slow = Hello { credit_bytes: Some(1), ..hello(vec![wanted.clone()]) };
    let (mut client, mut reader) = (Client::hello(relay.address(), slow).await, Reader::new(wanted));
    while reader.next() <= 1 {
        reader.take(client.frame().await);
    }
    let read = reader.next();
    keep(&nats, 1_000).await;
    client.send(ClientMessage::Credit { bytes: u64::MAX >> 1 }).await;
    // What was read together with the first events may still come.
    while reader.next() <= EVENTS {
        reader.take(client.frame().await);
    }
    let missing: Vec<_> = reader.fates.iter().filter(|(_, fate)| **fate == Fate::Missing).collect();
    let (first, last) = (*missing[0].0, *missing[missing.len() - 1].0);
    assert!(first >= read && last == EVENTS - 1_000, "{read} {first} {last}");
    check(&reader, 1, first..last + 1, EVENTS + 1);
}

#[tokio::test]
async fn messages_that_were_deleted_or_are_no_events_are_holes_below_the_ring_too() {
    let nats = Nats::start().await;
    let one = tiny(&nats).await;
    send(&one, 1, 10).await;
    let context = nats.context().await;
    context.publish("spate.s", "no event".into()).await.unwrap().await.unwrap();
    sealed(&one, "s", 10).await;
    send(&one, 11, 20).await;
    context.get_stream("spate-s").await.unwrap().delete_message(5).await.unwrap();
    let late = late(&nats, 20).await;
    let mut client = Client::hello(late.address(), hello(vec![subscribe("s", Start::Earliest)])).await;
    client.ok().await;
    let mut seen = Vec::new();
    while seen.last().is_none_or(|(_, to, _)| *to < 20) {
        match client.frame().await {
            ServerFrame::Message(ServerMessage::Gap { from, to, reason, .. }) => {
                seen.push((from, to, Some(reason)));
            }
            ServerFrame::Data(frame) => {
                let base = frame.header.base;
                seen.push((base, base + u64::from(frame.header.rows), None));
            }
            ServerFrame::Message(_) | ServerFrame::Selected(_) => {}
        }
    }
    let hole = Some(GapReason::NoEvent);
    assert_eq!(seen, [(1, 5, None), (5, 6, hole), (6, 10, None), (10, 11, hole), (11, 20, None)]);
}

#[tokio::test]
async fn fields_that_only_old_messages_have_are_added_before_a_client_gets_them() {
    let nats = Nats::start().await;
    let one = tiny(&nats).await;
    send(&one, 1, 10).await;
    one.drain().await;
    let context = nats.context().await;
    let event = "{\"time\":10,\"v\":10,\"w\":0.5}";
    context.publish("spate.s", event.into()).await.unwrap().await.unwrap();
    let late = late(&nats, 11).await;
    let fields = || late.relay().streams.get("s").unwrap().info().schema.fields.len();
    assert_eq!(fields(), 1, "no relay has looked at that message");
    check(&read(&late, subscribe("s", Start::Earliest), 11).await, 1, 0..0, 11);
    assert_eq!(fields(), 2);
    let history = get(late.address(), "/api/v1/streams/s/events?offset=10").await.body;
    assert_eq!(
        String::from_utf8(history).unwrap().trim(),
        "{\"time\":\"1970-01-01T00:00:10Z\",\"v\":10,\"w\":0.5}"
    );
}

#[tokio::test]
async fn messages_of_half_a_mebibyte_are_read_back_few_at_a_time() {
    let nats = Nats::start().await;
    let one = tiny(&nats).await;
    let answer = post(one.address(), "s", "application/x-ndjson", &long_lines(7)).await;
    assert_eq!(answer.status, 200);
    sealed(&one, "s", 8).await;
    let reader = read(&late(&nats, 8).await, subscribe("s", Start::Earliest), 8).await;
    assert!(reader.fates.into_iter().eq((1..8).map(|at| (at, Fate::Seen(at as f64 - 1.0)))));
}

#[tokio::test]
async fn a_stream_that_cannot_be_read_back_keeps_no_other_stream_of_the_client_waiting() {
    let mut nats = Nats::start().await;
    let relay = tiny(&nats).await;
    send(&relay, 1, 2_001).await;
    let answer = post(relay.address(), "other", "application/json", b"{\"time\":1,\"v\":1}").await;
    assert_eq!(answer.status, 200);
    sealed(&relay, "other", 2).await;
    nats.kill();
    let below = subscribe("s", Start::Resume { epoch: epoch(&relay), offset: 7 });
    let wanted = vec![below, subscribe("other", Start::Earliest)];
    let mut client = Client::hello(relay.address(), hello(wanted)).await;
    client.ok().await;
    client.ok().await;
    let frame = client.data().await;
    let other = relay.relay().streams.get("other").unwrap().id();
    assert_eq!(frame.header.stream, other, "before the gap of the first stream");
}

#[tokio::test]
async fn while_jetstream_is_away_what_cannot_be_read_back_is_declared_and_the_ring_goes_on() {
    let mut nats = Nats::start().await;
    let relay = tiny(&nats).await;
    send(&relay, 1, 2_001).await;
    let (in_ring, epoch) = (ring_oldest(&relay), epoch(&relay));
    nats.kill();
    let resume = subscribe("s", Start::Resume { epoch, offset: 7 });
    let exact = Subscribe { policy: Policy::Close, ..resume.clone() };
    let (mut client, ok) = Client::subscribed(relay.address(), exact).await;
    assert_eq!(ok, (epoch, 7, Mode::Resumed));
    let (code, why) = client.closed().await;
    assert_eq!(code, CloseCode::TooSlow as u16);
    assert!(why.contains("cannot be read back at offset 7"), "{why}");
    let reader = read(&relay, resume.clone(), 2_001).await;
    check(&reader, 7, 7..in_ring, 2_001);
    let history = get(relay.address(), "/api/v1/streams/s/events").await;
    assert_eq!((history.status, history.header("retry-after")), (503, Some("1")));
    let (mut source, _) = Source::open(&relay, "?start=earliest", "").await;
    let gap = source.next().await.unwrap();
    assert_eq!((gap.kind.as_str(), gap.data.contains("unreachable")), ("gap", true));
    assert!(metric(relay.address(), "spate_archive_read_failures_total", "stream=\"s\"").await >= 4.0);
    nats.restart().await;
    let mut reader = Reader::new(Subscribe { policy: Policy::Close, ..resume });
    reader.position = Some((epoch, 7));
    while reader.next() < 2_001 {
        let mut ws = reader.connect(relay.address()).await;
        reader.read_to(&mut ws, 2_001).await;
    }
    check(&reader, 7, 0..0, 2_001);
}
