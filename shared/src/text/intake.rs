//! Rows into typed batches: finds the time, infers or checks the schema, rejects what conflicts.

use std::collections::HashMap;

use super::cell::{Look, parse_bool};
use super::{Cell, Chunk, MAX_FIELDS, MAX_NAME_BYTES, Rejection, Row, clip_name};
use crate::batch::{Batch, Column, Values};
use crate::order;
use crate::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use crate::time::{self, Nanos};

/// Names that mark the time field when no schema does, compared without case.
pub const TIME_NAMES: [&str; 9] =
    ["time", "timestamp", "ts", "t", "date", "datetime", "@timestamp", "event_time", "_time"];

/// Values longer than this make a new string field text rather than a category.
const MAX_CATEGORY_BYTES: usize = 64;

/// Gives rows types and times, against a declared schema or one inferred from the first value of each field.
///
/// An integer field widens to floating point when a fraction appears. A string in a number field, or the reverse,
/// rejects the row. A declared schema takes no new fields. A row that is rejected leaves no trace in the schema.
#[derive(Debug, Clone)]
pub struct Intake {
    schema: Option<Schema>,
    declared: bool,
    time_name: Option<String>,
}

/// What became of a chunk. `batch.len() + rejected.len()` equals the rows that went in.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// The events, following [`Intake::schema`] as it is now.
    pub batch: Batch,
    /// The rows that were not taken, in line order.
    pub rejected: Vec<Rejection>,
}

impl Intake {
    /// Infers the schema; the time field is found by name, then by look.
    pub fn inferred() -> Self {
        Self { schema: None, declared: false, time_name: None }
    }

    /// Infers the schema with a known time field.
    pub fn with_time(name: impl Into<String>) -> Self {
        Self { schema: None, declared: false, time_name: Some(name.into()) }
    }

    /// Checks every row against a declared schema.
    pub fn with_schema(schema: Schema) -> Self {
        Self { schema: Some(schema), declared: true, time_name: None }
    }

    /// Goes on inferring from a schema that was inferred before.
    pub fn going_on(schema: Schema) -> Self {
        let time_name = Some(schema.time.name.clone());
        Self { schema: Some(schema), declared: false, time_name }
    }

    /// The schema so far; `None` before the first event.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref()
    }

    /// Turns a chunk into a batch. `arrival` is the time of events that carry none; without it they are rejected.
    pub fn take(&mut self, chunk: Chunk, arrival: Option<Nanos>) -> Taken {
        let Chunk { names, rows, mut rejected } = chunk;
        if rows.is_empty() {
            let batch = self.schema.as_ref().map(Batch::empty).unwrap_or_default();
            return Taken { batch, rejected };
        }
        let time_name = self.time_name.as_deref();
        let is_first = self.schema.is_none();
        let schema =
            self.schema.get_or_insert_with(|| first_schema(&names, &rows, time_name, arrival.is_some()));
        let fields = schema.fields.len();
        let mut building = Rows::new(schema, &names, self.declared);
        building.batch.times.reserve(rows.len());
        for row in rows {
            if let Err((field, reason)) = building.push(row.cells, arrival) {
                rejected.push(Rejection { line: row.line, field, reason });
            }
        }
        let (batch, has_widened) = (building.batch, building.has_widened);
        if is_first && batch.is_empty() {
            self.schema = None;
        } else if !is_first && (has_widened || schema.fields.len() != fields) {
            schema.version = schema.version.saturating_add(1);
        }
        order::sort_by_key(&mut rejected, |rejection| rejection.line);
        Taken { batch, rejected }
    }
}

/// The schema before any field is known: only where the time comes from.
fn first_schema(names: &[String], rows: &[Row], time_name: Option<&str>, stamp: bool) -> Schema {
    let by_name = || {
        let known = |name: &&String| TIME_NAMES.iter().any(|time| name.eq_ignore_ascii_case(time));
        names.iter().find(known).cloned()
    };
    let by_look = || {
        let first = rows.first()?;
        let is_time = |cell: &Cell| match cell {
            Cell::Text(text) | Cell::Untyped(text) => {
                text.parse::<f64>().is_err() && time::parse(text).is_ok()
            }
            _ => false,
        };
        let index = first.cells.iter().position(is_time)?;
        names.get(index).cloned()
    };
    let named = time_name.map(str::to_owned).or_else(by_name).or_else(by_look);
    let time = match named {
        Some(name) => TimeField { name, source: TimeSource::Event },
        None if stamp => TimeField { name: "time".to_owned(), source: TimeSource::Arrival },
        None => TimeField { name: "time".to_owned(), source: TimeSource::Event },
    };
    Schema::new(time, Vec::new())
}

