//! How the source is doing: a dot with its own shape per state, a word, and the whole story as a title.

use leptos::prelude::*;

use crate::session::Session;
use crate::status;

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
    view! {
        <div class="badge" data-testid="connection" data-state=name title=move || status.read().detail.clone()>
            <span class="badge-dot" aria-hidden="true"></span>
            <span class="badge-text">{move || status.read().text.clone()}</span>
        </div>
        <span class="visually-hidden" role="status">{spoken}</span>
    }
}
