//! What else can be opened: bundled recordings, and dashboards.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use super::open_menu::MENU;
use crate::browser::event::hide_popover;
use crate::browser::recordings::{self, Recording};
use crate::dashboard::Home;
use crate::session::{Opened, Session};
use crate::shelf::Kept;

/// The lists, as they are now.
#[component]
pub(crate) fn OpenLists() -> impl IntoView {
    Session::get().ask_shelf();
    view! {
        <RecordingList />
        <DashboardList />
    }
    .into_any()
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
            session.choose_board(place.clone());
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
