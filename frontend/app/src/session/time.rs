//! Choosing which event time is shown, and by which clock.

use leptos::prelude::*;
use spate_worker::protocol::Command;
use spate_worker::view::View;

use super::Session;
use crate::browser::page::{self, Remember};
use crate::browser::zones;
use crate::time::text::{PRESETS, ends_of, view_of};
use crate::time::zones::ZoneChoice;
use crate::time::{TimeEdit, TimeState};
use crate::url::{BadParameter, Settings};

/// Most recent ranges kept.
const MOST_RECENT: usize = 5;
const RECENT_KEY: &str = "recent-ranges";

impl Session {
    /// Shows another time.
    pub(crate) fn edit_time(self, edit: TimeEdit) {
        let remember = match edit {
            // These come in bursts.
            TimeEdit::ZoomBy { .. } | TimeEdit::Pan { .. } | TimeEdit::Hold => Remember::InPlace,
            _ => Remember::Step,
        };
        let before = self.time.get_untracked();
        let after = before.clone().after(edit);
        if after != before {
            self.show_time(after);
            self.show_address(remember);
        }
    }

    fn show_time(self, state: TimeState) {
        let view = state.view.clone();
        self.time.set(state);
        self.send(&Command::View(view));
    }

    /// Holds, or follows again.
    pub(crate) fn toggle_hold(self) {
        let holds = self.time.with_untracked(|time| time.view.is_held());
        self.edit_time(if holds { TimeEdit::Follow } else { TimeEdit::Hold });
    }

    /// Shows a range that somebody chose, and remembers it when it is no preset.
    pub(crate) fn choose_time(self, view: View) {
        if let Some(ends) = ends_of(&view)
            && !PRESETS.iter().any(|preset| preset.1 == ends.0 && preset.2 == ends.1)
        {
            self.recent_times.update(|recent| {
                recent.retain(|other| *other != ends);
                recent.insert(0, ends);
                recent.truncate(MOST_RECENT);
                let lines: Vec<_> = recent.iter().map(|(from, to)| format!("{from} {to}")).collect();
                page::store(RECENT_KEY, &lines.join("\n"));
            });
        }
        self.edit_time(TimeEdit::Choose(view));
    }

    /// Shows a range as people write its ends.
    pub(crate) fn choose_text(self, from: &str, to: &str) {
        if let Ok(view) = self.zone.with_untracked(|zone| view_of(from, to, zone)) {
            self.choose_time(view);
        }
    }

    /// Shows times by another clock.
    ///
    /// # Errors
    /// When the browser knows no such zone.
    pub(crate) fn choose_zone(self, choice: ZoneChoice) -> Result<(), String> {
        self.show_zone(choice)?;
        self.show_address(Remember::Step);
        Ok(())
    }

    fn show_zone(self, choice: ZoneChoice) -> Result<(), String> {
        if choice == self.zone_choice.get_untracked() {
            return Ok(());
        }
        let zone = zones::zone(&choice).ok_or_else(|| {
            format!("expected utc, browser or an IANA zone, such as Europe/Berlin, got {:?}", choice.name())
        })?;
        self.send(&Command::Zone(zone.clone()));
        self.zone.set(zone);
        self.zone_choice.set(choice);
        Ok(())
    }

    /// Shows the time and the zone that an address names; what is wrong in it is reported.
    pub(super) fn apply_time(self, settings: &Settings) {
        let mut bad = Vec::new();
        if let Err(reason) = self.show_zone(settings.zone.clone()) {
            bad.push(BadParameter { name: "tz".to_owned(), reason });
        }
        match self.zone.with_untracked(|zone| settings.view(zone)) {
            Ok(view) => self.show_time(TimeState::default().after(TimeEdit::Choose(view))),
            Err(error) => bad.push(error),
        }
        for bad in bad {
            self.report_bad(bad);
        }
    }
}

/// The ranges chosen lately, from the browser's storage.
pub(super) fn stored_recent() -> Vec<(String, String)> {
    let text = page::stored(RECENT_KEY).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .take(MOST_RECENT)
        .collect()
}
