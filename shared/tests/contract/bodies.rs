//! What must hold for any bytes. The fuzz targets in `shared/fuzz` and the property tests run the same bodies.

use spate_shared::recording::Recording;
use spate_shared::text::{Format, Intake, TextReader};
use spate_shared::time;
use spate_shared::wire::{ClientMessage, DataFrame, DataHeader, ServerFrame};

/// Bytes decode to a frame that encodes and decodes to itself, or to an error.
pub(crate) fn frame(bytes: &[u8]) {
    match ServerFrame::decode(bytes) {
        Ok(ServerFrame::Message(message)) => {
            assert_eq!(ServerFrame::decode(&message.encode()), Ok(ServerFrame::Message(message)));
        }
        Ok(ServerFrame::Data(frame)) => data(&frame),
        Ok(ServerFrame::Selected(frame)) => {
            assert_eq!(frame.positions.len(), frame.batch.len());
            assert!(frame.positions.is_sorted_by(|a, b| a < b));
            assert!(frame.positions.last().is_none_or(|last| *last < frame.span));
            let again = ServerFrame::decode(&frame.encode());
            let Ok(ServerFrame::Selected(again)) = again else { panic!("{again:?}") };
            assert_eq!(again.encode(), frame.encode());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn data(frame: &DataFrame) {
    assert_eq!(frame.batch.len(), frame.header.rows as usize);
    for column in &frame.batch.columns {
        assert_eq!(column.values.len(), frame.batch.len());
        for row in 0..=frame.batch.len().min(8) {
            assert!(column.is_present(row) || column.json(row).is_null());
            let _ = (column.number(row), column.text(row));
        }
    }
    let bytes = frame.encode();
    assert_eq!(DataFrame::decode(&bytes).map(|again| again.encode()), Ok(bytes));
}

/// Bytes whose header can be looked at and renumbered without decoding the rest, or not: never other than whole frames say.
pub(crate) fn header(bytes: &[u8]) {
    let peeked = DataHeader::peek(bytes);
    if let Ok(frame) = DataFrame::decode(bytes) {
        assert_eq!(peeked.as_ref(), Ok(&frame.header));
    }
    let Ok(header) = peeked else { return };
    let renumbered = DataHeader { stream: !header.stream, epoch: header.epoch.wrapping_add(1), ..header };
    let mut again = bytes.to_vec();
    renumbered.renumber(&mut again);
    assert_eq!(DataHeader::peek(&again), Ok(renumbered));
    let batches = [bytes, &again].map(|bytes| DataFrame::decode(bytes).map(|frame| frame.encode().len()));
    assert_eq!(batches[0], batches[1], "the events are not touched");
}

/// Text is a time or a duration that reads back as it is written, or neither.
pub(crate) fn time(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match time::parse(&text) {
        Ok(at) => assert_eq!(time::parse(&time::format(at)), Ok(at), "{text:?}"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match time::parse_duration(&text) {
        Ok(span) => {
            assert!(span >= 0 && time::parse_duration(&time::format_duration(span)).is_ok(), "{text:?}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Bytes decode to a client message that encodes to itself, as bytes and as text, or to an error.
pub(crate) fn client_message(bytes: &[u8]) {
    if let Ok(message) = ClientMessage::decode(bytes) {
        assert_eq!(ClientMessage::decode(&message.encode()), Ok(message));
    }
    if let Ok(message) = ClientMessage::from_json(&String::from_utf8_lossy(bytes)) {
        let text = serde_json::to_string(&message).unwrap_or_default();
        assert_eq!(ClientMessage::from_json(&text).as_ref(), Ok(&message));
        assert_eq!(ClientMessage::decode(&message.encode()), Ok(message));
    }
}

/// Bytes open as a recording whose every entry decodes and whose cut accounts for every byte, or to an error.
pub(crate) fn recording(bytes: &[u8]) {
    let recording = match Recording::open(bytes) {
        Ok(recording) => recording,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let mut events = 0;
    for entry in recording.entries() {
        if let Ok(ServerFrame::Data(frame)) = entry.decode() {
            events += u64::from(frame.header.rows);
        }
        assert_eq!(recording.entries_from(entry.byte).next(), Some(entry));
    }
    assert_eq!(events, recording.events());
    if let Some(cut) = recording.cut() {
        assert_eq!(cut.at_byte + cut.bytes_lost, bytes.len() as u64);
        assert!(recording.index().is_empty());
    }
    for byte in recording.index().iter().map(|point| point.byte).chain([0, u64::MAX]) {
        let _ = recording.entries_from(byte).count();
    }
}

/// Text becomes events and rejections that together are the rows read. The first byte picks the format and the chunk.
pub(crate) fn intake(bytes: &[u8]) {
    let Some((pick, text)) = bytes.split_first() else { return };
    let format = [Format::Csv, Format::Ndjson, Format::Json][usize::from(pick % 3)];
    let max_rows = usize::from(pick / 3 % 8);
    let arrival = (*pick >= 128).then_some(1);
    let mut reader = TextReader::new(format, text);
    let mut intake = Intake::inferred();
    while let Ok(Some(chunk)) = reader.next_chunk(max_rows) {
        let received = chunk.rows.len() + chunk.rejected.len();
        assert!(received <= max_rows.max(1), "a chunk is no longer than asked for");
        let before = intake.schema().cloned();
        let taken = intake.take(chunk, arrival);
        assert_eq!(taken.batch.len() + taken.rejected.len(), received);
        assert!(taken.rejected.is_sorted_by_key(|rejection| rejection.line));
        assert!(taken.rejected.iter().all(|rejection| rejection.line > 0 && !rejection.reason.is_empty()));
        let fields = intake.schema().map_or(0, |schema| schema.fields.len());
        assert_eq!(taken.batch.columns.len(), fields);
        assert!(taken.batch.columns.iter().all(|column| column.values.len() == taken.batch.len()));
        if taken.batch.is_empty() {
            assert_eq!(intake.schema(), before.as_ref(), "rejected rows leave no trace in the schema");
        }
    }
}
