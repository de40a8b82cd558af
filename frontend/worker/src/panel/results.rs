//! Query results as lines: one for each group and aggregate.

use std::collections::BTreeMap;

use spate_analysis::Tally;
use spate_analysis::aggregate::Value;
use spate_analysis::query::{Answer, GroupKey, Was};
use spate_analysis::window::Interval;
use spate_chart::format::{self, Unit};
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

use crate::export::Rows;

/// Names in a note; it says when there are more.
const MOST_NAMES: usize = 3;
/// Lines of one panel; more would hide each other.
const MOST_LINES: usize = 100;

/// The results of one aggregate for one group, by time.
pub(super) struct Line<'a> {
    pub(super) name: String,
    pub(super) unit: Option<String>,
    /// Which of the query's aggregates.
    pub(super) aggregate: usize,
    pub(super) results: Vec<Shown<'a>>,
}

/// One result.
pub(super) struct Shown<'a> {
    pub(super) interval: Interval,
    /// The part of its interval that is its own, see [`spate_analysis::window::Window::own_part`].
    pub(super) own: Interval,
    /// NaN when it says nothing.
    pub(super) value: f64,
    pub(super) is_provisional: bool,
    /// What was said before, oldest first.
    pub(super) was: &'a [Was],
}

impl Shown<'_> {
    /// Where the line passes.
    pub(super) fn middle(&self) -> Nanos {
        self.own.start.midpoint(self.own.end)
    }
}

/// The results of an answer whose windows touch `[start, end)`, and how many lines there are beyond the bound.
pub(super) fn lines<'a>(answer: &'a Answer, start: Nanos, end: Nanos) -> (Vec<Line<'a>>, usize) {
    let window = answer.spec().window;
    let mut by_line: BTreeMap<(GroupKey, usize), Vec<Shown<'a>>> = BTreeMap::new();
    let mut add = |group: &GroupKey, interval: Interval, values: &[Value], is_provisional, was: &'a [Was]| {
        let own = window.own_part(interval);
        if own.end <= start || own.start >= end {
            return;
        }
        for (aggregate, value) in values.iter().enumerate() {
            let shown = Shown { interval, own, value: number(value), is_provisional, was };
            by_line.entry((group.clone(), aggregate)).or_default().push(shown);
        }
    };
    for (interval, group, given) in answer.results(start, end) {
        add(group, interval, &given.values, false, &given.was);
    }
    for open in answer.open() {
        add(&open.group, open.interval, &open.values, true, &[]);
    }
    let more = by_line.len().saturating_sub(MOST_LINES);
    let line = |((group, aggregate), results): ((GroupKey, usize), Vec<Shown<'a>>)| Line {
        name: name(answer, &group, aggregate),
        unit: answer.unit(aggregate).map(str::to_owned),
        aggregate,
        results,
    };
    (by_line.into_iter().take(MOST_LINES).map(line).collect(), more)
}

/// The group, the aggregate, or both when there are several of each.
fn name(answer: &Answer, group: &GroupKey, aggregate: usize) -> String {
    let call = || answer.spec().agg.get(aggregate).map(ToString::to_string).unwrap_or_default();
    let values: Vec<&str> = group.iter().map(|value| value.as_deref().unwrap_or("(none)")).collect();
    match (values.is_empty(), answer.spec().agg.len()) {
        (true, _) => call(),
        (false, 1) => values.join(" · "),
        (false, _) => format!("{} · {}", values.join(" · "), call()),
    }
}

/// The value as a number; NaN when it is missing or no number.
fn number(value: &Value) -> f64 {
    match value {
        Value::Count(count) => *count as f64,
        Value::Number(number) => *number,
        Value::Missing | Value::Labels(_) | Value::Buckets(_) => f64::NAN,
    }
}

/// The times in `[start, end)` of events that came too late for every window, as far as they are held.
pub(super) fn late_times(answer: &Answer, start: Nanos, end: Nanos) -> Vec<Nanos> {
    let mut times: Vec<Nanos> = Vec::new();
    for held in answer.late().batches().filter(|held| held.span.0 < end && held.span.1 >= start) {
        times.extend(held.batch.times.iter().filter(|time| (start..end).contains(*time)));
    }
    times.sort_unstable();
    times
}

/// The events that came too late for every window, as far as they are held, in order of arrival.
pub(super) fn late_rows(answer: &Answer, schema: &Schema) -> Rows {
    let mut batch = Batch::empty(schema);
    for held in answer.late().batches() {
        let fitted = held.batch.clone().fit(schema);
        batch.extend_from(&fitted, 0..fitted.len());
    }
    Rows { schema: schema.clone(), batch, newest_first: true }
}

/// How far a result can be relied on: nothing to say of a final one.
pub(super) fn note(shown: &Shown<'_>, aggregate: usize, unit: &Unit) -> Option<String> {
    if shown.is_provisional {
        return Some("provisional".to_owned());
    }
    let was = |was: &Was| format::value(was.values.get(aggregate).map_or(f64::NAN, number), unit);
    let words: Vec<String> = shown.was.iter().map(was).collect();
    (!words.is_empty()).then(|| format!("revised, was {}", words.join(", then ")))
}

/// What happened to events that are in no result, and to results that changed.
pub(super) fn notes(answer: &Answer, more_lines: usize) -> Vec<String> {
    let counts = answer.counts();
    let told = [
        (answer.revisions(), "revised"),
        (counts.events.late, "late"),
        (counts.events.rejected, "rejected"),
        (counts.duplicates, "came twice"),
        (counts.between, "between windows"),
        (more_lines as u64, "lines not drawn"),
        (answer.forgotten(), "results let go"),
    ];
    let mut notes: Vec<String> = told
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    notes.extend(shed(answer.shed_groups()));
    notes
}

/// Events of groups that found no room, with their names.
pub(super) fn shed(groups: &Tally) -> Option<String> {
    (groups.total() > 0)
        .then(|| format!("{} shed: too many groups ({})", format::count(groups.total()), names(groups)))
}

/// Groups that made room for others, with their names.
pub(super) fn forgotten(groups: &Tally) -> Option<String> {
    let what = if groups.total() == 1 { "group" } else { "groups" };
    (groups.total() > 0).then(|| {
        format!("{} {what} forgotten to make room ({})", format::count(groups.total()), names(groups))
    })
}

fn names(groups: &Tally) -> String {
    let all = groups.names();
    let more = (all.len() > MOST_NAMES).then_some("…");
    all.keys().map(String::as_str).take(MOST_NAMES).chain(more).collect::<Vec<_>>().join(", ")
}
