//! Sessions: per group, the runs of events that may still grow, merge or be revised.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use spate_shared::order;
use spate_shared::time::Nanos;

use super::cells::Cell;
use super::groups::Groups;
use super::plan::{Plan, Prepared};
use super::{Clock, GroupKey, Status, Was, WindowResult};
use crate::aggregate::{Accumulator, Parts};
use crate::checkpoint::CheckpointError;
use crate::window::{Interval, Session};

/// The sessions of all groups.
#[derive(Debug, Clone)]
pub(super) struct Sessions {
    window: Session,
    parts: Vec<Parts>,
    /// By group, each by start.
    runs: Vec<Vec<Run>>,
    /// When a group has something to give or to close, at the earliest.
    timers: BinaryHeap<Reverse<(Nanos, u32)>>,
    /// By group: its earliest timer.
    armed: Vec<Option<Nanos>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Run {
    interval: Interval,
    is_given: bool,
    /// What was said of it, or of the sessions it is made of.
    was: Vec<Was>,
    events: u64,
    accumulators: Vec<Accumulator>,
}

/// The part of [`Sessions`] that a query does not tell.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SessionsState {
    runs: Vec<Vec<Run>>,
    /// Sorted.
    timers: Vec<(Nanos, u32)>,
    armed: Vec<Option<Nanos>>,
}

impl Run {
    fn cell(&self) -> Cell<'_> {
        Cell { events: self.events, accumulators: &self.accumulators }
    }

    /// Takes a later session of the same group in.
    fn absorb(&mut self, other: Self, parts: &[Parts]) {
        self.events += other.events;
        self.is_given &= other.is_given;
        self.was.extend(other.was);
        for ((mine, theirs), parts) in self.accumulators.iter_mut().zip(&other.accumulators).zip(parts) {
            mine.merge(theirs, *parts);
        }
    }

    fn give(&mut self, group: GroupKey, clock: &Clock, plan: &Plan) -> WindowResult {
        let values = plan.values(self.interval.seconds(), self.cell());
        let was = std::mem::take(&mut self.was);
        if clock.revises() {
            self.was.push(Was { interval: self.interval, values: values.clone() });
        }
        self.is_given = true;
        let status = if was.is_empty() { Status::Final } else { Status::Revised(was) };
        WindowResult { interval: self.interval, group, values, status }
    }
}

impl Sessions {
    pub(super) fn new(window: Session, plan: &Plan) -> Self {
        Self {
            window,
            parts: plan.parts().collect(),
            runs: Vec::new(),
            timers: BinaryHeap::new(),
            armed: Vec::new(),
        }
    }

    /// What a checkpoint keeps.
    pub(super) fn state(&self) -> SessionsState {
        let mut timers: Vec<(Nanos, u32)> = self.timers.iter().map(|timer| timer.0).collect();
        timers.sort_unstable();
        SessionsState { runs: self.runs.clone(), timers, armed: self.armed.clone() }
    }

    /// Goes on from a checkpoint.
    pub(super) fn restore(&mut self, state: SessionsState) -> Result<(), CheckpointError> {
        let SessionsState { runs, timers, armed } = state;
        let is_whole = |run: &Run| run.accumulators.len() == self.parts.len();
        if armed.len() != runs.len() || !runs.iter().flatten().all(is_whole) {
            return Err(CheckpointError::Unfit("its windows hold other aggregates".to_owned()));
        }
        (self.runs, self.armed) = (runs, armed);
        self.timers = timers.into_iter().map(Reverse).collect();
        Ok(())
    }

    /// The session an event would be in: its own, and those it touches.
    fn reach(&self, group: u32, alone: Interval) -> (std::ops::Range<usize>, Interval) {
        let Some(runs) = self.runs.get(group as usize) else { return (0..0, alone) };
        let to = match runs.last() {
            Some(last) if last.interval.start < alone.end => runs.len(),
            _ => runs.partition_point(|run| run.interval.start < alone.end),
        };
        // Ends are in the order of starts, since sessions do not touch.
        let reached = runs[..to].iter().rev().take_while(|run| run.interval.end > alone.start).count();
        let range = to - reached..to;
        let Some((first, last)) = runs[range.clone()].first().zip(runs[range.clone()].last()) else {
            return (range, alone);
        };
        let start = first.interval.start.min(alone.start);
        (range, Interval { start, end: last.interval.end.max(alone.end) })
    }

    /// End of the session that an event would be in.
    pub(super) fn end(&self, time: Nanos, group: Option<u32>) -> Nanos {
        let alone = self.window.of(time);
        group.map_or(alone, |group| self.reach(group, alone).1).end
    }

