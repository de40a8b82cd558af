//! Groups: one per combination of dimension values, found by one lookup per event.

use std::collections::HashMap;

use spate_shared::batch::{Batch, Values};
use spate_shared::time::Nanos;

#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};

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
    /// By group: number of its last event, and the watermark at which its last window is closed.
    active: Vec<(u64, Nanos)>,
    /// No group can make room before the watermark is here.
    no_room_until: Nanos,
    /// A group that made room.
    vacant: Option<usize>,
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
            active: Vec::new(),
            no_room_until: Nanos::MIN,
            vacant: None,
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
            None => self.admit()?,
        };
        if let Some(code) = code {
            self.by_code[code] = Some(group);
        }
        Some(group)
    }

    /// Makes `key` a group; `None` when it would be one too many.
    fn admit(&mut self) -> Option<usize> {
        let group =
            self.vacant.take().or_else(|| (self.keys.len() < self.bound).then_some(self.keys.len()))?;
        if group == self.keys.len() {
            self.keys.push(String::new());
            self.series.push(Vec::new());
            self.active.push((0, Nanos::MIN));
        }
        self.keys[group].clone_from(&self.key);
        self.active[group] = (0, Nanos::MIN);
        self.by_key.insert(self.key.clone(), group);
        Some(group)
    }

    /// A group has an event of this number, in a window that is closed when the watermark is at `closes_at`.
    pub(super) fn note(&mut self, group: usize, number: u64, closes_at: Nanos) {
        let (last, until) = &mut self.active[group];
        (*last, *until) = (number, (*until).max(closes_at));
    }

    /// The least recently active group, of those without a window that is open at this watermark.
    ///
    /// Cost: one step for each group, unless none can have closed its windows since none had.
    pub(super) fn least_active(&mut self, watermark: Nanos) -> Option<usize> {
        if watermark < self.no_room_until {
            return None;
        }
        let closed = self.active.iter().enumerate().filter(|(_, (_, until))| *until <= watermark);
        let group = closed.min_by_key(|(_, (last, _))| *last).map(|(group, _)| group);
        if group.is_none() {
            self.no_room_until = self.active.iter().map(|(_, until)| *until).min().unwrap_or(Nanos::MAX);
        }
        group
    }

    /// Forgets a group: the next new one takes its place. Gives the series it had.
    pub(super) fn evict(&mut self, group: usize) -> Vec<usize> {
        self.by_key.remove(&self.keys[group]);
        for known in &mut self.by_code {
            *known = known.filter(|known| *known != group);
        }
        self.vacant = Some(group);
        std::mem::take(&mut self.series[group]).into_iter().flatten().collect()
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
        label(&self.keys[group])
    }

    /// What the group of an event would be called.
    pub(super) fn name(&self, batch: &Batch, row: usize) -> String {
        label(&self.key(batch, row))
    }
}

fn label(key: &str) -> String {
    let values = key.split(SEPARATOR).skip(1);
    values.map(|value| if value == MISSING { "(none)" } else { value }).collect::<Vec<_>>().join(" · ")
}

#[cfg(feature = "checkpoint")]
impl Groups {
    /// Between batches, when no group is vacant.
    pub(super) fn save(&self, to: &mut Saver) {
        to.put(&(&self.keys, &self.series, self.bound, &self.active, self.no_room_until));
    }

    /// Whether every series that a group names is one of so many.
    pub(super) fn name_series(&self, count: usize) -> bool {
        self.series.iter().flatten().flatten().all(|series| *series < count)
    }

    /// Goes on, grouped by these fields.
    pub(super) fn load(dimensions: Vec<usize>, from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let (keys, series, bound, active, no_room_until): (Vec<String>, Vec<_>, _, Vec<_>, _) =
            from.take("groups")?;
        if [series.len(), active.len()] != [keys.len(); 2] {
            return Err(CheckpointError::Unfit("a stream's groups are not whole".to_owned()));
        }
        let by_key = keys.iter().cloned().zip(0..).collect();
        Ok(Self { dimensions, by_key, keys, series, active, no_room_until, ..Self::new(bound) })
    }
}
