//! What each panel shows: from streams to panel data, and to the words in the DOM.
//!
//! One file per kind of `spate_chart::panel::PANELS` gathers its data; [`Panel`] keeps what outlives a frame.

mod alerts;
mod decimated;
mod dimension;
mod distribution;
mod lines;
mod ranking;
mod results;
pub mod rows;
mod say;
mod scan;
mod scatter;
mod stat;
mod state;
mod states;
mod swimlanes;
mod time_series;
mod top;
mod twin;
mod walk;
mod words;
mod zoom;

use decimated::Decimated;
use dimension::suits;
pub use dimension::values;
pub use ranking::ranking;

use spate_chart::data::{PanelData, Severity};
use spate_chart::layout::{Layout, Size};
use spate_chart::options::{OptionValue, Options};
use spate_chart::panel::tip::{self, Tip};
use spate_chart::panel::{Frame, PlotAs, Scratch, Surface, draw, kind, stat as tile, table};
use spate_chart::scene::{Drawn, RowWindow, Scene};
use spate_chart::theme::Theme;
use spate_chart::zone::Zone;
use spate_shared::time::{MILLISECOND, Nanos, SECOND};

use crate::gesture::Place;
use crate::protocol::{HoverUpdate, PanelId, PanelSpec, PanelUpdate};
use crate::queries::Ask;
use crate::stats::Times;
use crate::store::Store;
use crate::view::Range;
use rows::RowsRequest;
use spate_analysis::detector::Verdict;
use spate_analysis::query::Answer;
use spate_analysis::stream::{Series, Stream};

/// How often a list may change: nobody reads a row in less.
const LIST_EVERY: Nanos = SECOND;
/// How often a panel that looks at all its events again may be drawn.
const SCAN_EVERY: Nanos = 250 * MILLISECOND;
/// CSS pixels that a tile with its words is high, at least.
const LEAST_TILE: f64 = 120.0;

/// Whether panels of a kind can show the results of a query.
pub fn takes_query(kind: &str) -> bool {
    matches!(kind, "time_series" | "stat" | "gauge" | "top")
}

/// One panel.
#[derive(Debug)]
pub struct Panel {
    /// What it shows.
    pub spec: PanelSpec,
    /// Whether any of it can be seen.
    pub is_visible: bool,
    /// Its canvas.
    pub size: Option<Size>,
    /// How long painting took.
    pub times: Times,
    /// How long events waited until they were painted.
    pub latencies: Times,
    /// The latest arrival that was painted.
    painted_arrival: Option<Nanos>,
    /// The latest event's time when the view was held, while it is.
    pub held_at: Option<Nanos>,
    ask: Option<Ask>,
    options: Options,
    /// Names of series that are not drawn.
    hidden: Vec<String>,
    /// The moment at which the reader began to choose an interval.
    pub mark: Option<Nanos>,
    layout: Option<Layout>,
    /// State of the source when it was last drawn; `None` forces a drawing.
    drawn_version: Option<u64>,
    drawn_at: Nanos,
    /// What was drawn last, for kinds whose words and tips come from it.
    drawn: Option<PanelData>,
    /// What was decimated for it.
    following: Decimated,
    scratch: Scratch,
    points: usize,
    /// How many drawings in a row had nothing on them.
    empty_drawings: u8,
    words: Option<PanelUpdate>,
    words_at: Nanos,
    listing: Listing,
}

/// The rows of a table or event log that are on screen.
#[derive(Debug, Default)]
struct Listing {
    request: Option<RowsRequest>,
    order: rows::Order,
    told: Option<RowWindow>,
    told_at: Nanos,
}

impl Panel {
    /// A panel that was not drawn yet.
    pub fn new(spec: PanelSpec) -> Self {
        let options = spec.options.clone();
        let mut panel = Self {
            ask: Ask::of(&spec),
            spec,
            is_visible: false,
            size: None,
            times: Times::default(),
            latencies: Times::default(),
            painted_arrival: None,
            held_at: None,
            options,
            hidden: Vec::new(),
            mark: None,
            layout: None,
            drawn_version: None,
            drawn_at: Nanos::MIN,
            drawn: None,
            following: Decimated::default(),
            scratch: Scratch::default(),
            points: 0,
            empty_drawings: 0,
            words: None,
            words_at: Nanos::MIN,
            listing: Listing::default(),
        };
        panel.show_words_of_tile(false);
        panel
    }

    /// On screen the page shows the words of a tile.
    fn show_words_of_tile(&mut self, shows: bool) {
        if self.spec.kind == tile::KIND.id {
            self.options.0.insert(tile::TEXT.name.to_owned(), OptionValue::Flag(shows));
        }
    }

