//! What `window.spate.stats()` says, documented in the README.

use spate_shared::order;
use spate_shared::time::MILLISECOND;
use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::BUILD;
use crate::panel::Panel;
use crate::protocol::PanelId;
use crate::store::{Entry, Store};

/// Times remembered for percentiles.
const REMEMBERED: usize = 600;

/// How long something took, each time.
#[derive(Debug, Clone, Default)]
pub struct Times {
    count: u64,
    sum_millis: f64,
    recent_millis: VecDeque<f64>,
}

impl Times {
    /// Remembers one time.
    pub fn record(&mut self, millis: f64) {
        self.count += 1;
        self.sum_millis += millis;
        if self.recent_millis.len() == REMEMBERED {
            self.recent_millis.pop_front();
        }
        self.recent_millis.push_back(millis);
    }

    /// The time that a part of the recent ones did not exceed; 0 before the first.
    fn quantile(&self, part: f64) -> f64 {
        let mut sorted: Vec<f64> = self.recent_millis.iter().copied().collect();
        order::sort_floats(&mut sorted);
        let rank = (part * sorted.len().saturating_sub(1) as f64).round() as usize;
        sorted.get(rank).copied().unwrap_or(0.0)
    }
}

#[derive(Serialize)]
struct Stats<'a> {
    build: &'a str,
    streams: BTreeMap<&'a str, StreamStats>,
    panels: Vec<PanelStats<'a>>,
    alerts: u64,
    /// Milliseconds spent on everything but painting, and on painting.
    worked_ms: f64,
    painting_ms: f64,
    /// From sealing at the relay to here, less how far the relay's clock is ahead.
    delay_ms: f64,
}

#[derive(Serialize)]
struct StreamStats {
    received: u64,
    windowed: u64,
    late: u64,
    rejected: u64,
    shed: u64,
    scored: u64,
    epoch: u64,
    next: u64,
    gaps: u64,
    duplicates: u64,
}

#[derive(Serialize)]
struct PanelStats<'a> {
    id: PanelId,
    kind: &'a str,
    points: usize,
    painted: u64,
    paint_ms_p50: f64,
    paint_ms_p95: f64,
    paint_ms_p99: f64,
    /// From the arrival of events to the painting that shows them; 0 where none was seen.
    latency_ms_p50: f64,
    latency_ms_p99: f64,
}

/// The object as JSON.
pub fn json(store: &Store, panels: &BTreeMap<PanelId, Panel>, worked_ms: f64) -> String {
    let stats = Stats {
        build: BUILD,
        streams: store
            .streams()
            .iter()
            .map(|(name, entry)| (name.as_str(), of_stream(store, entry)))
            .collect(),
        panels: panels.iter().map(|(id, panel)| of_panel(*id, panel)).collect(),
        alerts: store.engine().alerts().total(),
        worked_ms,
        painting_ms: panels.values().map(|panel| panel.times.sum_millis).sum(),
        delay_ms: store.delay() as f64 / MILLISECOND as f64,
    };
    // Strings and finite numbers only: nothing here can fail to be JSON.
    serde_json::to_string(&stats).unwrap_or_default()
}

fn of_stream(store: &Store, entry: &Entry) -> StreamStats {
    let counts = entry.id.map(|id| store.engine().stream(id).counts()).unwrap_or_default();
    StreamStats {
        received: counts.received,
        windowed: counts.windowed,
        late: counts.late,
        rejected: counts.rejected,
        shed: counts.shed,
        scored: counts.scored,
        epoch: entry.position.map_or(entry.info.epoch, |position| position.epoch),
        next: entry.position.map_or(entry.info.oldest, |position| position.next),
        gaps: entry.gaps,
        duplicates: entry.duplicates,
    }
}

fn of_panel(id: PanelId, panel: &Panel) -> PanelStats<'_> {
    PanelStats {
        id,
        kind: &panel.spec.kind,
        points: panel.points(),
        painted: panel.times.count,
        paint_ms_p50: panel.times.quantile(0.5),
        paint_ms_p95: panel.times.quantile(0.95),
        paint_ms_p99: panel.times.quantile(0.99),
        latency_ms_p50: panel.latencies.quantile(0.5),
        latency_ms_p99: panel.latencies.quantile(0.99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_recent_paintings() {
        let mut times = Times::default();
        assert_eq!(times.quantile(0.5), 0.0);
        (1..=1_000).for_each(|millis| times.record(f64::from(millis)));
        assert_eq!((times.count, times.quantile(0.0), times.quantile(1.0)), (1_000, 401.0, 1_000.0));
    }
}
