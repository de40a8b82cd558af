//! Feeds of other servers: the relay connects to them, and comes back after a loss with back-off and jitter.
//!
//! Back-pressure: while a stream has had too many bytes or its disk refuses, its feed is not read, so the other side waits or drops.

mod endpoint;
pub mod nats;
pub mod sse;
pub(crate) mod trust;
pub mod websocket;

pub use endpoint::Endpoint;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use spate_shared::text::Format;

use super::{INLINE_BYTES, Ingest, IngestError, Outcome, admit, log_takes};
use crate::metrics::UpstreamMeter;
use crate::ready::Beginning;

/// First wait after a loss; doubled up to [`BACK_OFF_LIMIT`] while nothing comes.
const BACK_OFF: Duration = Duration::from_millis(250);
/// Longest wait.
const BACK_OFF_LIMIT: Duration = Duration::from_secs(30);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the events of a feed go.
pub struct Sink {
    /// The way in.
    pub ingest: Arc<Ingest>,
    /// The stream.
    pub stream: String,
    /// Whether the feed is there.
    pub meter: UpstreamMeter,
    /// Held until the first connection is there, or is not.
    pub beginning: Mutex<Option<Beginning>>,
}

impl Sink {
    /// Publishes a text once its stream may take it.
    ///
    /// # Errors
    /// As [`Ingest::publish`].
    async fn publish(&self, format: Format, text: Vec<u8>) -> Result<Outcome, IngestError> {
        admit(&self.ingest, &self.stream, text.len()).await?;
        log_takes(&self.ingest, &self.stream).await;
        let (ingest, stream) = (Arc::clone(&self.ingest), self.stream.clone());
        let is_short = text.len() <= INLINE_BYTES;
        let publish = move || ingest.publish(&stream, format, &text, 1);
        if is_short {
            return publish();
        }
        tokio::task::spawn_blocking(publish).await.unwrap_or(Err(IngestError::Closed))
    }

    /// The feed is there.
    fn found(&self) {
        self.meter.found();
        self.beginning.lock().take();
    }

    /// The feed is not there.
    fn lost(&self) {
        self.meter.lost();
        self.beginning.lock().take();
    }

    /// Publishes a text, or says that it is lost.
    ///
    /// # Errors
    /// The way in is closed.
    async fn take(&self, format: Format, text: Vec<u8>) -> Result<(), IngestError> {
        match self.publish(format, text).await {
            Ok(_) => Ok(()),
            Err(IngestError::Closed) => Err(IngestError::Closed),
            Err(error) => {
                tracing::warn!(stream = self.stream, %error, "events of a feed are lost");
                Ok(())
            }
        }
    }
}

/// A feed that can be connected to again and again.
pub trait Feed: Send {
    /// Where it comes from.
    fn endpoint(&self) -> &Endpoint;
    /// One connection from its beginning to its end. Events are told to `heard` as they come.
    fn follow(&mut self, sink: &Sink, heard: &mut bool) -> impl Future<Output = End> + Send;
    /// What the other side asks for as the first wait, if anything.
    fn back_off(&self) -> Option<Duration> {
        None
    }
}

/// Why a connection ended.
pub enum End {
    /// It is worth trying again.
    Lost(String),
    /// The relay takes no more.
    Closed,
}

/// Follows a feed until the way in is closed.
pub async fn supervise(mut feed: impl Feed, sink: Sink) {
    let mut wait = BACK_OFF;
    loop {
        let mut heard = false;
        let end = feed.follow(&sink, &mut heard).await;
        sink.lost();
        let End::Lost(why) = end else { return };
        if heard {
            wait = feed.back_off().unwrap_or(BACK_OFF).min(BACK_OFF_LIMIT);
        }
        let jittered = jitter(wait);
        let (url, millis) = (feed.endpoint().shown(), jittered.as_millis() as u64);
        tracing::warn!(url, stream = sink.stream, why, millis, "a feed was lost, connecting again");
        tokio::time::sleep(jittered).await;
        wait = (wait * 2).min(BACK_OFF_LIMIT);
    }
}

/// Waits before one try after the other, until something came.
pub(crate) fn back_off() -> impl Iterator<Item = Duration> + Send {
    std::iter::successors(Some(BACK_OFF), |wait| Some((*wait * 2).min(BACK_OFF_LIMIT))).map(jitter)
}

/// Half to all of a wait, by chance, so that not all come back at once.
fn jitter(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_half_to_all_of_what_it_says() {
        for _ in 0..1_000 {
            let wait = jitter(BACK_OFF_LIMIT);
            assert!((BACK_OFF_LIMIT / 2..=BACK_OFF_LIMIT).contains(&wait), "{wait:?}");
        }
    }
}
