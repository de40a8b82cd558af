//! The formats of history: one line in [`FORMATS`], one encoder each.

use std::io;

use spate_shared::arrow;
use spate_shared::batch::{Batch, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{self, Metadata};
use spate_shared::schema::Schema;
use spate_shared::time;
use spate_shared::wire::DataFrame;

/// A format of history.
pub struct FormatKind {
    /// Its name in `format=`, and the extension of a file.
    pub name: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// One line for people.
    pub doc: &'static str,
    /// Begins an answer.
    pub(super) encoder: fn(&StreamInfo) -> io::Result<Box<dyn Encoder>>,
}

/// All formats; the first is given when nothing is asked for.
pub const FORMATS: &[FormatKind] = &[
    FormatKind {
        name: "ndjson",
        content_type: "application/x-ndjson",
        doc: "one JSON object a line; missing values are left out",
        encoder: |info| Ok(Box::new(Ndjson { schema: info.schema.clone(), out: Vec::new() })),
    },
    FormatKind {
        name: "csv",
        content_type: "text/csv; charset=utf-8",
        doc: "a header and a row for each event; missing values are empty",
        encoder: |info| Ok(Box::new(Csv::new(info.schema.clone())?)),
    },
    FormatKind {
        name: "arrow",
        content_type: arrow::CONTENT_TYPE,
        doc: "an Arrow IPC stream: nulls, dictionaries, times in nanoseconds",
        encoder: |info| Ok(Box::new(Arrow(arrow::Writer::new(Vec::new(), &info.schema)?))),
    },
    FormatKind {
        name: "spate",
        content_type: "application/vnd.spate.recording",
        doc: "a recording, to play or replay; arrivals are the seal times",
        encoder: |info| Ok(Box::new(Spate::new(info)?)),
    },
];

/// Turns frames into bytes; what was written so far is taken away with [`Encoder::take`].
pub(super) trait Encoder: Send {
    /// Writes some events of the stream.
    fn frame(&mut self, frame: DataFrame) -> io::Result<()>;
    /// Writes what comes after the last event.
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
    /// What was written and not taken yet.
    fn take(&mut self) -> Vec<u8>;
}

struct Ndjson {
    schema: Schema,
    out: Vec<u8>,
}

impl Encoder for Ndjson {
    fn frame(&mut self, frame: DataFrame) -> io::Result<()> {
        let batch = frame.batch.fit(&self.schema);
        for row in 0..batch.len() {
            serde_json::to_writer(&mut self.out, &batch.event_json(&self.schema, row))?;
            self.out.push(b'\n');
        }
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

struct Csv {
    schema: Schema,
    out: Vec<u8>,
}

impl Csv {
    fn new(schema: Schema) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let names = schema.fields.iter().map(|field| &field.name);
        writer.write_record(std::iter::once(&schema.time.name).chain(names))?;
        let out = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(Self { schema, out })
    }

    fn rows(batch: &Batch) -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in 0..batch.len() {
            writer.write_field(time::format(batch.times[row]))?;
            for column in &batch.columns {
                match &column.values {
                    _ if !column.is_present(row) => writer.write_field("")?,
                    Values::F64(values) => writer.write_field(values[row].to_string())?,
                    Values::I64(values) => writer.write_field(values[row].to_string())?,
                    Values::Timestamp(values) => writer.write_field(time::format(values[row]))?,
                    Values::Bool(_) | Values::Category { .. } | Values::Text(_) => {
                        writer.write_field(column.text(row).unwrap_or_default())?;
                    }
                }
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

impl Encoder for Csv {
    fn frame(&mut self, frame: DataFrame) -> io::Result<()> {
        let rows = Self::rows(&frame.batch.fit(&self.schema))?;
        self.out.extend_from_slice(&rows);
        Ok(())
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

struct Arrow(arrow::Writer<Vec<u8>>);

impl Encoder for Arrow {
    fn frame(&mut self, frame: DataFrame) -> io::Result<()> {
        self.0.batch(frame.batch)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.end()
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.0.get_mut())
    }
}

struct Spate {
    info: StreamInfo,
    has_catalog: bool,
    writer: recording::Writer<Vec<u8>>,
}

impl Spate {
    fn new(info: &StreamInfo) -> io::Result<Self> {
        let metadata = Metadata { title: info.name.clone(), ..Metadata::default() };
        let writer = recording::Writer::new(Vec::new(), &metadata)?;
        Ok(Self { info: info.clone(), has_catalog: false, writer })
    }

    /// The catalog arrives with the first events.
    fn catalog(&mut self, arrival: time::Nanos) -> io::Result<()> {
        if std::mem::replace(&mut self.has_catalog, true) {
            return Ok(());
        }
        self.writer.catalog(arrival, std::slice::from_ref(&self.info))
    }
}

impl Encoder for Spate {
    fn frame(&mut self, frame: DataFrame) -> io::Result<()> {
        self.catalog(frame.header.sealed)?;
        let (mut header, batch) = (frame.header, frame.batch.fit(&self.info.schema));
        header.schema = self.info.schema.version;
        self.writer.data(header.sealed, &DataFrame { header, batch })
    }

    fn finish(&mut self) -> io::Result<()> {
        self.catalog(0)?;
        self.writer.end()
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.get_mut())
    }
}
