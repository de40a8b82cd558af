//! What a detector learns from, and how far ahead a series is forecast.

use leptos::prelude::*;
use spate_worker::protocol::{DetectCommand, Target};

use crate::detection::{horizons, percent};
use crate::format::{count, counted};
use crate::session::Session;

/// Stopping and beginning anew.
#[component]
pub(crate) fn Learning(target: RwSignal<Target>) -> impl IntoView {
    let session = Session::get();
    let detect = session.desk().detect;
    let is_frozen = Memo::new(move |_| detect.status.read().as_ref().is_some_and(|status| status.frozen));
    let freeze = move |_| {
        let frozen = !is_frozen.get_untracked();
        let said = if frozen { "It goes on scoring and learns nothing." } else { "It learns again." };
        session.change_detectors(DetectCommand::Freeze { target: target.get_untracked(), frozen }, said);
    };
    let reset = move |_| {
        let command = DetectCommand::Reset { target: target.get_untracked() };
        session.change_detectors(command, "It forgot what it knew and warms up anew.");
    };
    view! {
        <h3 class="sheet-section">"Learning"</h3>
        <div class="sheet-actions">
            <button type="button" class="button" data-testid="freeze" aria-pressed=move || is_frozen.get().to_string() on:click=freeze>
                {move || if is_frozen.get() { "Learn again" } else { "Stop learning" }}
            </button>
            <button type="button" class="button" data-testid="reset-detector" on:click=reset>"Forget and warm up anew"</button>
        </div>
    }
    .into_any()
}

/// How far ahead, and how forecasts turned out.
#[component]
pub(crate) fn Forecasts(target: RwSignal<Target>) -> impl IntoView {
    let session = Session::get();
    let detect = session.desk().detect;
    let typed = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    let known = Memo::new(move |_| {
        detect.status.read().as_ref().map(|status| status.forecasts.clone()).unwrap_or_default()
    });
    let has_some = Memo::new(move |_| !known.read().is_empty());
    let apply = move |_| match horizons(&typed.read_untracked()) {
        Ok(horizons) => {
            wrong.set(None);
            let said = if horizons.is_empty() {
                "Nothing is forecast."
            } else {
                "The chart shows the forecast as a fan."
            };
            session
                .change_detectors(DetectCommand::Forecast { target: target.get_untracked(), horizons }, said);
        }
        Err(reason) => wrong.set(Some(reason)),
    };
    let lines = move || {
        let line = |status: spate_worker::protocol::ForecastStatus| {
            let (ahead, coverage) = (counted(u64::from(status.horizon), "event"), percent(status.coverage));
            view! { <tr><th scope="row">{ahead}</th><td>{count(status.matured)}</td><td>{coverage}</td></tr> }
        };
        known.get().into_iter().map(line).collect_view()
    };
    view! {
        <h3 class="sheet-section">"Forecast"</h3>
        <div class="detector-form">
            <label class="field">
                <span>"Events ahead, parted by commas; nothing for no forecast"</span>
                <input class="input" placeholder="1, 12, 48" data-testid="horizons" prop:value=typed on:input=move |event| typed.set(event_target_value(&event)) />
            </label>
            <p class="field-error" role="alert">{move || wrong.get()}</p>
            <div class="sheet-actions">
                <button type="button" class="button" data-testid="forecast" on:click=apply>"Forecast"</button>
            </div>
        </div>
        <Show when=move || has_some.get()>
            <table class="numbers" data-testid="coverage">
                <thead><tr><th scope="col">"ahead"</th><th scope="col">"forecasts so far"</th><th scope="col">"inside, wanted 90 %"</th></tr></thead>
                <tbody>{lines}</tbody>
            </table>
        </Show>
    }
    .into_any()
}
