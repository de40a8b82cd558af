//! Subscriptions that want some fields, some rows, or only the latest.

use serde_json::{Value, json};
use spate_relay::config::{ByteSize, Config, Limits};
use spate_shared::wire::{
    ClientMessage, Condition, ErrorCode, Policy, ServerFrame, ServerMessage, Start, Subscribe, Test,
};
use tokio_tungstenite::tungstenite::Message;

use crate::reader::{Fate, Reader};
use crate::support::{Client, Hand, hello, open, post, sealed, start, start_at, subscribe};
use futures_util::{SinkExt as _, StreamExt as _};
use spate_relay::relay::Running;

/// Which zones go round.
const ZONES: [&str; 3] = ["a", "b", "c"];

/// Events whose `v` is their offset and whose zone goes round.
async fn trips(relay: &Running, from: u64, to: u64) {
    let line = |at: u64| {
        format!("{{\"time\":{at},\"v\":{at},\"zone\":\"{}\",\"note\":\"{at:080}\"}}", ZONES[at as usize % 3])
    };
    let lines: Vec<_> = (from..to).map(line).collect();
    let answer = post(relay.address(), "trips", "application/x-ndjson", lines.join("\n").as_bytes()).await;
    assert_eq!(answer.status, 200);
    sealed(relay, "trips", to).await;
}

fn any_of(field: &str, words: &[&str]) -> Condition {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Condition { field: field.to_owned(), is: Test::AnyOf(words) }
}

fn between(field: &str, min: f64, max: f64) -> Condition {
    Condition { field: field.to_owned(), is: Test::Between { min: Some(min), max: Some(max) } }
}

fn seen(reader: &Reader) -> Vec<u64> {
    let seen = reader.fates.iter().filter(|(_, fate)| matches!(fate, Fate::Seen(_)));
    seen.map(|(offset, _)| *offset).collect()
}

#[tokio::test]
async fn a_filter_gives_exactly_the_events_that_meet_it_and_names_every_offset_between() {
    let relay = start(Config::default()).await;
    for at in 0..20 {
        trips(&relay, at * 10, at * 10 + 10).await;
    }
    let filter = vec![any_of("zone", &["a", "c"]), between("v", 35.0, 120.0)];
    let wanted = Subscribe { filter, ..subscribe("trips", Start::Earliest) };
    let expected: Vec<u64> = (35..=120).filter(|at| at % 3 != 1).collect();
    let mut reader = Reader::new(wanted.clone());
    let mut ws = reader.connect(relay.address()).await;
    assert!(reader.read_to(&mut ws, 200).await);
    reader.check(200, |offset| offset as f64);
    assert_eq!(seen(&reader), expected);
    // Cut anywhere, the rest is the same.
    for stop in [1, 36, 77, 121, 150] {
        let mut reader = Reader::new(wanted.clone());
        let mut ws = reader.connect(relay.address()).await;
        assert!(reader.read_to(&mut ws, stop).await);
        drop(ws);
        let mut ws = reader.connect(relay.address()).await;
        assert!(reader.read_to(&mut ws, 200).await);
        reader.check(200, |offset| offset as f64);
        assert_eq!(seen(&reader), expected);
    }
}

#[tokio::test]
async fn two_clients_that_choose_the_same_get_the_same_and_one_that_chooses_nothing_gets_all() {
    let relay = start(Config::default()).await;
    trips(&relay, 0, 30).await;
    let choose = |words: &[&str]| Subscribe {
        fields: Some(vec!["v".to_owned()]),
        filter: vec![any_of("zone", words)],
        ..subscribe("trips", Start::Earliest)
    };
    for (wanted, expected) in
        [(choose(&["b"]), 10), (choose(&["b"]), 10), (choose(&["b", "c"]), 20), (choose(&["z"]), 0)]
    {
        let mut reader = Reader::new(wanted);
        let mut ws = reader.connect(relay.address()).await;
        assert!(reader.read_to(&mut ws, 30).await);
        reader.check(30, |offset| offset as f64);
        assert_eq!(seen(&reader).len(), expected);
    }
    let (mut whole, _) = Client::subscribed(relay.address(), subscribe("trips", Start::Earliest)).await;
    assert_eq!(whole.values(0, 30).await.len(), 30);
}

#[tokio::test]
async fn a_projection_leaves_other_fields_off_the_wire_and_out_of_ok() {
    let relay = start(Config::default()).await;
    trips(&relay, 0, 5).await;
    let fields = Some(vec!["note".to_owned(), "v".to_owned()]);
    let wanted = Subscribe { fields, ..subscribe("trips", Start::Last(3)) };
    let mut client = Client::hello(relay.address(), hello(vec![wanted])).await;
    let ServerMessage::Ok { schema, .. } = client.message().await else { panic!("no ok") };
    let names: Vec<_> = schema.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["v", "note"]);
    let frame = client.data().await;
    assert_eq!((frame.header.base, frame.batch.len(), frame.batch.columns.len()), (2, 3, 2));
    assert_eq!(frame.batch.columns[1].text(0).map(str::len), Some(80));
    assert!(frame.batch.columns.iter().all(|column| column.text(0) != Some("c")), "no zone");
}

async fn json_frame(ws: &mut crate::support::Ws, key: &str) -> Value {
    loop {
        let Some(Ok(Message::Text(text))) = ws.next().await else { panic!("no text") };
        let mut value: Value = serde_json::from_str(&text).unwrap();
        if let Some(found) = value.get_mut(key) {
            return found.take();
        }
    }
}

