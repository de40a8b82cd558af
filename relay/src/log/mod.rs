//! Room 2: one sequencer per stream, sealed segments encoded once, a ring bounded by bytes and age.
//!
//! Offsets count events from 0 in each epoch. An open batch is invisible to readers until it is sealed: at once when
//! the stream was idle, else 16 ms after the last seal (more for many readers, see [`Pace`]), at 64 KiB or at 4,096 rows. A schema change seals first, so a
//! segment has one schema. A reader is a cursor; the log keeps nothing for it and waits for nobody. With [`disk`] a
//! segment is written before readers see it. A stream that another engine numbers, see [`crate::jetstream`], begins at any
//! offset and may leave some out. What has left the ring is read from the disk or that engine: the stream's [`Archive`].

mod archive;
mod changes;
mod conflation;
pub mod disk;
mod framed;
mod numbered;
mod pace;
mod ring;
mod sealer;
mod segment;
mod selection;
mod stream;
mod streams;

pub(crate) use archive::ARCHIVE_READERS;
pub use archive::{Archive, Chunk, Stretch};
pub use conflation::{MAX_SEGMENTS, conflate};
pub use framed::Framed;
pub use numbered::sealed_within;
pub use pace::Pace;
pub use ring::{Log, Read, Ring, SEAL_BYTES, SEAL_ROWS};
pub use sealer::Sealer;
pub use segment::{Segment, Shown};
pub use selection::{Selection, pick};
pub use stream::Stream;
pub use streams::{CreateError, Streams};
