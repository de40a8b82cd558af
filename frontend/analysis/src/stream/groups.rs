//! Groups: one per combination of dimension values, found by one lookup per event.

use std::collections::HashMap;

use spate_shared::batch::{Batch, Values};

/// Between dimension values in a group's key; no text field holds it.
const SEPARATOR: char = '\u{1f}';
/// Stands for a missing dimension value.
const MISSING: &str = "\u{1e}";

/// The groups of a stream, in order of appearance.
#[derive(Debug)]
pub(super) struct Groups {
    dimensions: Vec<usize>,
    by_key: HashMap<String, usize>,
    keys: Vec<String>,
    series: Vec<Vec<Option<usize>>>,
    bound: usize,
    /// For a single category dimension: group by code of the current batch's dictionary.
    by_code: Vec<Option<usize>>,
    key: String,
}

impl Groups {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            dimensions: Vec::new(),
            by_key: HashMap::new(),
            keys: Vec::new(),
            series: Vec::new(),
            bound,
            by_code: Vec::new(),
            key: String::new(),
        }
    }

    /// Groups by these fields from now on. Existing groups keep their key: they lacked the new dimension.
    pub(super) fn set_dimensions(&mut self, dimensions: Vec<usize>) {
        if dimensions.len() > self.dimensions.len() && !self.keys.is_empty() {
            for key in &mut self.keys {
                for _ in self.dimensions.len()..dimensions.len() {
                    key.push(SEPARATOR);
                    key.push_str(MISSING);
                }
            }
            self.by_key = self.keys.iter().cloned().zip(0..).collect();
        }
        self.dimensions = dimensions;
    }

    /// Forgets what belongs to the previous batch.
    pub(super) fn begin(&mut self, batch: &Batch) {
        self.by_code.clear();
        if let [dimension] = self.dimensions[..]
            && let Some(Values::Category { dictionary, .. }) = batch.columns.get(dimension).map(|c| &c.values)
        {
            self.by_code.resize(dictionary.len(), None);
        }
    }

    /// The group of an event; `None` when it would be one too many.
    pub(super) fn of(&mut self, batch: &Batch, row: usize) -> Option<usize> {
        let code = self.code(batch, row);
        if let Some(group) = code.and_then(|code| self.by_code[code]) {
            return Some(group);
        }
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        self.write_key(batch, row, &mut key);
        self.key = key;
        let group = match self.by_key.get(&self.key) {
            Some(group) => *group,
            None if self.keys.len() >= self.bound => return None,
            None => {
                self.keys.push(self.key.clone());
                self.series.push(Vec::new());
                self.by_key.insert(self.key.clone(), self.keys.len() - 1);
                self.keys.len() - 1
            }
        };
        if let Some(code) = code {
            self.by_code[code] = Some(group);
        }
        Some(group)
    }

    fn key(&self, batch: &Batch, row: usize) -> String {
        let mut key = String::new();
        self.write_key(batch, row, &mut key);
        key
    }

    fn write_key(&self, batch: &Batch, row: usize, key: &mut String) {
        for dimension in &self.dimensions {
            let column = batch.columns.get(*dimension);
            key.push(SEPARATOR);
            match column.map(|column| (column.text(row), column.number(row))) {
                Some((Some(text), _)) => key.push_str(text),
                Some((None, Some(number))) => key.push_str(&number.to_string()),
                _ => key.push_str(MISSING),
            }
        }
    }

    /// The group of an event that was seen before, in any batch.
    pub(super) fn find(&self, batch: &Batch, row: usize) -> Option<usize> {
        if self.dimensions.is_empty() {
            return (!self.keys.is_empty()).then_some(0);
        }
        self.by_key.get(&self.key(batch, row)).copied()
    }

    fn code(&self, batch: &Batch, row: usize) -> Option<usize> {
        let [dimension] = self.dimensions[..] else { return None };
        let column = batch.columns.get(dimension)?;
        match &column.values {
            Values::Category { codes, .. } if column.is_present(row) => {
                codes.get(row).map(|code| *code as usize).filter(|code| *code < self.by_code.len())
            }
            _ => None,
        }
    }

    /// The series of a group's measure.
    pub(super) fn series(&self, group: usize, measure: usize) -> Option<usize> {
        self.series[group].get(measure).copied().flatten()
    }

    pub(super) fn set_series(&mut self, group: usize, measure: usize, series: usize) {
        let of_group = &mut self.series[group];
        if of_group.len() <= measure {
            of_group.resize(measure + 1, None);
        }
        of_group[measure] = Some(series);
    }

    /// The group's dimension values, in the order of the schema's dimensions.
    pub(super) fn values(&self, group: usize) -> Vec<Option<String>> {
        let values = self.keys[group].split(SEPARATOR).skip(1);
        values.map(|value| (value != MISSING).then(|| value.to_owned())).collect()
    }

    /// The group's dimension values for people; empty when the stream has no dimensions.
    pub(super) fn label(&self, group: usize) -> String {
        let values = self.keys[group].split(SEPARATOR).skip(1);
        values.map(|value| if value == MISSING { "(none)" } else { value }).collect::<Vec<_>>().join(" · ")
    }
}
