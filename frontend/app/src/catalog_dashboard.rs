//! The dashboard nobody had to make: a stat tile and a time series per measure, and one list of alerts.

use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Role;

use crate::document::{COLUMNS, Document, MOST_ROWS, PanelDocument, Place, settle};

/// Rows of a tile, of a chart and of the only chart.
const TILE: u32 = 3;
const CHART: u32 = 6;
const ONLY_CHART: u32 = 11;
/// Columns of a chart, two of which stand beside the alerts.
const CHART_COLUMNS: u32 = 9;

/// The dashboard of a catalog: tiles in rows, then charts, the alerts beside them. Panels of `before` keep their ids.
pub(crate) fn document(streams: &[StreamInfo], before: &Document) -> Document {
    let measures: Vec<_> = streams
        .iter()
        .flat_map(|stream| {
            let names = stream.schema.with_role(Role::Measure).map(|index| &stream.schema.fields[index].name);
            names.map(|measure| (stream.name.as_str(), measure.as_str()))
        })
        .collect();
    let mut document = Document { title: "All streams".to_owned(), ..Document::default() };
    if measures.is_empty() {
        return document;
    }
    let mut free = before.free_id();
    let mut add = |kind: &str, (stream, measure): (&str, &str), place| {
        let same =
            before.panels.iter().find(|p| (&*p.kind, &*p.stream, &*p.measure) == (kind, stream, measure));
        let id = same.map_or(free, |same| same.id);
        free += u32::from(same.is_none());
        let (kind, stream, measure) = (kind.to_owned(), stream.to_owned(), measure.to_owned());
        document.panels.push(PanelDocument { id, kind, stream, measure, place, ..PanelDocument::default() });
    };
    let count = measures.len() as u32;
    let columns = tile_columns(count);
    let w = COLUMNS / columns;
    for (index, measure) in (0..).zip(&measures) {
        let (row, column) = (index / columns, index % columns);
        add("stat", *measure, Place { x: column * w, y: row * TILE, w, h: TILE });
    }
    let top = count.div_ceil(columns) * TILE;
    let (per_row, w, h) =
        if count == 1 { (1, 2 * CHART_COLUMNS, ONLY_CHART) } else { (2, CHART_COLUMNS, CHART) };
    for (index, measure) in (0..).zip(&measures) {
        add("time_series", *measure, Place { x: index % per_row * w, y: top + index / per_row * h, w, h });
    }
    let x = 2 * CHART_COLUMNS;
    let rows = (count.div_ceil(per_row) * h).min(MOST_ROWS);
    add("alerts", ("", ""), Place { x, y: top, w: COLUMNS - x, h: rows });
    settle(&mut document.panels, None);
    document
}

/// Columns of tiles that are all equally wide: as few rows as eight in a row make, as full as they can be.
fn tile_columns(tiles: u32) -> u32 {
    let in_a_row = tiles.div_ceil(tiles.div_ceil(8).max(1));
    [1, 2, 3, 4, 6, 8].into_iter().find(|columns| *columns >= in_a_row).unwrap_or(8)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};

    /// A stream of float measures with one category.
    pub(crate) fn stream(name: &str, measures: &[&str]) -> StreamInfo {
        let time = TimeField { name: "time".to_owned(), source: TimeSource::Event };
        let mut fields = vec![Field::new("host", FieldType::Category)];
        fields.extend(measures.iter().map(|measure| Field::new(*measure, FieldType::F64)));
        StreamInfo {
            name: name.to_owned(),
            id: 1,
            epoch: 1,
            oldest: 0,
            head: 0,
            schema: Schema::new(time, fields),
        }
    }

    fn check(streams: &[StreamInfo], expect: &[&str]) {
        let lines: Vec<_> = document(streams, &Document::default())
            .panels
            .iter()
            .map(|panel| {
                let Place { x, y, w, h } = panel.place;
                format!("{} {} {} at {x},{y} {w}x{h}", panel.kind, panel.stream, panel.measure)
            })
            .collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn every_measure_has_a_tile_and_a_chart_and_there_is_one_alert_list() {
        check(
            &[stream("taxi", &["value"]), stream("cpu", &["user", "system"])],
            &[
                "stat taxi value at 0,0 8x3",
                "stat cpu user at 8,0 8x3",
                "stat cpu system at 16,0 8x3",
                "time_series taxi value at 0,3 9x6",
                "time_series cpu user at 9,3 9x6",
                "alerts   at 18,3 6x12",
                "time_series cpu system at 0,9 9x6",
            ],
        );
    }

    #[test]
    fn the_only_chart_is_large() {
        check(
            &[stream("taxi", &["value"])],
            &["stat taxi value at 0,0 24x3", "time_series taxi value at 0,3 18x11", "alerts   at 18,3 6x11"],
        );
    }

    #[test]
    fn stream_without_measures_has_no_panels() {
        check(&[stream("log", &[])], &[]);
    }

    #[test]
    fn tiles_are_equally_wide() {
        let columns = [1, 4, 5, 7, 8, 9, 10, 16, 17].map(tile_columns);
        assert_eq!(columns, [1, 4, 6, 8, 8, 6, 6, 8, 6]);
        assert!(columns.iter().all(|columns| COLUMNS.is_multiple_of(*columns)));
    }
}
