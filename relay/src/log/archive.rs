//! What holds the events of a stream that its ring no longer has, or never had: its log on disk, or the engine that numbers
//! them.

use std::ops::Range;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use spate_shared::time::Nanos;
use spate_shared::wire::GapReason;

use super::{Read, Segment, Stream};

/// Readers that may read from archives at the same time.
pub(crate) const ARCHIVE_READERS: usize = 8;

/// Where the past of a stream lies. What it holds ends at the ring or in it.
pub trait Archive: Send + Sync {
    /// Lowest offset held, as far as is known without asking; `None` when nothing is.
    fn oldest(&self) -> Option<u64>;

    /// Learns what is held now, where that changes unseen. An archive that does not answer keeps nobody for long.
    fn refresh(&self) -> BoxFuture<'_, ()>;

    /// An offset at or shortly before the first event that was sealed at `since` or later; `None` when there is none, or no
    /// answer.
    fn sealed_since(&self, since: Nanos) -> BoxFuture<'_, Option<u64>>;

    /// Reads a stretch from its beginning on: about `budget` bytes, at least one segment. It may end before the stretch
    /// does, or inside the ring.
    fn read(self: Arc<Self>, stretch: Stretch, budget: usize) -> BoxFuture<'static, Chunk>;
}

/// Events of one epoch of a stream that have left its ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The stream's number.
    pub stream: u32,
    /// Its epoch.
    pub epoch: u64,
    /// From the first one wanted to the first one in the ring.
    pub offsets: Range<u64>,
}

/// What an archive has at the beginning of a stretch.
#[derive(Clone)]
pub enum Chunk {
    /// Segments of one schema that follow each other; the first holds the first event.
    Segments(Vec<Arc<Segment>>),
    /// No event before `to` can be given.
    Missing {
        /// First offset that may be read again.
        to: u64,
        /// Why.
        reason: GapReason,
    },
}

impl Stream {
    /// Reads a stretch, when it is its turn: at most [`ARCHIVE_READERS`] do at the same time.
    pub async fn read_back(&self, archive: Arc<dyn Archive>, stretch: Stretch, budget: usize) -> Chunk {
        // It is never closed.
        let _turn = self.shared.archive_readers.acquire().await;
        let chunk = archive.read(stretch, budget).await;
        let has_failed =
            matches!(chunk, Chunk::Missing { reason: GapReason::Damaged | GapReason::Unreachable, .. });
        self.meters().read_back(has_failed);
        chunk
    }

    /// [`Stream::read`], from the archive too: never [`Read::Archived`].
    pub async fn fetch(&self, cursor: u64) -> Read {
        match self.read(cursor) {
            Read::Archived(archive, stretch) => match self.read_back(archive, stretch, 1).await {
                Chunk::Segments(segments) => segments.into_iter().next().map_or(Read::Live, Read::Segment),
                Chunk::Missing { to, reason } => Read::Missing { to, reason },
            },
            read => read,
        }
    }
}
