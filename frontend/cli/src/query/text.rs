//! CSV, NDJSON and JSON as batches of the fields that a query uses.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Cursor, Read as _};

use spate_analysis::query::QuerySpec;
use spate_analysis::step::Step;
use spate_shared::batch::Batch;
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::text::{Cell, Chunk, Format, Intake, MAX_LINE_BYTES, TIME_NAMES, TextReader};

use super::fast_csv::{FastCsv, Next};
use crate::failure::Failure;
use crate::import::Rejections;
use crate::input::{Counted, Input};
use crate::progress::Progress;

const CHUNK_ROWS: usize = 8_192;
/// Bytes asked for at the start of a CSV, from which types are inferred.
const HEAD_BYTES: usize = 64 << 10;

/// The fields that a query uses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    time: Option<String>,
    used: BTreeSet<String>,
    /// Used for nothing but grouping and telling events apart: taken as text, whatever it looks like.
    labels: BTreeSet<String>,
}

impl Fields {
    /// These measures, told apart by these labels; the time is found by name when it is not told.
    pub(crate) fn new(time: Option<&str>, measures: &[String], labels: &[String]) -> Self {
        let labels: BTreeSet<String> = labels.iter().cloned().collect();
        let used = labels.iter().chain(measures).cloned().collect();
        Self { time: time.map(str::to_owned), used, labels }
    }

    pub(crate) fn of(spec: &QuerySpec) -> Self {
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
        let words = |text: &String| -> Vec<String> {
            text.split(|letter| !is_name(letter)).chain(text.split('`')).map(str::to_owned).collect()
        };
        let steps = spec.steps.iter().filter(|step| step.key_field().is_none()).map(ToString::to_string);
        let steps: Vec<String> = steps.collect();
        let texts = steps.iter().chain(&spec.derive).chain(&spec.filter);
        let mut used: BTreeSet<String> = texts.flat_map(words).collect();
        used.extend(spec.agg.iter().flat_map(|call| call.fields().to_vec()));
        let by = spec.by.iter().chain(spec.dedup.as_ref().map(|dedup| &dedup.field)).map(String::as_str);
        let by: Vec<&str> = by.chain(spec.steps.iter().filter_map(Step::key_field)).collect();
        let labels = by.iter().filter(|name| !used.contains(**name)).map(|name| (*name).to_owned()).collect();
        used.extend(by.into_iter().map(str::to_owned));
        Self { time: spec.time.clone(), used, labels }
    }

    /// Takes away what is not used, once the time is known, and makes text of what is only grouped by.
    fn prepare(&mut self, chunk: &mut Chunk) {
        if self.time.is_none() {
            let is_time = |name: &&String| TIME_NAMES.iter().any(|time| name.eq_ignore_ascii_case(time));
            self.time = chunk.names.iter().find(is_time).cloned();
        }
        for (at, name) in chunk.names.iter().enumerate() {
            let is_used = self.time.as_ref().is_none_or(|time| time == name) || self.used.contains(name);
            let is_label = self.labels.contains(name);
            for cell in chunk.rows.iter_mut().filter_map(|row| row.cells.get_mut(at)) {
                match std::mem::replace(cell, Cell::Missing) {
                    _ if !is_used => {}
                    Cell::Untyped(text) if is_label => *cell = Cell::Text(text),
                    Cell::Int(number) if is_label => *cell = Cell::Text(number.to_string()),
                    Cell::Float(number) if is_label => *cell = Cell::Text(number.to_string()),
                    other => *cell = other,
                }
            }
        }
    }
}

/// A text input.
pub(crate) struct TextSource {
    name: String,
    /// Whether its first line names all fields.
    has_header: bool,
    fields: Fields,
    rows: Rows,
    intake: Intake,
    rejections: Rejections,
    /// Every name in the text so far.
    names: Vec<String>,
    batch: Batch,
}

enum Rows {
    /// Row by row. The reader's first line is the text's line `lines` + 1; `then` reads on after it.
    Slow { reader: TextReader<Box<dyn BufRead>>, lines: u64, then: Option<Box<FastCsv>> },
    /// Plain CSV, following this schema.
    Fast(Box<FastCsv>, Schema),
}

fn slow(format: Format, read: impl BufRead + 'static, lines: u64) -> Rows {
    Rows::Slow { reader: TextReader::new(format, Box::new(read)), lines, then: None }
}

/// The head of a CSV by the row, to infer types from; the rest at speed if it looks plain.
fn csv_rows(mut read: Counted) -> io::Result<Rows> {
    let mut head = Vec::new();
    let whole_lines = |head: &[u8]| memchr::memrchr(b'\n', head).map_or(0, |last| last + 1);
    let has_row = |head: &[u8]| {
        let rows = head[..whole_lines(head)].iter().skip_while(|byte| **byte != b'\n');
        rows.copied().any(|byte| !matches!(byte, b'\r' | b'\n'))
    };
    loop {
        let before = head.len();
        head.resize(before + HEAD_BYTES, 0);
        let count = read.read(&mut head[before..])?;
        head.truncate(before + count);
        if count == 0 || has_row(&head) || head.len() > MAX_LINE_BYTES {
            break;
        }
    }
    if head.contains(&b'"') || !has_row(&head) {
        return Ok(slow(Format::Csv, Cursor::new(head).chain(read), 0));
    }
    let rest = head.split_off(whole_lines(&head));
    let line = memchr::memchr_iter(b'\n', &head).count() as u64 + 1;
    let then = Some(Box::new(FastCsv::new(read, rest, line)));
    Ok(Rows::Slow { reader: TextReader::new(Format::Csv, Box::new(Cursor::new(head))), lines: 0, then })
}

