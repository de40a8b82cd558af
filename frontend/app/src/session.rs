//! The one thing in context: what the page knows, and the ways to change it.
//!
//! Every source opened is a generation; updates of another generation are ignored.

mod actions;
mod address;
mod board;
mod detect;
mod drafts;
mod gestures;
mod panels;
mod problems;
mod relay_shelf;
mod settings;
mod shelf;
mod time;
mod updates;
mod variables;
mod ways;

use leptos::prelude::*;
use spate_chart::zone::Zone;
use spate_shared::time::Nanos;
use spate_worker::protocol::{Command, Connection, Generation, PanelId, PanelUpdate, PlayCommand, Source};
use std::collections::BTreeMap;

pub(crate) use self::actions::Modal;
pub(crate) use self::board::{Boards, handle_id};
pub(crate) use self::gestures::{Desk, Overview, PictureFor, SideSheet, plot_id};
pub(crate) use self::problems::Problem;
use crate::browser::canvas::{self, MainCanvases};
use crate::browser::global::StatsRequests;
use crate::browser::page::Remember;
use crate::browser::worker::WorkerLink;
use crate::browser::{OffscreenCanvas, observe, page};
use crate::cursor::{Cursor, Place};
use crate::dashboard::Board;
use crate::theme::{ThemeChoice, portal_colors};
use crate::time::zones::ZoneChoice;
use crate::time::{TimeEdit, TimeState};
use crate::url::{self, BadParameter, Settings};

/// The number of the page's own question for stats; scripts' questions count up from 0.
const ACCOUNT: u32 = u32::MAX;

/// The page's state; a copy is a handle to the same one.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// The dashboard.
    pub(crate) boards: Boards,
    /// What is open.
    pub(crate) opened: RwSignal<Opened>,
    /// The state of the source.
    pub(crate) connection: RwSignal<Connection>,
    /// How many streams there are; `None` until the catalog came.
    pub(crate) streams: RwSignal<Option<usize>>,
    /// Which event time is shown.
    pub(crate) time: RwSignal<TimeState>,
    /// What the view shows of the source's latest event; `None` before the first frame.
    pub(crate) range: RwSignal<Option<(Nanos, Nanos)>>,
    /// How long the latest events were under way, in milliseconds.
    pub(crate) delay_millis: RwSignal<u64>,
    /// Events that arrived since the range was held.
    pub(crate) waiting: RwSignal<u64>,
    /// What lies beside the dashboard.
    desk: StoredValue<Desk>,
    /// What went wrong, newest last.
    pub(crate) problems: RwSignal<Vec<Problem>>,
    /// What keeps the source from being shown at all.
    pub(crate) fatal: RwSignal<Option<Problem>>,
    /// What is read out to people who cannot see the page.
    pub(crate) announcement: RwSignal<String>,
    /// Light, dark or as the system says.
    pub(crate) theme: RwSignal<ThemeChoice>,
    /// The clock that was chosen, and its table.
    pub(crate) zone_choice: RwSignal<ZoneChoice>,
    pub(crate) zone: RwSignal<Zone>,
    /// Ranges chosen lately, newest first, as people write their ends.
    pub(crate) recent_times: RwSignal<Vec<(String, String)>>,
    /// The dialog over the page.
    pub(crate) modal: RwSignal<Option<Modal>>,
    /// Whether what is fetched after the first charts is here.
    pub(crate) has_later: RwSignal<bool>,
    /// Whether it is shown how fast it all is.
    pub(crate) is_measured: RwSignal<bool>,
    /// Whether the dashboard stands alone.
    pub(crate) kiosk: RwSignal<bool>,
    /// Whether things stand closer together.
    pub(crate) is_compact: RwSignal<bool>,
    system_is_dark: RwSignal<bool>,
    machine: StoredValue<Machine, LocalStorage>,
}

/// What turns commands into messages and updates into signals.
struct Machine {
    generation: Generation,
    problems_made: u32,
    worker: Option<WorkerLink>,
    /// The canvases, where the worker cannot have them.
    main_canvases: Option<MainCanvases>,
    updates: BTreeMap<PanelId, ArcRwSignal<PanelUpdate>>,
    cursor: Cursor,
    stats: StatsRequests,
}

