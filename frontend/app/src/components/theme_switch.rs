//! System, light or dark.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::session::Session;
use crate::theme::ThemeChoice;

/// Three buttons, one pressed.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    view! {
        <div class="segments" role="group" aria-label="Theme">
            {ThemeChoice::ALL.map(|choice| view! { <ThemeButton choice /> }).collect_view()}
        </div>
    }
}

#[component]
fn ThemeButton(choice: ThemeChoice) -> impl IntoView {
    let session = Session::get();
    let is_chosen = move || session.theme.get() == choice;
    view! {
        <button
            type="button"
            class="segment"
            aria-label=choice.title()
            title=choice.title()
            aria-pressed=move || is_chosen().to_string()
            on:click=move |_| session.choose_theme(choice)
        >
            <Glyph icon=icon_of(choice) />
        </button>
    }
}

fn icon_of(choice: ThemeChoice) -> Icon {
    match choice {
        ThemeChoice::Auto => Icon::Monitor,
        ThemeChoice::Light => Icon::Sun,
        ThemeChoice::Dark => Icon::Moon,
    }
}
