//! What the page says beside a drawn panel: a legend where there are colours, and one sentence.

use spate_chart::data::PanelData;
use spate_chart::format::{self, Unit};

use crate::protocol::{LegendEntry, PanelSpec, PanelUpdate};

pub(super) fn words(spec: &PanelSpec, data: &PanelData, update: &mut PanelUpdate) {
    let of = format!("{} of {}", spec.measure, spec.stream);
    update.summary = match data {
        PanelData::Histogram(data) => {
            let unit = Unit::parse(data.unit.as_deref());
            let events = data.bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(bin.count));
            let mark = |mark: &spate_chart::data::QuantileMark| {
                format!("{} {}", mark.name, format::value(mark.value, &unit))
            };
            let marks: Vec<_> = data.marks.iter().map(mark).collect();
            format!("Values of {of}: {} events, {}.", format::count(events), marks.join(", "))
        }
        PanelData::Heatmap(data) => {
            let unit = Unit::parse(data.unit.as_deref());
            let events = data.counts.iter().sum::<f64>();
            let (low, high) = data.value_range;
            let (low, high) = (format::value(low, &unit), format::value(high, &unit));
            format!("Values of {of} over time: {} events from {low} to {high}.", format::count(events as u64))
        }
        PanelData::StateTimeline(data) => {
            update.legend = legend(data.states.iter().map(String::as_str), |state| data.color_index(state));
            let latest = |row: &spate_chart::data::StateRow| {
                let state = row.spans.last().and_then(|span| data.states.get(span.state));
                format!("{} {}", row.name, state.map_or("unknown", String::as_str))
            };
            let rows: Vec<_> = data.rows.iter().take(MOST_NAMED).map(latest).collect();
            note_hidden(data.hidden_rows, "series", update);
            format!("States of {}: {}.", spec.stream, rows.join(", "))
        }
        PanelData::Swimlanes(data) => {
            note_hidden(data.hidden_lanes, "series", update);
            let grave =
                |lane: &&spate_chart::data::Lane| lane.severities.iter().any(|severity| *severity >= 50.0);
            let names: Vec<_> =
                data.lanes.iter().filter(grave).take(MOST_NAMED).map(|lane| lane.name.as_str()).collect();
            let grave = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            format!("How unusual {} series are; with a severity of 50 or more: {grave}.", data.lanes.len())
        }
        PanelData::Scatter(data) => {
            if data.groups.len() > 1 {
                update.legend = legend(data.groups.iter().map(|group| group.name.as_str()), |group| group);
            }
            let dots: usize = data.groups.iter().map(|group| group.points.len()).sum();
            format!("{} against {}: {} events.", data.y_name, data.x_name, format::count(dots as u64))
        }
        PanelData::Top(data) => {
            let unit = Unit::parse(data.unit.as_deref());
            let row =
                |row: &spate_chart::data::TopRow| format!("{} {}", row.name, format::value(row.value, &unit));
            let rows: Vec<_> = data.rows.iter().take(MOST_NAMED).map(row).collect();
            format!("First of {} series by {of}: {}.", data.total, rows.join(", "))
        }
        PanelData::Gauge(data) => {
            let unit = Unit::parse(data.unit.as_deref());
            let value = data.value.map(|value| format::value(value, &unit));
            let words = format!("{of}: {}.", value.as_deref().unwrap_or("no value yet"));
            update.value = value;
            words
        }
        PanelData::TimeSeries(_) | PanelData::Stat(_) | PanelData::Alerts(_) | PanelData::Rows(_) => {
            String::new()
        }
    };
}

/// Most names in a sentence.
const MOST_NAMED: usize = 8;

/// Names without values, in the colours that `color_index` gives.
fn legend<'a>(
    names: impl Iterator<Item = &'a str>,
    color_index: impl Fn(usize) -> usize,
) -> Vec<LegendEntry> {
    let entry = |(index, name): (usize, &str)| LegendEntry {
        name: name.to_owned(),
        color: (color_index(index) % usize::from(u8::MAX)) as u8,
        latest: String::new(),
    };
    names.enumerate().map(entry).collect()
}

fn note_hidden(hidden: usize, what: &str, update: &mut PanelUpdate) {
    if hidden > 0 {
        update.notes.push(format!("{} {what} not shown", format::count(hidden as u64)));
    }
}
