//! How unusual every series is: the rarest score of each part of the range.

use spate_analysis::stream::{Series, Stream};
use spate_chart::data::{Lane, PanelData, Severity, SwimlanesData};
use spate_chart::layout::Size;
use spate_chart::panel::swimlanes::{LANES, ORDER};
use spate_shared::order;

use super::distribution::Grid;
use super::{Panel, suits};
use crate::store::Store;
use crate::view::Range;

/// Most series looked at; how many are not is said.
const MOST_SERIES: usize = 2_000;
/// CSS pixels of a cell.
const CELL: f64 = 8.0;

pub(super) fn data(panel: &Panel, store: &Store, range: Range, size: Size) -> PanelData {
    let wanted = (f64::from(size.width_px) / size.scale / CELL).clamp(4.0, 300.0) as i64;
    let grid = Grid::new(range, wanted);
    let spec = &panel.spec;
    let streams: Vec<_> = store
        .engine()
        .streams()
        .map(|(_, stream)| stream)
        .filter(|stream| spec.stream.is_empty() || stream.name() == spec.stream)
        .collect();
    let all = streams.iter().flat_map(|stream| stream.series().iter().map(move |series| (*stream, series)));
    let is_shown = |(stream, series): &(&Stream, &Series)| {
        let is_measure = spec.measure.is_empty() || series.field().name == spec.measure;
        is_measure && suits(&spec.filter, stream, series)
    };
    let all: Vec<_> = all.filter(is_shown).collect();
    let many_streams = streams.len() > 1;
    let lane = |(stream, series): &(&Stream, &Series)| {
        let mut severities = vec![f32::NAN; grid.columns];
        for score in series.retention().sample(grid.range.0, grid.range.1, grid.columns).scores {
            if let Some(severity) = severities.get_mut(grid.column(score.time)) {
                *severity = severity.max(Severity::points_of_score(f64::from(score.score)) as f32);
            }
        }
        let group = if series.group().is_empty() { "" } else { series.label() };
        let parts = [group, &series.field().name, if many_streams { stream.name() } else { "" }];
        let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        Lane { name, severities }
    };
    let mut lanes: Vec<Lane> = all.iter().take(MOST_SERIES).map(lane).collect();
    if ORDER.choice(panel.options()) == "name" {
        order::sort_by(&mut lanes, |a, b| a.name.cmp(&b.name));
    } else {
        let gravest = |lane: &Lane| lane.severities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        order::sort_by(&mut lanes, |a, b| {
            gravest(b).total_cmp(&gravest(a)).then_with(|| a.name.cmp(&b.name))
        });
    }
    lanes.truncate(LANES.number(panel.options()).unwrap_or(20.0) as usize);
    let hidden_lanes = all.len() - lanes.len();
    PanelData::Swimlanes(SwimlanesData { range: grid.range, lanes, hidden_lanes })
}
