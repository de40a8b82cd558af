//! The engine: all streams of one source, and the queries asked of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

use crate::alert::Alerts;
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};
use crate::events::Events;
use crate::query::{Answer, QueryError, QuerySpec};
use crate::stream::{MOST_SERIES_BYTES, Stream, StreamConfig};

/// How much an engine may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Bytes of points and roll-ups over all series; each holds some however small it is.
    pub points_bytes: usize,
    /// Bytes of events over all streams.
    pub events_bytes: usize,
}

impl Default for Budget {
    /// What suits a page.
    fn default() -> Self {
        Self { points_bytes: 48 << 20, events_bytes: 24 << 20 }
    }
}

/// A stream's place in its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamId(usize);

impl StreamId {
    /// The index that alerts name.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A query's place in its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QueryId(u32);

/// A query that was asked of a stream.
#[derive(Debug)]
struct Asked {
    stream: StreamId,
    answer: Answer,
}

/// All streams of one source, their alerts, and the answers to what is asked of them.
///
/// ```
/// use spate_analysis::{Engine, stream::StreamConfig, window::Tumbling};
/// use spate_shared::{batch::{Batch, Column, Values}, schema::*, time::SECOND};
///
/// let time = TimeField { name: "time".into(), source: TimeSource::Event };
/// let schema = Schema::new(time, vec![Field::new("load", FieldType::F64)]);
/// let mut engine = Engine::new();
/// let stream = engine.open("cpu", schema, StreamConfig::new(Tumbling::new(SECOND, 0).unwrap()));
/// let column = Column { values: Values::F64(vec![1.0, 3.0]), validity: None };
/// engine.push(stream, &Batch { times: vec![0, 1], columns: vec![column] }, 0);
/// let window = engine.stream(stream).series()[0].windows().last().unwrap();
/// assert_eq!((window.values.count, window.values.mean()), (2, Some(2.0)));
/// ```
#[derive(Debug, Default)]
pub struct Engine {
    streams: Vec<Stream>,
    budget: Budget,
    alerts: Alerts,
    asked: BTreeMap<QueryId, Asked>,
    next_query: u32,
}

impl Engine {
    /// An engine without streams.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that holds at most so much.
    pub fn holding(budget: Budget) -> Self {
        Self { budget, ..Self::default() }
    }

    /// Adds a stream.
    pub fn open(&mut self, name: &str, schema: Schema, config: StreamConfig) -> StreamId {
        self.streams.push(Stream::new(name, schema, config));
        self.share_events_budget();
        StreamId(self.streams.len() - 1)
    }

    /// Goes on with a later version of a stream's schema.
    pub fn adopt_schema(&mut self, stream: StreamId, schema: Schema) {
        self.streams[stream.0].adopt(schema);
    }

    /// Takes events that follow the stream's schema; `now` is processing time.
    pub fn push(&mut self, stream: StreamId, batch: &Batch, now: Nanos) {
        let changed = self.streams[stream.0].with_faults(batch);
        let batch = changed.as_ref().unwrap_or(batch);
        let before = self.streams[stream.0].series().len();
        self.streams[stream.0].push(stream.0, batch, now, &mut self.alerts);
        if self.streams[stream.0].series().len() != before {
            self.share_budget();
        }
        self.answers_of(stream).for_each(|answer| answer.push(batch, now));
    }

    fn answers_of(&mut self, stream: StreamId) -> impl Iterator<Item = &mut Answer> {
        self.asked.values_mut().filter(move |asked| asked.stream == stream).map(|asked| &mut asked.answer)
    }

    /// Gives every stream its part of the events that may be held.
    fn share_events_budget(&mut self) {
        let part = self.budget.events_bytes / self.streams.len().max(1);
        self.streams.iter_mut().for_each(|stream| stream.set_events_bytes(part));
    }

    /// Gives every series its part of what may be held.
    fn share_budget(&mut self) {
        let series: usize = self.streams.iter().map(|stream| stream.series().len()).sum();
        let part = (self.budget.points_bytes / series.max(1)).min(MOST_SERIES_BYTES);
        for stream in &mut self.streams {
            stream.set_series_bytes(part);
        }
    }

    /// Forgets a stream's events, windows, scores and alerts, and keeps its counts: its source began anew, perhaps with
    /// another schema.
    pub fn restart(&mut self, stream: StreamId, schema: Schema) {
        self.streams[stream.0].restart(schema);
        self.begin_anew(stream);
    }

    /// What is left to do when a stream has forgotten its events. A query that its new schema cannot answer is dropped.
    fn begin_anew(&mut self, stream: StreamId) {
        self.alerts.forget_stream(stream.0);
        self.share_events_budget();
        let schema = self.streams[stream.0].schema();
        self.asked.retain(|_, asked| {
            if asked.stream != stream {
                return true;
            }
            let anew = Answer::new(asked.answer.spec(), schema);
            anew.map(|anew| asked.answer = anew).is_ok()
        });
    }

