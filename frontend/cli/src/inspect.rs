//! What a recording holds, stream by stream, and every way in which it is not whole.

use std::collections::BTreeMap;

use serde::Serialize;
use spate_shared::batch::Column;
use spate_shared::recording::{Entry, Recording};
use spate_shared::schema::{Field, FieldType, Schema};
use spate_shared::time::Nanos;
use spate_shared::wire::{DataFrame, ServerFrame, ServerMessage};

/// One stream over the whole recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamReport {
    pub(crate) name: String,
    pub(crate) id: u32,
    /// Epoch of its last data frame.
    pub(crate) epoch: u64,
    /// Times its epoch changed, so that its history was lost.
    pub(crate) resets: u64,
    pub(crate) schema: Schema,
    /// Lowest and next offset of its last epoch.
    pub(crate) offsets: Option<(u64, u64)>,
    /// Earliest and latest event time.
    pub(crate) span: Option<(Nanos, Nanos)>,
    pub(crate) batches: u64,
    pub(crate) events: u64,
    /// Bytes of its data frames.
    pub(crate) bytes: u64,
    /// Holes in its offsets.
    pub(crate) gaps: u64,
    /// Events in those holes.
    pub(crate) missing: u64,
    /// Events whose offset came before.
    pub(crate) duplicates: u64,
    /// Events earlier than the one before.
    pub(crate) backward: u64,
    /// Missing values, by field.
    pub(crate) absent: Vec<u64>,
    last_time: Option<Nanos>,
}

/// Something that should not be in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// Where its entry starts.
    pub(crate) byte: u64,
    pub(crate) what: String,
}

/// All streams, in the order the recording names them, and all faults.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) streams: Vec<StreamReport>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) arrivals: Option<(Nanos, Nanos)>,
    by_id: BTreeMap<u32, usize>,
}

impl Report {
    /// Reads every entry; `progress` hears the bytes of each.
    pub(crate) fn of<B: AsRef<[u8]>>(recording: &Recording<B>, progress: impl Fn(u64)) -> Self {
        let mut report = Self::default();
        let mut starts = Vec::new();
        for entry in recording.entries() {
            report.entry(&entry);
            starts.push((entry.byte, entry.arrival));
            progress(entry.frame.len() as u64);
        }
        for point in recording.index() {
            let stands = starts.binary_search_by_key(&point.byte, |start| start.0);
            if !stands.is_ok_and(|index| starts[index].1 <= point.arrival) {
                report.fault(point.byte, "the index points here, where no entry arrived by then");
            }
        }
        report
    }

    fn fault(&mut self, byte: u64, what: impl Into<String>) {
        self.faults.push(Fault { byte, what: what.into() });
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        let (first, last) = self.arrivals.unwrap_or((entry.arrival, entry.arrival));
        if entry.arrival < last {
            self.fault(entry.byte, "the entry arrived before the one in front of it");
        }
        self.arrivals = Some((first, last.max(entry.arrival)));
        match entry.decode() {
            Ok(ServerFrame::Message(ServerMessage::Catalog { streams })) => {
                for info in streams {
                    self.announce(info);
                }
            }
            Ok(ServerFrame::Message(_)) => {}
            Ok(ServerFrame::Data(frame)) => self.data(entry, &frame),
            Ok(ServerFrame::Selected(_)) => {
                self.fault(entry.byte, "some events of a run, which no recording holds");
            }
            Err(error) => self.fault(entry.byte, error.to_string()),
        }
    }

    fn announce(&mut self, info: spate_shared::catalog::StreamInfo) {
        if let Some(stream) = self.by_id.get(&info.id).and_then(|index| self.streams.get_mut(*index)) {
            stream.absent.resize(info.schema.fields.len(), stream.events);
            stream.schema = info.schema;
            return;
        }
        self.by_id.insert(info.id, self.streams.len());
        self.streams.push(StreamReport {
            name: info.name,
            id: info.id,
            epoch: info.epoch,
            resets: 0,
            absent: vec![0; info.schema.fields.len()],
            schema: info.schema,
            offsets: None,
            span: None,
            batches: 0,
            events: 0,
            bytes: 0,
            gaps: 0,
            missing: 0,
            duplicates: 0,
            backward: 0,
            last_time: None,
        });
    }

