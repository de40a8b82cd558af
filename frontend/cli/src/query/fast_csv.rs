//! The rows of a plain CSV, straight from bytes to columns.
//!
//! Reads only the columns that are asked for, and only rows in their usual form. Whatever else there is (a quote, a
//! wrong number of cells, a value of another type) is handed back as it stands, for [`super::text`] to judge, so that
//! both read every text alike.

use std::io::{self, BufRead, Read as _};

use hashbrown::HashMap;
use memchr::{memchr, memchr2_iter, memrchr};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::schema::{FieldType, Schema};
use spate_shared::text::MAX_LINE_BYTES;

use super::number::{self, Times};
use crate::input::Counted;

/// Bytes read at a time.
const BLOCK_BYTES: usize = 512 << 10;
/// A dictionary with more entries than this is begun anew.
const MAX_DICTIONARY: usize = 1 << 16;

/// What to do with the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Skip,
    Time,
    Number(usize),
    Label(usize),
    /// A value here makes the row odd.
    Odd,
}

/// A reader of CSV without its header.
pub(super) struct FastCsv {
    read: Counted,
    /// Bytes read and not yet understood lie from `at` to `end`, whole lines up to `lines_end`.
    bytes: Vec<u8>,
    at: usize,
    lines_end: usize,
    end: usize,
    /// Of the next row, from 1.
    line: u64,
    targets: Vec<Target>,
    times: Times,
    /// Dictionary codes by text, one map per field.
    codes: Vec<HashMap<Box<[u8]>, u32>>,
    row: Vec<Cell>,
    batch: Batch,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Missing,
    Number(f64),
    Code(u32),
}

/// What comes next in the text.
pub(super) enum Next {
    /// Rows, in [`FastCsv::batch`].
    Batch,
    /// A row in no usual form, and its line.
    Odd(Vec<u8>, u64),
    /// What follows is no plain CSV: it has a quote, or a line without an end.
    NotPlain,
    End,
}

impl FastCsv {
    /// Goes on after what was read before; `rest` of it was not used and begins on `line`.
    pub(super) fn new(read: Counted, rest: Vec<u8>, line: u64) -> Self {
        Self {
            read,
            at: 0,
            lines_end: 0,
            end: rest.len(),
            bytes: rest,
            line,
            targets: Vec::new(),
            times: Times::default(),
            codes: Vec::new(),
            row: Vec::new(),
            batch: Batch::default(),
        }
    }

    /// Lets the columns `names` fill the fields of `schema`, its time among them. A value for a field that is used and
    /// not in the schema yet makes its row odd.
    pub(super) fn aim(&mut self, names: &[String], schema: &Schema, is_used: impl Fn(&str) -> bool) {
        let target = |name: &String| match schema.index_of(name) {
            _ if *name == schema.time.name => Target::Time,
            None if is_used(name) => Target::Odd,
            None => Target::Skip,
            Some(field) => match schema.fields[field].ty {
                FieldType::F64 | FieldType::I64 => Target::Number(field),
                FieldType::Category => Target::Label(field),
                FieldType::Bool | FieldType::Text | FieldType::Timestamp => Target::Odd,
            },
        };
        self.targets = names.iter().map(target).collect();
        let number = |ty| if ty == FieldType::I64 { FieldType::F64 } else { ty };
        let columns = schema.fields.iter().map(|field| Column::empty(number(field.ty)));
        self.batch = Batch { times: Vec::new(), columns: columns.collect() };
        self.codes = vec![HashMap::new(); schema.fields.len()];
        self.row = vec![Cell::Missing; schema.fields.len()];
    }

