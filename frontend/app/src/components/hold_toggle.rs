//! Follows the events, or holds the range still while they go on arriving.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::format::{count, counted};
use crate::session::Session;
use crate::time::TimeEdit;

/// One button; while holding it says how many events wait.
#[component]
pub(crate) fn HoldToggle() -> impl IntoView {
    let session = Session::get();
    let holds = Memo::new(move |_| session.time.read().view.is_held());
    let icon = move || if holds.get() { Icon::Play } else { Icon::Pause };
    let waiting = move || holds.get().then(|| format!("{} waiting", count(session.waiting.get())));
    let title = move || title(holds.get(), session.waiting.get());
    view! {
        <button
            type="button"
            class="button hold"
            data-testid="hold"
            aria-pressed=move || holds.get().to_string()
            aria-label="Hold the range"
            title=title
            on:click=move |_| session.edit_time(if holds.get_untracked() { TimeEdit::Follow } else { TimeEdit::Hold })
        >
            {move || view! { <Glyph icon=icon() /> }}
            <span>{move || if holds.get() { "Follow" } else { "Hold" }}</span>
            <span class="hold-waiting" data-testid="waiting">{waiting}</span>
        </button>
    }
}

fn title(holds: bool, waiting: u64) -> String {
    if holds {
        format!("The range stands still; {} arrived since. Click to follow.", counted(waiting, "event"))
    } else {
        "The range follows the events. Click to hold it still.".to_owned()
    }
}
