//! A recording in memory, played by its arrival times.
//!
//! A batch arrives at once, but its events happened one after the other: they are spread evenly up to the arrival of
//! the stream's next batch. Playing to a moment gives the same batches whatever the steps it is reached in.

use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{MAGIC, Recording, RecordingError};
use spate_shared::text::Format;
use spate_shared::time::{Nanos, SECOND};
use spate_shared::wire::{DataFrame, DataHeader, ServerFrame};

use crate::imported;

/// Seconds in which a recording plays through at the speed it starts with.
const PLAY_SECONDS: f64 = 90.0;
/// Part of a recording that is shown at once, so that charts are full and detectors know the series.
pub const HEAD_START: f64 = 0.15;

/// Why a file cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A damaged or foreign recording.
    #[error(transparent)]
    Recording(RecordingError),
    /// A file of no known kind.
    #[error("not a recording (.spate), CSV, NDJSON or JSON file")]
    UnknownKind,
    /// A text file without a single good row.
    #[error("no row could be taken: {0}")]
    NoRows(String),
}

impl From<RecordingError> for OpenError {
    fn from(error: RecordingError) -> Self {
        match error {
            RecordingError::Magic => Self::UnknownKind,
            error => Self::Recording(error),
        }
    }
}

/// A recording with a clock.
#[derive(Debug)]
pub struct Player {
    recording: Recording<Vec<u8>>,
    tracks: Vec<Track>,
    clock: Nanos,
    start: Nanos,
    end: Nanos,
    speed: f64,
    is_playing: bool,
}

/// One stream's data frames, in order.
#[derive(Debug, Default)]
struct Track {
    stream: u32,
    frames: Vec<Slot>,
    next_frame: usize,
    /// The frame under way and how many of its events were played.
    open: Option<(DataFrame, usize)>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    arrival: Nanos,
    until: Nanos,
    byte: u64,
}

impl Player {
    /// Opens a file by its content, or by its name's extension when it is text.
    ///
    /// The second value says what of it could not be read.
    ///
    /// # Errors
    /// [`OpenError`] when there is nothing to play.
    pub fn open(name: &str, bytes: Vec<u8>) -> Result<(Self, Option<String>), OpenError> {
        let Some(format) = Format::from_file_name(name).filter(|_| !bytes.starts_with(&MAGIC[..6])) else {
            let player = Self::new(Recording::open(bytes)?);
            let cut = player.recording.cut().map(ToString::to_string);
            return Ok((player, cut));
        };
        let (recording, rejected) = imported::record(name, format, &bytes)?;
        Ok((Self::new(recording), rejected))
    }

    fn new(recording: Recording<Vec<u8>>) -> Self {
        let tracks = tracks(&recording);
        let slots = || tracks.iter().flat_map(|track| &track.frames);
        let start = slots().map(|slot| slot.arrival).min().unwrap_or(0);
        let end = slots().map(|slot| slot.until).max().unwrap_or(start);
        let span = end.saturating_sub(start).max(1) as f64;
        let speed = (span / SECOND as f64 / PLAY_SECONDS).max(1.0);
        Self { recording, tracks, clock: start, start, end, speed, is_playing: true }
    }

    /// Its streams with their last schemas: fields are only appended or widened, so these read every batch.
    pub fn streams(&self) -> &[StreamInfo] {
        self.recording.streams()
    }

    /// Arrival time reached.
    pub fn clock(&self) -> Nanos {
        self.clock
    }

    /// Part played, 0 to 1.
    pub fn position(&self) -> f64 {
        let span = self.end.saturating_sub(self.start).max(1);
        self.clock.saturating_sub(self.start) as f64 / span as f64
    }

    /// Recorded seconds per second.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Sets recorded seconds per second; anything not positive and finite is ignored.
    pub fn set_speed(&mut self, speed: f64) {
        if speed.is_finite() && speed > 0.0 {
            self.speed = speed;
        }
    }

    /// Whether the clock runs.
    pub fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// Lets the clock run or stand. At the end it stands.
    pub fn set_playing(&mut self, is_playing: bool) {
        self.is_playing = is_playing && self.clock < self.end;
    }

