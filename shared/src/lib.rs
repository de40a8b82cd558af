//! The contract every other crate shares: time, schema, events in columns, the wire protocol and the recording format.
//!
//! Pure: no async, no sockets, no files, no clock. Bytes and times arrive as arguments, so the relay, the browser
//! and the command line read the same bytes the same way.
//!
//! | module | what it is |
//! |---|---|
//! | [`time`] | nanoseconds since 1970 UTC, and the text forms people write |
//! | [`schema`] | the ordered fields of a stream |
//! | [`batch`] | events as columns, missing values as validity bits |
//! | [`catalog`] | the streams a relay or a recording holds |
//! | [`wire`] | protocol version 1: `spate.v1` (binary) and `spate.v1.json` (readable) |
//! | [`recording`] | the `.spate` file |
//! | [`arrow`] | batches out as an Arrow IPC stream |
//! | [`text`] | CSV, NDJSON and JSON into batches, with a reason for every rejected row |

pub mod arrow;
pub mod batch;
pub mod catalog;
pub mod order;
pub mod recording;
pub mod schema;
pub mod text;
pub mod time;
pub mod wire;
