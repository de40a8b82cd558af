//! `GET /api/v1/streams/{name}/events`.

use spate_relay::config::{ByteSize, Config, RingConfig};
use spate_relay::relay::Running;
use spate_shared::arrow;
use spate_shared::recording::Recording;
use spate_shared::text::Format;
use spate_shared::wire::{DataFrame, ServerFrame};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Answer, PATIENCE, get, long_lines, post, publish, request, sealed, start};

async fn ask(relay: &Running, query: &str) -> Answer {
    get(relay.address(), &format!("/api/v1/streams/s/events{query}")).await
}

/// The `v` of every line.
fn values(answer: &Answer) -> Vec<u64> {
    let text = std::str::from_utf8(&answer.body).unwrap();
    let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["v"].as_u64().unwrap();
    text.lines().map(value).collect()
}

/// Events 0 to 9 with a second between them, in segments of three and the rest.
async fn ten() -> Running {
    let relay = start(Config::default()).await;
    for range in [0..3, 3..6, 6..10] {
        let lines: Vec<_> =
            range.clone().map(|at| format!("{{\"time\":{},\"v\":{at}}}", 1_000 + at)).collect();
        post(relay.address(), "s", "application/x-ndjson", lines.join("\n").as_bytes()).await;
        sealed(&relay, "s", range.end).await;
    }
    relay
}

#[tokio::test]
async fn history_is_what_was_published_cut_by_time_offset_and_limit() {
    let relay = ten().await;
    for (query, expect, next) in [
        ("", 0..10, 10),
        ("?from=1002&to=1007", 2..7, 10),
        ("?from=1970-01-01T00:16:44Z", 4..10, 10),
        ("?offset=5", 5..10, 10),
        ("?limit=4", 0..4, 4),
        ("?offset=4&limit=4", 4..8, 8),
        ("?from=1002&limit=2", 2..4, 4),
        ("?from=1009&limit=5", 9..10, 10),
        ("?limit=0", 0..0, 0),
        ("?offset=10", 0..0, 10),
        ("?from=2000", 0..0, 10),
        ("?to=now-1h", 0..10, 10),
    ] {
        let answer = ask(&relay, query).await;
        assert_eq!((answer.status, values(&answer)), (200, expect.collect::<Vec<_>>()), "{query}");
        assert_eq!(answer.header("spate-next"), Some(next.to_string().as_str()), "{query}");
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    }
    let epoch = relay.relay().streams.get("s").unwrap().info().epoch;
    assert_eq!(ask(&relay, "").await.header("spate-epoch"), Some(epoch.to_string().as_str()));
}

#[tokio::test]
async fn csv_quotes_what_needs_it_and_leaves_missing_values_empty() {
    let relay = start(Config::default()).await;
    let body = b"{\"time\":1,\"v\":1.5,\"k\":\"a,\\\"b\\\"\\nc\"}\n{\"time\":2,\"n\":7,\"ok\":true}\n";
    assert_eq!(post(relay.address(), "s", "application/x-ndjson", body).await.status, 200);
    sealed(&relay, "s", 2).await;
    let accept = ["accept: text/html, text/csv"];
    let answer = request(relay.address(), "GET /api/v1/streams/s/events", &accept, b"").await;
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(
        text,
        "time,v,k,n,ok\n1970-01-01T00:00:01Z,1.5,\"a,\"\"b\"\"\nc\",,\n1970-01-01T00:00:02Z,,,7,true\n"
    );
}

#[tokio::test]
async fn arrow_is_the_writers_own_bytes() {
    let relay = ten().await;
    let answer = ask(&relay, "?format=arrow&offset=1").await;
    assert_eq!(answer.header("content-type"), Some(arrow::CONTENT_TYPE));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"s.arrow\""));
    let recording = ask(&relay, "?format=spate&offset=1").await;
    let recording = Recording::open(&recording.body[..]).unwrap();
    let mut writer = arrow::Writer::new(Vec::new(), &recording.streams()[0].schema).unwrap();
    for frame in frames(&recording) {
        writer.batch(frame.batch).unwrap();
    }
    assert_eq!(answer.body, writer.finish().unwrap());
}

