//! Streams into the engine: which offsets were seen, what was doubled, what is missing.

use std::collections::BTreeMap;

use spate_analysis::pace::Pace;
use spate_analysis::query::Answer;
use spate_analysis::stream::Stream;
use spate_analysis::tuning::{Choice, Which};
use spate_analysis::{Engine, StreamId};
use spate_shared::batch::Batch;
use spate_shared::catalog::StreamInfo;
use spate_shared::time::{MILLISECOND, Nanos, SECOND};
use spate_shared::wire::{DataFrame, DataHeader, Mode};

use crate::link::Position;
use crate::queries::{Ask, Queries};
use crate::tuning::Setting;

/// Events kept while waiting for the pace to be known.
const MOST_EARLY_EVENTS: usize = 4_096;

/// All streams of one source.
#[derive(Debug, Default)]
pub struct Store {
    engine: Engine,
    streams: BTreeMap<String, Entry>,
    queries: Queries,
    /// Stream names by the number that data frames carry.
    names: BTreeMap<u32, String>,
    /// What was set about detectors, by stream.
    settings: Vec<(String, Setting)>,
    /// From sealing at the relay to here, of the latest frame; off by the difference of the two clocks.
    delay: Nanos,
}

/// One stream as the source tells it.
#[derive(Debug)]
pub struct Entry {
    /// The source's description.
    pub info: StreamInfo,
    /// Its place in the engine; `None` before its first event.
    pub id: Option<StreamId>,
    /// Where it stands; `None` before it began.
    pub position: Option<Position>,
    /// Times that events were declared missing.
    pub gaps: u64,
    /// Events that came twice and were dropped.
    pub duplicates: u64,
    /// How often it has events.
    pub pace: Pace,
    /// Counts up whenever it has something new to show.
    pub version: u64,
    /// Processing time between arrivals, smoothed.
    arrival_gap: f64,
    last_arrival: Option<Nanos>,
    was_reset: bool,
    /// The first batches, until the pace is known: windows of another width begin with them again.
    early: Vec<(Batch, Nanos)>,
    is_settled: bool,
}

impl Entry {
    fn new(info: StreamInfo) -> Self {
        Self {
            info,
            id: None,
            position: None,
            gaps: 0,
            duplicates: 0,
            pace: Pace::default(),
            version: 0,
            arrival_gap: 0.0,
            last_arrival: None,
            was_reset: false,
            early: Vec::new(),
            is_settled: false,
        }
    }

    /// Keeps a batch while the pace is unknown. True once, with the batch that makes it known.
    fn settles_with(&mut self, batch: &Batch, now: Nanos) -> bool {
        if self.is_settled {
            return false;
        }
        self.early.push((batch.clone(), now));
        self.is_settled = self.pace.is_settled();
        let early: usize = self.early.iter().map(|(batch, _)| batch.len()).sum();
        if !self.is_settled && early > MOST_EARLY_EVENTS {
            // Times that never advance have no pace.
            self.is_settled = true;
            self.early = Vec::new();
            return false;
        }
        self.is_settled
    }

    fn arrived(&mut self, now: Nanos) {
        if let Some(last) = self.last_arrival {
            let gap = now.saturating_sub(last).max(0) as f64;
            self.arrival_gap += 0.1 * (gap - self.arrival_gap);
        }
        self.last_arrival = Some(now);
        self.version += 1;
    }

    /// When events arrived last, as processing time.
    pub fn last_arrival(&self) -> Option<Nanos> {
        self.last_arrival
    }

    /// Milliseconds since the last arrival, when that is far longer than usual.
    pub fn stale_millis(&self, now: Nanos) -> Option<u64> {
        let silent = now.saturating_sub(self.last_arrival?);
        let allowed = 5 * SECOND + (20.0 * self.arrival_gap) as Nanos;
        (silent > allowed).then_some((silent / MILLISECOND) as u64)
    }
}

impl Store {
    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, to be asked and set.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// An empty store in which streams will be set like this.
    pub fn with_settings(settings: Vec<(String, Setting)>) -> Self {
        Self { settings, ..Self::default() }
    }

    /// What was set, by stream.
    pub fn settings(&self) -> Vec<(String, Setting)> {
        self.settings.clone()
    }

