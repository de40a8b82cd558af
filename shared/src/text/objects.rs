//! NDJSON and JSON into rows: one object is one row, nested objects flatten to `outer.inner`.

use std::io::{self, BufRead, Read as _};

use serde_json::Value;

use super::names::Names;
use super::{Chunk, MAX_LINE_BYTES, Row, clip_name, object, trim_bom};

/// One object a line.
pub(super) struct Lines<R: BufRead> {
    reader: R,
    line: u64,
    bytes: Vec<u8>,
    names: Names,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: 0, bytes: Vec::new(), names: Names::default() }
    }

    pub(super) fn read(&mut self, max_rows: usize, chunk: &mut Chunk) -> io::Result<()> {
        while chunk.len() < max_rows {
            self.bytes.clear();
            let mut limited = self.reader.by_ref().take(MAX_LINE_BYTES as u64 + 1);
            if limited.read_until(b'\n', &mut self.bytes)? == 0 {
                break;
            }
            self.line += 1;
            if self.bytes.len() > MAX_LINE_BYTES && self.bytes.last() != Some(&b'\n') {
                let reason = format!("line is longer than {MAX_LINE_BYTES} bytes; split the event");
                chunk.reject(self.line, None, reason);
                skip_line(&mut self.reader)?;
                continue;
            }
            let text = trim_bom(&self.bytes).trim_ascii();
            if !text.is_empty() {
                line_row(text, self.line, &mut self.names, chunk);
            }
        }
        chunk.names = self.names.list().to_vec();
        Ok(())
    }
}

fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let newline = buffer.iter().position(|byte| *byte == b'\n');
        let used = newline.map_or(buffer.len(), |at| at + 1);
        let done = newline.is_some() || buffer.is_empty();
        reader.consume(used);
        if done {
            return Ok(());
        }
    }
}

fn line_row(text: &[u8], line: u64, names: &mut Names, chunk: &mut Chunk) {
    match object::read(text, names) {
        Ok(Ok(cells)) => chunk.rows.push(Row { line, cells }),
        Ok(Err((field, reason))) => chunk.reject(line, field.as_deref().map(clip_name), reason),
        Err(error) => chunk.reject(line, None, not_json(text, &error)),
    }
}

fn not_json(text: &[u8], error: &serde_json::Error) -> String {
    match std::str::from_utf8(text) {
        Err(utf8) => format!("not UTF-8 after {} bytes; save the text as UTF-8", utf8.valid_up_to()),
        Ok(_) => format!("not JSON: {error}"),
    }
}

/// The elements of one array, or one object.
pub(super) struct Document<R: BufRead> {
    read: Option<R>,
    elements: std::iter::Zip<std::vec::IntoIter<Value>, std::ops::RangeFrom<u64>>,
    names: Names,
}

impl<R: BufRead> Document<R> {
    pub(super) fn new(read: R) -> Self {
        Self { read: Some(read), elements: Vec::new().into_iter().zip(1..), names: Names::default() }
    }

    pub(super) fn read(&mut self, max_rows: usize, chunk: &mut Chunk) -> io::Result<()> {
        if let Some(read) = self.read.take() {
            self.elements = elements(read, chunk)?.into_iter().zip(1..);
        }
        while chunk.len() < max_rows
            && let Some((element, line)) = self.elements.next()
        {
            if element.is_object() {
                object_row(&element, line, &mut self.names, chunk);
            } else {
                chunk.reject(line, None, "array element is not an object");
            }
        }
        chunk.names = self.names.list().to_vec();
        Ok(())
    }
}

fn elements(mut read: impl BufRead, chunk: &mut Chunk) -> io::Result<Vec<Value>> {
    let mut bytes = Vec::new();
    read.read_to_end(&mut bytes)?;
    let text = trim_bom(&bytes);
    if text.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    match serde_json::from_slice::<Value>(text) {
        Ok(Value::Array(elements)) => return Ok(elements),
        Ok(object @ Value::Object(_)) => return Ok(vec![object]),
        Ok(_) => chunk.reject(1, None, "expected an array of objects, or one object"),
        Err(error) => chunk.reject(error.line() as u64, None, not_json(text, &error)),
    }
    Ok(Vec::new())
}

/// An element that was parsed already: JSON has no lines to read one at a time.
fn object_row(object: &Value, line: u64, names: &mut Names, chunk: &mut Chunk) {
    match object::from_value(object, names) {
        Ok(cells) => chunk.rows.push(Row { line, cells }),
        Err((field, reason)) => chunk.reject(line, field.as_deref().map(clip_name), reason),
    }
}
