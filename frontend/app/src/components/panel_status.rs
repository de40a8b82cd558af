//! What keeps a panel from being as it should be.

use leptos::prelude::*;
use spate_worker::protocol::{PanelId, PanelState, PanelUpdate};

use super::later::{Part, later};
use crate::browser::event::open_popover;
use crate::{notes, status};

/// A chip in the panel's head, when there is something to say; a click tells all of it and what can be done.
#[component]
pub(crate) fn PanelStatus(
    /// Which panel.
    id: PanelId,
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let chip = Memo::new(move |_| {
        let update = update.read();
        status::of_panel(&update.state, update.notes.iter().any(|note| notes::leaves_out(note)))
    });
    let menu = status_menu(id);
    let is_open = RwSignal::new(false);
    let toggled = {
        let menu = menu.clone();
        move |_| is_open.set(open_popover(&menu).is_some())
    };
    let button = {
        let menu = menu.clone();
        move || {
            chip.get().map(|chip| {
                view! {
                    <button type="button" class="chip" data-state=chip.name title=chip.detail popovertarget=menu.clone() data-testid="panel-status">
                        {chip.text}
                    </button>
                }
            })
        }
    };
    view! {
        {button}
        <div id=menu class="menu status-menu" popover="auto" role="group" aria-label="State of the panel" on:toggle=toggled>
            {move || is_open.get().then(|| later(Part::PanelStatus(id)))}
        </div>
    }
    .into_any()
}

/// The id of the popover that tells all of a panel's state.
pub(super) fn status_menu(id: PanelId) -> String {
    format!("panel-{id}-status")
}

/// What covers a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cover {
    /// Its first event is awaited, which is said when it takes long.
    Waiting,
    /// Something keeps it from showing anything.
    Card,
}

/// Covers the panel until its first event, and while there is nothing to see on it; says why, and what can be done.
#[component]
pub(crate) fn PanelCover(
    /// Which panel.
    id: PanelId,
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let cover = Memo::new(move |_| match update.read().state {
        PanelState::Waiting => Some(Cover::Waiting),
        PanelState::Failed { .. } | PanelState::NoData { .. } => Some(Cover::Card),
        PanelState::WarmingUp { .. } | PanelState::Ready | PanelState::Stale { .. } => None,
    });
    let view = move || {
        let cover = cover.get()?;
        let shimmer =
            (cover == Cover::Waiting).then(|| view! { <span class="shimmer" aria-hidden="true"></span> });
        Some(view! { <div class="waiting">{shimmer}{later(Part::Cover(id))}</div> })
    };
    view.into_any()
}
