//! A second detector that watches without alerting, beside the active one.

use leptos::prelude::*;
use spate_worker::protocol::{DetectCommand, ShadowStatus, Target};

use crate::detection::{kib, number, percent};
use crate::format::count;
use crate::session::Session;

/// How it compares, and what can be done.
#[component]
pub(crate) fn Shadow(target: RwSignal<Target>) -> impl IntoView {
    let session = Session::get();
    let detect = session.desk().detect;
    let shadow = Memo::new(move |_| detect.status.read().as_ref().and_then(|status| status.shadow.clone()));
    let is_there = Memo::new(move |_| shadow.read().is_some());
    let promote = move |_| {
        let command = DetectCommand::Promote { target: target.get_untracked() };
        session.change_detectors(command, "Promoted: it is the one that alerts now.");
    };
    let stop = move |_| {
        let command = DetectCommand::Shadow { target: target.get_untracked(), choice: None };
        session.change_detectors(command, "The second detector is gone.");
    };
    view! {
        <Show when=move || is_there.get()>
            <h3 class="sheet-section">"Watching beside"</h3>
            <table class="numbers" data-testid="shadow-status">
                <tbody>{move || shadow.get().map(lines)}</tbody>
            </table>
            <div class="sheet-actions">
                <button type="button" class="button primary" data-testid="promote" on:click=promote>"Promote"</button>
                <button type="button" class="button" on:click=stop>"Stop it"</button>
            </div>
        </Show>
    }
    .into_any()
}

fn lines(shadow: ShadowStatus) -> impl IntoView {
    let lines = [
        ("detector", shadow.choice.detector),
        ("events seen by both", count(shadow.events)),
        ("alerts of the active one", count(shadow.active)),
        ("alerts of this one", count(shadow.shadow)),
        ("alerts of both", count(shadow.both)),
        ("agreement", percent(shadow.agreement)),
        ("events later, on average", number(shadow.delay)),
        ("memory, active one", kib(shadow.active_bytes)),
        ("memory, this one", kib(shadow.shadow_bytes)),
    ];
    lines.map(|(name, value)| view! { <tr><th scope="row">{name}</th><td>{value}</td></tr> }).collect_view()
}
