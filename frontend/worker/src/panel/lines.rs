//! Which series are lines of a time series, what they are called, and which axis they have.

use spate_analysis::stream::{Series, Stream};
use spate_chart::data::Side;
use spate_chart::panel::time_series::ALSO;

use super::series_of;
use crate::protocol::PanelSpec;

/// Most lines: more cannot be told apart.
const MOST_LINES: usize = 200;

/// The series of the panel's measure and of those shown with it, up to a bound, and how many there are beyond.
pub(super) fn shown<'a>(spec: &'a PanelSpec, stream: &'a Stream) -> (Vec<(usize, &'a Series)>, usize) {
    let also = ALSO.names(&spec.options);
    let more = also.into_iter().filter(|name| *name != spec.measure);
    let measures = [spec.measure.as_str()].into_iter().chain(more);
    let mut shown: Vec<_> = measures.flat_map(|measure| series_of(spec, measure, stream)).collect();
    let hidden = shown.len().saturating_sub(MOST_LINES);
    shown.truncate(MOST_LINES);
    (shown, hidden)
}

/// What tells a series apart: its dimension values, and the measure where there are several.
pub(super) fn name(spec: &PanelSpec, series: &Series) -> String {
    let has_more = !ALSO.text(&spec.options).is_empty();
    if has_more && !series.group().is_empty() {
        return format!("{} · {}", series.label(), series.field().name);
    }
    series.label().to_owned()
}

/// The unit of the axis on the left: the panel's measure's.
pub(super) fn left_unit<'a>(spec: &PanelSpec, stream: &'a Stream) -> Option<&'a str> {
    let schema = stream.schema();
    schema.fields[schema.index_of(&spec.measure)?].unit.as_deref()
}

/// A measure of another unit has the axis on the right.
pub(super) fn side(series: &Series, left_unit: Option<&str>) -> Side {
    if series.field().unit.as_deref() == left_unit { Side::Left } else { Side::Right }
}
