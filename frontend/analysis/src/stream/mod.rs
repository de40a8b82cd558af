//! One stream: its watermark, its groups, and one series per measure and group.

mod faults;
mod groups;
mod replay;
mod scoring;
mod series;
mod tuning;
mod windows;

use std::collections::BTreeMap;

use spate_shared::batch::Batch;
use spate_shared::schema::{Role, Schema};
use spate_shared::time::{MINUTE, Nanos, SECOND};

pub use scoring::{Choice, Comparison, WhatIf, WouldAlert};
pub use series::Series;
pub use tuning::Which;
pub use windows::{WindowResult, Windows};

use crate::alert::{Alerts, SeriesRef};
use crate::counts::Counts;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Most groups; events of further ones are shed.
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
    groups: Groups,
    events: Events,
    /// Which of the events held were scored.
    taken: Taken,
    /// What was chosen for which series.
    tunings: BTreeMap<Which, Tuning>,
    faults: Option<Faults>,
    measures: Vec<usize>,
    /// Series of group `g` and measure `m` at `g * measures + m`, as measures are only ever appended per group.
    series: Vec<Series>,
    /// Group and measure of each series.
    places: Vec<(usize, usize)>,
    gaps: Vec<Gap>,
    gap_open: bool,
    /// Bytes of points each series may hold; the engine shares its budget as series appear.
    series_bytes: usize,
    scratch: Vec<Verdict>,
}

/// Event time between which events are known to be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Time of the last event before.
    pub from: Nanos,
    /// Time of the first event after.
    pub to: Nanos,
}

/// Bytes of points held of one series, however few there are.
pub(crate) const MOST_SERIES_BYTES: usize = 16 << 20;
/// Most gaps remembered per stream; the oldest go first.
const MAX_GAPS: usize = 256;

impl Stream {
    pub(crate) fn new(name: &str, schema: Schema, config: StreamConfig) -> Self {
        let mut stream = Self {
            name: name.to_owned(),
            config,
            watermark: Watermark::new(config.out_of_orderness, config.idle_timeout).with_bound(config.ahead),
            counts: Counts::default(),
            groups: Groups::new(config.max_groups),
            events: Events::new(0),
            taken: Taken::default(),
            tunings: BTreeMap::new(),
            faults: None,
            measures: Vec::new(),
            series: Vec::new(),
            places: Vec::new(),
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

    /// Its watermark.
    pub fn watermark(&self) -> &Watermark {
        &self.watermark
    }

    /// Its series, in order of appearance.
    pub fn series(&self) -> &[Series] {
        &self.series
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
        self.reopen(schema, self.config);
        self.counts = counts;
    }

    /// Forgets everything but what was chosen for its series, and is analysed as `config` says.
    pub(crate) fn reopen(&mut self, schema: Schema, config: StreamConfig) {
        let (tunings, faults) = (std::mem::take(&mut self.tunings), self.faults.take());
        *self = Self::new(&self.name, schema, config);
        (self.tunings, self.faults) = (tunings, faults);
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
            self.push_event(batch, row, (time, first + row as u64), now);
        }
        self.events.push(batch);
        self.taken.forget_before(self.events.numbers().start);
        for (series_index, series) in self.series.iter_mut().enumerate() {
            let at = SeriesRef { stream: index, series: series_index };
            self.counts.scored += series.score_pending(at, alerts, &mut self.scratch);
        }
    }

    fn push_event(&mut self, batch: &Batch, row: usize, (time, number): (Nanos, u64), now: Nanos) {
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
        let Some(group) = self.groups.of(batch, row) else {
            self.counts.shed += 1;
            return;
        };
        self.close_gap(time);
        let window = self.config.window.assign(time);
        let is_late = window.end.saturating_add(self.config.lateness) <= self.watermark.now();
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
        let index = self.series.len();
        let field = self.schema.fields[self.measures[measure]].clone();
        let dimensions = self.schema.with_role(Role::Dimension).map(|at| self.schema.fields[at].name.clone());
        let dimensions = dimensions.zip(self.groups.values(group)).collect();
        let scoring = Scoring::new(Choice::default(), Vec::new(), number);
        let label = self.groups.label(group);
        let mut series = Series::new(field, label, dimensions, self.series_bytes, scoring);
        self.tune_new(&mut series, number);
        self.series.push(series);
        self.places.push((group, measure));
        self.groups.set_series(group, measure, index);
        index
    }
}
