//! The relay: receives event streams, gives every event an offset and fans them out over WebSockets.
//!
//! | module | what it is |
//! |---|---|
//! | [`config`] | what an operator decides |
//! | [`source`] | room 1: foreign bytes to events |
//! | [`log`] | room 2: events to sealed segments |
//! | [`jetstream`] | room 2 for several relays: their streams in NATS JetStream |
//! | [`session`] | room 3: one client is a cursor |
//! | [`output`] | ways out beside the WebSocket: history, server-sent events |
//! | [`http`] | the routes, the embedded client, the errors |
//! | [`relay`] | the parts put together, from the first listen to the drain |
//! | [`dashboards`] | dashboards as documents, with versions |
//! | [`metrics`] | what is counted |
//! | [`ready`] | whether it takes work |
//! | [`clock`] | the time, passed in |
//!
//! **Invariant**: the relay never interprets measures. It knows streams, order, field names and bytes; it never windows
//! and never scores.

pub mod clock;
pub mod config;
pub mod dashboards;
pub mod http;
pub mod jetstream;
pub mod log;
pub mod metrics;
pub mod output;
pub mod ready;
pub mod relay;
pub mod session;
pub mod source;