    /// Draws with `scale` device pixels per CSS pixel and everything that the page says beside it otherwise.
    pub fn draw_for_paper(&mut self, scale: f64) {
        let least = if self.spec.kind == tile::KIND.id { LEAST_TILE } else { 0.0 };
        self.size = self.size.map(|size| {
            let larger = |px: u32| f64::from(px) * scale / size.scale;
            let (width_px, height_px) = (larger(size.width_px), larger(size.height_px).max(least * scale));
            Size { width_px: width_px.round() as u32, height_px: height_px.round() as u32, scale }
        });
        self.show_words_of_tile(true);
    }

    /// Draws for the page again.
    pub fn draw_for_screen(&mut self, size: Size) {
        self.size = Some(size);
        self.show_words_of_tile(false);
    }

    /// The options of its kind.
    fn options(&self) -> &Options {
        &self.options
    }

    /// What it is shown on.
    pub fn surface(&self) -> Surface {
        kind(&self.spec.kind).map_or(Surface::Canvas, |kind| kind.surface)
    }

    /// What it asks of its stream; `None` when it shows values as they are.
    pub fn ask(&self) -> Option<&Ask> {
        self.ask.as_ref()
    }

    /// The answer so far; `None` when there is no query, or none that can be answered, or no event.
    fn answer<'a>(&self, store: &'a Store) -> Option<&'a Answer> {
        store.answer(self.ask.as_ref()?)?.ok()
    }

    /// What arrived at `arrival` is on screen `now`, for the first time or again.
    pub fn shows_arrival(&mut self, arrival: Nanos, now: Nanos) {
        if self.painted_arrival.replace(arrival) != Some(arrival) {
            self.latencies.record(now.saturating_sub(arrival).max(0) as f64 / MILLISECOND as f64);
        }
    }

    /// Points in the last drawing.
    pub fn points(&self) -> usize {
        self.points
    }

    /// Draws again at the next frame.
    #[inline(never)]
    pub fn invalidate(&mut self) {
        self.drawn_version = None;
        self.following = Decimated::default();
        self.scratch = Scratch::default();
    }

    /// It is drawn now.
    pub fn set_drawn_at(&mut self, now: Nanos) {
        self.drawn_at = now;
    }

    /// Whether it has something new to draw on a canvas that can be seen.
    pub fn is_due(&self, store: &Store, now: Nanos) -> bool {
        let has_canvas = self.size.is_some_and(|size| size.width_px > 0 && size.height_px > 0);
        let is_drawn = self.surface() == Surface::Canvas;
        let scans = !matches!(self.spec.kind.as_str(), "time_series" | "stat");
        let is_early =
            scans && self.drawn_version.is_some() && now.saturating_sub(self.drawn_at) < SCAN_EVERY;
        let is_news = self.drawn_version != Some(self.version(store));
        is_drawn && self.is_visible && has_canvas && is_news && !is_early
    }

    fn version(&self, store: &Store) -> u64 {
        let of_all = || store.streams().values().map(|entry| entry.version).sum();
        let of_stream = store.streams().get(&self.spec.stream).map_or_else(of_all, |entry| entry.version);
        // A held view shows the same events however many arrive.
        if self.held_at.is_some() { 0 } else { of_stream + 1 }
    }

    /// What it is drawn from; `None` for kinds that are words. Lines over time go on from what was decimated before.
    fn data(&self, store: &Store, range: Range, following: &mut Decimated) -> Option<PanelData> {
        let size = self.size?;
        Some(match self.spec.kind.as_str() {
            "time_series" => time_series::data(self, store, range, size, following),
            "stat" => stat::data(self, store),
            "gauge" => top::gauge(self, store),
            "top" => top::top(self, store, range),
            "histogram" => distribution::histogram(self, store, range),
            "heatmap" => distribution::heatmap(self, store, range, size),
            "scatter" => scatter::data(self, store, range),
            "state_timeline" => states::data(self, store, range),
            "swimlanes" => swimlanes::data(self, store, range, size),
            _ => return None,
        })
    }

    /// Draws it; `follows` says whether its range moves on with its events.
    pub fn paint(
        &mut self,
        store: &Store,
        range: Range,
        follows: bool,
        theme: &Theme,
        zone: &Zone,
    ) -> Option<Scene> {
        let size = self.size?;
        let mut following = std::mem::take(&mut self.following);
        let data = self.data(store, range, &mut following);
        self.following = following;
        let mut data = data?;
        if let PanelData::TimeSeries(data) = &mut data {
            data.follows = follows;
        }
        self.points = state::point_count(&data);
        let is_empty = self.points == 0 && store.received() > 0;
        self.empty_drawings = if is_empty { self.empty_drawings.saturating_add(1) } else { 0 };
        self.drawn_version = Some(self.version(store));
        let frame = Frame { size, theme, options: &self.options, zone, plot_as: PlotAs::Pixels };
        let Drawn::Scene(scene, layout) = draw(&data, &frame, &mut self.scratch) else { return None };
        self.layout = Some(layout);
        self.drawn = None;
        match data {
            PanelData::TimeSeries(_) => self.following.take_back(data),
            PanelData::Stat(_) => {}
            _ => self.drawn = Some(data),
        }
        Some(scene)
    }

    /// Takes back the last drawing, once it is on screen.
    pub fn recycle(&mut self, scene: Scene) {
        self.scratch.recycle(scene);
    }

    /// What lies at a canvas pixel of the last drawing, for kinds without a crosshair.
    pub fn tip(&self, at_px: [f32; 2]) -> Option<Tip> {
        tip::at(self.drawn.as_ref()?, self.layout.as_ref()?, at_px.map(f64::from))
    }

    /// Shows other rows from now on.
    pub fn set_rows(&mut self, request: RowsRequest) {
        self.listing.request = Some(request);
        self.listing.told = None;
    }

    /// The rows on screen, when they changed and long enough ago by `now`.
    pub fn row_window(&mut self, store: &Store, range: Range, now: Nanos, zone: &Zone) -> Option<RowWindow> {
        let is_early = self.listing.told.is_some() && now.saturating_sub(self.listing.told_at) < LIST_EVERY;
        if self.surface() != Surface::Rows || !self.is_visible || is_early {
            return None;
        }
        let request = self.listing.request.clone()?;
        let mut order = std::mem::take(&mut self.listing.order);
        let window = table::window(&rows::window(self, store, range, &request, &mut order), zone);
        self.listing.order = order;
        self.listing.told_at = now;
        if self.listing.told.as_ref() == Some(&window) {
            return None;
        }
        self.listing.told = Some(window.clone());
        Some(window)
    }

    /// Where the last drawing of a panel over time has its times and values.
    pub fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref().filter(|_| self.spec.kind == "time_series")
    }

    /// Exact values at a place of the last drawing.
    pub fn hover(&self, id: PanelId, store: &Store, place: Place) -> Option<HoverUpdate> {
        let layout = self.layout()?;
        time_series::hover(id, self, store, layout, place.time(layout))
    }

    /// Draws no series of these names.
    pub fn hide(&mut self, names: Vec<String>) {
        self.hidden = names;
    }

    fn hides(&self, name: &str) -> bool {
        self.hidden.iter().any(|hidden| hidden == name)
    }

    /// The series it draws: their colour, their place in the stream, and themselves.
    fn shown<'a>(&'a self, stream: &'a Stream) -> impl Iterator<Item = (usize, usize, &'a Series)> {
        let all = lines::shown(&self.spec, stream).0.into_iter().enumerate();
        all.filter(|(_, (_, series))| !self.hides(&lines::name(&self.spec, series)))
            .map(|(color, (index, series))| (color, index, series))
    }
}

