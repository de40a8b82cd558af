//! Finds and does anything: type, choose with the arrows, Enter.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::dialog::Dialog;
use super::icon::{Glyph, Icon};
use crate::palette::{Entry, found};
use crate::session::Session;

/// The palette.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    let session = Session::get();
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let entries = StoredValue::new(session.palette_entries());
    let shown = Memo::new(move |_| entries.with_value(|entries| found(entries, &text.read())));
    let run = move |entry: &Entry| {
        session.modal.set(None);
        session.run(&entry.what);
    };
    let on_key = move |event: KeyboardEvent| {
        let count = shown.read_untracked().len().max(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|index| *index = (*index + 1) % count),
            "ArrowUp" => chosen.update(|index| *index = (*index + count - 1) % count),
            "Enter" => {
                let entry = shown.read_untracked().get(chosen.get_untracked()).cloned();
                if let Some(entry) = entry {
                    run(&entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let option = move |(index, entry): (usize, Entry)| {
        let Entry { title, note, keys, .. } = entry.clone();
        view! {
            <li
                id=format!("palette-{index}")
                class="palette-entry"
                role="option"
                aria-selected=move || (chosen.get() == index).to_string()
                data-testid="palette-entry"
                on:click=move |_| run(&entry)
            >
                <span class="palette-title">{title}</span>
                <span class="palette-note">{note}</span>
                {(!keys.is_empty()).then(|| view! { <kbd>{keys}</kbd> })}
            </li>
        }
    };
    view! {
        <Dialog title="Find anything" name="palette">
            <div class="palette-field">
                <Glyph icon=Icon::Search />
                <input
                    class="palette-input"
                    autofocus
                    type="text"
                    role="combobox"
                    aria-label="Find dashboards, panels, streams, time ranges and actions"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant=move || format!("palette-{}", chosen.get())
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="Dashboards, panels, streams, times, actions"
                    data-testid="palette-input"
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        chosen.set(0);
                    }
                    on:keydown=on_key
                />
            </div>
            <ul id="palette-list" class="palette-list" role="listbox" aria-label="Found">
                {move || shown.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
            <p class="palette-none">{move || shown.read().is_empty().then_some("Nothing is called that.")}</p>
        </Dialog>
    }
}
