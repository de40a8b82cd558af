//! The worked examples of `docs/protocol.md` are what the code writes.
//!
//! A block fenced as `hex NAME` holds bytes, each line's comment after a `#`; a block `json NAME` holds the same message
//! in the readable twin.

use std::path::Path;

use serde_json::Value;
use spate_shared::batch::{Batch, Bitmap, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{Metadata, Writer};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{MILLISECOND, Nanos, SECOND};
use spate_shared::wire::{
    ClientMessage, Condition, DataFrame, DataHeader, ErrorCode, GapReason, Hello, Mode, PROTOCOL, Policy,
    SelectedFrame, ServerMessage, Start, Subscribe, Test,
};

/// 2014-07-01T00:00:00Z.
const MIDNIGHT: Nanos = 1_404_172_800 * SECOND;

/// The lines of the block fenced with these words.
fn block(fence: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    let text = std::fs::read_to_string(path).expect("docs/protocol.md");
    let mut lines = text.lines().skip_while(|line| *line != format!("```{fence}"));
    assert!(lines.next().is_some(), "docs/protocol.md has no block ```{fence}");
    lines.take_while(|line| *line != "```").map(str::to_owned).collect()
}

fn hex(name: &str) -> Vec<u8> {
    let lines = block(&format!("hex {name}"));
    let digits: Vec<&str> = lines.iter().filter_map(|line| line.split('#').next()).collect();
    let byte = |pair: &str| u8::from_str_radix(pair, 16).expect("two hex digits");
    digits.iter().flat_map(|line| line.split_whitespace()).map(byte).collect()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&block(&format!("json {name}")).join("\n")).expect("JSON")
}

/// Fails with the bytes as they are now, for whoever has to write the block anew.
fn check_hex(name: &str, bytes: &[u8]) {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x} ")).collect::<Vec<_>>().concat();
    let now = bytes.chunks(16).map(line).collect::<Vec<_>>().join("\n");
    assert_eq!(hex(name), bytes, "the bytes of `hex {name}` are now\n{now}");
}

fn check_client(name: &str, message: &ClientMessage) {
    check_hex(name, &message.encode());
    let text = json(name).to_string();
    assert_eq!(ClientMessage::from_json(&text).as_ref(), Ok(message), "json {name}");
}

fn check_server(name: &str, message: &ServerMessage) {
    check_hex(name, &message.encode());
    let now: Value = serde_json::from_str(&message.to_json()).expect("JSON");
    assert_eq!(json(name), now, "`json {name}` is now\n{now}");
}

fn schema() -> Schema {
    let time = TimeField { name: "time".to_owned(), source: TimeSource::Event };
    let mut fare = Field::new("fare", FieldType::F64);
    fare.unit = Some("usd".to_owned());
    Schema::new(time, vec![fare, Field::new("zone", FieldType::Category)])
}

fn taxi() -> StreamInfo {
    StreamInfo { name: "taxi".to_owned(), id: 7, epoch: 9, oldest: 100, head: 303, schema: schema() }
}

fn data() -> DataFrame {
    let fares = Values::F64(vec![7.5, 0.0, 12.0]);
    let zones =
        Values::Category { dictionary: vec!["Queens".to_owned(), "Bronx".to_owned()], codes: vec![0, 1, 0] };
    let columns = vec![
        Column { values: fares, validity: Bitmap::from_bytes(vec![0b101], 3) },
        Column { values: zones, validity: None },
    ];
    let times = vec![MIDNIGHT, MIDNIGHT + SECOND, MIDNIGHT + 500 * MILLISECOND];
    let sealed = MIDNIGHT + 2 * SECOND;
    let header = DataHeader { stream: 7, schema: 1, epoch: 9, base: 300, rows: 3, sealed };
    DataFrame { header, batch: Batch { times, columns } }
}

