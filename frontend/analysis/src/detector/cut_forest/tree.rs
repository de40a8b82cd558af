//! One tree of a random cut forest: a sample of points, and the cuts that part them.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// No node.
const NONE: u32 = u32::MAX;

/// A tree over at most `most` points.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tree {
    dimensions: usize,
    most: usize,
    root: u32,
    nodes: Vec<Node>,
    /// Lowest and highest corner of each node's points: `2 * dimensions` numbers a node.
    corners: Vec<f32>,
    /// Leaves, in order of their slot.
    leaves: Vec<u32>,
    free: Vec<u32>,
}

/// A cut, or a point where there are no children.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Node {
    parent: u32,
    children: [u32; 2],
    dimension: u32,
    cut: f32,
    /// Points below it.
    mass: u32,
}

impl Tree {
    pub(super) fn new(dimensions: usize, most: usize) -> Self {
        Self {
            dimensions,
            most,
            root: NONE,
            nodes: Vec::with_capacity(2 * most),
            corners: Vec::with_capacity(4 * most * dimensions),
            leaves: Vec::with_capacity(most),
            free: Vec::new(),
        }
    }

    /// The mass that a point is expected to part from the rest if it joined: the sum over the nodes on its way of the
    /// chance that a cut there parts it, times the points below.
    pub(super) fn displacement(&self, point: &[f32]) -> f64 {
        let (mut node, mut remaining, mut displaced) = (self.root, 1.0, 0.0);
        while node != NONE && remaining > 1e-3 {
            let held = &self.nodes[node as usize];
            let (extension, size) = self.extension(node, point);
            let parting = if size > 0.0 { f64::from(extension) / f64::from(size) } else { 0.0 };
            displaced += remaining * parting * f64::from(held.mass);
            remaining *= 1.0 - parting;
            node = held.children[usize::from(point[held.dimension as usize] > held.cut)];
        }
        displaced
    }

    /// Takes a point in; over the most a random one goes.
    pub(super) fn remember(&mut self, point: &[f32], random: &mut Random) {
        let slot = if self.leaves.len() == self.most {
            let slot = random.below(self.most);
            self.remove(self.leaves[slot]);
            slot
        } else {
            self.leaves.push(NONE);
            self.leaves.len() - 1
        };
        self.leaves[slot] = self.insert(point, random);
    }

    fn insert(&mut self, point: &[f32], random: &mut Random) -> u32 {
        let leaf = self.allocate(Node { parent: NONE, children: [NONE; 2], dimension: 0, cut: 0.0, mass: 1 });
        self.corners_mut(leaf).0.copy_from_slice(point);
        self.corners_mut(leaf).1.copy_from_slice(point);
        if self.root == NONE {
            self.root = leaf;
            return leaf;
        }
        let mut node = self.root;
        loop {
            let (dimension, cut, is_parting) = self.draw(node, point, random);
            let held = self.nodes[node as usize];
            // A point equal to a leaf's parts from it by a cut that tells nothing.
            if is_parting || held.children[0] == NONE {
                self.put_above(node, leaf, dimension, cut);
                return leaf;
            }
            self.widen(node, point);
            self.nodes[node as usize].mass += 1;
            node = held.children[usize::from(point[held.dimension as usize] > held.cut)];
        }
    }

    /// A random cut of a node's box widened to hold a point, and whether it parts the point from the box.
    fn draw(&self, node: u32, point: &[f32], random: &mut Random) -> (u32, f32, bool) {
        let (_, size) = self.extension(node, point);
        let mut left = (random.unit() as f32) * size;
        let (low, high) = self.corners(node);
        for (dimension, value) in point.iter().enumerate() {
            let (from, to) = (low[dimension].min(*value), high[dimension].max(*value));
            if left <= to - from && to > from {
                // A point above the cut goes to the second child, so the cut lies below the upper end.
                let cut = (from + left).min(to.next_down());
                let is_parting =
                    (*value <= cut && cut < low[dimension]) || (*value > cut && cut >= high[dimension]);
                return (dimension as u32, cut, is_parting);
            }
            left -= to - from;
        }
        (0, point[0], false)
    }

    /// A new node in place of `node`, with it and a leaf below.
    fn put_above(&mut self, node: u32, leaf: u32, dimension: u32, cut: f32) {
        let Node { parent, mass, .. } = self.nodes[node as usize];
        let is_above = self.corners(leaf).0[dimension as usize] > cut;
        let children = if is_above { [node, leaf] } else { [leaf, node] };
        let joint = self.allocate(Node { parent, children, dimension, cut, mass: mass + 1 });
        let (from, to) = (node as usize * 2 * self.dimensions, joint as usize * 2 * self.dimensions);
        self.corners.copy_within(from..from + 2 * self.dimensions, to);
        let point: Vec<f32> = self.corners(leaf).0.to_vec();
        self.widen(joint, &point);
        self.nodes[node as usize].parent = joint;
        self.nodes[leaf as usize].parent = joint;
        self.replace_child(parent, node, joint);
    }

    fn replace_child(&mut self, parent: u32, old: u32, new: u32) {
        if parent == NONE {
            self.root = new;
        } else {
            let children = &mut self.nodes[parent as usize].children;
            children[usize::from(children[1] == old)] = new;
        }
    }

