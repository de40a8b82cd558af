//! Random cut forest: how many remembered events an event would part from the rest.
//!
//! Each tree cuts the space of a sample of events at random, long sides more often. The statistic of an event is the mass
//! it is expected to displace if it joined the tree. Events are shingles of the latest four of all measures, so a course
//! counts as well as a value.
//!
//! # Source
//! S. Guha, N. Mishra, G. Roy, O. Schrijvers, "Robust Random Cut Forest Based Anomaly Detection on Streams", ICML 2016.

mod tree;

use serde::{Deserialize, Serialize};

use super::half_space::SEED;
use super::ranked::{Ranked, Statistic};
use super::robust_z::LEVEL;
use super::scale::Scales;
use super::{DetectorKind, Input, Parameter, Reason};
use crate::random::Random;
use tree::Tree;

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "random-cut-forest",
    doc: "Random cut forest: courses of one or several measures unlike those remembered. Rhythm-free; costs the most time.",
    parameters: &[LEVEL, SHINGLE, SEED],
    texts: &[],
    is_multivariate: true,
    most_bytes: 192 << 10,
    build: |settings| {
        let forest = CutForest::new(settings.get(&SHINGLE) as usize, settings.get(&SEED) as u64);
        Box::new(Ranked::new(settings.get(&LEVEL), forest))
    },
};

const SHINGLE: Parameter = Parameter {
    name: "shingle",
    doc: "latest events that are looked at together",
    default: 4.0,
    least: 1.0,
    most: 32.0,
    is_whole: true,
};
const TREES: usize = 16;
/// Events a tree remembers; each event is remembered by one tree, in turn.
const SAMPLE: usize = 96;
/// Events before the first statistic.
const SETTLING: u32 = 192;

#[derive(Debug, Serialize, Deserialize)]
struct CutForest {
    random: Random,
    scales: Scales,
    shingle_events: usize,
    /// The latest events, oldest first, side by side.
    shingle: Vec<f32>,
    trees: Vec<Tree>,
    learned: u32,
    next: usize,
}

impl CutForest {
    fn new(shingle_events: usize, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            scales: Scales::default(),
            shingle_events,
            shingle: Vec::new(),
            trees: Vec::new(),
            learned: 0,
            next: 0,
        }
    }
}

impl Statistic for CutForest {
    fn observe(&mut self, input: Input<'_>) -> Option<(f64, Reason)> {
        let mut point = Vec::with_capacity(input.values.len());
        let is_settled = self.scales.warm_up() == 0;
        self.scales.standardise(input.values, input.learns, &mut point);
        if !is_settled {
            return None;
        }
        if self.trees.is_empty() {
            let dimensions = self.shingle_events * point.len();
            self.shingle = point.iter().copied().cycle().take(dimensions).collect();
            self.trees = (0..TREES).map(|_| Tree::new(dimensions, SAMPLE)).collect();
        }
        self.shingle.rotate_left(point.len());
        let kept = self.shingle.len() - point.len();
        self.shingle[kept..].copy_from_slice(&point);
        let was_settled = self.learned >= SETTLING;
        let displaced = if was_settled {
            self.trees.iter().map(|tree| tree.displacement(&self.shingle)).sum::<f64>() / TREES as f64
        } else {
            0.0
        };
        if input.learns {
            self.learned = self.learned.saturating_add(1);
            self.trees[self.next].remember(&self.shingle, &mut self.random);
            self.next = (self.next + 1) % TREES;
        }
        let reason = Reason::Displaced { events: displaced, remembered: SAMPLE as u32 };
        was_settled.then(|| (libm::log1p(displaced), reason))
    }

    fn warm_up(&self) -> u32 {
        self.scales.warm_up() + SETTLING.saturating_sub(self.learned)
    }

    fn heap_bytes(&self) -> usize {
        let trees: usize = self.trees.iter().map(|tree| size_of::<Tree>() + tree.heap_bytes()).sum();
        trees + self.scales.heap_bytes() + self.shingle.capacity() * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use crate::detector::{Rows, Settings, Verdict};

    #[test]
    fn a_course_that_never_was_scores_higher_than_any_usual_one() {
        let mut values: Vec<f64> =
            (0..4_000).map(|row| libm::sin(f64::from(row) * 0.3) + 0.05 * f64::from(row % 7)).collect();
        // Flat where the wave would go on: every value of it is usual.
        values[3_500..3_512].fill(0.1);
        let times = vec![0; values.len()];
        let mut out: Vec<Verdict> = Vec::new();
        let kind = crate::detector::find("random-cut-forest").expect("in the table");
        Settings::new(kind).build().score(Rows::of(&times, &values), &mut out);
        let best = out[3_500..3_515].iter().map(|verdict| verdict.score).fold(0.0, f64::max);
        let higher = out[500..3_500].iter().filter(|verdict| verdict.score > best).count();
        assert!(higher < 10, "{higher} usual events score higher than {best}");
    }
}