    fn data(&mut self, entry: &Entry<'_>, frame: &DataFrame) {
        let index = self.by_id.get(&frame.header.stream).copied();
        let Some(stream) = index.and_then(|index| self.streams.get_mut(index)) else {
            let what = format!("data of stream number {}, which no catalog names", frame.header.stream);
            return self.fault(entry.byte, what);
        };
        stream.count(entry, frame);
        if let Some(what) = mismatch(&stream.schema, frame) {
            let what = format!("stream {:?}: {what}", stream.name);
            self.fault(entry.byte, what);
        }
    }
}

impl StreamReport {
    fn count(&mut self, entry: &Entry<'_>, frame: &DataFrame) {
        let header = &frame.header;
        let rows = u64::from(header.rows);
        self.batches += 1;
        self.events += rows;
        self.bytes += entry.frame.len() as u64;
        if header.epoch != self.epoch && self.batches > 1 {
            self.resets += 1;
            self.offsets = None;
        }
        self.epoch = header.epoch;
        let (oldest, next) = self.offsets.unwrap_or((header.base, header.base));
        if header.base > next {
            self.gaps += 1;
            self.missing += header.base - next;
        }
        self.duplicates += next.saturating_sub(header.base).min(rows);
        self.offsets = Some((oldest.min(header.base), next.max(header.base + rows)));
        for time in &frame.batch.times {
            self.backward += u64::from(self.last_time.is_some_and(|last| *time < last));
            self.last_time = Some(*time);
            let (first, last) = self.span.unwrap_or((*time, *time));
            self.span = Some((first.min(*time), last.max(*time)));
        }
        for (field, absent) in self.absent.iter_mut().enumerate() {
            let column = frame.batch.columns.get(field);
            let is_absent = |row: &usize| !column.is_some_and(|column| column.is_present(*row));
            *absent += (0..frame.batch.len()).filter(is_absent).count() as u64;
        }
    }
}

/// How a frame differs from the schema announced before it. One of an earlier version may lack fields and have
/// integers where there are now numbers.
fn mismatch(schema: &Schema, frame: &DataFrame) -> Option<String> {
    let (version, known) = (frame.header.schema, schema.version);
    if version > known {
        return Some(format!("a batch follows schema version {version}, the version announced is {known}"));
    }
    let is_earlier = version < known;
    let (columns, fields) = (frame.batch.columns.len(), schema.fields.len());
    if columns > fields || (columns < fields && !is_earlier) {
        return Some(format!("a batch has {columns} columns, its schema {fields} fields"));
    }
    let differs = |(field, column): &(&Field, &Column)| {
        let types = (column.values.ty(), field.ty);
        types.0 != types.1 && !(is_earlier && types == (FieldType::I64, FieldType::F64))
    };
    let (field, column) = schema.fields.iter().zip(&frame.batch.columns).find(differs)?;
    Some(format!("field {:?} is {}, its column {}", field.name, field.ty.name(), column.values.ty().name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::batch::Batch;
    use spate_shared::schema::{TimeField, TimeSource};
    use spate_shared::wire::DataHeader;

    /// What is wrong with a batch of these columns under version 2: a number and a category.
    #[track_caller]
    fn check(version: u16, columns: &[FieldType], expected: Option<&str>) {
        let fields = vec![Field::new("value", FieldType::F64), Field::new("zone", FieldType::Category)];
        let time = TimeField { name: "time".into(), source: TimeSource::Event };
        let schema = Schema { version: 2, ..Schema::new(time, fields) };
        let columns = columns.iter().map(|ty| Column::empty(*ty)).collect();
        let header = DataHeader { stream: 0, schema: version, epoch: 1, base: 0, rows: 0, sealed: 0 };
        let frame = DataFrame { header, batch: Batch { times: Vec::new(), columns } };
        assert_eq!(mismatch(&schema, &frame).as_deref(), expected);
    }

    #[test]
    fn a_batch_of_an_earlier_schema_may_have_less_but_nothing_else() {
        use FieldType::{Category, F64, I64, Text};
        check(2, &[F64, Category], None);
        check(1, &[F64, Category], None);
        check(1, &[I64], None);
        check(1, &[Text], Some("field \"value\" is f64, its column text"));
        check(1, &[F64, Category, F64], Some("a batch has 3 columns, its schema 2 fields"));
        check(2, &[F64], Some("a batch has 1 columns, its schema 2 fields"));
        check(2, &[I64, Category], Some("field \"value\" is f64, its column i64"));
        check(3, &[F64, Category], Some("a batch follows schema version 3, the version announced is 2"));
    }
}
