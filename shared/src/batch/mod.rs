//! Events as columns.
//!
//! A [`Batch`] holds `n` events: their times and one [`Column`] per schema field, all of length `n`.
//! Missing is a cleared validity bit; the slot beneath it holds the type's zero and means nothing.

mod bitmap;
mod column;
mod dictionary;
mod texts;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::schema::{FieldType, Schema};
use crate::time::{self, Nanos};

pub use bitmap::Bitmap;
pub use column::{Column, Values};
pub use dictionary::intern;
pub use texts::Texts;

/// Events as columns: `times[i]` and `columns[f]` at `i` are event `i`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// Event times, in arrival order, not sorted.
    pub times: Vec<Nanos>,
    /// One per schema field, each as long as `times`.
    pub columns: Vec<Column>,
}

impl Batch {
    /// An empty batch for a schema.
    pub fn empty(schema: &Schema) -> Self {
        let columns = schema.fields.iter().map(|field| Column::empty(field.ty)).collect();
        Self { times: Vec::new(), columns }
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Bytes of values held, for sealing and budgets; text counts its bytes.
    pub fn size_bytes(&self) -> usize {
        let column_bytes = |column: &Column| match &column.values {
            Values::F64(v) => v.len() * 8,
            Values::I64(v) | Values::Timestamp(v) => v.len() * 8,
            Values::Bool(bits) => bits.as_bytes().len(),
            Values::Category { dictionary, codes } => {
                codes.len() * 4 + dictionary.iter().map(String::len).sum::<usize>()
            }
            Values::Text(v) => v.joined().len() + v.len() * 4,
        };
        self.times.len() * 8 + self.columns.iter().map(column_bytes).sum::<usize>()
    }

    /// Event `row` as a JSON object: the time under the schema's time name, then every present field.
    pub fn event_json(&self, schema: &Schema, row: usize) -> Value {
        let mut object = Map::new();
        object.insert(schema.time.name.clone(), Value::from(time::format(self.times[row])));
        for (field, column) in schema.fields.iter().zip(&self.columns) {
            if column.is_present(row) {
                object.insert(field.name.clone(), column.json(row));
            }
        }
        Value::Object(object)
    }

    /// The events `rows` as a batch of their own; rows past the end are left out.
    ///
    /// Columns keep their types. A dictionary holds what the rows use, in order of first use.
    #[must_use]
    pub fn slice(&self, rows: Range<usize>) -> Self {
        let end = rows.end.min(self.len());
        let columns = self.columns.iter().map(|column| Column::empty(column.values.ty())).collect();
        let mut part = Self { times: Vec::new(), columns };
        part.extend_from(self, rows.start.min(end)..end);
        part
    }

    /// The events in the columns of a later version of their schema: integers widen, new fields are missing.
    #[must_use]
    pub fn fit(mut self, schema: &Schema) -> Self {
        let rows = self.len();
        let missing = |ty| {
            let mut column = Column::empty(ty);
            (0..rows).for_each(|_| column.push_missing());
            column
        };
        self.columns.truncate(schema.fields.len());
        for (column, field) in self.columns.iter_mut().zip(&schema.fields) {
            if field.ty == FieldType::F64 {
                column.widen();
            }
            if column.values.ty() != field.ty {
                *column = missing(field.ty);
            }
        }
        let added = &schema.fields[self.columns.len()..];
        self.columns.extend(added.iter().map(|field| missing(field.ty)));
        self
    }

    /// Appends the events `range` of `other`, which has the same schema. Only texts that they use are taken over.
    pub fn extend_from(&mut self, other: &Self, range: Range<usize>) {
        self.times.extend_from_slice(&other.times[range.clone()]);
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.extend_from(theirs, range.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, TimeField, TimeSource};

    #[test]
    fn extending_keeps_values_and_missing_bits_of_both_sides() {
        let schema = Schema::new(
            TimeField { name: "t".into(), source: TimeSource::Event },
            vec![Field::new("k", FieldType::Category)],
        );
        let one = |key: Option<&str>, time| {
            let mut batch = Batch::empty(&schema);
            batch.times.push(time);
            match key {
                Some(key) => {
                    batch.columns[0].values =
                        Values::Category { dictionary: vec![key.into()], codes: vec![0] };
                }
                None => batch.columns[0].push_missing(),
            }
            batch
        };
        let mut all = Batch::empty(&schema);
        for (key, time) in [(Some("a"), 1), (None, 2), (Some("b"), 3), (Some("a"), 4)] {
            all.extend_from(&one(key, time), 0..1);
        }
        let keys: Vec<_> = (0..4).map(|row| all.columns[0].text(row)).collect();
        assert_eq!(keys, [Some("a"), None, Some("b"), Some("a")]);
        assert_eq!(all.times, [1, 2, 3, 4]);
    }
}