/// What the user opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// A relay, by its address.
    Relay(String),
    /// A bundled recording, by its name.
    Recording(String),
    /// A file of the user's, by its name.
    File(String),
}

impl Session {
    /// The page's session.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Starts the worker and opens what the settings name. Puts the session into context.
    pub(crate) fn start(settings: &Settings, bad: Vec<BadParameter>) -> Self {
        let stored = page::stored("theme").and_then(|name| ThemeChoice::from_name(&name));
        let draws_on_main = settings.draws_on_main || !canvas::can_transfer();
        let session = Self {
            boards: Boards::new(),
            opened: RwSignal::new(first_source(settings)),
            connection: RwSignal::new(Connection::Connecting),
            streams: RwSignal::new(None),
            time: RwSignal::new(TimeState::default()),
            range: RwSignal::new(None),
            delay_millis: RwSignal::new(0),
            waiting: RwSignal::new(0),
            desk: StoredValue::new(Desk::new()),
            problems: RwSignal::new(Vec::new()),
            fatal: RwSignal::new(None),
            announcement: RwSignal::new(String::new()),
            theme: RwSignal::new(settings.theme.or(stored).unwrap_or_default()),
            zone_choice: RwSignal::new(ZoneChoice::Utc),
            zone: RwSignal::new(Zone::default()),
            recent_times: RwSignal::new(time::stored_recent()),
            modal: RwSignal::new(None),
            has_later: RwSignal::new(false),
            is_measured: RwSignal::new(false),
            kiosk: RwSignal::new(settings.kiosk),
            is_compact: RwSignal::new(page::stored("density").as_deref() == Some("compact")),
            system_is_dark: RwSignal::new(false),
            machine: StoredValue::new_local(Machine {
                generation: 0,
                problems_made: 0,
                worker: None,
                main_canvases: draws_on_main.then(MainCanvases::default),
                updates: BTreeMap::new(),
                cursor: Cursor::default(),
                stats: StatsRequests::default(),
            }),
        };
        provide_context(session);
        session.start_worker();
        session.watch_page();
        for BadParameter { name, reason } in bad {
            session.report(format!("The address has a bad \"{name}\""), reason);
        }
        session.apply_time(settings);
        session.boards.alone.set(settings.alone);
        session.boards.board.update(|board| board.choose(settings.variables.clone()));
        session.open_named(settings.dashboard.clone());
        session.reopen();
        session.watch_address();
        session
    }

    fn start_worker(self) {
        match WorkerLink::start(move |message| self.receive(message)) {
            Ok(link) => self.machine.update_value(|machine| machine.worker = Some(link)),
            Err(error) => self.fail("The analysis worker cannot start".to_owned(), error),
        }
        let build = spate_worker::BUILD.to_owned();
        self.send(&Command::Start { seed: page::random_seed(), build });
        let ask = move |request| self.send(&Command::Stats { request });
        self.machine.with_value(|machine| machine.stats.install(ask));
    }

    /// Follows the system's theme and whether anybody looks; names the tab.
    fn watch_page(self) {
        let (is_dark, theme_watch) = observe::system_is_dark(move |is_dark| self.system_is_dark.set(is_dark));
        self.system_is_dark.set(is_dark);
        let hidden_watch = observe::tab_hidden(move |hidden| self.send(&Command::Hidden { hidden }));
        let portal_look = RwSignal::new(());
        let look_watch = observe::portal_look(move || portal_look.set(()));
        StoredValue::new_local((theme_watch, hidden_watch, look_watch));
        Effect::new(move |_| page::show_title(&format!("{} · Spate", self.opened.read().title())));
        Effect::new(move |_| {
            let dark = self.theme.get().is_dark(self.system_is_dark.get());
            page::show_look("theme", Some(if dark { "dark" } else { "light" }));
            portal_look.track();
            let colors = portal_colors(page::given_color);
            self.send(&Command::Theme { dark, colors });
        });
    }

    /// Sends a command to the worker.
    pub(crate) fn send(self, command: &Command) {
        self.send_with(command, None);
    }

    /// Sends a command with the canvas it is about.
    fn send_with(self, command: &Command, canvas: Option<OffscreenCanvas>) {
        self.machine.with_value(|machine| {
            if let Some(worker) = &machine.worker {
                worker.send(command, canvas);
            }
        });
    }

