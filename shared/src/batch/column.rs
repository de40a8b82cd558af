//! Columns: the values of one field, and which are missing.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dictionary::extend_codes;
use super::{Bitmap, Texts};
use crate::schema::FieldType;
use crate::time::{self, Nanos};

/// The values of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Values {
    /// Floating-point numbers.
    F64(Vec<f64>),
    /// Integers.
    I64(Vec<i64>),
    /// Flags.
    Bool(Bitmap),
    /// Text from a small set: `dictionary[codes[i]]`.
    Category {
        /// Distinct values in order of first appearance in the batch.
        dictionary: Vec<String>,
        /// One index into the dictionary per event.
        codes: Vec<u32>,
    },
    /// Free text.
    Text(Texts),
    /// Times.
    Timestamp(Vec<Nanos>),
}

impl Values {
    /// An empty column of a type.
    pub fn empty(ty: FieldType) -> Self {
        match ty {
            FieldType::F64 => Self::F64(Vec::new()),
            FieldType::I64 => Self::I64(Vec::new()),
            FieldType::Bool => Self::Bool(Bitmap::default()),
            FieldType::Category => Self::Category { dictionary: Vec::new(), codes: Vec::new() },
            FieldType::Text => Self::Text(Texts::default()),
            FieldType::Timestamp => Self::Timestamp(Vec::new()),
        }
    }

    /// The type of the values.
    pub fn ty(&self) -> FieldType {
        match self {
            Self::F64(_) => FieldType::F64,
            Self::I64(_) => FieldType::I64,
            Self::Bool(_) => FieldType::Bool,
            Self::Category { .. } => FieldType::Category,
            Self::Text(_) => FieldType::Text,
            Self::Timestamp(_) => FieldType::Timestamp,
        }
    }

    /// How many values.
    pub fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::I64(values) | Self::Timestamp(values) => values.len(),
            Self::Bool(bits) => bits.len(),
            Self::Category { codes, .. } => codes.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One field of a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// One value per event.
    pub values: Values,
    /// Which values are present; `None` when all are.
    pub validity: Option<Bitmap>,
}

impl Column {
    /// An empty column of a type.
    pub fn empty(ty: FieldType) -> Self {
        Self { values: Values::empty(ty), validity: None }
    }

    /// Whether event `row` has a value.
    pub fn is_present(&self, row: usize) -> bool {
        row < self.values.len() && self.validity.as_ref().is_none_or(|bits| bits.get(row))
    }

    /// Event `row` as a number: integers convert, flags are 0 or 1, anything else and missing are `None`.
    pub fn number(&self, row: usize) -> Option<f64> {
        if !self.is_present(row) {
            return None;
        }
        match &self.values {
            Values::F64(values) => values.get(row).copied(),
            Values::I64(values) => values.get(row).map(|value| *value as f64),
            Values::Bool(bits) => Some(f64::from(u8::from(bits.get(row)))),
            _ => None,
        }
    }

    /// Event `row` as text: categories, text and flags; anything else and missing are `None`.
    pub fn text(&self, row: usize) -> Option<&str> {
        if !self.is_present(row) {
            return None;
        }
        match &self.values {
            Values::Category { dictionary, codes } => {
                codes.get(row).and_then(|code| dictionary.get(*code as usize)).map(String::as_str)
            }
            Values::Text(values) => values.get(row),
            Values::Bool(bits) => Some(if bits.get(row) { "true" } else { "false" }),
            _ => None,
        }
    }

    /// Event `row` as JSON; missing is `null`.
    pub fn json(&self, row: usize) -> Value {
        if !self.is_present(row) {
            return Value::Null;
        }
        match &self.values {
            Values::F64(values) => Value::from(values[row]),
            Values::I64(values) => Value::from(values[row]),
            Values::Bool(bits) => Value::from(bits.get(row)),
            Values::Timestamp(values) => Value::from(time::format(values[row])),
            Values::Category { .. } | Values::Text(_) => self.text(row).map_or(Value::Null, Value::from),
        }
    }

    /// Appends a missing value.
    pub fn push_missing(&mut self) {
        let len = self.values.len();
        let validity = self.validity.get_or_insert_with(|| Bitmap::all_set(len));
        validity.push(false);
        match &mut self.values {
            Values::F64(values) => values.push(0.0),
            Values::I64(values) | Values::Timestamp(values) => values.push(0),
            Values::Bool(bits) => bits.push(false),
            Values::Category { dictionary, codes } => {
                if dictionary.is_empty() {
                    dictionary.push(String::new());
                }
                codes.push(0);
            }
            Values::Text(values) => values.push(""),
        }
    }

    /// Marks the value just pushed into `values` as present.
    pub fn mark_present(&mut self) {
        if let Some(validity) = &mut self.validity {
            validity.push(true);
        }
    }

    /// Turns integers into floating point; other types are left alone.
    pub fn widen(&mut self) {
        if let Values::I64(values) = &self.values {
            self.values = Values::F64(values.iter().map(|value| *value as f64).collect());
        }
    }

    /// Appends the rows `range` of a column; one of another type appends missing values.
    pub(super) fn extend_from(&mut self, other: &Self, range: Range<usize>) {
        let before = self.values.len();
        match (&mut self.values, &other.values) {
            (Values::F64(mine), Values::F64(theirs)) => mine.extend_from_slice(&theirs[range.clone()]),
            (Values::I64(mine), Values::I64(theirs))
            | (Values::Timestamp(mine), Values::Timestamp(theirs)) => {
                mine.extend_from_slice(&theirs[range.clone()]);
            }
            (Values::Bool(mine), Values::Bool(theirs)) => {
                range.clone().for_each(|row| mine.push(theirs.get(row)));
            }
            (
                Values::Category { dictionary, codes },
                Values::Category { dictionary: their_dictionary, codes: their_codes },
            ) => {
                let is_present = |row| other.validity.as_ref().is_none_or(|bits| bits.get(row));
                let rows = range.clone().map(|row| is_present(row).then_some(their_codes[row]));
                extend_codes(dictionary, codes, their_dictionary, rows);
            }
            (Values::Text(mine), Values::Text(theirs)) => mine.extend_from(theirs, range.clone()),
            _ => {
                range.for_each(|_| self.push_missing());
                return;
            }
        }
        match (&mut self.validity, &other.validity) {
            (None, None) => {}
            (mine, theirs) => {
                let bits = mine.get_or_insert_with(|| Bitmap::all_set(before));
                range.for_each(|row| bits.push(theirs.as_ref().is_none_or(|theirs| theirs.get(row))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_not_zero() {
        let mut column = Column::empty(FieldType::F64);
        if let Values::F64(values) = &mut column.values {
            values.push(0.0);
        }
        column.push_missing();
        assert_eq!((column.number(0), column.number(1), column.number(2)), (Some(0.0), None, None));
        assert_eq!(column.json(1), Value::Null);
    }
}
