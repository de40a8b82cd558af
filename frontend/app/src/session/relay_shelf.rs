//! Dashboards that the relay keeps: whoever saved another version meanwhile is not overwritten.

use leptos::prelude::*;

use super::Session;
use crate::browser::http::{self, Answer, Question};
use crate::dashboard::Home;
use crate::document;
use crate::shelf::{Saved, relay_shelf, saved, slug};

const API: &str = "api/v1/dashboards";

impl Session {
    /// Asks the relay which dashboards it keeps. A page that no relay serves, or one that keeps none, has none.
    pub(crate) fn ask_shelf(self) {
        let question = Question { method: "GET", address: API.to_owned(), ..Question::default() };
        let then = move |answer: Result<Answer, String>| {
            let list =
                answer.ok().filter(|answer| answer.status == 200).map(|answer| relay_shelf(&answer.text));
            self.boards.shelf.set(list.unwrap_or_default());
        };
        http::ask(question, Box::new(then));
    }

    /// Shows the version that the relay keeps now.
    pub(super) fn fetch_board(self, name: String) {
        let question = Question { method: "GET", address: format!("{API}/{name}"), ..Question::default() };
        let then = move |answer: Result<Answer, String>| {
            match answer {
            Ok(Answer { status: 200, etag, text }) => self.show_text(&text, Home::Relay { name, etag }),
            Ok(Answer { status, .. }) => self.report(
                format!("There is no dashboard {name:?}"),
                format!("This browser keeps none of that name, and the relay answers {status}. Choose another one under Open."),
            ),
            Err(reason) => self.report(format!("The dashboard {name:?} could not be fetched"), reason),
        }
        };
        http::ask(question, Box::new(then));
    }

    /// Keeps the dashboard on the relay, in place of the version that was read there.
    pub(crate) fn keep_on_relay(self) {
        let name = self.boards.board.with_untracked(|board| slug(&board.document().title));
        let read = self.boards.board.with_untracked(|board| match &board.home {
            Home::Relay { name: same, etag } if *same == name => etag.clone(),
            _ => String::new(),
        });
        self.put_board(name, read);
    }

    /// Keeps it in place of the version that somebody else saved meanwhile.
    pub(crate) fn keep_mine(self) {
        if let Some((name, theirs)) = self.boards.conflict.get_untracked() {
            self.put_board(name, theirs);
        }
    }

    /// Shows what somebody else saved meanwhile; what was changed here is gone.
    pub(crate) fn take_theirs(self) {
        if let Some((name, _)) = self.boards.conflict.get_untracked() {
            self.fetch_board(name);
        }
    }

    /// Saves in place of a version; of none when it is empty.
    fn put_board(self, name: String, replaces: String) {
        let body = self.boards.board.with_untracked(|board| document::write(board.document()));
        let when =
            if replaces.is_empty() { ("If-None-Match", "*".to_owned()) } else { ("If-Match", replaces) };
        let address = format!("{API}/{name}");
        let question = Question { method: "PUT", address, when: Some(when), body: Some(body) };
        let then = move |answer: Result<Answer, String>| {
            let saved =
                answer.map_or_else(Saved::Refused, |answer| saved(answer.status, answer.etag, &answer.text));
            self.boards.conflict.set(None);
            match saved {
                Saved::As(etag) => {
                    self.kept_as(Home::Relay { name, etag });
                    self.ask_shelf();
                }
                Saved::Conflict(theirs) => self.boards.conflict.set(Some((name, theirs))),
                Saved::Refused(reason) => {
                    self.report("The relay did not keep the dashboard".to_owned(), reason);
                }
            }
        };
        http::ask(question, Box::new(then));
    }
}
