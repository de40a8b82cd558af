//! What one subscription wants of a stream's events: some fields, some rows.
//!
//! Conditions are equality and ranges on single fields, evaluated a column at a time. Nothing is computed from a measure.

use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{Field, FieldType, Schema};
use spate_shared::wire::{Condition, DataFrame, DataHeader, SelectedFrame, ServerFrame, Subscribe, Test};

/// Fields and conditions, resolved against a schema. A schema only grows, so they stay resolved.
#[derive(Debug, PartialEq)]
pub struct Selection {
    /// Indices of the wanted fields, ascending; `None` is all of them.
    fields: Option<Vec<usize>>,
    checks: Vec<(usize, Check)>,
}

#[derive(Debug, PartialEq)]
enum Check {
    Words(Vec<String>),
    Range { min: f64, max: f64 },
}

impl Selection {
    /// What a subscription asks for; `None` when that is everything.
    ///
    /// # Errors
    /// A sentence for the client: which field is not there, or cannot answer.
    pub fn resolve(wanted: &Subscribe, schema: &Schema) -> Result<Option<Self>, String> {
        if wanted.fields.is_none() && wanted.filter.is_empty() {
            return Ok(None);
        }
        let index = |name: &str| {
            schema.index_of(name).ok_or_else(|| {
                let known: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
                format!(
                    "stream has no field {name:?}: it has {}; subscribe again when the catalog names it",
                    known.join(", ")
                )
            })
        };
        let fields = match &wanted.fields {
            None => None,
            Some(names) => {
                let mut fields = names.iter().map(|name| index(name)).collect::<Result<Vec<_>, _>>()?;
                fields.sort_unstable();
                fields.dedup();
                Some(fields)
            }
        };
        let check = |condition: &Condition| {
            let at = index(&condition.field)?;
            Check::resolve(&condition.is, &schema.fields[at]).map(|check| (at, check))
        };
        let checks = wanted.filter.iter().map(check).collect::<Result<_, _>>()?;
        Ok(Some(Self { fields, checks }))
    }

    /// The schema of what is shown.
    pub fn schema(&self, whole: &Schema) -> Schema {
        let field = |(at, field): (usize, &Field)| self.shows(at).then(|| field.clone());
        let fields = whole.fields.iter().enumerate().filter_map(field).collect();
        Schema { version: whole.version, time: whole.time.clone(), fields }
    }

    /// Whether some events may be left out.
    pub fn is_filter(&self) -> bool {
        !self.checks.is_empty()
    }

    fn shows(&self, field: usize) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.binary_search(&field).is_ok())
    }

    /// Rows that meet every condition, ascending.
    pub fn rows(&self, batch: &Batch) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..batch.len() as u32).collect();
        for (field, check) in &self.checks {
            match batch.columns.get(*field) {
                Some(column) => check.keep(column, &mut rows),
                // From before the field was added: every event lacks it.
                None => rows.clear(),
            }
        }
        rows
    }

    /// The wanted columns of a batch.
    #[must_use]
    pub fn project(&self, batch: Batch) -> Batch {
        let shown = |(at, column)| self.shows(at).then_some(column);
        Batch {
            times: batch.times,
            columns: batch.columns.into_iter().enumerate().filter_map(shown).collect(),
        }
    }

    /// What is shown of a frame; `None` when no event meets the conditions.
    pub fn show(&self, frame: DataFrame) -> Option<ServerFrame> {
        let DataFrame { header, batch } = frame;
        if !self.is_filter() {
            return Some(ServerFrame::Data(DataFrame { header, batch: self.project(batch) }));
        }
        let positions = self.rows(&batch);
        if positions.is_empty() {
            return None;
        }
        let span = header.rows;
        let batch = pick(&self.project(batch), &positions);
        let header = DataHeader { rows: batch.len() as u32, ..header };
        Some(ServerFrame::Selected(SelectedFrame { header, span, is_conflated: false, positions, batch }))
    }
}

/// The rows of a batch as a batch of their own; ascending.
pub fn pick(batch: &Batch, rows: &[u32]) -> Batch {
    let mut picked = batch.slice(0..0);
    let mut rows = rows.iter().map(|row| *row as usize).peekable();
    while let Some(start) = rows.next() {
        let mut end = start + 1;
        while rows.next_if_eq(&end).is_some() {
            end += 1;
        }
        picked.extend_from(batch, start..end);
    }
    picked
}

impl Check {
    fn resolve(test: &Test, field: &Field) -> Result<Self, String> {
        use FieldType::{Bool, Category, F64, I64, Text, Timestamp};
        let (name, ty) = (&field.name, field.ty);
        match (test, ty) {
            (Test::AnyOf(words), Bool | Category | I64 | Text) => Ok(Self::Words(words.clone())),
            (Test::AnyOf(_), F64 | Timestamp) => {
                Err(format!("field {name:?} is {}: ask with between, not any_of", ty.name()))
            }
            (Test::Between { min, max }, F64 | I64 | Timestamp) => {
                let (min, max) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
                Ok(Self::Range { min, max })
            }
            (Test::Between { .. }, Bool | Category | Text) => {
                Err(format!("field {name:?} is {}: ask with any_of, not between", ty.name()))
            }
        }
    }