    /// The rows that [`FastCsv::next`] found.
    pub(super) fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The next rows: at most a block of them, and none beyond the first that is odd.
    ///
    /// # Errors
    /// What the input gives.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        self.clear_batch();
        while self.batch.times.is_empty() {
            if self.at == self.lines_end {
                self.fill()?;
                if self.lines_end == 0 {
                    return Ok(if self.end == 0 { Next::End } else { Next::NotPlain });
                }
            }
            if memchr(b'"', &self.bytes[self.at..self.lines_end]).is_some() {
                return Ok(Next::NotPlain);
            }
            if let Some((from, to)) = self.take_rows()
                && self.batch.times.is_empty()
            {
                self.at = (to + 1).min(self.lines_end);
                self.line += 1;
                return Ok(Next::Odd(self.bytes[from..to].to_vec(), self.line - 1));
            }
        }
        Ok(Next::Batch)
    }

    /// What has not been understood yet, and the line it begins on.
    pub(super) fn into_rest(self) -> (impl BufRead, u64) {
        let rest = self.bytes[self.at..self.end].to_vec();
        (io::Cursor::new(rest).chain(self.read), self.line)
    }

    fn clear_batch(&mut self) {
        self.batch.times.clear();
        for (column, codes) in self.batch.columns.iter_mut().zip(&mut self.codes) {
            column.validity = None;
            match &mut column.values {
                Values::F64(numbers) => numbers.clear(),
                Values::Category { dictionary, codes: of_rows } => {
                    of_rows.clear();
                    if dictionary.len() > MAX_DICTIONARY {
                        dictionary.clear();
                        codes.clear();
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads until there is a whole line, as long as that may take; at the end what is left is one.
    fn fill(&mut self) -> io::Result<()> {
        self.bytes.copy_within(self.at..self.end, 0);
        (self.end, self.at, self.lines_end) = (self.end - self.at, 0, 0);
        while self.lines_end == 0 && self.end <= MAX_LINE_BYTES {
            self.lines_end = memrchr(b'\n', &self.bytes[..self.end]).map_or(0, |last| last + 1);
            if self.lines_end > 0 && self.end >= BLOCK_BYTES / 2 {
                break;
            }
            self.bytes.resize(self.end + BLOCK_BYTES, 0);
            let read = self.read.read(&mut self.bytes[self.end..])?;
            if read == 0 {
                self.lines_end = self.end;
                break;
            }
            let last = memrchr(b'\n', &self.bytes[self.end..self.end + read]);
            self.lines_end = last.map_or(self.lines_end, |last| self.end + last + 1);
            self.end += read;
        }
        Ok(())
    }

    /// Takes rows up to the first that is odd, which is given: from where to where it is.
    fn take_rows(&mut self) -> Option<(usize, usize)> {
        let bytes = std::mem::take(&mut self.bytes);
        let block = &bytes[self.at..self.lines_end];
        let (mut row_start, mut cell_start, mut column) = (0, 0, 0);
        let (mut time, mut is_odd) = (None, false);
        let mut odd = None;
        let ends =
            memchr2_iter(b',', b'\n', block).chain((block.last() != Some(&b'\n')).then_some(block.len()));
        for end in ends {
            let is_last = block.get(end) != Some(&b',');
            let mut cell = &block[cell_start..end];
            if is_last && cell.last() == Some(&b'\r') {
                cell = &cell[..cell.len() - 1];
            }
            match self.targets.get(column) {
                Some(Target::Skip) => {}
                Some(Target::Time) => time = self.times.parse(cell),
                Some(Target::Number(field)) => match number::float(cell) {
                    Some(number) => self.row[*field] = Cell::Number(number),
                    None if cell.is_empty() => self.row[*field] = Cell::Missing,
                    None => is_odd = true,
                },
                Some(Target::Label(field)) => match label(&mut self.batch, &mut self.codes, *field, cell) {
                    Some(cell) => self.row[*field] = cell,
                    None => is_odd = true,
                },
                Some(Target::Odd) if cell.is_empty() => {}
                Some(Target::Odd) | None => is_odd = true,
            }
            column += 1;
            cell_start = end + 1;
            if !is_last {
                continue;
            }
            match time.take() {
                Some(time) if !is_odd && column == self.targets.len() => self.store(time),
                _ if column == 1 && cell.is_empty() => {}
                _ => {
                    odd = Some((self.at + row_start, self.at + end));
                    break;
                }
            }
            self.line += 1;
            (row_start, column, is_odd) = (cell_start, 0, false);
        }
        self.at = odd.map_or(self.lines_end, |(from, _)| from);
        self.bytes = bytes;
        odd
    }

    #[inline]
    fn store(&mut self, time: i64) {
        self.batch.times.push(time);
        for (column, cell) in self.batch.columns.iter_mut().zip(&self.row) {
            match (cell, &mut column.values) {
                (Cell::Number(number), Values::F64(numbers)) => numbers.push(*number),
                (Cell::Code(code), Values::Category { codes, .. }) => codes.push(*code),
                _ => {
                    column.push_missing();
                    continue;
                }
            }
            column.mark_present();
        }
    }
}

/// The dictionary code of a text; `None` when the text needs a second look.
#[inline]
fn label(
    batch: &mut Batch,
    codes: &mut [HashMap<Box<[u8]>, u32>],
    field: usize,
    cell: &[u8],
) -> Option<Cell> {
    if let Some(code) = codes[field].get(cell) {
        return Some(Cell::Code(*code));
    }
    let text = std::str::from_utf8(cell).ok()?;
    if text.is_empty() {
        return Some(Cell::Missing);
    }
    if text.trim().len() != text.len() {
        return None;
    }
    let Values::Category { dictionary, .. } = &mut batch.columns[field].values else { return None };
    let code = dictionary.len() as u32;
    dictionary.push(text.to_owned());
    codes[field].insert(cell.into(), code);
    Some(Cell::Code(code))
}
