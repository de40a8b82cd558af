//! Tumbling and hopping windows out of shared panes: an event is added to one pane, whatever the overlap.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

use spate_shared::order;
use spate_shared::time::Nanos;

use super::cells::Cells;
use super::groups::Groups;
use super::plan::{Plan, Prepared};
use super::{Clock, Status, Was, WindowResult};
use crate::aggregate::{Parts, Value};
use crate::checkpoint::CheckpointError;
use crate::window::{Hopping, Interval, Shared, Tumbling};

/// The panes of windows that may still change.
#[derive(Debug, Clone)]
pub(super) struct Panes {
    windows: Shared,
    slices: Tumbling,
    parts: Vec<Parts>,
    /// By start.
    held: VecDeque<Pane>,
    /// Index of the pane used last.
    recent: usize,
    /// Windows up to this end have been given.
    given_to: Nanos,
    /// For windows of several panes.
    merged: Cells,
    spare: Vec<Cells>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pane {
    pub(super) interval: Interval,
    /// Of the windows that hold it, the latest start and the latest end.
    pub(super) last: Interval,
    pub(super) cells: Cells,
}

/// The part of [`Panes`] that a query does not tell.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PanesState {
    held: VecDeque<Pane>,
    recent: usize,
    given_to: Nanos,
}

impl Pane {
    fn holds(&self, time: Nanos) -> bool {
        self.interval.start <= time && (time < self.interval.end || self.interval.end == Nanos::MAX)
    }
}

impl Panes {
    pub(super) fn new(windows: Shared, plan: &Plan) -> Self {
        Self {
            slices: windows.panes(),
            windows,
            parts: plan.parts().collect(),
            held: VecDeque::new(),
            recent: 0,
            given_to: Nanos::MIN,
            merged: Cells::default(),
            spare: Vec::new(),
        }
    }

    /// What a checkpoint keeps.
    pub(super) fn state(&self) -> PanesState {
        PanesState { held: self.held.clone(), recent: self.recent, given_to: self.given_to }
    }

    /// Goes on from a checkpoint.
    pub(super) fn restore(&mut self, state: PanesState) -> Result<(), CheckpointError> {
        let PanesState { mut held, recent, given_to } = state;
        for pane in &mut held {
            pane.cells.index();
        }
        if held.iter().any(|pane| !pane.cells.is_whole(self.parts.len())) {
            return Err(CheckpointError::Unfit("its windows hold other aggregates".to_owned()));
        }
        (self.held, self.recent, self.given_to) = (held, recent, given_to);
        Ok(())
    }

    /// The pane used last, and how many accumulators its cells have.
    pub(super) fn recent(&mut self) -> Option<(&mut Pane, usize)> {
        Some((self.held.get_mut(self.recent)?, self.parts.len()))
    }

    /// Of the windows that hold `time`, the latest start and the latest end; `None` between windows.
    #[inline]
    pub(super) fn last(&self, time: Nanos) -> Option<Interval> {
        match self.held.get(self.recent).filter(|pane| pane.holds(time)) {
            Some(pane) => Some(pane.last),
            None => self.windows.last_holding(time),
        }
    }

