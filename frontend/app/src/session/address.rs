//! The page's address says what is shown; going back and forward shows it again.

use leptos::ev;
use leptos::prelude::*;
use spate_shared::time;

use super::{Opened, Session, first_source};
use crate::browser::page::{self, Remember};
use crate::time::text::ends_of;
use crate::time::zones::ZoneChoice;
use crate::url::{self, BadParameter};
use crate::variables;

/// Parameters of an address and their values, `None` for none.
type Changes = Vec<(&'static str, Option<String>)>;

impl Session {
    /// The query string of the view; `locked` to the instants on screen.
    pub(crate) fn query(self, locked: bool) -> String {
        let query = url::with(&page::query(), &self.address(locked));
        self.boards.board.with_untracked(|board| variables::written(&query, board.chosen()))
    }

    fn address(self, locked: bool) -> Changes {
        let ends = match self.range.get_untracked().filter(|_| locked) {
            Some((from, to)) => Some((time::format(from), time::format(to))),
            None => ends_of(&self.time.read_untracked().view),
        };
        let (from, to) = ends.unzip();
        let zone = self.zone_choice.get_untracked();
        vec![
            ("from", from),
            ("to", to),
            ("width", None),
            ("tz", (zone != ZoneChoice::Utc).then(|| zone.name().to_owned())),
            ("kiosk", self.kiosk.get_untracked().then(|| "1".to_owned())),
            ("dashboard", self.boards.board.with_untracked(|board| board.home.name().map(str::to_owned))),
            ("viewPanel", self.boards.alone.get_untracked().map(|key| key.to_string())),
        ]
    }

    /// Brings the address bar up to date.
    pub(super) fn show_address(self, remember: Remember) {
        page::show_query(&self.query(false), remember);
    }

    /// Shows what the address says whenever somebody goes back or forward.
    pub(super) fn watch_address(self) {
        let listener = window_event_listener(ev::popstate, move |_| self.apply_address());
        on_cleanup(move || listener.remove());
    }

    fn apply_address(self) {
        let (settings, bad) = url::parse(&page::query());
        for bad in bad {
            self.report_bad(bad);
        }
        self.kiosk.set(settings.kiosk);
        self.boards.alone.set(settings.alone);
        self.boards.board.update(|board| board.choose(settings.variables.clone()));
        if let Some(theme) = settings.theme {
            self.theme.set(theme);
        }
        self.apply_time(&settings);
        self.open_named(settings.dashboard.clone());
        let source = first_source(&settings);
        let is_file =
            matches!(&*self.opened.read_untracked(), Opened::File(_)) && settings.recording.is_none();
        if !is_file && source != self.opened.get_untracked() {
            self.opened.set(source);
            self.reopen();
        }
    }

    /// Names the recording that is open in the address bar.
    pub(super) fn show_recording(self, name: Option<&str>) {
        let change = [("recording", name.map(str::to_owned))];
        page::show_query(&url::with(&self.query(false), &change), Remember::Step);
    }

    pub(super) fn report_bad(self, BadParameter { name, reason }: BadParameter) {
        self.report(format!("The address has a bad \"{name}\""), reason);
    }
}