    /// Puts the clock back to the start; what is played next must go into a fresh engine.
    pub fn rewind(&mut self) {
        self.clock = self.start;
        for track in &mut self.tracks {
            (track.next_frame, track.open) = (0, None);
        }
    }

    /// Moves the clock by `elapsed` nanoseconds of real time and plays what lies between.
    pub fn advance(&mut self, elapsed: Nanos, play: impl FnMut(DataFrame, Nanos)) {
        if self.is_playing {
            let step = (elapsed as f64 * self.speed).min(i64::MAX as f64 / 2.0) as Nanos;
            self.play_until(self.clock.saturating_add(step), play);
        }
    }

    /// Plays up to a part of the recording that lies ahead.
    pub fn play_to(&mut self, position: f64, play: impl FnMut(DataFrame, Nanos)) {
        let span = self.end.saturating_sub(self.start) as f64;
        self.play_until(self.start.saturating_add((span * position.clamp(0.0, 1.0)) as Nanos), play);
    }

    fn play_until(&mut self, clock: Nanos, mut play: impl FnMut(DataFrame, Nanos)) {
        self.clock = clock.clamp(self.clock, self.end);
        if self.clock == self.end {
            self.is_playing = false;
        }
        for track in &mut self.tracks {
            while let Some((frame, arrival)) = track.next(&self.recording, self.clock) {
                play(frame, arrival);
            }
        }
    }
}

impl Track {
    /// The events due by `clock`, one batch at a time.
    fn next(&mut self, recording: &Recording<Vec<u8>>, clock: Nanos) -> Option<(DataFrame, Nanos)> {
        let slot = *self.frames.get(self.next_frame).filter(|slot| slot.arrival <= clock)?;
        if self.open.is_none() {
            self.open = match recording.entries_from(slot.byte).next()?.decode().ok()? {
                ServerFrame::Data(frame) => Some((frame, 0)),
                ServerFrame::Message(_) | ServerFrame::Selected(_) => None,
            };
        }
        let (frame, played) = self.open.as_mut()?;
        let rows = frame.batch.len();
        let due = slot.rows_due(clock, rows);
        if due <= *played && due < rows {
            return None;
        }
        let part = frame.part(*played..due);
        *played = due;
        if due == rows {
            self.open = None;
            self.next_frame += 1;
        }
        Some((part, slot.moment(due, rows)))
    }
}

impl Slot {
    /// When the last of the first `due` of `rows` events happened.
    fn moment(self, due: usize, rows: usize) -> Nanos {
        let span = i128::from(self.until.saturating_sub(self.arrival));
        self.arrival + (span * due.saturating_sub(1) as i128 / rows.max(1) as i128) as Nanos
    }

    /// How many of `rows` events have happened by `clock`, at least one once the batch arrived.
    fn rows_due(self, clock: Nanos, rows: usize) -> usize {
        let (elapsed, span) = (clock.saturating_sub(self.arrival), self.until.saturating_sub(self.arrival));
        if elapsed >= span {
            return rows;
        }
        let part = i128::from(elapsed) * rows as i128 / i128::from(span);
        (part as usize + 1).min(rows)
    }
}

fn tracks(recording: &Recording<Vec<u8>>) -> Vec<Track> {
    let mut tracks: Vec<Track> = Vec::new();
    for entry in recording.entries() {
        let Ok(header) = DataHeader::peek(entry.frame) else { continue };
        let index = tracks.iter().position(|track| track.stream == header.stream).unwrap_or_else(|| {
            tracks.push(Track { stream: header.stream, ..Track::default() });
            tracks.len() - 1
        });
        let track = &mut tracks[index];
        if let Some(last) = track.frames.last_mut() {
            last.until = entry.arrival.max(last.arrival);
        }
        // The last batch is as long as the one before it.
        let previous = track.frames.last().map_or(0, |last| last.until.saturating_sub(last.arrival));
        let until = entry.arrival.saturating_add(previous);
        track.frames.push(Slot { arrival: entry.arrival, until, byte: entry.byte });
    }
    tracks
}
