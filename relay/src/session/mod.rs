//! Room 3: one client is a cursor per subscription into the log; there is no queue.
//!
//! One task reads the socket, and writes to it but for what broadcasters send. It announces schemas, sends whatever lies
//! between a cursor and the head while the client has credit, then waits for the next of: a message, a sealed segment, a
//! change of the catalog, a timer, the drain.
//! A cursor that fell off the ring is declared with a `gap` message or a close, never skipped in silence. Data never
//! begins before the `next` that `ok` named: a segment that straddles it is cut. While a client is at the head, its
//! session sleeps and the broadcasters send it what is new.

mod allowance;
mod broadcast;
mod conversation;
mod line;
mod pump;
mod recall;
mod socket;
mod subscription;
mod twin;
mod wait;

pub(crate) use broadcast::Broadcasters;
pub use twin::Twin;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use spate_shared::wire::CloseCode;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};

use crate::metrics::Metrics;
use crate::relay::Relay;
use allowance::Allowance;
use socket::Socket;
use subscription::Subscription;

/// Longest wait for `hello`.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// Time between pings.
pub const PING_EVERY: Duration = Duration::from_secs(25);
/// Longest wait for an answer to a ping.
pub const PONG_TIMEOUT: Duration = Duration::from_secs(8);
/// Longest wait for the client to take a frame.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time that a session goes on sending when the relay drains; the rest of
/// [`DRAIN_TIMEOUT`](crate::relay::DRAIN_TIMEOUT) is for the close.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest inbound message in bytes.
pub const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// How a session ends.
enum End {
    /// The client closed, or the connection broke.
    Gone,
    /// The relay closes, with this reason.
    Close(CloseCode, String),
}

struct Session<'a> {
    relay: &'a Relay,
    socket: &'a mut Socket,
    subscriptions: Vec<Subscription>,
    /// Bytes of data frames the client can take; `None` is no limit. May go below zero by one frame.
    credit: Option<i64>,
    /// Bytes of data frames that the relay gives it; `None` is no limit.
    allowance: Option<Allowance>,
    /// Subscriptions it may start.
    subscribing: Allowance,
    /// Shortest time between data of one stream.
    rate: Duration,
    /// How many of the catalog's changes the client knows.
    announced: usize,
    changes: watch::Receiver<usize>,
    draining: watch::Receiver<bool>,
    next_ping: Instant,
    pong_due: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

/// Serves one client until it leaves or is closed, over a connection of which `read` was read already.
pub(crate) async fn run(tcp: TcpStream, read: Vec<u8>, twin: Twin, relay: Arc<Relay>) {
    let mut socket = Socket::new(tcp, read, twin).await;
    let Ok(_permit) = Arc::clone(&relay.connections).try_acquire_owned() else {
        let reason = "the relay has all the connections it takes: try again later".to_owned();
        return close(&mut socket, &relay, End::Close(CloseCode::Busy, reason)).await;
    };
    let _counted = Counted::new(&relay.metrics);
    let end = serve(&mut socket, &relay).await;
    close(&mut socket, &relay, end).await;
}

async fn serve(socket: &mut Socket, relay: &Relay) -> End {
    let hello = match conversation::await_hello(socket, relay).await {
        Ok(hello) => hello,
        Err(end) => return end,
    };
    let (limits, now) = (relay.limits, Instant::now());
    let mut session = Session {
        relay,
        socket,
        subscriptions: Vec::new(),
        credit: hello.credit_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        allowance: limits.client_bytes_per_second.map(|bytes| Allowance::new(bytes.0.max(1) as f64, now)),
        subscribing: Allowance::new(limits.subscribes_per_second as f64, now),
        rate: Duration::ZERO,
        announced: 0,
        changes: relay.streams.watch_changes(),
        draining: relay.draining.clone(),
        next_ping: Instant::now() + PING_EVERY,
        pong_due: None,
        timer: Box::pin(tokio::time::sleep(PING_EVERY)),
    };
    match session.converse(hello).await {
        Ok(never) => match never {},
        Err(end) => end,
    }
}

async fn close(socket: &mut Socket, relay: &Relay, end: End) {
    let End::Close(code, reason) = end else { return };
    if socket.close(code, &reason).await {
        relay.metrics.closed(code);
        tracing::debug!(code = code as u16, reason, "closed a session");
    }
}

impl End {
    /// The drain: asks the client to come back after a time of its own, so that not all come at once.
    fn draining() -> Self {
        Self::Close(CloseCode::Draining, format!("retry {}", retry_millis()))
    }
}

/// Milliseconds after which a client that met the drain comes back: 500 to 3,000, by chance.
pub(crate) fn retry_millis() -> u64 {
    500 + RandomState::new().build_hasher().finish() % 2_500
}

/// Counts a connection while it lives.
struct Counted<'a>(&'a Metrics);

impl<'a> Counted<'a> {
    fn new(metrics: &'a Metrics) -> Self {
        metrics.connections.increment(1);
        Self(metrics)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.connections.decrement(1);
    }
}
