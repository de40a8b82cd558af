//! What the UI and the worker say to each other, in postcard bytes.
//!
//! The UI sends [`Command`]s; the worker answers with [`Update`]s. Every [`Command::Open`] starts a new generation:
//! what belongs to an older one is ignored by both sides, so a late timer or frame cannot mix two sources.
//! Series never travel: the worker draws them. What travels is what the DOM shows, at most one
//! [`Update::Frame`] per painted frame.

mod detect;
pub(crate) mod forms;
mod panel;
mod tip;

use serde::{Deserialize, Serialize};
use spate_chart::Color;
use spate_chart::data::Severity;
use spate_chart::options::Options;
use spate_chart::scene::{RowWindow, Scene};
use spate_chart::zone::Zone;
use spate_shared::catalog::StreamInfo;
use spate_shared::time::Nanos;

use crate::ask::Ask;
use crate::gesture::{Gesture, Span};
use crate::panel::rows::RowsRequest;
pub use detect::{
    AlertWords, BoardLine, DecisionAnswer, DetectAnswer, DetectCommand, DetectRequest, DetectStatus,
    DetectUpdate, DetectorChoice, FaultChoice, FaultStatus, ForecastStatus, ShadowStatus, Target,
    WhatIfAnswer,
};
pub use forms::{DetectorForm, Forms, ParameterForm, TextForm};
pub use panel::{LegendEntry, PanelState, PanelUpdate, Shown};
pub use tip::{HoverRow, HoverUpdate, TipUpdate};

use crate::view::View;

/// Counts the sources opened; the UI chooses it.
pub type Generation = u32;
/// Names a panel; the UI chooses it.
pub type PanelId = u32;

/// What the UI asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// First message.
    Start {
        /// Seeds the reconnect jitter.
        seed: u64,
        /// The page's build; must equal the worker's.
        build: String,
    },
    /// Reads from another source from now on.
    Open {
        /// Greater than every one before.
        generation: Generation,
        /// Where events come from.
        source: Source,
    },
    /// Draws one more panel. The message carries its `OffscreenCanvas` when the kind has one and the browser can.
    AddPanel {
        /// Its id.
        panel: PanelId,
        /// What it shows.
        spec: PanelSpec,
    },
    /// Draws a panel no more.
    RemovePanel {
        /// Its id.
        panel: PanelId,
    },
    /// The panel's canvas has another size.
    Resize {
        /// Its id.
        panel: PanelId,
        /// Device pixels.
        width_px: u32,
        /// Device pixels.
        height_px: u32,
        /// Device pixels per CSS pixel.
        scale: f32,
    },
    /// The panel scrolled into or out of view; hidden panels are not drawn.
    Show {
        /// Its id.
        panel: PanelId,
        /// Whether any of it can be seen.
        visible: bool,
    },
    /// The page is dark or light.
    Theme {
        /// Whether it is dark.
        dark: bool,
        /// What a portal around the page gave other colours, by the names of `style/tokens.css`.
        colors: Vec<(String, Color)>,
    },
    /// The tab went to the background or came back.
    Hidden {
        /// Whether nobody looks.
        hidden: bool,
    },
    /// All panels show another range.
    View(View),
    /// Axes and calendar ranges go by another clock.
    Zone(Zone),
    /// The pointer, or the keyboard's cursor, is over a panel.
    Hover {
        /// Its id.
        panel: PanelId,
        /// Device pixels from the canvas's left edge; `None` when it left.
        x_px: Option<f32>,
    },
    /// The reader did something on a panel's plot.
    Gesture {
        /// Its id.
        panel: PanelId,
        /// What.
        gesture: Gesture,
    },
    /// Asks something that an [`crate::ask::Answer`] tells.
    Ask(Ask),
    /// The pointer is over a panel without a crosshair.
    Point {
        /// Its id.
        panel: PanelId,
        /// Device pixels from the canvas's left and top edge; `None` when it left.
        at_px: Option<[f32; 2]>,
    },
    /// A table or event log shows these rows from now on; [`Update::Rows`] follows, and again whenever they change.
    Rows {
        /// Its id.
        panel: PanelId,
        /// Which.
        rows: RowsRequest,
    },
    /// Moves the playback of a recording.
    Play(PlayCommand),
    /// Tries the relay again without waiting any longer, where it stood.
    Reconnect,
    /// Begins at the latest events of every stream of which the relay holds some back. What it held back is a gap.
    SkipAhead,
    /// Asks something of detectors, faults and forecasts.
    Detect(DetectRequest),
    /// Asks for [`Update::Stats`].
    Stats {
        /// Comes back with the answer.
        request: u32,
    },
}

/// Where events come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Source {
    /// A relay's WebSocket.
    Relay {
        /// `ws://host:port/api/v1/ws`.
        url: String,
    },
    /// A recording among the page's static files.
    Bundled {
        /// `nyc_taxi` for `recordings/nyc_taxi.spate`.
        name: String,
    },
    /// A file the user chose or dropped: a recording, CSV, NDJSON or JSON.
    File {
        /// Its name; the extension tells the format, unless the bytes are a recording's.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

/// What a panel shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PanelSpec {
    /// A kind of `spate_chart::panel::PANELS`: `time_series`, `table`, ...
    pub kind: String,
    /// The stream; empty for all.
    pub stream: String,
    /// The measure; empty for all.
    pub measure: String,
    /// What is asked of the stream: the JSON of a `spate_analysis::query::QuerySpec`. The measure's values as they are
    /// when `None`.
    pub query: Option<String>,
    /// The options of its kind.
    pub options: Options,
    /// Which events it shows: those that suit every entry.
    pub filter: Vec<FieldFilter>,
}

