//! Where rejected events go: the stream `spate.rejected`, made on the first rejection.

use std::sync::Arc;

use spate_shared::batch::{Batch, Column, Values, intern};
use spate_shared::schema::{Field, FieldType, Role, Schema, TimeField, TimeSource};
use spate_shared::text::{Format, Rejection};
use spate_shared::time::Nanos;

use crate::log::{CreateError, Stream, Streams};

/// Name of the dead-letter stream.
pub const DEAD_LETTERS: &str = "spate.rejected";
/// Most bytes of a rejected row that are kept.
pub const RAW_BYTES: usize = 1 << 10;

/// Writes the dead-letter stream.
pub(super) struct DeadLetters {
    streams: Arc<Streams>,
}

impl DeadLetters {
    pub(super) fn new(streams: Arc<Streams>) -> Self {
        Self { streams }
    }

    /// Keeps rejections of one stream; `raws[i]` is the text of `rejected[i]`, if it is known.
    pub(super) fn keep(&self, stream: &str, rejected: &[Rejection], raws: &[Option<String>], now: Nanos) {
        if rejected.is_empty() {
            return;
        }
        match self.log() {
            Ok(log) => {
                if let Err(error) = log.publish(&schema(), batch(stream, rejected, raws, now), now) {
                    tracing::warn!(%error, count = rejected.len(), stream, "rejected events are not kept");
                }
            }
            Err(error) => {
                tracing::warn!(%error, count = rejected.len(), stream, "rejected events are not kept");
            }
        }
    }

    fn log(&self) -> Result<Arc<Stream>, CreateError> {
        if let Some(log) = self.streams.get(DEAD_LETTERS) {
            return Ok(log);
        }
        match self.streams.declare(DEAD_LETTERS, schema()) {
            Err(CreateError::Exists(name)) => self.streams.get(&name).ok_or(CreateError::Exists(name)),
            created => created,
        }
    }
}

fn schema() -> Schema {
    Schema::new(
        TimeField { name: "time".to_owned(), source: TimeSource::Arrival },
        vec![
            Field::new("stream", FieldType::Category),
            Field { role: Role::Text, ..Field::new("line", FieldType::I64) },
            Field::new("field", FieldType::Category),
            Field::new("reason", FieldType::Text),
            Field::new("raw", FieldType::Text),
        ],
    )
}

fn batch(stream: &str, rejected: &[Rejection], raws: &[Option<String>], now: Nanos) -> Batch {
    let present = |values| Column { values, validity: None };
    let streams = Values::Category { dictionary: vec![stream.to_owned()], codes: vec![0; rejected.len()] };
    let lines = Values::I64(rejected.iter().map(|rejection| rejection.line as i64).collect());
    let reasons = Values::Text(rejected.iter().map(|rejection| &rejection.reason).collect());
    let mut fields = Column::empty(FieldType::Category);
    let mut texts = Column::empty(FieldType::Text);
    for (rejection, raw) in rejected.iter().zip(raws) {
        push(&mut fields, rejection.field.as_deref());
        push(&mut texts, raw.as_deref());
    }
    Batch {
        times: vec![now; rejected.len()],
        columns: vec![present(streams), present(lines), fields, present(reasons), texts],
    }
}

fn push(column: &mut Column, text: Option<&str>) {
    match (&mut column.values, text) {
        (Values::Category { dictionary, codes }, Some(text)) => codes.push(intern(dictionary, text)),
        (Values::Text(values), Some(text)) => values.push(text),
        _ => return column.push_missing(),
    }
    column.mark_present();
}

type Lines<'a> = std::iter::Enumerate<std::slice::Split<'a, u8, fn(&u8) -> bool>>;

/// Finds lines by number, in rising order, in one pass over the text.
pub(super) struct RawLines<'a> {
    lines: Option<Lines<'a>>,
    last: Option<(u64, &'a [u8])>,
}

impl<'a> RawLines<'a> {
    /// A JSON array has no lines of its own, so nothing is found in one.
    pub(super) fn new(format: Format, text: &'a [u8]) -> Self {
        let newline: fn(&u8) -> bool = |byte| *byte == b'\n';
        let lines = (format != Format::Json).then(|| text.split(newline).enumerate());
        Self { lines, last: None }
    }

    /// Line `number`, from 1, cut to [`RAW_BYTES`], with U+FFFD for what is not UTF-8.
    pub(super) fn line(&mut self, number: u64) -> Option<String> {
        while self.last.is_none_or(|(at, _)| at < number) {
            let (index, line) = self.lines.as_mut()?.next()?;
            self.last = Some((index as u64 + 1, line));
        }
        let (_, line) = self.last.filter(|(at, _)| *at == number)?;
        Some(cut(line))
    }
}

fn cut(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(RAW_BYTES)]);
    let text = text.trim_end_matches('\r');
    let mut end = text.len().min(RAW_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_lines_are_found_in_rising_order() {
        let mut lines = RawLines::new(Format::Ndjson, b"a\r\nb\nc\n\xff");
        assert_eq!(lines.line(1).as_deref(), Some("a"));
        assert_eq!(lines.line(3).as_deref(), Some("c"));
        assert_eq!(lines.line(3).as_deref(), Some("c"));
        assert_eq!(lines.line(4).as_deref(), Some("\u{fffd}"));
        assert_eq!(lines.line(5), None);
    }

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        let line = "ä".repeat(2_000);
        let kept = RawLines::new(Format::Csv, line.as_bytes()).line(1).unwrap();
        assert_eq!(kept, "ä".repeat(RAW_BYTES / 2));
        let odd = format!("x{line}");
        assert!(RawLines::new(Format::Csv, odd.as_bytes()).line(1).unwrap().len() <= RAW_BYTES);
    }
}
