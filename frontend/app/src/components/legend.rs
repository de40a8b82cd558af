//! The series of a panel with their colours and latest values.

use leptos::prelude::*;
use spate_worker::protocol::{LegendEntry, PanelUpdate};

/// One item per series. Items keep their place; only values change while events arrive.
#[component]
pub(crate) fn Legend(
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let entries = Memo::new(move |_| update.read().legend.clone());
    let named =
        move || entries.get().into_iter().map(|LegendEntry { name, color, .. }| (name, color)).enumerate();
    view! {
        <ul class="legend" aria-label="Series">
            <For each=named key=|(index, (name, color))| (*index, name.clone(), *color) let:item>
                {
                    let (index, (name, color)) = item;
                    let latest = Memo::new(move |_| latest_at(&entries.read(), index));
                    view! {
                        <li class="legend-item" data-series=color.to_string()>
                            <span class="swatch" aria-hidden="true"></span>
                            <span class="legend-name">{name}</span>
                            <span class="legend-latest">{latest}</span>
                        </li>
                    }
                }
            </For>
        </ul>
    }
}

fn latest_at(entries: &[LegendEntry], index: usize) -> String {
    entries.get(index).map(|entry| entry.latest.clone()).unwrap_or_default()
}
