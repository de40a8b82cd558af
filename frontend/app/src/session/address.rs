//! The page's address says what is shown; going back and forward shows it again.

use leptos::ev;
use leptos::prelude::*;
use spate_shared::time;

use super::{Opened, Session, first_source};
use crate::browser::page::{self, Remember};
use crate::time::text::ends_of;
use crate::time::zones::ZoneChoice;
use crate::url::{self, BadParameter};

/// Parameters of an address and their values, `None` for none.
type Changes = Vec<(&'static str, Option<String>)>;

impl Session {
    /// What the address says of the view; `locked` to the instants on screen.
    pub(crate) fn address(self, locked: bool) -> Changes {
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
        ]
    }

    /// Brings the address bar up to date.
    pub(super) fn show_address(self, remember: Remember) {
        page::show_query(&url::with(&page::query(), &self.address(false)), remember);
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

    pub(super) fn report_bad(self, BadParameter { name, reason }: BadParameter) {
        self.report(format!("The address has a bad \"{name}\""), reason);
    }
}

/// Names the recording that is open in the address bar.
pub(super) fn show_recording(name: Option<&str>) {
    let change = [("recording", name.map(str::to_owned))];
    page::show_query(&url::with(&page::query(), &change), Remember::Step);
}
