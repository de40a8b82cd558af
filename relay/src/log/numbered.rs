//! Streams whose events another engine numbers: their log follows it, in this relay as in any other.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
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
        self.changes.push(self.id());
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

    /// Waits until the log has what a start names, which another relay may have given already; not for long, since a
    /// client may name anything.
    pub async fn reach(&self, start: &Start) {
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
