//! A random table, written by the `csv` crate and by `serde_json`, reads back as it was.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use spate_shared::text::{Format, Intake, TextReader};
use spate_shared::time;

use super::cases;

/// Columns whose first row is there and fixes their types; then rows in which each value may be missing.
fn table() -> impl Strategy<Value = Vec<Vec<Option<Value>>>> {
    let integer = prop_oneof![any::<i64>(), -9i64..9].prop_map(Value::from);
    let number = any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from);
    let text = "[a-zé\"',;][a-z \n\r\"',;]{0,12}[a-z\"',;]";
    let text =
        text.prop_filter("not a number or flag", |text| text.parse::<f64>().is_err()).prop_map(Value::from);
    (1usize..30).prop_flat_map(move |rows| {
        let times = vec(any::<i64>().prop_map(|t| Value::from(time::format(t))), rows);
        let integers = vec(proptest::option::of(integer.clone()), rows);
        let numbers = vec(proptest::option::of(number.clone()), rows);
        let texts = vec(proptest::option::of(text.clone()), rows);
        (times, integers, numbers, texts).prop_map(|(times, mut integers, mut numbers, mut texts)| {
            (integers[0], numbers[0], texts[0]) = (Some(json!(1)), Some(json!(0.5)), Some(json!("x")));
            let rows = times.into_iter().zip(integers).zip(numbers).zip(texts);
            rows.map(|(((time, integer), number), text)| vec![Some(time), integer, number, text]).collect()
        })
    })
}

const NAMES: [&str; 4] = ["time", "integer", "number", "text"];

fn read(format: Format, text: &[u8], max_rows: usize) -> Vec<Value> {
    let mut reader = TextReader::new(format, text);
    let mut intake = Intake::inferred();
    let mut events = Vec::new();
    while let Some(chunk) = reader.next_chunk(max_rows).expect("memory reads") {
        let taken = intake.take(chunk, None);
        assert_eq!(taken.rejected, []);
        let schema = intake.schema().expect("events were taken");
        events.extend((0..taken.batch.len()).map(|row| taken.batch.event_json(schema, row)));
    }
    events
}

fn object(row: &[Option<Value>]) -> Value {
    let cells = NAMES.iter().zip(row).filter_map(|(name, cell)| Some(((*name).to_owned(), cell.clone()?)));
    Value::Object(cells.collect::<Map<_, _>>())
}

fn csv_of(table: &[Vec<Option<Value>>], crlf: bool) -> Vec<u8> {
    let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    writer.write_record(NAMES).expect("memory takes it");
    for row in table {
        let cells = row.iter().map(|cell| match cell {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        });
        writer.write_record(cells).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

/// The rows of two columns as the `csv` crate reads them.
fn two_columns(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let rows = reader.records().map(|record| record.expect("memory reads"));
    let rows = rows.filter(|record| record.len() == 2);
    rows.map(|record| record.iter().map(|cell| cell.trim().to_owned()).collect()).collect()
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn any_text_has_the_rows_that_the_csv_crate_reads(text in "[ab,\"\r\né ]{0,60}", max_rows in 1usize..5) {
        let text = format!("t,v\n{text}");
        let mut reader = TextReader::new(Format::Csv, text.as_bytes());
        let mut rows = Vec::new();
        while let Some(chunk) = reader.next_chunk(max_rows).expect("memory reads") {
            let texts = chunk.rows.iter().map(|row| row.cells.iter().map(ToString::to_string).collect());
            rows.extend(texts.collect::<Vec<Vec<String>>>());
        }
        prop_assert_eq!(rows, two_columns(&text));
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_table_reads_back_from_csv(table in table(), max_rows in 1usize..40, crlf: bool) {
        let expected: Vec<Value> = table.iter().map(|row| object(row)).collect();
        prop_assert_eq!(read(Format::Csv, &csv_of(&table, crlf), max_rows), expected);
    }

    #[test]
    fn a_table_reads_back_from_ndjson_and_json(table in table(), max_rows in 1usize..40) {
        let expected: Vec<Value> = table.iter().map(|row| object(row)).collect();
        let lines: Vec<String> = expected.iter().map(Value::to_string).collect();
        prop_assert_eq!(&read(Format::Ndjson, lines.join("\n").as_bytes(), max_rows), &expected);
        prop_assert_eq!(read(Format::Json, json!(expected).to_string().as_bytes(), max_rows), expected);
    }
}
