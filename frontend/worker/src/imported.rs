//! A text file as a recording in memory, so that everything after is the same.

use std::io::Cursor;

use spate_shared::batch::Batch;
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{Metadata, Recording, Writer};
use spate_shared::schema::Schema;
use spate_shared::text::{Format, Intake, Rejection, TextReader};
use spate_shared::time::Nanos;
use spate_shared::wire::{DataFrame, DataHeader};

use crate::player::OpenError;

/// Events of a text file taken at a time.
const CHUNK_ROWS: usize = 1_024;
/// Rejected rows named one by one.
const REJECTIONS_SHOWN: usize = 5;

/// Turns a text file into a recording, so that everything after is the same.
pub(crate) fn record(
    name: &str,
    format: Format,
    bytes: &[u8],
) -> Result<(Recording<Vec<u8>>, Option<String>), OpenError> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = stem.rsplit(['/', '\\']).next().unwrap_or(stem);
    let mut reader = TextReader::new(format, Cursor::new(bytes));
    let mut intake = Intake::inferred();
    let mut rejected = Rejected::default();
    let mut batches = Vec::new();
    // Reading from memory cannot fail; the end is the end.
    while let Ok(Some(chunk)) = reader.next_chunk(CHUNK_ROWS) {
        let taken = intake.take(chunk, None);
        rejected.extend(taken.rejected);
        if let (Some(schema), false) = (intake.schema(), taken.batch.is_empty()) {
            batches.push((schema.clone(), taken.batch));
        }
    }
    if batches.is_empty() {
        let why = rejected.summary().unwrap_or_else(|| "the file holds no rows".to_owned());
        return Err(OpenError::NoRows(why));
    }
    let recording = write(stem, &batches).and_then(|bytes| Ok(Recording::open(bytes)?))?;
    Ok((recording, rejected.summary()))
}

fn write(stem: &str, batches: &[(Schema, Batch)]) -> Result<Vec<u8>, OpenError> {
    let unwritable = |error: std::io::Error| OpenError::NoRows(error.to_string());
    let metadata = Metadata { title: stem.to_owned(), ..Metadata::default() };
    let mut writer = Writer::new(Vec::new(), &metadata).map_err(unwritable)?;
    let (mut base, mut version, mut arrival) = (0, 0, Nanos::MIN);
    for (schema, batch) in batches {
        arrival = batch.times.first().copied().unwrap_or(arrival).max(arrival);
        if schema.version != version {
            version = schema.version;
            let (oldest, head) = (0, base);
            let info =
                StreamInfo { name: stem.to_owned(), id: 1, epoch: 1, oldest, head, schema: schema.clone() };
            writer.catalog(arrival, &[info]).map_err(unwritable)?;
        }
        let rows = batch.len() as u32;
        let header = DataHeader { stream: 1, schema: version, epoch: 1, base, rows, sealed: arrival };
        base += u64::from(rows);
        writer.data(arrival, &DataFrame { header, batch: batch.clone() }).map_err(unwritable)?;
    }
    Ok(writer.finish().map_err(unwritable)?.0)
}

/// Rows that were not taken: the first few, and how many there are.
#[derive(Default)]
struct Rejected {
    first: Vec<Rejection>,
    count: usize,
}

impl Rejected {
    fn extend(&mut self, rejected: Vec<Rejection>) {
        self.count += rejected.len();
        let room = REJECTIONS_SHOWN - self.first.len();
        self.first.extend(rejected.into_iter().take(room));
    }

    /// For people; `None` when there are none.
    fn summary(&self) -> Option<String> {
        let shown: Vec<String> = self.first.iter().map(ToString::to_string).collect();
        let more = self.count - shown.len();
        let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
        let rows = if self.count == 1 { "row was" } else { "rows were" };
        (self.count > 0).then(|| format!("{} {rows} not taken: {}{rest}", self.count, shown.join("; ")))
    }
}