impl TextSource {
    /// Starts reading.
    ///
    /// # Errors
    /// [`Failure::Data`] naming the input.
    pub(crate) fn new(input: Input, fields: Fields, progress: &Progress) -> Result<Self, Failure> {
        let Input { name, format, read, .. } = input;
        let read = Counted { read, progress: progress.clone() };
        let rows = match format {
            Format::Csv => csv_rows(read).map_err(|error| Failure::file("read", &name, &error))?,
            _ => slow(format, read, 0),
        };
        let intake = fields.time.clone().map_or_else(Intake::inferred, Intake::with_time);
        let rejections = Rejections::new(progress.clone());
        let has_header = format == Format::Csv;
        Ok(Self {
            name,
            has_header,
            fields,
            rows,
            intake,
            rejections,
            names: Vec::new(),
            batch: Batch::default(),
        })
    }

    pub(super) fn schema(&self) -> Schema {
        let time = || TimeField { name: "time".to_owned(), source: TimeSource::Event };
        let mut schema = self.intake.schema().cloned().unwrap_or_else(|| Schema::new(time(), Vec::new()));
        for name in &self.names {
            if *name != schema.time.name && schema.index_of(name).is_none() {
                schema.fields.push(Field::new(name.clone(), FieldType::Text));
            }
        }
        schema
    }

    pub(super) fn finish(&self) -> u64 {
        self.rejections.finish()
    }

    pub(super) fn read_on(&mut self) -> Result<bool, Failure> {
        while self.step()? {
            if !self.batch().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn batch(&self) -> &Batch {
        match &self.rows {
            Rows::Fast(fast, _) if self.batch.is_empty() => fast.batch(),
            _ => &self.batch,
        }
    }

    /// Reads a little, which may bring nothing; false at the end.
    fn step(&mut self) -> Result<bool, Failure> {
        let unreadable = |error: io::Error| Failure::file("read", &self.name, &error);
        self.batch = Batch::default();
        match &mut self.rows {
            Rows::Slow { reader, lines, then } => {
                let lines = *lines;
                match reader.next_chunk(CHUNK_ROWS).map_err(unreadable)? {
                    Some(chunk) => self.take(chunk, lines)?,
                    None => match then.take() {
                        Some(fast) => self.turn_fast(fast),
                        None => return Ok(false),
                    },
                }
            }
            Rows::Fast(fast, _) => match fast.next().map_err(unreadable)? {
                Next::Batch => {}
                Next::End => return Ok(false),
                Next::NotPlain => self.turn_slow(),
                Next::Odd(row, line) => {
                    let text = [header(&self.names), row].concat();
                    let mut reader = TextReader::new(Format::Csv, Cursor::new(text));
                    // The header is line 1, the row line 2.
                    if let Some(chunk) = reader.next_chunk(1).map_err(unreadable)? {
                        self.take(chunk, line.saturating_sub(2))?;
                    }
                }
            },
        }
        Ok(true)
    }

    /// Goes on at speed, when the head had an event to learn the types from.
    fn turn_fast(&mut self, fast: Box<FastCsv>) {
        let schema = self.intake.schema().cloned();
        let knows_types = schema.is_some();
        let time = TimeField { name: String::new(), source: TimeSource::Event };
        self.rows = Rows::Fast(fast, schema.unwrap_or_else(|| Schema::new(time, Vec::new())));
        if knows_types { self.aim() } else { self.turn_slow() }
    }

    fn aim(&mut self) {
        if let (Rows::Fast(fast, aimed), Some(schema)) = (&mut self.rows, self.intake.schema()) {
            fast.aim(&self.names, schema, |name| self.fields.used.contains(name));
            aimed.clone_from(schema);
        }
    }

    fn turn_slow(&mut self) {
        let none = slow(Format::Csv, io::empty(), 0);
        if let Rows::Fast(fast, _) = std::mem::replace(&mut self.rows, none) {
            let (rest, line) = fast.into_rest();
            self.rows =
                slow(Format::Csv, Cursor::new(header(&self.names)).chain(rest), line.saturating_sub(2));
        }
    }

    /// Types the rows of a chunk whose first line is the text's line `lines` + 1.
    fn take(&mut self, mut chunk: Chunk, lines: u64) -> Result<(), Failure> {
        if let ([], Some(rejection)) = (&chunk.names[..], chunk.rejected.first()) {
            return Err(Failure::Data(format!("{}, {rejection}", self.name)));
        }
        if let (true, Some(time)) = (self.has_header, &self.fields.time)
            && !chunk.names.contains(time)
        {
            let names = chunk.names.join(", ");
            return Err(Failure::Usage(format!(
                "--time: {} has no field {time:?}; it has {names}",
                self.name
            )));
        }
        for rejection in &mut chunk.rejected {
            rejection.line += lines;
        }
        for row in &mut chunk.rows {
            row.line += lines;
        }
        self.names.extend(
            chunk.names.iter().filter(|name| !self.names.contains(name)).cloned().collect::<Vec<_>>(),
        );
        self.fields.prepare(&mut chunk);
        let taken = self.intake.take(chunk, None);
        self.rejections.add(&self.name, &taken.rejected);
        self.batch = taken.batch;
        if matches!(&self.rows, Rows::Fast(_, aimed) if Some(aimed) != self.intake.schema()) {
            self.aim();
        }
        Ok(())
    }
}

/// The header of a CSV with these columns.
fn header(names: &[String]) -> Vec<u8> {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    format!("{}\n", quoted.join(",")).into_bytes()
}
