//! What was decimated of each series of a panel, so that the next frame reads only what is new.

use std::collections::BTreeMap;

use spate_analysis::retention::Following;
use spate_analysis::stream::Stream;

/// By the series' places in their stream.
#[derive(Debug, Default)]
pub(super) struct Decimated {
    replaced: u64,
    series: BTreeMap<usize, Following>,
}

impl Decimated {
    /// What was decimated of a series; nothing when another has taken its place since.
    pub(super) fn of(&mut self, stream: &Stream, series: usize) -> &mut Following {
        if self.replaced != stream.replaced() {
            *self = Self { replaced: stream.replaced(), series: BTreeMap::new() };
        }
        self.series.entry(series).or_default()
    }
}
