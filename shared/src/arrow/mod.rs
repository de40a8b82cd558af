//! Events as an Arrow IPC stream, which pandas, Polars and R read as it is.
//!
//! The first column is the time, then one per field: `f64` and `i64` as such, `bool`, `category` as a dictionary of
//! 32-bit codes, `text` as UTF-8, times as nanoseconds in UTC. A missing value is null. The role and unit of a field are
//! its custom metadata. The dictionary of a batch replaces the one before it where it is another.
//!
//! Ours rather than the `arrow-ipc` crate, because the browser exports too: that crate is 268 KB of compressed wasm.
//! `tests/contract/arrow.rs` has it read back what is written here.
//!
//! # Source
//! <https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format>

mod body;
mod flat;
mod message;

use std::io::{self, Write};

use crate::batch::{Batch, Values};
use crate::schema::Schema;
use body::Body;

/// Its media type.
pub const CONTENT_TYPE: &str = "application/vnd.apache.arrow.stream";

/// Begins every message.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// Writes batches of one schema, or of earlier versions of it.
///
/// ```
/// use spate_shared::{arrow, batch::Batch, schema::{Schema, TimeField, TimeSource}};
/// let schema = Schema::new(TimeField { name: "time".into(), source: TimeSource::Event }, Vec::new());
/// let mut writer = arrow::Writer::new(Vec::new(), &schema)?;
/// writer.batch(Batch { times: vec![0, 1], columns: Vec::new() })?;
/// let bytes: Vec<u8> = writer.finish()?;
/// # assert_eq!(bytes[..4], [0xff; 4]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Writer<W: Write> {
    out: W,
    schema: Schema,
    /// The dictionary that a reader holds for each field; `None` before the first.
    dictionaries: Vec<Option<Vec<String>>>,
}

impl<W: Write> Writer<W> {
    /// Writes the schema.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn new(mut out: W, schema: &Schema) -> io::Result<Self> {
        put(&mut out, &message::schema(schema), &[])?;
        Ok(Self { out, schema: schema.clone(), dictionaries: vec![None; schema.fields.len()] })
    }

    /// Writes events, which follow the schema or an earlier version of it. The texts of one batch take less than 2 GiB.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn batch(&mut self, batch: Batch) -> io::Result<()> {
        let batch = batch.fit(&self.schema);
        for (index, column) in batch.columns.iter().enumerate() {
            let Values::Category { dictionary, .. } = &column.values else { continue };
            let known = &mut self.dictionaries[index];
            if known.as_ref() == Some(dictionary) {
                continue;
            }
            let body = Body::of_dictionary(dictionary);
            put(&mut self.out, &message::dictionary(index as i64, dictionary.len(), &body), &body.bytes)?;
            *known = Some(dictionary.clone());
        }
        let body = Body::of_batch(&batch);
        put(&mut self.out, &message::batch(batch.len(), &body), &body.bytes)
    }

    /// What is written to, for what was written so far to be sent on.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Ends the stream: nothing may be written after it.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn end(&mut self) -> io::Result<()> {
        self.out.write_all(&CONTINUATION)?;
        self.out.write_all(&[0; 4])
    }

    /// Ends the stream and gives the writer back.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn finish(mut self) -> io::Result<W> {
        self.end()?;
        Ok(self.out)
    }
}

/// One message: a head, `FlatBuffers` whose length is a multiple of eight, the body.
fn put(out: &mut impl Write, metadata: &[u8], body: &[u8]) -> io::Result<()> {
    out.write_all(&CONTINUATION)?;
    out.write_all(&(metadata.len() as u32).to_le_bytes())?;
    out.write_all(metadata)?;
    out.write_all(body)
}
