//! Encode and decode of data frames against `serde_json` rows and `postcard` columns, in the same run:
//! `cargo bench -p spate-shared`. 40 keys, values of two decimals, batches of 80 and 1,000 events.
#![expect(clippy::print_stdout, reason = "a bench reports on stdout")]
#![expect(clippy::expect_used, reason = "a bench stops at the first thing that is wrong")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use spate_shared::batch::{Batch, Column, Values};
use spate_shared::wire::{DataFrame, DataHeader};

const KEYS: usize = 40;
const MILLISECOND: i64 = 1_000_000;
/// How long each figure is measured, and how often; the fastest round counts.
const ROUND: Duration = Duration::from_millis(60);
const ROUNDS: usize = 7;

#[derive(Serialize, Deserialize)]
struct Row {
    time: i64,
    key: String,
    value: f64,
}

#[derive(Serialize, Deserialize)]
struct Columns {
    times: Vec<i64>,
    dictionary: Vec<String>,
    codes: Vec<u32>,
    values: Vec<f64>,
}

/// What one codec takes for one event.
struct Figures {
    encode_ns: f64,
    decode_ns: f64,
    bytes: f64,
}

fn main() {
    println!(
        "{:>6} {:<17} {:>12} {:>12} {:>12}   ratio to spate.v1 (encode, decode, bytes)",
        "events", "codec", "encode ns", "decode ns", "bytes"
    );
    for rows in [80, 1_000] {
        let frame = frame(rows);
        let ours = ours(&frame);
        for (name, figures) in [
            ("spate.v1", &ours),
            ("postcard columns", &columns(&frame)),
            ("serde_json rows", &json_rows(&frame)),
        ] {
            let Figures { encode_ns, decode_ns, bytes } = figures;
            println!(
                "{rows:>6} {name:<17} {encode_ns:>12.2} {decode_ns:>12.2} {bytes:>12.2}   {:.1} {:.1} {:.1}",
                encode_ns / ours.encode_ns,
                decode_ns / ours.decode_ns,
                bytes / ours.bytes
            );
        }
    }
}

fn frame(rows: usize) -> DataFrame {
    let key = |row: usize| row * 7 % KEYS;
    let dictionary = (0..KEYS).map(|at| format!("sensor-{:02}", key(at))).collect();
    let codes = (0..rows).map(|row| (row % KEYS) as u32).collect();
    let jitter = |row: usize| (row * 7_919 % 1_000) as i64 * 1_000;
    let values = (0..rows).map(|row| (row * 7_919 % 10_000) as f64 / 100.0).collect();
    let batch = Batch {
        times: (0..rows)
            .map(|row| 1_404_172_800_000 * MILLISECOND + row as i64 * MILLISECOND + jitter(row))
            .collect(),
        columns: vec![
            Column { values: Values::Category { dictionary, codes }, validity: None },
            Column { values: Values::F64(values), validity: None },
        ],
    };
    let header = DataHeader { stream: 1, schema: 1, epoch: 1, base: 0, rows: rows as u32, sealed: 0 };
    DataFrame { header, batch }
}

fn ours(frame: &DataFrame) -> Figures {
    let bytes = frame.encode();
    figures(
        frame.batch.len(),
        bytes.len(),
        || frame.encode(),
        || DataFrame::decode(&bytes).expect("own bytes"),
    )
}

fn columns(frame: &DataFrame) -> Figures {
    let (Values::Category { dictionary, codes }, Values::F64(values)) =
        (&frame.batch.columns[0].values, &frame.batch.columns[1].values)
    else {
        unreachable!("the columns that `frame` made")
    };
    let columns = Columns {
        times: frame.batch.times.clone(),
        dictionary: dictionary.clone(),
        codes: codes.clone(),
        values: values.clone(),
    };
    let encode = || postcard::to_allocvec(&columns).expect("plain columns");
    let bytes = encode();
    figures(frame.batch.len(), bytes.len(), encode, || {
        postcard::from_bytes::<Columns>(&bytes).expect("own bytes")
    })
}

fn json_rows(frame: &DataFrame) -> Figures {
    let [key, value] = frame.batch.columns.as_slice() else { unreachable!("the columns that `frame` made") };
    let row = |row: usize| Row {
        time: frame.batch.times[row],
        key: key.text(row).unwrap_or_default().to_owned(),
        value: value.number(row).unwrap_or_default(),
    };
    let rows: Vec<Row> = (0..frame.batch.len()).map(row).collect();
    let encode = || serde_json::to_vec(&rows).expect("plain rows");
    let bytes = encode();
    figures(rows.len(), bytes.len(), encode, || {
        serde_json::from_slice::<Vec<Row>>(&bytes).expect("own bytes")
    })
}

fn figures<E, D>(events: usize, bytes: usize, encode: impl Fn() -> E, decode: impl Fn() -> D) -> Figures {
    let events = events as f64;
    Figures {
        encode_ns: nanos(encode) / events,
        decode_ns: nanos(decode) / events,
        bytes: bytes as f64 / events,
    }
}

/// Nanoseconds of one call in the fastest round.
fn nanos<T>(call: impl Fn() -> T) -> f64 {
    let round = || {
        let (started, mut calls) = (Instant::now(), 0u32);
        while started.elapsed() < ROUND {
            (0..16).for_each(|_| drop(black_box(call())));
            calls += 16;
        }
        started.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
}
