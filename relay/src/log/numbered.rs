//! Streams whose events another engine numbers: their log follows it, in this relay as in any other. And what a start waits
//! for, on any stream.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::{MILLISECOND, Nanos};
use spate_shared::wire::Start;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Log, Stream};

/// Longest that a client waits for what another relay has given it already.
const REACH_TIMEOUT: Duration = Duration::from_secs(5);

impl Stream {
    /// Takes events over with the offsets they have, from `base` on; those that are there already are left out. With
    /// `is_past` they are sealed at once as of `now`, which is when the engine got them.
    pub fn take_over(self: &Arc<Self>, schema: &Schema, batch: &Batch, base: u64, now: Nanos, is_past: bool) {
        let mut guarded = self.guarded.lock();
        let known = guarded.log.appended().saturating_sub(base).min(batch.len() as u64) as usize;
        if known == batch.len() {
            return;
        }
        guarded.log.pass(base, now);
        self.append(&mut guarded, schema, batch.slice(known..batch.len()), now);
        if is_past {
            guarded.log.seal(now);
        }
        self.wake(&mut guarded);
    }

    /// The engine has nothing before `next` that is not here.
    pub fn caught_up(self: &Arc<Self>, next: u64, now: Nanos) {
        let mut guarded = self.guarded.lock();
        guarded.log.pass(next, now);
        self.wake(&mut guarded);
        drop(guarded);
        self.caught_up.iter().for_each(|caught_up| _ = caught_up.send_replace(true));
    }

    /// The engine lost events or began anew: a log of another epoch begins. Sessions that read the one before end.
    pub fn begin_anew(self: &Arc<Self>, epoch: u64, schema: &Schema, next: u64) {
        let mut guarded = self.guarded.lock();
        guarded.log = guarded.log.anew(epoch, schema.clone()).starting_at(next);
        self.epoch.store(epoch, Ordering::Relaxed);
        self.shared.changes.push(self.id());
        self.caught_up.iter().for_each(|caught_up| _ = caught_up.send_replace(false));
        // Also when it is the same number, so that everybody looks.
        self.head.send_replace(guarded.log.head());
    }

    /// Whether another engine numbers its events.
    pub fn is_numbered_elsewhere(&self) -> bool {
        self.caught_up.is_some()
    }

    /// Offset after the last event here, sealed or not.
    pub fn next(&self) -> u64 {
        self.with_log(Log::appended)
    }

    /// Waits until the log has what a start names and knows what its archive holds; not for long, since a client may name
    /// anything. When a start within a time begins in the archive, this is its offset there.
    pub async fn reach(&self, start: &Start, now: Nanos) -> Option<u64> {
        self.catch_up(start).await;
        let archive = self.with_log(Log::archive)?;
        archive.refresh().await;
        let Start::Within(millis) = start else { return None };
        let since = sealed_within(*millis, now);
        if self.with_log(|log| log.holds_since(since)) { None } else { archive.sealed_since(since).await }
    }

    /// Waits for what another relay may have given already.
    async fn catch_up(&self, start: &Start) {
        let Some(caught_up) = &self.caught_up else { return };
        let offset = match start {
            Start::Resume { epoch, offset } if *epoch == self.epoch() => *offset,
            _ => 0,
        };
        let reached = async {
            let _ = caught_up.subscribe().wait_for(|caught_up| *caught_up).await;
            let mut head: watch::Receiver<u64> = self.head.subscribe();
            let _ = head.wait_for(|head| *head >= offset).await;
        };
        // Too late is answered with what there is.
        let _ = timeout(REACH_TIMEOUT, reached).await;
    }
}

/// When the oldest event was sealed that [`Start::Within`] asks for.
pub fn sealed_within(millis: u64, now: Nanos) -> Nanos {
    let nanos = i64::try_from(millis).unwrap_or(i64::MAX).saturating_mul(MILLISECOND);
    now.saturating_sub(nanos)
}
