//! Several hopping windows over the same events: they share their panes.

use spate_shared::order;
use spate_shared::time::Nanos;

use super::hopping::{MAX_PANES, gcd};
use super::{Hopping, Interval, Tumbling, WindowError};

/// Hopping windows of several widths and slides, cut from the same slices of time.
#[derive(Debug, Clone)]
pub struct Shared {
    each: Vec<Hopping>,
    panes: Tumbling,
}

impl Shared {
    /// All of these windows; at least one.
    ///
    /// # Errors
    /// [`WindowError::Panes`] when one of them would be made of more than 10,000 panes.
    pub fn new(each: Vec<Hopping>) -> Result<Self, WindowError> {
        let slices = || each.iter().map(Hopping::panes);
        let starts = || slices().map(|slices| slices.assign(0).start);
        let first = starts().next().unwrap_or_default();
        let apart = starts().map(|start| start - first);
        let width = slices().map(|slices| slices.width()).chain(apart).fold(0, |a, b| gcd(a, b.abs()));
        for window in &each {
            let (whole, slide, panes) = (window.width(), window.slide(), window.width() / width.max(1));
            if panes > MAX_PANES {
                return Err(WindowError::Panes { width: whole, slide, panes });
            }
        }
        Ok(Self { each, panes: Tumbling::aligned(width).shifted(first) })
    }

    /// The windows of one width and slide each.
    pub fn each(&self) -> &[Hopping] {
        &self.each
    }

    /// Adjoining slices of event time; every window is a whole number of them.
    pub fn panes(&self) -> Tumbling {
        self.panes
    }

    /// Of the windows that hold `time`, the latest start and the latest end; `None` when `time` is in none.
    pub fn last_holding(&self, time: Nanos) -> Option<Interval> {
        let holding = self.each.iter().filter_map(|windows| windows.last_holding(time));
        holding.reduce(|a, b| Interval { start: a.start.max(b.start), end: a.end.max(b.end) })
    }

    /// Of each kind the window with the earliest end after `after` that holds one of the times, which are in order; of all
    /// these, those with the earliest end, by start, each with the place of its kind in [`Shared::each`].
    pub fn next(
        &self,
        after: Nanos,
        times: &(impl Iterator<Item = Nanos> + Clone),
    ) -> Vec<(usize, Interval)> {
        let first = |(kind, windows): (usize, &Hopping)| {
            Some((kind, times.clone().find_map(|time| windows.first_ending_after(after, time))?))
        };
        let mut next: Vec<(usize, Interval)> = self.each.iter().enumerate().filter_map(first).collect();
        let end = next.iter().map(|(_, window)| window.end).min();
        next.retain(|(_, window)| Some(window.end) == end);
        order::sort_by_key(&mut next, |(_, window)| window.start);
        next.dedup_by_key(|(_, window)| *window);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_window_is_a_whole_number_of_panes_and_the_next_are_those_that_end_first(
            each in proptest::collection::vec((1..40i64, 1..40i64, 0..40i64), 1..4), time in -300..300i64, after in -300..300i64,
        ) {
            let each: Vec<Hopping> =
                each.into_iter().map(|(width, slide, offset)| Hopping::new(width, slide, offset).expect("valid")).collect();
            let shared = Shared::new(each.clone()).expect("few panes");
            let last: Vec<Interval> = each.iter().filter_map(|windows| windows.last_holding(time)).collect();
            for window in &last {
                prop_assert_eq!(shared.panes().assign(window.start).start, window.start);
                prop_assert_eq!(shared.panes().assign(window.end).start, window.end);
            }
            let latest = shared.last_holding(time);
            prop_assert_eq!(latest.map(|latest| latest.end), last.iter().map(|window| window.end).max());
            prop_assert_eq!(latest.map(|latest| latest.start), last.iter().map(|window| window.start).max());
            let all: Vec<Interval> = each.iter().filter_map(|windows| windows.first_ending_after(after, time)).collect();
            let first = all.iter().map(|window| window.end).min();
            let next = shared.next(after, &std::iter::once(time));
            prop_assert!(next.iter().all(|(kind, window)| each[*kind].first_ending_after(after, time) == Some(*window)));
            let next: Vec<Interval> = next.into_iter().map(|(_, window)| window).collect();
            prop_assert!(next.iter().all(|window| Some(window.end) == first && all.contains(window)));
            prop_assert!(all.iter().all(|window| Some(window.end) != first || next.contains(window)));
        }
    }

    #[test]
    fn windows_that_share_few_slices_are_refused() {
        let hopping = |width| Hopping::from(Tumbling::aligned(width));
        let refused =
            Shared::new(vec![hopping(10_007), hopping(1_000_000)]).expect_err("a pane of one nanosecond");
        assert!(matches!(refused, WindowError::Panes { width: 10_007, panes: 10_007, .. }), "{refused}");
    }
}
