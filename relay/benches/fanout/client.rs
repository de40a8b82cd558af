//! The cheapest WebSocket client that works: no masking (a key of zero), no checks, one buffer.

use std::net::SocketAddr;

use spate_shared::wire::{ClientMessage, Hello, PROTOCOL, Start, Subscribe};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) struct Client {
    tcp: TcpStream,
    buffer: Vec<u8>,
    at: usize,
}

impl Client {
    /// Upgrades a connection; with a stream, says hello and subscribes to it.
    pub(crate) async fn connect(address: SocketAddr, stream: Option<&str>) -> Self {
        let mut tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let protocol = if stream.is_some() { "sec-websocket-protocol: spate.v1\r\n" } else { "" };
        let request = format!(
            "GET /api/v1/ws HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}\r\n"
        );
        tcp.write_all(request.as_bytes()).await.unwrap();
        let mut client = Self { tcp, buffer: Vec::new(), at: 0 };
        let end = loop {
            if let Some(end) = client.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            client.fill().await;
        };
        assert!(client.buffer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&client.buffer));
        client.at = end + 4;
        if let Some(stream) = stream {
            let subscribe = Subscribe::new(stream, Start::Live);
            let hello = Hello {
                protocol: PROTOCOL,
                build: "bench".to_owned(),
                credit_bytes: None,
                streams: vec![subscribe],
            };
            client.send(&ClientMessage::Hello(hello).encode()).await;
        }
        client
    }

    async fn send(&mut self, payload: &[u8]) {
        assert!(payload.len() < 126, "short messages only");
        let mut frame = vec![0x82, 0x80 | payload.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        self.tcp.write_all(&frame).await.unwrap();
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
