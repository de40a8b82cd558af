//! What a panel shows as rows: for the table, for files, for pictures of panels without a canvas.

use spate_chart::data::{Cell, Column as Heading, RowsData};
use spate_chart::panel::table;
use spate_chart::scene::RowWindow;
use spate_chart::zone::Zone;
use spate_shared::batch::{Batch, Values, intern};
use spate_shared::order;
use spate_shared::schema::{Field, FieldType, Role, Schema, TimeField, TimeSource};
use spate_shared::time::Nanos;

/// Rows, and what their columns are. The first column is a time: when it was, or since when.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The columns.
    pub schema: Schema,
    /// The rows.
    pub batch: Batch,
    /// Whether people read them from the last one on: they are in time order.
    pub newest_first: bool,
}

/// One value of a series.
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

/// What the columns of rows are called, in their order; and the unit of numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'a> {
    /// The moment of a row, or the start of its interval.
    pub(crate) time: &'a str,
    /// Whether rows are about intervals, whose end is `to`.
    pub(crate) has_end: bool,
    /// Columns of words.
    pub(crate) words: &'a [&'a str],
    /// Columns of numbers.
    pub(crate) numbers: &'a [(&'a str, Option<&'a str>)],
}

impl Rows {
    /// No rows yet.
    pub(crate) fn new(columns: Columns<'_>) -> Self {
        let Columns { time, has_end, words, numbers } = columns;
        let mut fields = Vec::new();
        if has_end {
            fields.push(Field::new("to", FieldType::Timestamp));
        }
        fields.extend(words.iter().map(|name| Field::new(*name, FieldType::Category)));
        fields.extend(numbers.iter().map(|(name, unit)| Field {
            role: Role::Text,
            unit: unit.map(str::to_owned),
            ..Field::new(*name, FieldType::F64)
        }));
        let schema = Schema::new(TimeField { name: time.to_owned(), source: TimeSource::Event }, fields);
        Self { batch: Batch::empty(&schema), schema, newest_first: false }
    }

    /// Appends a row over `span`. An empty word and a number that is not finite are missing.
    pub(crate) fn push(&mut self, span: (Nanos, Nanos), words: &[&str], numbers: &[f64]) {
        self.batch.times.push(span.0);
        let (mut words, mut numbers) = (words.iter(), numbers.iter());
        for column in &mut self.batch.columns {
            match &mut column.values {
                Values::Timestamp(times) => times.push(span.1),
                Values::Category { dictionary, codes } => match words.next() {
                    Some(word) if !word.is_empty() => codes.push(intern(dictionary, word)),
                    _ => {
                        column.push_missing();
                        continue;
                    }
                },
                Values::F64(values) => match numbers.next() {
                    Some(number) if number.is_finite() => values.push(*number),
                    _ => {
                        column.push_missing();
                        continue;
                    }
                },
                _ => continue,
            }
            column.mark_present();
        }
    }

    /// Values of a measure, in any order.
    ///
    /// Cost: sorts them.
    pub fn of(measure: &str, unit: Option<&str>, mut rows: Vec<Row<'_>>) -> Self {
        order::sort_by_key(&mut rows, |row| row.time);
        let [time, series, lower, upper, score] =
            ["time", "series", "expected_lower", "expected_upper", "score"]
                .map(|name| if measure == name { format!("{name}_") } else { name.to_owned() });
        let columns = Columns {
            time: &time,
            has_end: false,
            words: &[&series],
            numbers: &[(measure, unit), (&lower, unit), (&upper, unit), (&score, None)],
        };
        let mut all = Self { newest_first: true, ..Self::new(columns) };
        for row in rows {
            let numbers = [row.value, short(row.expected.0), short(row.expected.1), short(row.score)];
            all.push((row.time, row.time), &[row.series], &numbers);
        }
        all
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// At most `count` rows in words, after the `first`, as people read them.
    pub fn window(&self, first: usize, count: usize, zone: &Zone) -> RowWindow {
        let total = self.len();
        let cells = |place: usize| {
            let row = if self.newest_first { total - 1 - place } else { place };
            let fields = (0..self.schema.fields.len()).map(|field| cell(&self.batch, row, field));
            [Cell::Time(self.batch.times[row])].into_iter().chain(fields).collect()
        };
        let rows = (first..total.min(first.saturating_add(count))).map(cells).collect();
        let fields: Vec<usize> = (0..self.schema.fields.len()).collect();
        let columns = headings(&self.schema, &fields);
        table::window(
            &RowsData { columns, rows, first: first as u64, total: total as u64, held: total as u64 },
            zone,
        )
    }
}

/// The time and some fields of a schema, as columns of a table.
pub(crate) fn headings(schema: &Schema, fields: &[usize]) -> Vec<Heading> {
    let time = Heading { name: schema.time.name.clone(), ..Heading::default() };
    let heading = |field: &usize| {
        let field = &schema.fields[*field];
        let is_number = matches!(field.ty, FieldType::F64 | FieldType::I64);
        Heading { name: field.name.clone(), unit: field.unit.clone(), is_number }
    };
    [time].into_iter().chain(fields.iter().map(heading)).collect()
}

/// A field of an event, as a cell of a table.
pub(crate) fn cell(batch: &Batch, row: usize, field: usize) -> Cell {
    let Some(column) = batch.columns.get(field).filter(|column| column.is_present(row)) else {
        return Cell::Missing;
    };
    match (&column.values, column.text(row)) {
        (_, Some(text)) => Cell::Text(text.to_owned()),
        (Values::Timestamp(times), None) => Cell::Time(times[row]),
        _ => column.number(row).map_or(Cell::Missing, Cell::Number),
    }
}

/// The shortest number that is this one to its own precision.
fn short(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}
