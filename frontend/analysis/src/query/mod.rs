//! Windowed queries: batches in, one row per window and group out.
//!
//! Contract. A window is *provisional* until the watermark (the latest event time less the bounded out-of-orderness)
//! reaches its end, then *final*. A late event within the allowed lateness *revises* it; one that comes later still is
//! counted and handed out as late. Results depend on the order of events, never on how they are cut into batches.
//! Every event has one fate, see [`QueryCounts`].

mod answer;
mod blocks;
mod cells;
mod clock;
mod dedup;
mod error;
mod groups;
mod panes;
mod plan;
mod result;
mod run;
mod sessions;
mod spec;
mod state;
mod steps;

use serde::{Deserialize, Serialize};

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

pub use answer::{Answer, Given};
pub use dedup::{Dedup, DedupError};
pub use error::QueryError;
pub use groups::GroupKey;
pub use result::{Emit, Status, Was, WindowResult};
pub use spec::{DEFAULT_MAX_GROUPS, QuerySpec};
pub use state::{QueryState, ResumeError};

use crate::aggregate::hash;
use crate::counts::{Counts, Tally};
use crate::expression::Lanes;
use crate::window::Window;
use clock::Clock;
use dedup::Ids;
use groups::Groups;
use panes::Panes;
use plan::{Plan, Prepared};
use sessions::Sessions;

/// Events by fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryCounts {
    /// A filter was not true, or a value out of its valid range.
    pub filtered: u64,
    /// They had come before, see [`Dedup`].
    pub duplicates: u64,
    /// Between two hopping windows.
    pub between: u64,
    /// All others.
    pub events: Counts,
}

/// What a batch brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Results, in the order in which they became known.
    pub results: Vec<WindowResult>,
    /// Rows of the batch that were too late for every window.
    pub late: Vec<usize>,
}

/// A query over one stream.
///
/// ```
/// use spate_analysis::aggregate::Value;
/// use spate_analysis::query::{Emit, Outcome, QuerySpec, WindowQuery};
/// use spate_shared::{batch::{Batch, Column, Values}, schema::*, time::SECOND};
///
/// let time = TimeField { name: "t".into(), source: TimeSource::Event };
/// let schema = Schema::new(time, vec![Field::new("v", FieldType::F64)]);
/// let spec: QuerySpec = serde_json::from_str(r#"{"window": "tumbling 1s", "agg": ["count", "sum(v)"]}"#).unwrap();
/// let mut query = WindowQuery::new(&spec, &schema, Emit::Closed).unwrap();
/// let v = Column { values: Values::F64(vec![1.0, 2.0, 4.0]), validity: None };
/// let mut outcome = Outcome::default();
/// query.push(&Batch { times: vec![0, 1, SECOND], columns: vec![v] }, &mut outcome);
/// assert_eq!(outcome.results[0].values, [Value::Count(2), Value::Number(3.0)]);
/// ```
#[derive(Debug, Clone)]
pub struct WindowQuery {
    spec: QuerySpec,
    emit: Emit,
    plan: Plan,
    windows: Windows,
    clock: Clock,
    ids: Ids,
    groups: Groups,
    counts: QueryCounts,
    /// The watermark at which there is something to give or to forget.
    due: Nanos,
    /// Windows that start before this may have lost events of groups that found no room; a new group has no result there.
    shed_before: Nanos,
}

#[derive(Debug, Clone)]
enum Windows {
    Panes(Box<Panes>),
    Sessions(Box<Sessions>),
}

enum Fate {
    Duplicate,
    Between,
    Rejected,
    Late,
    Shed,
    Windowed(u32),
}

impl WindowQuery {
    /// A query over events of `schema` or a later version of it.
    ///
    /// # Errors
    /// [`QueryError`] naming the part at fault and the valid choices.
    pub fn new(spec: &QuerySpec, schema: &Schema, emit: Emit) -> Result<Self, QueryError> {
        let plan = Plan::new(spec, schema)?;
        let windows = match (spec.window, &spec.also[..]) {
            (Window::Session(session), []) => Windows::Sessions(Box::new(Sessions::new(session, &plan))),
            (first, also) => Windows::Panes(Box::new(Panes::new(plan::shared(first, also)?, &plan))),
        };
        Ok(Self {
            spec: spec.clone(),
            emit,
            windows,
            clock: Clock::new(spec, emit),
            ids: Ids::default(),
            groups: Groups::new(spec.max_groups),
            counts: QueryCounts::default(),
            due: Nanos::MAX,
            shed_before: Nanos::MIN,
            plan,
        })
    }

