//! Changes that nobody kept yet: this browser remembers them, also over a reload.

use leptos::prelude::*;

use super::Session;
use crate::browser::page;
use crate::dashboard::Home;
use crate::document::{self, Document, DocumentEdit};
use crate::url;

impl Session {
    /// Remembers changes of dashboards from now on, and brings back those from before.
    pub(crate) fn watch_drafts(self) {
        Effect::new(move |before: Option<Option<String>>| {
            let key = self.draft_key();
            if let Some(name) = &key {
                if before.as_ref() == Some(&key) { self.remember_draft(name) } else { self.bring_back(name) }
            }
            key
        });
    }

    /// Takes the changes back that were brought back.
    pub(crate) fn discard_draft(self) {
        self.boards.is_restored.set(false);
        self.undo(false);
    }

    /// The dashboard is kept: there is nothing to remember.
    pub(super) fn forget_draft(self) {
        self.boards.is_restored.set(false);
        if let Some(name) = untrack(|| self.draft_key()) {
            page::forget(&name);
        }
    }

    /// What the changes of the dashboard that is open are remembered as; nothing before there is something to change.
    /// One from a file has no place of its own: it comes back in place of the one that the page makes. Tracked.
    fn draft_key(self) -> Option<String> {
        let board = self.boards.board.read();
        // A dashboard that is still to come is not the one that is open.
        let is_awaited = board.home.name().is_none() && url::parse(&page::query()).0.dashboard.is_some();
        if board.streams.is_empty() || is_awaited {
            return None;
        }
        Some(match &board.home {
            Home::Catalog | Home::File => format!("draft.made.{}", self.opened.read().title()),
            Home::Browser(name) => format!("draft.here.{name}"),
            Home::Relay { name, .. } => format!("draft.relay.{name}"),
        })
    }

    fn remember_draft(self, name: &str) {
        let board = self.boards.board.read_untracked();
        if board.is_changed() || board.home == Home::File {
            // Where the storage is full, the changes last as long as the page.
            page::store(name, &document::write(board.document()));
        } else {
            self.boards.is_restored.set(false);
            page::forget(name);
        }
    }

    fn bring_back(self, name: &str) {
        let Some((draft, _)) = page::stored(name).and_then(|text| document::read(&text).ok()) else { return };
        let current = self.boards.board.with_untracked(|board| board.document().clone());
        let draft = Document { version: current.version, ..draft };
        if draft != current {
            self.edit_board(DocumentEdit::Whole(Box::new(draft)));
            self.boards.is_restored.set(true);
            self.announce("Changes that were not kept are back");
        }
    }
}