    /// Forgets everything about a stream and analyses it as `config` says from now on.
    pub fn reopen(&mut self, stream: StreamId, schema: Schema, config: StreamConfig) {
        self.streams[stream.0].reopen(schema, config);
        self.begin_anew(stream);
    }

    /// Events between the last pushed and the next will never come.
    pub fn gap(&mut self, stream: StreamId) {
        self.streams[stream.0].open_gap();
    }

    /// Processing time went on to `now`.
    pub fn tick(&mut self, now: Nanos) {
        self.streams.iter_mut().for_each(|stream| stream.tick(now));
        self.asked.values_mut().for_each(|asked| asked.answer.tick(now));
    }

    /// Asks a query of a stream: it is answered from the events that are held, then follows those that come.
    ///
    /// A query that names no idle timeout or bound on far-future times takes the stream's.
    ///
    /// # Errors
    /// [`QueryError`] naming the part at fault and the valid choices.
    ///
    /// Cost: that of every event held.
    pub fn ask(&mut self, stream: StreamId, spec: &QuerySpec) -> Result<QueryId, QueryError> {
        let of = &self.streams[stream.0];
        let idle = spec.idle.or(Some(of.config().idle_timeout));
        let spec = QuerySpec { idle, ahead: spec.ahead.or(of.config().ahead), ..spec.clone() };
        let mut answer = Answer::new(&spec, of.schema())?;
        let arrived = of.watermark().last_arrival();
        of.events().batches().for_each(|held| answer.push(&held.batch, arrived));
        let id = QueryId(self.next_query);
        self.next_query += 1;
        self.asked.insert(id, Asked { stream, answer });
        Ok(id)
    }

    /// The answer to a query so far; `None` when it was dropped, by [`Engine::drop_query`] or because its stream began
    /// anew without a field that it names.
    pub fn answer(&self, query: QueryId) -> Option<&Answer> {
        self.asked.get(&query).map(|asked| &asked.answer)
    }

    /// Answers a query no more.
    pub fn drop_query(&mut self, query: QueryId) {
        self.asked.remove(&query);
    }

    /// A stream's events that are still held, as they came.
    pub fn events(&self, stream: StreamId) -> &Events {
        self.streams[stream.0].events()
    }

    /// One stream.
    pub fn stream(&self, stream: StreamId) -> &Stream {
        &self.streams[stream.0]
    }

    /// All streams, in the order they were opened.
    pub fn streams(&self) -> impl ExactSizeIterator<Item = (StreamId, &Stream)> {
        self.streams.iter().enumerate().map(|(index, stream)| (StreamId(index), stream))
    }

    pub(crate) fn stream_and_alerts_mut(&mut self, stream: StreamId) -> (&mut Stream, &mut Alerts) {
        (&mut self.streams[stream.0], &mut self.alerts)
    }

    /// All alerts.
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }
}

#[cfg(feature = "checkpoint")]
impl Engine {
    /// All of its state as bytes: [`Engine::resume`] and going on equals never having stopped, byte for byte.
    ///
    /// A stream's position is the number of its next event, `engine.events(stream).numbers().end`: whoever feeds it goes
    /// on from there.
    pub fn checkpoint(&self) -> Vec<u8> {
        let mut to = Saver::default();
        to.put(&(self.budget, &self.alerts, self.next_query, self.streams.len()));
        self.streams.iter().for_each(|stream| stream.save(&mut to));
        to.put(&self.asked.len());
        for (query, Asked { stream, answer }) in &self.asked {
            to.put(&(query, stream));
            answer.save(&mut to);
        }
        to.finish()
    }

    /// The engine as it was when the bytes were taken.
    ///
    /// # Errors
    /// [`CheckpointError`] saying whether they are another thing, of another version, damaged, or what does not fit.
    pub fn resume(checkpoint: &[u8]) -> Result<Self, CheckpointError> {
        let mut from = Loader::new(checkpoint)?;
        let (budget, alerts, next_query) = from.take("the engine")?;
        let streams = from.take_all("the streams", Stream::load)?;
        let asked = from.take_all("the queries", |from| {
            let (query, stream): (QueryId, StreamId) = from.take("a query")?;
            if stream.0 >= streams.len() {
                return Err(CheckpointError::Unfit("a query has no stream".to_owned()));
            }
            Ok((query, Asked { stream, answer: Answer::load(from)? }))
        })?;
        from.finish()?;
        Ok(Self { streams, budget, alerts, asked: asked.into_iter().collect(), next_query })
    }
}
