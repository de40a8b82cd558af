//! The log on disk as what lies below the ring.

use std::sync::Arc;

use futures_util::future::{BoxFuture, ready};
use spate_shared::time::Nanos;
use spate_shared::wire::GapReason;

use super::Store;
use crate::log::{Archive, Chunk, Stretch};

impl Archive for Store {
    fn oldest(&self) -> Option<u64> {
        Store::oldest(self)
    }

    fn refresh(&self) -> BoxFuture<'_, ()> {
        // It is written here, so it is known.
        Box::pin(ready(()))
    }

    fn sealed_since(&self, since: Nanos) -> BoxFuture<'_, Option<u64>> {
        Box::pin(ready(Store::sealed_since(self, since)))
    }

    fn read(self: Arc<Self>, stretch: Stretch, budget: usize) -> BoxFuture<'static, Chunk> {
        let Stretch { stream, epoch, offsets } = stretch;
        Box::pin(async move {
            let read = move || Store::read(&self, offsets.start, budget, stream, epoch);
            // An error means that the runtime is shutting down.
            let read = tokio::task::spawn_blocking(read).await;
            read.unwrap_or(Chunk::Missing { to: offsets.end, reason: GapReason::Unreachable })
        })
    }
}
