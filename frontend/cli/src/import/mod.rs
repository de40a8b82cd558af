//! Text into a recording, in bounded memory whatever the size of the inputs.
//!
//! Every input is a [`Feed`]; the merge takes from whichever has the earliest event next, so inputs that are each in
//! order come out in order together, and one input keeps its own order, late events included. A stream's events
//! gather in a [`StreamOut`] until a batch is full; then every stream's batch is sealed, so that streams stay together
//! in playback. An entry arrives at the latest event time so far: replay follows event time.

mod by_file;
mod columns;
mod feed;
mod merge;
mod partial_file;
mod rejections;
mod stream_out;

pub(crate) use by_file::distinct_parts;
pub(crate) use feed::Feed;
pub(crate) use merge::{Merge, Merged};
pub(crate) use partial_file::PartialFile;
pub(crate) use rejections::Rejections;
pub(crate) use stream_out::StreamOut;
