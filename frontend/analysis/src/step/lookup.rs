//! Enrichment: fields from the row of a table that an event's value names.

use std::collections::BTreeMap;
use std::sync::Arc;

use spate_shared::text::{Cell, Format, TextReader};

use crate::expression::{Kind, Lanes, Values};

/// Most rows of a table.
const MAX_ROWS: usize = 1_000_000;

/// A table as its text said it: CSV with a header, or JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    names: Vec<String>,
    /// Cells in the order of the names.
    rows: Vec<Vec<Option<String>>>,
    /// What is counted: lines, or the objects of a JSON array.
    places: &'static str,
    /// Of each row.
    lines: Vec<u64>,
}

/// Why a table cannot be used. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// A row is none.
    #[error("line {line}: {reason}")]
    Row {
        /// Where.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// There is nothing in it.
    #[error("there are no rows in it")]
    Empty,
    /// Too many rows.
    #[error("it has more than {MAX_ROWS} rows")]
    TooLong,
    /// It has no such column.
    #[error("no column is called {name:?}: choose one of {choices}")]
    Column {
        /// What was asked for.
        name: String,
        /// The columns.
        choices: String,
    },
    /// A key stands in several rows.
    #[error("the key {key:?} stands in {places} {first} and {second}: keep one of them")]
    Twice {
        /// The key.
        key: String,
        /// What is counted: lines, or the objects of a JSON array.
        places: &'static str,
        /// Its first place.
        first: u64,
        /// Its next place.
        second: u64,
    },
    /// A row has no key.
    #[error("line {line} has no key in column {column:?}")]
    NoKey {
        /// Where.
        line: u64,
        /// The column of keys.
        column: String,
    },
}

impl Table {
    /// Reads a table: CSV with a header row, a JSON array of objects, or one JSON object a line.
    ///
    /// # Errors
    /// [`LookupError`] with the line at fault.
    pub fn read(text: &str) -> Result<Self, LookupError> {
        let format = match text.trim_start_matches('\u{feff}').trim_start().chars().next() {
            Some('[') => Format::Json,
            Some('{') => Format::Ndjson,
            _ => Format::Csv,
        };
        let mut reader = TextReader::new(format, text.as_bytes());
        let places = if format == Format::Json { "objects" } else { "lines" };
        let mut table = Self { names: Vec::new(), rows: Vec::new(), places, lines: Vec::new() };
        // Reading from memory cannot fail.
        while let Ok(Some(chunk)) = reader.next_chunk(MAX_ROWS) {
            if let Some(rejection) = chunk.rejected.into_iter().next() {
                return Err(LookupError::Row { line: rejection.line, reason: rejection.reason });
            }
            table.names = chunk.names;
            for row in chunk.rows {
                table.lines.push(row.line);
                table.rows.push(row.cells.into_iter().map(text_of).collect());
            }
            if table.rows.len() > MAX_ROWS {
                return Err(LookupError::TooLong);
            }
        }
        if table.rows.is_empty() { Err(LookupError::Empty) } else { Ok(table) }
    }

    fn column(&self, name: &str) -> Result<usize, LookupError> {
        let found = self.names.iter().position(|column| column == name);
        found.ok_or_else(|| LookupError::Column { name: name.to_owned(), choices: self.names.join(", ") })
    }

    fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.rows[row].get(column)?.as_deref()
    }
}

fn text_of(cell: Cell) -> Option<String> {
    match cell {
        Cell::Missing => None,
        Cell::Int(number) => Some(number.to_string()),
        Cell::Float(number) => Some(number.to_string()),
        Cell::Bool(flag) => Some(flag.to_string()),
        Cell::Text(text) | Cell::Untyped(text) => Some(text),
    }
}

/// One column of a table by key.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The column's name.
    pub name: String,
    /// Numbers when every value of the column is one, else text.
    pub kind: Kind,
    values: Arc<BTreeMap<String, usize>>,
    cells: Vec<Option<String>>,
    numbers: Vec<f64>,
}