    /// Adds an event whose session is not closed. Gives when to come back, at the latest.
    pub(super) fn add(
        &mut self,
        event: (&Prepared<'_>, usize, Nanos),
        group: u32,
        clock: &Clock,
        groups: &mut Groups,
    ) -> Nanos {
        let (prepared, row, time) = event;
        let (range, interval) = self.reach(group, self.window.of(time));
        if self.runs.len() <= group as usize {
            self.runs.resize_with(group as usize + 1, Vec::new);
            self.armed.resize(group as usize + 1, None);
        }
        let runs = &mut self.runs[group as usize];
        if range.is_empty() {
            let accumulators = vec![Accumulator::default(); self.parts.len()];
            runs.insert(
                range.start,
                Run { interval, is_given: false, was: Vec::new(), events: 0, accumulators },
            );
            groups.hold(group);
        }
        for _ in range.start + 1..range.end {
            let other = runs.remove(range.start + 1);
            runs[range.start].absorb(other, &self.parts);
            groups.release(group);
        }
        let run = &mut runs[range.start];
        run.is_given &= interval.end <= clock.now();
        run.interval = interval;
        run.events += 1;
        prepared.add(row, time, &mut run.accumulators);
        let due = if run.is_given { clock.closes_at(interval.end) } else { clock.gives_at(interval.end) };
        self.arm(group, due);
        due
    }

    /// Counts an event that falls into the last session of its group, which no result was given of; gives what the session
    /// keeps. Its timer stays: it is set to an earlier end.
    #[inline]
    pub(super) fn extend(&mut self, time: Nanos, group: u32) -> Option<&mut [Accumulator]> {
        let run = self.runs.get_mut(group as usize)?.last_mut()?;
        let (start, end) = (run.interval.start, run.interval.end);
        if run.is_given || time < start || time >= end {
            return None;
        }
        run.interval.end = end.max(self.window.of(time).end);
        run.events += 1;
        Some(&mut run.accumulators)
    }

    /// Wakes for a group at `due`, unless it is woken before that.
    fn arm(&mut self, group: u32, due: Nanos) {
        if self.armed[group as usize].is_none_or(|armed| due < armed) {
            self.armed[group as usize] = Some(due);
            self.timers.push(Reverse((due, group)));
        }
    }

    /// Gives the result of an event's session again when the watermark had passed it.
    pub(super) fn revise(
        &mut self,
        time: Nanos,
        group: u32,
        clock: &Clock,
        groups: &Groups,
        plan: &Plan,
    ) -> Option<WindowResult> {
        let runs = &mut self.runs[group as usize];
        let run = runs.iter_mut().find(|run| run.interval.start <= time && time < run.interval.end)?;
        (run.interval.end <= clock.now()).then(|| run.give(groups.key(group), clock, plan))
    }

    /// Gives the results that the watermark has made due and forgets what is closed. Gives when to come back.
    pub(super) fn advance(
        &mut self,
        clock: &Clock,
        plan: &Plan,
        groups: &mut Groups,
        results: &mut Vec<WindowResult>,
    ) -> Nanos {
        let mut given = Vec::new();
        while let Some(Reverse((at, group))) = self.timers.peek().copied() {
            if at > clock.now() {
                break;
            }
            self.timers.pop();
            if self.armed[group as usize] != Some(at) {
                // An earlier timer of the group was set after this one.
                continue;
            }
            self.armed[group as usize] = None;
            let runs = &mut self.runs[group as usize];
            for run in
                runs.iter_mut().filter(|run| !run.is_given && clock.gives_at(run.interval.end) <= clock.now())
            {
                given.push(run.give(groups.key(group), clock, plan));
            }
            let before = runs.len();
            runs.retain(|run| clock.closes_at(run.interval.end) > clock.now());
            (runs.len()..before).for_each(|_| groups.release(group));
            let next = |run: &Run| {
                if run.is_given {
                    clock.closes_at(run.interval.end)
                } else {
                    clock.gives_at(run.interval.end)
                }
            };
            if let Some(due) = runs.iter().map(next).min() {
                self.arm(group, due);
            }
        }
        sort(&mut given);
        results.append(&mut given);
        self.timers.peek().map_or(Nanos::MAX, |timer| timer.0.0)
    }

    /// The sessions that are not given yet, as they are now.
    pub(super) fn open(&self, plan: &Plan, groups: &Groups) -> Vec<WindowResult> {
        let groups_of_runs = self.runs.iter().zip(0u32..);
        let open = groups_of_runs.flat_map(|(runs, group)| runs.iter().map(move |run| (group, run)));
        let result = |(group, run): (u32, &Run)| WindowResult {
            interval: run.interval,
            group: groups.key(group),
            values: plan.values(run.interval.seconds(), run.cell()),
            status: Status::Provisional,
        };
        let mut results = open.filter(|(_, run)| !run.is_given).map(result).collect();
        sort(&mut results);
        results
    }
}

/// By end, start and group.
fn sort(results: &mut Vec<WindowResult>) {
    let place = |result: &WindowResult| (result.interval.end, result.interval.start);
    order::sort_by(results, |a, b| place(a).cmp(&place(b)).then_with(|| a.group.cmp(&b.group)));
}
