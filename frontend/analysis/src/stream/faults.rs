//! Faults put into a stream's events before anything else sees them.

use std::collections::BTreeMap;

use spate_shared::batch::{Batch, Bitmap, Column, Values};

use super::Stream;
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};
use crate::detector::Settings;
use crate::inject::{Board, Change, Fault, FaultSpec, Injector, Line};

/// Faults of one measure, and the detectors held against them.
#[derive(Debug)]
pub(super) struct Faults {
    pub(super) measure: String,
    spec: FaultSpec,
    contenders: Vec<Settings>,
    by_group: BTreeMap<usize, (Injector, Board)>,
}

impl Faults {
    pub(super) fn new(measure: &str, spec: FaultSpec, contenders: Vec<Settings>) -> Self {
        Self { measure: measure.to_owned(), spec, contenders, by_group: BTreeMap::new() }
    }

    /// A group made room for another, which begins anew.
    pub(super) fn forget(&mut self, group: usize) {
        if let Some(of_group) = self.by_group.get_mut(&group) {
            *of_group = fresh(&self.spec, &self.contenders, group);
        }
    }

    fn of_group(&mut self, group: usize) -> &mut (Injector, Board) {
        let Self { spec, contenders, by_group, .. } = self;
        by_group.entry(group).or_insert_with(|| fresh(spec, contenders, group))
    }
}

#[cfg(feature = "checkpoint")]
impl Faults {
    pub(super) fn save(&self, to: &mut Saver) {
        to.put(&(&self.measure, &self.spec, self.contenders.len()));
        self.contenders.iter().for_each(|settings| settings.save(to));
        to.put(&self.by_group.len());
        for (group, (injector, board)) in &self.by_group {
            to.put(&(group, injector));
            board.save(to);
        }
    }

    pub(super) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let (measure, spec): (String, FaultSpec) = from.take("faults")?;
        let contenders = from.take_all("faults", Settings::load)?;
        let by_group = from.take_all("faults", |from| {
            let (group, injector) = from.take("faults")?;
            Ok((group, (injector, Board::load(&contenders, from)?)))
        })?;
        Ok(Self { measure, spec, contenders, by_group: by_group.into_iter().collect() })
    }
}

impl Stream {
    /// The events with faults put in; `None` when none are asked for.
    pub(crate) fn with_faults(&mut self, batch: &Batch) -> Option<Batch> {
        let mut faults = self.faults.take()?;
        let field = self.schema.fields.iter().position(|field| field.name == faults.measure);
        let changed = field.and_then(|field| self.changed(&mut faults, field, batch));
        self.faults = Some(faults);
        changed
    }

    fn changed(&mut self, faults: &mut Faults, field: usize, batch: &Batch) -> Option<Batch> {
        let column = batch.columns.get(field)?;
        self.groups.begin(batch);
        let mut order: Vec<usize> = (0..batch.len()).collect();
        let (mut values, mut validity) = (Vec::with_capacity(batch.len()), Bitmap::all_set(0));
        for row in 0..batch.len() {
            let before = column.number(row);
            let mut after = before;
            let group = before.filter(|value| value.is_finite()).and_then(|_| self.groups.of(batch, row));
            if let (Some(value), Some(group)) = (before, group) {
                let (injector, board) = faults.of_group(group);
                match injector.observe(batch.times[row], value) {
                    Change::Keep => {}
                    Change::Value(changed) => {
                        after = Some(changed).filter(|value| value.is_finite()).or(before);
                    }
                    Change::Missing => after = None,
                    Change::Earlier(events) => order.swap(row, row.saturating_sub(events)),
                }
                let event = injector.seen() - 1;
                board.observe(event, batch.times[row], after, injector.faults()).for_each(drop);
            }
            values.push(after.unwrap_or_default());
            validity.push(after.is_some());
        }
        let mut changed = batch.clone();
        changed.columns[field] = Column { values: Values::F64(values), validity: Some(validity) };
        Some(if order.is_sorted() { changed } else { reordered(&changed, &order) })
    }

    /// The measure that faults are put into, all of them so far, and how each detector does.
    pub fn scoreboard(&self) -> Option<(&str, Vec<Fault>, Vec<Line>)> {
        let faults = self.faults.as_ref()?;
        let mut lines: Vec<Line> = Board::new(&faults.contenders).lines().cloned().collect();
        let mut all = Vec::new();
        for (injector, board) in faults.by_group.values() {
            all.extend_from_slice(injector.faults());
            lines.iter_mut().zip(board.lines()).for_each(|(sum, line)| sum.add(line));
        }
        Some((&faults.measure, all, lines))
    }
}

/// Groups have faults of their own.
fn fresh(spec: &FaultSpec, contenders: &[Settings], group: usize) -> (Injector, Board) {
    let spec = FaultSpec { seed: spec.seed.wrapping_add(group as u64), ..spec.clone() };
    (Injector::new(&spec), Board::new(contenders))
}

fn reordered(batch: &Batch, order: &[usize]) -> Batch {
    let mut moved = batch.slice(0..0);
    for row in order {
        moved.extend_from(batch, *row..*row + 1);
    }
    moved
}
