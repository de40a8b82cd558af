//! What a state is called, what it means, and what can be done about it: beside a badge, or over a panel.

use leptos::prelude::*;
use spate_worker::protocol::{Connection, PanelId, PanelState};

use super::connection_badge;
use super::icon::{Glyph, Icon};
use super::panel_status::status_menu;
use crate::browser::event::hide_popover;
use crate::notes;
use crate::session::Session;
use crate::status::{self, Status};
use crate::ways::{self, Way};

/// How the source is doing.
pub(super) fn of_source() -> AnyView {
    let session = Session::get();
    let told = Memo::new(move |_| {
        let connection = session.connection.read();
        (status::of_connection(&connection), ways::of_connection(&connection))
    });
    (move || {
        let (status, ways) = told.get();
        let act = move |way| {
            hide_popover(connection_badge::MENU);
            session.take_way(way, None);
        };
        card(status, Vec::new(), ways.to_vec(), act)
    })
    .into_any()
}

/// What floats over the dashboard while its relay is away.
pub(super) fn of_absence() -> AnyView {
    let session = Session::get();
    let is_away = Memo::new(move |_| {
        matches!(*session.connection.read(), Connection::Resuming { .. } | Connection::Offline { .. })
    });
    (move || {
        is_away.get().then(|| {
            view! { <aside class="absence" aria-label="The relay is away" data-testid="absence">{of_source()}</aside> }
        })
    })
    .into_any()
}

/// How a panel is doing, with all that its notes say.
pub(super) fn of_panel(id: PanelId) -> AnyView {
    let session = Session::get();
    let update = session.updates_of(id);
    let told = Memo::new(move |_| {
        let update = update.read();
        let leaves_out = update.notes.iter().any(|note| notes::leaves_out(note));
        let status = status::of_panel(&update.state, leaves_out);
        (status, notes::of_panel(&update), ways::of_panel(&update.state))
    });
    (move || {
        let (status, notes, ways) = told.get();
        let act = move |way| {
            hide_popover(&status_menu(id));
            session.take_way(way, Some(id));
        };
        status.map(|status| card(status, notes, ways, act))
    })
    .into_any()
}

/// Why there is nothing to see on a panel.
pub(super) fn over_panel(id: PanelId) -> AnyView {
    let session = Session::get();
    let update = session.updates_of(id);
    let state = Memo::new(move |_| update.read().state.clone());
    (move || {
        let state = state.get();
        let status = match state {
            PanelState::Waiting => Some(status::of_waiting()),
            _ => status::of_panel(&state, false),
        };
        let held = match state {
            PanelState::NoData { from, to } if from < to => {
                vec![format!("Events are held from {}.", session.interval_text(from, to))]
            }
            _ => Vec::new(),
        };
        let act = move |way| session.take_way(way, Some(id));
        status.map(|status| card(status, held, ways::of_panel(&state), act))
    })
    .into_any()
}

/// In place of a panel that cannot be drawn here.
pub(super) fn of_missing(id: PanelId, problem: String) -> AnyView {
    let session = Session::get();
    let act = move |way| session.take_way(way, Some(id));
    card(status::of_missing(problem), Vec::new(), vec![Way::Settings], act)
}

fn card(status: Status, notes: Vec<String>, ways: Vec<Way>, act: impl Fn(Way) + Copy + 'static) -> AnyView {
    let Status { name, text, detail } = status;
    let way = |(place, way): (usize, Way)| {
        let class = if place == 0 { "button primary" } else { "button" };
        view! {
            <button type="button" class=class data-testid=way.name() on:click=move |_| act(way)>{way.label()}</button>
        }
    };
    view! {
        <div class="state-card" data-state=name data-testid=format!("state-{name}")>
            <Glyph icon=icon(name) />
            <p class="state-card-title">{text}</p>
            <p class="state-card-detail">{detail}</p>
            {notes.into_iter().map(|note| view! { <p class="state-card-detail">{note}</p> }).collect_view()}
            <div class="state-actions">{ways.into_iter().enumerate().map(way).collect_view()}</div>
        </div>
    }
    .into_any()
}

/// By the name of the state.
fn icon(name: &str) -> Icon {
    match name {
        "failed" | "offline" => Icon::Warning,
        "warming-up" => Icon::Sliders,
        "stale" | "behind" => Icon::Clock,
        "no-data" => Icon::Search,
        "over-budget" => Icon::Table,
        "recording" => Icon::Recording,
        _ => Icon::Relay,
    }
}