fn frames(recording: &Recording<&[u8]>) -> Vec<DataFrame> {
    let data = |frame| if let ServerFrame::Data(frame) = frame { Some(frame) } else { None };
    recording.entries().filter_map(|entry| data(entry.decode().unwrap())).collect()
}

#[tokio::test]
async fn a_downloaded_recording_is_whole_and_keeps_epoch_and_offsets() {
    let relay = ten().await;
    let answer = ask(&relay, "?format=spate&from=1002&to=1008").await;
    let recording = Recording::open(&answer.body[..]).unwrap();
    assert!(recording.cut().is_none());
    let info = &recording.streams()[0];
    let epoch = relay.relay().streams.get("s").unwrap().info().epoch;
    assert_eq!((info.name.as_str(), info.epoch, info.oldest, info.head), ("s", epoch, 2, 8));
    let bases: Vec<_> =
        frames(&recording).iter().map(|frame| (frame.header.base, frame.header.rows)).collect();
    assert_eq!(bases, [(2, 1), (3, 3), (6, 2)]);
    let none = ask(&relay, "?format=spate&from=5000").await;
    assert_eq!(Recording::open(&none.body[..]).unwrap().events(), 0);
}

#[tokio::test]
async fn events_of_an_older_schema_have_the_columns_of_the_newest() {
    let relay = start(Config::default()).await;
    for line in ["{\"time\":1,\"v\":1}", "{\"time\":2,\"v\":2.5,\"w\":\"x\"}"] {
        assert_eq!(post(relay.address(), "s", "application/x-ndjson", line.as_bytes()).await.status, 200);
    }
    sealed(&relay, "s", 2).await;
    let answer = ask(&relay, "?format=csv").await;
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(text, "time,v,w\n1970-01-01T00:00:01Z,1,\n1970-01-01T00:00:02Z,2.5,x\n");
}

#[tokio::test]
async fn what_cannot_be_given_says_why_and_what_to_do() {
    let ring = RingConfig { bytes: ByteSize(0), ..RingConfig::default() };
    let relay = start(Config { ring, ..Config::default() }).await;
    publish(&relay, "s", 0, 3).await;
    publish(&relay, "s", 3, 6).await;
    for (query, status, part) in [
        ("?offset=2", 410, "the oldest is 3"),
        ("?from=soon", 400, "`from`"),
        ("?from=5&to=5", 400, "`to`"),
        ("?limit=-1", 400, "invalid digit"),
        ("?form=csv", 400, "unknown field `form`"),
        ("?format=parquet", 400, "ndjson, csv, arrow, spate"),
    ] {
        let answer = ask(&relay, query).await;
        let json = answer.json();
        assert_eq!(answer.status, status, "{query} {json}");
        assert!(json["error"].as_str().unwrap().contains(part), "{query} {json}");
        assert!(!json["hint"].as_str().unwrap().is_empty());
    }
    let html = request(relay.address(), "GET /api/v1/streams/s/events", &["accept: text/html"], b"").await;
    assert_eq!(html.status, 406);
    assert_eq!(get(relay.address(), "/api/v1/streams/none/events").await.status, 404);
    assert_eq!(get(relay.address(), "/api/v1/streams/a%20b/events").await.status, 400);
}

#[tokio::test]
async fn a_reader_that_the_ring_overtakes_sees_a_broken_connection_not_an_end() {
    let ring = RingConfig { bytes: ByteSize(30 << 20), ..RingConfig::default() };
    let relay = start(Config { ring, ..Config::default() }).await;
    let fill = || relay.relay().ingest.publish("s", Format::Ndjson, &long_lines(48), 1).unwrap();
    fill();
    relay.relay().streams.seal_all();
    let mut tcp = TcpStream::connect(relay.address()).await.unwrap();
    tcp.write_all(b"GET /api/v1/streams/s/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    // The answer has begun, and more than the sockets hold is left of it.
    let mut first = [0; 12];
    timeout(PATIENCE, tcp.read_exact(&mut first)).await.unwrap().unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    fill();
    fill();
    relay.relay().streams.seal_all();
    let mut rest = Vec::new();
    // A reset and an early end are both a broken connection.
    let _ = timeout(PATIENCE, tcp.read_to_end(&mut rest)).await.unwrap();
    assert!(!rest.ends_with(b"\r\n0\r\n\r\n"), "the body ended as if it were whole");
}
