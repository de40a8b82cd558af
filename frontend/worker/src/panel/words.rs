//! The words around a panel, at a pace that people can read.

use std::mem::discriminant;

use spate_chart::format::count;
use spate_chart::panel::{Surface, alert_table};
use spate_shared::time::{MILLISECOND, Nanos};

use super::{LIST_EVERY, Panel, alerts, is_synthetic, results, say, stat, time_series};
use crate::protocol::{PanelId, PanelUpdate, Shown};
use crate::store::Store;

/// How often they may change.
const WORDS_EVERY: Nanos = 250 * MILLISECOND;

impl Panel {
    /// The words around it, when they changed and long enough ago by `now`; `source_now` tells how long a stream is
    /// silent.
    pub fn words(
        &mut self,
        id: PanelId,
        store: &Store,
        shown: Shown,
        now: Nanos,
        source_now: Nanos,
    ) -> Option<PanelUpdate> {
        let state = self.state(store, source_now);
        let is_news =
            self.words.as_ref().is_none_or(|words| discriminant(&words.state) != discriminant(&state));
        if !self.is_visible || !(is_news || now.saturating_sub(self.words_at) >= self.words_every()) {
            return None;
        }
        let mut update = PanelUpdate {
            shown,
            values_zoomed: self.shows_part_of_values(),
            synthetic: is_synthetic(&self.spec, store),
            ..PanelUpdate::new(id, state)
        };
        match self.spec.kind.as_str() {
            "time_series" => time_series::words(self, store, shown.range(), &mut update),
            "stat" => stat::words(self, store, &mut update),
            "alerts" => self.alert_words(store, &mut update),
            _ => self.drawn_words(&mut update),
        }
        if let (true, Some(answer)) = (update.notes.is_empty(), self.answer(store)) {
            update.notes = results::notes(answer, 0);
        }
        if self.words.as_ref() == Some(&update) {
            return None;
        }
        self.words_at = now;
        self.words = Some(update.clone());
        Some(update)
    }

    fn words_every(&self) -> Nanos {
        if self.surface() == Surface::Alerts { LIST_EVERY } else { WORDS_EVERY }
    }

    fn drawn_words(&self, update: &mut PanelUpdate) {
        if let Some(data) = &self.drawn {
            say::words(&self.spec, data, update);
        }
        if let Some(window) = &self.listing.told {
            update.summary = format!("{} rows, {} of them match.", count(window.held), count(window.total));
        }
    }

    fn alert_words(&self, store: &Store, update: &mut PanelUpdate) {
        update.alerts = alert_table::list(&alerts::data(store, &self.spec.filter), &self.options);
        let firing = update.alerts.rows.iter().filter(|row| row.firing).count();
        update.summary = format!("{} anomalies, {firing} firing", update.alerts.total);
    }
}
