//! RFC 6455 as bytes: what clients may send, what they may not, and what the relay says to it.

use spate_relay::config::Config;
use spate_relay::relay::Running;
use spate_shared::wire::CloseCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Client, PATIENCE, hello, publish, start};

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The first byte of a frame that ends its message.
const FIN: u8 = 0x80;

const HELLO: &str = r#"{"hello":{"protocol":1}}"#;

/// A frame as clients send it: masked, with the shortest form of its length.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..126 => bytes.push(0x80 | len as u8),
        len @ 126..0x1_0000 => {
            bytes.push(0xfe);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0xff);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
    bytes
}

/// A connection that has shaken hands and says whatever it likes.
struct Raw {
    tcp: TcpStream,
}

impl Raw {
    async fn open(relay: &Running, subprotocol: &str) -> Self {
        let mut tcp = TcpStream::connect(relay.address()).await.unwrap();
        let head = format!(
            "GET /api/v1/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {subprotocol}\r\n\r\n"
        );
        tcp.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(timeout(PATIENCE, tcp.read_u8()).await.unwrap().unwrap());
        }
        let answer = String::from_utf8(answer).unwrap().to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 101"), "{answer}");
        assert!(answer.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{answer}");
        Self { tcp }
    }

    async fn send(&mut self, bytes: &[u8]) {
        // The relay may have closed already.
        let _ = self.tcp.write_all(bytes).await;
    }

    /// The next frame: its first byte and payload; `None` at the end of the connection.
    async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let first = self.tcp.read_u8().await.ok()?;
            let len = match self.tcp.read_u8().await.ok()? {
                126 => self.tcp.read_u16().await.ok()?.into(),
                127 => self.tcp.read_u64().await.ok()? as usize,
                len @ 0..126 => len.into(),
                _ => panic!("a server masks nothing"),
            };
            let mut payload = vec![0; len];
            self.tcp.read_exact(&mut payload).await.ok()?;
            Some((first, payload))
        };
        timeout(PATIENCE, read).await.expect("a frame in time")
    }

    /// The next frame of a kind; others are passed over.
    async fn next_of(&mut self, kind: u8) -> Vec<u8> {
        loop {
            match self.next().await {
                Some((first, payload)) if first == FIN | kind => return payload,
                Some(_) => {}
                None => panic!("the connection ended"),
            }
        }
    }

    /// Reads to the end of the connection; the code and reason of the close before it, if there was one.
    async fn closed(&mut self) -> Option<(u16, String)> {
        let mut close = None;
        while let Some((first, payload)) = self.next().await {
            if first == FIN | CLOSE {
                let (code, reason) = payload.split_first_chunk::<2>().expect("a code");
                let reason = std::str::from_utf8(reason).expect("a reason in UTF-8").to_owned();
                close = Some((u16::from_be_bytes(*code), reason));
                self.send(&frame(FIN | CLOSE, &payload)).await;
            }
        }
        close
    }
}

