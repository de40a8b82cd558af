//! Choosing a detector: its parameters, what it would have changed, and taking it.

use leptos::ev::Event;
use leptos::prelude::*;
use spate_worker::protocol::{
    AlertWords, DetectCommand, DetectorForm, ParameterForm, Target, TextForm, WhatIfAnswer,
};

use crate::browser::files::picked_text;
use crate::detection::Draft;
use crate::format::{count, counted, short_moment};
use crate::session::Session;

/// Most alerts listed of each sort.
const MOST_LISTED: usize = 20;

/// The form.
#[component]
pub(crate) fn DetectorFields(target: RwSignal<Target>) -> impl IntoView {
    let session = Session::get();
    let detect = session.desk().detect;
    let draft = RwSignal::new(Draft::default());
    let wrong = RwSignal::new(None::<String>);
    // Filled once the state is known; what is typed stays when the state changes.
    Effect::new(move |of: Option<Option<Target>>| {
        let (status, forms) = (detect.status.read(), detect.forms.read());
        let known = status.as_ref().filter(|_| !forms.detectors.is_empty());
        let filled = of.flatten();
        match known {
            Some(status) if filled.as_ref() != Some(&status.target) => {
                let form = forms.detectors.iter().find(|form| form.name == status.choice.detector);
                draft.set(Draft::of(&status.choice, form));
                Some(status.target.clone())
            }
            _ => filled,
        }
    });
    let with_choice = move |then: &dyn Fn(_)| match draft.read_untracked().choice() {
        Ok(choice) => {
            wrong.set(None);
            then(choice);
        }
        Err(reason) => wrong.set(Some(reason)),
    };
    let what_if = move |_| with_choice(&|choice| session.ask_what_if(target.get_untracked(), choice));
    let shadow = move |_| {
        with_choice(&|choice| {
            let command = DetectCommand::Shadow { target: target.get_untracked(), choice: Some(choice) };
            session.change_detectors(command, "It watches beside the active one from now on.");
        });
    };
    let set_sensitivity = move |_| {
        with_choice(&|choice| {
            let (target, sensitivity) = (target.get_untracked(), choice.sensitivity);
            let command = DetectCommand::Sensitivity { target, sensitivity };
            session.change_detectors(command, "The active detector alerts by that from now on.");
        });
    };
    let accept = move |()| {
        with_choice(&|choice| {
            detect.what_if.set(None);
            let command = DetectCommand::Choose { target: target.get_untracked(), choice };
            session.change_detectors(
                command,
                "Accepted: it learned from the events held and watches from now on.",
            );
        });
    };
    let name = Memo::new(move |_| draft.read().detector.clone());
    let form = Memo::new(move |_| {
        detect.forms.read().detectors.iter().find(|form| form.name == name.get()).cloned()
    });
    let choose = move |event| {
        detect.what_if.set(None);
        draft.update(|draft| draft.of_detector(event_target_value(&event)));
    };
    view! {
        <h3 class="sheet-section">"Choose a detector"</h3>
        <div class="detector-form">
            <label class="field">
                <span>"Detector"</span>
                <select class="input" data-testid="detector-name" on:change=choose prop:value=name>
                    {move || detect.forms.get().detectors.into_iter().map(|form| {
                        let is_chosen = { let name_of = form.name.clone(); move || name.get() == name_of };
                        view! { <option value=form.name.clone() selected=is_chosen>{form.name.clone()}</option> }
                    }).collect_view()}
                </select>
            </label>
            {move || form.get().map(|form| view! { <Parameters form draft target /> })}
            <label class="field">
                <span>"Sensitivity: 2 alerts twice as readily as it ships"</span>
                <input class="input" type="number" min="0.01" max="100" step="any" data-testid="detector-sensitivity" prop:value=move || draft.read().sensitivity.clone() on:input=move |event| draft.update(|draft| draft.sensitivity = event_target_value(&event)) />
            </label>
            <p class="field-error" role="alert">{move || wrong.get()}</p>
            <div class="sheet-actions">
                <button type="button" class="button primary" data-testid="what-if" on:click=what_if>"What if"</button>
                <button type="button" class="button" data-testid="shadow" on:click=shadow>"Watch beside"</button>
                <button type="button" class="button quiet" data-testid="set-sensitivity" on:click=set_sensitivity>"Set the sensitivity only"</button>
            </div>
        </div>
        {move || detect.what_if.get().map(|answer| match answer {
            Ok(answer) => view! { <WhatIf answer on_accept=Callback::new(accept) /> }.into_any(),
            Err(reason) => view! { <p class="field-error" role="alert" data-testid="what-if-error">{reason}</p> }.into_any(),
        })}
    }
    .into_any()
}