    /// What is asked.
    pub fn spec(&self) -> &QuerySpec {
        &self.spec
    }

    /// Takes events of a file, which have no time of arrival.
    pub fn push(&mut self, batch: &Batch, outcome: &mut Outcome) {
        self.push_at(batch, Nanos::MIN, outcome);
    }

    /// Takes events that arrived at `now`, processing time.
    pub fn push_at(&mut self, batch: &Batch, now: Nanos, outcome: &mut Outcome) {
        let prepared = self.plan.prepare(batch);
        self.groups.begin(&prepared.by);
        let mut row = 0;
        while row < batch.len() {
            row = self.add_run(&prepared, &batch.times, (row, now), outcome);
            let Some(time) = batch.times.get(row).copied() else { return };
            if prepared.passes.iter().any(|passes| !passes.is_true(row)) {
                self.counts.filtered += 1;
            } else {
                self.push_event(&prepared, (row, time, now), outcome);
            }
            row += 1;
        }
    }

    fn push_event(
        &mut self,
        prepared: &Prepared<'_>,
        (row, time, now): (usize, Nanos, Nanos),
        outcome: &mut Outcome,
    ) {
        let fate = self.fate(prepared, (row, time, now));
        let counts = &mut self.counts.events;
        counts.received += u64::from(!matches!(fate, Fate::Duplicate | Fate::Between));
        match fate {
            Fate::Duplicate => {
                self.counts.duplicates += 1;
                return;
            }
            Fate::Between => self.counts.between += 1,
            Fate::Rejected => {
                counts.rejected += 1;
                return;
            }
            Fate::Late => {
                counts.late += 1;
                outcome.late.push(row);
            }
            Fate::Shed => {
                counts.shed += 1;
                self.groups.shed(&prepared.by, row);
            }
            Fate::Windowed(group) => {
                counts.windowed += 1;
                if self.clock.revises() && time < self.clock.now() {
                    self.add_late(prepared, row, time, group, outcome);
                } else {
                    self.add(prepared, row, time, group);
                }
            }
        }
        // A late event cannot move the watermark; one that was shed, or is in no window, tells the time all the same.
        self.clock.watermark.observe(time, now);
        if self.clock.now() >= self.due {
            self.advance(outcome);
        }
    }

    #[inline]
    fn fate(&mut self, prepared: &Prepared<'_>, (row, time, now): (usize, Nanos, Nanos)) -> Fate {
        if prepared.rejects.as_ref().is_some_and(|rejects| rejects[row]) {
            return Fate::Rejected;
        }
        if !self.clock.watermark.believes(time, now) {
            self.counts.events.ahead += 1;
            return Fate::Rejected;
        }
        if let Some((ids, within)) = &prepared.ids
            && let Some(id) = ids.label(row)
            && !self.ids.is_new(hash(&id), time, *within, self.clock.watermark.head())
        {
            return Fate::Duplicate;
        }
        let by = &prepared.by;
        let (group, start) = match &self.windows {
            Windows::Panes(panes) => {
                let Some(last) = panes.last(time) else { return Fate::Between };
                if self.clock.closes_at(last.end) <= self.clock.now() {
                    return Fate::Late;
                }
                (self.groups.find(by, row), last.start)
            }
            Windows::Sessions(sessions) => {
                let group = self.groups.find(by, row);
                if self.clock.closes_at(sessions.end(time, group)) <= self.clock.now() {
                    return Fate::Late;
                }
                (group, time)
            }
        };
        match group {
            Some(group) if self.shed_before == Nanos::MIN || self.groups.whole_from(group) <= start => {
                Fate::Windowed(group)
            }
            Some(_) => Fate::Shed,
            None => self.admit(by, row, time, start),
        }
    }