#[test]
fn client_messages_are_as_documented() {
    let start = Start::Resume { epoch: 9, offset: 300 };
    let subscribe = |start, policy| Subscribe { policy, ..Subscribe::new("taxi", start) };
    let streams = vec![subscribe(start, Policy::Gap)];
    let hello = Hello { protocol: PROTOCOL, build: "py".to_owned(), credit_bytes: None, streams };
    check_client("hello", &ClientMessage::Hello(hello));
    check_client("subscribe", &ClientMessage::Subscribe(subscribe(Start::Last(5), Policy::Close)));
    let condition = |field: &str, is| Condition { field: field.to_owned(), is };
    let zones = Test::AnyOf(vec!["Queens".to_owned(), "Bronx".to_owned()]);
    let fares = Test::Between { min: Some(2.5), max: None };
    let choose = Subscribe {
        fields: Some(vec!["fare".to_owned()]),
        filter: vec![condition("zone", zones), condition("fare", fares)],
        ..subscribe(Start::Within(300_000), Policy::Conflate)
    };
    check_client("choose", &ClientMessage::Subscribe(choose));
    check_client("unsubscribe", &ClientMessage::Unsubscribe { stream: "taxi".to_owned() });
    check_client("credit", &ClientMessage::Credit { bytes: 1 << 20 });
    check_client("rate", &ClientMessage::Rate { millis: 1_000 });
}

#[test]
fn server_messages_are_as_documented() {
    let build = "0.1.0".to_owned();
    let welcome = ServerMessage::Welcome { protocol: PROTOCOL, build, now: MIDNIGHT, catalog: Vec::new() };
    check_server("welcome", &welcome);
    check_server("catalog", &ServerMessage::Catalog { streams: vec![taxi()] });
    let stream = "taxi".to_owned();
    let (id, epoch, next, mode) = (7, 9, 300, Mode::Resumed);
    check_server("ok", &ServerMessage::Ok { stream, id, epoch, next, mode, schema: schema() });
    let reason = GapReason::Trimmed;
    check_server("gap", &ServerMessage::Gap { stream: 7, epoch: 9, from: 300, to: 312, reason });
    check_server("skipped", &ServerMessage::Skipped { stream: 7, epoch: 9, from: 312, to: 330 });
    check_server("behind", &ServerMessage::Behind { stream: 7, events: 4_000 });
    let (stream, message) = (Some("taxi".to_owned()), "no such stream".to_owned());
    check_server("error", &ServerMessage::Error { stream, code: ErrorCode::UnknownStream, message });
}

#[test]
fn a_data_frame_is_as_documented() {
    check_hex("data", &data().encode());
    let now: Value = serde_json::from_str(&data().to_json("taxi", &schema())).expect("JSON");
    assert_eq!(json("data"), now, "`json data` is now\n{now}");
}

#[test]
fn a_selected_frame_is_as_documented() {
    let DataFrame { header, batch } = data().part(2..3);
    let batch = Batch { columns: batch.columns.into_iter().take(1).collect(), ..batch };
    let header = DataHeader { base: 300, ..header };
    let mut frame = SelectedFrame { header, span: 3, is_conflated: false, positions: vec![2], batch };
    frame.batch.columns[0].validity = None;
    check_hex("selected", &frame.encode());
    let mut schema = schema();
    schema.fields.truncate(1);
    let now: Value = serde_json::from_str(&frame.to_json("taxi", &schema)).expect("JSON");
    assert_eq!(json("selected"), now, "`json selected` is now\n{now}");
}

#[test]
fn a_recording_is_as_documented() {
    let metadata = Metadata { title: "t".to_owned(), ..Metadata::default() };
    let mut writer = Writer::new(Vec::new(), &metadata).expect("memory");
    let time = TimeField { name: "t".to_owned(), source: TimeSource::Event };
    let schema = Schema::new(time, Vec::new());
    let info = StreamInfo { name: "s".to_owned(), id: 0, epoch: 1, oldest: 0, head: 0, schema };
    writer.catalog(MIDNIGHT, &[info]).expect("memory");
    let header = DataHeader { stream: 0, schema: 1, epoch: 1, base: 0, rows: 1, sealed: MIDNIGHT };
    let batch = Batch { times: vec![MIDNIGHT], columns: Vec::new() };
    writer.data(MIDNIGHT, &DataFrame { header, batch }).expect("memory");
    let (bytes, _) = writer.finish().expect("memory");
    check_hex("recording", &bytes);
}