/// The fields of one detector.
#[component]
fn Parameters(form: DetectorForm, draft: RwSignal<Draft>, target: RwSignal<Target>) -> impl IntoView {
    let session = Session::get();
    let typed = move |name: &str| {
        let name = name.to_owned();
        move || draft.read().text(&name)
    };
    let type_in = move |name: &str| {
        let name = name.to_owned();
        move |event| draft.update(|draft| draft.type_in(&name, event_target_value(&event)))
    };
    let number = |parameter: ParameterForm| {
        let ParameterForm { name, doc, default, is_whole, .. } = parameter;
        let step = if is_whole { "1" } else { "any" };
        let hint = if default.is_finite() { default.to_string() } else { "none".to_owned() };
        view! {
            <label class="field">
                <span><b>{name.clone()}</b>" "{doc}</span>
                <input class="input" type="number" step=step placeholder=hint data-testid=format!("parameter-{name}") prop:value=typed(&name) on:input=type_in(&name) />
            </label>
        }
    };
    let text = |text: TextForm| {
        let TextForm { name, doc, default, is_file } = text;
        let field = if is_file {
            let name = name.clone();
            let read = move |event: Event| {
                let name = name.clone();
                picked_text(&event, move |text| draft.update(|draft| draft.type_in(&name, text)));
            };
            view! { <input class="input" type="file" on:change=read /> }.into_any()
        } else {
            view! { <input class="input" placeholder=default prop:value=typed(&name) on:input=type_in(&name) /> }.into_any()
        };
        view! { <label class="field"><span><b>{name}</b>" "{doc}</span>{field}</label> }
    };
    let others = form.is_multivariate.then(|| {
        let Target { stream, measure, .. } = target.get_untracked();
        let charts = session.charts();
        let others = charts.into_iter().filter(|panel| panel.spec.stream == stream && panel.spec.measure != measure);
        let fields = others.map(|panel| {
            let measure = panel.spec.measure;
            let name = measure.clone();
            let take = move |event| draft.update(|draft| draft.take(&name, event_target_checked(&event)));
            view! { <label class="choice"><input type="checkbox" on:change=take /><span>{measure}</span></label> }
        });
        view! { <fieldset class="choices"><legend>"Together with"</legend>{fields.collect_view()}</fieldset> }
    });
    view! {
        <p class="sheet-note">{form.doc}</p>
        {form.parameters.into_iter().map(number).collect_view()}
        {form.texts.into_iter().map(text).collect_view()}
        {others}
    }
    .into_any()
}

/// What another detector would have said, and a way to take it.
#[component]
fn WhatIf(answer: WhatIfAnswer, on_accept: Callback<()>) -> impl IntoView {
    let WhatIfAnswer { events, before, after, kept, moved, gained, lost } = answer;
    view! {
        <div class="what-if" data-testid="what-if-answer">
            <p role="status">
                {format!("Over the {} held: {} now, {} with it; {} would stay.", counted(events, "event"), counted(before, "alert"), count(after), count(kept))}
            </p>
            <Listed title="gained" alerts=gained />
            <Listed title="lost" alerts=lost />
            <Listed title="moved" alerts=moved />
            <div class="sheet-actions">
                <button type="button" class="button primary" data-testid="accept" on:click=move |_| on_accept.run(())>"Accept"</button>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Listed(title: &'static str, alerts: Vec<AlertWords>) -> impl IntoView {
    let session = Session::get();
    let total = alerts.len();
    if total == 0 {
        return view! { <p class="sheet-note" data-testid=format!("what-if-{title}")>{format!("none {title}")}</p> }.into_any();
    }
    let more = total.saturating_sub(MOST_LISTED);
    let zone = session.zone;
    let line = move |AlertWords { series, time, value, reason }| {
        let at = spate_shared::time::format(time);
        view! {
            <li>
                <span class="what-if-when">{move || zone.with(|zone| short_moment(&at, zone))}" · "{value}</span>
                <span class="sheet-note">{series}": "{reason}</span>
            </li>
        }
    };
    view! {
        <details class="what-if-list" data-testid=format!("what-if-{title}")>
            <summary><b>{total}</b>" "{title}</summary>
            <ul>{alerts.into_iter().take(MOST_LISTED).map(line).collect_view()}</ul>
            {(more > 0).then(|| view! { <p class="sheet-note">{format!("and {more} more")}</p> })}
        </details>
    }
    .into_any()
}
