//! How the source is doing: a dot with its own shape per state and a word; a click tells the whole story and what can be
//! done.

use leptos::prelude::*;

use super::later::{Part, later};
use crate::browser::event::open_popover;
use crate::session::Session;
use crate::status;

/// The popover's id.
pub(super) const MENU: &str = "source-status";

/// The badge; screen readers hear of a new state, not of every number in it.
#[component]
pub(crate) fn ConnectionBadge() -> impl IntoView {
    let session = Session::get();
    let status = Memo::new(move |_| match &*session.fatal.read() {
        Some(problem) => status::of_failure(&problem.title),
        None => status::of_connection(&session.connection.read()),
    });
    let name = Memo::new(move |_| status.read().name);
    let spoken = Memo::new(move |_| format!("Connection: {}", name.get().replace('-', " ")));
    let is_open = RwSignal::new(false);
    let toggled = move |_| is_open.set(open_popover(MENU).is_some());
    view! {
        <button type="button" class="badge" popovertarget=MENU data-testid="connection" data-state=name title=move || status.read().detail.clone()>
            <span class="badge-dot" aria-hidden="true"></span>
            <span class="badge-text">{move || status.read().text.clone()}</span>
        </button>
        <div id=MENU class="menu status-menu" popover="auto" role="group" aria-label="State of the source" on:toggle=toggled>
            {move || is_open.get().then(|| later(Part::SourceStatus))}
        </div>
        <span class="visually-hidden" role="status">{spoken}</span>
    }
}