    /// Sets something about a stream's detectors, now and whenever it begins anew.
    ///
    /// # Errors
    /// What is wrong with it; nothing changes then.
    pub fn set(&mut self, stream: &str, setting: Setting) -> Result<(), String> {
        if let Some(id) = self.streams.get(stream).and_then(|entry| entry.id) {
            setting.apply(&mut self.engine, id)?;
        }
        self.keep(stream, setting);
        Ok(())
    }

    fn keep(&mut self, stream: &str, setting: Setting) {
        self.settings.retain(|(of, other)| of != stream || !setting.replaces(other));
        self.settings.push((stream.to_owned(), setting));
    }

    /// Makes the second detector of series the one that alerts.
    pub fn promote(&mut self, stream: &str, id: StreamId, which: &Which, choice: Choice) {
        self.engine.promote(id, which);
        self.keep(stream, Setting::Choice(which.clone(), choice));
        self.keep(stream, Setting::Shadow(which.clone(), None));
    }

    /// All streams by name.
    pub fn streams(&self) -> &BTreeMap<String, Entry> {
        &self.streams
    }

    /// The engine's view of a stream, once it has events.
    pub fn stream(&self, name: &str) -> Option<(&Entry, &Stream)> {
        let entry = self.streams.get(name)?;
        Some((entry, self.engine.stream(entry.id?)))
    }

    /// Events seen in all.
    pub fn received(&self) -> u64 {
        self.engine.streams().map(|(_, stream)| stream.counts().received).sum()
    }

    /// The latest event time of all streams.
    pub fn head(&self) -> Option<Nanos> {
        self.engine.streams().filter_map(|(_, stream)| stream.watermark().head()).max()
    }

    /// How long the latest frame was under way, less how far the relay's clock is ahead.
    pub fn delay(&self) -> Nanos {
        self.delay
    }

    /// Milliseconds that the latest frame was under way; 0 when the relay's clock is ahead.
    pub fn delay_millis(&self) -> u64 {
        (self.delay.max(0) / MILLISECOND) as u64
    }

    /// Takes streams that are new or changed. Gives whether there was any.
    pub fn describe(&mut self, streams: &[StreamInfo]) -> bool {
        let mut changed = false;
        for info in streams {
            self.names.insert(info.id, info.name.clone());
            match self.streams.get_mut(&info.name) {
                None => {
                    self.streams.insert(info.name.clone(), Entry::new(info.clone()));
                    changed = true;
                }
                Some(entry) => {
                    changed |= entry.info.schema.fields != info.schema.fields;
                    if let Some(id) = entry.id.filter(|_| entry.info.schema != info.schema) {
                        // A source that began anew may have other fields at the same places.
                        if info.schema.extends(&entry.info.schema) {
                            self.engine.adopt_schema(id, info.schema.clone());
                        } else {
                            self.engine.restart(id, info.schema.clone());
                        }
                    }
                    entry.info = info.clone();
                }
            }
        }
        changed
    }

    /// The name behind a number.
    pub fn name(&self, number: u32) -> Option<&str> {
        self.names.get(&number).map(String::as_str)
    }

    /// A subscription began at `position`; `mode` tells how that connects to what was seen before.
    pub fn begin(&mut self, name: &str, position: Position, mode: Mode) {
        let Some(entry) = self.streams.get_mut(name) else { return };
        let Some(seen) = entry.position else {
            entry.position = Some(position);
            return;
        };
        if mode == Mode::Reset || seen.epoch != position.epoch {
            entry.gaps += 1;
            entry.was_reset = true;
            entry.position = Some(position);
        } else if mode == Mode::Started && position.next > seen.next {
            // It was asked to skip ahead.
            entry.gaps += 1;
            entry.position = Some(position);
            if let Some(id) = entry.id {
                self.engine.gap(id);
            }
        }
    }

    /// Events up to `to` will never come.
    pub fn gap(&mut self, number: u32, epoch: u64, to: u64) {
        let Some(entry) = self.names.get(&number).and_then(|name| self.streams.get_mut(name)) else { return };
        entry.gaps += 1;
        entry.position = Some(Position { epoch, next: to });
        if let Some(id) = entry.id {
            self.engine.gap(id);
        }
    }

