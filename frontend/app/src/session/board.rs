//! The dashboard that is open: looking at it and changing it.

use leptos::prelude::*;
use spate_shared::catalog::StreamInfo;
use spate_worker::protocol::PanelId;

use super::Session;
use crate::browser::page::{self, Remember};
use crate::dashboard::{Board, Panel};
use crate::document::{DocumentEdit, PanelDocument, Place, beyond};
use crate::shelf::RelayShelf;

/// What the page knows of dashboards; a copy is a handle to the same.
#[derive(Clone, Copy)]
pub(crate) struct Boards {
    /// The one that is open.
    pub(crate) board: RwSignal<Board>,
    /// Whether it is being changed.
    pub(crate) is_editing: RwSignal<bool>,
    /// The panel that is shown alone, by its id in the document.
    pub(crate) alone: RwSignal<Option<u32>>,
    /// Whether changes that nobody kept are back.
    pub(crate) is_restored: RwSignal<bool>,
    /// The panel that is being dragged, by its id in the document, and where it would stand.
    pub(crate) dragged: RwSignal<Option<(u32, Place)>>,
    /// What the relay keeps.
    pub(crate) shelf: RwSignal<RelayShelf>,
    /// The dashboard that somebody else saved while it was changed here: its name, and their version.
    pub(crate) conflict: RwSignal<Option<(String, String)>>,
    /// Where all panels would stand with the dragged one there; `None` while none is dragged.
    making_way: RwSignal<Option<Vec<(u32, Place)>>>,
}

impl Boards {
    pub(super) fn new() -> Self {
        let board = RwSignal::new(Board::default());
        Self {
            board,
            is_editing: RwSignal::new(false),
            alone: RwSignal::new(None),
            is_restored: RwSignal::new(false),
            dragged: RwSignal::new(None),
            shelf: RwSignal::new(RelayShelf::default()),
            conflict: RwSignal::new(None),
            making_way: RwSignal::new(None),
        }
    }
}

impl Session {
    /// The panels in order, by their ids in the document; tracked.
    pub(crate) fn panel_keys(self) -> Vec<u32> {
        self.boards.board.read().panels.iter().map(|panel| panel.key).collect()
    }

    /// The panel of an id in the document; tracked.
    pub(crate) fn panel_at(self, key: u32) -> Option<Panel> {
        self.boards.board.read().panels.iter().find(|panel| panel.key == key).cloned()
    }

    /// The panel that the worker knows by an id; not tracked.
    pub(crate) fn panel(self, id: PanelId) -> Option<Panel> {
        self.boards.board.read_untracked().panels.iter().find(|panel| panel.id == id).cloned()
    }

    /// The charts over time; not tracked.
    pub(crate) fn charts(self) -> Vec<Panel> {
        let board = self.boards.board.read_untracked();
        board.panels.iter().filter(|panel| panel.spec.kind == "time_series").cloned().collect()
    }

    /// Whether there are panels; tracked.
    pub(crate) fn has_panels(self) -> bool {
        !self.boards.board.read().panels.is_empty()
    }

    /// The id of the element of the first list of alerts; tracked.
    pub(crate) fn alerts_id(self) -> Option<String> {
        let board = self.boards.board.read();
        board.panels.iter().find(|panel| panel.spec.kind == "alerts").map(Panel::element_id)
    }

    /// Where a panel stands, or would while one is dragged; tracked.
    pub(crate) fn place(self, key: u32) -> Place {
        let dragged = self.boards.making_way.read();
        let dragged = dragged.as_ref().and_then(|shown| shown.iter().find(|(other, _)| *other == key));
        let settled = || self.boards.board.read().place(key);
        dragged.map(|(_, place)| *place).or_else(settled).unwrap_or_default()
    }

    /// Shows where panels would stand with this one there, while it is dragged.
    pub(crate) fn drag(self, key: u32, place: Place) {
        let document = self.boards.board.with_untracked(|board| board.document().clone());
        let after = document.after(DocumentEdit::Place(key, place));
        let places = after.panels.iter().map(|panel| (panel.id, panel.place)).collect();
        self.boards.making_way.set(Some(places));
        self.boards.dragged.set(Some((key, place)));
    }

    /// The panel that was dragged is let go; gives which, and where.
    pub(crate) fn drop_dragged(self) -> Option<(u32, Place)> {
        self.boards.making_way.set(None);
        self.boards.dragged.try_update(Option::take).flatten()
    }

    /// Shows a panel alone, or all of them.
    pub(crate) fn show_alone(self, key: Option<u32>) {
        if key != self.boards.alone.get_untracked() {
            self.boards.alone.set(key);
            self.show_address(Remember::Step);
            self.announce(if key.is_some() { "The panel is shown alone" } else { "All panels are shown" });
        }
    }

    /// Whether something is to be said or chosen above the board; tracked.
    pub(crate) fn has_board_head(self) -> bool {
        let is_said = self.boards.alone.get().is_some() || self.boards.is_restored.get();
        is_said || !self.boards.board.read().offered().is_empty()
    }

    /// These are the streams now.
    pub(super) fn set_streams(self, streams: Vec<StreamInfo>) {
        self.boards.board.update(|board| board.set_streams(streams));
    }

    /// Changes the dashboard.
    pub(crate) fn edit_board(self, edit: DocumentEdit) {
        self.boards.board.update(|board| board.edit(edit));
    }

    /// Takes the last change back, or makes it again.
    pub(crate) fn undo(self, again: bool) {
        let done = self.boards.board.try_update(|board| board.undo(again)).unwrap_or(false);
        self.announce(match (done, again) {
            (true, false) => "Undone",
            (true, true) => "Redone",
            (false, false) => "Nothing to undo",
            (false, true) => "Nothing to redo",
        });
    }

    /// Changes a panel's content.
    pub(crate) fn edit_panel(self, key: u32, change: impl FnOnce(&mut PanelDocument)) {
        let known = self.boards.board.with_untracked(|board| board.document().panel(key).cloned());
        if let Some(mut panel) = known {
            change(&mut panel);
            self.edit_board(DocumentEdit::Replace(panel));
        }
    }

    /// Moves a panel by a key, or makes it larger or smaller; gives whether the key does that.
    pub(crate) fn nudge(self, key: u32, pressed: &str, resizes: bool) -> bool {
        let place = self.place(key);
        let beyond = |down| {
            let found = self.boards.board.with_untracked(|board| beyond(&board.document().panels, key, down));
            found.unwrap_or(place)
        };
        let to = match (pressed, resizes) {
            ("ArrowLeft", false) => place.moved(-1, 0),
            ("ArrowRight", false) => place.moved(1, 0),
            ("ArrowUp", false) => beyond(false),
            ("ArrowDown", false) => beyond(true),
            ("ArrowLeft", true) => place.resized(-1, 0),
            ("ArrowRight", true) => place.resized(1, 0),
            ("ArrowUp", true) => place.resized(0, -1),
            ("ArrowDown", true) => place.resized(0, 1),
            _ => return false,
        };
        self.edit_board(DocumentEdit::Place(key, to));
        let Place { x, y, w, h } = self.place(key);
        self.announce(format!("Column {}, row {}, {w} columns wide, {h} rows high", x + 1, y + 1));
        // Panels stand in reading order in the page too, and an element that moves there loses the keyboard.
        request_animation_frame(move || _ = page::focus(&handle_id(key)));
        true
    }
}

/// The id of the element that a panel is moved by.
pub(crate) fn handle_id(key: u32) -> String {
    format!("move-{key}")
}
