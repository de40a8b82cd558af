//! One stream: its watermark, its groups, and one series per measure and group.

mod faults;
mod groups;
mod replay;
mod scoring;
mod series;
#[cfg(feature = "checkpoint")]
mod state;
mod tuning;
mod windows;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spate_shared::batch::Batch;
use spate_shared::schema::{Role, Schema};
use spate_shared::time::{MINUTE, Nanos, SECOND};

pub use scoring::{Choice, Comparison, WhatIf, WouldAlert};
pub use series::Series;
pub use tuning::Which;
pub use windows::{WindowResult, Windows};

use crate::alert::{Alerts, SeriesRef};
use crate::counts::{Counts, Tally};
use crate::detector::Verdict;
use crate::events::Events;
use crate::watermark::Watermark;
use crate::window::Tumbling;
use faults::Faults;
use groups::Groups;
use replay::Taken;
use scoring::Scoring;
use tuning::Tuning;

/// How a stream is analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamConfig {
    /// The windows its measures are aggregated over.
    pub window: Tumbling,
    /// How far behind the head an event may be without being out of order.
    pub out_of_orderness: Nanos,
    /// How long after the watermark a window still takes events.
    pub lateness: Nanos,
    /// Processing time without an event after which the watermark reaches the head.
    pub idle_timeout: Nanos,
    /// How far after the latest event, and the time of arrival, another may be; beyond, it is rejected, unless ten in a
    /// row are. No bound when `None`.
    pub ahead: Option<Nanos>,
    /// Most groups. For a further one the least recently active makes room, and is forgotten, once its windows are closed;
    /// while all have open windows, events of further ones are shed.
    pub max_groups: usize,
}

impl StreamConfig {
    /// Windows of `window`, and defaults for everything else.
    pub fn new(window: Tumbling) -> Self {
        Self {
            window,
            out_of_orderness: 2 * SECOND,
            lateness: MINUTE,
            idle_timeout: 10 * SECOND,
            ahead: None,
            max_groups: 1_000,
        }
    }
}

/// One stream's analysis so far.
#[derive(Debug)]
pub struct Stream {
    name: String,
    schema: Schema,
    config: StreamConfig,
    watermark: Watermark,
    counts: Counts,
    /// Events of groups that found no room.
    shed: Tally,
    /// Groups that made room for others.
    forgotten: Tally,
    groups: Groups,
    events: Events,
    /// Which of the events held were scored.
    taken: Taken,
    /// What was chosen for which series.
    tunings: BTreeMap<Which, Tuning>,
    faults: Option<Faults>,
    measures: Vec<usize>,
    /// In order of appearance; those of a group that made room are replaced by those of the group that came.
    series: Vec<Series>,
    /// Group and measure of each series.
    places: Vec<(usize, usize)>,
    /// Series of a group that made room.
    vacant: Vec<usize>,
    replaced: u64,
    gaps: Vec<Gap>,
    gap_open: bool,
    /// Bytes of points each series may hold; the engine shares its budget as series appear.
    series_bytes: usize,
    scratch: Vec<Verdict>,
}

/// Event time between which events are known to be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Time of the last event before.
    pub from: Nanos,
    /// Time of the first event after.
    pub to: Nanos,
}

/// An event, and where it comes.
#[derive(Debug, Clone, Copy)]
struct EventAt {
    /// Index of its stream.
    stream: usize,
    time: Nanos,
    number: u64,
    /// Processing time.
    now: Nanos,
}

/// Bytes of points held of one series, however few there are.
pub(crate) const MOST_SERIES_BYTES: usize = 40 << 20;
/// Most gaps remembered per stream; the oldest go first.
const MAX_GAPS: usize = 256;