type Fault = (Option<String>, String);

/// A batch under construction. A row is checked whole before anything of it is stored, its new fields included.
struct Rows<'a> {
    schema: &'a mut Schema,
    names: &'a [String],
    targets: Vec<Target>,
    batch: Batch,
    /// Dictionary codes by text, one map per column.
    codes: Vec<HashMap<String, u32>>,
    row: Vec<(usize, Typed)>,
    widened: Vec<usize>,
    has_widened: bool,
    is_declared: bool,
}

/// Where the cells under a name go.
#[derive(Clone, Copy)]
enum Target {
    Time,
    Field(usize),
    New,
}

enum Typed {
    F64(f64),
    I64(i64),
    Bool(bool),
    Text(String),
    Timestamp(Nanos),
}

impl<'a> Rows<'a> {
    fn new(schema: &'a mut Schema, names: &'a [String], is_declared: bool) -> Self {
        let target = |name: &String| match schema.index_of(name) {
            _ if *name == schema.time.name => Target::Time,
            Some(index) => Target::Field(index),
            None => Target::New,
        };
        let targets = names.iter().map(target).collect();
        let batch = Batch::empty(schema);
        let codes = vec![HashMap::new(); batch.columns.len()];
        let (row, widened, has_widened) = (Vec::new(), Vec::new(), false);
        Self { schema, names, targets, batch, codes, row, widened, has_widened, is_declared }
    }

    fn push(&mut self, cells: Vec<Cell>, arrival: Option<Nanos>) -> Result<(), Fault> {
        let fields = self.schema.fields.len();
        self.row.clear();
        self.widened.clear();
        match self.check(cells, arrival) {
            Ok(time) => {
                self.store(time);
                Ok(())
            }
            Err(fault) => {
                self.forget_fields_from(fields);
                Err(fault)
            }
        }
    }

    fn check(&mut self, cells: Vec<Cell>, arrival: Option<Nanos>) -> Result<Nanos, Fault> {
        let mut time = None;
        for (at, cell) in cells.into_iter().enumerate() {
            if cell == Cell::Missing {
                continue;
            }
            match self.targets[at] {
                Target::Time => time = Some(self.time_of(&cell)?),
                Target::New => {
                    let index = self.add_field(at, &cell)?;
                    self.targets[at] = Target::Field(index);
                    self.type_cell(index, cell)?;
                }
                Target::Field(index) => self.type_cell(index, cell)?,
            }
        }
        let stamped = if self.schema.time.source == TimeSource::Arrival { arrival } else { None };
        time.or(stamped).ok_or_else(|| self.no_time())
    }

    /// Takes back the fields that a rejected row brought.
    fn forget_fields_from(&mut self, fields: usize) {
        self.schema.fields.truncate(fields);
        self.batch.columns.truncate(fields);
        self.codes.truncate(fields);
        for target in &mut self.targets {
            if matches!(target, Target::Field(index) if *index >= fields) {
                *target = Target::New;
            }
        }
    }

    fn time_of(&self, cell: &Cell) -> Result<Nanos, Fault> {
        cell.time().map_err(|reason| (Some(self.schema.time.name.clone()), reason))
    }

    fn no_time(&self) -> Fault {
        let name = self.schema.time.name.clone();
        let expected = TIME_NAMES.join(", ");
        (
            Some(name),
            format!("the event has no time; name a field one of {expected}, or say which field it is"),
        )
    }

