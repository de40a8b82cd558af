//! Plays a recording: play, step, go round, place and speed.

use leptos::ev;
use leptos::prelude::*;
use spate_worker::protocol::{PlayCommand, Playback};

use super::icon::{Glyph, Icon};
use super::overview_strip::OverviewStrip;
use crate::browser::event::is_in_control;
use crate::format::speed_choice;
use crate::playback::{PlayKey, SPEEDS, key, speeds};
use crate::session::Session;

/// The bar at the bottom, while a recording is open; `crate::playback::key` has its keys.
#[component]
pub(crate) fn PlaybackBar() -> impl IntoView {
    let session = Session::get();
    let is_open = Memo::new(move |_| session.desk().playback.read().is_some());
    let keys = window_event_listener(ev::keydown, move |event| {
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        if !is_open.get_untracked() || has_modifier || is_in_control(&event) {
            return;
        }
        if let Some(key) = key(&event.key()) {
            event.prevent_default();
            press(session, key);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <Show when=move || is_open.get()>
            <section class="playback" aria-label="Playback" data-testid="playback">
                <div class="playback-buttons">
                    <Step steps=-1 />
                    <PlayButton />
                    <Step steps=1 />
                    <LoopButton />
                </div>
                <OverviewStrip />
                <SpeedPicker />
            </section>
        </Show>
    }
}

fn press(session: Session, key: PlayKey) {
    let Some(playback) = session.desk().playback.get_untracked() else { return };
    match key {
        PlayKey::Toggle => toggle(session),
        PlayKey::Step(steps) => session.play(PlayCommand::Step(steps)),
        PlayKey::Loop => toggle_loop(session),
        PlayKey::LoopFrom => {
            let to = playback.looping.map_or(1.0, |(_, to)| to);
            let to = if to > playback.position { to } else { 1.0 };
            session.play(PlayCommand::Loop(Some((playback.position, to))));
        }
        PlayKey::LoopTo => {
            let from = playback.looping.map_or(0.0, |(from, _)| from);
            let from = if from < playback.position { from } else { 0.0 };
            session.play(PlayCommand::Loop(Some((from, playback.position))));
        }
        PlayKey::Speed(by) => {
            let choices = speeds(playback.speed);
            let at = choices.iter().position(|speed| *speed == playback.speed).unwrap_or(0);
            let next = at.saturating_add_signed(by).min(choices.len() - 1);
            session.play(PlayCommand::Speed(choices[next]));
        }
    }
}

fn toggle(session: Session) {
    let is_playing =
        session.desk().playback.read_untracked().as_ref().is_some_and(|playback| playback.playing);
    session.play(if is_playing { PlayCommand::Pause } else { PlayCommand::Play });
}

fn toggle_loop(session: Session) {
    let looping = session.desk().playback.read_untracked().as_ref().and_then(|playback| playback.looping);
    session.play(PlayCommand::Loop(if looping.is_some() { None } else { Some((0.0, 1.0)) }));
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
