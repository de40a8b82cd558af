//! After strong evidence, only stronger counts for a while.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Events looked back on.
const LOOK_BACK: u64 = 100;
/// Evidence must exceed the largest looked back on this many times.
const FACTOR: f64 = 1.5;

/// The largest evidence of the last [`LOOK_BACK`] events: a queue of those that nothing later exceeded.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Burst {
    falling: VecDeque<(u64, f64)>,
    seen: u64,
}

impl Burst {
    pub(super) fn new() -> Self {
        Self { falling: VecDeque::with_capacity(LOOK_BACK as usize), seen: 0 }
    }

    /// The evidence, or 0 when it does not stand out from what came shortly before.
    pub(super) fn filter(&mut self, evidence: f64) -> f64 {
        if self.falling.front().is_some_and(|(at, _)| at + LOOK_BACK < self.seen) {
            self.falling.pop_front();
        }
        let before = self.falling.front().map_or(0.0, |(_, evidence)| *evidence);
        if evidence > 0.0 {
            while self.falling.back().is_some_and(|(_, held)| *held <= evidence) {
                self.falling.pop_back();
            }
            self.falling.push_back((self.seen, evidence));
        }
        self.seen += 1;
        if evidence > FACTOR * before { evidence } else { 0.0 }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.falling.capacity() * size_of::<(u64, f64)>()
    }
}

/// The same for evidence that grows little by little, event after event: what passed is looked back on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Hold {
    held: f64,
    events: u64,
}

impl Hold {
    /// The evidence, or 0 when it does not stand out from what passed shortly before.
    pub(super) fn filter(&mut self, evidence: f64) -> f64 {
        self.events = self.events.saturating_sub(1);
        if self.events > 0 && evidence <= FACTOR * self.held {
            return 0.0;
        }
        if evidence > 0.0 {
            (self.held, self.events) = (evidence, LOOK_BACK + 1);
        }
        evidence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn evidence_is_held_against_the_largest_of_the_hundred_before(
            evidence in proptest::collection::vec(prop_oneof![3 => Just(0.0), 1 => 0.0..3.0f64], 0..600),
        ) {
            let mut burst = Burst::new();
            for (at, now) in evidence.iter().enumerate() {
                let before = evidence[at.saturating_sub(100)..at].iter().copied().fold(0.0, f64::max);
                let expect = if *now > 1.5 * before { *now } else { 0.0 };
                prop_assert_eq!(burst.filter(*now), expect);
                prop_assert!(burst.falling.len() <= 100);
            }
        }
    }

    #[test]
    fn evidence_that_grows_slowly_passes_in_steps() {
        let mut hold = Hold::default();
        let passed: Vec<f64> =
            (1..=30).map(|step| hold.filter(f64::from(step))).filter(|e| *e > 0.0).collect();
        assert_eq!(passed, [1.0, 2.0, 4.0, 7.0, 11.0, 17.0, 26.0]);
        assert!((0..96).all(|_| hold.filter(26.0) == 0.0), "four events came since it passed");
        assert_eq!(hold.filter(26.0), 26.0);
    }
}
