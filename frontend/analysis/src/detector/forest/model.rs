//! A trained isolation forest: its file, and the score it gives a row.
//!
//! scikit-learn compares single-precision values with double-precision thresholds. The file holds the largest single
//! below each threshold, which parts the same values.
//!
//! # Source
//! F. T. Liu, K. M. Ting, Z.-H. Zhou, "Isolation Forest", ICDM 2008; `sklearn/ensemble/_iforest.py` of scikit-learn 1.9.

use serde::{Deserialize, Serialize};

use crate::detector::snapshot;

/// What the files say they are, and the version read.
const FORMAT: &str = "spate-isolation-forest";
const VERSION: u32 = 1;
/// Rows scored side by side.
pub(super) const TOGETHER: usize = 8;
/// How far a golden row's score may be off.
const TOLERANCE: f64 = 1e-12;
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// A trained forest.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Forest {
    nodes: Vec<Node>,
    /// Path length that ends at each node.
    lengths: Vec<f64>,
    /// Root of each tree, and the cuts from there to its deepest leaf.
    trees: Vec<(u32, u32)>,
    features: Option<Vec<String>>,
    feature_count: usize,
    /// `1 / (trees * c(max_samples))`.
    per_length: f64,
    offset: f64,
    hash: u64,
}

/// Rows whose feature is at most the threshold go on at `next`, others at the node after that. A leaf is its own next,
/// and no row exceeds its threshold.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Node {
    threshold: f32,
    feature: u32,
    next: u32,
}

impl Node {
    /// Where a row goes on.
    fn below(self, row: &[f32]) -> usize {
        self.next as usize + usize::from(row[self.feature as usize] > self.threshold)
    }
}

/// What the file holds.
#[derive(Debug, Deserialize)]
struct File {
    format: String,
    version: u32,
    #[serde(default)]
    features: Option<Vec<String>>,
    feature_count: usize,
    max_samples: u32,
    offset: f64,
    trees: Vec<FileTree>,
    golden: Golden,
}

/// One tree: node 0 is the root; a leaf's children are -1.
#[derive(Debug, Deserialize)]
struct FileTree {
    feature: Vec<i64>,
    threshold: Vec<f64>,
    left: Vec<i64>,
    right: Vec<i64>,
    samples: Vec<u32>,
}

/// Rows and what scikit-learn's `score_samples` says of them.
#[derive(Debug, Deserialize)]
struct Golden {
    rows: Vec<Vec<f64>>,
    scores: Vec<f64>,
}

/// Equal files, equal forests.
impl PartialEq for Forest {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Forest {
    /// Reads a file and checks it by its golden rows.
    ///
    /// # Errors
    /// What is wrong with the file and what to do, as the end of a sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        let again = "export it again with tools/export_isolation_forest.py";
        // Before the rest, which another version may hold in another shape.
        let head: serde_json::Value = serde_json::from_str(text)
            .map_err(|error| format!("the file is cut short or no JSON ({error}); {again}"))?;
        if head["format"] != FORMAT {
            return Err(format!("the file is no isolation forest of this program; {again}"));
        }
        if head["version"] != VERSION {
            return Err(format!(
                "the file has version {}, this program reads {VERSION}; {again}",
                head["version"]
            ));
        }
        let file: File = serde_json::from_value(head)
            .map_err(|error| format!("the file lacks a part ({error}); {again}"))?;
        debug_assert!(file.format == FORMAT && file.version == VERSION);
        let forest =
            Self::build(&file, snapshot::hash(text.as_bytes())).map_err(|why| format!("{why}; {again}"))?;
        forest.check(&file.golden).map_err(|why| format!("{why}; {again}"))?;
        Ok(forest)
    }

    fn build(file: &File, hash: u64) -> Result<Self, String> {
        if file.trees.is_empty() || file.feature_count == 0 {
            return Err("the file holds no tree or no feature".to_owned());
        }
        if file.features.as_ref().is_some_and(|names| names.len() != file.feature_count) {
            return Err(format!("the file names other than its {} features", file.feature_count));
        }
        let depths = file.trees.len() as f64 * average_path(f64::from(file.max_samples));
        let mut forest = Self {
            nodes: Vec::new(),
            lengths: Vec::new(),
            trees: Vec::new(),
            features: file.features.clone(),
            feature_count: file.feature_count,
            per_length: if depths > 0.0 { 1.0 / depths } else { 0.0 },
            offset: file.offset,
            hash,
        };
        for (at, tree) in file.trees.iter().enumerate() {
            forest.plant(tree).ok_or_else(|| format!("tree {at} is damaged"))?;
        }
        Ok(forest)
    }

