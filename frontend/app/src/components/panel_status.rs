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

/// Covers the plot until the first event, and while its query cannot be answered: then it says why.
#[component]
pub(crate) fn Waiting(
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let cover = Memo::new(move |_| match &update.read().state {
        PanelState::Waiting => Some(None),
        PanelState::Failed { reason } => Some(Some(reason.clone())),
        _ => None,
    });
    let view = move || match cover.get() {
        None => ().into_any(),
        Some(None) => view! {
            <div class="waiting">
                <span class="shimmer" aria-hidden="true"></span>
                <span class="waiting-text">"Waiting for events"</span>
            </div>
        }
        .into_any(),
        Some(Some(reason)) => {
            view! { <div class="waiting failed" role="alert" data-testid="panel-failed">{reason}</div> }
                .into_any()
        }
    };
    view.into_any()
}
