//! Lines over time: the values of a measure as they came, or the results of a query.

mod results;
mod values;

use spate_chart::data::{PanelData, TimeSeriesData};
use spate_chart::layout::{Layout, Size};
use spate_shared::time::Nanos;

use super::Panel;
use super::decimated::Decimated;
use crate::export::Rows;
use crate::protocol::{HoverUpdate, PanelId, PanelUpdate};
use crate::store::Store;
use crate::view::Range;

pub(super) fn data(
    panel: &Panel,
    store: &Store,
    range: Range,
    size: Size,
    decimated: &mut Decimated,
) -> PanelData {
    let Some((_, stream)) = store.stream(&panel.spec.stream) else {
        let range = (range.from, range.to);
        return PanelData::TimeSeries(TimeSeriesData { range, ..TimeSeriesData::default() });
    };
    PanelData::TimeSeries(match panel.ask() {
        None => values::data(panel, store, stream, range, size, decimated),
        Some(_) => results::data(panel, store, stream, range),
    })
}

pub(super) fn words(panel: &Panel, store: &Store, range: Range, update: &mut PanelUpdate) {
    let Some((_, stream)) = store.stream(&panel.spec.stream) else { return };
    match panel.ask() {
        None => values::words(panel, store, stream, range, update),
        Some(_) => results::words(panel, store, range, update),
    }
}

/// Exact values near a moment.
pub(super) fn hover(
    id: PanelId,
    panel: &Panel,
    store: &Store,
    layout: &Layout,
    wanted: Nanos,
) -> Option<HoverUpdate> {
    match panel.ask() {
        None => values::hover(id, panel, store, layout, wanted),
        Some(_) => results::hover(id, panel, store, layout, wanted),
    }
}

/// The moments in `[from, to)` that have a value, in order.
pub(super) fn moments(panel: &Panel, store: &Store, from: Nanos, to: Nanos) -> Vec<Nanos> {
    let Some((_, stream)) = store.stream(&panel.spec.stream) else { return Vec::new() };
    let mut moments = match panel.ask() {
        None => values::moments(panel, stream, from, to),
        Some(_) => results::moments(panel, store, from, to),
    };
    moments.sort_unstable();
    moments.dedup();
    moments
}

/// The values in `[from, to)` as rows.
pub(super) fn rows(panel: &Panel, store: &Store, from: Nanos, to: Nanos) -> Option<Rows> {
    let (_, stream) = store.stream(&panel.spec.stream)?;
    match panel.ask() {
        None => values::rows(panel, stream, from, to),
        Some(_) => results::rows(panel, store, from, to),
    }
}