#[tokio::test]
async fn the_readable_twin_takes_and_gives_the_same() {
    let relay = start(Config::default()).await;
    trips(&relay, 0, 9).await;
    let mut ws = open(relay.address(), "spate.v1.json").await;
    let hello = json!({"hello": {"protocol": 1, "streams": [{
        "stream": "trips", "start": "earliest", "fields": ["v"],
        "filter": [{"field": "zone", "is": {"any_of": ["b"]}}, {"field": "v", "is": {"between": {"min": 2}}}],
    }]}});
    ws.send(Message::Text(hello.to_string().into())).await.unwrap();
    let selected = json_frame(&mut ws, "selected").await;
    assert_eq!(selected["offsets"], json!([4, 7]));
    assert_eq!((selected["offset"].as_u64(), selected["end"].as_u64()), (Some(0), Some(9)));
    assert_eq!(selected["events"][1], json!({"time": "1970-01-01T00:00:07Z", "v": 7}));
    trips(&relay, 9, 10).await;
    let skipped = json_frame(&mut ws, "skipped").await;
    assert_eq!((skipped["from"].as_u64(), skipped["to"].as_u64()), (Some(9), Some(10)));
}

#[tokio::test]
async fn a_choice_that_cannot_be_made_is_an_error_of_its_stream_and_the_session_goes_on() {
    let relay = start(Config::default()).await;
    trips(&relay, 0, 3).await;
    let mut client = Client::hello(relay.address(), hello(vec![])).await;
    let bad = [
        Subscribe { fields: Some(vec!["fair".to_owned()]), ..subscribe("trips", Start::Live) },
        Subscribe { filter: vec![any_of("zoo", &["a"])], ..subscribe("trips", Start::Live) },
        Subscribe { filter: vec![between("zone", 0.0, 1.0)], ..subscribe("trips", Start::Live) },
    ];
    for wanted in bad {
        client.send(ClientMessage::Subscribe(wanted)).await;
        let ServerMessage::Error { stream, code, message } = client.message().await else {
            panic!("no error")
        };
        assert_eq!((stream.as_deref(), code), (Some("trips"), ErrorCode::BadSelection), "{message}");
    }
    client.send(ClientMessage::Subscribe(subscribe("trips", Start::Earliest))).await;
    client.ok().await;
    assert_eq!(client.values(0, 3).await.len(), 3);
}

#[tokio::test]
async fn a_client_that_is_behind_under_conflate_gets_the_latest_of_every_key() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    for at in 0..20 {
        trips(&relay, at * 10, at * 10 + 10).await;
        hand.advance(20_000_000);
    }
    hand.advance(60_000_000_000);
    let wanted = Subscribe { policy: Policy::Conflate, ..subscribe("trips", Start::Earliest) };
    let mut reader = Reader::new(wanted.clone());
    let mut ws = reader.connect(relay.address()).await;
    assert!(reader.read_to(&mut ws, 200).await);
    reader.check(200, |offset| offset as f64);
    assert_eq!(seen(&reader), [197, 198, 199]);
    // What comes while it keeps up comes whole.
    trips(&relay, 200, 210).await;
    assert!(reader.read_to(&mut ws, 210).await);
    assert_eq!(seen(&reader)[3..], (200..210).collect::<Vec<_>>());
    // With a filter, the latest that meets it.
    let filter = vec![any_of("zone", &["a", "b"]), between("v", 0.0, 100.0)];
    let mut reader = Reader::new(Subscribe { filter, ..wanted });
    hand.advance(60_000_000_000);
    let mut ws = reader.connect(relay.address()).await;
    assert!(reader.read_to(&mut ws, 210).await);
    assert_eq!(seen(&reader), [99, 100]);
}

#[tokio::test]
async fn a_start_within_a_time_begins_with_the_first_segment_sealed_in_it() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    for at in 0..5 {
        trips(&relay, at * 10, at * 10 + 10).await;
        hand.advance(1_000_000_000);
    }
    // Sealed 5, 4, 3, 2 and 1 seconds ago.
    for (millis, next) in [(0, 50), (999, 50), (1_000, 40), (3_500, 20), (5_000, 0), (u64::MAX, 0)] {
        let (_, ok) = Client::subscribed(relay.address(), subscribe("trips", Start::Within(millis))).await;
        assert_eq!(ok.1, next, "{millis} ms");
    }
}

#[tokio::test]
async fn more_subscriptions_than_a_client_may_start_at_once_are_refused_and_told_when() {
    let limits = Limits { subscribes_per_second: 3, ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    trips(&relay, 0, 1).await;
    let all = vec![subscribe("trips", Start::Live); 4];
    let mut client = Client::hello(relay.address(), hello(all)).await;
    for _ in 0..3 {
        client.ok().await;
    }
    let ServerMessage::Error { code, message, .. } = client.message().await else { panic!("no error") };
    assert_eq!(code, ErrorCode::LimitExceeded);
    assert!(message.contains("subscribes_per_second"), "{message}");
}

#[tokio::test]
async fn a_client_that_may_have_few_bytes_a_second_gets_everything_in_its_time() {
    let limits = Limits { client_bytes_per_second: Some(ByteSize(20_000)), ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    for at in 0..8 {
        trips(&relay, at * 300, at * 300 + 300).await;
    }
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("trips", Start::Earliest)).await;
    let mut bytes = 0;
    let mut next = 0;
    while next < 2_400 {
        if let ServerFrame::Data(frame) = client.frame().await {
            bytes += frame.encode().len();
            next += u64::from(frame.header.rows);
        }
    }
    assert!(bytes > 2 * 20_000, "{bytes} bytes take more than the second's worth that comes at once");
}
