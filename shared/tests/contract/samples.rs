//! One of everything, the same in every run: the golden files are made from these.

use spate_shared::batch::{Batch, Bitmap, Column, Values};
use spate_shared::catalog::StreamInfo;
use spate_shared::recording::{Metadata, Writer};
use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
use spate_shared::time::{MINUTE, Nanos, SECOND};
use spate_shared::wire::{
    ClientMessage, Condition, DataFrame, DataHeader, ErrorCode, GapReason, Hello, Mode, Policy,
    SelectedFrame, ServerMessage, Start, Subscribe, Test,
};

/// 2014-07-01T00:00:00Z.
pub(crate) const START: Nanos = 1_404_172_800 * SECOND;

/// A frame in both subprotocols.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) binary: Vec<u8>,
    pub(crate) json: String,
}

/// The data frame and every control message.
pub(crate) fn frames() -> Vec<Sample> {
    let data =
        Sample { name: "data", binary: data().encode(), json: data().to_json("sensors", &every_type()) };
    let client = client_messages().into_iter().map(|(name, message)| Sample {
        name,
        binary: message.encode(),
        json: serde_json::to_string(&message).expect(name),
    });
    let server = server_messages().into_iter().map(|(name, message)| Sample {
        name,
        binary: message.encode(),
        json: message.to_json(),
    });
    let selected = Sample {
        name: "selected",
        binary: selected().encode(),
        json: selected().to_json("sensors", &every_type()),
    };
    [data, selected].into_iter().chain(client).chain(server).collect()
}

/// A field of every type.
pub(crate) fn every_type() -> Schema {
    use FieldType::{Bool, Category, F64, I64, Text, Timestamp};
    let types = [F64, I64, Bool, Category, Text, Timestamp];
    let mut fields: Vec<Field> = types.map(|ty| Field::new(ty.name(), ty)).into();
    fields[0].unit = Some("°C".into());
    Schema::new(TimeField { name: "time".into(), source: TimeSource::Event }, fields)
}

/// Three events with a column of every type; the second has only its time, the third goes back in time.
pub(crate) fn data() -> DataFrame {
    let validity = || Bitmap::from_bytes(vec![0b101], 3);
    let column = |values| Column { values, validity: validity() };
    let columns = vec![
        column(Values::F64(vec![20.25, 0.0, -0.1])),
        column(Values::I64(vec![i64::MAX, 0, i64::MIN])),
        Column {
            values: Values::Bool(Bitmap::from_bytes(vec![0b001], 3).expect("3 bits")),
            validity: validity(),
        },
        column(Values::Category { dictionary: vec!["north".into(), "süd".into()], codes: vec![0, 0, 1] }),
        column(Values::Text(["<b>line\nbreak</b>", "", "€"].into_iter().collect())),
        column(Values::Timestamp(vec![START, 0, -1])),
    ];
    let batch = Batch { times: vec![START, START + MINUTE, START + 1], columns };
    let header = DataHeader { stream: 7, schema: 1, epoch: 42, base: 1_000, rows: 3, sealed: START + SECOND };
    DataFrame { header, batch }
}

/// The same events at the offsets 1,001, 1,002 and 1,400 of a run of 500.
pub(crate) fn selected() -> SelectedFrame {
    let DataFrame { header, batch } = data();
    SelectedFrame { header, span: 500, is_conflated: true, positions: vec![1, 2, 400], batch }
}

pub(crate) fn client_messages() -> Vec<(&'static str, ClientMessage)> {
    let subscribe = |stream: &str, start, policy| Subscribe { policy, ..Subscribe::new(stream, start) };
    let condition = |field: &str, is| Condition { field: field.into(), is };
    let chosen = Subscribe {
        fields: Some(vec!["f64".into(), "category".into()]),
        filter: vec![
            condition("category", Test::AnyOf(vec!["north".into(), "süd".into()])),
            condition("i64", Test::Between { min: Some(-2.5), max: None }),
        ],
        ..subscribe("sensors", Start::Within(300_000), Policy::Conflate)
    };
    let streams = vec![
        subscribe("sensors", Start::Live, Policy::Gap),
        subscribe("taxi", Start::Earliest, Policy::Close),
        subscribe("cpu", Start::Last(300), Policy::Gap),
        subscribe("ads", Start::Resume { epoch: 42, offset: 1_003 }, Policy::Gap),
        chosen,
    ];
    let hello = Hello { protocol: 1, build: "0.1.0".into(), credit_bytes: Some(1 << 20), streams };
    vec![
        ("hello", ClientMessage::Hello(hello)),
        ("subscribe", ClientMessage::Subscribe(subscribe("taxi", Start::Last(10), Policy::Close))),
        ("unsubscribe", ClientMessage::Unsubscribe { stream: "taxi".into() }),
        ("credit", ClientMessage::Credit { bytes: 65_536 }),
        ("rate", ClientMessage::Rate { millis: 1_000 }),
    ]
}

