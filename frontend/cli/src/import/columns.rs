//! Events moved between batches whose schemas may be a version apart.

use std::collections::HashMap;

use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{FieldType, Schema};

/// A batch under construction. Dictionaries hold only what its own events use.
#[derive(Debug, Clone, Default)]
pub(super) struct Building {
    pub(super) batch: Batch,
    /// Dictionary codes by text, one map per column.
    codes: Vec<HashMap<String, u32>>,
}

impl Building {
    /// Brings the events gathered so far up to a later version of their schema.
    pub(super) fn conform(&mut self, schema: &Schema) {
        let rows = self.batch.len();
        for (index, field) in schema.fields.iter().enumerate() {
            match self.batch.columns.get_mut(index) {
                Some(column) if field.ty == FieldType::F64 => column.widen(),
                Some(_) => {}
                None => {
                    let mut column = Column::empty(field.ty);
                    (0..rows).for_each(|_| column.push_missing());
                    self.batch.columns.push(column);
                }
            }
        }
        self.codes.resize(schema.fields.len(), HashMap::new());
    }

    /// Appends one event of a batch with this schema or an earlier version of it.
    pub(super) fn push(&mut self, from: &Batch, row: usize) {
        self.batch.times.push(from.times[row]);
        for (index, (column, codes)) in self.batch.columns.iter_mut().zip(&mut self.codes).enumerate() {
            match from.columns.get(index) {
                Some(theirs) => push_value(column, codes, theirs, row),
                None => column.push_missing(),
            }
        }
    }

    /// Fills the missing values of the only event from another event at the same time; false, and nothing done,
    /// when a value of one contradicts the other's.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let mut pairs = self.batch.columns.iter_mut().zip(&other.batch.columns);
        let agrees = |mine: &Column, theirs: &Column| {
            !mine.is_present(0) || !theirs.is_present(0) || mine.json(0) == theirs.json(0)
        };
        if self.batch.times != other.batch.times || !pairs.all(|(mine, theirs)| agrees(mine, theirs)) {
            return false;
        }
        for (mine, theirs) in self.batch.columns.iter_mut().zip(&other.batch.columns) {
            if theirs.is_present(0) {
                mine.clone_from(theirs);
            }
        }
        true
    }

    /// Takes the events away, leaving none.
    pub(super) fn take(&mut self, schema: &Schema) -> Batch {
        self.codes.iter_mut().for_each(HashMap::clear);
        std::mem::replace(&mut self.batch, Batch::empty(schema))
    }
}

fn push_value(mine: &mut Column, codes: &mut HashMap<String, u32>, theirs: &Column, row: usize) {
    if !theirs.is_present(row) {
        return mine.push_missing();
    }
    match (&mut mine.values, &theirs.values) {
        (Values::F64(mine), Values::F64(theirs)) => mine.push(theirs[row]),
        (Values::F64(mine), Values::I64(theirs)) => mine.push(theirs[row] as f64),
        (Values::I64(mine), Values::I64(theirs)) | (Values::Timestamp(mine), Values::Timestamp(theirs)) => {
            mine.push(theirs[row]);
        }
        (Values::Bool(mine), Values::Bool(theirs)) => mine.push(theirs.get(row)),
        (Values::Text(mine), Values::Text(theirs)) => mine.push(&theirs[row]),
        (
            Values::Category { dictionary, codes: mine },
            Values::Category { dictionary: words, codes: theirs },
        ) => {
            let word = &words[theirs[row] as usize];
            let code = codes.get(word).copied().unwrap_or_else(|| {
                dictionary.push(word.clone());
                codes.insert(word.clone(), dictionary.len() as u32 - 1);
                dictionary.len() as u32 - 1
            });
            mine.push(code);
        }
        _ => return mine.push_missing(),
    }
    mine.mark_present();
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::schema::{Field, TimeField, TimeSource};

    fn schema(fields: &[(&str, FieldType)]) -> Schema {
        let fields = fields.iter().map(|(name, ty)| Field::new(*name, *ty)).collect();
        Schema::new(TimeField { name: "t".into(), source: TimeSource::Event }, fields)
    }

    fn event(values: Vec<Values>) -> Batch {
        let columns = values.into_iter().map(|values| Column { values, validity: None }).collect();
        Batch { times: vec![7], columns }
    }

    #[test]
    fn an_event_of_an_earlier_schema_widens_and_lacks_the_new_field() {
        let mut building = Building::default();
        building.conform(&schema(&[("v", FieldType::I64)]));
        building.push(&event(vec![Values::I64(vec![1])]), 0);
        building.conform(&schema(&[("v", FieldType::F64), ("k", FieldType::Category)]));
        building.push(&event(vec![Values::I64(vec![2])]), 0);
        let word = Values::Category { dictionary: vec!["unused".into(), "x".into()], codes: vec![1] };
        building.push(&event(vec![Values::F64(vec![2.5]), word]), 0);
        let [v, k] = &building.batch.columns[..] else { panic!("two columns") };
        assert_eq!([0, 1, 2].map(|row| v.number(row)), [Some(1.0), Some(2.0), Some(2.5)]);
        assert_eq!([0, 1, 2].map(|row| k.text(row)), [None, None, Some("x")]);
    }

    #[test]
    fn events_join_only_when_no_value_contradicts() {
        let schema = schema(&[("cpc", FieldType::F64), ("cpm", FieldType::F64)]);
        let one = |cpc: Option<f64>, cpm: Option<f64>| {
            let column = |value: Option<f64>| {
                let mut column = Column::empty(FieldType::F64);
                match value {
                    Some(value) => column.values = Values::F64(vec![value]),
                    None => column.push_missing(),
                }
                column
            };
            let mut building = Building::default();
            building.conform(&schema);
            building.push(&Batch { times: vec![7], columns: vec![column(cpc), column(cpm)] }, 0);
            building
        };
        let mut joined = one(Some(1.0), None);
        assert!(joined.join(&one(Some(1.0), Some(2.0))));
        assert_eq!(joined.batch.columns[1].number(0), Some(2.0));
        assert!(!joined.join(&one(Some(3.0), None)));
        assert_eq!(joined.batch.columns[0].number(0), Some(1.0));
    }
}
