//! The main area without panels: loading, nothing there yet, and failed. Each has a way out.

use leptos::prelude::*;
use spate_worker::protocol::Command;

use super::icon::{Glyph, Icon};
use super::later::{Part, later};
use super::open_menu::FilePicker;
use crate::browser::page;
use crate::session::{Opened, Session};
use crate::{status, url};

/// Placeholders of the shape of what comes.
#[component]
pub(crate) fn Loading() -> impl IntoView {
    let session = Session::get();
    let source = move || session.opened.read().title();
    view! {
        // What takes long says what it is, with another way.
        <div class="loading-note" data-testid="loading-note">
            <span>"Opening "<strong>{source}</strong></span>
            <FilePicker class="button">"Open a file instead"</FilePicker>
        </div>
        <div class="skeleton" role="status" aria-label="Loading" data-testid="loading">
            <div class="tiles">{(0..4).map(|_| view! { <div class="tile shimmer"></div> }).collect_view()}</div>
            <div class="board">
                <div class="charts">
                    {(0..4).map(|_| view! { <div class="panel skeleton-panel shimmer"></div> }).collect_view()}
                </div>
                <div class="alerts panel shimmer"></div>
            </div>
        </div>
    }
}

/// Nobody answered so far; the worker goes on trying.
#[component]
pub(crate) fn NoRelay() -> impl IntoView {
    let session = Session::get();
    let detail = move || status::of_missing_relay(&session.connection.read());
    let address = move || match &*session.opened.read() {
        Opened::Relay(url) => url.clone(),
        Opened::Recording(name) | Opened::File(name) => name.clone(),
    };
    view! {
        <div class="state" data-testid="no-relay">
            <Glyph icon=Icon::Relay />
            <h2>"The relay does not answer"</h2>
            <p><code>{address}</code></p>
            <p>{detail}</p>
            <div class="state-actions">
                <button type="button" class="button primary" data-testid="try-now" on:click=move |_| session.send(&Command::Reconnect)>"Try now"</button>
                <FilePicker class="button">"Open a file"</FilePicker>
            </div>
            {later(Part::RecordingChoices)}
        </div>
    }
}

/// Shows how the first event gets here.
#[component]
pub(crate) fn NoStreams() -> impl IntoView {
    let session = Session::get();
    let opened = session.opened.get_untracked();
    match opened {
        Opened::Relay(relay) => view! { <NoEventsYet relay /> }.into_any(),
        Opened::Recording(_) | Opened::File(_) => view! { <NothingToChart /> }.into_any(),
    }
}

#[component]
fn NoEventsYet(relay: String) -> impl IntoView {
    let command = url::first_event_command(&relay);
    view! {
        <div class="state" data-testid="empty">
            <Glyph icon=Icon::Relay />
            <h2>"Listening. No streams yet."</h2>
            <p>"Send the first event; its stream appears here by itself:"</p>
            <pre class="code" tabindex="0"><code>{command}</code></pre>
            <div class="state-actions"><FilePicker class="button">"Open a file"</FilePicker></div>
            {later(Part::RecordingChoices)}
        </div>
    }
}

#[component]
fn NothingToChart() -> impl IntoView {
    view! {
        <div class="state" data-testid="empty">
            <Glyph icon=Icon::File />
            <h2>"Nothing to chart"</h2>
            <p>"It was read, but has no numbers: at least one column besides the time must hold numbers."</p>
            <div class="state-actions"><FilePicker class="button">"Open another file"</FilePicker></div>
        </div>
    }
}

/// Says why the source cannot be shown.
#[component]
pub(crate) fn Failed() -> impl IntoView {
    let session = Session::get();
    let title = move || session.fatal.read().as_ref().map(|problem| problem.title.clone());
    let detail = move || session.fatal.read().as_ref().map(|problem| problem.detail.clone());
    let can_retry = move || !matches!(&*session.opened.read(), Opened::File(_));
    let is_elsewhere = move || !matches!(&*session.opened.read(), Opened::Relay(_));
    view! {
        <div class="state" role="alert" data-testid="failed">
            <Glyph icon=Icon::Warning />
            <h2>{title}</h2>
            <p class="state-detail">{detail}</p>
            <div class="state-actions">
                <Show when=can_retry>
                    <button type="button" class="button primary" on:click=move |_| session.reopen()>"Try again"</button>
                </Show>
                <FilePicker class="button">"Open another file"</FilePicker>
                <button type="button" class="button" on:click=move |_| page::reload()>"Reload the page"</button>
                <Show when=is_elsewhere>
                    <button type="button" class="button" on:click=move |_| session.open_relay()>"Live relay"</button>
                </Show>
            </div>
            {later(Part::RecordingChoices)}
        </div>
    }
}
