//! A recording in memory, played by its arrival times.
//!
//! A batch arrives at once, but its events happened one after the other: they are spread evenly up to the arrival of
//! the stream's next batch. Playing to a moment gives the same batches whatever the steps it is reached in.

use std::ops::Range;
use std::rc::Rc;

use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{MAGIC, Recording, RecordingError};
use spate_shared::text::Format;
use spate_shared::time::{MILLISECOND, Nanos, SECOND};
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

/// As fast as events can be taken: each frame plays a part of the recording that suits the time the last one took.
pub const FASTEST: f64 = f64::INFINITY;
/// The part of a recording that the first frame plays at [`FASTEST`].
const FIRST_FAST_PART: f64 = 1.0 / 400.0;
/// A frame that took less than this may do more, one that took more than twice this does less.
const FRAME_AIM: Nanos = 30 * MILLISECOND;

/// A recording with a clock.
#[derive(Debug)]
pub struct Player {
    recording: Rc<Recording<Vec<u8>>>,
    tracks: Vec<Track>,
    clock: Nanos,
    start: Nanos,
    end: Nanos,
    speed: f64,
    /// Recorded time that a frame plays at [`FASTEST`].
    fast_step: Nanos,
    is_playing: bool,
    /// Parts of the recording between which playback goes round.
    looping: Option<(f64, f64)>,
}

/// One stream's data frames, in order.
#[derive(Debug, Clone, Default)]
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
        let fast_step = (span * FIRST_FAST_PART) as Nanos + 1;
        let recording = Rc::new(recording);
        let (clock, is_playing, looping) = (start, true, None);
        Self { recording, tracks, clock, start, end, speed, fast_step, is_playing, looping }
    }

    /// Another player of the same recording, at its start.
    #[must_use]
    pub fn twin(&self) -> Self {
        let mut tracks = self.tracks.clone();
        tracks.iter_mut().for_each(Track::rewind);
        Self { recording: Rc::clone(&self.recording), tracks, clock: self.start, looping: None, ..*self }
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

    /// Sets recorded seconds per second, or [`FASTEST`]; anything not positive is ignored.
    pub fn set_speed(&mut self, speed: f64) {
        if speed > 0.0 {
            self.speed = speed;
        }
    }

    /// The parts of the recording between which playback goes round.
    pub fn looping(&self) -> Option<(f64, f64)> {
        self.looping
    }

    /// Goes round between two parts of the recording, or to its end; an empty stretch is none.
    pub fn set_looping(&mut self, parts: Option<(f64, f64)>) {
        let within = |(from, to): (f64, f64)| (from.clamp(0.0, 1.0), to.clamp(0.0, 1.0));
        self.looping = parts.map(within).filter(|(from, to)| from < to);
    }

    /// Where to go on from, when playback has come to the end of its round.
    pub fn round_again(&self) -> Option<f64> {
        self.looping.filter(|(_, to)| self.clock >= self.moment(*to)).map(|(from, _)| from)
    }

    fn moment(&self, part: f64) -> Nanos {
        let span = self.end.saturating_sub(self.start) as f64;
        self.start.saturating_add((span * part.clamp(0.0, 1.0)) as Nanos)
    }

    /// Whether the clock runs.
    pub fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// Lets the clock run or stand. At the end it stands.
    pub fn set_playing(&mut self, is_playing: bool) {
        self.is_playing = is_playing && (self.clock < self.end || self.looping.is_some());
    }

    /// Puts the clock back to the start; what is played next must go into a fresh engine.
    pub fn rewind(&mut self) {
        self.clock = self.start;
        self.tracks.iter_mut().for_each(Track::rewind);
    }

    /// Moves the clock by `elapsed` nanoseconds of real time and plays what lies between.
    pub fn advance(&mut self, elapsed: Nanos, play: impl FnMut(DataFrame, Nanos)) {
        if !self.is_playing {
            return;
        }
        let step = if self.speed == FASTEST {
            self.pace_fast(elapsed);
            self.fast_step
        } else {
            (elapsed as f64 * self.speed).min(i64::MAX as f64 / 2.0) as Nanos
        };
        let end = self.looping.map_or(self.end, |(_, to)| self.moment(to).max(self.clock));
        self.play_until(self.clock.saturating_add(step).min(end), play);
    }

    /// What is played does not depend on this, only how long it takes.
    fn pace_fast(&mut self, elapsed: Nanos) {
        match elapsed {
            ..FRAME_AIM => self.fast_step = self.fast_step.saturating_add(self.fast_step / 2 + 1),
            _ if elapsed > 2 * FRAME_AIM => self.fast_step = (self.fast_step / 2).max(1),
            _ => {}
        }
    }

    /// Plays up to a part of the recording that lies ahead.
    pub fn play_to(&mut self, position: f64, play: impl FnMut(DataFrame, Nanos)) {
        self.play_until(self.moment(position), play);
    }

    /// Plays up to a moment that lies ahead.
    pub fn play_to_clock(&mut self, clock: Nanos, play: impl FnMut(DataFrame, Nanos)) {
        self.play_until(clock, play);
    }

    /// When the next event happens.
    pub fn next_event(&self) -> Option<Nanos> {
        self.tracks.iter().filter_map(Track::next_event).min()
    }

    /// When the last event before the clock's moment happened.
    pub fn previous_event(&self) -> Option<Nanos> {
        self.tracks.iter().filter_map(|track| track.previous_event(&self.recording, self.clock)).max()
    }

    /// What is played.
    pub(crate) fn recording(&self) -> &Recording<Vec<u8>> {
        &self.recording
    }

    /// Which of the `rows` rows of a stream's batch, by its byte, happen between two parts of the recording.
    pub(crate) fn played(&self, stream: u32, byte: u64, rows: usize, parts: (f64, f64)) -> Range<usize> {
        let track = self.tracks.iter().find(|track| track.stream == stream);
        let slot = track.and_then(|track| track.frames.iter().find(|slot| slot.byte == byte));
        let due =
            |clock| slot.filter(|slot| slot.arrival <= clock).map_or(0, |slot| slot.rows_due(clock, rows));
        let first = if parts.0 > 0.0 { due(self.moment(parts.0)) } else { 0 };
        first..due(self.moment(parts.1)).max(first)
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
    fn rewind(&mut self) {
        (self.next_frame, self.open) = (0, None);
    }

    fn next_event(&self) -> Option<Nanos> {
        let slot = self.frames.get(self.next_frame)?;
        Some(self.open.as_ref().map_or(slot.arrival, |(frame, played)| slot.due(*played, frame.batch.len())))
    }

    fn previous_event(&self, recording: &Recording<Vec<u8>>, clock: Nanos) -> Option<Nanos> {
        let before = self.frames.partition_point(|slot| slot.arrival < clock);
        let slot = *self.frames.get(before.checked_sub(1)?)?;
        let entry = recording.entries_from(slot.byte).next()?;
        let rows = DataHeader::peek(entry.frame).ok()?.rows as usize;
        // Rows that happened before this moment: one nanosecond earlier they were all there were.
        let happened = slot.rows_due(clock - 1, rows);
        Some(slot.due(happened.saturating_sub(1), rows))
    }

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
    /// When row `row` of `rows` happens: the first moment at which it is due.
    fn due(self, row: usize, rows: usize) -> Nanos {
        let span = i128::from(self.until.saturating_sub(self.arrival));
        let rows = rows.max(1) as i128;
        self.arrival + ((span * row as i128 + rows - 1) / rows) as Nanos
    }

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
