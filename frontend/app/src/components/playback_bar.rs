//! Plays a recording: play, step, go round, place and speed.

use leptos::ev;
use leptos::prelude::*;
use spate_worker::protocol::PlayCommand;

use super::later::{Part, later};
use crate::browser::event::is_in_control;
use crate::playback::{PlayKey, key, speeds};
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
                {later(Part::Playback)}
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

pub(super) fn toggle(session: Session) {
    let is_playing =
        session.desk().playback.read_untracked().as_ref().is_some_and(|playback| playback.playing);
    session.play(if is_playing { PlayCommand::Pause } else { PlayCommand::Play });
}

pub(super) fn toggle_loop(session: Session) {
    let looping = session.desk().playback.read_untracked().as_ref().and_then(|playback| playback.looping);
    session.play(PlayCommand::Loop(if looping.is_some() { None } else { Some((0.0, 1.0)) }));
}
