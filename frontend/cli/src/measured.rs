//! One measure of a text, row for row: rows that cannot be used keep their place.

use std::io::BufRead;

use spate_shared::text::{Cell, Chunk, Format, Rejection, TextReader};
use spate_shared::time::Nanos;

use crate::failure::Failure;
use crate::input::Input;

/// Rows read at once from a file.
const CHUNK_ROWS: usize = 4_096;

/// The fields that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    /// Holds the event time.
    pub(crate) time: String,
    /// Hold the measures, at least one; the first is the series' own.
    pub(crate) values: Vec<String>,
    /// Holds what tells series apart, when there are several.
    pub(crate) by: Option<String>,
}

/// A row as its text said it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) time: Cell,
    /// The first measure.
    pub(crate) value: Cell,
    /// [`Cell::Missing`] without [`Fields::by`].
    pub(crate) by: Cell,
    /// Its time and values; `None` when one of them is missing.
    pub(crate) event: Result<Option<(Nanos, Vec<f64>)>, Rejection>,
}

/// Where the fields are in a chunk.
struct Columns {
    time: Option<usize>,
    values: Vec<Option<usize>>,
    by: Option<usize>,
}

/// Reads rows of an input.
pub(crate) struct Measured {
    name: String,
    format: Format,
    reader: TextReader<Box<dyn BufRead>>,
    fields: Fields,
    chunk_rows: usize,
    was_found: bool,
}

impl Measured {
    /// A reader at the start. What is not a file is read row by row, so that none waits for the next.
    pub(crate) fn new(input: Input, fields: Fields) -> Self {
        Self {
            chunk_rows: if input.bytes.is_some() { CHUNK_ROWS } else { 1 },
            reader: TextReader::new(input.format, input.read),
            name: input.name,
            format: input.format,
            fields,
            was_found: false,
        }
    }

    /// The next rows, in order; `None` at the end.
    ///
    /// # Errors
    /// [`Failure::Data`] when the input cannot be read, [`Failure::Usage`] when it lacks a field.
    pub(crate) fn next_rows(&mut self) -> Result<Option<Vec<Row>>, Failure> {
        let chunk = self.reader.next_chunk(self.chunk_rows);
        let Some(chunk) = chunk.map_err(|error| Failure::file("read", &self.name, &error))? else {
            return if self.was_found { Ok(None) } else { Err(self.nothing()) };
        };
        if let (Format::Csv, [], Some(rejection)) = (self.format, &chunk.names[..], chunk.rejected.first()) {
            return Err(Failure::Data(format!("{}, {rejection}", self.name)));
        }
        let at = |field: &String| chunk.names.iter().position(|name| name == field);
        let Fields { time, values, by } = &self.fields;
        let columns =
            Columns { time: at(time), values: values.iter().map(at).collect(), by: by.as_ref().and_then(at) };
        for (field, at) in std::iter::once(time).chain(values).chain(by).map(|field| (field, at(field))) {
            // Later rows of a header-less format may still bring the field.
            if at.is_none() && self.format == Format::Csv {
                return Err(self.lacks(field, &chunk.names));
            }
        }
        self.was_found |= columns.time.is_some() && columns.values.iter().all(Option::is_some);
        Ok(Some(self.rows(chunk, &columns)))
    }

    fn rows(&self, chunk: Chunk, columns: &Columns) -> Vec<Row> {
        let refused = chunk.rejected.into_iter().map(|rejection| (rejection.line, Row::refused(rejection)));
        let mut rows: Vec<(u64, Row)> = refused.collect();
        for row in chunk.rows {
            let cells = &row.cells;
            let cell =
                |column: Option<usize>| column.and_then(|at| cells.get(at)).cloned().unwrap_or(Cell::Missing);
            let values: Vec<Cell> = columns.values.iter().map(|column| cell(*column)).collect();
            rows.push((row.line, self.row(row.line, cell(columns.time), values, cell(columns.by))));
        }
        rows.sort_by_key(|(line, _)| *line);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn row(&self, line: u64, time: Cell, mut values: Vec<Cell>, by: Cell) -> Row {
        let reject = |field: &String, reason: String| Rejection { line, field: Some(field.clone()), reason };
        let number = |(field, cell): (&String, &Cell)| match cell {
            Cell::Missing => Ok(None),
            cell => cell
                .number()
                .map(Some)
                .map_err(|expected| reject(field, format!("expected {expected}, got {cell}"))),
        };
        // A wrong value is told, also when another is missing.
        let numbers: Result<Vec<Option<f64>>, Rejection> =
            self.fields.values.iter().zip(&values).map(number).collect();
        let numbers = numbers.map(|numbers| numbers.into_iter().collect::<Option<Vec<f64>>>());
        let at = time.time().map_err(|reason| reject(&self.fields.time, reason));
        let event = at.and_then(|at| Ok(numbers?.map(|numbers| (at, numbers))));
        let value = values.swap_remove(0);
        Row { time, value, by, event }
    }

    fn lacks(&self, field: &str, names: &[String]) -> Failure {
        Failure::Usage(format!("{} has no field {field:?}; it has {}", self.name, names.join(", ")))
    }

    fn nothing(&self) -> Failure {
        let Fields { time, values, .. } = &self.fields;
        let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        Failure::Data(format!("no row has the fields {time:?} and {}: {:?}", values.join(", "), self.name))
    }
}

impl Row {
    fn refused(rejection: Rejection) -> Self {
        Self { time: Cell::Missing, value: Cell::Missing, by: Cell::Missing, event: Err(rejection) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(format: Format, text: &'static str) -> Result<Vec<Row>, Failure> {
        let input = Input { name: "test".into(), format, bytes: Some(0), read: Box::new(text.as_bytes()) };
        let fields = Fields { time: "t".into(), values: vec!["v".into()], by: None };
        let mut measured = Measured::new(input, fields);
        let mut all = Vec::new();
        while let Some(rows) = measured.next_rows()? {
            all.extend(rows);
        }
        Ok(all)
    }

    #[test]
    fn rows_that_cannot_be_used_keep_their_place() {
        let rows = rows(Format::Csv, "t,v\n1,2\nx,3\n3\n4,\n5,inf\n6,7\n").unwrap();
        let kinds: Vec<_> = rows.iter().map(|row| row.event.clone().map_err(|r| r.line)).collect();
        let at = |second: i64, value| Ok(Some((second * 1_000_000_000, vec![value])));
        assert_eq!(kinds, [at(1, 2.0), Err(3), Err(4), Ok(None), Err(6), at(6, 7.0)]);
    }

    #[test]
    fn a_missing_field_is_told_with_those_there_are() {
        let Err(failure) = rows(Format::Csv, "t,w\n1,2\n") else { panic!("taken") };
        assert_eq!(failure.to_string(), "test has no field \"v\"; it has t, w");
        let Err(failure) = rows(Format::Ndjson, "{\"t\":1}\n") else { panic!("taken") };
        assert!(failure.to_string().contains("no row has the fields \"t\" and \"v\""));
    }
}
