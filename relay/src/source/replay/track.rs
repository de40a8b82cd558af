//! One stream of a replayed file, in memory, with its place.

use std::path::Path;

use spate_shared::batch::Batch;
use spate_shared::catalog::{StreamInfo, check_stream_name};
use spate_shared::recording::Recording;
use spate_shared::schema::Schema;
use spate_shared::text::{Format, Intake, Rejection, TextReader};
use spate_shared::time::{Nanos, SECOND};
use spate_shared::wire::ServerFrame;

use super::Playhead;
use crate::source::SourceError;

/// Rows of a text file that are read together.
const CHUNK_ROWS: usize = 4_096;

/// A stream's events and how far they are played.
pub struct Track {
    /// The stream.
    pub name: String,
    /// What all its events follow.
    pub schema: Schema,
    batch: Batch,
    /// Latest event time up to and including each event.
    due: Vec<Nanos>,
    lap: u32,
    next: usize,
}

impl Track {
    fn new(name: String, schema: Schema, batch: Batch) -> Self {
        let mut latest = Nanos::MIN;
        let running = |time: &Nanos| {
            latest = latest.max(*time);
            latest
        };
        let due = batch.times.iter().map(running).collect();
        Self { name, schema, batch, due, lap: 0, next: 0 }
    }

    /// First and last time at which something is due.
    pub fn span(&self) -> Option<(Nanos, Nanos)> {
        Some((*self.due.first()?, *self.due.last()?))
    }

    /// The middle one of the positive steps between events; a second when there is none.
    pub fn median_step(&self) -> Nanos {
        let steps = self.due.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        let mut steps: Vec<Nanos> = steps.filter(|step| *step > 0).collect();
        let middle = steps.len() / 2;
        if steps.is_empty() { SECOND } else { *steps.select_nth_unstable(middle).1 }
    }

    /// When the event `ahead` places after the next one is due, or the last of this lap. `None` at the end.
    pub fn due_after(&self, ahead: usize, playhead: &Playhead) -> Option<Nanos> {
        let last = self.due.len().checked_sub(1)?;
        playhead.on_lap(self.lap, self.due[(self.next + ahead).min(last)])
    }

    /// Takes the next events that are due, at most `max_rows` and of one lap; `None` when there are none.
    pub fn take(&mut self, due: Nanos, max_rows: usize, playhead: &Playhead, now: Nanos) -> Option<Batch> {
        let rest = &self.due[self.next..];
        let rest = &rest[..rest.len().min(max_rows)];
        let is_due = |recorded: &Nanos| playhead.on_lap(self.lap, *recorded).is_some_and(|time| time <= due);
        let len = rest.partition_point(is_due);
        if len == 0 {
            return None;
        }
        let mut batch = Batch::empty(&self.schema);
        batch.extend_from(&self.batch, self.next..self.next + len);
        for time in &mut batch.times {
            *time = playhead.stamp(playhead.on_lap(self.lap, *time).unwrap_or(*time), now);
        }
        self.next += len;
        if self.next == self.due.len() {
            (self.lap, self.next) = (self.lap + 1, 0);
        }
        Some(batch)
    }
}

/// Reads a file into tracks. `declared` gives the schema of a stream that the configuration declares.
pub(super) fn load(
    path: &Path,
    rename: Option<&str>,
    declared: impl Fn(&str) -> Option<Schema>,
) -> Result<Vec<Track>, SourceError> {
    let bytes = std::fs::read(path).map_err(|error| SourceError::Read { path: path.to_owned(), error })?;
    let fault = |reason: String| SourceError::Replay { path: path.to_owned(), reason };
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if let Some(format) = Format::from_file_name(&file_name) {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = rename.map_or(stem, str::to_owned);
        check_stream_name(&name).map_err(|error| fault(error.to_string()))?;
        let schema = declared(&name);
        return text(format, &bytes, name, schema).map(|track| vec![track]).map_err(fault);
    }
    recording(&bytes, path, rename).map_err(fault)
}

/// Two passes: the first finds the schema that all rows fit, the second follows it.
fn text(format: Format, bytes: &[u8], name: String, declared: Option<Schema>) -> Result<Track, String> {
    let schema = declared.map_or_else(|| infer(format, bytes), Ok)?;
    let mut intake = Intake::with_schema(schema.clone());
    let mut batch = Batch::empty(&schema);
    let (mut rejected, mut first) = (0, None);
    each_chunk(format, bytes, |chunk| {
        let taken = intake.take(chunk, None);
        batch.extend_from(&taken.batch, 0..taken.batch.len());
        rejected += taken.rejected.len();
        first = first.take().or_else(|| taken.rejected.into_iter().next());
    })?;
    if batch.is_empty() {
        return Err(nothing_taken(first));
    }
    if let Some(rejection) = first {
        tracing::warn!(stream = name, rejected, first = %rejection, "rows are not replayed");
    }
    Ok(Track::new(name, schema, batch))
}

fn infer(format: Format, bytes: &[u8]) -> Result<Schema, String> {
    let mut intake = Intake::inferred();
    let mut first = None;
    each_chunk(format, bytes, |chunk| {
        let rejected = intake.take(chunk, None).rejected;
        first = first.take().or_else(|| rejected.into_iter().next());
    })?;
    match (intake.schema(), first) {
        (Some(schema), _) => Ok(Schema { version: 1, ..schema.clone() }),
        (None, first) => Err(nothing_taken(first)),
    }
}

fn nothing_taken(first: Option<Rejection>) -> String {
    match first {
        Some(rejection) => format!("none of its rows can be taken, the first because: {rejection}"),
        None => "it holds no rows; give a file with events".to_owned(),
    }
}

fn each_chunk(
    format: Format,
    bytes: &[u8],
    mut take: impl FnMut(spate_shared::text::Chunk),
) -> Result<(), String> {
    let mut reader = TextReader::new(format, bytes);
    while let Some(chunk) = reader.next_chunk(CHUNK_ROWS).map_err(|error| error.to_string())? {
        take(chunk);
    }
    Ok(())
}

fn recording(bytes: &[u8], path: &Path, rename: Option<&str>) -> Result<Vec<Track>, String> {
    let recording = Recording::open(bytes).map_err(|error| error.to_string())?;
    if let Some(cut) = recording.cut() {
        tracing::warn!(path = %path.display(), %cut, "the recording is not whole");
    }
    let infos: &[StreamInfo] = recording.streams();
    if rename.is_some() && infos.len() != 1 {
        return Err(format!(
            "`stream` renames one stream, the recording holds {}; remove `stream`",
            infos.len()
        ));
    }
    let mut batches: Vec<Batch> = infos.iter().map(|info| Batch::empty(&info.schema)).collect();
    for entry in recording.entries() {
        let Ok(ServerFrame::Data(frame)) = entry.decode() else { continue };
        if let Some(at) = infos.iter().position(|info| info.id == frame.header.stream) {
            let fitted = frame.batch.fit(&infos[at].schema);
            batches[at].extend_from(&fitted, 0..fitted.len());
        }
    }
    if batches.iter().all(Batch::is_empty) {
        return Err("it holds no events".to_owned());
    }
    let name = |info: &StreamInfo| rename.unwrap_or(&info.name).to_owned();
    let track = |(info, batch): (&StreamInfo, Batch)| {
        let schema = Schema { version: 1, ..info.schema.clone() };
        Track::new(name(info), schema, batch)
    };
    Ok(infos.iter().zip(batches).filter(|(_, batch)| !batch.is_empty()).map(track).collect())
}