    /// Keeps the rows whose value passes; a missing one does not.
    fn keep(&self, column: &Column, rows: &mut Vec<u32>) {
        let present = |row: u32| column.is_present(row as usize);
        match (self, &column.values) {
            (Self::Words(words), Values::Category { dictionary, codes }) => {
                let wanted: Vec<bool> = dictionary.iter().map(|word| words.contains(word)).collect();
                rows.retain(|row| present(*row) && wanted[codes[*row as usize] as usize]);
            }
            (Self::Words(words), Values::I64(values)) => {
                let wanted: Vec<i64> = words.iter().filter_map(|word| word.parse().ok()).collect();
                rows.retain(|row| present(*row) && wanted.contains(&values[*row as usize]));
            }
            // An integer field that widened since it was asked for.
            (Self::Words(words), Values::F64(values)) => {
                let wanted: Vec<f64> = words.iter().filter_map(|word| word.parse().ok()).collect();
                rows.retain(|row| present(*row) && wanted.contains(&values[*row as usize]));
            }
            (Self::Words(words), _) => {
                let matches = |text: &str| words.iter().any(|word| word == text);
                rows.retain(|row| column.text(*row as usize).is_some_and(matches));
            }
            (Self::Range { min, max }, Values::Timestamp(values)) => {
                let range = *min..=*max;
                rows.retain(|row| present(*row) && range.contains(&(values[*row as usize] as f64)));
            }
            (Self::Range { min, max }, _) => {
                let range = *min..=*max;
                rows.retain(|row| column.number(*row as usize).is_some_and(|value| range.contains(&value)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::text::{Format, Intake, TextReader};
    use spate_shared::wire::Start;

    fn events(text: &str) -> (Schema, Batch) {
        let mut reader = TextReader::new(Format::Ndjson, text.as_bytes());
        let mut intake = Intake::inferred();
        let taken = intake.take(reader.next_chunk(100).unwrap().unwrap(), None);
        (intake.schema().unwrap().clone(), taken.batch)
    }

    const TRIPS: &str = r#"{"time":1,"fare":7.5,"zone":"Queens","seats":2,"paid":true}
        {"time":2,"zone":"Bronx","seats":3,"paid":false}
        {"time":3,"fare":12.0,"zone":"Queens","seats":4}
        {"time":4,"fare":3.0,"seats":2,"paid":true}"#;

    fn check(fields: Option<&[&str]>, filter: &[(&str, Test)], expect: &[u32]) {
        let (schema, batch) = events(TRIPS);
        let filter = filter.iter().map(|(field, is)| Condition { field: (*field).into(), is: is.clone() });
        let wanted = Subscribe {
            fields: fields.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
            filter: filter.collect(),
            ..Subscribe::new("trips", Start::Live)
        };
        let selection = Selection::resolve(&wanted, &schema).unwrap().unwrap();
        assert_eq!(selection.rows(&batch), expect);
        let shown = selection.schema(&schema);
        let projected = selection.project(batch);
        assert_eq!(projected.columns.len(), shown.fields.len());
        for (field, column) in shown.fields.iter().zip(&projected.columns) {
            assert_eq!(field.ty, column.values.ty());
            assert!(fields.is_none_or(|names| names.contains(&field.name.as_str())));
        }
    }

    fn any_of(words: &[&str]) -> Test {
        Test::AnyOf(words.iter().map(|word| (*word).to_owned()).collect())
    }

    fn between(min: Option<f64>, max: Option<f64>) -> Test {
        Test::Between { min, max }
    }

    #[test]
    fn equality_and_ranges_pick_rows_and_a_missing_value_meets_nothing() {
        check(None, &[("zone", any_of(&["Queens"]))], &[0, 2]);
        check(None, &[("zone", any_of(&["Queens", "Bronx"]))], &[0, 1, 2]);
        check(None, &[("zone", any_of(&[]))], &[]);
        check(None, &[("paid", any_of(&["true"]))], &[0, 3]);
        check(None, &[("seats", any_of(&["2", "4", "two"]))], &[0, 2, 3]);
        check(None, &[("fare", between(Some(3.0), Some(7.5)))], &[0, 3]);
        check(None, &[("fare", between(None, None))], &[0, 2, 3]);
        check(None, &[("seats", between(Some(2.5), None))], &[1, 2]);
        check(None, &[("zone", any_of(&["Queens"])), ("fare", between(Some(10.0), None))], &[2]);
        check(Some(&["zone", "fare", "zone"]), &[("paid", any_of(&["true"]))], &[0, 3]);
        check(Some(&[]), &[], &[0, 1, 2, 3]);
    }

    #[test]
    fn a_field_that_is_not_there_or_cannot_answer_is_named() {
        let (schema, _) = events(TRIPS);
        let refused = |fields: Option<Vec<String>>, field: &str, is| {
            let filter = vec![Condition { field: field.into(), is }];
            let wanted = Subscribe { fields, filter, ..Subscribe::new("trips", Start::Live) };
            Selection::resolve(&wanted, &schema).unwrap_err()
        };
        assert!(refused(None, "zoo", any_of(&[])).contains("no field \"zoo\": it has fare, zone"));
        assert!(refused(Some(vec!["far".into()]), "zone", any_of(&[])).contains("\"far\""));
        assert!(refused(None, "fare", any_of(&["1"])).contains("ask with between"));
        assert!(refused(None, "zone", between(None, None)).contains("ask with any_of"));
    }

    #[test]
    fn picked_rows_keep_their_values_and_what_is_missing() {
        let (schema, batch) = events(TRIPS);
        let picked = pick(&batch, &[0, 1, 3]);
        let rows = |batch: &Batch, rows: &[usize]| {
            rows.iter().map(|row| batch.event_json(&schema, *row)).collect::<Vec<_>>()
        };
        assert_eq!(rows(&picked, &[0, 1, 2]), rows(&batch, &[0, 1, 3]));
    }
}
