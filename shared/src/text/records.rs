//! CSV into records, each of bounded size.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter, memchr2};

use super::names::Names;
use super::{Cell, Chunk, MAX_LINE_BYTES, Row};

/// CSV rows under a header.
pub(super) struct CsvRows<R: BufRead> {
    records: Records<R>,
    header: Header,
}

enum Header {
    Unread,
    Read(Names),
    /// No row can be told from the header.
    Refused,
}

impl<R: BufRead> CsvRows<R> {
    pub(super) fn new(read: R) -> Self {
        Self { records: Records::new(read), header: Header::Unread }
    }

    pub(super) fn read(&mut self, max_rows: usize, chunk: &mut Chunk) -> io::Result<()> {
        if matches!(self.header, Header::Unread)
            && let Some(found) = self.records.next()?
        {
            self.header = header(&self.records, found, chunk);
        }
        let Header::Read(names) = &self.header else { return Ok(()) };
        while chunk.len() < max_rows
            && let Some(found) = self.records.next()?
        {
            if found.too_long {
                chunk.reject(found.line, None, format!("row is {TOO_LONG}"));
            } else {
                row(&self.records, names.list(), found.line, chunk);
            }
        }
        chunk.names = names.list().to_vec();
        Ok(())
    }
}

const TOO_LONG: &str = "longer than 1 MiB; is a quote left open?";

fn header<R: BufRead>(records: &Records<R>, found: Found, chunk: &mut Chunk) -> Header {
    if found.too_long {
        chunk.reject(found.line, None, format!("header is {TOO_LONG}"));
        return Header::Refused;
    }
    let mut names = Names::default();
    for (field, known) in records.fields().zip(0..) {
        let name = String::from_utf8_lossy(super::trim_bom(field));
        let name = name.trim();
        match names.index_of(name) {
            Some(index) if index == known => {}
            refused => {
                let reason = match refused {
                    Some(_) => "the header names this column twice; rename one, no row was read".to_owned(),
                    None => format!("the header has more than {known} columns, no row was read"),
                };
                chunk.reject(found.line, Some(super::clip_name(name)), reason);
                return Header::Refused;
            }
        }
    }
    Header::Read(names)
}

fn row<R: BufRead>(records: &Records<R>, names: &[String], line: u64, chunk: &mut Chunk) {
    if records.len() != names.len() {
        let reason = format!("row has {} columns, the header has {}", records.len(), names.len());
        let at_fault = records.len().min(names.len().saturating_sub(1));
        return chunk.reject(line, names.get(at_fault).cloned(), reason);
    }
    let mut cells = Vec::with_capacity(names.len());
    for (bytes, name) in records.fields().zip(names) {
        match std::str::from_utf8(bytes).map(str::trim) {
            Ok("") => cells.push(Cell::Missing),
            Ok(text) => cells.push(Cell::Untyped(text.to_owned())),
            Err(error) => {
                let reason = format!("not UTF-8 after {} bytes; save the file as UTF-8", error.valid_up_to());
                return chunk.reject(line, Some(name.clone()), reason);
            }
        }
    }
    chunk.rows.push(Row { line, cells });
}

/// Bytes and fields that the parser has room for at first.
const ROOM: (usize, usize) = (1 << 10, 64);

/// Records of fields; holds one record of at most [`MAX_LINE_BYTES`] and reads past a longer one.
struct Records<R: BufRead> {
    source: R,
    /// For records that have quotes or do not end in the buffer; made when the first one comes, since its table takes longer
    /// to make than a short text to read.
    parser: Option<Box<csv_core::Reader>>,
    /// Of the next byte, from 1.
    line: u64,
    bytes: Vec<u8>,
    /// Where each field of the record ends in `bytes`.
    ends: Vec<usize>,
    /// How many of `ends` the record has.
    count: usize,
}

/// A record was read.
#[derive(Clone, Copy)]
struct Found {
    /// The line it begins on.
    line: u64,
    /// Its fields were not kept.
    too_long: bool,
}

impl<R: BufRead> Records<R> {
    fn new(source: R) -> Self {
        Self { source, parser: None, line: 1, bytes: Vec::new(), ends: Vec::new(), count: 0 }
    }

    /// Fields of the record that was found.
    fn len(&self) -> usize {
        self.count
    }

    /// The fields of the record that was found.
    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends[..self.count].iter().map(move |end| &self.bytes[std::mem::replace(&mut start, *end)..*end])
    }

    fn next(&mut self) -> io::Result<Option<Found>> {
        self.skip_line_ends()?;
        let line = self.line;
        if self.is_plain()? {
            return Ok(Some(Found { line, too_long: false }));
        }
        if self.source.fill_buf()?.is_empty() {
            return Ok(None);
        }
        // Not `default()`, which has no transitions.
        let parser = self.parser.get_or_insert_with(|| Box::new(csv_core::Reader::new()));
        self.bytes.resize(self.bytes.len().max(ROOM.0), 0);
        self.ends.resize(self.ends.len().max(ROOM.1), 0);
        let (mut used, mut wrote, mut ended) = (0, 0, 0);
        loop {
            let input = self.source.fill_buf()?;
            let line_before = parser.line();
            let (result, read, bytes, ends) =
                parser.read_record(input, &mut self.bytes[wrote..], &mut self.ends[ended..]);
            self.line += parser.line() - line_before;
            self.source.consume(read);
            used += read;
            (wrote, ended) = (wrote + bytes, ended + ends);
            let too_long = used > MAX_LINE_BYTES;
            if too_long {
                (wrote, ended) = (0, 0);
            }
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if wrote == 0 => {}
                ReadRecordResult::OutputFull => self.bytes.resize(self.bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if ended == 0 => {}
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.count = ended;
                    return Ok(Some(Found { line, too_long }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Takes the next record if it is short, has no quotes and the buffer holds it to its end, as nearly all are.
    fn is_plain(&mut self) -> io::Result<bool> {
        let input = self.source.fill_buf()?;
        let end = memchr2(b'\n', b'\r', input);
        let is_plain = |text: &&[u8]| text.len() <= MAX_LINE_BYTES && memchr(b'"', text).is_none();
        let Some(text) = end.map(|end| &input[..end]).filter(is_plain) else { return Ok(false) };
        self.bytes.resize(self.bytes.len().max(text.len()), 0);
        self.ends.clear();
        let (mut start, mut wrote) = (0, 0);
        for end in memchr_iter(b',', text).chain([text.len()]) {
            self.bytes[wrote..wrote + end - start].copy_from_slice(&text[start..end]);
            wrote += end - start;
            self.ends.push(wrote);
            start = end + 1;
        }
        self.count = self.ends.len();
        let used = text.len();
        self.source.consume(used);
        Ok(true)
    }

    /// Skips blank lines and what is left of a CRLF, so that a record's line is the one it begins on.
    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            let input = self.source.fill_buf()?;
            let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank == 0 {
                return Ok(());
            }
            self.line += input[..blank].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            self.source.consume(blank);
        }
    }
}