impl Stream {
    pub(crate) fn new(name: &str, schema: Schema, config: StreamConfig) -> Self {
        let mut stream = Self {
            name: name.to_owned(),
            config,
            watermark: Watermark::new(config.out_of_orderness, config.idle_timeout).with_bound(config.ahead),
            counts: Counts::default(),
            shed: Tally::default(),
            forgotten: Tally::default(),
            groups: Groups::new(config.max_groups),
            events: Events::new(0),
            taken: Taken::default(),
            tunings: BTreeMap::new(),
            faults: None,
            measures: Vec::new(),
            series: Vec::new(),
            places: Vec::new(),
            vacant: Vec::new(),
            replaced: 0,
            gaps: Vec::new(),
            gap_open: false,
            series_bytes: MOST_SERIES_BYTES,
            scratch: Vec::new(),
            schema: Schema { fields: Vec::new(), ..schema.clone() },
        };
        stream.adopt(schema);
        stream
    }

    /// The stream's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its schema.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How it is analysed.
    pub fn config(&self) -> &StreamConfig {
        &self.config
    }

    /// Where its events went.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many events groups that found no room lost, by name.
    pub fn shed_groups(&self) -> &Tally {
        &self.shed
    }

    /// The groups that were forgotten to make room, by name.
    pub fn forgotten_groups(&self) -> &Tally {
        &self.forgotten
    }

    /// Its watermark.
    pub fn watermark(&self) -> &Watermark {
        &self.watermark
    }

    /// Its series, in order of appearance; one may have taken the place of another that was forgotten.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// How often series were replaced by others at the same places.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Its events that are still held, as they came.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Where events are known to be missing, in order of discovery.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// A later version of the schema: fields are only appended or widened, so series stay valid.
    pub(crate) fn adopt(&mut self, schema: Schema) {
        self.schema = schema;
        self.measures = self.schema.with_role(Role::Measure).collect();
        self.groups.set_dimensions(self.schema.with_role(Role::Dimension).collect());
    }

    /// Begins anew with another schema; the counts go on.
    pub(crate) fn restart(&mut self, schema: Schema) {
        let counts = self.counts;
        let (shed, forgotten) = (std::mem::take(&mut self.shed), std::mem::take(&mut self.forgotten));
        self.reopen(schema, self.config);
        (self.counts, self.shed, self.forgotten) = (counts, shed, forgotten);
    }

    /// Forgets everything but what was chosen for its series, and is analysed as `config` says.
    pub(crate) fn reopen(&mut self, schema: Schema, config: StreamConfig) {
        let (tunings, faults, replaced) =
            (std::mem::take(&mut self.tunings), self.faults.take(), self.replaced + 1);
        *self = Self::new(&self.name, schema, config);
        (self.tunings, self.faults, self.replaced) = (tunings, faults, replaced);
    }

    /// How many bytes of events it may hold from now on.
    pub(crate) fn set_events_bytes(&mut self, events_bytes: usize) {
        self.events.set_budget(events_bytes);
    }

    /// How many bytes of points each of its series may hold from now on.
    pub(crate) fn set_series_bytes(&mut self, series_bytes: usize) {
        self.series_bytes = series_bytes;
        self.series.iter_mut().for_each(|series| series.set_budget(series_bytes));
    }

    /// Events between the last one seen and the next are missing.
    pub(crate) fn open_gap(&mut self) {
        self.gap_open = self.watermark.head().is_some();
    }

    pub(crate) fn tick(&mut self, now: Nanos) {
        self.watermark.tick(now);
    }

    pub(crate) fn push(&mut self, index: usize, batch: &Batch, now: Nanos, alerts: &mut Alerts) {
        let first = self.events.numbers().end;
        self.groups.begin(batch);
        for (row, time) in batch.times.iter().copied().enumerate() {
            let at = EventAt { stream: index, time, number: first + row as u64, now };
            self.push_event(batch, row, at, alerts);
        }
        self.events.push(batch);
        self.taken.forget_before(self.events.numbers().start);
        for (series_index, series) in self.series.iter_mut().enumerate() {
            let at = SeriesRef { stream: index, series: series_index };
            self.counts.scored += series.score_pending(at, alerts, &mut self.scratch);
        }
    }

