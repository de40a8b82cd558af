//! The values of some series as rows.

use spate_chart::format::{self, Unit};
use spate_shared::batch::{Batch, Column, Values, intern};
use spate_shared::order;
use spate_shared::schema::{Field, FieldType, Role, Schema, TimeField, TimeSource};
use spate_shared::time::{self, Nanos};

use crate::ask::TableRow;

/// Rows in time order, and what their columns are.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Series, value, expected band, score.
    pub schema: Schema,
    /// The rows.
    pub batch: Batch,
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// When.
    pub time: Nanos,
    /// Of which series.
    pub series: &'a str,
    /// Missing when not finite.
    pub value: f64,
    /// The band it was expected in; missing when not finite.
    pub expected: (f32, f32),
    /// 0 to 1; missing when not finite.
    pub score: f32,
}

/// Places of the columns.
const SERIES: usize = 0;
const VALUE: usize = 1;
const LOWER: usize = 2;
const UPPER: usize = 3;
const SCORE: usize = 4;

impl Rows {
    /// Rows of a measure, in any order.
    ///
    /// Cost: sorts them.
    pub fn of(measure: &str, unit: Option<&str>, mut rows: Vec<Row<'_>>) -> Self {
        order::sort_by_key(&mut rows, |row| row.time);
        let column = |of: fn(&Row<'_>) -> f64| {
            let mut column = Column::empty(FieldType::F64);
            for row in &rows {
                push(&mut column, of(row));
            }
            column
        };
        let mut dictionary = Vec::new();
        let codes = rows.iter().map(|row| intern(&mut dictionary, row.series)).collect();
        let names = Column { values: Values::Category { dictionary, codes }, validity: None };
        let columns = vec![
            names,
            column(|row| row.value),
            column(|row| short(row.expected.0)),
            column(|row| short(row.expected.1)),
            column(|row| short(row.score)),
        ];
        let batch = Batch { times: rows.iter().map(|row| row.time).collect(), columns };
        Self { schema: schema(measure, unit), batch }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// At most `count` rows for people, newest first, after the `first` newest.
    pub fn page(&self, first: usize, count: usize) -> Vec<TableRow> {
        let unit = Unit::parse(self.schema.fields[VALUE].unit.as_deref());
        let cell = |column: usize, row: usize| self.batch.columns[column].number(row);
        let show = |number: Option<f64>| {
            number.map_or_else(|| "–".to_owned(), |number| format::value(number, &unit))
        };
        let row = |row: usize| {
            let band = cell(LOWER, row).zip(cell(UPPER, row));
            TableRow {
                time: time::format(self.batch.times[row]),
                series: self.batch.columns[SERIES].text(row).unwrap_or_default().to_owned(),
                value: show(cell(VALUE, row)),
                expected: band
                    .map(|(lower, upper)| format!("{} to {}", show(Some(lower)), show(Some(upper)))),
                score: cell(SCORE, row),
            }
        };
        (0..self.len()).rev().skip(first).take(count).map(row).collect()
    }
}

/// The shortest number that is this one to its own precision.
fn short(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}

fn push(column: &mut Column, value: f64) {
    match &mut column.values {
        Values::F64(values) if value.is_finite() => {
            values.push(value);
            column.mark_present();
        }
        _ => column.push_missing(),
    }
}

fn schema(measure: &str, unit: Option<&str>) -> Schema {
    let name = |name: &str| if measure == name { format!("{name}_") } else { name.to_owned() };
    let number = |text: &str| Field { role: Role::Text, ..Field::new(name(text), FieldType::F64) };
    let with_unit = |field: Field| Field { unit: unit.map(str::to_owned), ..field };
    let fields = vec![
        Field::new(name("series"), FieldType::Category),
        with_unit(Field::new(measure, FieldType::F64)),
        with_unit(number("expected_lower")),
        with_unit(number("expected_upper")),
        number("score"),
    ];
    Schema::new(TimeField { name: name("time"), source: TimeSource::Event }, fields)
}