    fn remove(&mut self, leaf: u32) {
        self.free.push(leaf);
        let parent = self.nodes[leaf as usize].parent;
        if parent == NONE {
            self.root = NONE;
            return;
        }
        self.free.push(parent);
        let Node { parent: grandparent, children, .. } = self.nodes[parent as usize];
        let sibling = children[usize::from(children[0] == leaf)];
        self.nodes[sibling as usize].parent = grandparent;
        self.replace_child(grandparent, parent, sibling);
        let mut node = grandparent;
        while node != NONE {
            self.shrink(node);
            self.nodes[node as usize].mass -= 1;
            node = self.nodes[node as usize].parent;
        }
    }

    fn allocate(&mut self, node: Node) -> u32 {
        if let Some(at) = self.free.pop() {
            self.nodes[at as usize] = node;
            return at;
        }
        self.nodes.push(node);
        self.corners.resize(self.nodes.len() * 2 * self.dimensions, 0.0);
        self.nodes.len() as u32 - 1
    }

    fn corners(&self, node: u32) -> (&[f32], &[f32]) {
        let from = node as usize * 2 * self.dimensions;
        self.corners[from..from + 2 * self.dimensions].split_at(self.dimensions)
    }

    fn corners_mut(&mut self, node: u32) -> (&mut [f32], &mut [f32]) {
        let from = node as usize * 2 * self.dimensions;
        self.corners[from..from + 2 * self.dimensions].split_at_mut(self.dimensions)
    }

    /// How much longer the sides of a node's box get to hold a point, and how long they are then, in sum.
    fn extension(&self, node: u32, point: &[f32]) -> (f32, f32) {
        let (low, high) = self.corners(node);
        let (mut extension, mut size) = (0.0, 0.0);
        for ((low, high), value) in low.iter().zip(high).zip(point) {
            let longer = (low - value).max(0.0) + (value - high).max(0.0);
            extension += longer;
            size += longer + (high - low);
        }
        (extension, size)
    }

    fn widen(&mut self, node: u32, point: &[f32]) {
        let (low, high) = self.corners_mut(node);
        for ((low, high), value) in low.iter_mut().zip(high).zip(point) {
            (*low, *high) = (low.min(*value), high.max(*value));
        }
    }

    /// The box of a node from those of its children.
    fn shrink(&mut self, node: u32) {
        let [first, second] =
            self.nodes[node as usize].children.map(|child| child as usize * 2 * self.dimensions);
        let at = node as usize * 2 * self.dimensions;
        for offset in 0..self.dimensions {
            let high = offset + self.dimensions;
            self.corners[at + offset] = self.corners[first + offset].min(self.corners[second + offset]);
            self.corners[at + high] = self.corners[first + high].max(self.corners[second + high]);
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let indices = self.leaves.capacity() + self.free.capacity();
        self.nodes.capacity() * size_of::<Node>()
            + self.corners.capacity() * size_of::<f32>()
            + indices * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every node's mass and box are those of its points, and every point lies on its side of every cut.
    fn check(tree: &Tree, node: u32) -> Vec<Vec<f32>> {
        let held = tree.nodes[node as usize];
        let points = if held.children[0] == NONE {
            vec![tree.corners(node).0.to_vec()]
        } else {
            let [below, above] = held.children.map(|child| check(tree, child));
            assert!(held.children.iter().all(|child| tree.nodes[*child as usize].parent == node));
            let at = held.dimension as usize;
            let are_equal = below.iter().chain(&above).all(|point| *point == below[0]);
            assert!(
                are_equal
                    || below.iter().all(|p| p[at] <= held.cut) && above.iter().all(|p| p[at] > held.cut)
            );
            [below, above].concat()
        };
        assert_eq!(held.mass as usize, points.len());
        let (low, high) = tree.corners(node);
        for at in 0..tree.dimensions {
            assert_eq!(low[at], points.iter().map(|p| p[at]).fold(f32::INFINITY, f32::min));
            assert_eq!(high[at], points.iter().map(|p| p[at]).fold(f32::NEG_INFINITY, f32::max));
        }
        points
    }

    #[test]
    fn points_come_and_go_and_the_tree_stays_one() {
        let mut random = Random::new(3);
        let mut tree = Tree::new(2, 20);
        for event in 0..500 {
            let point = [random.below(5) as f32, random.unit() as f32];
            let point = if event % 7 == 0 { [1.0, 1.0] } else { point };
            tree.remember(&point, &mut random);
            assert_eq!(check(&tree, tree.root).len(), 20.min(event + 1));
        }
        assert!(tree.nodes.len() <= 41, "{}", tree.nodes.len());
    }

    #[test]
    fn a_point_far_away_displaces_all_and_one_among_many_hardly_any() {
        let mut random = Random::new(3);
        let mut tree = Tree::new(2, 64);
        (0..64)
            .for_each(|_| tree.remember(&[random.unit() as f32, random.unit() as f32], &mut random.clone()));
        assert!(tree.displacement(&[50.0, 50.0]) > 60.0);
        assert!(tree.displacement(&[0.5, 0.5]) < 15.0);
    }
}
