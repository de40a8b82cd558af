//! `GET /api/v1/streams/{name}/sse`.

use serde_json::Value;
use spate_relay::config::{ByteSize, Config, Limits, RingConfig};
use spate_relay::relay::Running;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{PATIENCE, get, publish, request, start};

/// One message.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Message {
    pub(crate) kind: String,
    id: String,
    pub(crate) data: String,
    retry: String,
}

/// An `EventSource` of few words.
pub(crate) struct Source {
    lines: tokio::io::Lines<BufReader<TcpStream>>,
}

impl Source {
    /// Connects and takes the `ok`.
    pub(crate) async fn open(relay: &Running, query: &str, last: &str) -> (Self, Value) {
        let mut tcp = TcpStream::connect(relay.address()).await.unwrap();
        let last = if last.is_empty() { String::new() } else { format!("last-event-id: {last}\r\n") };
        // Version 1.0, so that the body comes without chunks.
        let request = format!("GET /api/v1/streams/s/sse{query} HTTP/1.0\r\nhost: x\r\n{last}\r\n");
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut source = Self { lines: BufReader::new(tcp).lines() };
        let mut head = Vec::new();
        loop {
            let line = source.line().await.unwrap();
            if line.is_empty() {
                break;
            }
            head.push(line.to_ascii_lowercase());
        }
        assert!(head[0].contains(" 200 "), "{head:?}");
        assert!(head.contains(&"content-type: text/event-stream".to_owned()), "{head:?}");
        let ok = source.next().await.unwrap();
        assert_eq!(ok.kind, "ok");
        (source, serde_json::from_str(&ok.data).unwrap())
    }

    async fn line(&mut self) -> Option<String> {
        timeout(PATIENCE, self.lines.next_line()).await.expect("a line in time").unwrap()
    }

    pub(crate) async fn next(&mut self) -> Option<Message> {
        let mut message = Message::default();
        loop {
            let line = self.line().await?;
            match line.split_once(": ") {
                Some(("event", kind)) => kind.clone_into(&mut message.kind),
                Some(("id", id)) => id.clone_into(&mut message.id),
                Some(("data", data)) => data.clone_into(&mut message.data),
                Some(("retry", millis)) => millis.clone_into(&mut message.retry),
                _ if line.is_empty() && message != Message::default() => return Some(message),
                _ => {}
            }
        }
    }

    /// The next events, whose offsets and values must be `from..to`; the last id.
    pub(crate) async fn events(&mut self, epoch: u64, from: u64, to: u64) -> String {
        let mut id = String::new();
        for at in from..to {
            let message = self.next().await.unwrap();
            assert_eq!(message.id, format!("{epoch}-{at}"));
            assert_eq!(serde_json::from_str::<Value>(&message.data).unwrap()["v"], at);
            id = message.id;
        }
        id
    }
}

fn epoch(relay: &Running) -> u64 {
    relay.relay().streams.get("s").unwrap().info().epoch
}

#[tokio::test]
async fn a_client_that_comes_back_goes_on_behind_the_last_event_it_got() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 5).await;
    let epoch = epoch(&relay);
    let (mut source, ok) = Source::open(&relay, "?start=earliest", "").await;
    assert_eq!((&ok["mode"], &ok["next"], &ok["epoch"]), (&"started".into(), &0.into(), &epoch.into()));
    let last = source.events(epoch, 0, 5).await;
    publish(&relay, "s", 5, 7).await;
    assert_eq!(source.events(epoch, 5, 7).await, format!("{epoch}-6"));
    drop(source);
    publish(&relay, "s", 7, 9).await;
    let (mut source, ok) = Source::open(&relay, "", &last).await;
    assert_eq!((&ok["mode"], &ok["next"]), (&"resumed".into(), &5.into()));
    source.events(epoch, 5, 9).await;
    let (mut at_head, ok) = Source::open(&relay, &format!("?last_event_id={epoch}-8"), "").await;
    assert_eq!((&ok["mode"], &ok["next"]), (&"resumed".into(), &9.into()));
    let (mut live, ok) = Source::open(&relay, "", "").await;
    assert_eq!((&ok["mode"], &ok["next"]), (&"started".into(), &9.into()));
    publish(&relay, "s", 9, 10).await;
    at_head.events(epoch, 9, 10).await;
    live.events(epoch, 9, 10).await;
}

#[tokio::test]
async fn what_is_gone_is_a_gap_and_an_id_of_another_epoch_a_reset() {
    let ring = RingConfig { bytes: ByteSize(0), ..RingConfig::default() };
    let relay = start(Config { ring, ..Config::default() }).await;
    publish(&relay, "s", 0, 3).await;
    publish(&relay, "s", 3, 5).await;
    let epoch = epoch(&relay);
    let (mut source, ok) = Source::open(&relay, "", &format!("{epoch}-0")).await;
    assert_eq!(ok["mode"], "gap");
    let gap = source.next().await.unwrap();
    assert_eq!(
        (gap.kind.as_str(), gap.data.as_str()),
        ("gap", "{\"from\":1,\"to\":3,\"reason\":\"trimmed\"}")
    );
    source.events(epoch, 3, 5).await;
    for id in [format!("{}-2", epoch + 1), format!("{epoch}-5"), "nonsense".to_owned()] {
        let (mut source, ok) = Source::open(&relay, "", &id).await;
        assert_eq!((&ok["mode"], &ok["next"]), (&"reset".into(), &3.into()), "{id}");
        assert_eq!(source.next().await.unwrap().kind, "reset");
        source.events(epoch, 3, 5).await;
    }
}

#[tokio::test]
async fn a_drain_delivers_the_rest_and_says_when_to_come_back() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 2).await;
    let epoch = epoch(&relay);
    let (mut source, _) = Source::open(&relay, "?start=earliest", "").await;
    let draining = tokio::spawn(relay.drain());
    source.events(epoch, 0, 2).await;
    let last = source.next().await.unwrap();
    assert!((500..3_000).contains(&last.retry.parse::<u64>().unwrap()), "{last:?}");
    assert_eq!(source.next().await, None);
    draining.await.unwrap();
}

#[tokio::test]
async fn connections_are_limited_and_bad_requests_are_named() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let relay = start(Config { limits, ..Config::default() }).await;
    publish(&relay, "s", 0, 1).await;
    let (source, _) = Source::open(&relay, "", "").await;
    let full = get(relay.address(), "/api/v1/streams/s/sse").await;
    assert_eq!((full.status, full.header("retry-after")), (503, Some("5")));
    assert_eq!(get(relay.address(), "/api/v1/streams/none/sse").await.status, 404);
    assert_eq!(get(relay.address(), "/api/v1/streams/s/sse?start=never").await.status, 400);
    assert_eq!(request(relay.address(), "POST /api/v1/streams/s/sse", &[], b"").await.status, 405);
    drop(source);
    // The place is free again as soon as the relay has seen that the client left.
    loop {
        publish(&relay, "s", 0, 1).await;
        if relay.relay().connections.available_permits() == 1 {
            break;
        }
        tokio::task::yield_now().await;
    }
}
