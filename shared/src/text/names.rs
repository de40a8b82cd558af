//! The field names of a text, in order of first appearance.

use std::collections::HashMap;

/// Most names in one text: what a stream may have, and its time.
const MAX_NAMES: usize = super::MAX_FIELDS + 1;

/// Names with their indices.
#[derive(Debug, Default)]
pub(super) struct Names {
    list: Vec<String>,
    indices: HashMap<String, usize>,
    /// Where the next name is if the rows name all fields in one order.
    expected: usize,
}

impl Names {
    pub(super) fn list(&self) -> &[String] {
        &self.list
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The index of a name, added when it is new; `None` when there are too many.
    pub(super) fn index_of(&mut self, name: &str) -> Option<usize> {
        if self.list.get(self.expected).is_some_and(|expected| expected == name) {
            return Some(self.found(self.expected));
        }
        if let Some(index) = self.indices.get(name) {
            return Some(self.found(*index));
        }
        let index = self.list.len();
        if index >= MAX_NAMES {
            return None;
        }
        self.list.push(name.to_owned());
        self.indices.insert(name.to_owned(), index);
        Some(index)
    }

    fn found(&mut self, index: usize) -> usize {
        self.expected = if index + 1 < self.list.len() { index + 1 } else { 0 };
        index
    }

    /// Forgets the names from an index on.
    pub(super) fn truncate(&mut self, len: usize) {
        for name in self.list.drain(len..) {
            self.indices.remove(&name);
        }
    }
}
