//! `POST /api/v1/streams/{name}/events`.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use spate_relay::config::{ByteSize, Config, FieldConfig, Limits, StreamConfig};
use spate_relay::relay::Running;
use spate_relay::source::stdin;
use spate_shared::schema::FieldType;
use spate_shared::wire::Start;

use crate::support::{Answer, Client, Hand, get, metric, post, request, sealed, start, start_at, subscribe};

const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";
const CSV: &str = "text/csv";

/// Posts a body and checks status, accepted and rejected.
async fn check(relay: &Running, content_type: &str, body: &[u8], expect: (u16, u64, u64)) -> Answer {
    let answer = post(relay.address(), "s", content_type, body).await;
    let json = answer.json();
    let got = (answer.status, json["accepted"].as_u64().unwrap(), json["rejected_total"].as_u64().unwrap());
    assert_eq!(got, expect, "{content_type} {json}");
    assert_eq!(json["rejected"].as_array().unwrap().len() as u64, expect.2.min(100));
    answer
}

#[tokio::test]
async fn every_form_of_events_is_taken() {
    let relay = start(Config::default()).await;
    check(&relay, NDJSON, b"{\"time\":1,\"v\":1}\n{\"time\":2,\"v\":2}\n", (200, 2, 0)).await;
    check(&relay, "application/x-ndjson; charset=UTF-8", b"{\"time\":3,\"v\":3}", (200, 1, 0)).await;
    check(&relay, JSON, b"[{\"time\":4,\"v\":4},{\"time\":5,\"v\":5}]", (200, 2, 0)).await;
    check(&relay, JSON, b"{\"time\":6,\"v\":6}", (200, 1, 0)).await;
    check(&relay, "text/csv; charset=\"utf-8\"", b"time,v\n7,7\n8,8\n", (200, 2, 0)).await;
    check(&relay, NDJSON, b"{\"v\":9}\n{\"time\":10,\"v\":10}", (207, 1, 1)).await;
    sealed(&relay, "s", 9).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    assert_eq!(client.values(0, 9).await, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0]);
}

#[tokio::test]
async fn events_without_a_time_get_their_arrival() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let relay = start_at(Config::default(), hand.clock()).await;
    check(&relay, NDJSON, b"{\"v\":1}\n{\"v\":2}", (200, 2, 0)).await;
    let (mut client, _) = Client::subscribed(relay.address(), subscribe("s", Start::Earliest)).await;
    assert_eq!(client.data().await.batch.times, [1_700_000_000_000_000_000; 2]);
}

#[tokio::test]
async fn bad_events_are_named_by_line_field_and_reason() {
    let relay = start(Config::default()).await;
    check(&relay, NDJSON, b"{\"time\":1,\"v\":1}", (200, 1, 0)).await;
    let body =
        b"{\"time\":2,\"v\":2}\n{\"time\":3,\"v\":\"x\"}\nnot json\n{\"time\":\"soon\",\"v\":1}\n[1]\n\xff\n";
    let answer = check(&relay, NDJSON, body, (207, 1, 5)).await;
    let rejected = &answer.json()["rejected"];
    assert_eq!((&rejected[0]["line"], &rejected[0]["field"]), (&2.into(), &"v".into()));
    assert_eq!(rejected[0]["reason"], "expected a number, got \"x\"");
    assert_eq!((&rejected[1]["line"], &rejected[2]["field"]), (&3.into(), &"time".into()));
    assert!(rejected[4]["reason"].as_str().unwrap().contains("UTF-8"), "{rejected}");
    let ragged = check(&relay, CSV, b"time,v\n4,4\n5\n", (207, 1, 1)).await;
    assert_eq!(ragged.json()["rejected"][0]["line"], 3);
}

