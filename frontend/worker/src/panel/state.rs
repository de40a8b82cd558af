//! Whether a panel has something to show, and why not.

use spate_analysis::stream::Stream;
use spate_chart::data::{PanelData, Series as ChartSeries};
use spate_chart::panel::Surface;
use spate_chart::scene::RowWindow;
use spate_shared::time::Nanos;

use super::{Panel, scatter, series, twin};
use crate::protocol::{PanelSpec, PanelState};
use crate::store::{Entry, Store};

impl Panel {
    pub(super) fn state(&self, store: &Store, now: Nanos) -> PanelState {
        match (self.state_of_stream(store, now), self.shows_nothing()) {
            (PanelState::Ready | PanelState::Stale { .. } | PanelState::WarmingUp { .. }, true) => {
                let stream = store.stream(&self.spec.stream).filter(|_| self.spec.kind == "scatter");
                if let Some(reason) = stream.and_then(|(_, stream)| scatter::complaint(self, stream.schema()))
                {
                    return PanelState::Failed { reason };
                }
                let held = twin::held(&self.spec.stream, store).unwrap_or_default();
                PanelState::NoData { from: held.from, to: held.to }
            }
            (state, _) => state,
        }
    }

    /// Whether it was drawn or filled and nothing is on it.
    fn shows_nothing(&self) -> bool {
        let is_empty_table = |window: &RowWindow| window.held == 0 && !window.columns.is_empty();
        match (self.surface(), self.spec.kind.as_str()) {
            // They say by a dash that there is no result yet.
            (_, "stat" | "gauge") | (Surface::Alerts, _) => false,
            // One may have been made before the first event of the stream.
            (Surface::Canvas, _) => self.empty_drawings > 1,
            (Surface::Rows, _) => self.listing.told.as_ref().is_some_and(is_empty_table),
        }
    }

    fn state_of_stream(&self, store: &Store, now: Nanos) -> PanelState {
        match self.ask.as_ref().map(|ask| store.answer(ask)) {
            None => state(&self.spec, store, now),
            Some(None) => PanelState::Waiting,
            Some(Some(Err(reason))) => PanelState::Failed { reason: reason.to_owned() },
            Some(Some(Ok(_))) => {
                let silent = store.streams().get(&self.spec.stream).and_then(|entry| entry.stale_millis(now));
                silent.map_or(PanelState::Ready, |millis| PanelState::Stale { millis })
            }
        }
    }
}

/// How many points of it are drawn.
pub(super) fn point_count(data: &PanelData) -> usize {
    match data {
        PanelData::TimeSeries(data) => {
            let points = |series: &ChartSeries| {
                let points = &series.points;
                let end = points.partition_point(|point| point.t <= data.range.1);
                end - points.partition_point(|point| point.t < data.range.0).min(end)
            };
            data.series.iter().map(|series| points(series).max(series.windows.len())).sum()
        }
        PanelData::Stat(data) => data.spark.len(),
        PanelData::Alerts(data) => data.rows.len(),
        PanelData::Rows(data) => data.rows.len(),
        PanelData::Histogram(data) => data.bins.len(),
        PanelData::Heatmap(data) => data.counts.iter().filter(|count| **count > 0.0).count(),
        PanelData::StateTimeline(data) => data.rows.iter().map(|row| row.spans.len()).sum(),
        PanelData::Swimlanes(data) => data.lanes.iter().map(|lane| lane.severities.len()).sum(),
        PanelData::Scatter(data) => data.groups.iter().map(|group| group.points.len()).sum(),
        PanelData::Top(data) => data.rows.len(),
        PanelData::Gauge(data) => usize::from(data.value.is_some()),
    }
}

fn state(spec: &PanelSpec, store: &Store, now: Nanos) -> PanelState {
    if spec.stream.is_empty() {
        return if store.received() == 0 { PanelState::Waiting } else { PanelState::Ready };
    }
    let Some((entry, stream)) = store.stream(&spec.stream) else { return PanelState::Waiting };
    state_of(spec, entry, stream, now)
}

fn state_of(spec: &PanelSpec, entry: &Entry, stream: &Stream, now: Nanos) -> PanelState {
    let to_go = series(spec, stream).map(|(_, series)| series.warm_up()).min();
    match (to_go, entry.stale_millis(now)) {
        (None, _) => PanelState::Waiting,
        (Some(_), Some(millis)) => PanelState::Stale { millis },
        (Some(0), None) => PanelState::Ready,
        (Some(events), None) => PanelState::WarmingUp { events },
    }
}
