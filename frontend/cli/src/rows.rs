//! A text cut into requests: raw rows, and where each stood in its file.

use std::io::{BufRead, Read};

use serde_json::Value;
use spate_shared::text::{Format, MAX_LINE_BYTES, Rejection};

use crate::failure::Failure;
use crate::input::Input;

/// A request is sent when it has this many bytes, whatever its rows.
const BODY_BYTES: usize = 512 << 10;

/// The body of one request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: u64,
    /// Line of the file on which the first row begins.
    pub(crate) begins: u64,
    /// For each line of the body, the line of the file.
    pub(crate) lines: Vec<u64>,
    /// Rows that cannot be sent at all.
    pub(crate) rejected: Vec<Rejection>,
}

impl Body {
    /// The file's line that became this line of the body.
    pub(crate) fn file_line(&self, line: u64) -> u64 {
        let index = usize::try_from(line).unwrap_or(0).saturating_sub(1);
        self.lines.get(index).or(self.lines.last()).copied().unwrap_or(line)
    }

    /// Appends a row that ends in a newline and began at a line of the file.
    fn push(&mut self, row: &[u8], line: u64) {
        self.bytes.extend_from_slice(row);
        let lines = row.split_inclusive(|byte| *byte == b'\n').count();
        self.lines.extend(std::iter::repeat_n(line, lines));
        if self.rows == 0 {
            self.begins = line;
        }
        self.rows += 1;
    }

    fn reject_long(&mut self, line: u64) {
        let reason = format!("row is longer than {MAX_LINE_BYTES} bytes; split the event");
        self.rejected.push(Rejection { line, field: None, reason });
    }

    fn has_room(&self, most: usize) -> bool {
        (self.rows as usize) + self.rejected.len() < most && self.bytes.len() < BODY_BYTES
    }

    fn some(self) -> Option<Self> {
        (self.rows > 0 || !self.rejected.is_empty()).then_some(self)
    }
}

/// The rows of an input.
pub(crate) struct Rows {
    name: String,
    source: Source,
}

enum Source {
    Csv { reader: csv::Reader<Box<dyn BufRead>>, header: Vec<u8> },
    Lines { read: Box<dyn BufRead>, line: u64 },
    Elements(std::iter::Enumerate<std::vec::IntoIter<Value>>),
}

impl Rows {
    /// Starts reading; a JSON array is read whole.
    ///
    /// # Errors
    /// [`Failure::Data`] naming the input.
    pub(crate) fn new(mut input: Input) -> Result<Self, Failure> {
        let source = match input.format {
            Format::Csv => csv_source(input.read, &input.name)?,
            Format::Ndjson => Source::Lines { read: input.read, line: 0 },
            Format::Json => {
                let mut bytes = Vec::new();
                let read = input.read.read_to_end(&mut bytes);
                read.map_err(|error| Failure::file("read", &input.name, &error))?;
                let elements = match serde_json::from_slice::<Value>(&bytes) {
                    Ok(Value::Array(elements)) => elements,
                    Ok(one) => vec![one],
                    Err(error) => return Err(Failure::Data(format!("not JSON: {error}: {:?}", input.name))),
                };
                Source::Elements(elements.into_iter().enumerate())
            }
        };
        Ok(Self { name: input.name, source })
    }

    /// The next request, of at most this many rows; `None` at the end.
    ///
    /// # Errors
    /// What the input gives.
    pub(crate) fn next_body(&mut self, most: usize) -> Result<Option<Body>, Failure> {
        let body = match &mut self.source {
            Source::Csv { reader, header } => csv_body(reader, header, most),
            Source::Lines { read, line } => line_body(read, line, most),
            Source::Elements(elements) => Ok(element_body(elements, most)),
        };
        body.map(Body::some).map_err(|error| Failure::file("read", &self.name, &error))
    }
}

fn csv_source(read: Box<dyn BufRead>, name: &str) -> Result<Source, Failure> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(read);
    let mut record = csv::ByteRecord::new();
    let read = reader.read_byte_record(&mut record).and_then(|_| csv_line(&record));
    let header = read.map_err(|error| Failure::file("read", name, &error.into()))?;
    Ok(Source::Csv { reader, header })
}

fn csv_line(record: &csv::ByteRecord) -> csv::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_byte_record(record)?;
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn csv_body(reader: &mut csv::Reader<Box<dyn BufRead>>, header: &[u8], most: usize) -> std::io::Result<Body> {
    let mut body = Body::default();
    body.push(header, 1);
    body.rows = 0;
    let mut record = csv::ByteRecord::new();
    while body.has_room(most) && reader.read_byte_record(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.as_slice().len() > MAX_LINE_BYTES {
            body.reject_long(line);
        } else {
            body.push(&csv_line(&record)?, line);
        }
    }
    Ok(body)
}

fn line_body(read: &mut Box<dyn BufRead>, line: &mut u64, most: usize) -> std::io::Result<Body> {
    let mut body = Body::default();
    let mut row = Vec::new();
    while body.has_room(most) {
        row.clear();
        if read.by_ref().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut row)? == 0 {
            break;
        }
        *line += 1;
        if row.len() > MAX_LINE_BYTES && row.last() != Some(&b'\n') {
            read.skip_until(b'\n')?;
            body.reject_long(*line);
        } else if !row.trim_ascii().is_empty() {
            if row.last() != Some(&b'\n') {
                row.push(b'\n');
            }
            body.push(&row, *line);
        }
    }
    Ok(body)
}

fn element_body(elements: &mut std::iter::Enumerate<std::vec::IntoIter<Value>>, most: usize) -> Body {
    let mut body = Body::default();
    while body.has_room(most) {
        let Some((index, element)) = elements.next() else { break };
        body.push(format!("{element}\n").as_bytes(), index as u64 + 1);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(format: Format, text: &'static str, most: usize) -> Vec<Body> {
        let input = Input { name: "test".into(), format, bytes: None, read: Box::new(text.as_bytes()) };
        let mut rows = Rows::new(input).unwrap();
        std::iter::from_fn(|| rows.next_body(most).unwrap()).collect()
    }

    #[test]
    fn every_csv_request_has_the_header_and_knows_its_lines() {
        let bodies = bodies(Format::Csv, "t,v\n1,\"a\nb\"\n2,c\n3,d\n", 2);
        let texts: Vec<&str> = bodies.iter().map(|body| std::str::from_utf8(&body.bytes).unwrap()).collect();
        assert_eq!(texts, ["t,v\n1,\"a\nb\"\n2,c\n", "t,v\n3,d\n"]);
        assert_eq!([2, 3, 4].map(|line| bodies[0].file_line(line)), [2, 2, 4]);
        assert_eq!(bodies[1].file_line(2), 5);
    }

    #[test]
    fn blank_lines_are_skipped_and_still_counted() {
        let bodies = bodies(Format::Ndjson, "{\"a\":1}\n\n{\"a\":2}", 10);
        assert_eq!(bodies[0].bytes, b"{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(bodies[0].lines, [1, 3]);
    }

    #[test]
    fn array_elements_become_lines() {
        let bodies = bodies(Format::Json, "[{\"a\":1},\n{\"a\":2}]", 1);
        assert_eq!((bodies.len(), bodies[1].file_line(1)), (2, 2));
    }
}
