//! Control messages, the same in both subprotocols.
//!
//! Serde derives both forms, so fields are never skipped or reordered: postcard has no names.

use serde::{Deserialize, Serialize};

use super::filter::Condition;
use crate::catalog::StreamInfo;
use crate::schema::Schema;
use crate::time::Nanos;

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientMessage {
    /// First message of a connection.
    Hello(Hello),
    /// One more stream.
    Subscribe(Subscribe),
    /// No more of a stream.
    Unsubscribe {
        /// Its name.
        stream: String,
    },
    /// The client can take this many more bytes of data frames.
    Credit {
        /// Added to what is left.
        bytes: u64,
    },
    /// Send data at most this often from now on; a hidden tab asks for 1000.
    Rate {
        /// Milliseconds between data frames of one stream; 0 is the relay's own pace.
        millis: u32,
    },
}

/// Opens a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Must be [`super::PROTOCOL`].
    pub protocol: u16,
    /// The client's build, for the relay's log.
    #[serde(default)]
    pub build: String,
    /// Bytes of data frames the relay may send before more credit; `None` is no limit.
    #[serde(default)]
    pub credit_bytes: Option<u64>,
    /// Subscriptions to start with.
    #[serde(default, deserialize_with = "super::sequence")]
    pub streams: Vec<Subscribe>,
}

/// Asks for one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// Its name.
    pub stream: String,
    /// Where to begin.
    #[serde(default)]
    pub start: Start,
    /// What happens when the client falls off the ring.
    #[serde(default)]
    pub policy: Policy,
    /// The only fields wanted, in any order; `None` is all of them. The time always comes.
    #[serde(default, deserialize_with = "super::optional_sequence")]
    pub fields: Option<Vec<String>>,
    /// Only events that meet every condition are wanted.
    #[serde(default, deserialize_with = "super::sequence")]
    pub filter: Vec<Condition>,
}

impl Subscribe {
    /// All events and fields of a stream, told of gaps.
    pub fn new(stream: impl Into<String>, start: Start) -> Self {
        let (policy, fields, filter) = (Policy::Gap, None, Vec::new());
        Self { stream: stream.into(), start, policy, fields, filter }
    }
}

/// Where a subscription begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// With the next event.
    #[default]
    Live,
    /// With the oldest event held.
    Earliest,
    /// With the last `n` events held.
    Last(u64),
    /// Where an earlier connection stopped.
    Resume {
        /// The epoch it saw.
        epoch: u64,
        /// The first offset it has not seen.
        offset: u64,
    },
    /// With the first event that the relay sealed within the last so many milliseconds.
    Within(u64),
}

/// What happens when a client falls off the ring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// A `gap` message names what is missing, then the stream goes on.
    #[default]
    Gap,
    /// The connection closes with [`super::CloseCode::TooSlow`].
    Close,
    /// A client that is behind gets the latest event of every combination of dimensions instead of all of them.
    Conflate,
}

/// How a subscription began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Fresh, as asked.
    Started,
    /// Exactly where the client stopped: nothing lost, nothing doubled.
    Resumed,
    /// Same epoch, but events before `next` were already gone; a `gap` message follows and names them.
    Gap,
    /// Another epoch, or an offset the relay never gave: the client's history does not connect to what follows.
    Reset,
}

/// Why events are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// They left the relay's history before this client read them.
    Trimmed,
    /// The relay's disk gives them back damaged, or not at all.
    Damaged,
    /// They were none: the engine behind the relay holds something else at these offsets, or nothing.
    NoEvent,
    /// The engine behind the relay holds them and did not answer; a client that asks again later may get them.
    Unreachable,
}

/// What kind of request an error answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No such stream; it may appear later.
    UnknownStream,
    /// The message does not parse or comes at the wrong time.
    BadMessage,
    /// Too many streams.
    LimitExceeded,
    /// Another protocol version.
    WrongProtocol,
    /// `fields` or `filter` names a field that the stream does not have, or asks what its type cannot answer.
    BadSelection,
}

/// What a relay says, apart from data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerMessage {
    /// Answers `hello`.
    Welcome {
        /// The protocol spoken.
        protocol: u16,
        /// The relay's build.
        build: String,
        /// The relay's clock, for skew.
        now: Nanos,
        /// All streams.
        #[serde(deserialize_with = "super::sequence")]
        catalog: Vec<StreamInfo>,
    },
    /// Streams that are new or whose schema changed. Precedes the first data frame that uses the schema.
    Catalog {
        /// The streams that changed.
        #[serde(deserialize_with = "super::sequence")]
        streams: Vec<StreamInfo>,
    },
    /// A subscription began.
    Ok {
        /// The stream's name.
        stream: String,
        /// The number its data frames carry.
        id: u32,
        /// Its epoch.
        epoch: u64,
        /// Offset of the first event that will come.
        next: u64,
        /// How it began.
        mode: Mode,
        /// Its schema; of the fields that the subscription asked for.
        schema: Schema,
    },
    /// Events this client will never get: `[from, to)`.
    Gap {
        /// The stream's number.
        stream: u32,
        /// Its epoch.
        epoch: u64,
        /// First missing offset.
        from: u64,
        /// First offset that is not missing.
        to: u64,
        /// Why.
        reason: GapReason,
    },
    /// How far this client's cursor is behind the head. Sent at most once a second while it lags, and once when it no longer does.
    Behind {
        /// The stream's number.
        stream: u32,
        /// Events waiting in the relay.
        events: u64,
    },
    /// A request failed.
    Error {
        /// The stream it was about.
        stream: Option<String>,
        /// What kind.
        code: ErrorCode,
        /// What to do about it.
        message: String,
    },
    /// Events `[from, to)` that did not meet this subscription's filter. Sent before the next events that do, and about
    /// once a second when none come, so that a resume starts behind them.
    Skipped {
        /// The stream's number.
        stream: u32,
        /// Its epoch.
        epoch: u64,
        /// First offset that was passed over.
        from: u64,
        /// First offset that was not.
        to: u64,
    },
}
