//! The answer to a query that goes on: what was said, what it was before, what is open, and what came too late.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

use super::{
    Emit, GroupKey, Outcome, QueryCounts, QueryError, QuerySpec, Status, Was, WindowQuery, WindowResult,
};
use crate::aggregate::Value;
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};
use crate::counts::Tally;
use crate::events::Events;
use crate::window::Interval;

/// Results kept; the earliest windows go first, counted.
const MAX_RESULTS: usize = 50_000;
/// Earlier values kept of one result; the oldest go first.
const MAX_WAS: usize = 16;
/// Bytes of late events kept; the oldest go first, counted.
const LATE_BYTES: usize = 1 << 20;

/// A query that follows its stream, and what it has said so far. Everything it keeps is bounded.
#[derive(Debug, Clone)]
pub struct Answer {
    query: WindowQuery,
    schema: Schema,
    /// By end, start and group.
    given: BTreeMap<Place, Given>,
    forgotten: u64,
    revisions: u64,
    late: Events,
    outcome: Outcome,
}

#[cfg(feature = "checkpoint")]
impl Answer {
    pub(crate) fn save(&self, to: &mut Saver) {
        // As text, which leaves out what was left out; its parts are text already.
        to.put(&serde_json::to_string(self.query.spec()).unwrap_or_default());
        to.put(&(&self.schema, self.query.state()));
        to.put(&(self.forgotten, self.revisions, &self.late, self.given.len()));
        for ((end, start, group), given) in &self.given {
            to.put(&(end, start, &**group, given));
        }
    }

    pub(crate) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let unfit = |why: String| CheckpointError::Unfit(format!("a query: {why}"));
        let spec: String = from.take("a query")?;
        let spec: QuerySpec = serde_json::from_str(&spec).map_err(|error| unfit(error.to_string()))?;
        let (schema, state) = from.take("a query")?;
        let query = WindowQuery::resume(&spec, &schema, Emit::Changes, state);
        let query = query.map_err(|error| unfit(error.to_string()))?;
        let (forgotten, revisions, late) = from.take("a query")?;
        let given = from.take_all("a query's results", |from| {
            let (end, start, group, given): (_, _, Vec<Option<String>>, _) = from.take("a result")?;
            Ok(((end, start, group.into()), given))
        })?;
        let given = given.into_iter().collect();
        Ok(Self { query, schema, given, forgotten, revisions, late, outcome: Outcome::default() })
    }
}

type Place = (Nanos, Nanos, GroupKey);

/// What stands of a window of a group, and what was said of it before.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Given {
    /// One value per aggregate.
    pub values: Vec<Value>,
    /// What was said before, oldest first: at most the last 16. Sessions that became one each have their place here.
    pub was: Vec<Was>,
    /// How often it was revised.
    pub revisions: u32,
}

impl Answer {
    /// An answer that has seen nothing, to a query over events of `schema` or a later version of it.
    ///
    /// # Errors
    /// [`QueryError`] naming the part at fault and the valid choices.
    pub fn new(spec: &QuerySpec, schema: &Schema) -> Result<Self, QueryError> {
        if !spec.also.is_empty() {
            let why = "a panel's query has one window: give another panel the others";
            return Err(QueryError::Also(why.to_owned()));
        }
        Ok(Self {
            query: WindowQuery::new(spec, schema, Emit::Changes)?,
            schema: schema.clone(),
            given: BTreeMap::new(),
            forgotten: 0,
            revisions: 0,
            late: Events::new(LATE_BYTES),
            outcome: Outcome::default(),
        })
    }

    /// Takes events that arrived at `now`, processing time.
    pub fn push(&mut self, batch: &Batch, now: Nanos) {
        self.query.push_at(batch, now, &mut self.outcome);
        self.outcome.late.drain(..).for_each(|row| self.late.push_rows(batch, row..row + 1));
        self.keep();
    }

    /// Processing time went on to `now`.
    pub fn tick(&mut self, now: Nanos) {
        self.query.tick(now, &mut self.outcome);
        self.keep();
    }

    fn keep(&mut self) {
        for result in std::mem::take(&mut self.outcome.results) {
            let mut given = Given { values: result.values, ..Given::default() };
            if let Status::Revised(replaced) = result.status {
                self.revisions += 1;
                given.revisions = 1;
                for was in replaced {
                    let place = (was.interval.end, was.interval.start, result.group.clone());
                    let before = self.given.remove(&place).unwrap_or_default();
                    given.revisions += before.revisions;
                    given.was.extend(before.was);
                    given.was.push(was);
                }
                given.was.drain(..given.was.len().saturating_sub(MAX_WAS));
            }
            self.given.insert((result.interval.end, result.interval.start, result.group), given);
        }
        while self.given.len() > MAX_RESULTS {
            self.given.pop_first();
            self.forgotten += 1;
        }
    }

    /// What was asked.
    pub fn spec(&self) -> &QuerySpec {
        self.query.spec()
    }

    /// The schema of the stream when it was asked; a later version may stand by now.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Results whose windows end after `start` and begin before `end`, in order of end, start and group.
    pub fn results(
        &self,
        start: Nanos,
        end: Nanos,
    ) -> impl DoubleEndedIterator<Item = (Interval, &GroupKey, &Given)> {
        let first: Place = (start.saturating_add(1), Nanos::MIN, GroupKey::from([]));
        let interval = |place: &Place| Interval { start: place.1, end: place.0 };
        let inside = self.given.range(first..).filter(move |(place, _)| place.1 < end);
        inside.map(move |(place, given)| (interval(place), &place.2, given))
    }

    /// The windows that no result was given of yet, as they are now: they are provisional.
    pub fn open(&self) -> Vec<WindowResult> {
        self.query.open()
    }

    /// How many results are kept.
    pub fn len(&self) -> usize {
        self.given.len()
    }

    /// Whether no result was given yet.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// How many results were let go to stay within the bound.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How often late events changed what was said.
    pub fn revisions(&self) -> u64 {
        self.revisions
    }

    /// The events that came too late for every window, as far as they are held.
    pub fn late(&self) -> &Events {
        &self.late
    }

    /// Where the events went.
    pub fn counts(&self) -> QueryCounts {
        self.query.counts()
    }

    /// Where results are final; `Nanos::MIN` before the first event.
    pub fn watermark(&self) -> Nanos {
        self.query.watermark()
    }

    /// The unit of an aggregate's values, by its place in the query; `None` when it has none.
    pub fn unit(&self, aggregate: usize) -> Option<&str> {
        self.query.unit(aggregate)
    }

    /// How many events groups that found no room lost, by name.
    pub fn shed_groups(&self) -> &Tally {
        self.query.shed_groups()
    }
}