#[tokio::test]
async fn a_body_without_a_good_event_is_400_and_creates_nothing() {
    let relay = start(Config::default()).await;
    for (content_type, body, rejected) in [
        (NDJSON, &b""[..], 0),
        (NDJSON, b"\n\n", 0),
        (JSON, b"[]", 0),
        (CSV, b"time,v\n", 0),
        (NDJSON, b"nonsense", 1),
        (JSON, b"[1,2]", 2),
        (JSON, b"{", 1),
    ] {
        let answer = check(&relay, content_type, body, (400, 0, rejected)).await;
        assert!(answer.json()["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    }
    assert!(relay.relay().streams.get("s").is_none());
}

#[tokio::test]
async fn a_line_of_10_mb_is_rejected_and_the_next_is_taken() {
    let relay = start(Config::default()).await;
    let mut body = vec![b'x'; 10 << 20];
    body.extend_from_slice(b"\n{\"time\":1,\"v\":1}\n");
    let answer = check(&relay, NDJSON, &body, (207, 1, 1)).await;
    assert!(answer.json()["rejected"][0]["reason"].as_str().unwrap().contains("longer than"));
}

#[tokio::test]
async fn the_answer_lists_a_hundred_rejections_and_counts_all() {
    let relay = start(Config::default()).await;
    check(&relay, NDJSON, "nonsense\n".repeat(10_000).as_bytes(), (400, 0, 10_000)).await;
}

/// An error answer has a status, an `error` with `part` in it, and a hint.
fn assert_error(answer: &Answer, status: u16, part: &str) {
    let json = answer.json();
    assert_eq!(answer.status, status, "{json}");
    assert!(json["error"].as_str().unwrap().contains(part), "{json}");
    assert!(!json["hint"].as_str().unwrap().is_empty(), "{json}");
}

#[tokio::test]
async fn requests_that_cannot_be_taken_say_why_and_what_to_do() {
    let limits = Limits { body_bytes: ByteSize(1_000), streams: 1, ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    let event = b"{\"time\":1,\"v\":1}";
    let send = async |path: &str, headers: &[&str], body: &[u8]| {
        request(relay.address(), &format!("POST /api/v1/streams/{path}/events"), headers, body).await
    };
    let form = ["content-type: application/x-www-form-urlencoded"];
    let ndjson = ["content-type: application/x-ndjson"];
    assert_error(&send("s", &form, event).await, 415, "urlencoded");
    assert_error(&send("s", &[], event).await, 415, "no content type");
    assert_error(&send("s", &["content-type: text/csv; charset=latin1"], event).await, 415, "latin1");
    let brotli = ["content-type: application/json", "content-encoding: br"];
    assert_error(&send("s", &brotli, event).await, 415, "br");
    assert_error(&send("a%20b", &ndjson, event).await, 400, "not valid");
    assert_error(&send("a%2Fb", &ndjson, event).await, 400, "not valid");
    assert_error(&send("spate.rejected", &ndjson, event).await, 403, "written by the relay");
    assert_error(&send("s", &ndjson, &[b' '; 1_001]).await, 413, "1000 B");
    assert_eq!(send("s", &ndjson, event).await.status, 200);
    assert_error(&send("second", &ndjson, event).await, 403, "1 streams");
    let delete = request(relay.address(), "DELETE /api/v1/streams/s/events", &ndjson, event).await;
    assert_error(&delete, 405, "method");
    assert_error(&get(relay.address(), "/api/v1/nothing").await, 404, "/api/v1/nothing");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn gzip_is_taken_and_a_bomb_is_not() {
    let limits = Limits { body_bytes: ByteSize(100_000), ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    let send = async |body: &[u8]| {
        let headers = ["content-type: application/x-ndjson", "content-encoding: gzip"];
        request(relay.address(), "POST /api/v1/streams/s/events", &headers, body).await
    };
    let lines = "{\"time\":1,\"v\":1}\n".repeat(100);
    let answer = send(&gzip(lines.as_bytes())).await;
    assert_eq!((answer.status, answer.json()["accepted"].as_u64()), (200, Some(100)));
    assert_error(&send(&gzip(&vec![b' '; 50_000_000])).await, 413, "decompression");
    assert_error(&send(b"not gzip at all").await, 400, "not gzip");
    let mut torn = gzip(lines.as_bytes());
    torn.truncate(torn.len() - 5);
    assert_error(&send(&torn).await, 400, "not gzip");
}

#[tokio::test]
async fn a_stream_that_gets_too_many_bytes_answers_429_until_the_debt_is_paid() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let limits = Limits { ingest_bytes_per_second: Some(ByteSize(100)), ..Limits::default() };
    let relay = start_at(Config { limits, ..Config::default() }, hand.clock()).await;
    let body = format!("{{\"time\":1,\"v\":1}}{}", " ".repeat(284));
    check(&relay, NDJSON, b"{\"time\":1,\"v\":1}", (200, 1, 0)).await;
    check(&relay, NDJSON, body.as_bytes(), (200, 1, 0)).await;
    let refused = post(relay.address(), "s", NDJSON, body.as_bytes()).await;
    assert_error(&refused, 429, "100 bytes a second");
    assert_eq!(refused.header("retry-after"), Some("2"));
    hand.advance(2_100_000_000);
    check(&relay, NDJSON, body.as_bytes(), (200, 1, 0)).await;
}

#[tokio::test]
async fn a_compressed_body_is_charged_for_what_it_holds() {
    let hand = Hand::at(1_700_000_000_000_000_000);
    let limits = Limits { ingest_bytes_per_second: Some(ByteSize(1_000)), ..Limits::default() };
    let relay = start_at(Config { limits, ..Config::default() }, hand.clock()).await;
    check(&relay, NDJSON, b"{\"time\":1,\"v\":1}", (200, 1, 0)).await;
    let lines = "{\"time\":1,\"v\":1}\n".repeat(1_000);
    let headers = ["content-type: application/x-ndjson", "content-encoding: gzip"];
    let body = gzip(lines.as_bytes());
    assert!(body.len() < 500, "{}", body.len());
    let taken = request(relay.address(), "POST /api/v1/streams/s/events", &headers, &body).await;
    assert_eq!(taken.status, 200);
    let refused = request(relay.address(), "POST /api/v1/streams/s/events", &headers, &body).await;
    assert_error(&refused, 429, "1000 bytes a second");
    assert_eq!(metric(relay.address(), "spate_events_received_total", "stream=\"s\"").await, 1_001.0);
}

#[tokio::test]
async fn events_lost_to_the_limit_of_streams_are_counted_each_once() {
    let limits = Limits { streams: 1, ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    check(&relay, NDJSON, b"{\"time\":1,\"v\":1}", (200, 1, 0)).await;
    // More than is typed at once, with a line that is no event and one that is too long.
    let good = "{\"time\":1,\"v\":1}\n";
    let text = [&good.repeat(5_000), "oops\n", &"x".repeat(2 << 20), "\n\n", good].concat();
    let lines = stdin::read_lines(&mut text.as_bytes(), &relay.relay().ingest, "second").unwrap();
    assert_eq!(lines, 5_004);
    let lost = async |name: &str| metric(relay.address(), name, "stream=\"(none)\"").await;
    assert_eq!(lost("spate_events_received_total").await, 5_003.0);
    assert_eq!(lost("spate_events_rejected_total").await, 5_003.0);
    assert_eq!(lost("spate_events_accepted_total").await, 0.0);
    let forbidden = post(relay.address(), "second", NDJSON, good.repeat(5_000).as_bytes()).await;
    assert_error(&forbidden, 403, "1 streams");
    assert_eq!(lost("spate_events_rejected_total").await, 10_003.0);
}

#[tokio::test]
async fn a_declared_schema_takes_no_other_fields() {
    let field = FieldConfig { name: "v".into(), ty: FieldType::F64, role: None, unit: Some("ms".into()) };
    let declared = StreamConfig { name: "s".into(), time: Some("at".into()), fields: vec![field] };
    let relay = start(Config { streams: vec![declared], ..Config::default() }).await;
    let answer =
        check(&relay, NDJSON, b"{\"at\":1,\"v\":1}\n{\"at\":2,\"w\":1}\n{\"v\":3}", (207, 1, 2)).await;
    assert_eq!(answer.json()["rejected"][0]["field"], "w");
    let catalog = get(relay.address(), "/api/v1/streams").await.json();
    assert_eq!(catalog["streams"][0]["schema"]["fields"][0]["unit"], "ms");
}

#[tokio::test]
async fn rejected_events_are_counted_and_kept_with_their_text() {
    let relay = start(Config::default()).await;
    check(&relay, NDJSON, b"{\"time\":1,\"v\":1}\n{\"time\":2,\"v\":\"bad\"}\noops\n", (207, 1, 2)).await;
    sealed(&relay, "spate.rejected", 2).await;
    let earliest = subscribe("spate.rejected", Start::Earliest);
    let (mut client, _) = Client::subscribed(relay.address(), earliest).await;
    let batch = client.data().await.batch;
    let texts = |column: usize| (0..2).map(|row| batch.columns[column].text(row)).collect::<Vec<_>>();
    assert_eq!(texts(0), [Some("s"), Some("s")]);
    assert_eq!((batch.columns[1].number(0), batch.columns[1].number(1)), (Some(2.0), Some(3.0)));
    assert_eq!(texts(2), [Some("v"), None]);
    assert_eq!(texts(4), [Some("{\"time\":2,\"v\":\"bad\"}"), Some("oops")]);
    check(&relay, NDJSON, b"{\"time\":4,\"v\":4}", (200, 1, 0)).await;
    let count = async |name: &str| metric(relay.address(), name, "stream=\"s\"").await;
    assert_eq!(count("spate_events_received_total").await, 4.0);
    assert_eq!(count("spate_events_accepted_total").await, 2.0);
    assert_eq!(count("spate_events_rejected_total").await, 2.0);
}

#[tokio::test]
async fn two_first_posts_at_once_make_one_stream_that_holds_both() {
    let relay = start(Config::default()).await;
    let address = relay.address();
    let posts = (0..20).map(|at| {
        tokio::spawn(async move {
            post(address, "s", NDJSON, format!("{{\"time\":{at},\"v\":{at}}}").as_bytes()).await
        })
    });
    for post in posts.collect::<Vec<_>>() {
        assert_eq!(post.await.unwrap().status, 200);
    }
    sealed(&relay, "s", 20).await;
    let (mut client, _) = Client::subscribed(address, subscribe("s", Start::Earliest)).await;
    let mut values = client.values(0, 20).await;
    values.sort_by(f64::total_cmp);
    assert_eq!(values, (0..20).map(f64::from).collect::<Vec<_>>());
}
