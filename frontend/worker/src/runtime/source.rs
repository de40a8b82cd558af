//! Sources: opening one, and playing a recording.

use spate_shared::time::Nanos;

use super::{Effect, Open, Runtime};
use crate::link::Link;
use crate::overview::Scout;
use crate::player::{HEAD_START, Player};
use crate::protocol::{Connection, Generation, PlayCommand, Source, Update};
use crate::store::Store;
use crate::tuning::Setting;
use crate::view::View;

impl Runtime {
    pub(super) fn open(
        &mut self,
        now: Nanos,
        generation: Generation,
        source: Source,
        effects: &mut Vec<Effect>,
    ) {
        self.generation = generation;
        self.store = Store::default();
        self.hover = None;
        self.table = None;
        self.told_connection = None;
        if let View::Hold(span) = &self.view {
            self.view = View::Follow(span.clone());
        }
        self.hold(false);
        self.invalidate();
        effects.push(Effect::Disconnect);
        match source {
            Source::Relay { url } => {
                effects.push(Effect::Connect(generation, url.clone()));
                let mut link = Link::new(self.seed);
                link.set_hidden(self.is_hidden);
                self.open = Open::Relay { url, link };
            }
            Source::Bundled { name } => {
                effects.push(Effect::Fetch(generation, format!("recordings/{name}.spate")));
                self.open = Open::Fetching { name };
            }
            Source::File { name, bytes } => self.open_recording(now, &name, bytes, effects),
        }
    }

    pub(super) fn fetched(&mut self, now: Nanos, result: Result<Vec<u8>, String>, effects: &mut Vec<Effect>) {
        let Open::Fetching { name } = &self.open else { return };
        let name = name.clone();
        match result {
            Ok(bytes) => self.open_recording(now, &format!("{name}.spate"), bytes, effects),
            Err(reason) => {
                let title = format!("There is no bundled recording {name:?}");
                self.problem(&title, format!("{reason}; choose one from the Open menu"), true, effects);
            }
        }
    }

    pub(super) fn open_recording(
        &mut self,
        now: Nanos,
        name: &str,
        bytes: Vec<u8>,
        effects: &mut Vec<Effect>,
    ) {
        match Player::open(name, bytes) {
            Err(error) => {
                self.open = Open::Nothing;
                self.problem(&format!("{name} cannot be opened"), error.to_string(), true, effects);
            }
            Ok((mut player, complaint)) => {
                if let Some(complaint) = complaint {
                    self.problem(&format!("{name} could not be read in full"), complaint, false, effects);
                }
                self.store.describe(player.streams());
                self.tell_catalog(effects);
                let connection = Connection::Recording { name: name.to_owned() };
                effects.push(Effect::Post(Update::Connection {
                    generation: self.generation,
                    state: connection,
                }));
                player.play_to(HEAD_START, |frame, arrival| {
                    self.store.play(&frame, arrival);
                });
                let scout = Some(Box::new(Scout::new(&player)));
                let (last_frame, told_at) = (Some(now), Nanos::MIN);
                let name = name.to_owned();
                self.open = Open::Recording { name, player: Box::new(player), last_frame, told_at, scout };
            }
        }
        self.request_frame(effects);
    }

    pub(super) fn play(&mut self, now: Nanos, play: PlayCommand, effects: &mut Vec<Effect>) {
        let Open::Recording { player, last_frame, told_at, .. } = &mut self.open else { return };
        *last_frame = Some(now);
        *told_at = Nanos::MIN;
        match play {
            PlayCommand::Play => {
                if player.position() >= 1.0 {
                    player.rewind();
                    self.store = replayed(player, 0.0, self.store.settings());
                }
                player.set_playing(true);
            }
            PlayCommand::Pause => player.set_playing(false),
            PlayCommand::Speed(speed) => player.set_speed(speed),
            PlayCommand::Loop(parts) => player.set_looping(parts),
            PlayCommand::Step(steps) => {
                player.set_playing(false);
                for _ in 0..steps.unsigned_abs() {
                    let to = if steps < 0 { player.previous_event() } else { player.next_event() };
                    let Some(clock) = to else { break };
                    if clock < player.clock() {
                        player.rewind();
                        self.store = Store::default();
                        self.store.describe(player.streams());
                    }
                    player.play_to_clock(clock, |frame, arrival| self.store.play(&frame, arrival));
                }
            }
            PlayCommand::Seek(position) => {
                if position < player.position() {
                    player.rewind();
                    self.store = replayed(player, position, self.store.settings());
                } else {
                    player.play_to(position, |frame, arrival| {
                        self.store.play(&frame, arrival);
                    });
                }
            }
        }
        // A held view is pinned to what there is now: after a seek back that may be less than before.
        self.hold(false);
        self.hold(self.view.is_held());
        self.invalidate();
        self.request_frame(effects);
    }
}

/// A fresh store with everything played up to a part of the recording, as it was set.
pub(super) fn replayed(player: &mut Player, position: f64, settings: Vec<(String, Setting)>) -> Store {
    let mut store = Store::with_settings(settings);
    store.describe(player.streams());
    player.play_to(position, |frame, arrival| {
        store.play(&frame, arrival);
    });
    store
}
