//! What a panel's results leave out or changed, and whether they are made up in part.

use leptos::prelude::*;
use spate_worker::protocol::PanelUpdate;

use crate::notes;

/// A line under the panel's header, when there is something to say.
#[component]
pub(crate) fn PanelNotes(
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let told = {
        let update = update.clone();
        Memo::new(move |_| notes::of_panel(&update.read()))
    };
    let is_synthetic = Memo::new(move |_| update.read().synthetic);
    view! {
        <Show when=move || is_synthetic.get() || !told.read().is_empty()>
            <ul class="panel-notes" aria-label="Notes" data-testid="panel-notes">
                {move || is_synthetic.get().then(|| view! {
                    <li class="chip" data-state="stale" data-testid="synthetic" title="Faults are being put into these values on purpose">"synthetic"</li>
                })}
                {move || told.get().into_iter().map(|note| view! { <li>{note}</li> }).collect_view()}
            </ul>
        </Show>
    }
    .into_any()
}
