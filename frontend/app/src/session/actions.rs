//! What keys and the palette can do.

use leptos::ev;
use leptos::prelude::*;
use spate_shared::schema::Role;
use spate_worker::protocol::PanelId;

use super::{Session, SideSheet};
use crate::browser::page::Remember;
use crate::browser::{dialog, event, page};
use crate::components::TIME_MENU;
use crate::dashboard::Panel;
use crate::document::{PanelDocument, Place};
use crate::format::counted;
use crate::palette::{Entry, What};
use crate::shelf::Kept;
use crate::shortcut::{Action, Pressed, SHORTCUTS, action_of};
use crate::theme::ThemeChoice;
use crate::time::TimeEdit;
use crate::time::text::PRESETS;

/// A dialog over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modal {
    /// Finds anything.
    Palette,
    /// The shortcuts.
    Help,
    /// The record of an alert, by its id.
    Decision(u64),
    /// A link to what is shown.
    Share,
}

impl Session {
    /// Listens to the keyboard; gives the page its looks.
    pub(crate) fn watch_keys(self) {
        let keys = window_event_listener(ev::keydown, move |event| {
            let pressed = Pressed {
                key: event.key(),
                ctrl: event.ctrl_key() || event.meta_key(),
                shift: event.shift_key(),
                in_control: event.alt_key() || event::is_in_field(&event),
            };
            let is_free = self.modal.get_untracked().is_none();
            if pressed.key == "Escape" && is_free && !event.default_prevented() && !event::is_popover_open() {
                self.show_alone(None);
            }
            if let Some(action) = action_of(&pressed).filter(|_| is_free) {
                event.prevent_default();
                self.act(action);
            }
        });
        on_cleanup(move || keys.remove());
        Effect::new(move |_| page::show_look("kiosk", self.kiosk.get().then_some("on")));
        Effect::new(move |_| page::show_look("density", self.is_compact.get().then_some("compact")));
    }

    /// Does what a key or an entry of the palette stands for.
    pub(crate) fn act(self, action: Action) {
        match action {
            Action::Palette => self.modal.set(Some(Modal::Palette)),
            Action::Help => self.modal.set(Some(Modal::Help)),
            Action::Share => self.modal.set(Some(Modal::Share)),
            Action::Time => dialog::toggle_popover(TIME_MENU),
            Action::Hold => self.toggle_hold(),
            Action::Follow => self.edit_time(TimeEdit::Follow),
            Action::Theme => {
                let all = ThemeChoice::ALL;
                let at = all.iter().position(|choice| *choice == self.theme.get_untracked()).unwrap_or(0);
                self.choose_theme(all[(at + 1) % all.len()]);
            }
            Action::Density => {
                self.is_compact.update(|is_compact| *is_compact = !*is_compact);
                let name = if self.is_compact.get_untracked() { "compact" } else { "comfortable" };
                page::store("density", name);
            }
            Action::Kiosk => {
                self.kiosk.update(|kiosk| *kiosk = !*kiosk);
                self.show_address(Remember::Step);
            }
            Action::Print => page::print(),
            Action::Edit => self.boards.is_editing.update(|is_editing| *is_editing = !*is_editing),
            Action::Alone => {
                let is_alone = self.boards.alone.read_untracked().is_some();
                self.show_alone(if is_alone { None } else { pointed_at() });
            }
            Action::Table => self.open_sheet_of_panel(SideSheet::Table),
            Action::Save => self.open_sheet_of_panel(SideSheet::Save),
            Action::Budget => self.is_measured.update(|is_measured| *is_measured = !*is_measured),
            Action::Undo => self.undo(false),
            Action::Redo => self.undo(true),
        }
    }

    /// Opens a sheet of the panel that is pointed at or stands alone, of the first one when there is none.
    fn open_sheet_of_panel(self, sheet: fn(PanelId) -> SideSheet) {
        let key = self.boards.alone.get_untracked().or_else(pointed_at);
        let board = self.boards.board.read_untracked();
        let panel = board.panels.iter().find(|panel| key.is_none_or(|key| panel.key == key));
        if let Some(id) = panel.map(|panel| panel.id) {
            self.desk().sheet.set(Some(sheet(id)));
        }
    }

