//! Half-space trees: how many events of the last windows fell into the same parts of space.
//!
//! Space is halved along random measures; the mass of each part is counted over windows of 250 events. A window is judged
//! by the masses of the one before. A single measure is taken together with its value one event before.
//!
//! # Source
//! S. C. Tan, K. M. Ting, F. T. Liu, "Fast Anomaly Detection for Streaming Data", IJCAI 2011.

use serde::{Deserialize, Serialize};

use super::ranked::{Ranked, Statistic};
use super::robust_z::LEVEL;
use super::scale::Scales;
use super::{DetectorKind, Input, Parameter, Reason};
use crate::random::Random;

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "half-space",
    doc: "Half-space trees: events in thinly settled parts of the space of all measures. Several measures; blind to time.",
    parameters: &[LEVEL, SEED],
    texts: &[],
    is_multivariate: true,
    most_bytes: 96 << 10,
    build: |settings| Box::new(Ranked::new(settings.get(&LEVEL), HalfSpace::new(settings.get(&SEED) as u64))),
};

/// Of every detector that draws.
pub(super) const SEED: Parameter = Parameter {
    name: "seed",
    doc: "what its draws begin with; the same seed gives the same scores",
    default: 1.0,
    least: 0.0,
    most: 4_294_967_295.0,
    is_whole: true,
};
const TREES: usize = 25;
/// Halvings from the whole space to a part.
const DEPTH: usize = 7;
const NODES: usize = (1 << (DEPTH + 1)) - 1;
const WINDOW: u32 = 250;
/// A part with fewer events than this is not halved further.
const FEW: f32 = 25.0;
/// Standard deviations that the space reaches to either side.
const REACH: f64 = 2.5;

#[derive(Debug, Serialize, Deserialize)]
struct HalfSpace {
    random: Random,
    scales: Scales,
    /// Made at the first event, when the number of measures is known.
    trees: Vec<Tree>,
    before: Vec<f32>,
    in_window: u32,
    is_judging: bool,
}

/// A complete binary tree; the children of node `n` are `2 n + 1` and `2 n + 2`.
#[derive(Debug, Serialize, Deserialize)]
struct Tree {
    cuts: Vec<(u16, f32)>,
    /// Events of the window before, and of this one.
    mass: Vec<f32>,
    growing: Vec<f32>,
}

impl Tree {
    fn new(dimensions: usize, random: &mut Random) -> Self {
        // A random part of each dimension, wide enough to hold all of it wherever its middle lies.
        let ranges: Vec<(f64, f64)> = (0..dimensions)
            .map(|_| {
                let middle = random.unit();
                let reach = 2.0 * middle.max(1.0 - middle);
                let at = |part: f64| (2.0 * part - 1.0) * REACH;
                (at(middle - reach), at(middle + reach))
            })
            .collect();
        let mut tree =
            Self { cuts: vec![(0, 0.0); NODES >> 1], mass: vec![0.0; NODES], growing: vec![0.0; NODES] };
        tree.cut(0, ranges, random);
        tree
    }

    fn cut(&mut self, node: usize, ranges: Vec<(f64, f64)>, random: &mut Random) {
        if node >= self.cuts.len() {
            return;
        }
        let dimension = random.below(ranges.len());
        let (low, high) = ranges[dimension];
        let middle = f64::midpoint(low, high);
        self.cuts[node] = (dimension as u16, middle as f32);
        let (mut below, mut above) = (ranges.clone(), ranges);
        (below[dimension], above[dimension]) = ((low, middle), (middle, high));
        self.cut(2 * node + 1, below, random);
        self.cut(2 * node + 2, above, random);
    }

    /// Events of the window before in the part of a point, as if all parts were of one size.
    fn weigh(&mut self, point: &[f32], learns: bool) -> f32 {
        let (mut node, mut found, mut halvings) = (0, None, 1.0);
        loop {
            if learns {
                self.growing[node] += 1.0;
            }
            if found.is_none() && self.mass[node] < FEW {
                found = Some(self.mass[node] * halvings);
            }
            let Some((dimension, cut)) = self.cuts.get(node) else {
                return found.unwrap_or(self.mass[node] * halvings);
            };
            node = 2 * node + if point[usize::from(*dimension)] < *cut { 1 } else { 2 };
            halvings *= 2.0;
        }
    }

    fn turn(&mut self) {
        std::mem::swap(&mut self.mass, &mut self.growing);
        self.growing.fill(0.0);
    }
}

impl HalfSpace {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            scales: Scales::default(),
            trees: Vec::new(),
            before: Vec::new(),
            in_window: 0,
            is_judging: false,
        }
    }
}

impl Statistic for HalfSpace {
    fn observe(&mut self, input: Input<'_>) -> Option<(f64, Reason)> {
        let mut point = Vec::with_capacity(2 * input.values.len());
        let is_settled = self.scales.warm_up() == 0;
        self.scales.standardise(input.values, input.learns, &mut point);
        if let [value] = point[..] {
            let before = self.before.first().copied().unwrap_or(value);
            self.before = vec![value];
            point.push(before);
        }
        if !is_settled {
            return None;
        }
        if self.trees.is_empty() {
            self.trees = (0..TREES).map(|_| Tree::new(point.len(), &mut self.random)).collect();
        }
        let mass: f32 = self.trees.iter_mut().map(|tree| tree.weigh(&point, input.learns)).sum();
        let was_judging = self.is_judging;
        if input.learns {
            self.in_window += 1;
            if self.in_window == WINDOW {
                self.in_window = 0;
                self.is_judging = true;
                self.trees.iter_mut().for_each(Tree::turn);
            }
        }
        // Against an even spread over the space.
        let mass = f64::from(mass) / (TREES as f64 * f64::from(WINDOW));
        let statistic = -libm::log(mass + 1e-3);
        was_judging.then_some((statistic, Reason::Sparse { mass, measures: input.values.len() as u32 }))
    }

    fn warm_up(&self) -> u32 {
        if self.is_judging { 0 } else { self.scales.warm_up() + WINDOW - self.in_window }
    }

    fn heap_bytes(&self) -> usize {
        let of_tree = |tree: &Tree| {
            size_of::<Tree>()
                + tree.cuts.capacity() * size_of::<(u16, f32)>()
                + (tree.mass.capacity() + tree.growing.capacity()) * size_of::<f32>()
        };
        let trees: usize = self.trees.iter().map(of_tree).sum();
        trees + self.scales.heap_bytes() + self.before.capacity() * size_of::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use crate::detector::{Rows, Settings, Verdict};
    use crate::random::Random;

    #[test]
    fn a_pair_of_usual_values_that_never_came_together_scores_high() {
        let mut random = Random::new(7);
        let mut values = Vec::new();
        for row in 0..4_000 {
            let both = f64::from(u8::from(random.unit() < 0.5));
            let second = if row == 3_900 { 1.0 - both } else { both };
            values.extend([both + 0.1 * random.unit(), second + 0.1 * random.unit()]);
        }
        let times: Vec<i64> = (0..4_000).collect();
        let mut out: Vec<Verdict> = Vec::new();
        let rows = Rows { times: &times, values: &values, width: 2, learns: true };
        Settings::new(crate::detector::find("half-space").expect("in the table"))
            .build()
            .score(rows, &mut out);
        let higher = out[1_000..].iter().filter(|verdict| verdict.score > out[3_900].score).count();
        assert!(out[3_900].score > 0.99 && higher < 20, "{higher} {:?}", out[3_900]);
    }
}
