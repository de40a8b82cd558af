//! What was written reads back as it was.

use proptest::prelude::*;
use serde_json::Value;
use spate_shared::batch::{Batch, Values};
use spate_shared::schema::Schema;
use spate_shared::text::{Format, Intake, TextReader};
use spate_shared::wire::{ClientMessage, DataFrame, DataHeader, ServerFrame, ServerMessage};

use super::batches::{data_frame, schema_and_batch};
use super::{cases, samples};

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_data_frame_reads_back_bit_for_bit(frame in data_frame(40)) {
        let bytes = frame.encode();
        let Ok(ServerFrame::Data(read)) = ServerFrame::decode(&bytes) else {
            return Err(TestCaseError::fail("not a data frame"));
        };
        prop_assert_eq!(read.header, frame.header);
        prop_assert_eq!(bits(read.batch), bits(frame.batch));
    }

    #[test]
    fn the_json_twin_of_a_data_frame_reads_back_through_the_intake((schema, batch) in schema_and_batch(20)) {
        let batch = finite(batch);
        let header = DataHeader { stream: 1, schema: 1, epoch: 2, base: 3, rows: batch.len() as u32, sealed: 4 };
        let text = DataFrame { header, batch: batch.clone() }.to_json("s", &schema);
        let twin: Value = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read_events(&twin["data"]["events"], &schema), rows(&batch));
    }

    #[test]
    fn extending_batch_by_batch_gives_the_same_events((_, batch) in schema_and_batch(30), cut in 0usize..30) {
        let cut = cut.min(batch.len());
        let mut all = batch.slice(0..cut);
        all.extend_from(&batch, cut..batch.len());
        prop_assert_eq!(rows(&all), rows(&batch));
    }
}

#[test]
fn a_batch_of_the_most_rows_reads_back_and_one_more_is_refused() {
    let frame = |rows: u32| {
        let batch = Batch { times: (0..i64::from(rows)).collect(), columns: Vec::new() };
        let header = DataHeader { stream: 0, schema: 1, epoch: 0, base: 0, rows, sealed: 0 };
        DataFrame { header, batch }
    };
    assert_eq!(DataFrame::decode(&frame(65_536).encode()), Ok(frame(65_536)));
    assert!(DataFrame::decode(&frame(65_537).encode()).is_err());
}

#[test]
fn every_client_message_reads_back_from_bytes_and_from_text() {
    for (name, message) in samples::client_messages() {
        assert_eq!(ClientMessage::decode(&message.encode()).as_ref(), Ok(&message), "{name}");
        let text = serde_json::to_string(&message).expect(name);
        assert_eq!(ClientMessage::from_json(&text).as_ref(), Ok(&message), "{name}");
    }
}

#[test]
fn every_server_message_reads_back_from_bytes_and_from_text() {
    for (name, message) in samples::server_messages() {
        let read = ServerFrame::decode(&message.encode());
        assert_eq!(read, Ok(ServerFrame::Message(message.clone())), "{name}");
        let text: ServerMessage = serde_json::from_str(&message.to_json()).expect(name);
        assert_eq!(text, message, "{name}");
    }
}

#[test]
fn a_hello_by_hand_needs_only_the_protocol() {
    let hello = ClientMessage::from_json(r#"{"hello": {"protocol": 1, "streams": [{"stream": "taxi"}]}}"#);
    let Ok(ClientMessage::Hello(hello)) = hello else { panic!("{hello:?}") };
    assert_eq!((hello.protocol, hello.credit_bytes, hello.streams.len()), (1, None, 1));
    let typo = ClientMessage::from_json(r#"{"hello": {"protocol": 1, "stream": []}}"#).expect_err("a typo");
    assert!(typo.to_string().contains("unknown field `stream`"), "{typo}");
}

/// The batch with every float as its bits, so that NaN equals itself.
fn bits(mut batch: Batch) -> Batch {
    for column in &mut batch.columns {
        if let Values::F64(values) = &column.values {
            column.values = Values::I64(values.iter().map(|value| value.to_bits() as i64).collect());
        }
    }
    batch
}

/// NaN and infinity have no JSON.
fn finite(mut batch: Batch) -> Batch {
    for column in &mut batch.columns {
        if let Values::F64(values) = &mut column.values {
            values.iter_mut().filter(|value| !value.is_finite()).for_each(|value| *value = 0.1);
        }
    }
    batch
}

/// Each event as its time and its values.
fn rows(batch: &Batch) -> Vec<(i64, Vec<Value>)> {
    let row = |row| (batch.times[row], batch.columns.iter().map(|column| column.json(row)).collect());
    (0..batch.len()).map(row).collect()
}

fn read_events(events: &Value, schema: &Schema) -> Vec<(i64, Vec<Value>)> {
    let text = events.to_string();
    let mut reader = TextReader::new(Format::Json, text.as_bytes());
    let mut intake = Intake::with_schema(schema.clone());
    let mut read = Vec::new();
    while let Some(chunk) = reader.next_chunk(7).expect("memory reads") {
        let taken = intake.take(chunk, None);
        assert_eq!(taken.rejected, []);
        read.extend(rows(&taken.batch));
    }
    assert_eq!(intake.schema(), Some(schema));
    read
}
