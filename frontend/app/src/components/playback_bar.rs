//! Plays a recording: pause, place and speed.

use leptos::ev;
use leptos::prelude::*;
use spate_worker::protocol::{PlayCommand, Playback};

use super::icon::{Glyph, Icon};
use crate::browser::event::is_in_control;
use crate::format::{moment_to_the_second, speed};
use crate::session::Session;

/// Event seconds per second on offer.
const SPEEDS: [f64; 9] = [1.0, 10.0, 60.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 345_600.0, 1_209_600.0];
/// Steps of the slider.
const STEPS: f64 = 1_000.0;

/// The bar at the bottom, while a recording is open. Space plays and pauses.
#[component]
pub(crate) fn PlaybackBar() -> impl IntoView {
    let session = Session::get();
    let is_open = Memo::new(move |_| session.playback.read().is_some());
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == " " && is_open.get_untracked() && !is_in_control(&event) {
            event.prevent_default();
            toggle(session);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <Show when=move || is_open.get()>
            <section class="playback" aria-label="Playback" data-testid="playback">
                <PlayButton />
                <Slider />
                <SpeedPicker />
            </section>
        </Show>
    }
}

fn toggle(session: Session) {
    let is_playing = session.playback.read_untracked().as_ref().is_some_and(|playback| playback.playing);
    session.play(if is_playing { PlayCommand::Pause } else { PlayCommand::Play });
}

fn part<T: PartialEq + Send + Sync + 'static>(session: Session, of: fn(&Playback) -> T) -> Memo<Option<T>> {
    Memo::new(move |_| session.playback.read().as_ref().map(of))
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
fn Slider() -> impl IntoView {
    let session = Session::get();
    let step = part(session, |playback| (playback.position * STEPS).round());
    let time = Memo::new(move |_| {
        let playback = session.playback.read();
        playback.as_ref().map(|playback| session.zone.with(|zone| moment_to_the_second(&playback.time, zone)))
    });
    let value = move || step.get().unwrap_or_default().to_string();
    let time = move || time.get().unwrap_or_default();
    let seek = move |event| {
        if let Ok(step) = event_target_value(&event).parse::<f64>() {
            session.play(PlayCommand::Seek(step / STEPS));
        }
    };
    view! {
        <output class="playback-time" data-testid="playback-time">{time}</output>
        <input
            class="slider"
            type="range"
            min="0"
            max=STEPS.to_string()
            aria-label="Place in the recording"
            aria-valuetext=time
            style:--part=move || format!("{}%", step.get().unwrap_or_default() / STEPS * 100.0)
            prop:value=value
            on:input=seek
        />
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
        let current = current.get().unwrap_or(1.0);
        let option = |rate: f64| view! { <option value=rate.to_string() selected=rate == current>{speed(rate)}</option> };
        speeds(current).into_iter().map(option).collect_view()
    };
    view! {
        <label class="select">
            <span class="visually-hidden">"Speed, event time per second"</span>
            <select on:change=choose data-testid="speed">{options}</select>
            <Glyph icon=Icon::Down />
        </label>
    }
}

/// The speeds on offer, and the current one in its place when it is another.
fn speeds(current: f64) -> Vec<f64> {
    let mut speeds = SPEEDS.to_vec();
    if !speeds.contains(&current) && current.is_finite() {
        speeds.push(current);
        speeds.sort_by(f64::total_cmp);
    }
    speeds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn current_speed_is_always_on_offer_once() {
        assert_eq!(speeds(60.0), SPEEDS);
        assert_eq!(speeds(f64::NAN), SPEEDS);
        let with_another = speeds(7_200.0);
        assert_eq!(with_another.len(), SPEEDS.len() + 1);
        assert!(with_another.is_sorted());
    }
}
