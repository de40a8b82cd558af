//! The bench page's words: commands as the dashboard sends them, frames as a relay sends them.
//!
//! `spate.js` moves the bytes. The worker at the other end is the one that ships; it cannot tell this page from the
//! dashboard, nor its frames from a relay's.

mod engine;
mod feed;

use spate_chart::options::{OptionValue, Options};
use spate_shared::time::{Nanos, SECOND};
use spate_worker::protocol::{
    Command, DetectCommand, DetectRequest, DetectorChoice, HoverUpdate, PanelSpec, Source, Target, Update,
    decode, encode,
};
use spate_worker::view::{Span, View};
use wasm_bindgen::prelude::*;

pub use engine::{Query, arrow_of_events, frame_of_events};
pub use feed::Feed;

/// Where the page's own socket listens; nothing is behind it but `socket.js`.
const URL: &str = "ws://bench/api/v1/ws";

/// The first commands: says which build this is, and connects.
#[wasm_bindgen]
pub fn connect() -> Vec<js_sys::Uint8Array> {
    let start = Command::Start { seed: 1, build: spate_worker::BUILD.to_owned() };
    let open = Command::Open { generation: 1, source: Source::Relay { url: URL.to_owned() } };
    [start, open].map(|command| js_sys::Uint8Array::from(encode(&command).as_slice())).into()
}

/// A time series of all measures of the stream of the same number.
#[wasm_bindgen]
pub fn add_chart(chart: u32, series: u32) -> Vec<u8> {
    let names: Vec<_> = (1..series).map(feed::measure).collect();
    let also = OptionValue::Text(names.join(","));
    let spec = PanelSpec {
        kind: "time_series".to_owned(),
        stream: feed::stream(chart),
        measure: feed::measure(0),
        options: Options([("also".to_owned(), also)].into()),
        ..PanelSpec::default()
    };
    encode(&Command::AddPanel { panel: chart, spec })
}

/// The chart's canvas, in device pixels.
#[wasm_bindgen]
pub fn resize(chart: u32, width_px: u32, height_px: u32, scale: f32) -> Vec<u8> {
    encode(&Command::Resize { panel: chart, width_px, height_px, scale })
}

/// Whether any of the chart can be seen.
#[wasm_bindgen]
pub fn show(chart: u32, visible: bool) -> Vec<u8> {
    encode(&Command::Show { panel: chart, visible })
}

/// All charts show the last `seconds`.
#[wasm_bindgen]
pub fn follow(seconds: f64) -> Vec<u8> {
    encode(&Command::View(View::Follow(Span::Last { width: nanos(seconds), behind: 0 })))
}

/// All charts show the same instants, in seconds since 1970.
#[wasm_bindgen]
pub fn look_at(from: f64, to: f64) -> Vec<u8> {
    encode(&Command::View(View::Fixed { from: nanos(from), to: nanos(to) }))
}

/// The crosshair is so many device pixels from a chart's left edge.
#[wasm_bindgen]
pub fn hover(chart: u32, x_px: f32) -> Vec<u8> {
    encode(&Command::Hover { panel: chart, x_px: Some(x_px) })
}

/// The measure of a chart is compared with a fixed limit that it never meets, instead of being scored.
#[wasm_bindgen]
pub fn without_scores(chart: u32, measure: u32) -> Vec<u8> {
    let target = Target { stream: feed::stream(chart), measure: feed::measure(measure), group: None };
    let choice = DetectorChoice {
        detector: "limits".to_owned(),
        parameters: Vec::new(),
        sensitivity: 1.0,
        with: Vec::new(),
    };
    encode(&Command::Detect(DetectRequest { request: 0, command: DetectCommand::Choose { target, choice } }))
}

/// What a crosshair shows.
#[wasm_bindgen(getter_with_clone)]
pub struct Crosshair {
    /// Device pixels from the canvas's left edge.
    pub x_px: f32,
    /// When, then a line for each series with its exact value.
    pub words: String,
}

/// What the worker says of the crosshair of the chart under the pointer; `None` when it speaks of something else.
#[wasm_bindgen]
pub fn crosshair(update: &[u8]) -> Option<Crosshair> {
    let Update::Hover(charts) = decode(update)? else { return None };
    charts.into_iter().find(|chart| chart.leads).map(|HoverUpdate { x_px, time, rows, .. }| {
        let line = |row: &spate_worker::protocol::HoverRow| format!("\n{} {}", row.name, row.value);
        Crosshair { x_px, words: rows.iter().fold(time, |words, row| words + &line(row)) }
    })
}

/// Seconds since 1970 as event time.
fn nanos(seconds: f64) -> Nanos {
    (seconds * SECOND as f64).round() as Nanos
}