impl Lookup {
    /// The columns `take` of a table by its column `key`: all others, and its first, when none are named.
    ///
    /// # Errors
    /// [`LookupError`] naming the column, or the key that is there twice with its lines.
    pub fn columns(table: &Table, key: Option<&str>, take: &[String]) -> Result<Vec<Self>, LookupError> {
        let key = key.map_or(Ok(0), |key| table.column(key))?;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (row, line) in table.lines.iter().enumerate() {
            let no_key = || LookupError::NoKey { line: *line, column: table.names[key].clone() };
            let text = table.cell(row, key).ok_or_else(no_key)?;
            if let Some(first) = places.insert(text.to_owned(), row) {
                let (key, first) = (text.to_owned(), table.lines[first]);
                return Err(LookupError::Twice { key, places: table.places, first, second: *line });
            }
        }
        let values = Arc::new(places);
        let columns: Vec<usize> = if take.is_empty() {
            (0..table.names.len()).filter(|column| *column != key).collect()
        } else {
            take.iter().map(|name| table.column(name)).collect::<Result<_, _>>()?
        };
        let lookup = |column: usize| {
            let cells: Vec<Option<String>> =
                (0..table.rows.len()).map(|row| table.cell(row, column).map(str::to_owned)).collect();
            let number = |text: &String| text.parse::<f64>().ok().filter(|number| number.is_finite());
            let numbers: Option<Vec<f64>> =
                cells.iter().map(|cell| cell.as_ref().map_or(Some(f64::NAN), number)).collect();
            let kind = if numbers.is_some() { Kind::Number } else { Kind::Text };
            let (name, numbers) = (table.names[column].clone(), numbers.unwrap_or_default());
            Self { name, kind, values: Arc::clone(&values), cells, numbers }
        };
        Ok(columns.into_iter().map(lookup).collect())
    }

    /// The column's value for each event's key.
    pub(crate) fn evaluate<'a>(&self, keys: Lanes<'_>) -> Lanes<'a> {
        let keys = if matches!(keys.values, Values::Texts { .. }) { keys } else { keys.into_labels() };
        let Values::Texts { dictionary, codes } = &keys.values else {
            return Lanes::missing(self.kind, keys.len());
        };
        let rows: Vec<Option<usize>> = dictionary
            .iter()
            .map(|key| self.values.get(key.as_ref()).copied().filter(|row| self.cells[*row].is_some()))
            .collect();
        let found = |(at, code): (usize, &u32)| keys.is_present(at) && rows[*code as usize].is_some();
        let present = Some(codes.iter().enumerate().map(found).collect());
        let values = if self.kind == Kind::Number {
            let number = |code: &u32| rows[*code as usize].map_or(0.0, |row| self.numbers[row]);
            Values::Numbers(codes.iter().map(number).collect())
        } else {
            let text = |row: &Option<usize>| row.and_then(|row| self.cells[row].clone()).unwrap_or_default();
            let dictionary = rows.iter().map(text).map(Into::into).collect();
            Values::Texts { dictionary, codes: codes.to_vec().into() }
        };
        Lanes { values, present }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str, key: Option<&str>, take: &[&str]) -> Result<Vec<Lookup>, LookupError> {
        let take: Vec<String> = take.iter().map(|name| (*name).to_owned()).collect();
        Lookup::columns(&Table::read(text)?, key, &take)
    }

    #[test]
    fn tables_are_read_from_csv_and_json_alike() {
        let csv = "id,region,cores\na,eu,4\nb,,8\n";
        let json = r#"[{"id": "a", "region": "eu", "cores": 4}, {"id": "b", "cores": 8}]"#;
        for text in [csv, json] {
            let columns = columns(text, None, &[]).expect("a table");
            let seen: Vec<_> = columns.iter().map(|column| (column.name.as_str(), column.kind)).collect();
            assert_eq!(seen, [("region", Kind::Text), ("cores", Kind::Number)]);
            let keys = Lanes {
                values: Values::Texts {
                    dictionary: vec!["b".into(), "a".into(), "c".into()],
                    codes: vec![1, 0, 2, 1].into(),
                },
                present: Some(vec![true, true, true, false]),
            };
            let labels = |at: usize| -> Vec<_> {
                let lanes = columns[at].evaluate(keys.clone());
                (0..4).map(|row| lanes.label(row).map(std::borrow::Cow::into_owned)).collect()
            };
            assert_eq!(labels(0), [Some("eu".to_owned()), None, None, None]);
            assert_eq!(labels(1), [Some("4".to_owned()), Some("8".to_owned()), None, None]);
        }
    }

    #[test]
    fn what_is_wrong_with_a_table_is_told_with_its_lines() {
        for (text, key, take, says) in [
            ("id,x\na,1\nb,2\na,3\n", None, &[][..], "\"a\" stands in lines 2 and 4"),
            ("id,x\na,1\n,2\n", None, &[], "line 3 has no key in column \"id\""),
            ("id,x\na\n", None, &[], "line 2: row has 1 columns"),
            ("id,x\n", None, &[], "no rows"),
            ("id,x\na,1\n", Some("host"), &[], "\"host\": choose one of id, x"),
            ("id,x\na,1\n", None, &["y"], "\"y\": choose one of id, x"),
            ("{\"id\": 5}\n{\"id\": 5}\n", None, &[], "\"5\" stands in lines 1 and 2"),
            ("[{\"id\": 5}, {\"id\": 5}]", None, &[], "\"5\" stands in objects 1 and 2"),
        ] {
            let message = columns(text, key, take).expect_err(text).to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }
}
