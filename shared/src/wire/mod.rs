//! Wire protocol, version 1. `docs/protocol.md` describes it for other languages.
//!
//! A WebSocket message is one frame. In `spate.v1` a frame is bytes: a kind byte, then a postcard control message
//! or a columnar data batch. In `spate.v1.json` the same frames are JSON text.
//!
//! Decoding never panics, checks every bound, and holds at most 64 bytes for every byte it was given, plus 1 KiB: a
//! dictionary of empty texts is the worst, 24 bytes for one. No length that a frame claims is believed before its bytes
//! are there. `tests/allocation.rs` counts it.

mod bytes;
mod close;
mod codec;
mod filter;
mod frame;
mod json;
mod message;
mod selected;
mod sequence;

pub use close::CloseCode;
pub use codec::{MAX_ROWS, WireError};
pub use filter::{Condition, Test};
pub use frame::{DataFrame, DataHeader, HEADER_BYTES, ServerFrame};
pub use selected::SelectedFrame;
pub(crate) use sequence::{optional_sequence, sequence};

pub use message::{
    ClientMessage, ErrorCode, GapReason, Hello, Mode, Policy, ServerMessage, Start, Subscribe,
};

/// WebSocket subprotocol of binary frames.
pub const SUBPROTOCOL: &str = "spate.v1";
/// WebSocket subprotocol of the readable twin.
pub const SUBPROTOCOL_JSON: &str = "spate.v1.json";
/// The protocol number in `hello` and `welcome`.
pub const PROTOCOL: u16 = 1;
/// Largest frame either side accepts.
pub const MAX_FRAME_BYTES: usize = 16 << 20;