    /// Adds an event that some open window holds.
    #[inline]
    pub(super) fn add(
        &mut self,
        event: (&Prepared<'_>, usize, Nanos),
        group: u32,
        clock: &Clock,
        groups: &mut Groups,
    ) -> Nanos {
        let (prepared, row, time) = event;
        let mut due = Nanos::MAX;
        if !self.held.get(self.recent).is_some_and(|pane| pane.holds(time)) {
            due = self.turn_to(time, clock);
        }
        let (accumulators, is_new) = self.held[self.recent].cells.count(group, 1, self.parts.len());
        prepared.add(row, time, accumulators);
        if is_new {
            groups.hold(group);
        }
        due
    }

    /// Makes the pane of `time` the recent one, new if need be. Gives when it is due.
    #[cold]
    fn turn_to(&mut self, time: Nanos, clock: &Clock) -> Nanos {
        let at =
            self.held.partition_point(|pane| pane.interval.end <= time && pane.interval.end != Nanos::MAX);
        self.recent = at;
        if self.held.get(at).is_some_and(|pane| pane.holds(time)) {
            return Nanos::MAX;
        }
        self.given_to = self.given_to.max(clock.given_to());
        let interval = self.slices.assign(time);
        let last = self.windows.last_holding(time).unwrap_or(interval);
        let pane = Pane { interval, last, cells: self.spare.pop().unwrap_or_default() };
        let due = self.due_of(&pane, clock);
        self.held.insert(at, pane);
        due
    }

    fn due_of(&self, pane: &Pane, clock: &Clock) -> Nanos {
        let next = self.windows.next(self.given_to, &std::iter::once(pane.interval.start));
        let due = next.first().map_or(Nanos::MAX, |window| clock.gives_at(window.end));
        due.min(clock.closes_at(pane.last.end))
    }

    /// A group's windows around `time`, from `whole_from` on, that were given and are not closed.
    pub(super) fn given(
        &mut self,
        time: Nanos,
        (group, whole_from): (u32, Nanos),
        clock: &Clock,
        plan: &Plan,
    ) -> Vec<(Interval, Option<Was>)> {
        let mut given: Vec<(Interval, Option<Was>)> = Vec::new();
        let mut after = clock.closed_to();
        while let Some(end) =
            self.windows.next(after, &std::iter::once(time)).first().map(|window| window.end)
            && end <= clock.now()
        {
            for window in self.windows.next(after, &std::iter::once(time)) {
                if window.start >= whole_from {
                    let was = self.collect_one(window, group, plan);
                    given.push((window, was.map(|values| Was { interval: window, values })));
                }
            }
            after = end;
        }
        given
    }

    /// What a window says of one group.
    pub(super) fn collect_one(&mut self, window: Interval, group: u32, plan: &Plan) -> Option<Vec<Value>> {
        self.merged.clear();
        for index in self.range(window) {
            if let Some(cell) = self.held[index].cells.get(group, self.parts.len()) {
                self.merged.merge(group, cell, &self.parts);
            }
        }
        let cell = self.merged.get(group, self.parts.len())?;
        Some(plan.values(window, cell))
    }

    fn range(&self, window: Interval) -> std::ops::Range<usize> {
        let from = self.held.partition_point(|pane| pane.interval.start < window.start);
        from..from.max(self.held.partition_point(|pane| pane.interval.start < window.end))
    }

    /// The windows with events that end first after `after`, by start.
    fn next(&self, after: Nanos) -> Vec<Interval> {
        self.windows.next(after, &self.held.iter().map(|pane| pane.interval.start))
    }

    /// Gives the results that the watermark has made due and forgets what is closed. Gives when to come back.
    pub(super) fn advance(
        &mut self,
        clock: &Clock,
        plan: &Plan,
        groups: &mut Groups,
        results: &mut Vec<WindowResult>,
    ) -> Nanos {
        let mut next = self.next(self.given_to);
        while let Some(end) = next.first().map(|window| window.end)
            && clock.gives_at(end) <= clock.now()
        {
            for window in next {
                self.give(window, plan, groups, results);
            }
            self.given_to = end;
            next = self.next(end);
        }
        self.given_to = self.given_to.max(clock.given_to());
        while let Some(pane) = self.held.pop_front_if(|pane| clock.closes_at(pane.last.end) <= clock.now()) {
            pane.cells.groups().iter().for_each(|group| groups.release(*group));
            let mut cells = pane.cells;
            cells.clear();
            self.spare.push(cells);
            self.recent = self.recent.saturating_sub(1);
        }
        let closes = self.held.front().map_or(Nanos::MAX, |pane| clock.closes_at(pane.last.end));
        let gives = self.next(self.given_to).first().map_or(Nanos::MAX, |window| clock.gives_at(window.end));
        closes.min(gives)
    }

    /// The windows that are not given yet, as they are now.
    ///
    /// Cost: for windows of one width and slide one merge for each pane, as most of those that are open reach to the last
    /// pane and share what lies there, then one result for each window and group.
    pub(super) fn open(&self, plan: &Plan, groups: &Groups) -> Vec<WindowResult> {
        let mut open = Vec::new();
        for windows in self.windows.each() {
            open.append(&mut self.open_of(windows, plan, groups));
        }
        order::sort_by_key(&mut open, |(window, _)| (window.end, window.start));
        open.dedup_by_key(|(window, _)| *window);
        let mut results = Vec::new();
        for (_, mut of_window) in open {
            results.append(&mut of_window);
        }
        results
    }

    fn open_of(&self, windows: &Hopping, plan: &Plan, groups: &Groups) -> Vec<(Interval, Vec<WindowResult>)> {
        let first = |after: Nanos| {
            self.held.iter().find_map(|pane| windows.first_ending_after(after, pane.interval.start))
        };
        let windows: Vec<Interval> =
            std::iter::successors(first(self.given_to), |after| first(after.end)).collect();
        let reaches_end = |window: &Interval| self.range(*window).end == self.held.len();
        let whole = windows.partition_point(|window| !reaches_end(window));
        let mut merged = Cells::default();
        let mut by_window = Vec::with_capacity(windows.len());
        let mut from = self.held.len();
        for window in windows[whole..].iter().rev() {
            let start = self.range(*window).start;
            (start..from).for_each(|index| merged.merge_all(&self.held[index].cells, &self.parts));
            from = start;
            by_window.push((*window, self.results(*window, &Status::Provisional, &merged, (plan, groups))));
        }
        for window in windows[..whole].iter().rev() {
            merged.clear();
            self.range(*window).for_each(|index| merged.merge_all(&self.held[index].cells, &self.parts));
            by_window.push((*window, self.results(*window, &Status::Provisional, &merged, (plan, groups))));
        }
        by_window
    }

    fn give(&mut self, window: Interval, plan: &Plan, groups: &mut Groups, results: &mut Vec<WindowResult>) {
        groups.rank();
        let range = self.range(window);
        let mut merged = std::mem::take(&mut self.merged);
        let cells = if range.len() == 1 {
            &self.held[range.start].cells
        } else {
            merged.clear();
            range.for_each(|index| merged.merge_all(&self.held[index].cells, &self.parts));
            &merged
        };
        results.append(&mut self.results(window, &Status::Final, cells, (plan, groups)));
        self.merged = merged;
    }

    /// What a window says of its groups that have all their events, in the order of their keys.
    fn results(
        &self,
        window: Interval,
        status: &Status,
        cells: &Cells,
        (plan, groups): (&Plan, &Groups),
    ) -> Vec<WindowResult> {
        let is_whole = |group: &u32| groups.whole_from(*group) <= window.start;
        let mut order: Vec<u32> = cells.groups().iter().copied().filter(is_whole).collect();
        let ranks = groups.ranks();
        order.sort_unstable_by_key(|group| ranks[*group as usize]);
        let result = |group: u32| {
            let values = plan.values(window, cells.get(group, self.parts.len())?);
            Some(WindowResult { interval: window, group: groups.key(group), values, status: status.clone() })
        };
        order.into_iter().filter_map(result).collect()
    }
}
