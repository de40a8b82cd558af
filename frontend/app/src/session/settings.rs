//! Changing what a panel shows.

use leptos::prelude::*;
use spate_shared::catalog::StreamInfo;
use spate_worker::ask::Ask;
use spate_worker::query_form::{QueryAnswer, QueryQuestion};

use super::{Session, SideSheet};
use crate::browser::page;
use crate::dashboard::Board;
use crate::document::{DocumentEdit, PanelDocument};

impl Session {
    /// The streams there are; tracked.
    pub(crate) fn known_streams(self) -> Vec<StreamInfo> {
        self.boards.board.read().streams.clone()
    }

    /// A panel as its dashboard has it, by its id there; tracked.
    pub(crate) fn panel_document(self, key: u32) -> Option<PanelDocument> {
        self.boards.board.read().document().panel(key).cloned()
    }

    /// What a panel is called, by its id in the document; tracked.
    pub(crate) fn panel_name(self, key: u32) -> String {
        self.panel_at(key).map(|panel| format!("{} {}", panel.title, panel.subtitle)).unwrap_or_default()
    }

    /// Asks whether what is typed is a query; what was said before stands until the answer comes.
    pub(crate) fn ask_query(self, question: QueryQuestion) {
        let query = self.desk().query;
        query.update(|query| query.latest += 1);
        let question = QueryQuestion { request: query.read_untracked().latest, ..question };
        self.ask(Ask::Query(Box::new(question)));
    }

    /// The worker judged a query.
    pub(super) fn told_of_query(self, answer: QueryAnswer) {
        self.desk().query.update(|query| {
            if query.latest == answer.request {
                query.answer = Some(answer);
            }
        });
    }

    /// Shows a panel as its settings say while they are open, without a change of the dashboard.
    pub(crate) fn try_out(self, key: u32, panel: PanelDocument) {
        // What is typed last may come when the sheet is already gone.
        if self.desk().sheet.get_untracked() == Some(SideSheet::Settings(key)) {
            self.boards.board.update(|board| board.try_out(DocumentEdit::Replace(panel)));
        }
    }

    /// Shows all panels as they are.
    pub(crate) fn end_trial(self) {
        if self.boards.board.read_untracked().is_trying() {
            self.boards.board.update(Board::end_trial);
        }
    }

    /// Shows a panel as its settings say.
    pub(crate) fn apply_settings(self, panel: PanelDocument) {
        self.edit_board(DocumentEdit::Replace(panel));
        self.announce("The panel is changed");
    }

    /// Shows one more panel, and its settings.
    pub(crate) fn add_beside(self, panel: PanelDocument) {
        self.edit_board(DocumentEdit::Add(panel));
        let added = self
            .boards
            .board
            .with_untracked(|board| board.panels.iter().max_by_key(|panel| panel.key).cloned());
        if let Some(panel) = added {
            self.desk().sheet.set(Some(SideSheet::Settings(panel.key)));
            self.announce("The new panel is the last one");
            request_animation_frame(move || page::go_to(&panel.element_id()));
        }
    }

    /// Takes a panel off its dashboard.
    pub(crate) fn remove_panel(self, key: u32) {
        self.edit_board(DocumentEdit::Remove(key));
        self.announce("The panel is removed");
    }
}
