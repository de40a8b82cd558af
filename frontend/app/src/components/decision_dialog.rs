//! An alert's decision record: in words, as data, and made once more to see that it comes out the same.

use leptos::prelude::*;
use spate_worker::protocol::DecisionAnswer;

use super::dialog::Dialog;
use crate::browser::save;
use crate::session::Session;

/// The dialog.
#[component]
pub(crate) fn DecisionDialog(
    /// The alert's id.
    alert: u64,
) -> impl IntoView {
    let session = Session::get();
    let detect = session.desk().detect;
    session.ask_decision(alert);
    view! {
        <Dialog title="Decision record" name="decision">
            <p class="sheet-note">"Everything this alert was decided from. The same events and the same detector give the same decision, here and by "<code>"spate explain"</code>"."</p>
            {move || match detect.decision.get() {
                None => view! { <p class="sheet-wait" role="status">"Looking it up …"</p> }.into_any(),
                Some(Err(reason)) => view! { <p class="field-error" role="status">{reason}</p> }.into_any(),
                Some(Ok(decision)) => view! { <Record decision alert /> }.into_any(),
            }}
        </Dialog>
    }
    .into_any()
}

#[component]
fn Record(decision: DecisionAnswer, alert: u64) -> impl IntoView {
    let session = Session::get();
    let again = session.desk().detect.recomputed;
    let json = StoredValue::new(decision.json);
    let lines = decision.lines.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> });
    view! {
        <dl class="record" data-testid="record">{lines.collect_view()}</dl>
        <div class="sheet-actions">
            <button type="button" class="button" data-testid="recompute" on:click=move |_| session.recompute(alert)>"Recompute"</button>
            <button type="button" class="button" data-testid="record-json" on:click=move |_| json.with_value(|json| save::download("decision.json", "application/json", json.as_bytes()))>"Save as JSON"</button>
        </div>
        <p class="record-verdict" role="status" data-testid="recomputed" data-verdict=move || again.read().as_ref().map_or("", |outcome| outcome.name)>
            {move || again.get().map(|outcome| outcome.text)}
        </p>
        <details class="record-data">
            <summary>"As data"</summary>
            <pre tabindex="0" aria-label="The record as JSON">{json.get_value()}</pre>
        </details>
    }
    .into_any()
}
