//! What steers a recording: buttons, the strip over all of it, and the speed.

use leptos::prelude::*;
use spate_worker::protocol::{PlayCommand, Playback};

use super::icon::{Glyph, Icon};
use super::overview_strip::OverviewStrip;
use super::playback_bar::{toggle, toggle_loop};
use crate::format::speed_choice;
use crate::playback::{SPEEDS, speeds};
use crate::session::Session;

/// The controls, in their order.
#[component]
pub(crate) fn PlaybackControls() -> impl IntoView {
    view! {
        <div class="playback-buttons">
            <Step steps=-1 />
            <PlayButton />
            <Step steps=1 />
            <LoopButton />
        </div>
        <OverviewStrip />
        <SpeedPicker />
    }
}

fn part<T: PartialEq + Send + Sync + 'static>(session: Session, of: fn(&Playback) -> T) -> Memo<Option<T>> {
    Memo::new(move |_| session.desk().playback.read().as_ref().map(of))
}

#[component]
fn PlayButton() -> impl IntoView {
    let session = Session::get();
    let playing = part(session, |playback| playback.playing);
    let is_playing = move || playing.get() == Some(true);
    let label = move || if is_playing() { "Pause" } else { "Play" };
    view! {
        <button type="button" class="play" aria-label=label title=label on:click=move |_| toggle(session) data-testid="play">
            {move || view! { <Glyph icon=if is_playing() { Icon::Pause } else { Icon::Play } /> }}
        </button>
    }
}

#[component]
fn Step(steps: i32) -> impl IntoView {
    let session = Session::get();
    let (label, title, icon, testid) = if steps < 0 {
        ("One event back", "One event back (,)", Icon::StepBack, "step-back")
    } else {
        ("One event on", "One event on (.)", Icon::StepOn, "step-on")
    };
    view! {
        <button type="button" class="tool" aria-label=label title=title data-testid=testid on:click=move |_| session.play(PlayCommand::Step(steps))>
            <Glyph icon />
        </button>
    }
}

#[component]
fn LoopButton() -> impl IntoView {
    let session = Session::get();
    let looping = part(session, |playback| playback.looping.is_some());
    view! {
        <button
            type="button"
            class="tool"
            aria-label="Go round"
            title="Go round (l); [ and ] set its start and end, or drag over the strip with Shift"
            aria-pressed=move || (looping.get() == Some(true)).to_string()
            data-testid="loop"
            on:click=move |_| toggle_loop(session)
        >
            <Glyph icon=Icon::Loop />
        </button>
    }
}

#[component]
fn SpeedPicker() -> impl IntoView {
    let session = Session::get();
    let current = part(session, |playback| playback.speed);
    let choose = move |event| {
        if let Ok(speed) = event_target_value(&event).parse() {
            session.play(PlayCommand::Speed(speed));
        }
    };
    let options = move || {
        let current = current.get().unwrap_or(SPEEDS[0]);
        let option = |rate: f64| view! { <option value=rate.to_string() selected=rate == current>{speed_choice(rate)}</option> };
        speeds(current).into_iter().map(option).collect_view()
    };
    view! {
        <label class="select">
            <span class="visually-hidden">"Speed"</span>
            <select on:change=choose data-testid="speed">{options}</select>
            <Glyph icon=Icon::Down />
        </label>
    }
}
