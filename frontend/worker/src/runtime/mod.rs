//! Decides what to do. Sans-I/O: a [`Wake`] and the time go in, [`Effect`]s come out.
//!
//! Every reason the worker can run is a variant of [`Wake`], and everything it can cause is one of [`Effect`].
//! Wakes of a source that is no longer open carry an older generation and do nothing.

mod ask;
mod detect;
mod frame;
mod gesture;
mod relay;
mod source;

use std::collections::BTreeMap;

use spate_analysis::pace;
use spate_chart::layout::Size;
use spate_chart::scene::Scene;
use spate_chart::theme::Theme;
use spate_chart::zone::Zone;
use spate_shared::time::Nanos;
use spate_shared::wire::ClientMessage;

use crate::BUILD;
use crate::gesture::Place;
use crate::link::Link;
use crate::overview::Scout;
use crate::panel::Panel;
use crate::player::Player;
use crate::protocol::{Command, Connection, Generation, PanelId, Shown, Update};
use crate::stats;
use crate::store::{Entry, Store};
use crate::view::{Range, View};
use detect::Watched;

/// How often the housekeeping runs, in milliseconds.
const TICK_MILLIS: u32 = 1_000;

/// Why the worker runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Wake {
    /// The UI asks something.
    Command(Command),
    /// The socket is open.
    Opened(Generation),
    /// A frame came.
    Received(Generation, Vec<u8>),
    /// The socket closed, or could not be opened.
    Closed(Generation, u16, String),
    /// A file came, or why it did not.
    Fetched(Generation, Result<Vec<u8>, String>),
    /// The wait before another attempt is over.
    Retry(Generation),
    /// Time for housekeeping.
    Tick,
    /// The browser is about to paint.
    Frame,
}

/// What the worker causes.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the UI.
    Post(Update),
    /// Open a socket; it replaces the one before.
    Connect(Generation, String),
    /// Close the socket, if any.
    Disconnect,
    /// Send on the socket.
    Send(ClientMessage),
    /// Get a static file.
    Fetch(Generation, String),
    /// Wake with [`Wake::Retry`].
    RetryIn(Generation, u32),
    /// Wake with [`Wake::Tick`].
    TickIn(u32),
    /// Wake with [`Wake::Frame`] before the next painting.
    RequestFrame,
    /// Call [`Runtime::paint`], show the scene, then call [`Runtime::painted`].
    Paint(PanelId),
    /// Call [`Runtime::hovered`], once what is to be painted is, and tell the UI.
    Hover,
    /// The panel's canvas is no longer needed.
    Forget(PanelId),
}

enum Open {
    Nothing,
    Relay {
        url: String,
        link: Link,
    },
    /// A bundled recording that is on its way.
    Fetching {
        name: String,
    },
    Recording {
        name: String,
        player: Box<Player>,
        last_frame: Option<Nanos>,
        told_at: Nanos,
        /// Looks through the whole recording, until it is through.
        scout: Option<Box<Scout>>,
    },
}

/// The worker's state.
pub struct Runtime {
    generation: Generation,
    seed: u64,
    open: Open,
    store: Store,
    panels: BTreeMap<PanelId, Panel>,
    view: View,
    zone: Zone,
    held_received: u64,
    held_head: Option<Nanos>,
    theme: Theme,
    is_hidden: bool,
    frame_requested: bool,
    hover: Option<(PanelId, Place)>,
    told_waiting: u64,
    told_range: Option<Range>,
    told_connection: Option<Connection>,
    table: Option<ask::Table>,
    watched: Watched,
    worked_millis: f64,
}

impl Default for Runtime {
    fn default() -> Self {
        Self {
            generation: 0,
            seed: 0,
            open: Open::Nothing,
            store: Store::default(),
            panels: BTreeMap::new(),
            view: View::default(),
            zone: Zone::default(),
            held_received: 0,
            held_head: None,
            theme: Theme::LIGHT,
            is_hidden: false,
            frame_requested: false,
            hover: None,
            told_waiting: 0,
            told_range: None,
            told_connection: None,
            table: None,
            watched: Watched::default(),
            worked_millis: 0.0,
        }
    }
}

