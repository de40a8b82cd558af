//! Lines over time: the values of a measure as they came, or the results of a query.

mod results;
mod values;

use spate_chart::data::{PanelData, TimeSeriesData};
use spate_chart::layout::{Layout, Size};

use super::Panel;
use crate::protocol::{HoverUpdate, PanelId, PanelUpdate};
use crate::store::Store;
use crate::view::Range;

pub(super) fn data(panel: &Panel, store: &Store, range: Range, size: Size) -> PanelData {
    let Some((_, stream)) = store.stream(&panel.spec.stream) else {
        let range = (range.from, range.to);
        return PanelData::TimeSeries(TimeSeriesData { range, ..TimeSeriesData::default() });
    };
    PanelData::TimeSeries(match panel.ask() {
        None => values::data(panel, store, stream, range, size),
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

/// Exact values at `x_px`.
pub(super) fn hover(
    id: PanelId,
    panel: &Panel,
    store: &Store,
    layout: &Layout,
    x_px: f32,
) -> Option<HoverUpdate> {
    match panel.ask() {
        None => values::hover(id, &panel.spec, store, layout, x_px),
        Some(_) => results::hover(id, panel, store, layout, x_px),
    }
}