    fn push_event(&mut self, batch: &Batch, row: usize, at: EventAt, alerts: &mut Alerts) {
        let EventAt { time, number, now, .. } = at;
        self.counts.received += 1;
        let value = |field: usize| batch.columns.get(field).and_then(|column| column.number(row));
        if self.measures.iter().any(|field| value(*field).is_some_and(|number| !number.is_finite())) {
            self.counts.rejected += 1;
            return;
        }
        if !self.watermark.believes(time, now) {
            self.counts.rejected += 1;
            self.counts.ahead += 1;
            return;
        }
        let window = self.config.window.assign(time);
        let closes_at = window.end.saturating_add(self.config.lateness);
        let is_late = closes_at <= self.watermark.now();
        let mut group = self.groups.of(batch, row);
        if group.is_none() && !is_late && self.make_room(at.stream, alerts) {
            group = self.groups.of(batch, row);
        }
        let Some(group) = group else {
            self.counts.shed += 1;
            self.shed.count(&self.groups.name(batch, row));
            return;
        };
        self.groups.note(group, number, closes_at);
        self.close_gap(time);
        if is_late {
            self.counts.late += 1;
        } else {
            self.counts.windowed += 1;
            self.watermark.observe(time, now);
            self.taken.mark(number);
        }
        for measure in 0..self.measures.len() {
            let measured = value(self.measures[measure]);
            let index = self.series_index(group, measure, number);
            let series = &mut self.series[index];
            match (measured, is_late) {
                (Some(measured), false) => series.take((time, measured), number, window, value),
                (Some(measured), true) => series.take_late(time, measured),
                (None, _) => series.take_missing(time),
            }
        }
    }

    /// Forgets the least recently active group, if any has closed its windows.
    fn make_room(&mut self, stream: usize, alerts: &mut Alerts) -> bool {
        let Some(group) = self.groups.least_active(self.watermark.now()) else { return false };
        self.forgotten.count(&self.groups.label(group));
        if let Some(faults) = &mut self.faults {
            faults.forget(group);
        }
        self.replaced += 1;
        self.vacant = self.groups.evict(group);
        self.vacant.reverse();
        for series in &self.vacant {
            let at = SeriesRef { stream, series: *series };
            self.counts.scored += self.series[*series].score_pending(at, alerts, &mut self.scratch);
            alerts.forget(at);
        }
        true
    }

    fn close_gap(&mut self, time: Nanos) {
        // An event that is not newer than the last one before the gap does not end it.
        if let (true, Some(from)) = (self.gap_open, self.watermark.head().filter(|from| *from < time)) {
            self.gap_open = false;
            if self.gaps.len() == MAX_GAPS {
                self.gaps.remove(0);
            }
            self.gaps.push(Gap { from, to: time });
        }
    }

    fn series_index(&mut self, group: usize, measure: usize, number: u64) -> usize {
        if let Some(index) = self.groups.series(group, measure) {
            return index;
        }
        let index = self.vacant.pop().unwrap_or(self.series.len());
        let field = self.schema.fields[self.measures[measure]].clone();
        let dimensions = self.schema.with_role(Role::Dimension).map(|at| self.schema.fields[at].name.clone());
        let dimensions = dimensions.zip(self.groups.values(group)).collect();
        let scoring = Scoring::new(Choice::default(), Vec::new(), number);
        let label = self.groups.label(group);
        let mut series = Series::new(field, label, dimensions, self.series_bytes, scoring);
        self.tune_new(&mut series, number);
        if index < self.series.len() {
            (self.series[index], self.places[index]) = (series, (group, measure));
        } else {
            self.series.push(series);
            self.places.push((group, measure));
        }
        self.groups.set_series(group, measure, index);
        index
    }
}