    /// Chooses the theme, for next time too.
    pub(crate) fn choose_theme(self, theme: ThemeChoice) {
        self.theme.set(theme);
        page::store("theme", theme.name());
        let name = (theme != ThemeChoice::Auto).then(|| theme.name().to_owned());
        page::show_query(&url::with(&page::query(), &[("theme", name)]), Remember::InPlace);
    }

    /// What lies beside the dashboard.
    pub(crate) fn desk(self) -> Desk {
        self.desk.get_value()
    }

    /// Whether the page is dark; not tracked.
    pub(crate) fn is_dark(self) -> bool {
        self.theme.get_untracked().is_dark(self.system_is_dark.get_untracked())
    }

    /// Asks the worker for its account of itself.
    pub(crate) fn ask_account(self) {
        self.send(&Command::Stats { request: ACCOUNT });
    }

    /// Moves the playback.
    pub(crate) fn play(self, command: PlayCommand) {
        self.send(&Command::Play(command));
    }

    /// Opens the relay that serves the page, or the one the address names.
    pub(crate) fn open_relay(self) {
        let (settings, _) = url::parse(&page::query());
        self.leave_board();
        self.show_recording(None);
        self.opened.set(relay_of(&settings));
        self.reopen();
    }

    /// Opens a bundled recording.
    pub(crate) fn open_recording(self, name: String) {
        self.leave_board();
        self.show_recording(Some(&name));
        self.opened.set(Opened::Recording(name));
        self.reopen();
    }

    /// Opens a file of the user's.
    pub(crate) fn open_file(self, name: String, bytes: Vec<u8>) {
        self.leave_board();
        self.show_recording(None);
        self.opened.set(Opened::File(name.clone()));
        self.open(Source::File { name, bytes });
    }

    /// Opens once more what is open; a file has to be chosen again.
    pub(crate) fn reopen(self) {
        match self.opened.get_untracked() {
            Opened::Relay(url) => self.open(Source::Relay { url }),
            Opened::Recording(name) => self.open(Source::Bundled { name }),
            Opened::File(_) => {}
        }
    }

    fn open(self, source: Source) {
        let generation = self.machine.try_update_value(|machine| {
            machine.generation += 1;
            machine.generation
        });
        self.boards.board.update(Board::clear);
        if self.time.with_untracked(|time| time.view.is_held()) {
            self.edit_time(TimeEdit::Follow);
        }
        self.connection.set(Connection::Connecting);
        self.streams.set(None);
        self.range.set(None);
        self.waiting.set(0);
        self.desk().clear();
        self.fatal.set(None);
        self.send(&Command::Open { generation: generation.unwrap_or_default(), source });
        self.send(&Command::View(self.time.read_untracked().view.clone()));
    }

    /// Moves the crosshair to a place, in device pixels, or takes it off the panel.
    pub(crate) fn hover_at(self, place: Place) {
        if place.1.is_none() {
            self.desk().hover.set(Vec::new());
        }
        self.ask_hover(|cursor| cursor.move_to(place, page::now_millis()));
    }

    /// The keyboard moves a panel's crosshair: answers are about this panel from now on.
    pub(crate) fn hover_by_key(self, panel: PanelId) {
        self.machine.update_value(|machine| machine.cursor.lead(panel));
    }

    fn ask_hover(self, next: impl FnOnce(&mut Cursor) -> Option<Place>) {
        let question = self.machine.try_update_value(|machine| next(&mut machine.cursor));
        if let Some((panel, x_px)) = question.flatten() {
            self.send(&Command::Hover { panel, x_px });
        }
    }
}

impl Opened {
    /// What the header calls it.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Relay(url) => {
                url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(url).to_owned()
            }
            Self::Recording(name) | Self::File(name) => name.clone(),
        }
    }
}

fn first_source(settings: &Settings) -> Opened {
    settings.recording.clone().map_or_else(|| relay_of(settings), Opened::Recording)
}

fn relay_of(settings: &Settings) -> Opened {
    let beside_page = || url::relay_of_page(&page::base()).unwrap_or_default();
    Opened::Relay(settings.relay.clone().unwrap_or_else(beside_page))
}