/// The series a panel shows, with their place in the stream.
fn series<'a>(spec: &'a PanelSpec, stream: &'a Stream) -> impl Iterator<Item = (usize, &'a Series)> {
    series_of(spec, &spec.measure, stream)
}

/// The series of a measure, of all when it is empty, that suit a panel's filter, with their place in the stream.
fn series_of<'a>(
    spec: &'a PanelSpec,
    measure: &'a str,
    stream: &'a Stream,
) -> impl Iterator<Item = (usize, &'a Series)> {
    let all = stream.series().iter().enumerate();
    all.filter(move |(_, series)| {
        (measure.is_empty() || series.field().name == measure) && suits(&spec.filter, stream, series)
    })
}

/// Whether faults are put into anything that a panel shows.
fn is_synthetic(spec: &PanelSpec, store: &Store) -> bool {
    let of_all = spec.stream.is_empty();
    let streams = store.engine().streams().filter(|(_, stream)| of_all || stream.name() == spec.stream);
    let mut shown = streams.flat_map(|(_, stream)| stream.series());
    shown.any(|series| series.is_synthetic() && (of_all || series.field().name == spec.measure))
}

/// How much an alert matters: by how rare the value is, or by how strong the detector's evidence, whichever is graver.
pub(crate) fn severity(verdict: &Verdict) -> Severity {
    Severity::of_score(verdict.score).max(Severity::of_evidence(verdict.evidence / verdict.level))
}