    /// Takes a data frame: drops what was seen, notices what is missing, and pushes the rest into the engine.
    ///
    /// Gives the stream's new position, or `None` when the frame belongs to no stream or an older epoch.
    pub fn take(&mut self, frame: &DataFrame, now: Nanos) -> Option<(&str, Position)> {
        let header = frame.header;
        self.delay = now.saturating_sub(header.sealed);
        let (name, entry) = self.streams.get_key_value(self.names.get(&header.stream)?)?;
        let seen = entry.position.unwrap_or(Position { epoch: header.epoch, next: header.base });
        if header.epoch != seen.epoch {
            return None;
        }
        let name = name.clone();
        let end = header.base + u64::from(header.rows);
        let skip = seen.next.saturating_sub(header.base).min(u64::from(header.rows)) as usize;
        let entry = self.streams.get_mut(&name)?;
        entry.duplicates += skip as u64;
        let is_hole = header.base > seen.next;
        entry.gaps += u64::from(is_hole);
        let position = Position { epoch: seen.epoch, next: seen.next.max(end) };
        entry.position = Some(position);
        if is_hole && let Some(id) = entry.id {
            self.engine.gap(id);
        }
        if skip < frame.batch.len() {
            let rest;
            let batch = if skip == 0 {
                &frame.batch
            } else {
                rest = frame.batch.slice(skip..frame.batch.len());
                &rest
            };
            self.push(&name, batch, now);
        }
        self.streams.get_key_value(&name).map(|(name, _)| (name.as_str(), position))
    }

    /// Pushes events of a stream into the engine, opening it with the first.
    pub fn push(&mut self, name: &str, batch: &Batch, now: Nanos) {
        let Some(entry) = self.streams.get_mut(name) else { return };
        entry.arrived(now);
        entry.pace.observe(&entry.info.schema, batch);
        let id = if let Some(id) = entry.id {
            id
        } else {
            let id = self.engine.open(name, entry.info.schema.clone(), entry.pace.config());
            for (_, setting) in self.settings.iter().filter(|(of, _)| of == name) {
                // What was refused is not kept, so nothing is refused here.
                let _ = setting.apply(&mut self.engine, id);
            }
            *entry.id.insert(id)
        };
        if std::mem::take(&mut entry.was_reset) {
            let went_back = batch.times.iter().min() < Some(&self.engine.stream(id).watermark().now());
            if went_back {
                self.engine.restart(id, entry.info.schema.clone());
            } else {
                self.engine.gap(id);
            }
        }
        if entry.settles_with(batch, now) {
            self.engine.reopen(id, entry.info.schema.clone(), entry.pace.config());
            for (batch, now) in std::mem::take(&mut entry.early) {
                self.engine.push(id, &batch, now);
            }
        } else {
            self.engine.push(id, batch, now);
        }
    }

    /// Takes a frame of a recording, in which another epoch is a stream that began anew.
    pub fn play(&mut self, frame: &DataFrame, now: Nanos) {
        let DataHeader { stream, epoch, base, .. } = frame.header;
        let name = self.names.get(&stream).cloned().unwrap_or_default();
        if self.streams.get(&name).and_then(|entry| entry.position).is_some_and(|seen| seen.epoch != epoch) {
            self.begin(&name, Position { epoch, next: base }, Mode::Reset);
        }
        self.take(frame, now);
    }

    /// Processing time went on: windows of silent streams may have closed.
    pub fn tick(&mut self, now: Nanos) {
        let watermark =
            |engine: &Engine, entry: &Entry| entry.id.map(|id| engine.stream(id).watermark().now());
        let before: Vec<_> = self.streams.values().map(|entry| watermark(&self.engine, entry)).collect();
        self.engine.tick(now);
        for (entry, before) in self.streams.values_mut().zip(before) {
            entry.version += u64::from(watermark(&self.engine, entry) != before);
        }
    }

    /// Has the queries that panels want answered, and no others.
    pub fn follow_queries<'a>(&mut self, wanted: impl Iterator<Item = &'a Ask>) {
        let streams = &self.streams;
        self.queries.follow(wanted, &mut self.engine, |name| streams.get(name)?.id);
    }

    /// The answer to a query so far, or why there is none; `None` before its stream's first event.
    pub fn answer(&self, ask: &Ask) -> Option<Result<&Answer, &str>> {
        self.queries.answer(&self.engine, ask)
    }
}
