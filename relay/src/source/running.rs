//! The sources that run, started together and changed together.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::file::Tail;
use super::replay::Replay;
use super::upstream::nats::NatsFeed;
use super::upstream::sse::SseFeed;
use super::upstream::websocket::WebSocketFeed;
use super::upstream::{self, Sink};
use super::{SourceError, stdin};
use crate::clock::Clock;
use crate::config::SourceConfig;
use crate::log::Streams;
use crate::ready::Beginning;
use crate::relay::Relay;

/// Sources beside HTTP.
#[derive(Default)]
pub struct Sources {
    running: Vec<Running>,
}

struct Running {
    config: SourceConfig,
    /// `None` for standard input, whose thread ends with the input.
    task: Option<JoinHandle<()>>,
    /// The streams that a replay feeds.
    fed: BTreeSet<String>,
    /// Held by a source that must not be stopped just now.
    settling: Option<Arc<Settling>>,
}

type Settling = tokio::sync::Mutex<()>;

/// Longest wait for a source that must not be stopped just now.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(2);

/// A source that can start: nothing of it can fail any more.
enum Ready {
    Replay(Replay, BTreeSet<String>),
    Stdin(String),
    File(Tail),
    WebSocket(WebSocketFeed, String),
    Sse(SseFeed, String),
    Nats(NatsFeed, String),
}

impl Sources {
    /// Stops the sources that are not in `configs` and starts those that are new. On an error nothing has changed.
    ///
    /// # Errors
    /// [`SourceError`] naming the file or stream at fault.
    pub fn change(&mut self, relay: &Arc<Relay>, configs: &[SourceConfig]) -> Result<(), SourceError> {
        let is_kept = |running: &&Running| configs.contains(&running.config);
        let mut fed: BTreeSet<_> =
            self.running.iter().filter(is_kept).flat_map(|running| running.fed.iter().cloned()).collect();
        let mut ready = Vec::new();
        for config in configs {
            if !self.running.iter().any(|running| running.config == *config) {
                ready.push((config.clone(), open(&relay.streams, &relay.clock, config, &mut fed)?));
            }
        }
        self.running.retain_mut(|running| {
            let kept = is_kept(&&*running);
            if let (false, Some(task)) = (kept, running.task.take()) {
                tokio::spawn(stop(task, running.settling.take()));
            }
            kept
        });
        for (config, ready) in ready {
            let beginning = relay.readiness.wait_for(config.describe());
            let settling = ready.settling();
            let (task, fed) = start(relay, ready, beginning)?;
            self.running.push(Running { config, task, fed, settling });
        }
        Ok(())
    }

    /// Whether sources could start: opens what can be opened.
    ///
    /// # Errors
    /// As [`Sources::change`].
    pub fn check(streams: &Streams, clock: &Clock, configs: &[SourceConfig]) -> Result<(), SourceError> {
        let mut fed = BTreeSet::new();
        configs.iter().try_for_each(|config| open(streams, clock, config, &mut fed).map(|_| ()))
    }

    /// Stops all, and waits until they publish no more.
    pub async fn stop(self) {
        let stopping = self.running.into_iter().filter_map(|running| {
            let settling = running.settling;
            running.task.map(|task| stop(task, settling))
        });
        join_all(stopping).await;
    }
}

/// Stops a source when it may be stopped, and waits until it publishes no more.
async fn stop(task: JoinHandle<()>, settling: Option<Arc<Settling>>) {
    // Too late is stopped all the same.
    let _settled = match &settling {
        Some(settling) => timeout(SETTLE_TIMEOUT, settling.lock()).await.ok(),
        None => None,
    };
    task.abort();
    // An error is the abort itself.
    let _ = task.await;
}

impl Ready {
    /// What it holds while it must not be stopped.
    fn settling(&self) -> Option<Arc<Settling>> {
        match self {
            Self::Nats(feed, _) => Some(feed.settling()),
            _ => None,
        }
    }
}

fn open(
    streams: &Streams,
    clock: &Clock,
    config: &SourceConfig,
    fed: &mut BTreeSet<String>,
) -> Result<Ready, SourceError> {
    Ok(match config.clone() {
        SourceConfig::Replay(replay) => {
            let before = fed.clone();
            let clock = Arc::clone(clock);
            let opened =
                Replay::open(&replay.path, replay.stream.as_deref(), replay.playback, streams, fed, clock)?;
            Ready::Replay(opened, fed.difference(&before).cloned().collect())
        }
        SourceConfig::Stdin(stdin) => Ready::Stdin(stdin.stream),
        SourceConfig::File(file) => Ready::File(Tail::new(file.path, file.stream, file.from)),
        SourceConfig::WebSocket(feed, stream) => Ready::WebSocket(feed, stream),
        SourceConfig::Sse(endpoint, stream) => Ready::Sse(SseFeed::new(endpoint), stream),
        SourceConfig::Nats(consumer, stream) => Ready::Nats(NatsFeed::new(consumer), stream),
    })
}

fn sink(relay: &Relay, stream: String, kind: &'static str, beginning: Beginning) -> Sink {
    let meter = relay.metrics.upstream(kind, &stream);
    Sink { ingest: Arc::clone(&relay.ingest), stream, meter, beginning: Mutex::new(Some(beginning)) }
}

fn start(
    relay: &Arc<Relay>,
    ready: Ready,
    beginning: Beginning,
) -> Result<(Option<JoinHandle<()>>, BTreeSet<String>), SourceError> {
    let ingest = Arc::clone(&relay.ingest);
    let task = match ready {
        Ready::Replay(replay, fed) => {
            return Ok((Some(tokio::spawn(replay.run(relay.draining.clone(), beginning))), fed));
        }
        Ready::Stdin(stream) => {
            stdin::start(ingest, stream)?;
            return Ok((None, BTreeSet::new()));
        }
        Ready::File(tail) => tokio::spawn(tail.run(ingest, beginning)),
        Ready::WebSocket(feed, stream) => {
            tokio::spawn(upstream::supervise(feed, sink(relay, stream, "websocket", beginning)))
        }
        Ready::Sse(feed, stream) => {
            tokio::spawn(upstream::supervise(feed, sink(relay, stream, "sse", beginning)))
        }
        Ready::Nats(feed, stream) => {
            tokio::spawn(upstream::supervise(feed, sink(relay, stream, "nats", beginning)))
        }
    };
    Ok((Some(task), BTreeSet::new()))
}