impl Runtime {
    /// What to say and do first.
    pub fn start() -> Vec<Effect> {
        vec![Effect::Post(Update::Ready { build: BUILD.to_owned() }), Effect::TickIn(TICK_MILLIS)]
    }

    /// Handles one wake. `now` is processing time, nanoseconds since 1970.
    pub fn wake(&mut self, now: Nanos, wake: Wake) -> Vec<Effect> {
        let mut effects = Vec::new();
        match wake {
            Wake::Command(command) => self.command(now, command, &mut effects),
            Wake::Opened(generation) if generation == self.generation => {
                self.link(&mut effects, Link::opened);
            }
            Wake::Received(generation, bytes) if generation == self.generation => {
                self.received(now, &bytes, &mut effects);
            }
            Wake::Closed(generation, code, reason) if generation == self.generation => {
                self.link(&mut effects, |link| link.closed(code, &reason));
            }
            Wake::Fetched(generation, result) if generation == self.generation => {
                self.fetched(now, result, &mut effects);
            }
            Wake::Retry(generation) if generation == self.generation => {
                self.link(&mut effects, Link::retry);
            }
            Wake::Tick => {
                effects.push(Effect::TickIn(TICK_MILLIS));
                if !matches!(self.open, Open::Recording { .. }) {
                    self.store.tick(now);
                }
                self.request_frame(&mut effects);
            }
            Wake::Frame => self.frame(now, &mut effects),
            // A source that is no longer open.
            Wake::Opened(_) | Wake::Received(..) | Wake::Closed(..) | Wake::Fetched(..) | Wake::Retry(_) => {}
        }
        self.tell_connection(&mut effects);
        effects
    }

    /// Draws a panel; `None` when it has nothing to draw on.
    pub fn paint(&mut self, panel: PanelId) -> Option<Scene> {
        let range = self.range_of(self.panels.get(&panel)?);
        let follows = self.view.span().is_some();
        let held = self.panels.get_mut(&panel)?;
        held.paint(&self.store, range, follows, &self.theme, &self.zone)
    }

    /// A scene is on screen: remembers how long it took and takes its memory back.
    pub fn painted(&mut self, now: Nanos, panel: PanelId, scene: Scene, millis: f64) {
        if let Some(held) = self.panels.get_mut(&panel) {
            held.times.record(millis);
            let entry = self.store.streams().get(&held.spec.stream);
            // In a recording events arrive when they once did.
            let is_live = matches!(self.open, Open::Relay { .. }) && held.held_at.is_none();
            if let Some(arrival) = entry.and_then(Entry::last_arrival).filter(|_| is_live) {
                held.shows_arrival(arrival, now);
            }
            held.recycle(scene);
        }
    }

    /// So many milliseconds went into handling wakes.
    pub fn worked(&mut self, millis: f64) {
        self.worked_millis += millis;
    }

    /// What a panel shows.
    pub(super) fn range_of(&self, panel: &Panel) -> Range {
        self.shown_on(panel).range()
    }

    pub(super) fn shown_on(&self, panel: &Panel) -> Shown {
        let head = panel.held_at.or_else(|| self.head_of(&panel.spec.stream));
        let Range { from, to } = self.view.range(head, self.automatic_width(), &self.zone);
        Shown { from, to, head }
    }

    /// The width that suits the streams' pace.
    fn automatic_width(&self) -> Nanos {
        pace::view_width(self.store.streams().values().map(|entry| &entry.pace))
    }

