//! A frame: playback goes on, what is due is painted, and what changed is said once.

use spate_shared::time::{self, MILLISECOND, Nanos, SECOND};

use super::{Effect, Open, Runtime};
use crate::protocol::{PanelId, Playback, Update};

/// How often the words about playback may change.
const PLAYBACK_EVERY: Nanos = 100 * MILLISECOND;
/// A tab that slept goes on where it was; it does not jump.
const LONGEST_STEP: Nanos = SECOND;

impl Runtime {
    pub(super) fn frame(&mut self, now: Nanos, effects: &mut Vec<Effect>) {
        self.frame_requested = false;
        self.advance_playback(now, effects);
        if self.is_hidden {
            return;
        }
        let range = self.range();
        let due = self.panels.iter().filter(|(_, panel)| panel.is_due(&self.store)).map(|(id, _)| *id);
        let due: Vec<PanelId> = due.collect();
        if let Some((hovered, _)) = self.hover.filter(|(panel, _)| due.contains(panel)) {
            debug_assert!(self.panels.contains_key(&hovered));
            effects.push(Effect::Post(self.hover_update()));
        }
        effects.extend(due.into_iter().map(Effect::Paint));
        let store = &self.store;
        // A recording's streams are silent by its own clock.
        let source_now = if let Open::Recording { player, .. } = &self.open { player.clock() } else { now };
        let words =
            self.panels.iter_mut().filter_map(|(id, panel)| panel.words(*id, store, range, now, source_now));
        let panels: Vec<_> = words.collect();
        let waiting = if self.view.hold { store.received().saturating_sub(self.held_received) } else { 0 };
        if !panels.is_empty() || waiting != self.told_waiting || range.width != self.told_width {
            (self.told_waiting, self.told_width) = (waiting, range.width);
            let generation = self.generation;
            effects.push(Effect::Post(Update::Frame { generation, panels, width: range.width, waiting }));
        }
    }

    pub(super) fn advance_playback(&mut self, now: Nanos, effects: &mut Vec<Effect>) {
        let Open::Recording { player, last_frame, told_at } = &mut self.open else { return };
        let elapsed =
            last_frame.replace(now).map_or(0, |last| now.saturating_sub(last).clamp(0, LONGEST_STEP));
        player.advance(elapsed, |frame, arrival| {
            self.store.play(&frame, arrival);
        });
        if now.saturating_sub(*told_at) >= PLAYBACK_EVERY {
            *told_at = now;
            effects.push(Effect::Post(Update::Playback(Playback {
                generation: self.generation,
                playing: player.is_playing(),
                position: player.position(),
                time: time::format(player.clock() / SECOND * SECOND),
                speed: player.speed(),
            })));
        }
        if player.is_playing() {
            self.request_frame(effects);
        }
    }

    pub(super) fn hover_update(&self) -> Update {
        let update = self.hover.and_then(|(id, x_px)| self.panels.get(&id)?.hover(id, &self.store, x_px));
        Update::Hover(update)
    }

    pub(super) fn request_frame(&mut self, effects: &mut Vec<Effect>) {
        if !std::mem::replace(&mut self.frame_requested, true) {
            effects.push(Effect::RequestFrame);
        }
    }
}
