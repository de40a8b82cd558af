//! The run of a batch's events that need no second thought: most of most streams.

use spate_shared::time::Nanos;

use super::plan::Prepared;
use super::{Outcome, WindowQuery, Windows};

impl WindowQuery {
    /// Adds the events from row `first` on for as long as each is let through, of a known group, goes where there is a pane
    /// or session already, and gives or closes nothing. Gives the first row that is not added.
    ///
    /// What it does is what [`WindowQuery::push_event`] does, with all questions asked once that have one answer for a run.
    pub(super) fn add_run(
        &mut self,
        prepared: &Prepared<'_>,
        times: &[Nanos],
        (first, now): (usize, Nanos),
        outcome: &mut Outcome,
    ) -> usize {
        if !prepared.is_plain() || self.shed_before != Nanos::MIN || self.spec.ahead.is_some() {
            return first;
        }
        let row = match &mut self.windows {
            Windows::Panes(_) => self.add_to_pane(prepared, times, (first, now)),
            Windows::Sessions(_) => self.add_to_sessions(prepared, times, (first, now)),
        };
        let added = (row - first) as u64;
        self.counts.events.received += added;
        self.counts.events.windowed += added;
        if self.clock.now() >= self.due {
            self.advance(outcome);
        }
        row
    }

    /// Adds events to the pane that was used last.
    fn add_to_pane(
        &mut self,
        prepared: &Prepared<'_>,
        times: &[Nanos],
        (first, now): (usize, Nanos),
    ) -> usize {
        let Windows::Panes(panes) = &mut self.windows else { return first };
        let Some((pane, inputs)) = panes.recent() else { return first };
        let (start, end) = (pane.interval.start, pane.interval.end);
        // Below this watermark the pane takes events, and there is nothing to give.
        let limit = self.due.min(self.clock.closes_at(pane.last.end));
        let revises = self.clock.revises();
        let watermark = &mut self.clock.watermark;
        let mut row = first;
        while let Some(time) = times.get(row).copied()
            && start <= time
            && time < end
            && watermark.now() < limit
            && !(revises && time < watermark.now())
            && let Some(group) = self.groups.known(&prepared.by, row)
        {
            let (accumulators, is_new) = pane.cells.count(group, 1, inputs);
            prepared.add(row, time, accumulators);
            if is_new {
                self.groups.hold(group);
            }
            watermark.observe(time, now);
            row += 1;
        }
        row
    }

    /// Adds events to the last sessions of their groups.
    fn add_to_sessions(
        &mut self,
        prepared: &Prepared<'_>,
        times: &[Nanos],
        (first, now): (usize, Nanos),
    ) -> usize {
        let Windows::Sessions(sessions) = &mut self.windows else { return first };
        let watermark = &mut self.clock.watermark;
        let mut row = first;
        // In time for the watermark, so in time for a session that ends after it.
        while let Some(time) = times.get(row).copied()
            && watermark.now() <= time
            && watermark.now() < self.due
            && let Some(group) = self.groups.known(&prepared.by, row)
            && let Some(accumulators) = sessions.extend(time, group)
        {
            prepared.add(row, time, accumulators);
            watermark.observe(time, now);
            row += 1;
        }
        row
    }
}
