//! Any schema and any batch that follows it.

use proptest::collection::vec;
use proptest::prelude::*;
use spate_shared::batch::{Batch, Bitmap, Column, Values};
use spate_shared::schema::{Field, Schema, TimeField, TimeSource};
use spate_shared::wire::{DataFrame, DataHeader};

/// A schema whose fields are named `f0`, `f1`, .. and a batch of at most `max_rows` events that follows it.
pub(crate) fn schema_and_batch(max_rows: usize) -> impl Strategy<Value = (Schema, Batch)> {
    (0..=max_rows)
        .prop_flat_map(|rows| (vec(integer(), rows), vec(column(rows), 0..6)))
        .prop_map(|(times, columns)| (schema_of(&columns), Batch { times, columns }))
}

/// A data frame of at most `max_rows` events.
pub(crate) fn data_frame(max_rows: usize) -> impl Strategy<Value = DataFrame> {
    let numbers = (any::<u32>(), any::<u16>(), any::<u64>(), 0..u64::MAX / 2, any::<i64>());
    (numbers, schema_and_batch(max_rows)).prop_map(|((stream, schema, epoch, base, sealed), (_, batch))| {
        DataFrame {
            header: DataHeader { stream, schema, epoch, base, rows: batch.len() as u32, sealed },
            batch,
        }
    })
}

fn schema_of(columns: &[Column]) -> Schema {
    let fields =
        columns.iter().enumerate().map(|(at, column)| Field::new(format!("f{at}"), column.values.ty()));
    Schema::new(TimeField { name: "time".into(), source: TimeSource::Event }, fields.collect())
}

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -9i64..9, Just(i64::MIN), Just(i64::MAX)]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![any::<u64>().prop_map(f64::from_bits), (-999i32..999).prop_map(|n| f64::from(n) / 8.0)]
}

fn bitmap(rows: usize) -> impl Strategy<Value = Bitmap> {
    vec(any::<bool>(), rows).prop_map(|flags| {
        let mut bits = Bitmap::default();
        for flag in flags {
            bits.push(flag);
        }
        bits
    })
}

fn column(rows: usize) -> impl Strategy<Value = Column> {
    let values = prop_oneof![
        vec(number(), rows).prop_map(Values::F64),
        vec(integer(), rows).prop_map(Values::I64),
        bitmap(rows).prop_map(Values::Bool),
        category(rows),
        vec(any::<String>(), rows).prop_map(|texts| Values::Text(texts.into())),
        vec(integer(), rows).prop_map(Values::Timestamp),
    ];
    (values, proptest::option::of(bitmap(rows))).prop_map(|(values, validity)| Column { values, validity })
}

/// Dictionaries on both sides of 256 entries, where codes grow from one byte to four; empty only without events.
fn category(rows: usize) -> impl Strategy<Value = Values> {
    let entries = prop_oneof![8 => usize::from(rows > 0)..5, 1 => 250usize..300];
    entries.prop_flat_map(move |entries| {
        let dictionary: Vec<String> =
            (0..entries).map(|entry| "é".repeat(entry % 3) + &entry.to_string()).collect();
        vec(0..entries.max(1) as u32, rows)
            .prop_map(move |codes| Values::Category { dictionary: dictionary.clone(), codes })
    })
}
