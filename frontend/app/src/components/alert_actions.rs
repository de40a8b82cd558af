//! What can be done about an alert: go there, see its record, say what it was.

use leptos::prelude::*;
use spate_chart::scene::AlertEntry;

use super::brief::brief_memo;
use crate::browser::save;
use crate::labels::{Label, Subject};
use crate::session::{Modal, Session};

/// The buttons of one alert.
#[component]
pub(crate) fn AlertActions(
    /// The alert.
    row: AlertEntry,
) -> impl IntoView {
    let session = Session::get();
    let AlertEntry { id, time, series, .. } = row;
    let labels = session.desk().labels;
    let subject = StoredValue::new(Subject { source: session.source_name(), series: series.clone(), time });
    let label = brief_memo(move || subject.with_value(|subject| labels.read().of(subject)));
    let choose = move |event| {
        let chosen = Label::from_name(&event_target_value(&event));
        session.change_labels(|labels| labels.set(subject.get_value(), chosen));
    };
    let about = StoredValue::new(series);
    let named = move |what: &str| about.with_value(|series| format!("{what}: {series}"));
    view! {
        <button type="button" class="link" aria-label=named("Show the moment") data-testid="alert-show" on:click=move |_| about.with_value(|series| session.show_alert(series, time))>
            "Show"
        </button>
        <button type="button" class="link" aria-label=named("Decision record") data-testid="alert-record" on:click=move |_| session.modal.set(Some(Modal::Decision(id)))>
            "Record"
        </button>
        <select class="link alert-label" aria-label=named("What it was") data-testid="alert-label" data-label=move || label.get().map_or("", Label::name) prop:value=move || label.get().map_or("", Label::name) on:change=choose>
            <option value="" selected=move || label.get().is_none()>"Label …"</option>
            {Label::ALL
                .map(|each| view! { <option value=each.name() selected=move || label.get() == Some(each)>{each.name()}</option> })
                .collect_view()}
        </select>
    }
    .into_any()
}

/// Taking labels back, and saving them.
#[component]
pub(crate) fn LabelActions() -> impl IntoView {
    let session = Session::get();
    let labels = session.desk().labels;
    let can_undo = Memo::new(move |_| labels.read().can_undo());
    let is_empty = Memo::new(move |_| labels.read().is_empty());
    let export = move |_| {
        save::download("labels.json", "application/json", labels.read_untracked().to_json().as_bytes());
    };
    view! {
        <Show when=move || can_undo.get()>
            <button type="button" class="link" aria-label="Undo the last label" data-testid="label-undo" on:click=move |_| session.change_labels(crate::labels::Labels::undo)>
                "Undo"
            </button>
        </Show>
        <Show when=move || !is_empty.get()>
            <button type="button" class="link" aria-label="Save labels as JSON" data-testid="label-export" on:click=export>
                "Save labels"
            </button>
        </Show>
    }
    .into_any()
}
