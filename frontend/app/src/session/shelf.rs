//! Opening dashboards, and keeping them in this browser and in files.

#![expect(clippy::unnecessary_wraps, reason = "the macro adds the failure to fetch to the result")]

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::Session;
use crate::browser::page::{self, Remember};
use crate::browser::save;
use crate::dashboard::Home;
use crate::document::{self, Document};
use crate::shelf::{Kept, slug};
use crate::time::TimeEdit;
use crate::time::text::view_of;

/// Names of the dashboards kept in this browser, one a line.
const NAMES_KEY: &str = "dashboards";
/// Most complaints about a document that are told.
const MOST_TOLD: usize = 4;

/// Reading a kept dashboard is no part of what the first charts need: see `crate::components::later`.
#[wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible)]
fn open_kept(session: Session, home: Home) -> Result<(), SplitLoaderError> {
    match home {
        Home::Relay { name, .. } => session.fetch_board(name),
        Home::Browser(name) => {
            let text = page::stored(&key(&name)).unwrap_or_default();
            session.show_text(&text, Home::Browser(name));
        }
        Home::Catalog | Home::File => {}
    }
    Ok(())
}

impl Session {
    /// Opens the dashboard that an address names, or the catalog's own.
    pub(super) fn open_named(self, name: Option<String>) {
        if self.boards.board.with_untracked(|board| board.home.name() == name.as_deref()) {
            return;
        }
        self.open_board(match name {
            None => Home::Catalog,
            Some(name) if page::stored(&key(&name)).is_some() => Home::Browser(name),
            Some(name) => Home::Relay { name, etag: String::new() },
        });
    }

    /// Opens another dashboard than the one that is shown.
    pub(crate) fn choose_board(self, home: Home) {
        self.show_all();
        self.open_board(home);
    }

    /// Nothing is chosen and no panel stands alone.
    fn show_all(self) {
        self.boards.alone.set(None);
        self.boards.board.update(|board| board.choose(Vec::new()));
    }

    /// Opens a dashboard.
    fn open_board(self, home: Home) {
        if matches!(home, Home::Catalog | Home::File) {
            return self.show_board(Document::default(), Home::Catalog);
        }
        spawn_local(async move {
            if let Err(error) = open_kept(self, home).await {
                self.report("The dashboard could not be opened".to_owned(), error.to_string());
            }
        });
    }

    /// Another source was chosen: the dashboard was about the streams of the last one.
    pub(super) fn leave_board(self) {
        self.boards.is_editing.set(false);
        self.show_all();
        self.open_named(None);
    }

    /// Shows a dashboard from JSON, and says what of it could not be used.
    pub(crate) fn show_text(self, text: &str, home: Home) {
        match document::read(text) {
            Ok((document, mut complaints)) => {
                if !complaints.is_empty() {
                    let surplus = complaints.len().saturating_sub(MOST_TOLD);
                    complaints.truncate(MOST_TOLD);
                    if surplus > 0 {
                        complaints.push(format!("and {surplus} more"));
                    }
                    let title = format!("Not all of the dashboard {:?} could be used", document.title);
                    self.report(title, complaints.join("; "));
                }
                self.show_board(document, home);
            }
            Err(error) => self.report("This is no dashboard".to_owned(), error.0),
        }
    }

    fn show_board(self, document: Document, home: Home) {
        if let Some((from, to)) = document.time.as_ref().filter(|_| !page::query().contains("from=")) {
            match self.zone.with_untracked(|zone| view_of(from, to, zone)) {
                Ok(view) => self.edit_time(TimeEdit::Choose(view)),
                Err(error) => {
                    self.report(format!("The dashboard has a bad time.{}", error.end), error.reason);
                }
            }
        }
        self.boards.conflict.set(None);
        self.boards.is_restored.set(false);
        self.boards.board.update(|board| board.open(document, home));
        self.show_address(Remember::Step);
    }

    /// Keeps the dashboard in this browser under the name of its title.
    pub(crate) fn keep_here(self) {
        let document = self.boards.board.with_untracked(|board| board.document().clone());
        let name = slug(&document.title);
        let stored = page::stored(NAMES_KEY).unwrap_or_default();
        let mut names: Vec<_> = stored.lines().filter(|other| *other != name).collect();
        names.push(&name);
        names.sort_unstable();
        let text = document::write(&document);
        if page::store(&key(&name), &text) && page::store(NAMES_KEY, &names.join("\n")) {
            self.kept_as(Home::Browser(name));
        } else {
            self.report(
                "The dashboard could not be kept here".to_owned(),
                "This browser's storage is full or forbidden: export the dashboard as a file.".to_owned(),
            );
        }
    }

    /// Every dashboard that can be opened, and where it is kept; tracked.
    pub(crate) fn all_kept(self) -> Vec<(Kept, &'static str)> {
        let automatic = Kept { title: "All streams".to_owned(), home: Home::Catalog };
        let here = kept_here().into_iter().map(|kept| (kept, "kept in this browser"));
        let on_relay = self.boards.shelf.get().kept.into_iter().map(|kept| (kept, "kept on the relay"));
        [(automatic, "made from what there is")].into_iter().chain(here).chain(on_relay).collect()
    }

    /// Gives the dashboard as a file.
    pub(crate) fn export_board(self) {
        self.boards.board.with_untracked(|board| {
            let name = format!("{}.json", slug(&board.document().title));
            save::download(&name, "application/json", document::write(board.document()).as_bytes());
        });
    }

    /// It is kept from now on as it is.
    pub(super) fn kept_as(self, home: Home) {
        self.forget_draft();
        self.boards.board.update(|board| board.keep(home));
        self.show_address(Remember::InPlace);
        self.announce("Kept");
    }
}

/// The dashboards kept in this browser.
fn kept_here() -> Vec<Kept> {
    let kept = |name: &str| {
        let (document, _) = document::read(&page::stored(&key(name))?).ok()?;
        let title = if document.title.is_empty() { name.to_owned() } else { document.title };
        Some(Kept { title, home: Home::Browser(name.to_owned()) })
    };
    page::stored(NAMES_KEY).unwrap_or_default().lines().filter_map(kept).collect()
}

fn key(name: &str) -> String {
    format!("dashboard.{name}")
}