    /// Lays a tree out level by level, children side by side; `None` when it is none.
    fn plant(&mut self, tree: &FileTree) -> Option<()> {
        let root = self.nodes.len();
        let mut level = vec![0usize];
        let mut depth = 0;
        self.nodes.push(Node { threshold: f32::INFINITY, feature: 0, next: root as u32 });
        self.lengths.push(0.0);
        let mut first = root;
        while !level.is_empty() {
            let mut below = Vec::new();
            for (at, node) in level.iter().enumerate() {
                let (left, right) = (*tree.left.get(*node)?, *tree.right.get(*node)?);
                let place = first + at;
                if left < 0 {
                    let samples = f64::from(*tree.samples.get(*node)?);
                    self.lengths[place] = f64::from(depth) + average_path(samples);
                    continue;
                }
                let children = [usize::try_from(left).ok()?, usize::try_from(right).ok()?];
                let feature = usize::try_from(*tree.feature.get(*node)?).ok()?;
                let next = first + level.len() + below.len();
                // Children come after their parent in the file, so no tree is a loop.
                if feature >= self.feature_count || children.iter().any(|child| child <= node) {
                    return None;
                }
                let threshold = *tree.threshold.get(*node)? as f32;
                self.nodes[place] = Node { threshold, feature: feature as u32, next: next as u32 };
                below.extend(children);
                if below.len() > tree.left.len() {
                    return None;
                }
            }
            first += level.len();
            let leaf = |place: usize| Node { threshold: f32::INFINITY, feature: 0, next: place as u32 };
            self.nodes.extend((first..first + below.len()).map(leaf));
            self.lengths.resize(self.nodes.len(), 0.0);
            depth += i32::from(!below.is_empty());
            level = below;
        }
        self.trees.push((root as u32, depth.unsigned_abs()));
        Some(())
    }

    fn check(&self, golden: &Golden) -> Result<(), String> {
        if golden.rows.is_empty() || golden.rows.len() != golden.scores.len() {
            return Err("the file has no golden rows to check it by".to_owned());
        }
        for (at, (row, expect)) in golden.rows.iter().zip(&golden.scores).enumerate() {
            if row.len() != self.feature_count {
                return Err(format!("golden row {at} has {} values, not {}", row.len(), self.feature_count));
            }
            let score = self.score_sample(&row.iter().map(|value| *value as f32).collect::<Vec<_>>());
            if (score - expect).abs() > TOLERANCE || expect.is_nan() {
                return Err(format!("golden row {at} scores {score}, and the file says {expect}"));
            }
        }
        Ok(())
    }

    /// scikit-learn's `score_samples` of a row: -1 for the most unusual, towards 0 for the least. The row has one value
    /// for each feature.
    pub fn score_sample(&self, row: &[f32]) -> f64 {
        let mut length = 0.0;
        for (root, depth) in &self.trees {
            let mut at = *root as usize;
            // As many steps for every leaf: the processor then need not guess where a path ends.
            for _ in 0..*depth {
                at = self.nodes[at].below(row);
            }
            length += self.lengths[at];
        }
        self.score_of(length)
    }

    /// The same of [`TOGETHER`] rows, side by side: while one waits for a node, the others go on; and a tree stays near
    /// for all of them.
    pub(super) fn score_samples(&self, rows: &[f32]) -> [f64; TOGETHER] {
        let width = self.feature_count;
        let mut lengths = [0.0; TOGETHER];
        for (root, depth) in &self.trees {
            let mut places = [*root as usize; TOGETHER];
            for _ in 0..*depth {
                for (at, row) in places.iter_mut().zip(rows.chunks_exact(width)) {
                    *at = self.nodes[*at].below(row);
                }
            }
            for (length, at) in lengths.iter_mut().zip(places) {
                *length += self.lengths[at];
            }
        }
        lengths.map(|length| self.score_of(length))
    }

