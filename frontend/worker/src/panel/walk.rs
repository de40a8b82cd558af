//! Walks a panel point by point and anomaly by anomaly.

use spate_analysis::StreamId;
use spate_shared::time::Nanos;

use super::{Panel, time_series};
use crate::gesture::Step;
use crate::store::Store;

impl Panel {
    /// The moment that a step from `from` leads to; without `from` a walk back begins at the end of the range.
    ///
    /// `None` when there is nothing further. Anomalies may lie beyond the range, points may not.
    pub fn step(&self, store: &Store, from: Option<Nanos>, step: Step) -> Option<Nanos> {
        let (start, end) = self.layout()?.time_range;
        let moments = || time_series::moments(self, store, start, end.saturating_add(1));
        match step {
            Step::First => moments().first().copied(),
            Step::Last => moments().last().copied(),
            Step::Points(steps) => {
                let moments = moments();
                let last = moments.len().checked_sub(1)?;
                let from = from.filter(|from| (start..=end).contains(from));
                // The end of the walk is a place too: the reader stays there.
                let place = match (from, steps < 0) {
                    (None, true) => last,
                    (None, false) => 0,
                    (Some(from), true) => {
                        let before = moments.partition_point(|moment| *moment < from);
                        before.saturating_sub(steps.unsigned_abs() as usize)
                    }
                    (Some(from), false) => {
                        moments.partition_point(|moment| *moment <= from) + (steps as usize).saturating_sub(1)
                    }
                };
                moments.get(place.min(last)).copied()
            }
            Step::Anomalies(steps) => {
                let times = self.anomalies(store)?;
                let from = from.unwrap_or(if steps < 0 { Nanos::MAX } else { Nanos::MIN });
                let place = if steps < 0 {
                    times.partition_point(|time| *time < from).checked_sub(steps.unsigned_abs() as usize)
                } else {
                    (times.partition_point(|time| *time <= from) + steps as usize).checked_sub(1)
                };
                place.and_then(|place| times.get(place).copied())
            }
        }
    }

    /// When the alerts of its series peaked, in order.
    fn anomalies(&self, store: &Store) -> Option<Vec<Nanos>> {
        let (entry, stream) = store.stream(&self.spec.stream)?;
        let at = entry.id.map(StreamId::index)?;
        let shown: Vec<_> = self.shown(stream).map(|(_, index, _)| index).collect();
        let alerts = store.engine().alerts().iter();
        let mine = alerts.filter(|alert| alert.series.stream == at && shown.contains(&alert.series.series));
        let mut times: Vec<_> = mine.map(|alert| alert.peak).collect();
        times.sort_unstable();
        times.dedup();
        Some(times)
    }
}
