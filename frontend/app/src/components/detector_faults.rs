//! Faults put into a series on purpose, and which detectors find them.

use leptos::prelude::*;
use spate_worker::protocol::{BoardLine, DetectCommand, FaultChoice, Target};

use crate::detection::{number, percent};
use crate::format::counted;
use crate::session::Session;

/// The form and the scoreboard.
#[component]
pub(crate) fn Faults(target: RwSignal<Target>) -> impl IntoView {
    let session = Session::get();
    let detect = session.desk().detect;
    let seed = RwSignal::new("1".to_owned());
    let part = RwSignal::new("5".to_owned());
    let kinds = RwSignal::new(Vec::<String>::new());
    let wrong = RwSignal::new(None::<String>);
    let status = Memo::new(move |_| detect.status.read().as_ref().and_then(|status| status.faults.clone()));
    let runs = Memo::new(move |_| status.read().is_some());
    let inject = move |faults, said| {
        let Target { stream, measure, .. } = target.get_untracked();
        session.change_detectors(DetectCommand::Inject { stream, measure, faults }, said);
    };
    let start =
        move |_| match (seed.read_untracked().trim().parse(), part.read_untracked().trim().parse::<f64>()) {
            (Ok(seed), Ok(percent)) => {
                wrong.set(None);
                let kinds = kinds.get_untracked();
                let faults = FaultChoice { seed, kinds, part: percent / 100.0, detectors: Vec::new() };
                inject(Some(faults), "Faults go into the events that come; what shows them says synthetic.");
            }
            _ => wrong.set(Some(
                "the seed is a whole number, the share a percentage from above 0 to 50".to_owned(),
            )),
        };
    let stop = move |_| inject(None, "No more faults are put in.");
    let kind = move |(name, doc): (String, String)| {
        let about = format!("{name}: {doc}");
        let take = move |event| {
            kinds.update(|kinds| {
                kinds.retain(|known| *known != name);
                kinds.extend(event_target_checked(&event).then(|| name.clone()));
            });
        };
        view! { <label class="choice"><input type="checkbox" on:change=take /><span>{about}</span></label> }
    };
    view! {
        <h3 class="sheet-section">"Try it with faults"</h3>
        <p class="sheet-note">"Made-up faults go into the events that come; the same seed gives the same ones. Every detector is held against them."</p>
        <div class="detector-form">
            <label class="field">
                <span>"Seed"</span>
                <input class="input" type="number" min="0" step="1" prop:value=seed on:input=move |event| seed.set(event_target_value(&event)) />
            </label>
            <label class="field">
                <span>"Share of events in faults, in percent"</span>
                <input class="input" type="number" min="0.1" max="50" step="any" data-testid="fault-part" prop:value=part on:input=move |event| part.set(event_target_value(&event)) />
            </label>
            <details>
                <summary class="sheet-note">"Kinds of faults: all, unless some are chosen"</summary>
                <fieldset class="choices">
                    <legend class="visually-hidden">"Kinds of faults"</legend>
                    {move || detect.forms.get().faults.into_iter().map(kind).collect_view()}
                </fieldset>
            </details>
            <p class="field-error" role="alert">{move || wrong.get()}</p>
            <div class="sheet-actions">
                <button type="button" class="button" data-testid="inject" on:click=start>"Put faults in"</button>
                <Show when=move || runs.get()>
                    <button type="button" class="button" data-testid="inject-stop" on:click=stop>"Stop"</button>
                </Show>
            </div>
        </div>
        {move || status.get().map(|status| view! { <Board faults=status.faults lines=status.lines /> })}
    }
    .into_any()
}

#[component]
fn Board(faults: u64, lines: Vec<BoardLine>) -> impl IntoView {
    let line = |line: BoardLine| {
        view! {
            <tr>
                <th scope="row">{line.detector}</th>
                <td>{percent(line.recall)}</td>
                <td>{percent(line.precision)}</td>
                <td>{number(line.delay)}</td>
                <td>{number(Some(line.false_per_10_000))}</td>
            </tr>
        }
    };
    view! {
        <div class="scoreboard" data-testid="scoreboard">
            <p><span class="chip" data-state="stale">"synthetic"</span>" "{counted(faults, "fault")}" so far"</p>
            <table class="numbers">
                <thead>
                    <tr>
                        <th scope="col">"detector"</th>
                        <th scope="col">"found"</th>
                        <th scope="col">"precision"</th>
                        <th scope="col">"events to alert"</th>
                        <th scope="col">"false per 10,000"</th>
                    </tr>
                </thead>
                <tbody>{lines.into_iter().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