/// Events whose field has one of some values; all events of a stream without the field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldFilter {
    /// A dimension of the stream.
    pub field: String,
    /// The values; events with any of them are shown, all when there are none.
    pub values: Vec<String>,
}

/// Moves the playback of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum PlayCommand {
    /// Starts, or goes on; from the start when at the end.
    Play,
    /// Stops where it is.
    Pause,
    /// Event seconds per second.
    Speed(f64),
    /// Goes to a part of the recording, 0 to 1.
    Seek(f64),
    /// Stops at the next event, or at the one before when negative.
    Step(i32),
    /// Goes round between two parts of the recording, or to its end.
    Loop(Option<(f64, f64)>),
}

/// What the worker tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Update {
    /// The worker runs; messages sent before are lost, so the UI waits for this.
    Ready {
        /// The worker's build.
        build: String,
    },
    /// The state of the source changed.
    Connection {
        /// Of which source.
        generation: Generation,
        /// Its state.
        state: Connection,
    },
    /// The streams there are, all of them, whenever one is new or its schema changed.
    Catalog {
        /// Of which source.
        generation: Generation,
        /// All streams, by name.
        streams: Vec<StreamInfo>,
    },
    /// What changed on the panels that can be seen.
    Frame {
        /// Of which source.
        generation: Generation,
        /// One per changed panel.
        panels: Vec<PanelUpdate>,
        /// The range of the source's latest event: what the view shows when its streams are of one time.
        range: (Nanos, Nanos),
        /// How long the latest events were under way from the relay, in milliseconds; 0 in a recording.
        delay_millis: u64,
        /// Events that arrived since the view was held.
        waiting: u64,
    },
    /// Exact values at the crosshair's moment, one per panel that has some.
    Hover(Vec<HoverUpdate>),
    /// The interval that a gesture chose.
    Span(Span),
    /// An anomaly that the crosshair was led to lies here, outside the range.
    Beyond {
        /// On which panel.
        panel: PanelId,
        /// When; `None` when there is no further one.
        time: Option<Nanos>,
    },
    /// Tells what was asked: an [`crate::ask::Answer`] as bytes, since what reads it is no part of the page's first download.
    Answer(Vec<u8>),
    /// What lies under the pointer of a panel without a crosshair; `None` when there is nothing.
    Tip(Option<TipUpdate>),
    /// The rows of a table or event log that are on screen.
    Rows {
        /// Its id.
        panel: PanelId,
        /// They.
        window: RowWindow,
    },
    /// Where playback is.
    Playback(Playback),
    /// What the whole recording holds, once it was looked through.
    Overview {
        /// Of which source.
        generation: Generation,
        /// Parts of equal length.
        parts: Vec<OverviewPart>,
        /// Its anomalies, in the order they fire.
        alerts: Vec<PlayedAlert>,
    },
    /// Detectors, faults and forecasts: a [`DetectUpdate`] as bytes, since what reads it is no part of the page's first
    /// download.
    Detect(Vec<u8>),
    /// Answers [`Command::Stats`].
    Stats {
        /// The request's number.
        request: u32,
        /// The object that `window.spate.stats()` documents.
        json: String,
    },
    /// Something the user should know: what, why and what to do.
    Problem {
        /// Of which source.
        generation: Generation,
        /// One line.
        title: String,
        /// The details: file, line, field.
        detail: String,
        /// Whether the source could not be opened at all.
        fatal: bool,
    },
    /// The panel's drawing, for the UI to replay where the worker has no canvas.
    Scene {
        /// Which panel.
        panel: PanelId,
        /// What to draw.
        scene: Scene,
    },
}

/// The state of the source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Connection {
    /// First attempt under way.
    Connecting,
    /// Events arrive and are drawn as they come.
    Live,
    /// The relay holds events this client has not taken yet.
    Behind {
        /// How many.
        events: u64,
    },
    /// The connection broke; the client comes back to where it was.
    Resuming {
        /// Attempts so far.
        attempt: u32,
        /// Milliseconds to the next.
        retry_millis: u32,
    },
    /// No more attempts.
    Offline {
        /// Why, and what to do.
        reason: String,
    },
    /// A recording is open.
    Recording {
        /// Its name.
        name: String,
    },
}

/// Where playback is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Playback {
    /// Of which source.
    pub generation: Generation,
    /// Whether it runs.
    pub playing: bool,
    /// Part played, 0 to 1.
    pub position: f64,
    /// Event time reached, RFC 3339.
    pub time: String,
    /// Event seconds per second; infinite for as fast as possible.
    pub speed: f64,
    /// The parts of the recording between which it goes round.
    pub looping: Option<(f64, f64)>,
}

/// A part of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewPart {
    /// Events in it.
    pub events: u32,
}

/// An anomaly in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PlayedAlert {
    /// The part played when it fires, 0 to 1.
    pub position: f64,
    /// How much it matters.
    pub severity: Severity,
}

/// A message as bytes.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // The message types hold nothing postcard refuses, and a Vec cannot run out of room.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// A message from bytes; `None` when page and worker are of different builds.
pub fn decode<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