pub(crate) fn server_messages() -> Vec<(&'static str, ServerMessage)> {
    let sensors = stream("sensors", 7, every_type());
    let schema = every_type();
    let welcome = ServerMessage::Welcome {
        protocol: 1,
        build: "0.1.0".into(),
        now: START,
        catalog: vec![sensors.clone()],
    };
    let ok = ServerMessage::Ok {
        stream: "sensors".into(),
        id: 7,
        epoch: 42,
        next: 1_003,
        mode: Mode::Resumed,
        schema,
    };
    let error = ServerMessage::Error {
        stream: Some("nothing".into()),
        code: ErrorCode::UnknownStream,
        message: "no such stream; see the catalog".into(),
    };
    let gap = ServerMessage::Gap { stream: 7, epoch: 42, from: 900, to: 1_000, reason: GapReason::Trimmed };
    vec![
        ("welcome", welcome),
        ("catalog", ServerMessage::Catalog { streams: vec![sensors] }),
        ("ok", ok),
        ("gap", gap),
        ("skipped", ServerMessage::Skipped { stream: 7, epoch: 42, from: 900, to: 1_000 }),
        ("behind", ServerMessage::Behind { stream: 7, events: 12_000 }),
        ("error", error),
    ]
}

fn stream(name: &str, id: u32, schema: Schema) -> StreamInfo {
    StreamInfo { name: name.into(), id, epoch: 42, oldest: 0, head: 1_003, schema }
}

fn measure(version: u16, fields: &[&str]) -> Schema {
    let fields = fields.iter().map(|name| Field::new(*name, FieldType::F64)).collect();
    Schema { version, ..Schema::new(TimeField { name: "t".into(), source: TimeSource::Event }, fields) }
}

/// Two streams, the second of which gets a field half-way.
pub(crate) fn two_streams() -> Vec<u8> {
    let metadata =
        Metadata { title: "Two streams".into(), source: "made by hand".into(), licence: "CC0-1.0".into() };
    let mut writer = Writer::new(Vec::new(), &metadata).expect("memory takes it");
    let streams = [stream("sensors", 7, every_type()), stream("taxi", 8, measure(1, &["rides"]))];
    writer.catalog(START, &streams).expect("memory takes it");
    writer.data(START + SECOND, &data()).expect("memory takes it");
    writer.data(START + 2 * SECOND, &measures(1, 1, 500, 4)).expect("memory takes it");
    let wider = stream("taxi", 8, measure(2, &["rides", "fare"]));
    writer.catalog(START + 3 * SECOND, &[wider]).expect("memory takes it");
    writer.data(START + 3 * SECOND, &measures(2, 2, 504, 3)).expect("memory takes it");
    writer.finish().expect("memory takes it").0
}

/// Events of stream 8, one a minute, each measure with its own values.
pub(crate) fn measures(schema: u16, columns: usize, base: u64, rows: u32) -> DataFrame {
    let minutes = || (base..base + u64::from(rows)).map(|minute| minute as i64);
    let column = |at: usize| Column {
        values: Values::F64(minutes().map(|minute| minute as f64 / (at + 4) as f64).collect()),
        validity: None,
    };
    let batch = Batch {
        times: minutes().map(|minute| START + minute * MINUTE).collect(),
        columns: (0..columns).map(column).collect(),
    };
    let header = DataHeader { stream: 8, schema, epoch: 42, base, rows, sealed: START + SECOND };
    DataFrame { header, batch }
}
