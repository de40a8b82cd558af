//! What the Arrow writer writes, the `arrow-ipc` crate reads back, value by value.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{DataType, TimeUnit};
use proptest::prelude::*;
use spate_shared::arrow::Writer;
use spate_shared::batch::{Batch, Values};
use spate_shared::schema::{FieldType, Role, Schema};

use super::batches::schema_and_batch;
use super::{cases, samples};

/// Writes batches and gives what the oracle reads, checked against what went in.
fn check(schema: &Schema, batches: &[Batch]) -> Vec<RecordBatch> {
    let mut writer = Writer::new(Vec::new(), schema).expect("a Vec takes all");
    for batch in batches {
        writer.batch(batch.clone()).expect("a Vec takes all");
    }
    let bytes = writer.finish().expect("a Vec takes all");
    let reader = StreamReader::try_new(&bytes[..], None).expect("a schema");
    check_schema(schema, &reader.schema());
    let read: Vec<RecordBatch> = reader.map(|batch| batch.expect("a batch")).collect();
    assert_eq!(read.len(), batches.len());
    for (batch, read) in batches.iter().zip(&read) {
        check_batch(&batch.clone().fit(schema), read);
    }
    read
}

fn check_schema(schema: &Schema, read: &arrow_schema::Schema) {
    let time = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    assert_eq!(read.fields().len(), 1 + schema.fields.len());
    assert_eq!((read.field(0).name(), read.field(0).data_type()), (&schema.time.name, &time));
    assert!(!read.field(0).is_nullable());
    for (field, read) in schema.fields.iter().zip(read.fields().iter().skip(1)) {
        let ty = match field.ty {
            FieldType::F64 => DataType::Float64,
            FieldType::I64 => DataType::Int64,
            FieldType::Bool => DataType::Boolean,
            FieldType::Category => DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into()),
            FieldType::Text => DataType::Utf8,
            FieldType::Timestamp => time.clone(),
        };
        assert_eq!((read.name(), read.data_type(), read.is_nullable()), (&field.name, &ty, true));
        assert_eq!(read.metadata().get("unit"), field.unit.as_ref());
        let role = serde_json::to_value(field.role).expect("a name");
        assert_eq!(read.metadata().get("role").map(String::as_str), role.as_str());
    }
}

fn check_batch(batch: &Batch, read: &RecordBatch) {
    assert_eq!(read.num_rows(), batch.len());
    assert_eq!(read.column(0).as_primitive::<TimestampNanosecondType>().values(), &batch.times[..]);
    for (column, array) in batch.columns.iter().zip(read.columns().iter().skip(1)) {
        let missing = (0..batch.len()).filter(|row| !column.is_present(*row)).count();
        assert_eq!(array.null_count(), missing);
        for row in (0..batch.len()).filter(|row| column.is_present(*row)) {
            assert!(array.is_valid(row));
            match &column.values {
                Values::F64(values) => {
                    let read = array.as_primitive::<Float64Type>().value(row);
                    assert_eq!(read.to_bits(), values[row].to_bits());
                }
                Values::I64(values) => assert_eq!(array.as_primitive::<Int64Type>().value(row), values[row]),
                Values::Timestamp(values) => {
                    assert_eq!(array.as_primitive::<TimestampNanosecondType>().value(row), values[row]);
                }
                Values::Bool(bits) => assert_eq!(array.as_boolean().value(row), bits.get(row)),
                Values::Text(texts) => assert_eq!(array.as_string::<i32>().value(row), &texts[row]),
                Values::Category { .. } => assert_eq!(Some(category(array, row)), column.text(row)),
            }
        }
    }
}

fn category(array: &dyn Array, row: usize) -> &str {
    let array = array.as_dictionary::<Int32Type>();
    array.values().as_string::<i32>().value(array.keys().value(row) as usize)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_batch_reads_back_bit_for_bit((schema, batch) in schema_and_batch(40), cut in 0usize..40) {
        let cut = cut.min(batch.len());
        check(&schema, &[batch.slice(0..cut), batch.slice(cut..batch.len())]);
    }
}

#[test]
fn a_column_of_every_type_reads_back_with_its_missing_values_and_units() {
    let mut schema = samples::every_type();
    schema.fields[1].role = Role::Dimension;
    check(&schema, &[samples::data().batch]);
}

#[test]
fn a_stream_without_events_is_a_schema_and_an_end() {
    let schema = samples::every_type();
    assert!(check(&schema, &[]).is_empty());
    check(&schema, &[Batch::empty(&schema)]);
}

#[test]
fn a_dictionary_is_written_again_only_when_it_is_another() {
    let schema = samples::every_type();
    let data = samples::data().batch;
    let once = check(&schema, std::slice::from_ref(&data)).len();
    let mut other = data.clone();
    other.columns[3].values = Values::Category { dictionary: vec!["west".into()], codes: vec![0, 0, 0] };
    assert_eq!(once, 1);
    check(&schema, &[data.clone(), other.clone(), data.clone(), data.clone()]);
    let bytes = |batches: &[&Batch]| {
        let mut writer = Writer::new(Vec::new(), &schema).expect("a Vec takes all");
        for batch in batches {
            writer.batch((*batch).clone()).expect("a Vec takes all");
        }
        writer.finish().expect("a Vec takes all").len()
    };
    let (one, two) = (bytes(&[&data]), bytes(&[&data, &data]));
    let alone = two - one;
    assert_eq!(bytes(&[&data, &data, &data]), two + alone);
    assert!(bytes(&[&data, &other, &data]) > two + alone);
}

#[test]
fn an_older_batch_is_brought_up_to_the_schema() {
    let mut older = samples::every_type();
    older.fields.truncate(2);
    let batch = Batch { columns: samples::data().batch.columns[..2].to_vec(), ..samples::data().batch };
    let mut newer = samples::every_type();
    newer.version = 2;
    newer.fields[1].ty = FieldType::F64;
    let read = check(&newer, &[batch]);
    assert_eq!(read[0].column(2).as_primitive::<Float64Type>().value(0), i64::MAX as f64);
    assert_eq!(read[0].column(5).null_count(), 3);
}

#[test]
fn every_body_begins_at_a_multiple_of_eight() {
    let schema = samples::every_type();
    let mut writer = Writer::new(Vec::new(), &schema).expect("a Vec takes all");
    writer.batch(samples::data().batch).expect("a Vec takes all");
    let bytes = writer.finish().expect("a Vec takes all");
    let (mut at, mut messages) = (0, 0);
    while bytes[at + 4..at + 8] != [0; 4] {
        assert_eq!((at % 8, &bytes[at..at + 4]), (0, &[0xff; 4][..]));
        let metadata = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().expect("4 bytes")) as usize;
        let message = arrow_ipc::root_as_message(&bytes[at + 8..at + 8 + metadata]).expect("verified");
        at += 8 + metadata + message.bodyLength() as usize;
        messages += 1;
    }
    assert_eq!((messages, at + 8), (3, bytes.len()), "a schema, a dictionary and a batch, then the end");
}
