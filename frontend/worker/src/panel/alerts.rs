//! The alerts of all streams.

use spate_analysis::alert::Alert;
use spate_analysis::stream::Series;
use spate_chart::data::{AlertRow, AlertTableData};
use spate_chart::format::{self, Unit};

use super::{severity, suits};
use crate::protocol::FieldFilter;
use crate::store::Store;

/// The alerts of series that suit a filter.
pub(super) fn data(store: &Store, filter: &[FieldFilter]) -> AlertTableData {
    let alerts = store.engine().alerts();
    let streams: Vec<_> = store.engine().streams().map(|(_, stream)| stream).collect();
    let row = |alert: &Alert| {
        let stream = streams.get(alert.series.stream)?;
        let series =
            stream.series().get(alert.series.series).filter(|series| suits(filter, stream, series))?;
        let verdict = alert.verdict;
        let measure = &series.field().name;
        let group = if series.group().is_empty() { String::new() } else { format!("{} · ", series.group()) };
        Some(AlertRow {
            id: alert.id,
            start: alert.start,
            series: format!("{group}{measure} · {}", stream.name()),
            value: alert.value,
            expected: (verdict.lower, verdict.upper),
            unit: series.field().unit.clone(),
            score: verdict.score,
            severity: severity(&verdict),
            firing: alert.firing,
            reason: reason(series, alert),
        })
    };
    let rows: Vec<_> = alerts.iter().filter_map(row).collect();
    // Alerts that were let go are no longer known by their series.
    let total = if filter.is_empty() { alerts.total() } else { rows.len() as u64 };
    AlertTableData { rows, total }
}

/// Why a series' alert was raised, in a sentence.
pub(super) fn reason(series: &Series, alert: &Alert) -> String {
    let field = series.field();
    let unit = Unit::parse(field.unit.as_deref());
    let marked = if alert.is_synthetic { " (synthetic: faults are put in)" } else { "" };
    let words = alert.verdict.reason.words();
    format!("{} {}: {words}{marked}", field.name, format::value(alert.value, &unit))
}
