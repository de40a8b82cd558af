//! What keeps a panel from being as it should be.

use leptos::prelude::*;
use spate_worker::protocol::{PanelState, PanelUpdate};

use crate::status;

/// A chip in the panel's header, when there is something to say.
#[component]
pub(crate) fn PanelStatus(
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let chip = Memo::new(move |_| status::of_panel(&update.read().state));
    move || {
        chip.get().map(|chip| {
            view! { <span class="chip" data-state=chip.name title=chip.detail>{chip.text}</span> }
        })
    }
}

/// Covers the plot until the first event.
#[component]
pub(crate) fn Waiting(
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let waits = Memo::new(move |_| update.read().state == PanelState::Waiting);
    view! {
        <Show when=move || waits.get()>
            <div class="waiting">
                <span class="shimmer" aria-hidden="true"></span>
                <span class="waiting-text">"Waiting for events"</span>
            </div>
        </Show>
    }
}