    fn score_of(&self, length: f64) -> f64 {
        -libm::exp2(-length * self.per_length)
    }

    /// scikit-learn's `decision_function` for what `score_samples` said: negative is unusual.
    pub fn decision(&self, score: f64) -> f64 {
        score - self.offset
    }

    /// Names of the features, where it was trained on named ones.
    pub fn features(&self) -> Option<&[String]> {
        self.features.as_deref()
    }

    /// How many features a row has.
    pub fn feature_count(&self) -> usize {
        self.feature_count
    }

    /// Tells files apart.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// Bytes it holds, shared by all series that use it.
    pub fn bytes(&self) -> usize {
        self.nodes.len() * (size_of::<Node>() + size_of::<f64>()) + self.trees.len() * size_of::<(u32, u32)>()
    }
}

/// The mean length of a search for nothing among this many samples.
fn average_path(samples: f64) -> f64 {
    if samples <= 1.0 {
        0.0
    } else if samples <= 2.0 {
        1.0
    } else {
        2.0 * (libm::log(samples - 1.0) + EULER_GAMMA) - 2.0 * (samples - 1.0) / samples
    }
}

#[cfg(test)]
pub(in crate::detector) mod tests {
    use super::*;

    /// One tree over one feature, cut at 0.5 and then at 20: 10 samples below, 5 between, 1 above.
    pub(in crate::detector) const SMALL: &str = r#"{"format": "spate-isolation-forest", "version": 1, "features": ["v"],
        "feature_count": 1, "max_samples": 16, "offset": -0.6,
        "trees": [{"feature": [0, -1, 0, -1, -1], "threshold": [0.5, 0, 20, 0, 0], "left": [1, -1, 3, -1, -1],
            "right": [2, -1, 4, -1, -1], "samples": [16, 10, 6, 5, 1]}],
        "golden": {"rows": [[0.5], [70]], "scores": [-0.4960778338717211, -0.7443552084196415]}}"#;

    #[test]
    fn a_hand_worked_tree_is_reproduced() {
        let forest = Forest::read(SMALL).expect("it is whole");
        // c(5) = 2 (ln 4 + gamma) - 8/5; the way to it has two cuts.
        let length = 2.0 + 2.0 * (4f64.ln() + EULER_GAMMA) - 1.6;
        let most = 2.0 * (15f64.ln() + EULER_GAMMA) - 30.0 / 16.0;
        assert!((forest.score_sample(&[1.0]) + (-length / most).exp2()).abs() < 1e-15);
        assert_eq!(
            forest.score_sample(&[0.5]),
            forest.score_sample(&[-9.0]),
            "a threshold is part of what is below"
        );
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        for (from, to, says) in [
            ("\"version\": 1", "\"version\": 2", "has version 2, this program reads 1; export it again"),
            ("spate-isolation-forest", "onnx", "no isolation forest of this program"),
            ("-0.4960778338717211", "-0.496077833", "golden row 0 scores -0.49607783387172"),
            ("[[0.5], [70]]", "[[0.5, 1], [70]]", "golden row 0 has 2 values, not 1"),
            ("\"rows\": [[0.5], [70]]", "\"rows\": []", "no golden rows"),
            ("\"max_samples\": 16, ", "", "lacks a part (missing field `max_samples`"),
            ("\"left\": [1, -1, 3, -1, -1]", "\"left\": [1, -1, 0, -1, -1]", "tree 0 is damaged"),
            ("\"left\": [1, -1, 3, -1, -1]", "\"left\": [1, -1]", "tree 0 is damaged"),
            ("\"feature\": [0,", "\"feature\": [3,", "tree 0 is damaged"),
            ("[\"v\"]", "[\"v\", \"w\"]", "names other than its 1 features"),
        ] {
            assert!(SMALL.contains(from), "{from}");
            let error = Forest::read(&SMALL.replace(from, to)).expect_err(from);
            assert!(error.contains(says), "{says} is not in {error}");
        }
        for cut in [0, 1, 40, SMALL.len() - 1] {
            assert!(Forest::read(&SMALL[..cut]).expect_err("cut").contains("cut short"), "{cut}");
        }
    }
}
