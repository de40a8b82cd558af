//! What state each series is in: the values of a field over time, or a number cut by thresholds.

use std::collections::BTreeMap;

use spate_analysis::stream::Stream;
use spate_chart::data::{PanelData, Severity, StateRow, StateSpan, StateTimelineData};
use spate_chart::options::{self, Threshold};
use spate_chart::panel::state_timeline;
use spate_shared::batch::Batch;
use spate_shared::order;
use spate_shared::time::Nanos;

use super::Panel;
use super::scan::{Scan, dimensions, group};
use crate::store::Store;
use crate::view::Range;

/// Most events looked at; the newest are.
const MOST_EVENTS: usize = 100_000;
/// Most rows, and most states with a name of their own.
const MOST_ROWS: usize = 40;
const MOST_STATES: usize = 24;
/// Mean distances between events after which a state is no longer taken to hold.
const HOLD: i64 = 4;
const OTHER: &str = "other";

/// A row's events: when, and the state from then on.
type Changes = Vec<(Nanos, usize)>;

pub(super) fn data(panel: &Panel, store: &Store, range: Range) -> PanelData {
    let empty = StateTimelineData { range: (range.from, range.to), ..StateTimelineData::default() };
    let gathered = store.stream(&panel.spec.stream).and_then(|(_, stream)| {
        let chosen = state_timeline::FIELD.text(panel.options());
        let name = if chosen.is_empty() { &panel.spec.measure } else { chosen };
        let field = stream.schema().index_of(name)?;
        let thresholds = options::thresholds(state_timeline::THRESHOLDS.text(panel.options())).0;
        Some(gather(panel, stream, range, field, &thresholds))
    });
    PanelData::StateTimeline(gathered.unwrap_or(empty))
}

fn gather(
    panel: &Panel,
    stream: &Stream,
    range: Range,
    field: usize,
    thresholds: &[Threshold],
) -> StateTimelineData {
    let fields = dimensions(stream.schema(), Some(field));
    let mut states = States::new(thresholds);
    let mut rows: BTreeMap<String, Changes> = BTreeMap::new();
    // What held when the range began began before it.
    let wider = Range { from: range.from.saturating_sub(range.width() / 4), to: range.to };
    Scan::new(stream, wider, &panel.spec.filter).newest(MOST_EVENTS, |_, batch, row| {
        if let Some(state) = states.of(batch, row, field, thresholds) {
            let name = group(batch, row, &fields, stream.name());
            rows.entry(name).or_default().push((batch.times[row], state));
        }
    });
    let hidden_rows = rows.len().saturating_sub(MOST_ROWS);
    let gaps: Vec<_> = stream.gaps().iter().map(|gap| (gap.from, gap.to)).collect();
    let end = stream.watermark().head().unwrap_or(range.to).min(range.to);
    let row = |(name, mut changes): (String, Changes)| {
        order::sort_by_key(&mut changes, |(time, _)| *time);
        StateRow { name, spans: spans(&changes, &gaps, end) }
    };
    StateTimelineData {
        range: (range.from, range.to),
        rows: rows.into_iter().take(MOST_ROWS).map(row).collect(),
        states: states.names,
        is_graded: !thresholds.is_empty(),
        hidden_rows,
    }
}

/// States by name, in order of name or of severity, as they are met.
struct States {
    names: Vec<String>,
}

impl States {
    fn new(thresholds: &[Threshold]) -> Self {
        let mut names = Vec::new();
        if !thresholds.is_empty() {
            names = vec!["normal".to_owned()];
            names
                .extend([Severity::Minor, Severity::Major, Severity::Critical].map(|s| s.label().to_owned()));
        }
        Self { names }
    }

    fn of(&mut self, batch: &Batch, row: usize, field: usize, thresholds: &[Threshold]) -> Option<usize> {
        let column = batch.columns.get(field)?;
        if !thresholds.is_empty() {
            let value = column.number(row)?;
            let passed = thresholds.iter().rfind(|threshold| value >= threshold.value);
            return Some(passed.map_or(0, |threshold| threshold.severity as usize + 1));
        }
        match column.text(row) {
            Some(text) => Some(self.named(text)),
            None => column.number(row).map(|number| self.named(&number.to_string())),
        }
    }

    fn named(&mut self, name: &str) -> usize {
        if let Some(known) = self.names.iter().position(|known| known == name) {
            return known;
        }
        let name = if self.names.len() + 1 < MOST_STATES { name } else { OTHER };
        if self.names.last().is_none_or(|last| last != OTHER) {
            self.names.push(name.to_owned());
        }
        self.names.len() - 1
    }
}

/// Spans of equal states. A span ends at the next change, at a known gap, and when nothing came for long.
fn spans(changes: &[(Nanos, usize)], gaps: &[(Nanos, Nanos)], end: Nanos) -> Vec<StateSpan> {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return Vec::new() };
    let mean = last.0.saturating_sub(first.0) / (changes.len() as i64 - 1).max(1);
    let hold = if changes.len() > 1 { mean.saturating_mul(HOLD).max(1) } else { Nanos::MAX };
    let mut spans: Vec<StateSpan> = Vec::new();
    for (index, &(start, state)) in changes.iter().enumerate() {
        let next = changes.get(index + 1).map_or(end, |next| next.0);
        let gap =
            gaps.iter().find(|gap| gap.1 > start && gap.0 < next).map_or(Nanos::MAX, |gap| gap.0.max(start));
        let stop = next.min(start.saturating_add(hold)).min(gap);
        match spans.last_mut() {
            Some(before) if before.state == state && before.end == start => before.end = stop,
            _ => spans.push(StateSpan { start, end: stop, state }),
        }
    }
    spans.retain(|span| span.start < span.end);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(changes: &[(Nanos, usize)], gaps: &[(Nanos, Nanos)], expected: &[(Nanos, Nanos, usize)]) {
        let spans = spans(changes, gaps, 40);
        let seen: Vec<_> = spans.iter().map(|span| (span.start, span.end, span.state)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn equal_states_are_one_span_and_the_last_holds_to_the_end() {
        check(&[(0, 1), (10, 1), (20, 2)], &[], &[(0, 20, 1), (20, 40, 2)]);
    }

    #[test]
    fn a_state_does_not_hold_over_a_known_gap_or_a_long_silence() {
        check(&[(0, 1), (10, 1), (20, 1)], &[(12, 18)], &[(0, 12, 1), (20, 40, 1)]);
        check(&[(-900, 1), (-899, 1), (-898, 2), (0, 1)], &[], &[(-900, -898, 1), (-898, 0, 2), (0, 40, 1)]);
        check(&[(0, 1), (1, 1), (2, 1), (3, 1)], &[], &[(0, 7, 1)]);
    }

    #[test]
    fn too_many_states_share_the_last_name() {
        let mut states = States::new(&[]);
        let indices: Vec<_> = (0..100).map(|state| states.named(&format!("s{state}"))).collect();
        assert_eq!(states.names.len(), MOST_STATES);
        assert_eq!(states.names.last().map(String::as_str), Some(OTHER));
        assert_eq!(indices.last(), Some(&(MOST_STATES - 1)));
    }
}