    fn add_field(&mut self, at: usize, cell: &Cell) -> Result<usize, Fault> {
        let name = self.names[at].clone();
        if self.is_declared {
            return Err((Some(clip_name(&name)), "not in the stream's declared schema".to_owned()));
        }
        if self.schema.fields.len() >= MAX_FIELDS || name.is_empty() || name.len() > MAX_NAME_BYTES {
            let reason = format!(
                "a field needs a name of 1 to {MAX_NAME_BYTES} bytes, and a stream has at most {MAX_FIELDS} fields"
            );
            return Err((Some(clip_name(&name)), reason));
        }
        let ty = match (cell.look(), cell) {
            (Some(Look::Int), _) => FieldType::I64,
            (Some(Look::Float), _) => FieldType::F64,
            (Some(Look::Bool), _) => FieldType::Bool,
            (_, Cell::Text(text) | Cell::Untyped(text)) if text.len() > MAX_CATEGORY_BYTES => FieldType::Text,
            _ => FieldType::Category,
        };
        let mut column = Column::empty(ty);
        (0..self.batch.len()).for_each(|_| column.push_missing());
        self.batch.columns.push(column);
        self.codes.push(HashMap::new());
        self.schema.fields.push(Field::new(name, ty));
        Ok(self.schema.fields.len() - 1)
    }

    fn type_cell(&mut self, index: usize, cell: Cell) -> Result<(), Fault> {
        let field = &self.schema.fields[index];
        let cell = match (field.ty, cell) {
            (FieldType::Category | FieldType::Text, Cell::Text(text) | Cell::Untyped(text)) => {
                self.row.push((index, Typed::Text(text)));
                return Ok(());
            }
            (_, cell) => cell,
        };
        let conflict = |expected: &str| {
            let reason = format!("expected {expected}, got {}", cell.quoted());
            (Some(field.name.clone()), reason)
        };
        let typed = match (field.ty, &cell) {
            (FieldType::F64, _) => Typed::F64(cell.number().map_err(conflict)?),
            (FieldType::I64, _) => match (whole(&cell), cell.number()) {
                (Some(number), _) => Typed::I64(number),
                (None, Ok(_)) if self.is_declared => return Err(conflict("an integer")),
                (None, Ok(number)) => {
                    self.widened.push(index);
                    Typed::F64(number)
                }
                (None, Err(expected)) => return Err(conflict(expected)),
            },
            (FieldType::Bool, Cell::Bool(flag)) => Typed::Bool(*flag),
            (FieldType::Bool, Cell::Untyped(text)) => {
                Typed::Bool(parse_bool(text).ok_or_else(|| conflict("true or false"))?)
            }
            (FieldType::Bool, _) => return Err(conflict("true or false")),
            (FieldType::Category | FieldType::Text, _) => return Err(conflict("text")),
            (FieldType::Timestamp, _) => Typed::Timestamp(
                self.time_of(&cell).map_err(|(_, reason)| (Some(field.name.clone()), reason))?,
            ),
        };
        self.row.push((index, typed));
        Ok(())
    }

    fn store(&mut self, time: Nanos) {
        for index in self.widened.drain(..) {
            self.has_widened = true;
            self.schema.fields[index].ty = FieldType::F64;
            self.batch.columns[index].widen();
        }
        self.batch.times.push(time);
        for (index, typed) in self.row.drain(..) {
            let column = &mut self.batch.columns[index];
            match (&mut column.values, typed) {
                (Values::F64(values), Typed::F64(number)) => values.push(number),
                (Values::I64(values), Typed::I64(number)) => values.push(number),
                (Values::Bool(bits), Typed::Bool(flag)) => bits.push(flag),
                (Values::Category { dictionary, codes }, Typed::Text(text)) => {
                    codes.push(*self.codes[index].entry(text).or_insert_with_key(|text| {
                        // A missing value may have put the empty text there already.
                        let known = text.is_empty().then(|| dictionary.iter().position(String::is_empty));
                        known.flatten().unwrap_or_else(|| {
                            dictionary.push(text.clone());
                            dictionary.len() - 1
                        }) as u32
                    }));
                }
                (Values::Text(values), Typed::Text(text)) => values.push(&text),
                (Values::Timestamp(values), Typed::Timestamp(at)) => values.push(at),
                _ => continue,
            }
            column.mark_present();
        }
        let len = self.batch.times.len();
        for column in &mut self.batch.columns {
            if column.values.len() < len {
                column.push_missing();
            }
        }
    }
}

fn whole(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(number) => Some(*number),
        Cell::Untyped(text) => text.parse().ok(),
        _ => None,
    }
}