    fn command(&mut self, now: Nanos, command: Command, effects: &mut Vec<Effect>) {
        match command {
            Command::Start { seed, build } => {
                self.seed = seed;
                if build != BUILD {
                    let detail = format!("page {build}, worker {BUILD}: reload the page");
                    self.problem("Page and worker are of different builds", detail, true, effects);
                }
            }
            Command::Open { generation, source } => self.open(now, generation, source, effects),
            Command::AddPanel { panel, spec } => {
                let mut added = Panel::new(spec);
                added.held_at = self.view.is_held().then(|| self.head_of(&added.spec.stream)).flatten();
                self.panels.insert(panel, added);
            }
            Command::RemovePanel { panel } => {
                self.panels.remove(&panel);
                effects.push(Effect::Forget(panel));
            }
            Command::Resize { panel, width_px, height_px, scale } => self.edit_panel(panel, |panel| {
                panel.size = Some(Size { width_px, height_px, scale: f64::from(scale) });
            }),
            Command::Show { panel, visible } => self.edit_panel(panel, |panel| panel.is_visible = visible),
            Command::Theme { dark, colors } => {
                self.theme = if dark { Theme::DARK } else { Theme::LIGHT };
                for (token, color) in &colors {
                    self.theme.set(token, *color);
                }
                self.invalidate();
            }
            Command::Hidden { hidden } => {
                self.is_hidden = hidden;
                self.link(effects, |link| link.set_hidden(hidden));
            }
            Command::View(view) => {
                let hold_changed = view.is_held() != self.view.is_held();
                self.view = view;
                if hold_changed {
                    self.hold(self.view.is_held());
                }
                self.invalidate();
            }
            Command::Zone(zone) => {
                self.zone = zone;
                self.invalidate();
            }
            Command::Hover { panel, x_px } => {
                self.hover = x_px.map(|x_px| (panel, Place::Px(x_px)));
                effects.push(Effect::Hover);
            }
            Command::Gesture { panel, gesture } => self.gesture(panel, gesture, effects),
            Command::Ask(ask) => self.ask(&ask, effects),
            Command::Point { panel, at_px } => {
                let tip = at_px.and_then(|at_px| self.tip_update(panel, at_px));
                effects.push(Effect::Post(Update::Tip(tip)));
            }
            Command::Rows { panel, rows } => {
                self.edit_panel(panel, |panel| panel.set_rows(rows));
                self.tell_rows(now, effects);
            }
            Command::Play(play) => self.play(now, play, effects),
            Command::Reconnect => self.link(effects, Link::reconnect),
            Command::SkipAhead => self.link(effects, |link| link.skip_ahead()),
            Command::Detect(request) => self.detect(request, effects),
            Command::Stats { request } => {
                let json = stats::json(&self.store, &self.panels, self.worked_millis);
                effects.push(Effect::Post(Update::Stats { request, json }));
            }
        }
        self.request_frame(effects);
    }

    fn edit_panel(&mut self, panel: PanelId, edit: impl FnOnce(&mut Panel)) {
        if let Some(held) = self.panels.get_mut(&panel) {
            edit(held);
            held.invalidate();
        }
    }

    fn invalidate(&mut self) {
        self.panels.values_mut().for_each(Panel::invalidate);
    }

    /// Pins every panel's range where its stream is, or lets it follow again.
    fn hold(&mut self, hold: bool) {
        self.held_received = self.store.received();
        self.held_head = self.store.head();
        let heads: Vec<_> = self.panels.values().map(|panel| self.head_of(&panel.spec.stream)).collect();
        for (panel, head) in self.panels.values_mut().zip(heads) {
            panel.held_at = if hold { panel.held_at.or(head) } else { None };
        }
    }

    /// The latest event time of a stream; of all of them for an empty name.
    pub(super) fn head_of(&self, stream: &str) -> Option<Nanos> {
        self.store.stream(stream).and_then(|(_, stream)| stream.watermark().head())
    }

    fn tell_catalog(&self, effects: &mut Vec<Effect>) {
        let streams = self.store.streams().values().map(|entry| entry.info.clone()).collect();
        effects.push(Effect::Post(Update::Catalog { generation: self.generation, streams }));
    }

    fn problem(&self, title: &str, detail: String, fatal: bool, effects: &mut Vec<Effect>) {
        let (generation, title) = (self.generation, title.to_owned());
        effects.push(Effect::Post(Update::Problem { generation, title, detail, fatal }));
    }
}
