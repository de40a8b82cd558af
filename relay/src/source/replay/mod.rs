//! Replays a recording, CSV or NDJSON file as live streams.
//!
//! The file is held in memory, each stream as one batch that follows the file's last schema. Within a stream events
//! keep their order; an event is due when the playhead reaches the latest event time up to it, so streams of one
//! recording stay aligned and late events stay late. Due events are published together on a 16 ms tick.

mod schedule;
mod track;

pub use schedule::{Playhead, Speed, Times};
pub use track::Track;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use spate_shared::time::{Nanos, SECOND};
use tokio::sync::watch;

use super::SourceError;
use crate::clock::Clock;
use crate::log::{CreateError, SEAL_ROWS, Stream, Streams};
use crate::ready::Beginning;

/// Time between two looks at what is due.
const TICK: Nanos = 16_000_000;

/// How a file is replayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playback {
    /// Event time per wall time.
    pub speed: Speed,
    /// Whether it starts again at its end.
    pub repeat: bool,
    /// Which event times the events get.
    pub times: Times,
    /// The share of the file, 0 to 1, that is published at once at the start.
    pub backfill: f64,
}

/// A file that is ready to play: its streams exist, nothing is published yet.
pub struct Replay {
    tracks: Vec<(Arc<Stream>, Track)>,
    playback: Playback,
    clock: Clock,
}

impl Replay {
    /// Reads a file and creates its streams. `rename` names the stream of a file that holds one.
    ///
    /// A stream that exists already must have been declared: a text file follows its schema, a recording must have it.
    /// `fed` holds the streams of other replays, and then of this one.
    ///
    /// # Errors
    /// [`SourceError`] naming the file, or the stream that another replay feeds.
    pub fn open(
        path: &Path,
        rename: Option<&str>,
        playback: Playback,
        streams: &Streams,
        fed: &mut BTreeSet<String>,
        clock: Clock,
    ) -> Result<Self, SourceError> {
        let schema_of = |stream: Arc<Stream>| stream.with_log(|log| log.schema().as_ref().clone());
        let loaded = track::load(path, rename, |name| streams.get(name).map(schema_of))?;
        let mut tracks = Vec::with_capacity(loaded.len());
        for track in loaded {
            if !fed.insert(track.name.clone()) {
                return Err(CreateError::Exists(track.name).into());
            }
            let stream = match streams.get(&track.name) {
                Some(stream) if schema_of(Arc::clone(&stream)) == track.schema => stream,
                Some(_) => {
                    let reason =
                        format!("its schema is not the declared one: remove [[stream]] {:?}", track.name);
                    return Err(SourceError::Replay { path: path.to_owned(), reason });
                }
                None => streams.declare(&track.name, track.schema.clone())?,
            };
            tracks.push((stream, track));
        }
        Ok(Self { tracks, playback, clock })
    }

    /// Publishes what is due until the file ends or `draining` turns true. It has begun when the backfill is published.
    pub async fn run(mut self, mut draining: watch::Receiver<bool>, beginning: Beginning) {
        let mut beginning = Some(beginning);
        let spans: Vec<_> = self.tracks.iter().filter_map(|(_, track)| track.span()).collect();
        let step = self.tracks.iter().map(|(_, track)| track.median_step()).max().unwrap_or(SECOND);
        let Some(mut playhead) = Playhead::new(&spans, step, self.playback, (self.clock)()) else { return };
        loop {
            let now = (self.clock)();
            let due = match self.playback.speed {
                Speed::Factor(_) => playhead.at(now),
                Speed::Max => self.horizon(&playhead),
            };
            self.publish_until(due, &mut playhead, now).await;
            drop(beginning.take());
            let Some(next) = self.next_due(&playhead) else {
                return tracing::info!(stream = self.tracks[0].0.name(), "replay ended");
            };
            let wait = match self.playback.speed {
                Speed::Max => Duration::ZERO,
                Speed::Factor(_) => {
                    Duration::from_nanos(playhead.wall_until(next, now).clamp(TICK, SECOND) as u64)
                }
            };
            tokio::select! {
                biased;
                _ = draining.wait_for(|draining| *draining) => return,
                () = sleep(wait) => {}
            }
        }
    }

    /// For "max": the earliest time that lets one stream publish a whole batch.
    fn horizon(&self, playhead: &Playhead) -> Nanos {
        let ends = self.tracks.iter().filter_map(|(_, track)| track.due_after(SEAL_ROWS, playhead));
        ends.min().unwrap_or(Nanos::MAX)
    }

    fn next_due(&self, playhead: &Playhead) -> Option<Nanos> {
        self.tracks.iter().filter_map(|(_, track)| track.due_after(0, playhead)).min()
    }

    async fn publish_until(&mut self, due: Nanos, playhead: &mut Playhead, now: Nanos) {
        for (stream, track) in &mut self.tracks {
            while let Some(batch) = track.take(due, SEAL_ROWS, playhead, now) {
                while stream.usable().is_err() {
                    sleep(super::LOG_RETRY).await;
                }
                let events = batch.len() as u64;
                let (accepted, rejected) = match stream.publish(&track.schema, batch, now) {
                    Ok(()) => (events, 0),
                    Err(_) => (0, events),
                };
                stream.meters().count(accepted, rejected);
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn sleep(wait: Duration) {
    if wait.is_zero() {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(wait).await;
    }
}
