//! What lies below the ring at a cursor, on its way while the session goes on with its other streams.

use std::sync::Arc;

use futures_util::FutureExt as _;
use spate_shared::wire::GapReason;
use tokio::task::JoinHandle;

use crate::log::{Archive, Chunk, Stream, Stretch};

/// One read of an archive; dropped, it ends.
pub(super) struct Recall {
    reading: JoinHandle<Chunk>,
    chunk: Option<Chunk>,
    /// Where the ring began.
    end: u64,
}

impl Recall {
    pub(super) fn begin(
        stream: &Arc<Stream>,
        archive: Arc<dyn Archive>,
        stretch: Stretch,
        budget: usize,
    ) -> Self {
        let (stream, end) = (Arc::clone(stream), stretch.offsets.end);
        let reading = tokio::spawn(async move { stream.read_back(archive, stretch, budget).await });
        Self { reading, chunk: None, end }
    }

    /// Waits until it is there. May be given up and called again.
    pub(super) async fn arrived(&mut self) {
        if self.chunk.is_none() {
            let read = (&mut self.reading).await;
            let failed = Chunk::Missing { to: self.end, reason: GapReason::Unreachable };
            self.chunk = Some(read.unwrap_or(failed));
        }
    }

    /// What was read, if it is there.
    pub(super) fn take(&mut self) -> Option<Chunk> {
        self.arrived().now_or_never()?;
        self.chunk.take()
    }
}

impl Drop for Recall {
    fn drop(&mut self) {
        self.reading.abort();
    }
}
