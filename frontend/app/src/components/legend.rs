//! The series of a panel with their colours and latest values. A click isolates one, with a modifier it toggles it.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use spate_worker::gesture::Gesture;
use spate_worker::protocol::{LegendEntry, PanelId, PanelUpdate};

use crate::legend::clicked;
use crate::session::Session;

/// One button per series. They keep their place; only values change while events arrive.
#[component]
pub(crate) fn Legend(
    /// Which panel.
    id: PanelId,
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let session = Session::get();
    let entries = Memo::new(move |_| update.read().legend.clone());
    let hidden = RwSignal::new(Vec::<String>::new());
    let is_alone = Memo::new(move |_| entries.read().len() < 2);
    let named =
        move || entries.get().into_iter().map(|LegendEntry { name, color, .. }| (name, color)).enumerate();
    let click = move |name: &str, toggles: bool| {
        let all: Vec<String> = entries.read_untracked().iter().map(|entry| entry.name.clone()).collect();
        if all.len() > 1 {
            hidden.update(|hidden| *hidden = clicked(&all, hidden, name, toggles));
            session.gesture(id, Gesture::Hide(hidden.get_untracked()));
        }
    };
    view! {
        <ul class="legend" aria-label="Series">
            <For each=named key=|(index, (name, color))| (*index, name.clone(), *color) let:item>
                {
                    let (index, (name, color)) = item;
                    let latest = Memo::new(move |_| latest_at(&entries.read(), index));
                    let name = StoredValue::new(name);
                    let is_shown = move || !hidden.read().contains(&*name.read_value());
                    let on_click = move |event: MouseEvent| {
                        let toggles = event.ctrl_key() || event.meta_key() || event.shift_key();
                        name.with_value(|name| click(name, toggles));
                    };
                    // A long press, or the menu key.
                    let on_menu = move |event: MouseEvent| {
                        event.prevent_default();
                        name.with_value(|name| click(name, true));
                    };
                    view! {
                        <li>
                            <button
                                type="button"
                                class="legend-item"
                                data-series=color.to_string()
                                aria-pressed=move || is_shown().to_string()
                                disabled=move || is_alone.get()
                                title="Click to show alone, Ctrl-click to hide or show"
                                on:click=on_click
                                on:contextmenu=on_menu
                            >
                                <span class="swatch" aria-hidden="true"></span>
                                <span class="legend-name" dir="auto">{name.get_value()}</span>
                                <span class="legend-latest">{latest}</span>
                            </button>
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
