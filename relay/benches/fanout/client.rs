//! The cheapest WebSocket client that works: no masking (a key of zero), no checks, one buffer.

use std::net::SocketAddr;

use spate_shared::wire::{ClientMessage, Hello, PROTOCOL, Start, Subscribe};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::Kind;

pub(crate) struct Client {
    tcp: TcpStream,
    buffer: Vec<u8>,
    at: usize,
}

impl Client {
    /// Upgrades a connection and subscribes to the stream or subject `load`, in the words of the server.
    pub(crate) async fn connect(address: SocketAddr, kind: Kind) -> Self {
        let mut tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let (path, protocol) = match kind {
            Kind::Relay => ("/api/v1/ws", Some("spate.v1")),
            Kind::WsPeer | Kind::Nats => ("/", None),
        };
        tcp.write_all(upgrade(address, path, protocol).as_bytes()).await.unwrap();
        let mut client = Self { tcp, buffer: Vec::new(), at: 0 };
        let end = loop {
            if let Some(end) = end_of_head(&client.buffer) {
                break end;
            }
            client.fill().await;
        };
        assert!(client.buffer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&client.buffer));
        client.at = end;
        match kind {
            Kind::Relay => client.tcp.write_all(&frame(0x82, &hello())).await.unwrap(),
            Kind::Nats => {
                let subscribe = b"CONNECT {\"verbose\":false}\r\nSUB load 1\r\n";
                client.tcp.write_all(&frame(0x82, subscribe)).await.unwrap();
            }
            Kind::WsPeer => {}
        }
        client
    }

    /// Gives up the buffer; what comes is left in the kernel.
    pub(crate) fn into_idle(self) -> TcpStream {
        self.tcp
    }

    async fn fill(&mut self) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.reserve(64 << 10);
        assert_ne!(self.tcp.read_buf(&mut self.buffer).await.unwrap(), 0, "the server closed");
    }

    /// The payload of the next frame, valid until the next call.
    pub(crate) async fn frame(&mut self) -> &[u8] {
        loop {
            if let Some((start, end)) = frame_at(&self.buffer, self.at) {
                self.at = end;
                return &self.buffer[start..end];
            }
            self.fill().await;
        }
    }
}

fn hello() -> Vec<u8> {
    let streams = vec![Subscribe::new("load", Start::Live)];
    let hello = Hello { protocol: PROTOCOL, build: "bench".to_owned(), credit_bytes: None, streams };
    ClientMessage::Hello(hello).encode()
}

/// The request that opens a WebSocket.
pub(crate) fn upgrade(address: SocketAddr, path: &str, protocol: Option<&str>) -> String {
    let protocol = protocol.map_or(String::new(), |name| format!("sec-websocket-protocol: {name}\r\n"));
    format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}\r\n"
    )
}

/// Where the head of an HTTP answer ends.
pub(crate) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// A whole message with a mask of zeros; `head` is its first byte.
pub(crate) fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![head];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | len as u8),
        len @ 126..0x1_0000 => {
            frame.push(0xfe);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0xff);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// First and last byte of the payload of a whole frame at `at`.
fn frame_at(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let head = bytes.get(at..at + 2)?;
    let (len, start) = match head[1] {
        126 => (u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?).into(), at + 4),
        127 => (u64::from_be_bytes(bytes.get(at + 2..at + 10)?.try_into().ok()?) as usize, at + 10),
        len => (len.into(), at + 2),
    };
    (bytes.len() >= start + len).then_some((start, start + len))
}
