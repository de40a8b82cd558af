//! A frame: playback goes on, what is due is painted, and what changed is said once.

use spate_chart::panel::tip;
use spate_shared::time::{self, MILLISECOND, Nanos, SECOND};

use super::source::replayed;
use super::{Effect, Open, Runtime};
use crate::overview::Overview;
use crate::panel::Panel;
use crate::protocol::{PanelId, PanelUpdate, Playback, TipUpdate, Update};

/// How often the words about playback may change.
const PLAYBACK_EVERY: Nanos = 100 * MILLISECOND;
/// A range that moved by less than this part of its width is no news.
const FINEST_MOVE: Nanos = 100;
/// A tab that slept goes on where it was; it does not jump.
const LONGEST_STEP: Nanos = SECOND;

impl Runtime {
    pub(super) fn frame(&mut self, now: Nanos, effects: &mut Vec<Effect>) {
        self.frame_requested = false;
        self.advance_playback(now, effects);
        if self.is_hidden {
            return;
        }
        self.store.follow_queries(self.panels.values().filter_map(Panel::ask));
        let due = self.panels.iter().filter(|(_, panel)| panel.is_due(&self.store, now)).map(|(id, _)| *id);
        let due: Vec<PanelId> = due.collect();
        for id in &due {
            if let Some(panel) = self.panels.get_mut(id) {
                panel.set_drawn_at(now);
            }
        }
        let moves_crosshair = self.hover.is_some() && !due.is_empty();
        effects.extend(due.into_iter().map(Effect::Paint));
        effects.extend(moves_crosshair.then_some(Effect::Hover));
        // A recording's streams are silent by its own clock.
        let source_now = if let Open::Recording { player, .. } = &self.open { player.clock() } else { now };
        let shown: Vec<_> = self.panels.values().map(|panel| self.shown_on(panel)).collect();
        let store = &self.store;
        let words = self.panels.iter_mut().zip(shown);
        let words = words
            .filter_map(|((id, panel), shown)| panel.words(*id, store, shown, now, source_now))
            .collect();
        self.tell_frame(words, effects);
        self.tell_status(now, effects);
        self.tell_rows(now, effects);
    }

    /// Says which rows of tables and event logs changed.
    pub(super) fn tell_rows(&mut self, now: Nanos, effects: &mut Vec<Effect>) {
        let ranges: Vec<_> = self.panels.values().map(|panel| self.shown_on(panel).range()).collect();
        for ((id, panel), range) in self.panels.iter_mut().zip(ranges) {
            let window = panel.row_window(&self.store, range, now, &self.zone);
            effects.extend(window.map(|window| Effect::Post(Update::Rows { panel: *id, window })));
        }
    }

    pub(super) fn tip_update(&self, panel: PanelId, at_px: [f32; 2]) -> Option<TipUpdate> {
        let tip = self.panels.get(&panel)?.tip(at_px)?;
        let row = |row: tip::TipRow| (row.name, row.value, (row.color_index % usize::from(u8::MAX)) as u8);
        Some(TipUpdate {
            panel,
            time: tip.time.map(time::format),
            title: tip.title,
            at_px: tip.at_px.map(|px| px as f32),
            rows: tip.rows.into_iter().map(row).collect(),
        })
    }

    /// Says what changed: words, the range, what waits.
    fn tell_frame(&mut self, panels: Vec<PanelUpdate>, effects: &mut Vec<Effect>) {
        let is_held = self.view.is_held();
        let waiting = if is_held { self.store.received().saturating_sub(self.held_received) } else { 0 };
        let head = if is_held { self.held_head } else { self.store.head() };
        let range = self.view.range(head, self.automatic_width(), &self.zone);
        let is_live = matches!(self.open, Open::Relay { .. });
        let delay_millis = if is_live { self.store.delay_millis() } else { 0 };
        let is_far = self.told_range.is_none_or(|told| {
            told.width() != range.width() || told.to.abs_diff(range.to) > (range.width() / FINEST_MOVE) as u64
        });
        if panels.is_empty() && waiting == self.told_waiting && !is_far {
            return;
        }
        (self.told_waiting, self.told_range) = (waiting, Some(range));
        let (generation, range) = (self.generation, (range.from, range.to));
        effects.push(Effect::Post(Update::Frame { generation, panels, range, delay_millis, waiting }));
    }

    pub(super) fn advance_playback(&mut self, now: Nanos, effects: &mut Vec<Effect>) {
        let Open::Recording { player, last_frame, told_at, scout, .. } = &mut self.open else { return };
        let elapsed =
            last_frame.replace(now).map_or(0, |last| now.saturating_sub(last).clamp(0, LONGEST_STEP));
        player.advance(elapsed, |frame, arrival| {
            self.store.play(&frame, arrival);
        });
        if let Some(from) = player.round_again().filter(|_| elapsed > 0) {
            player.rewind();
            self.store = replayed(player, from, self.store.settings());
            player.set_playing(true);
            self.panels.values_mut().for_each(Panel::invalidate);
        }
        if let Some(found) = scout.as_mut().and_then(|scout| scout.step()) {
            *scout = None;
            let (generation, Overview { parts, alerts }) = (self.generation, found);
            effects.push(Effect::Post(Update::Overview { generation, parts, alerts }));
        }
        if now.saturating_sub(*told_at) >= PLAYBACK_EVERY {
            *told_at = now;
            effects.push(Effect::Post(Update::Playback(Playback {
                generation: self.generation,
                playing: player.is_playing(),
                position: player.position(),
                time: time::format(player.clock() / SECOND * SECOND),
                speed: player.speed(),
                looping: player.looping(),
            })));
        }
        if player.is_playing() || scout.is_some() {
            self.request_frame(effects);
        }
    }

    pub(super) fn request_frame(&mut self, effects: &mut Vec<Effect>) {
        if !std::mem::replace(&mut self.frame_requested, true) {
            effects.push(Effect::RequestFrame);
        }
    }
}
