//! Opens the relay, a file or a bundled recording.

use leptos::prelude::*;
use leptos::{ev, html};

use super::icon::{Glyph, Icon};
use crate::browser::event::{click, hide_popover};
use crate::browser::files::read_picked;
use crate::browser::recordings::{self, Recording};
use crate::dashboard::Home;
use crate::session::{Opened, Session};
use crate::shelf::Kept;

const MENU: &str = "open-menu";

/// A button and its popover; the browser closes it on Escape and on a click elsewhere.
#[component]
pub(crate) fn OpenMenu() -> impl IntoView {
    let session = Session::get();
    let has_relay = move || matches!(&*session.opened.read(), Opened::Relay(_));
    let open_relay = move |_: ev::MouseEvent| {
        hide_popover(MENU);
        session.open_relay();
    };
    view! {
        <button type="button" class="button open" data-testid="open" popovertarget=MENU>
            <Glyph icon=Icon::Open />
            "Open"
        </button>
        <div id=MENU class="menu" popover="auto" role="group" aria-label="Open a source">
            <button type="button" class="menu-item" aria-pressed=move || has_relay().to_string() on:click=open_relay>
                <Glyph icon=Icon::Relay />
                <span class="menu-title">"Live relay"</span>
                <span class="menu-note">"events as they arrive"</span>
            </button>
            <FilePicker class="menu-item">
                <span class="menu-title">"A file from this device"</span>
                <span class="menu-note">".spate, .csv, .ndjson, .json; stays here"</span>
            </FilePicker>
            <RecordingList />
            <DashboardList />
        </div>
    }
}

/// A button that opens the system's file picker and then the file.
#[component]
pub(crate) fn FilePicker(
    /// How the button looks.
    class: &'static str,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let session = Session::get();
    let input = NodeRef::<html::Input>::new();
    let pick = move |_| {
        if let Some(input) = input.get() {
            click(&input);
        }
    };
    let open = move |_| {
        if let Some(input) = input.get() {
            hide_popover(MENU);
            read_picked(&input, move |read| session.open_read(read));
        }
    };
    view! {
        <button type="button" class=class on:click=pick>
            <Glyph icon=Icon::File />
            {children()}
        </button>
        <input
            node_ref=input
            type="file"
            hidden
            accept=".spate,.csv,.ndjson,.jsonl,.json"
            data-testid="file-input"
            on:change=open
        />
    }
}

#[component]
fn RecordingList() -> impl IntoView {
    let list = LocalResource::new(recordings::list);
    let found = move || list.get().filter(|list| !list.is_empty());
    let items = move || {
        found().map(|list| {
            view! {
                <p class="menu-heading">"Bundled recordings"</p>
                {list.into_iter().map(|recording| view! { <RecordingItem recording /> }).collect_view()}
            }
        })
    };
    view! { {items} }
}

/// The dashboards there are, once somebody kept one.
#[component]
fn DashboardList() -> impl IntoView {
    let session = Session::get();
    let board = session.boards.board;
    let home = Memo::new(move |_| board.read().home.clone());
    let item = move |(Kept { title, home: place }, note): (Kept, &'static str)| {
        let is_open = home
            .with(|home| home.name() == place.name() && (*home == Home::Catalog) == (place == Home::Catalog));
        let open = move |_| {
            hide_popover(MENU);
            session.open_board(place.clone());
        };
        view! {
            <button type="button" class="menu-item" aria-pressed=is_open.to_string() data-testid="dashboard" on:click=open>
                <Glyph icon=Icon::Board />
                <span class="menu-title">{title}</span>
                <span class="menu-note">{note}</span>
            </button>
        }
        .into_any()
    };
    let items = move || {
        home.track();
        session.all_kept().into_iter().map(item).collect_view()
    };
    view! {
        <p class="menu-heading">"Dashboards"</p>
        {items}
    }
    .into_any()
}

#[component]
fn RecordingItem(recording: Recording) -> impl IntoView {
    let session = Session::get();
    let Recording { name, title } = recording;
    let opened = Opened::Recording(name.clone());
    let is_open = move || (*session.opened.read() == opened).to_string();
    let shown = name.clone();
    let open = move |_| {
        hide_popover(MENU);
        session.open_recording(name.clone());
    };
    view! {
        <button type="button" class="menu-item" aria-pressed=is_open on:click=open>
            <Glyph icon=Icon::Recording />
            <span class="menu-title">{shown}</span>
            <span class="menu-note">{title}</span>
        </button>
    }
}
