//! A WebSocket message as it goes over the wire, encoded once and shared by every reader: frame header and payload in one.

use bytes::Bytes;

/// First byte of a whole text message.
const TEXT: u8 = 0x81;
/// First byte of a whole binary message.
const BINARY: u8 = 0x82;
/// Longest header of a message from a server, which is not masked.
const MAX_HEADER_BYTES: usize = 10;

/// A whole message of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framed {
    bytes: Bytes,
    payload_at: usize,
}

impl Framed {
    /// A text message.
    pub fn text(payload: &str) -> Self {
        Self::new(TEXT, payload.as_bytes())
    }

    /// A binary message.
    pub fn binary(payload: &[u8]) -> Self {
        Self::new(BINARY, payload)
    }

    /// # Source
    /// RFC 6455, section 5.2.
    fn new(first: u8, payload: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(MAX_HEADER_BYTES + payload.len());
        bytes.push(first);
        match payload.len() {
            len @ 0..126 => bytes.push(len as u8),
            len @ 126..0x1_0000 => {
                bytes.push(126);
                bytes.extend((len as u16).to_be_bytes());
            }
            len => {
                bytes.push(127);
                bytes.extend((len as u64).to_be_bytes());
            }
        }
        let payload_at = bytes.len();
        bytes.extend_from_slice(payload);
        Self { bytes: bytes.into_boxed_slice().into(), payload_at }
    }

    /// What goes over the wire.
    pub fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// What the message says.
    pub fn payload(&self) -> &[u8] {
        &self.bytes[self.payload_at..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_how_long_the_payload_is() {
        for (len, header) in [
            (0, vec![0x82, 0]),
            (125, vec![0x82, 125]),
            (126, vec![0x82, 126, 0, 126]),
            (0xffff, vec![0x82, 126, 0xff, 0xff]),
            (0x1_0000, vec![0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let payload = vec![7; len];
            let framed = Framed::binary(&payload);
            assert_eq!(framed.payload(), payload);
            assert_eq!(framed.bytes(), [header, payload].concat());
        }
        assert_eq!(Framed::text("ä").bytes(), [&[0x81, 2], "ä".as_bytes()].concat());
    }
}