    /// Makes the event's group one of the groups, unless there is no room or all windows of the event, the latest of
    /// which begins at `start`, have lost events already.
    #[cold]
    fn admit(&mut self, by: &[Lanes<'_>], row: usize, time: Nanos, start: Nanos) -> Fate {
        if start >= self.shed_before
            && let Some(group) = self.groups.admit(by, row, self.shed_before)
        {
            return Fate::Windowed(group);
        }
        let whole_after = match &self.windows {
            Windows::Panes(_) => start.saturating_add(1),
            Windows::Sessions(sessions) => sessions.end(time, None),
        };
        self.shed_before = self.shed_before.max(whole_after);
        Fate::Shed
    }

    #[inline]
    fn add(&mut self, prepared: &Prepared<'_>, row: usize, time: Nanos, group: u32) {
        let event = (prepared, row, time);
        let due = match &mut self.windows {
            Windows::Panes(panes) => panes.add(event, group, &self.clock, &mut self.groups),
            Windows::Sessions(sessions) => sessions.add(event, group, &self.clock, &mut self.groups),
        };
        self.due = self.due.min(due);
    }

    /// Adds an event behind the watermark, and gives the results that it changes.
    #[cold]
    fn add_late(
        &mut self,
        prepared: &Prepared<'_>,
        row: usize,
        time: Nanos,
        group: u32,
        outcome: &mut Outcome,
    ) {
        let Windows::Panes(panes) = &mut self.windows else {
            self.add(prepared, row, time, group);
            if let Windows::Sessions(sessions) = &mut self.windows {
                outcome.results.extend(sessions.revise(time, group, &self.clock, &self.groups, &self.plan));
            }
            return;
        };
        let given = panes.given(time, self.groups.whole_from(group), &self.clock);
        let before = panes.say(&given, group, &self.plan);
        let due = panes.add((prepared, row, time), group, &self.clock, &mut self.groups);
        self.due = self.due.min(due);
        let after = panes.say(&given, group, &self.plan);
        for (((_, interval), was), values) in given.into_iter().zip(before).zip(after) {
            let Some(values) = values else { continue };
            let was = was.map(|values| Was { interval, values });
            let status = was.map_or(Status::Final, |was| Status::Revised(vec![was]));
            outcome.results.push(WindowResult { interval, group: self.groups.key(group), values, status });
        }
    }

    #[cold]
    fn advance(&mut self, outcome: &mut Outcome) {
        let (clock, plan, groups) = (&self.clock, &self.plan, &mut self.groups);
        self.due = match &mut self.windows {
            Windows::Panes(panes) => panes.advance(clock, plan, groups, &mut outcome.results),
            Windows::Sessions(sessions) => sessions.advance(clock, plan, groups, &mut outcome.results),
        };
    }

    /// Processing time went on to `now`: a stream that fell silent closes its windows.
    pub fn tick(&mut self, now: Nanos, outcome: &mut Outcome) {
        self.clock.watermark.tick(now);
        if self.clock.now() >= self.due {
            self.advance(outcome);
        }
    }

    /// No more events will come: closes every window.
    pub fn finish(&mut self, outcome: &mut Outcome) {
        self.clock.watermark.end();
        self.advance(outcome);
    }

    /// The windows that no result was given of yet, as they are now.
    pub fn open(&self) -> Vec<WindowResult> {
        match &self.windows {
            Windows::Panes(panes) => panes.open(&self.plan, &self.groups),
            Windows::Sessions(sessions) => sessions.open(&self.plan, &self.groups),
        }
    }

    /// Where the events went.
    pub fn counts(&self) -> QueryCounts {
        self.counts
    }

    /// The watermark; `Nanos::MIN` before the first event.
    pub fn watermark(&self) -> Nanos {
        self.clock.now()
    }

    /// The unit of an aggregate's values, by its place in the query; `None` when it has none.
    pub fn unit(&self, aggregate: usize) -> Option<&str> {
        self.plan.unit(aggregate)
    }

    /// How many events groups that found no room lost, by name.
    pub fn shed_groups(&self) -> &Tally {
        self.groups.shed_groups()
    }
}
