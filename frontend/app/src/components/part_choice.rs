//! Which rows of a panel: what it shows, all, those of an interval, those that came too late.

use leptos::prelude::*;
use spate_worker::export::Part;
use spate_worker::protocol::PanelId;

use crate::session::Session;

/// The choice.
#[component]
pub(crate) fn PartChoice(
    /// Of which panel.
    id: PanelId,
    /// The rows that are chosen.
    part: RwSignal<Part>,
) -> impl IntoView {
    let session = Session::get();
    let interval = session.desk().interval.get_untracked();
    let has_query = session.panel(id).is_some_and(|panel| panel.spec.query.is_some());
    let mut parts = vec![
        ("visible", Part::Visible, "What the panel shows".to_owned()),
        ("all", Part::All, "All that is held".to_owned()),
    ];
    parts.extend(interval.map(|(from, to)| {
        let note = format!("Chosen interval: {}", session.interval_text(from, to));
        ("selected", Part::Between(from, to), note)
    }));
    if has_query {
        parts.push(("late", Part::Late, "Events that came too late, with all their fields".to_owned()));
    }
    let choice = |(name, of, note): (&'static str, Part, String)| {
        view! {
            <label class="choice">
                <input type="radio" name="part" value=name prop:checked=move || part.get() == of on:change=move |_| part.set(of) data-testid=format!("part-{name}") />
                <span>{note}</span>
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend class="visually-hidden">"Which rows"</legend>
            {parts.into_iter().map(choice).collect_view()}
        </fieldset>
    }
    .into_any()
}
