//! The engine: all streams of one source.

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;

use crate::alert::Alerts;
use crate::stream::{MOST_SERIES_BYTES, Stream, StreamConfig};

/// Bytes of points held over all series.
const POINTS_BYTES: usize = 48 << 20;

/// A stream's place in its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(usize);

impl StreamId {
    /// The index that alerts name.
    pub fn index(self) -> usize {
        self.0
    }
}

/// All streams of one source, and their alerts.
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
    alerts: Alerts,
}

impl Engine {
    /// An engine without streams.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a stream.
    pub fn open(&mut self, name: &str, schema: Schema, config: StreamConfig) -> StreamId {
        self.streams.push(Stream::new(name, schema, config));
        StreamId(self.streams.len() - 1)
    }

    /// Goes on with a later version of a stream's schema.
    pub fn adopt_schema(&mut self, stream: StreamId, schema: Schema) {
        self.streams[stream.0].adopt(schema);
    }

    /// Takes events that follow the stream's schema; `now` is processing time.
    pub fn push(&mut self, stream: StreamId, batch: &Batch, now: Nanos) {
        let before = self.streams[stream.0].series().len();
        self.streams[stream.0].push(stream.0, batch, now, &mut self.alerts);
        if self.streams[stream.0].series().len() != before {
            self.share_budget();
        }
    }

    /// Gives every series its part of what may be held.
    fn share_budget(&mut self) {
        let series: usize = self.streams.iter().map(|stream| stream.series().len()).sum();
        let part = (POINTS_BYTES / series.max(1)).min(MOST_SERIES_BYTES);
        for stream in &mut self.streams {
            stream.set_series_bytes(part);
        }
    }

    /// Forgets a stream's events, windows, scores and alerts, and keeps its counts: its source began anew, perhaps with
    /// another schema.
    pub fn restart(&mut self, stream: StreamId, schema: Schema) {
        self.streams[stream.0].restart(schema);
        self.alerts.forget_stream(stream.0);
    }

    /// Forgets everything about a stream and analyses it as `config` says from now on.
    pub fn reopen(&mut self, stream: StreamId, schema: Schema, config: StreamConfig) {
        let name = self.streams[stream.0].name().to_owned();
        self.streams[stream.0] = Stream::new(&name, schema, config);
        self.alerts.forget_stream(stream.0);
    }

    /// Events between the last pushed and the next will never come.
    pub fn gap(&mut self, stream: StreamId) {
        self.streams[stream.0].open_gap();
    }

    /// Processing time went on to `now`.
    pub fn tick(&mut self, now: Nanos) {
        self.streams.iter_mut().for_each(|stream| stream.tick(now));
    }

    /// One stream.
    pub fn stream(&self, stream: StreamId) -> &Stream {
        &self.streams[stream.0]
    }

    /// All streams, in the order they were opened.
    pub fn streams(&self) -> impl ExactSizeIterator<Item = (StreamId, &Stream)> {
        self.streams.iter().enumerate().map(|(index, stream)| (StreamId(index), stream))
    }

    /// All alerts.
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }
}
