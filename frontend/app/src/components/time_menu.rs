//! What is in the picker's popover: typed ends, presets, recent ranges and the zone.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::browser::event::hide_popover;
use crate::browser::zones;
use crate::session::Session;
use crate::time::TimeEdit;
use crate::time::text::{PRESETS, RangeError, ends_of, view_of};
use crate::time::zones::ZoneChoice;

/// The popover's id.
pub(crate) const MENU: &str = "time-menu";

/// The popover's content.
#[component]
pub(crate) fn TimeMenu() -> impl IntoView {
    view! {
        <div class="time-columns">
            <div class="time-typed">
                <Typed />
                <Recent />
                <ZonePicker />
            </div>
            <Presets />
        </div>
    }
}

/// Two fields; what is wrong stands below the field it is about.
#[component]
fn Typed() -> impl IntoView {
    let session = Session::get();
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let error = RwSignal::new(None::<RangeError>);
    Effect::new(move |_| {
        let (start, end) = ends_of(&session.time.read().view).unwrap_or_default();
        from.set(start);
        to.set(end);
        error.set(None);
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let view =
            session.zone.with_untracked(|zone| view_of(&from.read_untracked(), &to.read_untracked(), zone));
        match view {
            Ok(view) => {
                hide_popover(MENU);
                session.choose_time(view);
            }
            Err(wrong) => error.set(Some(wrong)),
        }
    };
    let auto = move |_| {
        hide_popover(MENU);
        session.edit_time(TimeEdit::Choose(spate_worker::view::View::default()));
    };
    view! {
        <form class="time-form" novalidate on:submit=submit>
            <End name="from" label="From" placeholder="now-6h" text=from error />
            <End name="to" label="To" placeholder="now" text=to error />
            <p class="time-hint">"now is each stream's latest event. Try now-2d, now-1d/d or 2014-11-02 01:00."</p>
            <div class="field-row">
                <button type="submit" class="button primary" data-testid="time-apply">"Apply"</button>
                <button type="button" class="button" on:click=auto>"Automatic"</button>
            </div>
        </form>
    }
}

#[component]
fn End(
    name: &'static str,
    label: &'static str,
    placeholder: &'static str,
    text: RwSignal<String>,
    error: RwSignal<Option<RangeError>>,
) -> impl IntoView {
    let reason = move || error.get().filter(|error| error.end == name).map(|error| error.reason);
    let (id, error_id) = (format!("time-{name}"), format!("time-{name}-error"));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id.clone()
                class="input mono"
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder=placeholder
                data-testid=id
                aria-describedby=error_id.clone()
                aria-invalid=move || reason().is_some().to_string()
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
            />
            <p class="field-error" id=error_id role="alert">{reason}</p>
        </div>
    }
}

#[component]
fn Presets() -> impl IntoView {
    let session = Session::get();
    let current = Memo::new(move |_| ends_of(&session.time.read().view));
    let preset = move |(name, from, to): (&'static str, &'static str, &'static str)| {
        let is_chosen = move || current.read().as_ref().is_some_and(|ends| ends.0 == from && ends.1 == to);
        let choose = move |_| {
            hide_popover(MENU);
            session.choose_text(from, to);
        };
        view! {
            <button type="button" class="preset" aria-pressed=move || is_chosen().to_string() on:click=choose>{name}</button>
        }
    };
    view! {
        <div class="time-presets" role="group" aria-label="Ranges">{PRESETS.map(preset).collect_view()}</div>
    }
}

#[component]
fn Recent() -> impl IntoView {
    let session = Session::get();
    let item = move |(from, to): (String, String)| {
        let text = format!("{from} to {to}");
        let choose = move |_| {
            hide_popover(MENU);
            session.choose_text(&from, &to);
        };
        view! { <button type="button" class="preset mono" on:click=choose>{text}</button> }
    };
    let items = move || session.recent_times.get().into_iter().map(item).collect_view();
    view! {
        <Show when=move || !session.recent_times.read().is_empty()>
            <div class="time-recent" role="group" aria-label="Recent ranges">
                <p class="menu-caption">"Recent"</p>
                {items}
            </div>
        </Show>
    }
}

/// UTC, the device's zone, or any by name.
#[component]
fn ZonePicker() -> impl IntoView {
    let session = Session::get();
    let error = RwSignal::new(None::<String>);
    let choose = move |name: &str| {
        let choice = ZoneChoice::from_name(name.trim());
        error.set(session.choose_zone(choice).err());
    };
    let is = move |choice: &ZoneChoice| (session.zone_choice.read() == *choice).to_string();
    let own = zones::own_name().unwrap_or_else(|| "this device".to_owned());
    let named = move || match session.zone_choice.get() {
        ZoneChoice::Named(name) => name,
        ZoneChoice::Utc | ZoneChoice::Browser => String::new(),
    };
    view! {
        <fieldset class="zone">
            <legend>"Zone"</legend>
            <div class="zone-row">
                <button type="button" class="preset" aria-pressed=move || is(&ZoneChoice::Utc) on:click=move |_| choose("utc")>"UTC"</button>
                <button type="button" class="preset" aria-pressed=move || is(&ZoneChoice::Browser) on:click=move |_| choose("browser")>
                    <Glyph icon=Icon::Monitor />
                    {own}
                </button>
            </div>
            <input
                class="input"
                type="text"
                list="zone-names"
                aria-label="Another zone"
                placeholder="Another: Europe/Berlin"
                data-testid="zone"
                prop:value=named
                on:change=move |event| choose(&event_target_value(&event))
            />
            <datalist id="zone-names">
                {zones::names().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
            </datalist>
            <p class="field-error" role="alert">{error}</p>
        </fieldset>
    }
}