/// Sends bytes in place of a first message; the close must say that they were not understood, and no session is left.
async fn check(relay: &Running, subprotocol: &str, what: &str, bytes: &[u8]) {
    let mut raw = Raw::open(relay, subprotocol).await;
    raw.send(bytes).await;
    let close = raw.closed().await;
    let (code, reason) = close.unwrap_or_else(|| panic!("{what}: no close"));
    assert_eq!(code, CloseCode::BadMessage as u16, "{what}: {reason}");
    assert!(!CloseCode::should_retry(code) && !reason.is_empty(), "{what}: {reason}");
    let permits = &relay.relay().connections;
    let all = relay.relay().limits.connections;
    while permits.available_permits() < all - 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn frames_that_are_not_rfc_6455_close_their_connection_and_no_other() {
    let relay = start(Config::default()).await;
    publish(&relay, "s", 0, 1).await;
    let mut bystander = Client::hello(relay.address(), hello(vec![])).await;
    let cases: &[(&str, Vec<u8>)] = &[
        ("reserved bit 1", frame(FIN | 0x40 | TEXT, HELLO.as_bytes())),
        ("reserved bit 2", frame(FIN | 0x20 | TEXT, HELLO.as_bytes())),
        ("reserved bit 3", frame(FIN | 0x10 | TEXT, HELLO.as_bytes())),
        ("reserved data opcode", frame(FIN | 3, b"x")),
        ("reserved control opcode", frame(FIN | 0xb, b"x")),
        ("a control frame in fragments", frame(PING, b"x")),
        ("a control frame of 126 bytes", frame(FIN | PING, &[0; 126])),
        ("a close in fragments", frame(CLOSE, &1000_u16.to_be_bytes())),
        ("a continuation of nothing", frame(FIN, b"x")),
        ("a message inside another", [frame(TEXT, b"{"), frame(FIN | TEXT, b"}")].concat()),
        ("an unmasked frame", [&[FIN | TEXT, 2][..], b"{}"].concat()),
        ("text that is not UTF-8", frame(FIN | TEXT, b"{\"hello\":\"\xc3\x28\"}")),
        ("text that ends inside a character", frame(FIN | TEXT, b"\"\xe2\x82")),
        ("a surrogate", frame(FIN | TEXT, b"\xed\xa0\x80")),
        (
            "a character torn by bad bytes over fragments",
            [frame(TEXT, b"\"\xe2\x82"), frame(FIN, b"\x28\"")].concat(),
        ),
        ("a length of 2^63", [&[FIN | TEXT, 0xff][..], &(1_u64 << 63).to_be_bytes(), &[0; 4]].concat()),
        ("a length of 1 TiB", [&[FIN | TEXT, 0xff][..], &(1_u64 << 40).to_be_bytes(), &[0; 4]].concat()),
        ("fragments that never end", [TEXT, 0, 0].map(|first| frame(first, &vec![b' '; 60_000])).concat()),
        ("no JSON", frame(FIN | TEXT, b"hello")),
        ("an empty message", frame(FIN | TEXT, b"")),
        ("bytes where text is spoken", frame(FIN | BINARY, b"\x01")),
    ];
    for (what, bytes) in cases {
        check(&relay, "spate.v1.json", what, bytes).await;
    }
    check(&relay, "spate.v1", "text where bytes are spoken", &frame(FIN | TEXT, HELLO.as_bytes())).await;
    check(&relay, "spate.v1", "an empty message of bytes", &frame(FIN | BINARY, b"")).await;
    publish(&relay, "t", 0, 1).await;
    bystander.message().await;
}

#[tokio::test]
async fn a_message_may_come_in_fragments_with_pings_between_and_utf_8_cut_anywhere() {
    let relay = start(Config::default()).await;
    let mut raw = Raw::open(&relay, "spate.v1.json").await;
    let text = r#"{"hello":{"protocol":1,"build":"ein Fluß, 川, 🌊"}}"#;
    raw.send(&frame(TEXT, b"")).await;
    for (at, byte) in text.bytes().enumerate() {
        raw.send(&frame(0, &[byte])).await;
        if at % 10 == 0 {
            let payload = [at as u8; 125];
            raw.send(&frame(FIN | PING, &payload)).await;
            assert_eq!(raw.next_of(PONG).await, payload, "a pong has its ping's payload");
        }
    }
    raw.send(&frame(FIN, b"")).await;
    let welcome = String::from_utf8(raw.next_of(TEXT).await).unwrap();
    assert!(welcome.starts_with("{\"welcome\":"), "{welcome}");
    // A pong that nobody asked for is no message.
    raw.send(&frame(FIN | PONG, b"unasked")).await;
    raw.send(&frame(FIN | PING, b"last")).await;
    assert_eq!(raw.next_of(PONG).await, b"last");
}

#[tokio::test]
async fn a_close_is_answered_and_the_connection_ends() {
    let relay = start(Config::default()).await;
    for code in [1000_u16, 1001, 3000, 4999] {
        let mut raw = Raw::open(&relay, "spate.v1.json").await;
        raw.send(&frame(FIN | TEXT, HELLO.as_bytes())).await;
        raw.next_of(TEXT).await;
        raw.send(&frame(FIN | CLOSE, &[&code.to_be_bytes()[..], b"bye"].concat())).await;
        assert_eq!(raw.closed().await.expect("an answer").0, code);
    }
    // Closes that are none end the connection too, whatever is answered.
    let reserved = |code: u16| code.to_be_bytes().to_vec();
    for payload in [vec![3], reserved(0), reserved(999), reserved(1005), reserved(1006), vec![3, 0xe8, 0xff]]
    {
        let mut raw = Raw::open(&relay, "spate.v1.json").await;
        raw.send(&frame(FIN | TEXT, HELLO.as_bytes())).await;
        raw.next_of(TEXT).await;
        raw.send(&frame(FIN | CLOSE, &payload)).await;
        let answer = raw.closed().await;
        assert!(answer.is_none_or(|(code, _)| code == 1002 || code == 1007 || code == 4400), "{payload:?}");
    }
    // An empty one is a close.
    let mut raw = Raw::open(&relay, "spate.v1.json").await;
    raw.send(&frame(FIN | CLOSE, &[])).await;
    while raw.next().await.is_some() {}
    let shared = relay.relay();
    while shared.connections.available_permits() < shared.limits.connections {
        tokio::task::yield_now().await;
    }
}
