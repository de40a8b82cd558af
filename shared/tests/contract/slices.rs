//! A part of a batch is its rows and nothing else.

use std::ops::Range;

use proptest::prelude::*;
use spate_shared::batch::{Batch, Column, Values, intern};
use spate_shared::wire::{DataFrame, DataHeader};

use super::batches::{data_frame, schema_and_batch};
use super::cases;

/// The same rows, picked value by value.
fn pick(column: &Column, rows: Range<usize>) -> Column {
    let mut picked = Column::empty(column.values.ty());
    for row in rows {
        if !column.is_present(row) {
            picked.push_missing();
            continue;
        }
        match (&mut picked.values, &column.values) {
            (Values::F64(to), Values::F64(from)) => to.push(from[row]),
            (Values::I64(to), Values::I64(from)) | (Values::Timestamp(to), Values::Timestamp(from)) => {
                to.push(from[row]);
            }
            (Values::Bool(to), Values::Bool(from)) => to.push(from.get(row)),
            (Values::Text(to), Values::Text(from)) => to.push(&from[row]),
            (Values::Category { dictionary, codes }, Values::Category { .. }) => {
                codes.push(intern(dictionary, column.text(row).expect("present")));
            }
            _ => unreachable!("the types are equal"),
        }
        picked.mark_present();
    }
    picked
}

/// Everything that a reader sees of a row, with floats as their bits so that NaN equals itself.
fn seen(column: &Column, row: usize) -> (Option<u64>, Option<i64>, Option<&str>) {
    let time = match &column.values {
        Values::I64(values) | Values::Timestamp(values) => column.is_present(row).then(|| values[row]),
        _ => None,
    };
    (column.number(row).map(f64::to_bits), time, column.text(row))
}

/// The texts of a category column in order of first use; a column of missing values has the empty one.
fn used(column: &Column) -> Vec<String> {
    let mut used = Vec::new();
    for text in (0..column.values.len()).filter_map(|row| column.text(row)) {
        intern(&mut used, text);
    }
    if used.is_empty() && !column.values.is_empty() {
        used.push(String::new());
    }
    used
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_slice_holds_what_picking_row_by_row_gives(
        (_, batch) in schema_and_batch(40), start in 0usize..45, end in 0usize..45,
    ) {
        let part = batch.slice(start..end);
        let rows = start.min(end).min(batch.len())..end.min(batch.len());
        prop_assert_eq!(&part.times, &batch.times[rows.clone()]);
        prop_assert_eq!(part.columns.len(), batch.columns.len());
        for (sliced, whole) in part.columns.iter().zip(&batch.columns) {
            let picked = pick(whole, rows.clone());
            prop_assert_eq!(sliced.values.ty(), whole.values.ty());
            prop_assert_eq!(sliced.values.len(), rows.len());
            for row in 0..rows.len() {
                prop_assert_eq!(sliced.is_present(row), picked.is_present(row));
                prop_assert_eq!(seen(sliced, row), seen(&picked, row));
            }
            if let Values::Category { dictionary, .. } = &sliced.values {
                prop_assert_eq!(dictionary, &used(sliced));
            }
        }
    }

    #[test]
    fn a_part_of_a_frame_keeps_the_offset_of_every_event(
        frame in data_frame(40), start in 0usize..45, len in 0usize..45,
    ) {
        let part = frame.part(start..start + len);
        let rows = start.min(frame.batch.len())..(start + len).min(frame.batch.len());
        let base = frame.header.base + rows.start as u64;
        prop_assert_eq!(part.header, DataHeader { base, rows: rows.len() as u32, ..frame.header });
        prop_assert_eq!(&part.batch.times, &frame.batch.times[rows]);
        let bytes = part.encode();
        prop_assert_eq!(DataFrame::decode(&bytes).map(|read| read.encode()), Ok(bytes));
    }
}

#[test]
fn the_parts_of_a_batch_with_a_huge_dictionary_are_together_about_as_large_as_it() {
    let rows = 20_000usize;
    let dictionary = (0..rows).map(|entry| format!("a rather long key with the number {entry}")).collect();
    let codes = (0..rows as u32).rev().collect();
    let columns = vec![Column { values: Values::Category { dictionary, codes }, validity: None }];
    let whole = Batch { times: vec![0; rows], columns };
    let parts: Vec<Batch> = (0..rows).step_by(100).map(|start| whole.slice(start..start + 100)).collect();
    assert_eq!(parts.iter().map(Batch::size_bytes).sum::<usize>(), whole.size_bytes());
    let mut joined = Batch { times: Vec::new(), columns: vec![Column::empty(whole.columns[0].values.ty())] };
    for part in &parts {
        joined.extend_from(part, 0..part.len());
    }
    assert_eq!(joined.size_bytes(), whole.size_bytes());
    assert!((0..rows).all(|row| joined.columns[0].text(row) == whole.columns[0].text(row)));
}
