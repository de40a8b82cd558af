//! Alerts as rows, newest first. The page shows the words; there is nothing to draw.

use spate_shared::order;
use std::cmp::Reverse;

use crate::data::{AlertRow, AlertTableData};
use crate::format::{self, Unit};
use crate::options::{OptionKind, OptionSpec, Options};
use crate::panel::{PanelKind, Surface};
use crate::scene::{AlertEntry, AlertList};

const MAX_ROWS: OptionSpec = OptionSpec {
    name: "max_rows",
    kind: OptionKind::Number { default: Some(50.0), min: 1.0, max: 1_000.0 },
    doc: "Most rows shown; older ones are counted, not listed.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "alerts",
    title: "Alerts",
    doc: "Alerts of all streams, newest first.",
    needs: "alerts of any streams",
    surface: Surface::Alerts,
    options: &[MAX_ROWS],
};

/// The rows of the panel.
pub fn list(data: &AlertTableData, options: &Options) -> AlertList {
    let max_rows = MAX_ROWS.number(options).unwrap_or(f64::INFINITY) as usize;
    let mut rows: Vec<_> = data.rows.iter().collect();
    order::sort_by_key(&mut rows, |row| Reverse(row.id));
    let total = data.total.max(rows.len() as u64);
    let entry = |row: &&AlertRow| {
        let unit = Unit::parse(row.unit.as_deref());
        let show = |value: f64| format::value(value, &unit);
        AlertEntry {
            id: row.id,
            time: row.start,
            series: row.series.clone(),
            value: show(row.value),
            expected: format!("{} to {}", show(row.expected.0), show(row.expected.1)),
            score: row.score,
            severity: row.severity,
            firing: row.firing,
            reason: row.reason.clone(),
        }
    };
    AlertList { rows: rows.iter().take(max_rows).map(entry).collect(), total }
}
