//! Tumbling and hopping windows out of shared panes: an event is added to one pane, whatever the overlap.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

use spate_shared::time::Nanos;

use super::blocks::{Blocks, Halves};
use super::cells::Cells;
use super::groups::Groups;
use super::plan::{Plan, Prepared};
use super::{Clock, Status, WindowResult};
use crate::aggregate::{Accumulator, Parts, Value};
use crate::checkpoint::CheckpointError;
use crate::window::{Interval, Shared, Tumbling};

/// The panes of windows that may still change.
#[derive(Debug, Clone)]
pub(super) struct Panes {
    windows: Shared,
    slices: Tumbling,
    parts: Vec<Parts>,
    /// By start.
    held: VecDeque<Pane>,
    /// Index of the pane used last; that of none once windows were given, so that each pane whose windows were given is
    /// turned to before it changes.
    recent: usize,
    /// Windows up to this end have been given.
    given_to: Nanos,
    /// For each kind of window: what the next one that is given shares with the last.
    blocks: Vec<Blocks>,
    /// The same, of one group.
    of_one: Vec<Blocks>,
    /// For a cell of a window.
    merged: Vec<Accumulator>,
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
        let blocks: Vec<Blocks> = windows.each().iter().map(|windows| Blocks::new(*windows)).collect();
        Self {
            slices: windows.panes(),
            windows,
            of_one: blocks.clone(),
            blocks,
            parts: plan.parts().collect(),
            held: VecDeque::new(),
            recent: 0,
            given_to: Nanos::MIN,
            merged: Vec::new(),
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
        self.blocks.iter_mut().for_each(|blocks| blocks.touch(time));
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
        let due = next.first().map_or(Nanos::MAX, |(_, window)| clock.gives_at(window.end));
        due.min(clock.closes_at(pane.last.end))
    }

    /// The windows around `time`, from `whole_from` on, that were given and are not closed, each with the place of its kind.
    pub(super) fn given(&self, time: Nanos, whole_from: Nanos, clock: &Clock) -> Vec<(usize, Interval)> {
        let next = |after: Nanos| self.windows.next(after, &std::iter::once(time));
        let mut given = Vec::new();
        let mut windows = next(clock.closed_to());
        while let Some(end) = windows.first().map(|(_, window)| window.end)
            && end <= clock.now()
        {
            given.extend(windows.into_iter().filter(|(_, window)| window.start >= whole_from));
            windows = next(end);
        }
        given
    }

    /// What windows, in the order of their ends, say of one group.
    pub(super) fn say(
        &mut self,
        windows: &[(usize, Interval)],
        group: u32,
        plan: &Plan,
    ) -> Vec<Option<Vec<Value>>> {
        self.of_one.iter_mut().for_each(|blocks| blocks.restrict(group));
        let say = |(kind, window): &(usize, Interval)| {
            let halves = self.of_one[*kind].halves(*window, &self.held, &self.parts);
            Some(plan.values(window.seconds(), halves.cell(group, &self.parts, &mut self.merged)?))
        };
        windows.iter().map(say).collect()
    }

    /// The windows with events that end first after `after`, by start.
    fn next(&self, after: Nanos) -> Vec<(usize, Interval)> {
        let reaching = self.held.partition_point(|pane| pane.last.end <= after);
        self.windows.next(after, &self.held.range(reaching..).map(|pane| pane.interval.start))
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
        while let Some(end) = next.first().map(|(_, window)| window.end)
            && clock.gives_at(end) <= clock.now()
        {
            groups.rank();
            let Self { blocks, held, parts, merged, .. } = self;
            for (kind, window) in next {
                let halves = blocks[kind].halves(window, held, parts);
                say(window, &Status::Final, halves, (parts, merged), (plan, groups), results);
            }
            self.given_to = end;
            self.recent = self.held.len();
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
        let gives = next.first().map_or(Nanos::MAX, |(_, window)| clock.gives_at(window.end));
        closes.min(gives)
    }

    /// The windows that are not given yet, as they are now.
    ///
    /// Cost: a few merges for each pane, then one result for each window and group.
    pub(super) fn open(&self, plan: &Plan, groups: &Groups) -> Vec<WindowResult> {
        let (mut results, mut merged) = (Vec::new(), Vec::new());
        let mut blocks: Vec<Blocks> =
            self.windows.each().iter().map(|windows| Blocks::new(*windows)).collect();
        let mut next = self.next(self.given_to);
        while let Some(end) = next.first().map(|(_, window)| window.end) {
            for (kind, window) in next {
                let halves = blocks[kind].halves(window, &self.held, &self.parts);
                let to = (&self.parts[..], &mut merged);
                say(window, &Status::Provisional, halves, to, (plan, groups), &mut results);
            }
            next = self.next(end);
        }
        results
    }
}

/// What a window says of its groups that have all their events, in the order of their keys.
fn say(
    window: Interval,
    status: &Status,
    halves: Halves<'_>,
    (parts, merged): (&[Parts], &mut Vec<Accumulator>),
    (plan, groups): (&Plan, &Groups),
    results: &mut Vec<WindowResult>,
) {
    let order = groups.in_order(halves.groups(), halves.most());
    let seconds = window.seconds();
    for group in order.iter().copied().filter(|group| groups.whole_from(*group) <= window.start) {
        let Some(cell) = halves.cell(group, parts, merged) else { continue };
        let (group, values) = (groups.key(group), plan.values(seconds, cell));
        results.push(WindowResult { interval: window, group, values, status: status.clone() });
    }
}
