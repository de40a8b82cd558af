//! Many texts in one buffer.

use std::ops::{Index, Range};

use serde::{Deserialize, Serialize};

/// Texts, one behind the other: no allocation for each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Texts {
    all: String,
    /// Where each ends in `all`.
    ends: Vec<usize>,
}

impl Texts {
    /// Room for so many.
    pub fn with_capacity(texts: usize) -> Self {
        Self { all: String::new(), ends: Vec::with_capacity(texts) }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them without a seam.
    pub fn joined(&self) -> &str {
        &self.all
    }

    /// Text `at`.
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        Some(&self.all[self.start(at)..end])
    }

    /// In order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|at| &self[at])
    }

    /// Appends a text.
    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    /// Appends the texts `range` of others.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn extend_from(&mut self, other: &Self, range: Range<usize>) {
        let (from, to) = (self.all.len(), other.start(range.start));
        self.all.push_str(&other.all[to..other.start(range.end)]);
        self.ends.extend(other.ends[range].iter().map(|end| end - to + from));
    }

    /// Where text `at` starts, which may be one that is not there yet.
    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.ends[before])
    }
}

impl Index<usize> for Texts {
    type Output = str;

    fn index(&self, at: usize) -> &str {
        &self.all[self.start(at)..self.ends[at]]
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut all = Self::default();
        texts.into_iter().for_each(|text| all.push(text.as_ref()));
        all
    }
}

impl From<Vec<String>> for Texts {
    fn from(texts: Vec<String>) -> Self {
        texts.into_iter().collect()
    }
}

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        texts.iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_some_texts_goes_behind_others() {
        let mut texts: Texts = ["a", "", "€"].into_iter().collect();
        let others: Texts = ["x", "yy", "", "zzz"].into_iter().collect();
        texts.extend_from(&others, 1..4);
        texts.extend_from(&others, 0..0);
        texts.extend_from(&others, 4..4);
        assert_eq!(Vec::from(texts.clone()), ["a", "", "€", "yy", "", "zzz"]);
        assert_eq!((texts.get(2), texts.get(6), texts.joined()), (Some("€"), None, "a€yyzzz"));
    }
}