    /// Does what an entry of the palette stands for.
    pub(crate) fn run(self, what: &What) {
        match what {
            What::Do(action) => self.act(*action),
            What::Time(from, to) => self.choose_text(from, to),
            What::Panel(id) => page::go_to(id),
            What::Theme(choice) => self.choose_theme(*choice),
            What::Dashboard(home) => self.choose_board(home.clone()),
            What::Alone(key) => self.show_alone(Some(*key)),
            What::Stream(name) => self.go_to_stream(name),
            What::Sheet(sheet) => self.desk().sheet.set(Some(*sheet)),
        }
    }

    /// Goes to the first panel of a stream; one is added where there is none.
    fn go_to_stream(self, name: &str) {
        let board = self.boards.board.read_untracked();
        let panel = board.panels.iter().find(|panel| panel.spec.stream == name).map(Panel::element_id);
        let stream = board.streams.iter().find(|stream| stream.name == name).cloned();
        drop(board);
        match (panel, stream) {
            (Some(id), _) => {
                self.show_alone(None);
                request_animation_frame(move || page::go_to(&id));
            }
            (None, Some(stream)) => {
                let measure = stream.schema.with_role(Role::Measure).next();
                let measure =
                    measure.map(|place| stream.schema.fields[place].name.clone()).unwrap_or_default();
                let kind = if measure.is_empty() { "event_log" } else { "time_series" }.to_owned();
                let place = Place { x: 0, y: 0, w: 18, h: 6 };
                self.add_beside(PanelDocument {
                    kind,
                    stream: stream.name,
                    measure,
                    place,
                    ..PanelDocument::default()
                });
            }
            (None, None) => {}
        }
    }

    /// Everything the palette offers.
    pub(crate) fn palette_entries(self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut add = |title: String, note: &str, keys, what| {
            entries.push(Entry { title, note: note.to_owned(), keys, what });
        };
        for shortcut in SHORTCUTS {
            if let Some(action) = shortcut.action {
                add(shortcut.doc.to_owned(), "action", shortcut.keys, What::Do(action));
            }
        }
        for panel in &self.boards.board.read_untracked().panels {
            let title = format!("{} · {}", panel.title, panel.subtitle);
            let note = format!("panel, {}", panel.spec.kind.replace('_', " "));
            add(title, &note, "", What::Panel(panel.element_id()));
        }
        for panel in &self.boards.board.read_untracked().panels {
            let about = [
                ("Only", "panel alone", What::Alone(panel.key)),
                ("Table of", "panel as a table", What::Sheet(SideSheet::Table(panel.id))),
                ("Save", "panel as an image or as data", What::Sheet(SideSheet::Save(panel.id))),
                ("Settings of", "panel settings", What::Sheet(SideSheet::Settings(panel.key))),
            ];
            for (verb, note, what) in about {
                add(format!("{verb} {} · {}", panel.title, panel.subtitle), note, "", what);
            }
        }
        for stream in &self.boards.board.read_untracked().streams {
            let measures = stream.schema.with_role(Role::Measure).count() as u64;
            let note = format!("stream, {}", counted(measures, "measure"));
            add(stream.name.clone(), &note, "", What::Stream(stream.name.clone()));
        }
        for (Kept { title, home }, note) in untrack(|| self.all_kept()) {
            add(title, &format!("dashboard, {note}"), "", What::Dashboard(home));
        }
        for (name, from, to) in PRESETS {
            add(name.to_owned(), "time range", "", What::Time(from, to));
        }
        for choice in ThemeChoice::ALL {
            add(choice.title().to_owned(), "theme", "", What::Theme(choice));
        }
        entries
    }
}

/// The panel that the keyboard is on, or else the pointer, by its id in the document.
fn pointed_at() -> Option<u32> {
    let of = |selector| page::within(selector, "data-key")?.parse().ok();
    of(".cell:has(:focus-visible)").or_else(|| of(".cell:hover")).or_else(|| of(".cell:focus-within"))
}
